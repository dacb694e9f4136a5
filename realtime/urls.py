"""The WebSocket addresses; ``config.asgi`` mounts them. Each socket checks for itself who opens it."""

from django.urls import path

from realtime.console import ConsoleSocket
from realtime.editors import BuilderSocket
from realtime.webchat import WebchatSocket

websocket_urlpatterns = [
    path("ws/console/", ConsoleSocket.as_asgi()),
    path("ws/builder/", BuilderSocket.as_asgi()),
    path("ws/webchat/", WebchatSocket.as_asgi()),
]
