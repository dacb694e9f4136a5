"""Reads of routing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from common import ids
from routing.calendars import flow_calendars as calendars_for_flows
from routing.models import Activity, Reservation, Task, TaskChannel, TaskQueue, Worker, Workflow, Workspace

__all__ = (
    "OPEN_RESERVATION",
    "WorkerInfo",
    "activities",
    "calendars_for_flows",
    "default_workspace",
    "has_open_reservation",
    "open_reservations",
    "reservations_of",
    "task",
    "task_channels",
    "task_queues",
    "worker",
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


def open_reservations(worker_id: UUID) -> list[Reservation]:
    """Return a worker's pending, accepted and wrapping reservations, oldest first, with task, channel and queue."""
    mine = Reservation.objects.filter(worker_id=worker_id, status__in=Reservation.HELD)
    return list(mine.select_related("task__channel", "queue").order_by("id"))


def reservations_of(worker_id: UUID, reservation_ids: Sequence[UUID]) -> list[Reservation]:
    """Return some of a worker's reservations whatever became of them; those of others are left out."""
    mine = Reservation.objects.filter(worker_id=worker_id, id__in=reservation_ids)
    return list(mine.select_related("task__channel", "queue").order_by("id"))


def has_open_reservation(worker_id: UUID, task_ids: Iterable[UUID]) -> bool:
    """Tell whether one of these tasks is offered to a worker or held by it."""
    mine = Reservation.objects.filter(worker_id=worker_id, status__in=Reservation.HELD)
    return mine.filter(task_id__in=list(task_ids)).exists()


def task(account_id: UUID, task_id: UUID) -> Task | None:
    """Return an account's task, or None where there is none (ended tasks are forgotten after five minutes)."""
    return Task.objects.select_related("channel", "queue").filter(id=task_id, account_id=account_id).first()


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
