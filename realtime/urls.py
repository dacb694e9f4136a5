"""The WebSocket addresses; ``config.asgi`` mounts them."""

from channels.auth import AuthMiddlewareStack
from django.urls import path

from realtime.console import ConsoleSocket
from realtime.webchat import WebchatSocket

websocket_urlpatterns = [
    path("ws/console/", AuthMiddlewareStack(ConsoleSocket.as_asgi())),
    path("ws/webchat/", WebchatSocket.as_asgi()),
]
