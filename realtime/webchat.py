"""``/ws/webchat/``: the customer's socket (docs/contracts.md §7). A token opens one conversation."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs
from uuid import UUID

from channels_app import ingress
from common import clock
from common.errors import BadParameter, Forbidden, TooManyRequests
from common.groupcommit import Overloaded
from common.limits import Bucket
from conversations import queries as conversations
from conversations import services
from conversations.services import InboundMessage, Kind, Received, State, media
from interactions import queries as interactions
from realtime import chats, database, payloads, queueing, tokens, transcript
from realtime.frames import FORBIDDEN, MAX_BODY, REFUSED, Command, foreign_origin
from realtime.sockets import PAGE, JsonSocket, stands_at
from routing import queries as routing

if TYPE_CHECKING:
    from conversations.models import Conversation, Participant
    from routing.queries import Place

MAX_REF = 100  # characters
NO_WAIT = payloads.place(None)
MAX_CONTACT = 320  # characters; the longest e-mail address


class WebchatSocket(JsonSocket):
    """One tab of one customer."""

    token: tokens.ChatToken
    conversation: Conversation
    participant: Participant
    expiry: asyncio.TimerHandle | None = None
    is_told_closed = False
    task_id: UUID | None = None
    told_place: dict[str, Any] | None = None

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
        origin = foreign_origin(dict(self.scope["headers"]))
        if origin is not None and not await database.run(_may_show, self.conversation, origin):
            await self.close(FORBIDDEN)
            return False
        left = (self.token.expires_at - clock.now()).total_seconds()
        self.expiry = asyncio.get_running_loop().call_later(max(0.0, left), self._expire)
        # First hear, then read: what is said in between comes twice and is dropped once.
        conversation_id = self.conversation.id
        await self.follow(conversation_id, -1)
        last, state = await stands_at(conversation_id)
        after = min(_index(query.get("after", ["-1"])[0]), last)
        self.followed[conversation_id] = after
        if after < last:
            await self.catch_up(conversation_id)
        if state == State.CLOSED:
            await self._tell_closed()
            return True
        read_index, task_id = await database.run(_standing, self.conversation.account_id, conversation_id)
        if read_index >= 0:
            await self.send_value({"type": "read", "index": read_index})
        if task_id is not None:
            self._wait(task_id)
        return True

    async def disconnect(self, code: int) -> None:
        self._wait(None)
        if self.expiry is not None:
            self.expiry.cancel()
        await super().disconnect(code)

    def _expire(self) -> None:
        self.closing = asyncio.get_running_loop().create_task(self.close(REFUSED))

    async def take_message(self, data: dict[str, Any]) -> None:
        """Store a message and acknowledge it with its index; the same ``ref`` again changes nothing."""
        ref, body = self._read_text(data)
        payload = data.get("payload")
        if payload is not None and (not isinstance(payload, str) or len(payload) > payloads.MAX_PAYLOAD):
            raise BadParameter(f"A payload is a text of at most {payloads.MAX_PAYLOAD} characters")
        # As the other channels tell of a pressed button.
        fields = {"ButtonText": body, "ButtonPayload": payload} if payload else {}
        await self._submit(ref, body, fields=fields, media=await self._media(data))

    async def take_left_message(self, data: dict[str, Any]) -> None:
        """Store a message of a customer who waits no longer, and how they are to be answered."""
        ref, body = self._read_text(data)
        contact = data.get("contact", "")
        if not isinstance(contact, str) or len(contact) > MAX_CONTACT or "\x00" in contact:
            raise BadParameter(f"The contact is a text of at most {MAX_CONTACT} characters")
        # First the note, then the message: whoever reads the message sees why it is there.
        await database.run(
            chats.leave_message,
            account_id=self.conversation.account_id,
            conversation_id=self.conversation.id,
            contact=contact.strip(),
            now=clock.now(),
        )
        await self._submit(ref, body, fields={})

    def _read_text(self, data: dict[str, Any]) -> tuple[str, str]:
        ref, body = data.get("ref"), data.get("body")
        if not isinstance(ref, str) or not 0 < len(ref) <= MAX_REF:
            raise BadParameter(f"A message has a ref of 1 to {MAX_REF} characters")
        if not isinstance(body, str) or not (body.strip() or data.get("media")):
            raise BadParameter("The message is empty")
        if len(body.encode()) > MAX_BODY:
            raise BadParameter(f"The message is longer than {MAX_BODY // 1024} KB")
        return ref, body

    async def _media(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        sids = data.get("media")
        if sids is None:
            return []
        if not isinstance(sids, list) or not all(isinstance(sid, str) for sid in sids):
            raise BadParameter("media is a list of the SIDs of uploaded files")
        conversation = self.conversation
        return await database.run(
            media.items_of, account_id=conversation.account_id, conversation_id=conversation.id, sids=sids
        )

    async def _submit(
        self, ref: str, body: str, *, fields: dict[str, Any], media: Sequence[dict[str, Any]] = ()
    ) -> None:
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
                    fields=fields,
                    media=list(media),
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

    commands: ClassVar[dict[str, Command]] = {
        "message": take_message,
        "leave_message": take_left_message,
        "typing": take_typing,
        "read": take_read,
    }

    async def read_messages(self, conversation_id: UUID, after: int) -> list[dict[str, Any]]:
        return await database.run(transcript.read, self.conversation, after=after, limit=PAGE)

    async def send_message(self, conversation_id: UUID, message: dict[str, Any]) -> None:
        await self.send_value(payloads.webchat_message(message, until=self.token.expires_at))

    async def typing_started(self, event: dict[str, Any]) -> None:
        if event["kind"] != Kind.CUSTOMER:
            await self.send_value({"type": "typing", "author": event["author"]})

    async def participant_changed(self, event: dict[str, Any]) -> None:
        if event["kind"] != Kind.CUSTOMER:
            told = {name: event[name] for name in ("kind", "name", "joined")}
            await self.send_value({"type": "participant", **told})

    async def media_updated(self, event: dict[str, Any]) -> None:
        told = payloads.webchat_media(event["media"], until=self.token.expires_at)
        await self.send_value({"type": "media", "index": event["index"], "media": told})

    async def read_moved(self, event: dict[str, Any]) -> None:
        if event["kind"] == Kind.AGENT:
            await self.send_value({"type": "read", "index": event["index"]})

    async def wait_began(self, event: dict[str, Any]) -> None:
        self._wait(UUID(event["task_id"]))

    def _wait(self, task_id: UUID | None) -> None:
        """Have the board tell where this task stands from now on, and no other."""
        if self.task_id is not None:
            queueing.board().remove(self.task_id, self)
        self.task_id = task_id
        if task_id is not None:
            queueing.board().add(task_id, self)

    async def tell_place(self, place: Place | None) -> None:
        """From the board: where the customer stands, if that is news."""
        told = payloads.place(place)
        if place is None:
            self.task_id = None
        # Who was never told of a wait need not hear of its end.
        if told != (self.told_place or NO_WAIT):
            self.told_place = told
            await self.send_value(told)

    async def state_changed(self, event: dict[str, Any]) -> None:
        if event["state"] == State.CLOSED:
            # The last words may have been lost on the way, and nothing comes after this.
            await self.catch_up(self.conversation.id)
            await self._tell_closed()

    async def _tell_closed(self) -> None:
        if not self.is_told_closed:
            self.is_told_closed = True
            await self.send_value({"type": "closed"})


def _may_show(conversation: Conversation, origin: str) -> bool:
    try:
        chats.check_origin(chats.settings_of(conversation), origin)
    except Forbidden:
        return False
    return True


def _find(token: tokens.ChatToken) -> tuple[Conversation, Participant] | None:
    """Return what a token opens; None where it is gone."""
    conversation = conversations.find_conversation(token.account_id, token.conversation_id)
    participant = conversations.participant(token.conversation_id, token.identity)
    return None if conversation is None or participant is None else (conversation, participant)


def _standing(account_id: UUID, conversation_id: UUID) -> tuple[int, UUID | None]:
    """Return how far agents have read, and the task that waits for one, if there is one."""
    agents = (each for each in conversations.participants(conversation_id) if each.kind == Kind.AGENT)
    read_index = max(
        (each.last_read_message_index for each in agents if each.last_read_message_index is not None), default=-1
    )
    waiting = (routing.task(account_id, key) for key in reversed(interactions.tasks_of_conversation(conversation_id)))
    return read_index, next((task.id for task in waiting if task is not None and task.status in task.OPEN), None)


def _index(text: str) -> int:
    digits = text.removeprefix("-")
    return max(-1, int(text)) if digits.isascii() and digits.isdigit() and len(digits) < 10 else -1
