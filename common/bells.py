"""
Doorbells to other processes: Celery tasks that name a topic.

They are sent by one thread, so that no commit waits for the broker. The first is sent at once; those of its topic that
ring within ``GAP_SECONDS`` after it are one. A bell that cannot be sent is logged only: the sweep finds what no bell
announced.
"""

from __future__ import annotations

import logging
import threading
import time

logger = logging.getLogger(__name__)

GAP_SECONDS = 0.02


class Bells:
    """Sends what rings, in the order in which the topics rang first."""

    def __init__(self) -> None:
        self._rung: dict[str, str] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def ring(self, name: str, *, queue: str) -> None:
        with self._changed:
            self._rung[name] = queue
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="bells", daemon=True)
                self._thread.start()
            self._changed.notify()

    def _run(self) -> None:
        free_at: dict[str, float] = {}
        while True:
            with self._changed:
                now = time.monotonic()
                due = {name: queue for name, queue in self._rung.items() if free_at.get(name, now) <= now}
                if not due:
                    first = min((free_at[name] for name in self._rung), default=None)
                    self._changed.wait(None if first is None else first - now)
                    continue
                for name in due:
                    del self._rung[name]
            for name, queue in due.items():
                _send(name, queue)
                free_at[name] = time.monotonic() + GAP_SECONDS


def _send(name: str, queue: str) -> None:
    from common import tasks

    try:
        tasks.drain_topic.apply_async(args=(name,), queue=queue, ignore_result=True)
    except Exception:
        logger.warning("The doorbell of %s could not be sent; the sweep will find the work", name, exc_info=True)


_bells = Bells()
ring = _bells.ring
