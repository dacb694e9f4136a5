"""What interactions announce."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from common.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionCreated(DomainEvent):
    interaction_id: UUID
    channel_id: UUID
    conversation_id: UUID
    task_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOffEnded(DomainEvent):
    """
    The hand-over named ``key`` is over; announced once.

    ``outcome``: completed (an agent had it), or canceled (its last task ended without being completed).
    ``outputs``: interaction_sid, channel_sid, conversation_sid, task_sid, worker_sid (null where nobody accepted),
    outcome (what the agent named, may be empty), reason (why the task ended otherwise, may be empty).
    """

    conversation_id: UUID
    interaction_id: UUID
    key: UUID
    outcome: str
    outputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkChanged(DomainEvent):
    """Who is invited to a conversation, takes part or is awaited has changed; ``worker_id`` began that transfer."""

    conversation_id: UUID
    worker_id: UUID | None = None
    transfer_id: UUID | None = None
