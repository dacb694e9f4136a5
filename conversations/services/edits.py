"""Changing and deleting messages that are there."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from common import events, ids
from common.errors import BadParameter
from conversations.errors import BodyTooLong, ConversationClosed
from conversations.events import MessageRemoved, MessageReplayed, MessageUpdated
from conversations.models import Conversation, Message
from conversations.services import media
from conversations.services.checks import check_attributes
from conversations.services.messages import lock_conversations, message_added

MAX_BYTES = 32 * 1024
# What the channel takes in one message (reference/conversations.md, 3), in characters.
MAX_CHARACTERS = {"sms": 1600, "whatsapp": 1600}


def check_body(body: str, channel_type: str) -> str:
    """
    Return a body that the conversation's channel takes.

    :raises BodyTooLong: it has too many characters for the channel, or more than 32 KB.
    """
    most = MAX_CHARACTERS.get(channel_type)
    if most is not None and len(body) > most:
        raise BodyTooLong(f"Body must have at most {most:,} characters on {channel_type}; this one has {len(body):,}")
    if len(body.encode(errors="replace")) > MAX_BYTES:
        raise BodyTooLong(f"Body must have at most {MAX_BYTES // 1024} KB")
    return body


@transaction.atomic
def update_message(
    *,
    message_id: UUID,
    now: datetime,
    body: str | None = None,
    author: str | None = None,
    attributes: str | None = None,
    created_at: datetime | None = None,
    updated_at: datetime | None = None,
    is_silent: bool = False,
    even_closed: bool = False,
) -> Message:
    """
    Change a message; None leaves a thing as it is. What was sent over a channel stays as the customer has it.

    ``even_closed``: redaction, which no state forbids.

    :raises ConversationClosed: too late.
    :raises BadParameter: too long, or malformed attributes.
    """
    row, message = _locked(message_id)
    if row.is_closed and not even_closed:
        raise ConversationClosed
    if body is not None:
        message.body = check_body(body, row.channel_type)
    if author is not None:
        if not author or len(author) > 256:
            raise BadParameter("Author must have 1 to 256 characters")
        message.author = author
    if attributes is not None:
        message.attributes = check_attributes(attributes)
    message.created_at, message.updated_at = created_at or message.created_at, updated_at or now
    message.save(update_fields=("body", "author", "attributes", "created_at", "updated_at"))
    events.publish(
        MessageUpdated(
            account_id=row.account_id,
            conversation_id=row.id,
            message_id=message.id,
            source=message.source,
            is_silent=is_silent,
            has_webhooks=row.has_webhooks,
        )
    )
    return message


def backdate_message(*, message: Message, created_at: datetime | None, updated_at: datetime | None) -> None:
    """Give a message of a history that comes from elsewhere its own times; its place is where it arrived."""
    message.created_at, message.updated_at = created_at or message.created_at, updated_at or message.updated_at
    message.save(update_fields=("created_at", "updated_at"))


@transaction.atomic
def remove_message(*, message_id: UUID, is_silent: bool = False) -> None:
    """Delete a message with its receipts; its index is not used again."""
    row, message = _locked(message_id)
    events.publish(
        MessageRemoved(
            account_id=row.account_id,
            conversation_id=row.id,
            message_id=message.id,
            source=message.source,
            is_silent=is_silent,
            has_webhooks=row.has_webhooks,
        )
    )
    if message.media:
        media.forget(message_id=message.id)
    message.delete()


@transaction.atomic
def remove_medium(*, message_id: UUID, number: int, now: datetime) -> None:
    """Take one of a message's media off it; the others keep their places."""
    _, message = _locked(message_id)
    if key := ids.parse_or_none("ME", str(message.media[number].get("sid") or "")):
        media.forget(media_id=key)
    message.media = [item if at != number else {} for at, item in enumerate(message.media)]
    message.updated_at = now
    message.save(update_fields=("media", "updated_at"))


def replay_to_flows(row: Conversation, messages: list[Message]) -> None:
    """Tell the customer's earlier messages to the flow that was attached after them."""
    told = [message for message in messages if message.source == Message.Source.CUSTOMER]
    events.publish(*(message_added(message, row, as_type=MessageReplayed) for message in told))


def _locked(message_id: UUID) -> tuple[Conversation, Message]:
    conversation_id = Message.objects.values_list("conversation_id", flat=True).get(id=message_id)
    row = lock_conversations([conversation_id])[conversation_id]
    return row, Message.objects.get(id=message_id)
