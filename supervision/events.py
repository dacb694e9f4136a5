"""What supervision announces."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from common.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpChanged(DomainEvent):
    """A request for help is new, was taken on, or is over."""

    help_id: UUID
    conversation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchersChanged(DomainEvent):
    """Supervisors began or stopped to look at a conversation, and its agents may know."""

    conversation_id: UUID
