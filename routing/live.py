"""
How the floor is at this moment, for the wallboard and the supervisors' lists.

Every read is one statement, whatever the number of workers and tasks; sums are made by the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Count, Min, Q

from routing.models import (
    Reservation,
    RoutingEvent,
    Task,
    Worker,
    WorkerChannel,
    WorkerQueueMembership,
)

OPEN = (Task.Status.PENDING, Task.Status.RESERVED, Task.Status.ASSIGNED, Task.Status.WRAPPING)
WAITING = Task.OPEN


@dataclass(frozen=True, slots=True)
class Load:
    """The open tasks of one queue and task channel in one status; ``oldest`` is when the oldest was made."""

    queue_id: UUID | None
    channel_id: UUID
    status: str
    number: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Served:
    """How many tasks of one queue and task channel were accepted or given up, and how many of them in time."""

    queue_id: UUID | None
    channel_id: UUID
    is_accepted: bool
    number: int
    in_time: int


@dataclass(frozen=True, slots=True)
class Presence:
    """How many workers are in an activity, and how many of them have work."""

    activity_id: UUID
    number: int
    busy: int


@dataclass(frozen=True, slots=True)
class AgentState:
    """A worker as lists need it; ``oldest_work`` is when the oldest of the tasks it holds was accepted."""

    id: UUID
    name: str
    attributes: Mapping[str, Any]
    activity_id: UUID
    since: datetime
    open_count: int
    oldest_work: datetime | None


def loads(workspace_id: UUID) -> list[Load]:
    """Return the open tasks of a workspace by queue, channel and status."""
    rows = Task.objects.filter(workspace_id=workspace_id, status__in=OPEN).order_by()
    grouped = rows.values_list("queue_id", "channel_id", "status").annotate(
        number=Count("id"), oldest=Min("created_at")
    )
    return [Load(*row) for row in grouped]


def served(
    workspace_id: UUID,
    since: datetime,
    *,
    seconds: int,
    by_queue: Mapping[UUID, int],
    by_channel: Mapping[UUID, int],
) -> list[Served]:
    """
    Return what was accepted and what was given up since a moment.

    In time: within ``seconds`` of waiting, or what ``by_queue`` says for its queue, or else ``by_channel``.
    """
    others = ~Q(queue_id__in=list(by_queue)) | Q(queue_id__isnull=True)
    in_time = Q(wait_seconds__lte=seconds) & ~Q(channel_id__in=list(by_channel)) & others
    for channel_id, limit in by_channel.items():
        in_time |= Q(channel_id=channel_id, wait_seconds__lte=limit) & others
    for queue_id, limit in by_queue.items():
        in_time |= Q(queue_id=queue_id, wait_seconds__lte=limit)
    kinds = ("reservation.accepted", "task.canceled")
    rows = RoutingEvent.objects.filter(workspace_id=workspace_id, occurred_at__gte=since, event_type__in=kinds)
    grouped = (
        rows.order_by()
        .values_list("queue_id", "channel_id", "event_type")
        .annotate(number=Count("id"), good=Count("id", filter=in_time))
    )
    return [Served(queue, channel, kind == kinds[0], number, good) for queue, channel, kind, number, good in grouped]


def presences(workspace_id: UUID) -> list[Presence]:
    """Return how many workers are in each activity that somebody is in."""
    rows = Worker.objects.filter(workspace_id=workspace_id).order_by().values_list("activity_id")
    return [Presence(*row) for row in rows.annotate(number=Count("id"), busy=Count("id", filter=Q(open_count__gt=0)))]


def staffing(workspace_id: UUID) -> dict[UUID, tuple[int, int]]:
    """Return for each queue how many available workers it has, and how many of them have nothing to do."""
    rows = WorkerQueueMembership.objects.filter(worker__workspace_id=workspace_id, worker__available=True).order_by()
    counted = rows.values_list("queue_id").annotate(
        number=Count("id"), idle=Count("id", filter=Q(worker__open_count=0))
    )
    return {queue_id: (number, idle) for queue_id, number, idle in counted}


def agent_states(workspace_id: UUID, *, queue_id: UUID | None = None) -> list[AgentState]:
    """Return all workers of a workspace, or those of a queue, by name."""
    rows = Worker.objects.filter(workspace_id=workspace_id).order_by("name_key", "id")
    if queue_id is not None:
        rows = rows.filter(memberships__queue_id=queue_id)
    working = Q(reservations__status__in=(Reservation.Status.ACCEPTED, Reservation.Status.WRAPPING))
    found = rows.values_list("id", "friendly_name", "attributes", "activity_id", "status_changed_at", "open_count")
    return [
        AgentState(key, name, _object(attributes), activity_id, since, open_count, oldest)
        for key, name, attributes, activity_id, since, open_count, oldest in found.annotate(
            oldest=Min("reservations__accepted_at", filter=working)
        )
    ]


def seats(worker_ids: Iterable[UUID]) -> list[WorkerChannel]:
    """Return the seats of workers on their task channels, which are loaded."""
    return list(
        WorkerChannel.objects.filter(worker_id__in=list(worker_ids)).select_related("task_channel").order_by("id")
    )


def held_reservations(
    *, worker_ids: Iterable[UUID] | None = None, task_ids: Iterable[UUID] | None = None
) -> list[Reservation]:
    """Return the open reservations of workers, or of tasks, oldest first, with task, channel, queue and worker."""
    rows = Reservation.objects.filter(status__in=Reservation.HELD)
    if worker_ids is not None:
        rows = rows.filter(worker_id__in=list(worker_ids))
    if task_ids is not None:
        rows = rows.filter(task_id__in=list(task_ids))
    return list(rows.select_related("task__channel", "queue", "worker").order_by("id"))


def open_tasks(
    workspace_id: UUID,
    *,
    statuses: Sequence[str],
    queue_id: UUID | None,
    worker_id: UUID | None,
    offset: int,
    limit: int,
) -> tuple[int, list[Task]]:
    """Return how many open tasks there are, and a page of them, oldest first, with channel and queue."""
    rows = Task.objects.filter(workspace_id=workspace_id, status__in=statuses)
    if queue_id is not None:
        rows = rows.filter(queue_id=queue_id)
    if worker_id is not None:
        rows = rows.filter(
            id__in=Reservation.objects.filter(worker_id=worker_id, status__in=Reservation.HELD).values("task_id")
        )
    page = rows.select_related("channel", "queue").order_by("created_at", "id")[offset : offset + limit]
    return rows.count(), list(page)


def _object(text: str) -> Mapping[str, Any]:
    value = orjson.loads(text or "{}")
    return value if isinstance(value, dict) else {}


def worked_on(task_ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the tasks that somebody works on at this moment."""
    rows = Task.objects.filter(id__in=list(task_ids), status=Task.Status.ASSIGNED)
    return set(rows.values_list("id", flat=True))
