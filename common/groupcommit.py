"""
Many small writes in one transaction.

Requests that arrive while a commit is under way wait for the next one and share it: the busier the house, the
larger the groups. One INSERT of a hundred rows costs little more than one of a single row, and a commit's wait
for the disk is paid once (measured: docs/performance.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import connections

from common import statements

logger = logging.getLogger(__name__)

# Who has had nothing to write for so long needs no database connection.
IDLE_SECONDS = 60.0

Item = TypeVar("Item")
Result = TypeVar("Result")


class Overloaded(Exception):
    """More is waiting than can be written in reasonable time: the sender should come back later."""


class GroupCommit(Generic[Item, Result]):
    """
    Writes items with ``commit``, in groups of up to ``most``, on one thread of its own with its own connection.

    ``commit(items)`` is one transaction and returns one result an item, in order. Where it raises, the items are
    written one by one, so that a poisoned one fails alone. Items are written in the order of ``submit``.
    """

    def __init__(
        self,
        name: str,
        commit: Callable[[Sequence[Item]], Sequence[Result]],
        *,
        most: int = 200,
        waiting: int = 5000,
    ) -> None:
        self._name = name
        self._commit = commit
        self._most = most
        self._queue: queue.Queue[tuple[Item, asyncio.Future[Result]]] = queue.Queue(waiting)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    async def submit(self, item: Item) -> Result:
        """
        Write an item and return its result after the commit.

        :raises Overloaded: too many are waiting.
        """
        if self._thread is None:
            self._start()
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait((item, future))
        except queue.Full as error:
            raise Overloaded(f"{self._name}: too many writes are waiting") from error
        return await future

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=f"commit-{self._name}", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        statements.keep_connection()
        while True:
            try:
                group = [self._queue.get(timeout=IDLE_SECONDS)]
            except queue.Empty:
                connections.close_all()
                continue
            with contextlib.suppress(queue.Empty):
                while len(group) < self._most:
                    group.append(self._queue.get_nowait())
            self._write(group)

    def _write(self, group: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = self._commit([item for item, _ in group])
        except Exception as error:
            statements.recover_connection()
            if len(group) == 1:
                logger.exception("%s: a write failed", self._name)
                _settle([(group[0][1], None, error)])
            else:
                logger.warning("%s: a group of %d failed and is written singly", self._name, len(group))
                for one in group:
                    self._write([one])
        else:
            _settle([(future, result, None) for (_, future), result in zip(group, results, strict=True)])


def _settle(outcomes: Sequence[tuple[asyncio.Future[Result], Result | None, Exception | None]]) -> None:
    """Wake the waiting coroutines, once for each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Result], Result | None, Exception | None]]] = {}
    for outcome in outcomes:
        by_loop.setdefault(outcome[0].get_loop(), []).append(outcome)
    for loop, mine in by_loop.items():
        # A loop that is closed has nobody left who waits.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_set, mine)


def _set(outcomes: Sequence[tuple[asyncio.Future[Result], Result | None, Exception | None]]) -> None:
    for future, result, error in outcomes:
        if future.done():
            continue
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]
