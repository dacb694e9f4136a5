"""Sockets whose frames are JSON both ways: bounds on what comes in, and words for what goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any, ClassVar
from urllib.parse import urlsplit

import orjson
from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.db import SessionStore
from django.http.cookie import parse_cookie

from common.api.app import MUST_ENROL
from common.errors import ApiError, BadParameter
from common.limits import Bucket
from realtime import broadcast

logger = logging.getLogger(__name__)

MAX_BODY = 32 * 1024  # bytes of a message's text
# A body of that size may be all escapes, six characters each.
MAX_FRAME = 6 * MAX_BODY + 4096

REFUSED = 4401
FORBIDDEN = 4403
NOT_FOUND = 4404
TOO_FAST = 4429

Command = Callable[[Any, dict[str, Any]], Awaitable[None]]


class JsonFrames(AsyncWebsocketConsumer, ABC):
    """A socket whose frames are JSON objects with a ``type``; ``commands`` has a method for each that is understood."""

    commands: ClassVar[dict[str, Command]] = {}
    frames_per_second: ClassVar[float] = 10
    frames_at_once: ClassVar[float] = 100

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.frames = Bucket(self.frames_per_second, self.frames_at_once)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Call the method that the message's type names."""
        # Channels' own looks after the database connections of a thread that is not used here: a hop for each message.
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        # This process has sockets, so this loop is the one to broadcast from.
        broadcast.set_loop(asyncio.get_running_loop())
        # A refusal has a code that browsers see only on an accepted socket.
        await self.accept()
        if await self.begin():
            self.begun()

    @abstractmethod
    async def begin(self) -> bool:
        """Find out who this is and send what they missed; False where the socket was refused."""

    def begun(self) -> None:
        """The socket is open, and was not refused."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.frames.take():
            await self.close(TOO_FAST)
            return
        data: dict[str, Any] = {}
        try:
            data = _read(text_data)
            command = self.commands.get(data["type"])
            if command is None:
                raise BadParameter(f"The type {data['type'][:40]!r} is not known here")
            await command(self, data)
        except ApiError as error:
            await self.refuse(error.message, data, code=error.code)
        except Exception:
            logger.exception("A command of a socket failed")
            await self.refuse("The server could not do this. Try again.", data)

    async def refuse(self, message: str, data: dict[str, Any], *, code: int | None = None) -> None:
        """Tell what is wrong with a command, and with which one where it had a reference."""
        ref = data.get("ref")
        named = {"ref": ref} if isinstance(ref, str) else {}
        coded = {} if code is None else {"code": code}
        await self.send_value({"type": "error", "message": message, **coded, **named})

    async def send_value(self, value: dict[str, Any]) -> None:
        # ASGI's word for a client that has gone meanwhile; the disconnect itself is on its way to us.
        with contextlib.suppress(OSError):
            await self.send(text_data=orjson.dumps(value).decode())


def _read(text: str | None) -> dict[str, Any]:
    if text is None:
        raise BadParameter("Send text frames")
    if len(text) > MAX_FRAME:
        raise BadParameter("The frame is too large")
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadParameter("The frame is not valid JSON") from error
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        raise BadParameter("A frame is a JSON object with a type")
    return value


def session_key(headers: dict[bytes, bytes]) -> str:
    """Return the key of the session that a browser's cookie names, "" where there is none."""
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin-1"))
    return str(cookies.get(settings.SESSION_COOKIE_NAME, ""))


def user_of(key: str) -> Any:
    """Return who is logged in by a session; None where nobody is, or nobody of an account."""
    if not key:
        return None
    # Of a request, Django looks at the session only.
    session = SessionStore(key)
    if session.get(MUST_ENROL):
        return None
    user = auth.get_user(SimpleNamespace(session=session))
    return user if user.is_authenticated and user.is_active and user.account_id is not None else None


def is_own_origin(headers: dict[bytes, bytes]) -> bool:
    """Tell whether the page that opens the socket is ours; a program that is no browser sends no origin."""
    return foreign_origin(headers) is None


def foreign_origin(headers: dict[bytes, bytes]) -> str | None:
    """Return the origin of the page that opens the socket, where it is not one of ours."""
    origin = headers.get(b"origin", b"").decode("latin-1")
    if not origin or origin == settings.PUBLIC_URL:
        return None
    host = headers.get(b"host", b"").decode("latin-1")
    return None if host and urlsplit(origin).netloc == host else origin
