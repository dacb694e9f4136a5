"""
Sockets without a server: the consumers run in the test's loop, and what they ask of the database on its connection.

So a test sees no thread but its own, and is rolled back at its end; announcements are heard at once instead of after
a commit that never comes. That the real threads and commits work is what the tests with processes show.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
import pytest_asyncio
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.conf import settings
from django.db import connections
from django.test import Client

from channels_app import services as channels
from common import clock
from realtime import sweep
from realtime.api import demo, webchat
from tests.factories import definition, publish_flow, state
from tests.interactions.world import Desk, make_desk

CHAT_ADDRESS = "shop"


@pytest.fixture(autouse=True)
def own_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    async def submit(self: Any, item: Any) -> Any:
        (result,) = self._commit([item])
        return result

    def call(function: Callable[[], None], using: str | None = None, robust: bool = False) -> None:
        function()

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    monkeypatch.setattr("realtime.database.run", run)
    monkeypatch.setattr("common.groupcommit.GroupCommit.submit", submit)
    monkeypatch.setattr("django.db.transaction.on_commit", call)
    # The sweep is called by the tests that are about it.
    monkeypatch.setattr(sweep, "PAUSE_SECONDS", 3600.0)


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    yield
    webchat._beginnings.clear()
    demo._sendings.clear()


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()


@pytest.fixture
def deployment_key(desk: Desk) -> str:
    """The key of a web chat that a flow answers."""
    row = channels.create_connection(
        account_id=desk.account.id, type="chat", provider="web", address=CHAT_ADDRESS, now=clock.now()
    )
    greeting = definition(state("hello", "send-message", {"sent": None}, body="Hello!", **{"from": ""}))
    publish_flow(desk.account, greeting, address=CHAT_ADDRESS, type="chat")
    return row.deployment_key or ""


class Socket(ApplicationCommunicator):
    """A browser's end of a socket. (Channels' own communicator needs its development server.)"""

    def __init__(self, address: str, database: Any, **scope: Any) -> None:
        from realtime.urls import websocket_urlpatterns

        async def application(*given: Any) -> None:
            # An application begins without the context of its test.
            connections["default"] = database
            await URLRouter(websocket_urlpatterns)(*given)

        parts = urlsplit(address)
        asked = {
            "type": "websocket",
            "path": parts.path,
            "query_string": parts.query.encode(),
            "headers": [],
            "subprotocols": [],
            **scope,
        }
        super().__init__(application, asked)
        self._told: deque[dict[str, Any]] = deque()

    async def open(self) -> Socket:
        await self.send_input({"type": "websocket.connect"})
        answer = await self.receive_output(5)
        if answer["type"] == "websocket.close":
            self._told.append(answer)
            return self
        assert answer["type"] == "websocket.accept"
        # What is asked now is answered when the socket has begun.
        await self.say({"type": "are you there"})
        while True:
            output = await self.receive_output(5)
            if b"are you there" in output.get("text", "").encode():
                return self
            self._told.append(output)
            if output["type"] == "websocket.close":
                return self

    async def _next(self) -> dict[str, Any]:
        if self._told:
            return self._told.popleft()
        return dict(await self.receive_output(5))

    async def say(self, value: Any) -> None:
        """Send a value as JSON, or a text as it is."""
        text = value if isinstance(value, str) else orjson.dumps(value).decode()
        await self.send_input({"type": "websocket.receive", "text": text})

    async def hear(self, type: str | None = None) -> dict[str, Any]:
        """Return what comes next, or what comes next of a type."""
        while True:
            output = await self._next()
            assert output["type"] == "websocket.send", output
            told: dict[str, Any] = orjson.loads(output["text"])
            if type is None or told["type"] == type:
                return told

    async def hear_all(self) -> list[dict[str, Any]]:
        """Return everything that comes until nothing comes any more."""
        found = []
        while self._told or not await self.receive_nothing(0.15, 0.01):
            found.append(await self.hear())
        return found

    async def hear_close(self) -> int:
        """Return the code that the socket is closed with."""
        while True:
            output = await self._next()
            if output["type"] == "websocket.close":
                return int(output["code"])

    async def leave(self, code: int = 1000) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": code})
        await self.wait(5)


def cookie_of(user: Any) -> str:
    """Return the cookie of a browser that a user is logged in with."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture
def tests_connection(db: None) -> Any:
    """The connection of the test's transaction. (Of ``connections``, coroutines see their own.)"""
    return connections["default"]


@pytest_asyncio.fixture
async def browser(tests_connection: Any) -> AsyncIterator[Callable[..., Any]]:
    """Return a function that opens a socket: ``await browser("/ws/…", user=…)``."""
    connections["default"] = tests_connection
    opened: list[Socket] = []

    async def open_socket(address: str, *, user: Any = None, headers: Mapping[str, str] | None = None) -> Socket:
        sent = {"host": "testserver", **({"cookie": cookie_of(user)} if user else {}), **(headers or {})}
        socket = Socket(
            address, tests_connection, headers=[(name.encode(), value.encode()) for name, value in sent.items()]
        )
        opened.append(socket)
        return await socket.open()

    yield open_socket
    for socket in opened:
        await socket.leave()
    layer = get_channel_layer()
    assert layer is not None
    await layer.flush()
