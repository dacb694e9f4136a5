"""Reads of routing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q

from common import ids
from routing.calendars import calendar_now
from routing.calendars import flow_calendars as calendars_for_flows
from routing.models import (
    Activity,
    Calendar,
    Reservation,
    RoutingEvent,
    Task,
    TaskChannel,
    TaskQueue,
    Worker,
    WorkerChannel,
    WorkerQueueMembership,
    Workflow,
    Workspace,
)
from routing.waiting import Place, places

__all__ = (
    "OPEN_RESERVATION",
    "Place",
    "WorkerInfo",
    "activities",
    "calendar_names",
    "calendar_now",
    "calendars_for_flows",
    "default_workspace",
    "has_open_reservation",
    "open_reservations",
    "places",
    "queue_loads",
    "reservation",
    "reservation_of_task",
    "reservations_of",
    "task",
    "task_channels",
    "task_queues",
    "worker",
    "worker_loads",
    "workers",
    "workflows",
)

OPEN_RESERVATION = tuple(str(status) for status in Reservation.HELD)  # the states in which a worker has to do with it


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """A worker with its activity; ``attributes`` are parsed."""

    id: UUID
    account_id: UUID
    workspace_id: UUID
    friendly_name: str
    attributes: dict[str, Any]
    activity_id: UUID
    activity_name: str
    available: bool
    status_changed_at: datetime

    @property
    def sid(self) -> str:
        return ids.sid("WK", self.id)


def default_workspace(account_id: UUID) -> Workspace | None:
    """Return the workspace that an account's hand-overs go to."""
    return Workspace.objects.filter(account_id=account_id, is_default=True).first()


def workflows(account_id: UUID) -> list[Workflow]:
    """Return the workflows of the account's default workspace, oldest first."""
    return list(Workflow.objects.filter(workspace__account_id=account_id, workspace__is_default=True).order_by("id"))


def task_channels(account_id: UUID) -> list[TaskChannel]:
    """Return the task channels of the account's default workspace, oldest first."""
    mine = TaskChannel.objects.filter(workspace__account_id=account_id, workspace__is_default=True)
    return list(mine.order_by("id"))


def task_queues(account_id: UUID) -> list[TaskQueue]:
    """Return the task queues of the account's default workspace, oldest first."""
    return list(TaskQueue.objects.filter(workspace__account_id=account_id, workspace__is_default=True).order_by("id"))


def activities(workspace_id: UUID) -> list[Activity]:
    """Return the activities of a workspace, oldest first."""
    return list(Activity.objects.filter(workspace_id=workspace_id).order_by("id"))


def worker(worker_id: UUID) -> WorkerInfo | None:
    """Return a worker, or None where there is none."""
    row = Worker.objects.select_related("activity").filter(id=worker_id).first()
    return None if row is None else _info(row)


def workers(worker_ids: Iterable[UUID]) -> dict[UUID, WorkerInfo]:
    """Return workers by id; unknown ones are left out."""
    rows = Worker.objects.select_related("activity").filter(id__in=set(worker_ids))
    return {row.id: _info(row) for row in rows}


def calendar_names(account_id: UUID) -> dict[str, str]:
    """Return the names of an account's opening hours by SID, in order of name."""
    rows = Calendar.objects.filter(account_id=account_id).order_by("name").values_list("id", "name")
    return {ids.sid("CL", key): name for key, name in rows}


def open_reservations(worker_id: UUID) -> list[Reservation]:
    """Return a worker's pending, accepted and wrapping reservations, oldest first, with task, channel and queue."""
    mine = Reservation.objects.filter(worker_id=worker_id, status__in=Reservation.HELD)
    return list(mine.select_related("task__channel", "queue").order_by("id"))


def reservations_of(worker_id: UUID, reservation_ids: Sequence[UUID]) -> list[Reservation]:
    """Return some of a worker's reservations whatever became of them; those of others are left out."""
    mine = Reservation.objects.filter(worker_id=worker_id, id__in=reservation_ids)
    return list(mine.select_related("task__channel", "queue").order_by("id"))


def reservations(reservation_ids: Sequence[UUID]) -> list[Reservation]:
    """Return reservations of any workers, whatever became of them, with task, channel and queue."""
    return list(Reservation.objects.select_related("task__channel", "queue").filter(id__in=reservation_ids))


def held_statuses(worker_ids: Sequence[UUID]) -> dict[UUID, dict[UUID, str]]:
    """Return the status of every open reservation, by worker; of who has none, nothing."""
    found: dict[UUID, dict[UUID, str]] = {}
    held = Reservation.objects.filter(worker_id__in=worker_ids, status__in=Reservation.HELD)
    for worker_id, reservation_id, status in held.values_list("worker_id", "id", "status"):
        found.setdefault(worker_id, {})[reservation_id] = status
    return found


def reservation(reservation_id: UUID) -> Reservation | None:
    """Return a reservation with task, channel and queue, or None where there is none."""
    return Reservation.objects.select_related("task__channel", "queue").filter(id=reservation_id).first()


