"""
The ASGI application of every web process.

Providers' webhooks go a lean way beside Django's request stack, which is measured to carry two to five times the
messages; sockets go to ``realtime``; everything else is Django's.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

# Applications are loaded: what follows may import models.
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.signals import request_finished
from django.db import connections

from channels_app.ingress import application as ingress
from realtime.urls import websocket_urlpatterns

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def http(scope: Scope, receive: Receive, send: Send) -> None:
    """Choose the lean way for providers' webhooks, Django for the rest, the flows' own addresses among it."""
    path = scope["path"]
    is_lean = path.startswith("/webhooks/") and not path.startswith("/webhooks/v1/")
    chosen = ingress if is_lean else django_application
    await chosen(scope, receive, send)


def close_connections(**_: Any) -> None:
    """End the request's database connection: its thread ends with the request, and would leave it open."""
    connections.close_all()


request_finished.connect(close_connections)

# Each socket checks who opens it, and from whose page, itself: a customer's comes from another site with a token.
application = ProtocolTypeRouter({"http": http, "websocket": URLRouter(websocket_urlpatterns)})
