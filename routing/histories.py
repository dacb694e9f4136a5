"""Reads of what happened, for reports: the events of tasks, and how workers' activities stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from common import ids
from routing.models import Activity, RoutingEvent, TaskQueue, Worker


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """One event of a task."""

    task_id: UUID
    type: str
    at: datetime
    queue_id: UUID | None
    worker_id: UUID | None
    reservation_id: UUID | None
    channel_id: UUID | None


def events_of_tasks(task_ids: Iterable[UUID]) -> list[TaskEvent]:
    """Return the events of tasks, oldest first."""
    rows = RoutingEvent.objects.filter(task_id__in=list(task_ids)).order_by("occurred_at", "id")
    columns = ("task_id", "event_type", "occurred_at", "queue_id", "worker_id", "reservation_id", "channel_id")
    return [TaskEvent(*row) for row in rows.values_list(*columns)]


def tasks_with(
    event_types: Sequence[str], *, after: UUID | None = None, limit: int = 500
) -> list[tuple[UUID, UUID, UUID]]:
    """Return (event, account, task) of events of some kinds, in the order they were written, behind one of them."""
    rows = RoutingEvent.objects.filter(event_type__in=event_types, task_id__isnull=False)
    if after is not None:
        rows = rows.filter(id__gt=after)
    return list(rows.order_by("id").values_list("id", "account_id", "task_id")[:limit])


@dataclass(frozen=True, slots=True)
class LeftActivity:
    """A worker was in an activity, and left it."""

    account_id: UUID
    worker_id: UUID
    activity_id: UUID
    began_at: datetime
    ended_at: datetime


def left_activities() -> Iterator[LeftActivity]:
    """Yield every stay in an activity that has ended, by worker, oldest first; one statement."""
    kinds = ("worker.created", "worker.activity.update")
    rows = RoutingEvent.objects.filter(event_type__in=kinds, worker_id__isnull=False)
    before: RoutingEvent | None = None
    for row in rows.order_by("worker_id", "occurred_at", "id").iterator():
        left = ids.parse_or_none("WA", str(row.data.get("worker_previous_activity_sid") or ""))
        if row.worker_id is not None and left is not None:
            if before is not None and before.worker_id == row.worker_id:
                began_at = before.occurred_at
            else:
                # It was made before there were events.
                began_at = row.occurred_at - timedelta(
                    milliseconds=int(row.data.get("worker_time_in_previous_activity_ms") or 0)
                )
            yield LeftActivity(row.account_id, row.worker_id, left, began_at, row.occurred_at)
        before = row


def names_of_queues(account_id: UUID) -> dict[UUID, str]:
    """Return the names of an account's queues."""
    return dict(TaskQueue.objects.filter(account_id=account_id).values_list("id", "friendly_name"))


def names_of_workers(account_id: UUID, worker_ids: Iterable[UUID] | None = None) -> dict[UUID, str]:
    """Return the names of an account's workers, or of some of them."""
    rows = Worker.objects.filter(account_id=account_id)
    if worker_ids is not None:
        rows = rows.filter(id__in=list(worker_ids))
    return dict(rows.values_list("id", "friendly_name"))


def activities_of(account_id: UUID) -> dict[UUID, tuple[str, bool]]:
    """Return the name of each of an account's activities, and whether it is an available one."""
    rows = Activity.objects.filter(account_id=account_id).order_by("id")
    return {key: (name, available) for key, name, available in rows.values_list("id", "friendly_name", "available")}


def present_activities(account_id: UUID) -> list[tuple[UUID, UUID, datetime]]:
    """Return for each worker of an account: the worker, its activity, and since when."""
    rows = Worker.objects.filter(account_id=account_id).order_by("id")
    return list(rows.values_list("id", "activity_id", "status_changed_at"))


def queue_of_task(account_id: UUID, task_id: UUID) -> UUID | None:
    """Return the queue that a task is or was in last; its events know it when the task itself is gone."""
    rows = RoutingEvent.objects.filter(task_id=task_id, account_id=account_id, queue_id__isnull=False)
    return rows.order_by("-occurred_at", "-id").values_list("queue_id", flat=True).first()
