"""
Figures of queues, workflows, workspaces and workers: how it is now, and what happened in a span of time.

What happened is counted from the events, so the figures equal a recount of the list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Max, Min, Q, QuerySet, Sum

from common import ids
from common.clock import to_iso
from routing.models import Activity, RoutingEvent, Task, Worker, Workspace

RESERVATIONS = {
    "reservations_created": "reservation.created",
    "reservations_accepted": "reservation.accepted",
    "reservations_rejected": "reservation.rejected",
    "reservations_timed_out": "reservation.timeout",
    "reservations_canceled": "reservation.canceled",
    "reservations_rescinded": "reservation.rescinded",
}
ACTIVE = (Task.Status.PENDING, Task.Status.RESERVED, Task.Status.ASSIGNED, Task.Status.WRAPPING)


@dataclass(frozen=True, slots=True)
class Scope:
    """What figures are asked for: a workspace, or one queue, workflow or channel in it."""

    workspace: Workspace
    queue_id: UUID | None = None
    workflow_id: UUID | None = None
    channel_id: UUID | None = None

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = rows.filter(workspace=self.workspace)
        for name in ("queue_id", "workflow_id", "channel_id"):
            value = getattr(self, name)
            if value is not None:
                rows = rows.filter(**{name: value})
        return rows


def realtime(scope: Scope, now: datetime) -> dict[str, Any]:
    """Return the figures of now; which of them depends on what the scope is."""
    tasks = scope.narrow(Task.objects.filter(status__in=ACTIVE))
    by_status = dict.fromkeys((str(status) for status in ACTIVE), 0)
    by_priority: dict[str, int] = defaultdict(int)
    for status, priority, number in tasks.values_list("status", "priority").annotate(Count("id")):
        by_status[status] += number
        by_priority[str(priority)] += number
    waiting = tasks.filter(status__in=Task.OPEN)
    oldest = waiting.order_by("created_at", "id").values_list("id", "created_at").first()
    figures: dict[str, Any] = {
        "longest_task_waiting_age": _seconds(oldest[1], now) if oldest else 0,
        "longest_task_waiting_sid": ids.sid("WT", oldest[0]) if oldest else None,
        "tasks_by_priority": dict(by_priority),
        "tasks_by_status": by_status,
        "total_tasks": sum(by_status.values()),
    }
    if scope.queue_id is not None:
        figures.update(_of_queue(scope, waiting, now))
    elif scope.workflow_id is None:
        workers = Worker.objects.filter(workspace=scope.workspace)
        figures.update(_by_activity(scope.workspace, workers), total_workers=workers.count())
    return figures


def realtime_workers(workspace: Workspace, workers: QuerySet[Worker]) -> dict[str, Any]:
    """Return how many of these workers are in each activity now."""
    return {**_by_activity(workspace, workers), "total_workers": workers.count()}


def cumulative(scope: Scope, start: datetime, end: datetime, thresholds: Sequence[int] = ()) -> dict[str, Any]:
    """
    Return what happened from ``start`` to ``end``.

    ``thresholds`` are seconds of waiting at which acceptances and cancelations are split.
    """
    rows = scope.narrow(RoutingEvent.objects.filter(occurred_at__gte=start, occurred_at__lte=end))
    counts: dict[str, int] = defaultdict(int)
    counts.update(rows.values_list("event_type").annotate(Count("id")))
    accepted = rows.filter(event_type="reservation.accepted")
    canceled = rows.filter(event_type="task.canceled")
    waits = _durations(accepted, "wait_seconds")
    figures: dict[str, Any] = {
        "start_time": to_iso(start),
        "end_time": to_iso(end),
        "avg_task_acceptance_time": waits["avg"],
        **{name: counts[kind] for name, kind in RESERVATIONS.items()},
        "tasks_canceled": counts["task.canceled"],
        "tasks_completed": counts["task.completed"],
        "tasks_deleted": counts["task.deleted"] + counts["task.system-deleted"],
        "tasks_moved": counts["task-queue.moved"],
        "wait_duration_until_accepted": waits,
        "wait_duration_until_canceled": _durations(canceled, "wait_seconds"),
        "split_by_wait_time": _split(accepted, canceled, thresholds),
    }
    if scope.queue_id is not None:
        figures["tasks_entered"] = counts["task-queue.entered"]
        figures["wait_duration_in_queue_until_accepted"] = _durations(accepted, "queue_wait_seconds")
    elif scope.workflow_id is not None:
        figures["tasks_entered"] = counts["workflow.entered"]
        figures["tasks_timed_out_in_workflow"] = counts["workflow.timeout"]
    else:
        figures["tasks_created"] = counts["task.created"]
        figures["tasks_timed_out_in_workflow"] = counts["workflow.timeout"]
    return figures


def cumulative_workers(
    scope: Scope, workers: QuerySet[Worker], start: datetime, end: datetime, now: datetime, *, everyone: bool
) -> dict[str, Any]:
    """Return what these workers did from ``start`` to ``end``, and how long they were in which activity."""
    rows = scope.narrow(RoutingEvent.objects.filter(occurred_at__gte=start, occurred_at__lte=end))
    if not everyone:
        rows = rows.filter(worker_id__in=workers.values("id"))
    counts: dict[str, int] = defaultdict(int)
    kinds = rows.filter(event_type__in=RESERVATIONS.values())
    counts.update(kinds.values_list("event_type").annotate(Count("id")))
    return {
        "start_time": to_iso(start),
        "end_time": to_iso(end),
        **{name: counts[kind] for name, kind in RESERVATIONS.items()},
        "activity_durations": _activity_durations(scope.workspace, workers, start, min(end, now)),
    }


def _of_queue(scope: Scope, waiting: QuerySet[Task], now: datetime) -> dict[str, Any]:
    members = Worker.objects.filter(memberships__queue_id=scope.queue_id)
    longest = (
        waiting.exclude(queue_entered_at=None)
        .order_by("queue_entered_at", "id")
        .values_list("id", "queue_entered_at")
        .first()
    )
    return {
        **_by_activity(scope.workspace, members),
        "longest_relative_task_age_in_queue": _seconds(longest[1], now) if longest else 0,
        "longest_relative_task_sid_in_queue": ids.sid("WT", longest[0]) if longest else None,
        "total_available_workers": members.filter(available=True).count(),
        "total_eligible_workers": members.count(),
    }


def _by_activity(workspace: Workspace, workers: QuerySet[Worker]) -> dict[str, Any]:
    numbers = dict(workers.values_list("activity_id").annotate(Count("id")))
    return {
        "activity_statistics": [
            {
                "sid": activity.sid,
                "friendly_name": activity.friendly_name,
                "workers": numbers.get(activity.id, 0),
            }
            for activity in _activities(workspace)
        ]
    }


def _durations(rows: QuerySet[RoutingEvent], field: str) -> dict[str, int]:
    found = rows.aggregate(avg=Avg(field), min=Min(field), max=Max(field), total=Sum(field))
    return {name: round(value or 0) for name, value in found.items()}


def _split(
    accepted: QuerySet[RoutingEvent], canceled: QuerySet[RoutingEvent], thresholds: Sequence[int]
) -> dict[str, Any] | None:
    if not thresholds:
        return None
    wanted = {f"above_{limit}": Count("id", filter=Q(wait_seconds__gt=limit)) for limit in thresholds}
    wanted |= {f"below_{limit}": Count("id", filter=Q(wait_seconds__lte=limit)) for limit in thresholds}
    taken, lost = accepted.aggregate(**wanted), canceled.aggregate(**wanted)
    return {
        str(limit): {
            side: {
                "reservations_accepted": taken[f"{side}_{limit}"],
                "tasks_canceled": lost[f"{side}_{limit}"],
            }
            for side in ("above", "below")
        }
        for limit in thresholds
    }


def _activity_durations(
    workspace: Workspace, workers: QuerySet[Worker], start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """Follow each worker's activities backwards from now; one duration per stay, cut to the span."""
    stays: dict[UUID, list[float]] = defaultdict(list)
    present = {row.id: row for row in workers}
    changes: dict[UUID, list[tuple[datetime, UUID | None]]] = defaultdict(list)
    rows = RoutingEvent.objects.filter(
        workspace=workspace, event_type="worker.activity.update", occurred_at__gte=start
    ).order_by("-occurred_at", "-id")
    for row in rows.only("worker_id", "occurred_at", "data"):
        if row.worker_id in present:
            previous = ids.parse_or_none("WA", row.data.get("worker_previous_activity_sid"))
            changes[row.worker_id].append((row.occurred_at, previous))
    for worker in present.values():
        activity: UUID | None = worker.activity_id
        until = end
        for moment, previous in changes[worker.id]:
            _stay(stays, activity, max(moment, start), until)
            activity, until = previous, min(moment, until)
        _stay(stays, activity, max(worker.created_at, start), until)
    return [_summary(activity, stays[activity.id]) for activity in _activities(workspace)]


def _stay(stays: dict[UUID, list[float]], activity: UUID | None, begin: datetime, until: datetime) -> None:
    if activity is not None and until > begin:
        stays[activity].append((until - begin).total_seconds())


def _summary(activity: Activity, stays: Sequence[float]) -> dict[str, Any]:
    total = sum(stays)
    return {
        "sid": activity.sid,
        "friendly_name": activity.friendly_name,
        "min": round(min(stays, default=0)),
        "max": round(max(stays, default=0)),
        "avg": round(total / len(stays)) if stays else 0,
        "total": round(total),
    }


def _activities(workspace: Workspace) -> Iterable[Activity]:
    return workspace.activities.order_by("id")


def _seconds(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds()))
