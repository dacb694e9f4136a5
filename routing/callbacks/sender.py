"""Making callbacks: leased from the outbox, side by side on one event loop, their outcomes stored by threads."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from datetime import datetime
from functools import partial

from asgiref.sync import sync_to_async

from common import http, leases
from routing.callbacks import jobs
from routing.callbacks.jobs import Call, Outcome
from routing.callbacks.owed import ASSIGNMENTS, EVENTS

logger = logging.getLogger(__name__)

MOST = 100  # under way at once in this process, of each topic


def drain_assignments(now: datetime) -> int:
    """Begin the assignment callbacks that are due; returns how many."""
    return sender.begin(ASSIGNMENTS, now)


def drain_events(now: datetime) -> int:
    """Begin the event callbacks that are due, of each workspace the first; returns how many."""
    return sender.begin(EVENTS, now)


def make_due(topic: str, now: datetime) -> int:
    """Make what is due and wait for the answers, on the calling thread; returns how many."""
    calls = jobs.lease(topic, now, MOST)

    async def everything() -> list[Outcome]:
        client = http.HttpClient()
        try:
            return await asyncio.gather(*(jobs.perform(client, call) for call in calls))
        finally:
            await client.close()

    if calls:
        for call, outcome in zip(calls, asyncio.run(everything()), strict=True):
            jobs.finish(call, outcome)
    return len(calls)


class Sender:
    """The event loop that a process makes its callbacks on, begun with the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: http.HttpClient | None = None
        self._under_way: Counter[str] = Counter()

    def begin(self, topic: str, now: datetime) -> int:
        """Lease what there is room for and start it; returns without waiting for any answer."""
        with self._lock:
            room = MOST - self._under_way[topic]
            calls = jobs.lease(topic, now, room) if room > 0 else []
            self._under_way[topic] += len(calls)
        if calls:
            leases.keeper.hold(call.entry.id for call in calls)
            loop = self._running_loop()
            for call in calls:
                asyncio.run_coroutine_threadsafe(self._one(topic, call), loop)
        return len(calls)

    async def _one(self, topic: str, call: Call) -> None:
        try:
            if self._client is None:
                self._client = http.HttpClient()
            outcome = await jobs.perform(self._client, call)
            await sync_to_async(partial(jobs.finish, call, outcome), thread_sensitive=False)()
        except Exception:
            # The lease runs out and the callback is made again, with the same token.
            logger.exception("The outcome of the callback %s could not be stored", call.entry.id)
        finally:
            leases.keeper.let_go([call.entry.id])
            with self._lock:
                self._under_way[topic] -= 1

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="callbacks", daemon=True).start()
            return self._loop


sender = Sender()
