"""How far messages got: one receipt for each external participant, whose status never goes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from common import bulk, events, ids
from conversations.events import ReceiptUpdated
from conversations.models import Conversation, Message, Receipt

# A later word about a message counts only if it says more; a failure is final against sent, not against delivered.
_RANK = {"queued": 0, "sent": 1, "failed": 2, "undelivered": 2, "delivered": 3, "read": 4}
_FAILED = (Receipt.Status.FAILED, Receipt.Status.UNDELIVERED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptUpdate:
    """
    What a provider said about one message to one participant.

    ``is_new_try``: somebody had it sent again, so a failure of before does not count any more.
    """

    message_id: UUID
    participant_id: UUID
    status: str
    error_code: int = 0
    error_message: str = ""
    channel_message_sid: str | None = None
    is_new_try: bool = False


# No savepoint: whatever fails here must undo what it is part of.
@transaction.atomic(savepoint=False)
def record_receipts(batch: Sequence[ReceiptUpdate], *, now: datetime) -> int:
    """Store receipts and announce those that changed; returns how many did. Unknown messages are passed over."""
    if not batch:
        return 0
    messages = _messages({update.message_id for update in batch})
    fresh: dict[tuple[UUID, UUID], Receipt] = {}
    again: list[ReceiptUpdate] = []
    for update in batch:
        message = messages.get(update.message_id)
        if message is None:
            continue
        key = (update.message_id, update.participant_id)
        if key in fresh:
            again.append(update)
            continue
        row = fresh[key] = bulk.new(
            Receipt,
            id=ids.uuid7(),
            account_id=message.account_id,
            message_id=update.message_id,
            conversation_id=message.conversation_id,
            participant_id=update.participant_id,
            status=Receipt.Status.QUEUED,
            created_at=now,
            updated_at=now,
        )
        _apply(row, update, now)
    # Most receipts are their message's first. Those that are not are in the table, locked and judged.
    drawn = bulk.insert_drawn(list(fresh.values()), "id", passing_over=True)
    bulk.flush()
    inserted = {key if isinstance(key, UUID) else UUID(key) for (key,) in drawn}
    changed = {row.id: row for row in fresh.values() if row.id in inserted}
    if len(inserted) < len(fresh) or again:
        known = {key for key, row in fresh.items() if row.id not in inserted}
        rest = [update for update in batch if (update.message_id, update.participant_id) in known]
        changed.update(_move_on([*rest, *again], now))
    events.publish(*(_announcement(row, messages[row.message_id]) for row in changed.values()))
    return len(changed)


class _Message(NamedTuple):
    account_id: UUID
    conversation_id: UUID
    index: int
    source: str
    has_webhooks: bool


def _messages(message_ids: set[UUID]) -> dict[UUID, _Message]:
    """Return what announcements say of messages: not the texts, which may be long."""
    names = ("id", "account_id", "conversation_id", "index", "source")
    rows = bulk.select_values(Message, names, "{id} IN %s", (message_ids,))
    wanted = {row[2] for row in rows}
    told = dict(bulk.select_values(Conversation, ("id", "has_webhooks"), "{id} IN %s", (wanted,)))
    return {
        key: _Message(account, conversation, *rest, told[conversation]) for key, account, conversation, *rest in rows
    }


def _move_on(batch: Sequence[ReceiptUpdate], now: datetime) -> dict[UUID, Receipt]:
    """Judge updates of receipts that are there; returns those that changed."""
    lock = bulk.lock_clause(Receipt, skip_locked=False)
    wanted = {update.message_id for update in batch}
    rows = bulk.select(Receipt, "{message_id} IN %s", (wanted,), tail=f"ORDER BY id {lock}")
    known = {(row.message_id, row.participant_id): row for row in rows}
    changed: dict[UUID, Receipt] = {}
    for update in batch:
        row = known.get((update.message_id, update.participant_id))
        if row is not None and _apply(row, update, now):
            changed[row.id] = row
    bulk.update_many(
        Receipt,
        ("status", "error_code", "error_message", "channel_message_sid", "updated_at"),
        {
            row.id: (row.status, row.error_code, row.error_message, row.channel_message_sid, now)
            for row in changed.values()
        },
    )
    return changed


def record_statuses(
    *,
    account_id: UUID,
    channel_message_sid: str,
    status: str,
    now: datetime,
    error_code: int = 0,
    error_message: str = "",
) -> int:
    """Store what a provider's status callback says; returns how many receipts it changed (0: nothing new)."""
    rows = Receipt.objects.filter(account_id=account_id, channel_message_sid=channel_message_sid)
    return record_receipts(
        [
            ReceiptUpdate(
                message_id=row.message_id,
                participant_id=row.participant_id,
                status=status,
                error_code=error_code,
                error_message=error_message,
            )
            for row in rows
        ],
        now=now,
    )


def _apply(row: Receipt, update: ReceiptUpdate, now: datetime) -> bool:
    further = _RANK[update.status] > _RANK[row.status] or (update.is_new_try and row.status in _FAILED)
    named = update.channel_message_sid is not None and row.channel_message_sid != update.channel_message_sid
    if further:
        row.status = update.status
        row.error_code = update.error_code
        row.error_message = update.error_message[:500]
    if named:
        row.channel_message_sid = update.channel_message_sid
    row.updated_at = now
    return further or named


def _announcement(row: Receipt, message: _Message) -> ReceiptUpdated:
    return ReceiptUpdated(
        account_id=row.account_id,
        conversation_id=row.conversation_id,
        message_id=row.message_id,
        index=message.index,
        source=message.source,
        participant_id=row.participant_id,
        status=row.status,
        error_code=row.error_code,
        error_message=row.error_message,
        has_webhooks=message.has_webhooks,
    )
