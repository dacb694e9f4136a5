"""Django's own stack, as every web process asks it."""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator
from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest

# Requests that are worked on at once. Between statements their threads wait for one interpreter: with more of them
# each waits longer, holding its locks in the database meanwhile. Of 3, 6 and any number, 3 handed over 1.7 times as
# many customers a second as any number did (bench/sockets.py).
AT_ONCE = 3
# Who takes longer waits for something else (a provider, a report's statement), and keeps nobody from their turn.
TURN_SECONDS = 0.5


class Turns:
    """Lets the requests of an event loop take turns, in the order in which they came."""

    def __init__(self, at_once: int = AT_ONCE, seconds: float = TURN_SECONDS) -> None:
        self._at_once = at_once
        self._seconds = seconds
        self._free: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
            weakref.WeakKeyDictionary()
        )

    @contextlib.asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Wait for a turn; it ends with the block, or after the time of a turn."""
        loop = asyncio.get_running_loop()
        free = self._free.setdefault(loop, asyncio.Semaphore(self._at_once))
        await free.acquire()
        lapse = loop.call_later(self._seconds, free.release)
        try:
            yield
        finally:
            # Past its time it was called, or is about to be.
            if loop.time() < lapse.when():
                lapse.cancel()
                free.release()


class OneThread(ASGIHandler):
    """
    Leads a request to a thread once, and there through all middleware to its view, which wait for the database anyway.

    Of itself Django would come back to the event loop between them, ten times and more: a quarter of a small
    request's time (bench/requests.py).
    """

    def __init__(self) -> None:
        super().__init__()
        self.turns = Turns()

    def load_middleware(self, is_async: bool = True) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> Any:
        async with self.turns.take():
            return await sync_to_async(self.get_response, thread_sensitive=True)(request)
