"""What flows announce."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from common.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionStarted(DomainEvent):
    flow_id: UUID
    execution_id: UUID
    conversation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionEnded(DomainEvent):
    """``error`` is empty where the flow came to its own end."""

    flow_id: UUID
    execution_id: UUID
    conversation_id: UUID
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSaved(DomainEvent):
    """A flow has a new revision; ``author`` is the SID of who saved it and ``author_name`` what to show for it."""

    flow_id: UUID
    revision: int
    status: str
    author: str
    author_name: str
