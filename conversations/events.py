"""What conversations announce."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from common.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationCreated(DomainEvent):
    conversation_id: UUID
    channel_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAdded(DomainEvent):
    """
    A message was stored. ``source`` is one of ``Message.Source``; ``fields`` are the provider's, in Twilio's names.

    ``handled_by_agent``: at least one agent takes part, so flows stay silent.
    """

    conversation_id: UUID
    message_id: UUID
    index: int
    source: str
    author: str
    participant_id: UUID | None
    body: str
    media: list[dict[str, Any]]
    attributes: str
    created_at: datetime
    channel_type: str
    customer_address: str
    proxy_address: str
    connection_id: UUID | None
    handled_by_agent: bool
    fields: dict[str, Any] = field(default_factory=dict)
    customer_name: str = ""
    client_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationStateUpdated(DomainEvent):
    """``reason``: API, TIMER or EVENT (reference/conversations.md, 1)."""

    conversation_id: UUID
    old: str
    new: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantAdded(DomainEvent):
    conversation_id: UUID
    participant_id: UUID
    kind: str
    name: str
    worker_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantRemoved(DomainEvent):
    conversation_id: UUID
    participant_id: UUID
    kind: str
    name: str
    worker_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptUpdated(DomainEvent):
    conversation_id: UUID
    message_id: UUID
    index: int
    source: str
    participant_id: UUID
    status: str
    error_code: int
    error_message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingStarted(DomainEvent):
    """Somebody types; live only, leaves no row."""

    conversation_id: UUID
    author: str
    kind: str
