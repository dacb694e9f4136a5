"""
The ASGI application of every web process.

Providers' webhooks go a lean way beside Django's request stack, which is measured to carry two to five times the
messages; sockets go to ``realtime``; built files and everything else are Django's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django as framework

framework.setup(set_prefix=False)

# Applications are loaded: what follows may import models.
import orjson
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.signals import request_finished
from django.db import connections

from channels_app.ingress import application as ingress
from common import logs, metrics
from common.errors import ApiError
from config.one_thread import OneThread
from config.static_files import StaticApplication
from realtime.urls import websocket_urlpatterns

django_application = OneThread()
static_application = StaticApplication()

# By the first part of the address.
_KINDS = {
    "app": "app",
    "static": "static",
    "webchat": "webchat",
    **dict.fromkeys(
        ("studio", "conversations", "taskrouter", "flex-api", "api", "channels", "2010-04-01", "mcs"), "api"
    ),
}
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


# What may come with one request: the largest file, and a little.
MOST_BYTES = settings.MEDIA_MAX_BYTES + 1024 * 1024
TOO_LARGE = ApiError(f"A request has at most {MOST_BYTES // 1024**2} MB", status=413)


async def django(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve by Django, but for bodies larger than anything we take: it would keep them on the disk before reading."""
    length = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
    if not length.isdigit() or int(length) <= MOST_BYTES:
        await django_application(scope, bounded(receive), send)
        return
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(TOO_LARGE.to_json())})


def bounded(receive: Receive) -> Receive:
    """Hang up once a body has become too large: its sender may not have said how large it is."""
    total = 0

    async def receive_some() -> dict[str, Any]:
        nonlocal total
        event = await receive()
        total += len(event.get("body", b""))
        return {"type": "http.disconnect"} if total > MOST_BYTES else event

    return receive_some


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    """Choose the lean way for providers' webhooks, Django for the rest, the flows' own addresses among it."""
    path = scope["path"]
    is_lean = path.startswith("/webhooks/") and not path.startswith("/webhooks/v1/")
    chosen = ingress if is_lean else static_application if path.startswith(settings.STATIC_URL) else django
    began, status = time.perf_counter(), 0

    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    request = logs.request_id(given.decode("latin-1"))
    logs.bind(request=request)

    async def answer(event: dict[str, Any]) -> None:
        nonlocal status
        if event["type"] == "http.response.start":
            status = event["status"]
            event = {**event, "headers": [*event.get("headers", ()), (b"x-request-id", request.encode())]}
        await send(event)

    try:
        await chosen(scope, receive, answer)
    finally:
        kind = "webhook" if is_lean else _KINDS.get(path.split("/", 2)[1], "page")
        metrics.requests.labels(kind, f"{status // 100}xx" if status else "none").observe(time.perf_counter() - began)


def close_connections(**_: Any) -> None:
    """End the request's database connection: its thread ends with the request, and would leave it open."""
    connections.close_all()


request_finished.connect(close_connections)

# Each socket checks who opens it, and from whose page, itself: a customer's comes from another site with a token.
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_urlpatterns)})
