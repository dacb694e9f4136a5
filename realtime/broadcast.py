"""
Sending to channel-layer groups from any thread.

A channel layer lives in an event loop, and what happens is announced in others: Celery's threads, Django's
threads, worker processes without sockets. Here one loop a process sends everything, in the order of the calls.
What is sent is a hint; the truth is in the database. So sending never waits, and what cannot be sent is dropped.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Iterable
from typing import Any

from channels.layers import get_channel_layer

from realtime.listening import Listening

logger = logging.getLogger(__name__)

# More than this waits only where the layer does not answer; the sockets then catch up from the database.
MOST_WAITING = 20_000
# Asked about, and sent, in one go.
A_BATCH = 200

_lock = threading.Lock()
_waiting: deque[tuple[str, dict[str, Any]]] = deque()
_serving: asyncio.AbstractEventLoop | None = None
_own: asyncio.AbstractEventLoop | None = None
# The loop that is at work on ``_waiting``, None where nobody is.
_at_work: asyncio.AbstractEventLoop | None = None
_is_dropping = False


def set_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Send from this loop from now on: the one that the process's sockets live in."""
    global _serving
    with _lock:
        _serving = loop


def send(group: str, message: dict[str, Any]) -> None:
    """Send a message to a group; ``message["type"]`` names the consumer's method. Returns at once."""
    send_many([(group, message)])


def send_many(messages: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Send (group, message) pairs in this order. Returns at once."""
    global _at_work, _is_dropping
    with _lock:
        for pair in messages:
            if len(_waiting) >= MOST_WAITING:
                if not _is_dropping:
                    logger.error("Broadcasts are dropped: %d wait for the channel layer", len(_waiting))
                _is_dropping = True
                break
            _is_dropping = False
            _waiting.append(pair)
        if not _waiting:
            return
        loop = _loop()
        if _at_work is loop:
            return
        _at_work = loop
    try:
        loop.call_soon_threadsafe(_start, loop)
    except RuntimeError:
        # The loop was closed between our look and our call; the next message finds another one.
        with _lock:
            _at_work = None
        logger.warning("The event loop of the broadcasts was closed")


def _loop() -> asyncio.AbstractEventLoop:
    """Return the loop to send from; without sockets in this process, one of our own in a thread."""
    global _own
    if _serving is not None and _serving.is_running():
        return _serving
    if _own is None or _own.is_closed():
        _own = asyncio.new_event_loop()
        threading.Thread(target=_own.run_forever, name="broadcast", daemon=True).start()
    return _own


def _start(loop: asyncio.AbstractEventLoop) -> None:
    # The loop itself keeps only a weak reference to its tasks.
    task = loop.create_task(_work(loop))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


_tasks: set[asyncio.Task[None]] = set()


def _listening(loop: asyncio.AbstractEventLoop, layer: Any) -> Listening:
    """Return who asks for a loop; its connection is kept between broadcasts."""
    global _asking
    if _asking is None or _asking[:2] != (loop, layer):
        _asking = (loop, layer, Listening(layer))
    return _asking[2]


_asking: tuple[asyncio.AbstractEventLoop, Any, Listening] | None = None


async def _work(loop: asyncio.AbstractEventLoop) -> None:
    global _at_work
    layer = get_channel_layer()
    listening = _listening(loop, layer)
    try:
        while True:
            with _lock:
                if _at_work is not loop:
                    return
                if not _waiting or layer is None:
                    _waiting.clear()
                    _at_work = None
                    return
                batch = [_waiting.popleft() for _ in range(min(len(_waiting), A_BATCH))]
            heard = await listening.among({group for group, _ in batch})
            for group, message in batch:
                if group not in heard:
                    continue
                try:
                    await layer.group_send(group, message)
                except Exception:
                    logger.exception("A broadcast to %s failed", group)
    except BaseException:
        # The loop ends: whoever sends next starts anew elsewhere.
        with _lock:
            if _at_work is loop:
                _at_work = None
        raise
