"""Hints that come in bursts, told at once and then at most once in a pause."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable


class Hints:
    """
    Says that something changed: at once, and again after each ``pause`` (seconds) in which it was asked to.

    The first is always followed by a second: what was read at the first may have been read by another just before it.
    """

    def __init__(self, tell: Callable[[], Awaitable[None]], pause: float) -> None:
        self._tell = tell
        self._pause = pause
        self._task: asyncio.Task[None] | None = None
        self._has_more = False

    def give(self) -> None:
        self._has_more = True
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def end(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        await self._tell()
        while self._has_more:
            self._has_more = False
            await asyncio.sleep(self._pause)
            await self._tell()
