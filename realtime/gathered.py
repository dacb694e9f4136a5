"""Readings that many sockets ask for at the same time, done as one."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from realtime import database

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST_AT_ONCE = 500


class Gathered(Generic[K, V]):
    """
    Reads what is asked for by key: the first at once; what is asked during a reading, together in the next one.

    So a lone question waits for nobody, and a crowd's cost the statements of one. A reading begins after its question:
    what a hint announces is in it. ``read`` takes the keys, each once, and returns the values of those that it found.
    """

    def __init__(self, read: Callable[[Sequence[K]], dict[K, V]]) -> None:
        self._read = read
        # Futures belong to a loop.
        self._asked: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[K, asyncio.Future[V | None]]] = (
            weakref.WeakKeyDictionary()
        )
        self._readers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]] = (
            weakref.WeakKeyDictionary()
        )

    async def get(self, key: K) -> V | None:
        """Return the key's value, None where there is none; raises what the reading raised."""
        loop = asyncio.get_running_loop()
        asked = self._asked.setdefault(loop, {})
        if key not in asked:
            asked[key] = loop.create_future()
        future = asked[key]
        reader = self._readers.get(loop)
        if reader is None or reader.done():
            self._readers[loop] = loop.create_task(self._run(asked))
        # Shared with others: who stops waiting must not end it for them.
        return await asyncio.shield(future)

    async def _run(self, asked: dict[K, asyncio.Future[V | None]]) -> None:
        while asked:
            taken = {key: asked.pop(key) for key in list(asked)[:MOST_AT_ONCE]}
            try:
                found = await database.run(self._read, list(taken))
            except Exception as error:
                for future in taken.values():
                    future.set_exception(error)
                continue
            for key, future in taken.items():
                future.set_result(found.get(key))
