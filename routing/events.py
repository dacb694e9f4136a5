"""What routing announces. ``attributes`` are the task's, parsed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from common.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingHappened(DomainEvent):
    """What all of routing's events carry; None or empty where an event has no such thing."""

    workspace_id: UUID
    task_id: UUID | None = None
    reservation_id: UUID | None = None
    worker_id: UUID | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    occurred_at: datetime | None = None


class TaskCreated(RoutingHappened):
    """A task waits."""


class TaskCanceled(RoutingHappened):
    """A task ended without being worked on; ``reason`` says why."""


class TaskCompleted(RoutingHappened):
    """A task's work is done; ``reservation_id`` and ``worker_id`` are those who did it."""


class TaskWrapping(RoutingHappened):
    """The conversation is over, the worker still finishes up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationCreated(RoutingHappened):
    """A task is offered to a worker until ``expires_at``."""

    expires_at: datetime


class ReservationAccepted(RoutingHappened):
    """The worker has the task now."""


class ReservationRejected(RoutingHappened):
    """The worker declined."""


class ReservationTimedOut(RoutingHappened):
    """The worker did not answer in time."""


class ReservationCanceled(RoutingHappened):
    """The task ended or moved before the worker answered."""


class ReservationRescinded(RoutingHappened):
    """Another worker accepted first."""


class ReservationWrapping(RoutingHappened):
    """The worker finishes up."""


class ReservationCompleted(RoutingHappened):
    """The worker is done with the task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerActivityChanged(RoutingHappened):
    """A worker's activity is another one now; the previous one began at ``since``."""

    activity_id: UUID
    previous_activity_id: UUID
    since: datetime | None = None
