"""
uvicorn's HTTP, with patience that ends: a client that dribbles its request holds a connection no longer than this.

uvicorn bounds how long an idle connection is kept between requests, and nothing before or in them: a thousand sockets
that send a byte a minute would be held for ever, and headers of any size kept in memory.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# From the connection's (or the next request's) first byte to the end of its headers.
HEADER_SECONDS = 15.0
# Between two parts of a body, and for all of it.
BODY_IDLE_SECONDS = 20.0
BODY_SECONDS = 300.0
LOOK_EVERY_SECONDS = 2.5
MAX_HEADER_BYTES = 64 * 1024

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """
    One connection. ``deadline`` is when what is awaited of the client must have come; None: nothing is awaited.

    Deadlines are looked at now and then, so that a request costs no timer of its own.
    """

    deadline: float | None = None
    body_deadline = 0.0
    head_size = 0
    is_in_head = True
    look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.deadline = self.loop.time() + HEADER_SECONDS
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_looking()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.is_in_head:
            self.head_size += len(data)
            if self.deadline is None:
                self.deadline = self.loop.time() + HEADER_SECONDS
        super().data_received(data)
        # The end of the head resets the size; what is counted now is of a head that goes on.
        if self.is_in_head and self.head_size > MAX_HEADER_BYTES and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.is_in_head = False
        self.head_size = 0
        now = self.loop.time()
        self.body_deadline = now + BODY_SECONDS
        self.deadline = now + BODY_IDLE_SECONDS

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self.deadline = min(self.loop.time() + BODY_IDLE_SECONDS, self.body_deadline)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        # What follows may take as long as it needs: it is our turn.
        self.deadline = None
        self.is_in_head = True
        self.head_size = 0

    def handle_websocket_upgrade(self) -> None:
        self._stop_looking()
        super().handle_websocket_upgrade()

    def _look_later(self) -> None:
        self.look = self.loop.call_later(LOOK_EVERY_SECONDS, self._look)

    def _stop_looking(self) -> None:
        self.deadline = None
        if self.look is not None:
            self.look.cancel()
            self.look = None

    def _look(self) -> None:
        if self.deadline is not None and self.loop.time() > self.deadline:
            # Not close(): that waits until the client has taken what was written.
            self.transport.abort()
        else:
            self._look_later()
