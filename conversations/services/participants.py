"""Who takes part."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from common import events
from conversations.errors import ConversationClosed
from conversations.events import ParticipantAdded, ParticipantRemoved, ReadMoved, TypingStarted
from conversations.models import Conversation, Participant
from conversations.services.identities import ensure_user
from conversations.services.messages import lock_conversations


@transaction.atomic
def add_participant(
    *, conversation_id: UUID, kind: str, identity: str, name: str, now: datetime, worker_id: UUID | None = None
) -> Participant:
    """
    Let somebody with an identity join; joining twice changes nothing.

    :raises ConversationClosed: too late.
    :raises Conversation.DoesNotExist: unknown.
    """
    conversation = lock_conversations([conversation_id]).get(conversation_id)
    if conversation is None:
        raise Conversation.DoesNotExist
    present = conversation.participants.filter(identity=identity).first()
    if present is not None:
        return present
    if conversation.is_closed:
        raise ConversationClosed
    participant = Participant.objects.create(
        account_id=conversation.account_id,
        conversation=conversation,
        kind=kind,
        identity=identity,
        name=name[:256],
        worker_id=worker_id,
        created_at=now,
        updated_at=now,
    )
    ensure_user(account_id=conversation.account_id, identity=identity, now=now)
    if kind == Participant.Kind.AGENT:
        conversation.agents += 1
        conversation.save(update_fields=("agents",))
    events.publish(
        ParticipantAdded(
            account_id=conversation.account_id,
            conversation_id=conversation.id,
            has_webhooks=conversation.has_webhooks,
            participant_id=participant.id,
            kind=kind,
            name=participant.name,
            worker_id=worker_id,
        )
    )
    return participant


@transaction.atomic
def remove_participant(*, conversation_id: UUID, identity: str) -> bool:
    """Let somebody leave. Returns whether they were there."""
    conversation = lock_conversations([conversation_id]).get(conversation_id)
    participant = conversation and conversation.participants.filter(identity=identity).first()
    if conversation is None or participant is None:
        return False
    participant_id = participant.id
    participant.delete()
    if participant.kind == Participant.Kind.AGENT:
        conversation.agents = max(0, conversation.agents - 1)
        conversation.save(update_fields=("agents",))
    events.publish(
        ParticipantRemoved(
            account_id=conversation.account_id,
            conversation_id=conversation.id,
            has_webhooks=conversation.has_webhooks,
            participant_id=participant_id,
            kind=participant.kind,
            name=participant.name,
            worker_id=participant.worker_id,
        )
    )
    return True


@transaction.atomic
def await_agent(*, conversation_id: UUID, awaited: bool) -> bool:
    """Keep flows silent although no agent is there (``awaited``), or no longer. Returns whether that changed."""
    conversation = lock_conversations([conversation_id]).get(conversation_id)
    if conversation is None or conversation.awaits_agent == awaited:
        return False
    conversation.awaits_agent = awaited
    conversation.save(update_fields=("awaits_agent",))
    return True


def mark_read(*, participant_id: UUID, index: int, now: datetime) -> bool:
    """Move a read horizon forward, never back. Returns whether it moved."""
    behind = Participant.objects.filter(id=participant_id).filter(
        Q(last_read_message_index=None) | Q(last_read_message_index__lt=index)
    )
    return bool(behind.update(last_read_message_index=index, last_read_at=now))


def announce_reading(*, account_id: UUID, conversation_id: UUID, kind: str, index: int) -> None:
    """Tell that somebody at a screen has read as far as a message."""
    events.announce(ReadMoved(account_id=account_id, conversation_id=conversation_id, kind=kind, index=index))


def announce_typing(*, account_id: UUID, conversation_id: UUID, author: str, kind: str) -> None:
    """Tell the others that somebody types."""
    events.announce(TypingStarted(account_id=account_id, conversation_id=conversation_id, author=author, kind=kind))
