"""
The threads that do a worker's work: one for each topic, so that nothing slow holds up anything else.

A bell wakes a topic's thread, which works until nothing is due. Bells that ring meanwhile are one bell. A thread is
begun by its topic's first bell. On the message path a thread that has just worked looks again by itself for a moment:
under load that is quicker, and costs less, than a bell by the broker for every message.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable

from django.conf import settings
from django.db import close_old_connections, connections

from common import clock, outbox, statements

logger = logging.getLogger(__name__)

# How long, and how often, a lane of the message path looks by itself after it has worked. The bells of busy processes
# come less often than this lasts: see ``common.bells.GAP_SECONDS``.
HOT_SECONDS = 0.04
LOOK_SECONDS = 0.002
# After a fault (the database restarts, say) a topic is looked at again no sooner than this.
FAULT_SECONDS = 0.5


class Lane(threading.Thread):
    """Works on one topic, whenever its bell rings."""

    def __init__(self, topic: outbox.Topic) -> None:
        super().__init__(name=topic.name, daemon=True)
        self._topic = topic
        self._bell = threading.Event()
        self._is_stopping = False
        # Where all bells ring in this process, none is late.
        self._looks_by_itself = topic.is_on_message_path and not settings.EMBEDDED

    def ring(self) -> None:
        self._bell.set()

    def stop(self) -> None:
        """Have the thread end after what it has in hand."""
        self._is_stopping = True
        self._bell.set()

    def run(self) -> None:
        if self._topic.is_on_message_path:
            statements.keep_connection()
        # Asked before each wait, too: the bell that stops a lane at work is taken for one of the work's.
        while not self._is_stopping:
            self._bell.wait()
            if self._is_stopping:
                break
            self._bell.clear()
            try:
                self._work()
            except Exception:
                logger.exception("The work on %s failed; the sweep rings again", self.name)
                statements.recover_connection()
                time.sleep(FAULT_SECONDS)
            if not self._topic.is_on_message_path:
                close_old_connections()
        connections.close_all()

    def _work(self) -> None:
        cold_at = 0.0
        while not self._is_stopping:
            if self._topic.drain(clock.now()):
                cold_at = time.monotonic() + (HOT_SECONDS if self._looks_by_itself else 0.0)
            # A bell that rang meanwhile may be for what was not seen; without one a look that locks nothing tells.
            while not self._bell.is_set() and not outbox.is_due(self.name, clock.now()):
                if time.monotonic() >= cold_at:
                    return
                self._bell.wait(LOOK_SECONDS)
            self._bell.clear()


class Lanes:
    """The lanes of the queues that this process serves."""

    def __init__(self, queues: Iterable[str]) -> None:
        self._queues = frozenset(queues)
        self._lanes: dict[str, Lane] = {}
        self._lock = threading.Lock()
        self._is_stopping = False

    def open(self) -> None:
        """From now on, this process's own bells for its queues ring here and take no way round by the broker."""
        outbox.serve(self._queues, self.ring)

    def ring(self, name: str) -> None:
        """Wake a topic's lane; a topic of another queue, or an unknown one, is passed over."""
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._begin(name)
        if lane is not None:
            lane.ring()

    def close(self, seconds: float) -> None:
        """End all lanes; returns when they are idle, or after ``seconds``."""
        outbox.serve((), None)
        with self._lock:
            self._is_stopping = True
            lanes = list(self._lanes.values())
        for lane in lanes:
            lane.stop()
        until = time.monotonic() + seconds
        for lane in lanes:
            lane.join(max(0.0, until - time.monotonic()))

    def _begin(self, name: str) -> Lane | None:
        found = outbox.find_topic(name)
        if found is None or found.queue not in self._queues:
            return None
        with self._lock:
            if name not in self._lanes and not self._is_stopping:
                lane = self._lanes[name] = Lane(found)
                lane.start()
            return self._lanes.get(name)
