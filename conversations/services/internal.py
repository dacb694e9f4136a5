"""What colleagues say about a conversation: notes and whispers. It never reaches the customer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from common import events, ids
from common.errors import BadParameter
from conversations.errors import BodyTooLong
from conversations.events import InternalMessageAdded
from conversations.models import Conversation, InternalMessage
from conversations.services import media
from conversations.services.edits import MAX_BYTES
from conversations.services.messages import lock_conversations


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInternalMessage:
    """
    A note or a whisper, by a user. ``source_key`` makes the write idempotent.

    ``to_worker_id``: the one agent whom a whisper is for; None: all who work on the conversation.
    """

    conversation_id: UUID
    kind: str
    user_id: UUID
    author_name: str
    body: str
    worker_id: UUID | None = None
    to_worker_id: UUID | None = None
    media: list[dict[str, Any]] = field(default_factory=list)
    source_key: str | None = None


@dataclass(frozen=True, slots=True)
class StoredInternal:
    """The row; not ``is_new`` where the same ``source_key`` had been stored before."""

    row: InternalMessage
    is_new: bool


@transaction.atomic
def add_internal_message(item: NewInternalMessage, *, now: datetime) -> StoredInternal:
    """
    Add a note or a whisper, also to a closed conversation; its state, times and unread counts stay as they are.

    :raises Conversation.DoesNotExist: unknown.
    :raises BadParameter: nothing is said.
    :raises BodyTooLong: more than 32 KB.
    """
    body = item.body.replace("\x00", "")
    if not body.strip() and not item.media:
        raise BadParameter("The note is empty")
    if len(body.encode(errors="replace")) > MAX_BYTES:
        raise BodyTooLong(f"A note has at most {MAX_BYTES // 1024} KB")
    conversation = lock_conversations([item.conversation_id]).get(item.conversation_id)
    if conversation is None:
        raise Conversation.DoesNotExist
    if item.source_key is not None:
        known = InternalMessage.objects.filter(source_key=item.source_key).first()
        if known is not None:
            return StoredInternal(known, is_new=False)
    newest = conversation.internal_messages.order_by("-number").values_list("number", flat=True).first()
    row = InternalMessage.objects.create(
        account_id=conversation.account_id,
        conversation=conversation,
        number=0 if newest is None else newest + 1,
        after_index=conversation.last_message_index,
        kind=item.kind,
        user_id=item.user_id,
        worker_id=item.worker_id,
        author_name=item.author_name[:256],
        to_worker_id=item.to_worker_id,
        body=body,
        media=item.media,
        source_key=item.source_key,
        created_at=now,
    )
    if row.media:
        media.tie(
            [key for each in row.media if (key := ids.parse_or_none("ME", each.get("sid", "")))], owner=row, now=now
        )
    keys = [key for held in item.media if (key := ids.parse_or_none("ME", str(held.get("sid") or "")))]
    if keys:
        media.tie(keys, owner=row, now=now)
    events.publish(
        InternalMessageAdded(
            account_id=row.account_id,
            conversation_id=conversation.id,
            internal_message_id=row.id,
            kind=row.kind,
            user_id=row.user_id,
            to_worker_id=row.to_worker_id,
        )
    )
    return StoredInternal(row, is_new=True)
