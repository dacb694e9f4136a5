"""
The in-memory broker of the embedded process, without its pauses.

kombu's own looks for messages, sleeps, and looks again: a doorbell waits half of that sleep on average, twice for every
reply. Here a message wakes whoever waits.
"""

from __future__ import annotations

import threading
import time
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, memory

# Something may be put back without a bell (a task that is rejected); it is found after this.
LONGEST_SLEEP_SECONDS = 0.25

_bell = threading.Event()


class Channel(memory.Channel):
    """Rings when a message is put into a queue."""

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        super()._put(queue, message, **kwargs)
        _bell.set()


class Transport(memory.Transport):
    """Waits for the bell instead of sleeping."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None) -> None:
        """
        Deliver one message.

        :raises socket.timeout: none came within ``timeout`` seconds.
        """
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            # Before the look: a bell that rings in between is heard by the wait below.
            _bell.clear()
            try:
                self.cycle.get(self._deliver, timeout=timeout)
            except Empty:
                left = LONGEST_SLEEP_SECONDS if until is None else min(LONGEST_SLEEP_SECONDS, until - time.monotonic())
                if left <= 0:
                    raise TimeoutError from None
                _bell.wait(left)
            else:
                return


def install() -> None:
    """Have broker addresses that begin with ``memory://`` mean this transport."""
    TRANSPORT_ALIASES["memory"] = "config.broker:Transport"
