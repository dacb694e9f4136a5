"""``/ws/webchat/``: the customer's socket (docs/contracts.md §7). A token opens one conversation."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs
from uuid import UUID

from channels_app import ingress
from common import clock
from common.errors import BadParameter, TooManyRequests
from common.groupcommit import Overloaded
from common.limits import Bucket
from conversations import queries as conversations
from conversations import services
from conversations.services import InboundMessage, Kind, Received, State
from realtime import database, payloads, tokens, transcript
from realtime.sockets import MAX_BODY, REFUSED, Command, JsonSocket

if TYPE_CHECKING:
    from conversations.models import Conversation, Participant

PAGE = 200
MAX_REF = 100  # characters


class WebchatSocket(JsonSocket):
    """One tab of one customer."""

    token: tokens.ChatToken
    conversation: Conversation
    participant: Participant
    expiry: asyncio.TimerHandle | None = None
    is_told_closed = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.messages = Bucket(per_second=2, burst=40)
        self.typing = Bucket(per_second=0.5, burst=3)

    async def begin(self) -> bool:
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        try:
            self.token = tokens.read(query.get("token", [""])[0], now=clock.now())
        except tokens.TokenRefused:
            await self.close(REFUSED)
            return False
        found = await database.run(_find, self.token)
        if found is None:
            await self.close(REFUSED)
            return False
        self.conversation, self.participant = found
        left = (self.token.expires_at - clock.now()).total_seconds()
        self.expiry = asyncio.get_running_loop().call_later(max(0.0, left), self._expire)
        # First hear, then read: what is said in between comes twice and is dropped once.
        conversation_id = self.conversation.id
        await self.follow(conversation_id, -1)
        self.conversation = (await database.run(_find, self.token) or found)[0]
        after = _index(query.get("after", ["-1"])[0])
        self.followed[conversation_id] = min(after, self.conversation.last_message_index)
        await self.catch_up(conversation_id)
        if self.conversation.is_closed:
            await self._tell_closed()
        return True

    async def disconnect(self, code: int) -> None:
        if self.expiry is not None:
            self.expiry.cancel()
        await super().disconnect(code)

    def _expire(self) -> None:
        self.closing = asyncio.get_running_loop().create_task(self.close(REFUSED))

    async def take_message(self, data: dict[str, Any]) -> None:
        """Store a message and acknowledge it with its index; the same ``ref`` again changes nothing."""
        ref, body = data.get("ref"), data.get("body")
        if not isinstance(ref, str) or not 0 < len(ref) <= MAX_REF:
            raise BadParameter(f"A message has a ref of 1 to {MAX_REF} characters")
        if not isinstance(body, str) or not body.strip():
            raise BadParameter("The message is empty")
        if len(body.encode()) > MAX_BODY:
            raise BadParameter(f"The message is longer than {MAX_BODY // 1024} KB")
        if not self.messages.take():
            raise TooManyRequests("Too many messages at once. Wait a moment.")
        conversation = self.conversation
        try:
            result = await ingress.submit(
                InboundMessage(
                    account_id=conversation.account_id,
                    channel_type=conversation.channel_type,
                    connection_id=conversation.connection_id,
                    conversation_id=conversation.id,
                    sender=self.token.identity,
                    recipient=conversation.proxy_address,
                    body=body,
                    name=conversation.customer_name,
                    source_key=transcript.webchat_source_key(conversation.id, ref),
                    client_ref=ref,
                )
            )
        except Overloaded as error:
            raise TooManyRequests("The chat is busy. Try again in a moment.") from error
        if not isinstance(result, Received):
            raise BadParameter(result.reason)
        await self.send_value({"type": "ack", "ref": ref, "index": result.index})

    async def take_typing(self, data: dict[str, Any]) -> None:
        if self.typing.take():
            services.announce_typing(
                account_id=self.conversation.account_id,
                conversation_id=self.conversation.id,
                author=self.token.identity,
                kind=Kind.CUSTOMER,
            )

    async def take_read(self, data: dict[str, Any]) -> None:
        index = data.get("index")
        if not isinstance(index, int) or isinstance(index, bool):
            raise BadParameter("index must be a whole number")
        last = self.followed.get(self.conversation.id, -1)
        await database.run(
            services.mark_read, participant_id=self.participant.id, index=min(index, last), now=clock.now()
        )

    commands: ClassVar[dict[str, Command]] = {"message": take_message, "typing": take_typing, "read": take_read}

    async def read_messages(self, conversation_id: UUID, after: int) -> list[dict[str, Any]]:
        return await database.run(transcript.read, self.conversation, after=after, limit=PAGE)

    async def send_message(self, conversation_id: UUID, message: dict[str, Any]) -> None:
        await self.send_value(payloads.webchat_message(message))

    async def typing_started(self, event: dict[str, Any]) -> None:
        if event["kind"] != Kind.CUSTOMER:
            await self.send_value({"type": "typing", "author": event["author"]})

    async def participant_changed(self, event: dict[str, Any]) -> None:
        if event["kind"] != Kind.CUSTOMER:
            told = {name: event[name] for name in ("kind", "name", "joined")}
            await self.send_value({"type": "participant", **told})

    async def state_changed(self, event: dict[str, Any]) -> None:
        if event["state"] == State.CLOSED:
            # The last words may have been lost on the way, and nothing comes after this.
            await self.catch_up(self.conversation.id)
            await self._tell_closed()

    async def _tell_closed(self) -> None:
        if not self.is_told_closed:
            self.is_told_closed = True
            await self.send_value({"type": "closed"})


def _find(token: tokens.ChatToken) -> tuple[Conversation, Participant] | None:
    """Return what a token opens; None where it is gone."""
    conversation = conversations.find_conversation(token.account_id, token.conversation_id)
    participant = conversations.participant(token.conversation_id, token.identity)
    return None if conversation is None or participant is None else (conversation, participant)


def _index(text: str) -> int:
    digits = text.removeprefix("-")
    return max(-1, int(text)) if digits.isascii() and digits.isdigit() and len(digits) < 10 else -1
