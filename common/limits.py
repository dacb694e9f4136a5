"""Token buckets, in the memory of one process: with several web processes each has its own."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Bucket:
    """Lets through ``burst`` at once and ``per_second`` in the long run."""

    per_second: float
    burst: float
    left: float = field(init=False)
    at: float = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.burst
        self.at = time.monotonic()

    def take(self) -> bool:
        """Use one token; False where there is none."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.at) * self.per_second)
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Buckets:
    """A bucket for each key, such as a network address; the longest unused ones are forgotten. Safe for all threads."""

    def __init__(self, *, per_second: float, burst: float, most: int = 10_000) -> None:
        self._per_second = per_second
        self._burst = burst
        self._most = most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, key: str) -> bool:
        """Use one of a key's tokens; False where there is none."""
        with self._lock:
            bucket = self._buckets.get(key)
            if bucket is None:
                bucket = self._buckets[key] = Bucket(self._per_second, self._burst)
                if len(self._buckets) > self._most:
                    self._buckets.popitem(last=False)
            self._buckets.move_to_end(key)
            return bucket.take()

    def clear(self) -> None:
        """Forget everything; between tests."""
        with self._lock:
            self._buckets.clear()
