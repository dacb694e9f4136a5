"""Conversations v1: messages and their receipts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common import ids
from common.api.paging import page
from common.api.parsers import Params
from common.errors import BadParameter
from conversations import queries, services
from conversations.api.base import ConversationsView
from conversations.errors import ConversationClosed
from conversations.models import Conversation, Message, Participant, Receipt
from conversations.services.checks import check_attributes
from conversations.webhooks import parameters as tell

SYSTEM = "system"
# Whose words are for flows, too, when REST writes them and asks for it.
CUSTOMERS = (Participant.Kind.CUSTOMER, Participant.Kind.EXTERNAL)


class MessageListView(ConversationsView):
    """``/Conversations/{ConversationSid}/Messages``."""

    def get(self, request: Request, conversation_sid: str) -> Response:
        conversation = self.conversation(conversation_sid)
        descending = self.params(request).text("Order", choices=("", "asc", "desc")) == "desc"
        rows = Message.objects.filter(conversation=conversation)
        answer = page(
            request,
            rows,
            key="messages",
            write=lambda row: row,
            order="-index" if descending else "index",
        )
        answer.data["messages"] = self.written(answer.data["messages"])
        return answer

    def written(self, rows: Sequence[Message]) -> list[dict[str, Any]]:
        """Return messages as they are answered, their receipts read at once."""
        receipts = queries.receipts(row.id for row in rows)
        write = self.write
        return [write.message(row, receipts.get(row.id, ())) for row in rows]

    def post(self, request: Request, conversation_sid: str) -> Response:
        conversation = self.conversation(conversation_sid)
        params = self.params(request)
        content_sid, variables = read_template(params)
        body = "" if content_sid else params.text("Body") or ""
        media_sids = [] if content_sid else [sid for sid in params.texts("MediaSid") or [] if sid]
        media = services.media.items_of(account_id=self.account_id, conversation_id=conversation.id, sids=media_sids)
        if not content_sid and not body and not media_sids:
            raise BadParameter("A message needs a Body, a MediaSid or a ContentSid")
        services.check_body(body, conversation.channel_type)
        author = params.text("Author", max_length=256) or SYSTEM
        attributes = check_attributes(params.text("Attributes") or "")
        told = {
            "ConversationSid": conversation.sid,
            "Body": body,
            "Author": author,
            "Attributes": attributes,
            "Media": tell.media(conversation.id, media),
        }
        if conversation.is_closed:
            raise ConversationClosed
        changes = self.ask_before("onMessageAdd", told, conversation.id)
        body = services.check_body(changes.get("body", body), conversation.channel_type)
        author = changes.get("author", author)[:256] or SYSTEM
        writer = self._author(conversation, author)
        stored = services.add_message(
            services.NewMessage(
                conversation_id=conversation.id,
                source=services.Source.API,
                author=author,
                participant_id=None if writer is None else writer.id,
                body=body,
                media=media,
                attributes=check_attributes(changes.get("attributes", attributes)),
                fields={"content_sid": content_sid, "content_variables": variables} if content_sid else {},
                is_silent=not self.fires,
                is_for_flows=self.fires and writer is not None and writer.kind in CUSTOMERS,
            ),
            now=self.now,
        )
        created_at, updated_at = params.moment("DateCreated"), params.moment("DateUpdated")
        if created_at or updated_at:
            services.backdate_message(message=stored.message, created_at=created_at, updated_at=updated_at)
        return Response(self.write.message(stored.message, ()), status=201)

    def _author(self, conversation: Conversation, author: str) -> Participant | None:
        rows = conversation.participants
        return rows.filter(identity=author).first() or rows.filter(address=author).first()


class OneMessageView(ConversationsView):
    """What the views of one message have in common."""

    def message(self, conversation_sid: str, sid: str) -> Message:
        """
        Return a message of a conversation.

        :raises NotFound: there is none.
        """
        rows = Message.objects.filter(conversation=self.conversation(conversation_sid))
        found = rows.filter(id=self.key("IM", sid)).first()
        if found is None:
            raise self.missing()
        return found


class MessageView(OneMessageView):
    """``/Conversations/{ConversationSid}/Messages/{Sid}``."""

    def get(self, request: Request, conversation_sid: str, sid: str) -> Response:
        row = self.message(conversation_sid, sid)
        return Response(self.write.message(row, queries.receipts([row.id]).get(row.id, ())))

    def post(self, request: Request, conversation_sid: str, sid: str) -> Response:
        row = self.message(conversation_sid, sid)
        params = self.params(request)
        wanted = {"body": params.text("Body"), "author": params.text("Author"), "attributes": params.text("Attributes")}
        given = {name: value for name, value in wanted.items() if value is not None}
        told = tell.message(row) | {name.title(): value for name, value in given.items()}
        given.update(self.ask_before("onMessageUpdate", told, row.conversation_id))
        row = services.update_message(
            message_id=row.id,
            created_at=params.moment("DateCreated"),
            updated_at=params.moment("DateUpdated"),
            now=self.now,
            is_silent=not self.fires,
            **given,
        )
        return Response(self.write.message(row, queries.receipts([row.id]).get(row.id, ())))

    def delete(self, request: Request, conversation_sid: str, sid: str) -> Response:
        row = self.message(conversation_sid, sid)
        self.ask_before("onMessageRemove", tell.message(row), row.conversation_id)
        services.remove_message(message_id=row.id, is_silent=not self.fires)
        return Response(status=204)


class ReceiptListView(OneMessageView):
    """``/Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts``."""

    def get(self, request: Request, conversation_sid: str, message_sid: str) -> Response:
        rows = known_receipts(self.message(conversation_sid, message_sid))
        return page(request, rows, key="delivery_receipts", write=self.write.receipt, order="id")


class ReceiptView(OneMessageView):
    """``/Conversations/{ConversationSid}/Messages/{MessageSid}/Receipts/{Sid}``."""

    def get(self, request: Request, conversation_sid: str, message_sid: str, sid: str) -> Response:
        rows = known_receipts(self.message(conversation_sid, message_sid))
        found = rows.filter(id=self.key("DY", sid)).first()
        if found is None:
            raise self.missing()
        return Response(self.write.receipt(found))


def known_receipts(message: Message) -> Any:
    """Return the receipts of which something can be said: one that waits has no documented status."""
    return Receipt.objects.filter(message=message).exclude(status=Receipt.Status.QUEUED)


def read_template(params: Params) -> tuple[str, dict[str, Any]]:
    """
    Return a message's template and what fills it in; "" without one.

    :raises BadParameter: no SID of a template, or variables that are no JSON object.
    """
    content_sid = params.text("ContentSid") or ""
    if not content_sid:
        return "", {}
    if ids.parse_or_none("HX", content_sid) is None:
        raise BadParameter("ContentSid must be a SID that begins with HX")
    return content_sid, params.json_object("ContentVariables") or {} if params.text("ContentVariables") else {}
