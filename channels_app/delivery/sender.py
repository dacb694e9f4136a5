"""
Calling providers: many at once, no transaction held, one slow provider in nobody's way.

A worker process has one thread with an event loop for it, whatever number of tasks Celery runs. What a process may
have under way is bounded, in all and for each connection, so a provider that hangs fills its own share only.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any, Protocol

import uvloop

from channels_app.delivery.exchange import Courier
from channels_app.delivery.jobs import Job, Outcome, unrecorded
from common import clock, leases, logs
from common.groupcommit import GroupCommit

logger = logging.getLogger(__name__)

MOST_IN_FLIGHT = 400
MOST_IN_FLIGHT_A_CONNECTION = 100
RECORD_PAUSES_SECONDS = (0.2, 1.0, 3.0, 10.0, 30.0)

Record = Callable[[Sequence[Outcome]], None]


class Sender(Protocol):
    """Takes admitted jobs, and has their outcomes recorded."""

    def room(self) -> int:
        """Return how many jobs it would take now."""

    def has_room_for(self, job: Job, *, beside: Counter[object]) -> bool:
        """Tell whether a job's connections have room, ``beside`` those counted in this batch already."""

    def submit(self, jobs: Sequence[Job]) -> None:
        """Take jobs."""


class InlineSender:
    """Sends in the caller's thread and returns when all is recorded: for tests and commands, with no loop running."""

    def __init__(self, record: Record, *, now: Callable[[], datetime] = clock.now) -> None:
        self._record = record
        self._now = now

    def room(self) -> int:
        return 200

    def has_room_for(self, job: Job, *, beside: Counter[object]) -> bool:
        return True

    def submit(self, jobs: Sequence[Job]) -> None:
        if jobs:
            self._record(asyncio.run(self._send(jobs)))

    async def _send(self, jobs: Sequence[Job]) -> list[Outcome]:
        courier = Courier(self._now)
        try:
            return list(await asyncio.gather(*(courier.carry(job) for job in jobs)))
        finally:
            await courier.close()


class BackgroundSender:
    """Sends on a thread of its own; outcomes that arrive together are recorded in one commit."""

    def __init__(self, record: Record) -> None:
        self._commit: GroupCommit[Outcome, None] = GroupCommit("deliveries", lambda batch: _each(record, batch))
        self._lock = threading.Lock()
        self._in_flight: Counter[object] = Counter()
        self._total = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._courier: Courier | None = None
        self._pid = os.getpid()

    def room(self) -> int:
        with self._lock:
            return MOST_IN_FLIGHT - self._total

    def has_room_for(self, job: Job, *, beside: Counter[object]) -> bool:
        with self._lock:
            return all(self._in_flight[key] + beside[key] < MOST_IN_FLIGHT_A_CONNECTION for key in job.connection_ids)

    def submit(self, jobs: Sequence[Job]) -> None:
        if not jobs:
            return
        with self._lock:
            self._total += len(jobs)
            for job in jobs:
                self._in_flight.update(job.connection_ids)
        leases.keeper.hold(job.entry.id for job in jobs)
        loop = self._running_loop()
        for job in jobs:
            asyncio.run_coroutine_threadsafe(self._run(job), loop)

    def is_idle(self) -> bool:
        with self._lock:
            return self._total == 0

    @property
    def is_of_this_process(self) -> bool:
        """False in a child that was forked after this sender was made: its thread stayed with the parent."""
        return self._pid == os.getpid()

    async def _run(self, job: Job) -> None:
        try:
            assert self._courier is not None
            await self._record(await self._courier.carry(job))
        finally:
            leases.keeper.let_go([job.entry.id])
            with self._lock:
                self._total -= 1
                self._in_flight.subtract(job.connection_ids)
                self._in_flight += Counter()  # forget what is at zero

    async def _record(self, outcome: Outcome) -> None:
        """
        Store an outcome, through a restart of the database too: losing it means asking the provider again, and not
        every provider knows a repeated key.
        """
        for pause in RECORD_PAUSES_SECONDS:
            try:
                await self._commit.submit(outcome)
                return
            except Exception:
                with logs.bound(**outcome.job.names()):
                    logger.warning("The outcome of entry %s is not stored yet", outcome.job.entry.id, exc_info=True)
                await asyncio.sleep(pause)
        try:
            # Perhaps it cannot be stored as it is; then the entry at least counts this try.
            await self._commit.submit(unrecorded(outcome))
        except Exception:
            # The lease runs out and the entry is taken again.
            with logs.bound(**outcome.job.names()):
                logger.exception("The outcome of entry %s could not be stored", outcome.job.entry.id)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                ready = threading.Event()
                threading.Thread(target=self._serve, args=(ready,), name="deliveries", daemon=True).start()
                ready.wait()
            assert self._loop is not None
            return self._loop

    def _serve(self, ready: threading.Event) -> None:
        loop = uvloop.new_event_loop()
        asyncio.set_event_loop(loop)

        async def start() -> None:
            self._courier = Courier(clock.now)
            self._loop = loop
            ready.set()

        loop.run_until_complete(_then_for_ever(start()))


async def _then_for_ever(first: Coroutine[Any, Any, None]) -> None:
    await first
    await asyncio.Event().wait()


def _each(record: Record, batch: Sequence[Outcome]) -> list[None]:
    record(batch)
    return [None] * len(batch)
