"""``/app/v1/conversations``: reading a conversation and writing in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import AppView
from common.api.app import AGENT
from common.api.parsers import Params
from common.errors import BadParameter, Conflict, Forbidden
from console import queries as console
from console.variables import fill, placeholders
from conversations import queries as conversations
from conversations import services
from conversations.errors import BodyTooLong, ConversationClosed
from conversations.services import NewMessage, Source
from conversations.webhooks import listeners, pre
from flows import queries as flows
from realtime import access, customers, payloads, reading, transcript

if TYPE_CHECKING:
    from conversations.models import Conversation, Participant

MAX_PAGE = 500
MOST_HITS = 100
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
        """Return the user's own participant, as worker or as a supervisor who barged in; None for who only looks on."""
        user = self.request.user
        mine = conversations.participations(user.worker_id, [conversation.id]) if user.worker_id else {}
        if conversation.id in mine or user.role == AGENT:
            return mine.get(conversation.id)
        return conversations.participant(conversation.id, user.sid)


class ConversationView(OfConversation):
    def get(self, request: Request, sid: str) -> Response:
        row = self.conversation(sid)
        executions = flows.executions_of_conversations(row.account_id, [row.id]).get(row.id, [])
        told = payloads.conversation(
            row,
            participants=conversations.participants(row.id),
            attributes=_object(row.attributes),
            execution_sids=executions,
        )
        (noted,) = customers.write_earlier(row.account_id, [row])
        return Response({**told, "wrap_ups": noted["wrap_ups"]})


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
        body, fields = _template(params, row) if params.text("template_sid") else (params.text("body") or "", {})
        media = services.media.items_of(
            account_id=self.account_id, conversation_id=row.id, sids=params.texts("media") or []
        )
        _check_body(body, row.channel_type, is_optional=bool(media))
        me = self.me(row)
        if me is None:
            raise Forbidden("Only who takes part in a conversation can write in it")
        source_key = transcript.agent_source_key(self.author_id, ref)
        changes = {} if row.is_closed else self._asked(row, source_key, body, me.identity or "", media)
        try:
            stored = services.add_message(
                NewMessage(
                    conversation_id=row.id,
                    source=Source.AGENT,
                    author=changes.get("author", me.identity or ""),
                    participant_id=me.id,
                    body=changes.get("body", body),
                    media=media,
                    attributes=changes.get("attributes", "{}"),
                    fields=fields,
                    source_key=source_key,
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

    def _asked(
        self, row: Conversation, source_key: str, body: str, author: str, media: list[dict[str, Any]]
    ) -> dict[str, str]:
        """
        Ask the account's pre-webhook, once for each message; returns what it changes.

        :raises RefusedByWebhook: it does not want this to be said.
        """
        if not listeners.asks(row.account_id, "onMessageAdd") or conversations.has_message(source_key):
            return {}
        return pre.ask_of_screens(
            account_id=row.account_id,
            conversation_id=row.id,
            body=body,
            author=author,
            channel_type=row.channel_type,
            media=media,
        )


class SearchView(OfConversation):
    """Where in a conversation words were said, newest first; notes among them, as far as the user sees them."""

    def get(self, request: Request, sid: str) -> Response:
        row = self.conversation(sid)
        words = self.params(request).required("q", max_length=200).strip()
        if not words:
            raise BadParameter("q must have something to look for")
        messages, inside = conversations.search_messages(row.id, words, limit=MOST_HITS + 1)
        told = transcript.write(messages[:MOST_HITS], row, author_id=self.author_id)
        seen = [each for each in inside if access.may_read(request.user, each)]
        return Response(
            {
                "messages": told,
                "internal": transcript.write_internal(seen[:MOST_HITS], author_id=self.author_id),
                "is_cut": len(messages) > MOST_HITS or len(inside) > MOST_HITS,
            }
        )


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
            reading.mark_read(row, me, index=index, now=clock.now())
        return Response(status=204)


def _template(params: Params, conversation: Conversation) -> tuple[str, dict[str, Any]]:
    """
    Return what the customer will read of a template, and the fields that name it to the channel.

    :raises BadParameter: no such template for this channel, or one of its places is empty.
    """
    sid = params.text("template_sid")
    key = ids.parse_or_none("MT", sid)
    template = console.template(conversation.account_id, key) if key else None
    if template is None or template.channel_type != conversation.channel_type:
        raise BadParameter(f"template_sid must be a template for {conversation.channel_type}")
    given = params.json_object("variables") or {}
    places = placeholders(template.body)
    values = {name: str(given.get(name) or "").strip() for name in places}
    if empty := [name for name in places if not values[name]]:
        raise BadParameter(f"variables must have a value for {empty[0]}")
    return fill(template.body, values), {"content_sid": template.content_sid, "content_variables": values}


def _check_body(body: str, channel_type: str, *, is_optional: bool = False) -> None:
    if not body.strip() and not is_optional:
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
