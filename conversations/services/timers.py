"""
Conversations that become inactive or closed by themselves.

A timer is one outbox entry a conversation, due at the next deadline. Messages do not move it: when it goes off, the
deadline is worked out anew from the last message, and the entry is put back if that lies ahead.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from common import events, outbox
from conversations.events import ConversationCreated, ConversationStateUpdated
from conversations.models import Conversation
from conversations.services.configuration import default_timers
from conversations.services.messages import lock_conversations
from conversations.services.threads import close_conversation
from conversations.webhooks import listeners

TOPIC = "conversations.timers"
NAME = "timers"
BATCH = 100


def deadlines(row: Conversation) -> tuple[datetime | None, datetime | None]:
    """Return when a conversation becomes inactive and closed if nothing happens; None: never."""
    if row.is_closed:
        return None, None
    since = max(moment for moment in (row.created_at, row.timers_from, row.last_message_at) if moment is not None)

    def after(seconds: int | None) -> datetime | None:
        return None if seconds is None else since + timedelta(seconds=seconds)

    is_active = row.state == Conversation.State.ACTIVE
    return (after(row.inactive_after) if is_active else None), after(row.closed_after)


def set_timer(row: Conversation) -> None:
    """Have a conversation looked at when its next deadline is due; call it where the deadlines may have moved."""
    due = [moment for moment in deadlines(row) if moment is not None]
    if due:
        outbox.put(outbox.Entry(TOPIC, row.id, {}, due_at=min(due), name=NAME))
    else:
        outbox.cancel(topic=TOPIC, key=row.id, name=NAME)


def route_created(event: ConversationCreated) -> outbox.Entry | None:
    """A conversation that a customer began gets the account's timers, where it has some."""
    if not listeners.has_default_timers(event.account_id):
        return None
    return outbox.Entry(TOPIC, event.conversation_id, {"defaults": True}, name=NAME)


def route_state(event: ConversationStateUpdated) -> outbox.Entry | None:
    """A conversation that was woken is looked at, since its timer may have been for its end only."""
    if event.new != Conversation.State.ACTIVE:
        return None
    return outbox.Entry(TOPIC, event.conversation_id, {}, name=NAME)


def drain(now: datetime) -> int:
    """Look at conversations whose timer is due; returns how many."""
    held: dict[UUID, Conversation] = {}

    def lock(keys: list[UUID]) -> list[UUID]:
        held.update(lock_conversations(keys, wait=False))
        # Of deleted ones only the entries are left, to be taken off.
        return keys if len(held) == len(keys) else _free(keys, held)

    with transaction.atomic():
        entries = outbox.claim(topic=TOPIC, now=now, limit=BATCH, lock=lock)
        outbox.done([entry.id for entry in entries])
        for entry in entries:
            row = held.get(entry.key)
            if row is not None:
                _look(row, use_defaults=bool(entry.payload.get("defaults")), now=now)
    return len(entries)


def _free(keys: list[UUID], held: dict[UUID, Conversation]) -> list[UUID]:
    there = set(Conversation.objects.filter(id__in=keys).values_list("id", flat=True))
    return [key for key in keys if key in held or key not in there]


def _look(row: Conversation, *, use_defaults: bool, now: datetime) -> None:
    if use_defaults and row.timers_from is None:
        row.inactive_after, row.closed_after = default_timers(row.account_id)
        row.timers_from = row.created_at
        row.save(update_fields=("inactive_after", "closed_after", "timers_from"))
    inactive, closed = deadlines(row)
    if closed is not None and closed <= now:
        close_conversation(conversation_id=row.id, reason="TIMER", now=now)
        return
    if inactive is not None and inactive <= now:
        change_state(row, Conversation.State.INACTIVE, reason="TIMER", now=now)
    set_timer(row)


def change_state(row: Conversation, state: str, *, reason: str, now: datetime, is_silent: bool = False) -> None:
    """Make a locked, open conversation active or inactive, and announce it."""
    if row.state == state:
        return
    old, row.state, row.updated_at = row.state, state, now
    row.save(update_fields=("state", "updated_at"))
    events.publish(
        ConversationStateUpdated(
            account_id=row.account_id,
            conversation_id=row.id,
            is_silent=is_silent,
            has_webhooks=row.has_webhooks,
            old=old,
            new=state,
            reason=reason,
        )
    )