def reservation_of_task(task_id: UUID) -> Reservation | None:
    """Return a task's open reservation, where it has exactly one to speak of."""
    held = Reservation.objects.filter(task_id=task_id, status__in=Reservation.HELD)
    return held.order_by("id").first()


def has_open_reservation(worker_id: UUID, task_ids: Iterable[UUID]) -> bool:
    """Tell whether one of these tasks is offered to a worker or held by it."""
    mine = Reservation.objects.filter(worker_id=worker_id, status__in=Reservation.HELD)
    return mine.filter(task_id__in=list(task_ids)).exists()


def task(account_id: UUID, task_id: UUID) -> Task | None:
    """Return an account's task, or None where there is none (ended tasks are forgotten after five minutes)."""
    return Task.objects.select_related("channel", "queue").filter(id=task_id, account_id=account_id).first()


def events_of_tasks(task_ids: Iterable[UUID], event_types: Sequence[str], *, limit: int) -> list[RoutingEvent]:
    """Return the newest events of some kinds of tasks, also of forgotten ones, oldest first."""
    rows = RoutingEvent.objects.filter(task_id__in=list(task_ids), event_type__in=event_types)
    return list(reversed(rows.order_by("-id")[:limit]))


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """A queue of the default workspace: how many tasks wait in it, since when, and who could take them."""

    id: UUID
    friendly_name: str
    waiting: int
    waiting_since: datetime | None
    workers: int
    available: int

    @property
    def sid(self) -> str:
        return ids.sid("WQ", self.id)


def queue_loads(account_id: UUID) -> list[QueueLoad]:
    """Return the load of every queue of an account's default workspace, by name; three statements."""
    rows = TaskQueue.objects.filter(workspace__account_id=account_id, workspace__is_default=True)
    found = list(rows.order_by("friendly_name"))
    waits = Task.objects.filter(queue__in=found, status__in=Task.OPEN).values("queue_id")
    waiting = {row["queue_id"]: row for row in waits.annotate(count=Count("id"), since=Min("queue_entered_at"))}
    members = WorkerQueueMembership.objects.filter(queue__in=found).values("queue_id")
    staff = {
        row["queue_id"]: row
        for row in members.annotate(count=Count("id"), free=Count("id", filter=Q(worker__available=True)))
    }
    return [
        QueueLoad(
            id=row.id,
            friendly_name=row.friendly_name,
            waiting=waiting.get(row.id, {}).get("count", 0),
            waiting_since=waiting.get(row.id, {}).get("since"),
            workers=staff.get(row.id, {}).get("count", 0),
            available=staff.get(row.id, {}).get("free", 0),
        )
        for row in found
    ]


@dataclass(frozen=True, slots=True)
class WorkerLoad:
    """A worker with how many tasks they have now, and whether their seat on a task channel has room."""

    worker: WorkerInfo
    open_tasks: int
    has_room: bool


def worker_loads(account_id: UUID, *, task_channel: str, search: str = "", limit: int = 100) -> list[WorkerLoad]:
    """Return workers of the default workspace, the available and least busy first; ``search`` is a part of the name."""
    rows = Worker.objects.filter(workspace__account_id=account_id, workspace__is_default=True)
    if search:
        rows = rows.filter(friendly_name__icontains=search)
    free = WorkerChannel.objects.filter(worker_id=OuterRef("id"), task_channel__unique_name=task_channel, is_free=True)
    rows = rows.select_related("activity").annotate(has_room=Exists(free))
    return [
        WorkerLoad(_info(row), row.open_count, row.has_room)
        for row in rows.order_by("-available", "open_count", "friendly_name")[:limit]
    ]


def _info(row: Worker) -> WorkerInfo:
    return WorkerInfo(
        id=row.id,
        account_id=row.account_id,
        workspace_id=row.workspace_id,
        friendly_name=row.friendly_name,
        attributes=json.loads(row.attributes),
        activity_id=row.activity_id,
        activity_name=row.activity.friendly_name,
        available=row.available,
        status_changed_at=row.status_changed_at,
    )


def count_open_tasks() -> dict[str, int]:
    """Return how many tasks of the installation are not over, by status; for those who operate it."""
    open_ones = (Task.Status.PENDING, Task.Status.RESERVED, Task.Status.ASSIGNED, Task.Status.WRAPPING)
    counted = Task.objects.filter(status__in=open_ones).values_list("status").annotate(Count("id"))
    return {**dict.fromkeys(map(str, open_ones), 0), **dict(counted)}


def oldest_pending_task() -> datetime | None:
    """Return since when the task waits that waits the longest of the installation."""
    found = Task.objects.filter(status=Task.Status.PENDING).aggregate(oldest=Min("created_at"))
    oldest: datetime | None = found["oldest"]
    return oldest


def count_workers() -> dict[bool, int]:
    """Return how many workers of the installation take tasks, and how many do not."""
    return {True: 0, False: 0, **dict(Worker.objects.values_list("available").annotate(Count("id")))}
