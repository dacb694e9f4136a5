"""Keeps other sites' pages from opening sockets with a visitor's session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

# A customer's page lies on another site, and its socket is opened by a token instead of a session.
OPEN_PATHS = ("/ws/webchat/",)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class SameOrigin:
    """ASGI middleware: refuses a socket (403) whose ``Origin`` is neither the requested host nor our public address."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(OPEN_PATHS) or is_own_origin(scope["headers"]):
            await self._application(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 4403, "reason": "wrong origin"})


def is_own_origin(headers: list[tuple[bytes, bytes]]) -> bool:
    """Tell whether the request comes from one of our own pages, or from no page at all (a program sends no origin)."""
    found = {name: value.decode("latin-1") for name, value in headers if name in (b"origin", b"host")}
    origin = found.get(b"origin")
    if origin is None:
        return True
    parts = urlsplit(origin)
    if f"{parts.scheme}://{parts.netloc}" == settings.PUBLIC_URL:
        return True
    return parts.netloc != "" and parts.netloc == found.get(b"host")
