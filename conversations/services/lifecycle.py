"""A conversation's own life as REST writes it: begun, changed, woken, closed, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from common import events, ids
from common.errors import BadParameter
from common.models import OutboxEntry
from conversations.errors import ConversationClosed, InitiallyClosed, TimersWithoutState, UniqueNameTaken
from conversations.events import ConversationCreated, ConversationRemoved, ConversationUpdated
from conversations.models import Conversation
from conversations.services import media
from conversations.services.checks import (
    CONVERSATION_ATTRIBUTES,
    LEAST_CLOSED,
    LEAST_INACTIVE,
    check_attributes,
    check_timer,
)
from conversations.services.configuration import default_timers
from conversations.services.messages import lock_conversations
from conversations.services.threads import close_conversation
from conversations.services.timers import change_state, set_timer
from conversations.webhooks.fanout import EVENTS_TOPIC

MAX_NAME = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationChange:
    """
    What REST writes of a conversation. None leaves a thing as it is, an empty text takes it away.

    Timers are ISO 8601 durations; ``created_at`` and ``updated_at`` are for histories brought from elsewhere.
    """

    friendly_name: str | None = None
    unique_name: str | None = None
    attributes: str | None = None
    messaging_service_sid: str | None = None
    state: str | None = None
    inactive_timer: str | None = None
    closed_timer: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@transaction.atomic
def begin_conversation(
    *, account_id: UUID, what: ConversationChange, now: datetime, is_silent: bool = False
) -> Conversation:
    """
    Create a conversation with nobody in it.

    :raises InitiallyClosed: ``state`` is closed.
    :raises TimersWithoutState: ``state`` is there but empty, and timers are set.
    :raises UniqueNameTaken: an open conversation has the name.
    :raises BadParameter: a text is malformed or too long.
    """
    if what.state == Conversation.State.CLOSED:
        raise InitiallyClosed("A conversation cannot be created closed")
    if what.state == "" and (what.inactive_timer or what.closed_timer):
        raise TimersWithoutState("Timers cannot be set while State is empty: name a state, or leave State out")
    row = Conversation(
        id=ids.uuid7(),
        account_id=account_id,
        state=what.state or Conversation.State.ACTIVE,
        created_at=now,
        updated_at=now,
        timers_from=now,
    )
    row.inactive_after, row.closed_after = default_timers(account_id)
    _apply(row, what, now)
    _save(row, is_new=True)
    events.publish(
        ConversationCreated(
            account_id=account_id, conversation_id=row.id, channel_type=row.channel_type, is_silent=is_silent
        )
    )
    set_timer(row)
    return row


@transaction.atomic
def update_conversation(
    *, conversation_id: UUID, what: ConversationChange, now: datetime, is_silent: bool = False
) -> Conversation:
    """
    Change a conversation.

    :raises ConversationClosed: it is closed already.
    :raises UniqueNameTaken: another open conversation has the name.
    :raises BadParameter: a text is malformed or too long.
    """
    row = lock_conversations([conversation_id]).get(conversation_id)
    if row is None:
        raise Conversation.DoesNotExist
    if row.is_closed:
        raise ConversationClosed
    changed = any(getattr(what, name) is not None for name in what.__slots__ if name != "state")
    if changed:
        row.updated_at = now
        _apply(row, what, now)
        _save(row, is_new=False)
        events.publish(
            ConversationUpdated(
                account_id=row.account_id,
                conversation_id=row.id,
                is_silent=is_silent,
                has_webhooks=row.has_webhooks,
            )
        )
    if what.state == Conversation.State.CLOSED:
        close_conversation(conversation_id=row.id, reason="API", now=now, is_silent=is_silent)
        row.refresh_from_db()
    elif what.state and what.state != row.state:
        row.timers_from = now
        row.save(update_fields=("timers_from",))
        change_state(row, what.state, reason="API", now=now, is_silent=is_silent)
    set_timer(row)
    return row


@transaction.atomic
def delete_conversation(*, conversation_id: UUID, now: datetime, is_silent: bool = False) -> None:
    """Close a conversation, then delete it with its messages and participants, and all that waits for it."""
    row = lock_conversations([conversation_id]).get(conversation_id)
    if row is None:
        raise Conversation.DoesNotExist
    close_conversation(conversation_id=row.id, reason="API", now=now, is_silent=True)
    # What waits for the conversation could never be done any more; what is to be told of it goes on.
    OutboxEntry.objects.filter(key=row.id).exclude(topic=EVENTS_TOPIC).delete()
    events.publish(
        ConversationRemoved(
            account_id=row.account_id,
            conversation_id=row.id,
            is_silent=is_silent,
            has_webhooks=row.has_webhooks,
        )
    )
    media.forget(conversation_id=row.id)
    Conversation.objects.filter(id=row.id).delete()


def _apply(row: Conversation, what: ConversationChange, now: datetime) -> None:
    for name in ("friendly_name", "unique_name"):
        text = getattr(what, name)
        if text is not None:
            if len(text) > MAX_NAME:
                raise BadParameter(f"{name.title().replace('_', '')} must have at most {MAX_NAME} characters")
            setattr(row, name, text or None)
    if what.attributes is not None:
        row.attributes = check_attributes(what.attributes, most=CONVERSATION_ATTRIBUTES)
    if what.messaging_service_sid is not None:
        if what.messaging_service_sid and ids.parse_or_none("MG", what.messaging_service_sid) is None:
            raise BadParameter("MessagingServiceSid must be a SID that begins with MG")
        row.messaging_service_sid = what.messaging_service_sid or None
    if what.inactive_timer is not None:
        row.inactive_after = check_timer(what.inactive_timer, name="Timers.Inactive", least=LEAST_INACTIVE)
        row.timers_from = now
    if what.closed_timer is not None:
        row.closed_after = check_timer(what.closed_timer, name="Timers.Closed", least=LEAST_CLOSED)
        row.timers_from = now
    row.created_at = what.created_at or row.created_at
    row.updated_at = what.updated_at or row.updated_at


def _save(row: Conversation, *, is_new: bool) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=is_new)
    except IntegrityError as error:
        raise UniqueNameTaken(f"Conversation with unique name {row.unique_name!r} already exists") from error
