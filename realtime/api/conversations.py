"""``/app/v1/conversations``: reading a conversation and writing in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api import AppView
from common.errors import BadParameter, Conflict, Forbidden
from conversations import queries as conversations
from conversations import services
from conversations.errors import BodyTooLong, ConversationClosed
from conversations.services import NewMessage, Source
from flows import queries as flows
from realtime import access, payloads, transcript

if TYPE_CHECKING:
    from conversations.models import Conversation, Participant

MAX_PAGE = 200
MAX_REF = 100  # characters
# Of channels whose messages are split or refused beyond it (reference/conversations.md), in characters.
MAX_CHARACTERS = {"sms": 1600, "whatsapp": 1600}
MAX_BYTES = 32 * 1024


class OfConversation(AppView):
    """A view of one conversation that the user may see."""

    def conversation(self, sid: str) -> Conversation:
        return access.visible_conversation(self.request.user, self.key("CH", sid))

    @property
    def author_id(self) -> UUID:
        """What makes the user's messages theirs: the worker, else the user."""
        return self.request.user.worker_id or self.request.user.id

    def me(self, conversation: Conversation) -> Participant | None:
        """Return the user's own participant; None for who only looks on."""
        worker_id = self.request.user.worker_id
        if worker_id is None:
            return None
        return conversations.participations(worker_id, [conversation.id]).get(conversation.id)


class ConversationView(OfConversation):
    def get(self, request: Request, sid: str) -> Response:
        row = self.conversation(sid)
        executions = flows.executions_of_conversations(row.account_id, [row.id]).get(row.id, [])
        return Response(
            payloads.conversation(
                row,
                participants=conversations.participants(row.id),
                attributes=_object(row.attributes),
                execution_sids=executions,
            )
        )


class MessagesView(OfConversation):
    def get(self, request: Request, sid: str) -> Response:
        row = self.conversation(sid)
        params = self.params(request)
        messages = transcript.read(
            row,
            before=params.integer("before", least=0),
            after=params.integer("after", least=-1),
            limit=params.integer("limit", least=1, most=MAX_PAGE) or 50,
            author_id=self.author_id,
        )
        return Response({"messages": messages})

    def post(self, request: Request, sid: str) -> Response:
        row = self.conversation(sid)
        params = self.params(request)
        ref = params.required("client_ref", max_length=MAX_REF)
        body = params.text("body") or ""
        _check_body(body, row.channel_type)
        me = self.me(row)
        if me is None:
            raise Forbidden("Only who takes part in a conversation can write in it")
        try:
            stored = services.add_message(
                NewMessage(
                    conversation_id=row.id,
                    source=Source.AGENT,
                    author=me.identity or "",
                    participant_id=me.id,
                    body=body,
                    source_key=transcript.agent_source_key(self.author_id, ref),
                    client_ref=ref,
                ),
                now=clock.now(),
            )
        except ConversationClosed as error:
            raise Conflict("The conversation is closed", code=error.code) from error
        if stored.message.conversation_id != row.id:
            raise Conflict("This client_ref was used in another conversation")
        # Who answers has read what there was.
        services.mark_read(participant_id=me.id, index=stored.message.index, now=clock.now())
        (told,) = transcript.write([stored.message], row, author_id=self.author_id)
        return Response(told, status=201 if stored.is_new else 200)


class TypingView(OfConversation):
    def post(self, request: Request, sid: str) -> Response:
        row = self.conversation(sid)
        me = self.me(row)
        if me is None:
            raise Forbidden("Only who takes part in a conversation can write in it")
        services.announce_typing(
            account_id=row.account_id, conversation_id=row.id, author=me.identity or "", kind=me.kind
        )
        return Response(status=204)


class ReadView(OfConversation):
    def post(self, request: Request, sid: str) -> Response:
        row = self.conversation(sid)
        index = self.params(request).integer("index", least=0)
        if index is None:
            raise BadParameter("Missing required parameter index in the post body")
        me = self.me(row)
        # Who only looks on leaves no mark.
        if me is not None:
            services.mark_read(participant_id=me.id, index=min(index, row.last_message_index), now=clock.now())
        return Response(status=204)


def _check_body(body: str, channel_type: str) -> None:
    if not body.strip():
        raise BadParameter("The message is empty")
    most = MAX_CHARACTERS.get(channel_type)
    if most is not None and len(body) > most:
        raise BodyTooLong(f"A message on {channel_type} has at most {most:,} characters; this one has {len(body):,}")
    if len(body.encode()) > MAX_BYTES:
        raise BodyTooLong(f"A message has at most {MAX_BYTES // 1024} KB")


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
