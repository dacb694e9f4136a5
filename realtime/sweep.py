"""
The sockets' safety net.

Broadcasts are hints: Redis restarts, queues overflow. Every few seconds one statement a process compares what its
sockets were sent with what the database has, and those that are behind catch up. So a lost hint delays, and loses
nothing.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from typing import TYPE_CHECKING
from uuid import UUID

from conversations import queries as conversations
from realtime import database

if TYPE_CHECKING:
    from realtime.sockets import JsonSocket

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0
# SQLite takes 32,766 bound values in a statement.
A_STATEMENT = 5_000

_sockets: weakref.WeakSet[JsonSocket] = weakref.WeakSet()
_runners: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Task[None]] = weakref.WeakKeyDictionary()

_mending: set[asyncio.Task[None]] = set()


def register(socket: JsonSocket) -> None:
    """Look after a socket from now on."""
    _sockets.add(socket)
    loop = asyncio.get_running_loop()
    runner = _runners.get(loop)
    if runner is None or runner.done():
        _runners[loop] = loop.create_task(_run())


def forget(socket: JsonSocket) -> None:
    """Stop looking after a socket."""
    _sockets.discard(socket)


def count_by_kind() -> dict[str, int]:
    """Return how many sockets this process has open: ``console`` and ``webchat``."""
    counted: dict[str, int] = {}
    for socket in list(_sockets):
        kind = type(socket).__name__.removesuffix("Socket").lower()
        counted[kind] = counted.get(kind, 0) + 1
    return counted


async def _run() -> None:
    """Run while this process has sockets."""
    while len(_sockets):
        await asyncio.sleep(PAUSE_SECONDS)
        try:
            await sweep()
        except Exception:
            logger.exception("The sweep of the sockets failed; the next one tries again")


async def sweep() -> None:
    """Let every socket that is behind catch up."""
    sockets = list(_sockets)
    wanted = list({conversation_id for socket in sockets for conversation_id in socket.followed})
    truth: dict[UUID, tuple[int, str]] = {}
    for start in range(0, len(wanted), A_STATEMENT):
        truth.update(await database.run(conversations.last_indexes, wanted[start : start + A_STATEMENT]))
    for socket in sockets:
        # One whose browser takes nothing at the moment is sending what it is behind with already.
        if not socket.lock.locked() and (socket.looks_around or _needs_mending(socket, truth)):
            task = asyncio.get_running_loop().create_task(_mend(socket, truth))
            _mending.add(task)
            task.add_done_callback(_mending.discard)


def _needs_mending(socket: JsonSocket, truth: dict[UUID, tuple[int, str]]) -> bool:
    stands = ((truth.get(conversation_id, (last, "")), last) for conversation_id, last in socket.followed.items())
    return any(index > last or state == "closed" for (index, state), last in stands)


async def _mend(socket: JsonSocket, truth: dict[UUID, tuple[int, str]]) -> None:
    try:
        for conversation_id, last in list(socket.followed.items()):
            index, state = truth.get(conversation_id, (last, ""))
            if index > last:
                await socket.catch_up(conversation_id)
            if state == "closed":
                await socket.state_changed({"conversation_id": conversation_id.hex, "state": state})
        await socket.look_around()
    except Exception:
        logger.exception("A socket could not be brought up to date")
