"""
Tells waiting customers where they stand.

One board a process: it hears of changes in the queues of those who wait here, reads everybody's place at most once a
second, and sends to each socket what is new. So a thousand waiting customers cost a read, not a thousand.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable
from typing import Protocol
from uuid import UUID

from channels.layers import get_channel_layer

from common import clock
from realtime import database, groups
from routing import queries as routing
from routing.queries import Place

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
# Looked at anyway: a hint may be lost, and the expected wait gets shorter by itself.
LONGEST_PAUSE_SECONDS = 15.0


class Waiting(Protocol):
    """A socket whose customer waits for a worker."""

    def tell_place(self, place: Place | None) -> Awaitable[None]:
        """Tell the customer; None: they wait no longer."""


class Board:
    """The customers of one event loop who wait, by their tasks."""

    def __init__(self) -> None:
        self.waiting: dict[UUID, set[Waiting]] = {}
        self.stirred = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._workspaces: set[UUID] = set()

    def add(self, task_id: UUID, socket: Waiting) -> None:
        self.waiting.setdefault(task_id, set()).add(socket)
        self.stirred.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    def remove(self, task_id: UUID, socket: Waiting) -> None:
        sockets = self.waiting.get(task_id)
        if sockets is not None:
            sockets.discard(socket)
            if not sockets:
                del self.waiting[task_id]

    async def look(self) -> None:
        """Read where everybody stands and tell them; who waits no longer is taken off."""
        asked = {task_id: set(sockets) for task_id, sockets in self.waiting.items()}
        found = await database.run(routing.places, list(asked), now=clock.now())
        self._workspaces = {place.workspace_id for place in found.values()}
        for task_id, sockets in asked.items():
            place = found.get(task_id)
            for socket in sockets:
                if place is None:
                    self.remove(task_id, socket)
                try:
                    await socket.tell_place(place)
                except Exception:
                    logger.exception("A customer could not be told where they stand")

    async def _run(self) -> None:
        """Run while somebody waits here."""
        layer = get_channel_layer()
        assert layer is not None
        channel = await layer.new_channel("waiting")
        listener = asyncio.get_running_loop().create_task(self._listen(layer, channel))
        followed: set[UUID] = set()
        try:
            while self.waiting:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stirred.wait(), LONGEST_PAUSE_SECONDS)
                self.stirred.clear()
                began = time.monotonic()
                try:
                    await self.look()
                    for workspace_id in self._workspaces - followed:
                        await layer.group_add(groups.queues(workspace_id), channel)
                        # What changed before this was heard of.
                        self.stirred.set()
                    followed |= self._workspaces
                except Exception:
                    logger.exception("The places of waiting customers could not be read; the next look tries again")
                await asyncio.sleep(max(PAUSE_SECONDS, 10 * (time.monotonic() - began)))
        finally:
            listener.cancel()
            for workspace_id in followed:
                with contextlib.suppress(Exception):
                    await layer.group_discard(groups.queues(workspace_id), channel)

    async def _listen(self, layer: object, channel: str) -> None:
        while True:
            await layer.receive(channel)  # type: ignore[attr-defined]
            self.stirred.set()


_boards: dict[asyncio.AbstractEventLoop, Board] = {}


def board() -> Board:
    """Return the board of the running loop."""
    loop = asyncio.get_running_loop()
    for other in [each for each in _boards if each.is_closed()]:
        del _boards[other]
    if loop not in _boards:
        _boards[loop] = Board()
    return _boards[loop]
