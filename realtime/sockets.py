"""What the two sockets of conversations share: which they follow, and that nothing is missing or comes twice."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import Any, ClassVar
from uuid import UUID

from conversations import queries as conversations
from conversations.services import State
from realtime import groups, sweep
from realtime.frames import JsonFrames
from realtime.gathered import Gathered

PAGE = 200
STANDS_AT = Gathered(conversations.last_indexes)


async def stands_at(conversation_id: UUID) -> tuple[int, str]:
    """Return the index of a conversation's newest message and its state; of a deleted one that it is closed."""
    return await STANDS_AT.get(conversation_id) or (-1, State.CLOSED)


class JsonSocket(JsonFrames):
    """
    A socket that follows conversations.

    Of each, ``followed`` has the index of the newest message it was sent: what comes twice is dropped, and what did
    not come is read (``catch_up``). ``lock`` keeps the two apart.
    """

    # The sweep asks every socket of this kind to ``look_around``, not only those that are behind.
    looks_around: ClassVar[bool] = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.followed: dict[UUID, int] = {}
        self.lock = asyncio.Lock()

    def begun(self) -> None:
        sweep.register(self)

    async def disconnect(self, code: int) -> None:
        sweep.forget(self)
        for conversation_id in list(self.followed):
            await self.channel_layer.group_discard(groups.conversation(conversation_id), self.channel_name)
        self.followed.clear()

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
                for message in messages:
                    self.followed[conversation_id] = message["index"]
                    await self.send_message(conversation_id, message)
                if len(messages) < PAGE:
                    return

    @abstractmethod
    async def read_messages(self, conversation_id: UUID, after: int) -> list[dict[str, Any]]:
        """Return the ``PAGE`` messages (M) after an index, oldest first; fewer where there are no more."""

    @abstractmethod
    async def send_message(self, conversation_id: UUID, message: dict[str, Any]) -> None:
        """Send one message (M) in the socket's own form."""

    async def state_changed(self, event: dict[str, Any]) -> None:
        """From the group, or from the sweep: the conversation's state."""

    async def participant_changed(self, event: dict[str, Any]) -> None:
        """From the group."""

    async def receipt_updated(self, event: dict[str, Any]) -> None:
        """From the group."""

    async def media_updated(self, event: dict[str, Any]) -> None:
        """From the group."""

    async def typing_started(self, event: dict[str, Any]) -> None:
        """From the group."""

    async def read_moved(self, event: dict[str, Any]) -> None:
        """From the group: somebody has read up to a message."""

    async def wait_began(self, event: dict[str, Any]) -> None:
        """From the group: a worker is looked for."""

    async def look_around(self) -> None:
        """From the sweep: check what else the socket depends on."""
