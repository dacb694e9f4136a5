"""What conversations announce."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from common.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationEvent(DomainEvent):
    """
    Something in one conversation.

    ``is_silent``: made by REST without asking for webhooks. ``has_webhooks``: addresses listen to this conversation.
    """

    conversation_id: UUID
    is_silent: bool = False
    has_webhooks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationCreated(ConversationEvent):
    channel_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationUpdated(ConversationEvent):
    """Its name, attributes or timers changed; its state has an event of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRemoved(ConversationEvent):
    """It is about to be deleted, with all that is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAdded(ConversationEvent):
    """
    A message was stored. ``source`` is one of ``Message.Source``; ``fields`` are the provider's, in Twilio's names.

    ``handled_by_agent``: at least one agent takes part or is on the way, so flows stay silent; ``awaits_agent``: none
    is there yet. ``is_for_flows``: written by REST in the name of a participant, who asked that flows hear it like a
    customer's. ``held_for``: what hears the customer instead of flows. ``is_shared``: others over channels hear it too.
    """

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
    is_for_flows: bool = False
    awaits_agent: bool = False
    held_for: str = ""
    is_shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageReplayed(MessageAdded):
    """An earlier message, told again to flows: attached with ``ReplayAfter``, or silent until now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageUpdated(ConversationEvent):
    message_id: UUID
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRemoved(ConversationEvent):
    """It is about to be deleted."""

    message_id: UUID
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaUpdated(ConversationEvent):
    """A file that a message was waiting for has come, or will not; ``media`` are all the message's."""

    message_id: UUID
    index: int
    media: list[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationStateUpdated(ConversationEvent):
    """``reason``: API, TIMER or EVENT (reference/conversations.md, 1)."""

    old: str
    new: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantAdded(ConversationEvent):
    participant_id: UUID
    kind: str
    name: str
    worker_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantRemoved(ConversationEvent):
    participant_id: UUID
    kind: str
    name: str
    worker_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantUpdated(ConversationEvent):
    participant_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(DomainEvent):
    """A user of conversations is new (``is_new``) or was changed; ``is_silent`` as in ``ConversationEvent``."""

    user_id: UUID
    is_new: bool
    is_silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptUpdated(ConversationEvent):
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMoved(DomainEvent):
    """Somebody at a screen has read on, to the message of ``index``; live only."""

    conversation_id: UUID
    kind: str
    index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalMessageAdded(DomainEvent):
    """Colleagues were told something about a conversation; nothing that leads to the customer may hear this."""

    conversation_id: UUID
    internal_message_id: UUID
    kind: str
    user_id: UUID
    to_worker_id: UUID | None
