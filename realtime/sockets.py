"""What the two sockets share: JSON both ways, bounds on what comes in, and words for what goes wrong."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar
from uuid import UUID

import orjson
from channels.consumer import get_handler_name
from channels.generic.websocket import AsyncWebsocketConsumer

from common.errors import ApiError, BadParameter
from common.limits import Bucket
from realtime import broadcast, groups, sweep

logger = logging.getLogger(__name__)

MAX_BODY = 32 * 1024  # bytes of a message's text
# A body of that size may be all escapes, six characters each.
MAX_FRAME = 6 * MAX_BODY + 4096

REFUSED = 4401
FORBIDDEN = 4403
TOO_FAST = 4429

Command = Callable[[Any, dict[str, Any]], Awaitable[None]]


class JsonSocket(AsyncWebsocketConsumer, ABC):
    """
    A socket whose frames are JSON objects with a ``type``; ``commands`` has a method for each that is understood.

    Of each conversation it follows, ``followed`` has the index of the newest message it was sent: what comes
    twice is dropped, and what did not come is read (``catch_up``). ``lock`` keeps the two apart.
    """

    commands: ClassVar[dict[str, Command]] = {}
    frames_per_second: ClassVar[float] = 10
    frames_at_once: ClassVar[float] = 100

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.followed: dict[UUID, int] = {}
        self.lock = asyncio.Lock()
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
            sweep.register(self)

    @abstractmethod
    async def begin(self) -> bool:
        """Find out who this is and send what they missed; False where the socket was refused."""

    async def disconnect(self, code: int) -> None:
        sweep.forget(self)
        for conversation_id in list(self.followed):
            await self.channel_layer.group_discard(groups.conversation(conversation_id), self.channel_name)
        self.followed.clear()

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
            await self.refuse(error.message, data)
        except Exception:
            logger.exception("A command of a socket failed")
            await self.refuse("The server could not do this. Try again.", data)

    async def refuse(self, message: str, data: dict[str, Any]) -> None:
        """Tell what is wrong with a command, and with which one where it had a reference."""
        ref = data.get("ref")
        named = {"ref": ref} if isinstance(ref, str) else {}
        await self.send_value({"type": "error", "message": message, **named})

    async def send_value(self, value: dict[str, Any]) -> None:
        await self.send(text_data=orjson.dumps(value).decode())

    async def follow(self, conversation_id: UUID, index: int) -> None:
        """Hear of a conversation from now on; ``index`` is that of the newest message that is known there."""
        await self.channel_layer.group_add(groups.conversation(conversation_id), self.channel_name)
        self.followed[conversation_id] = index

    async def unfollow(self, conversation_id: UUID) -> None:
        if self.followed.pop(conversation_id, None) is not None:
            await self.channel_layer.group_discard(groups.conversation(conversation_id), self.channel_name)

    async def message_added(self, event: dict[str, Any]) -> None:
        """From the group: a message, once, in order and without a gap."""
        conversation_id, message = UUID(event["conversation_id"]), event["message"]
        async with self.lock:
            last = self.followed.get(conversation_id)
            if last is None or message["index"] <= last:
                return
            if message["index"] == last + 1:
                self.followed[conversation_id] = message["index"]
                await self.send_message(conversation_id, message)
                return
        # Hints may be lost or overtake each other.
        await self.catch_up(conversation_id)

    async def catch_up(self, conversation_id: UUID) -> None:
        """Send what the database has after the newest message that was sent."""
        async with self.lock:
            while (last := self.followed.get(conversation_id)) is not None:
                messages = await self.read_messages(conversation_id, last)
                if not messages:
                    return
                for message in messages:
                    self.followed[conversation_id] = message["index"]
                    await self.send_message(conversation_id, message)

    @abstractmethod
    async def read_messages(self, conversation_id: UUID, after: int) -> list[dict[str, Any]]:
        """Return some messages (M) after an index, oldest first; empty where there are no more."""

    @abstractmethod
    async def send_message(self, conversation_id: UUID, message: dict[str, Any]) -> None:
        """Send one message (M) in the socket's own form."""

    async def state_changed(self, event: dict[str, Any]) -> None:
        """From the group, or from the sweep: the conversation's state."""

    async def participant_changed(self, event: dict[str, Any]) -> None:
        """From the group."""

    async def receipt_updated(self, event: dict[str, Any]) -> None:
        """From the group."""

    async def typing_started(self, event: dict[str, Any]) -> None:
        """From the group."""

    async def look_around(self) -> None:
        """From the sweep: check what else the socket depends on."""


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
