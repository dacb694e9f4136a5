"""Reads what one assignment pass needs, bounded: who could take a task, and what waits for them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from common import ids
from routing.matching.matching import Channel, Demand, worker_scope
from routing.matching.matching import Worker as Candidate
from routing.models import (
    Reservation,
    Task,
    WaitingLine,
    Worker,
    WorkerChannel,
    WorkerQueueMembership,
    Workspace,
)

IN_ORDER = ("-priority", "rank", "id")
LOOK_AHEAD = 20  # workspaces among which one is looked for that nobody is busy with


def lock_one_workspace(keys: list[UUID]) -> list[UUID]:
    """Lock the first of some workspaces that nobody holds, without waiting; deleted ones count as held by us."""
    for key in keys:
        if Workspace.objects.filter(id=key).select_for_update(skip_locked=True).first() is not None:
            return [key]
        if not Workspace.objects.filter(id=key).exists():
            return [key]
    return []


def lines_for(workspace: Workspace, worker_ids: Sequence[UUID]) -> list[WaitingLine]:
    """
    Return the lines in which somebody waits for these workers' queues, or for one of them alone.

    Each has ``head_id``, the first of its tasks that are interchangeable.
    """
    if not worker_ids:
        return []
    queues = WorkerQueueMembership.objects.filter(worker__in=worker_ids).values("queue")
    waiting = Task.objects.filter(line=OuterRef("id"), is_waiting=True)
    first = waiting.filter(is_solo=False).order_by(*IN_ORDER).values("id")[:1]
    lines = WaitingLine.objects.filter(
        Q(queue__in=queues) | Q(only_worker_id__in=worker_ids), Exists(waiting), workspace=workspace
    )
    return list(lines.annotate(head_id=Subquery(first)).select_related("channel"))


def watched_workers(workspace: Workspace, worker_ids: Sequence[UUID]) -> list[UUID]:
    """Return those of the workers for whom somebody waits by an expression that looks at their workload."""
    lines = WaitingLine.objects.filter(
        Exists(Task.objects.filter(line=OuterRef("id"), is_waiting=True)), workspace=workspace, is_volatile=True
    )
    members = WorkerQueueMembership.objects.filter(worker__in=worker_ids, queue__in=lines.values("queue"))
    return list(members.values_list("worker_id", flat=True).distinct())


def lines_by_id(line_ids: Iterable[UUID]) -> list[WaitingLine]:
    return list(WaitingLine.objects.filter(id__in=set(line_ids)).select_related("channel"))


def free_workers(line: WaitingLine, limit: int | None) -> list[UUID]:
    """Return the workers of a line's queue with room on its channel, the longest idle first."""
    found = Worker.objects.filter(
        available=True,
        workspace_id=line.workspace_id,
        memberships__queue_id=line.queue_id,
        channels__task_channel_id=line.channel_id,
        channels__is_free=True,
    )
    return list(found.order_by("open_count", "idle_since", "id").values_list("id", flat=True)[:limit])


def bystanders(workspace: Workspace, seen: Iterable[UUID], limit: int) -> list[UUID]:
    """Return further workers, only to say why they were not chosen."""
    others = Worker.objects.filter(workspace=workspace).exclude(id__in=set(seen))
    return list(others.order_by("-available", "id").values_list("id", flat=True)[:limit])


def candidates(
    worker_ids: Iterable[UUID], queue_ids: Iterable[UUID], *, with_scope: bool
) -> tuple[dict[str, Candidate], dict[str, Worker]]:
    """
    Return workers as the pure core sees them, and their rows, both by hex id and in the order asked for.

    Of their memberships only those in ``queue_ids`` are read. ``with_scope`` reads what expressions may name;
    without it no expression can be evaluated.
    """
    wanted = list(dict.fromkeys(worker_ids))
    known = Worker.objects.select_related("activity").in_bulk(wanted)
    rows = {worker_id: known[worker_id] for worker_id in wanted if worker_id in known}
    queues: dict[UUID, set[str]] = defaultdict(set)
    memberships = WorkerQueueMembership.objects.filter(worker__in=wanted, queue__in=set(queue_ids))
    for worker_id, queue_id in memberships.values_list("worker_id", "queue_id"):
        queues[worker_id].add(queue_id.hex)
    channels: dict[UUID, dict[str, Channel]] = defaultdict(dict)
    seats = WorkerChannel.objects.filter(worker__in=wanted).values_list(
        "worker_id",
        "task_channel__unique_name",
        "configured_capacity",
        "assigned_tasks",
        "available",
        "idle_since",
        "units",
    )
    for worker_id, name, *seat in seats:
        channels[worker_id][name] = Channel(*seat)
    found = {
        row.id.hex: Candidate(
            id=row.id.hex,
            queues=frozenset(queues[row.id]),
            is_available=row.available,
            load=row.open_count,
            idle_since=row.idle_since,
            channels=channels[row.id],
            scope=scope_of(row, channels[row.id]) if with_scope else {},
            capacity_units=row.capacity_units,
        )
        for row in rows.values()
    }
    return found, {row.id.hex: row for row in rows.values()}


def scope_of(row: Worker, channels: Mapping[str, Channel]) -> dict[str, Any]:
    """Return the names a target's expression may use of a worker."""
    return worker_scope(
        json.loads(row.attributes),
        sid=row.sid,
        friendly_name=row.friendly_name,
        activity_sid=f"WA{row.activity_id.hex}",
        activity_name=row.activity.friendly_name,
        channels=channels,
    )


def needs_scope(demands: Iterable[Demand]) -> bool:
    return any(demand.expression or demand.order_by for demand in demands)


def first_in_line(line: WaitingLine, limit: int) -> list[Task]:
    """Lock and return the first tasks of a line; those somebody else holds are left out."""
    waiting = Task.objects.filter(line=line, is_waiting=True, is_solo=False)
    return list(_locked(waiting.order_by(*IN_ORDER))[:limit])


def solo_tasks(lines: Sequence[WaitingLine], limit: int) -> list[Task]:
    """Lock and return tasks of these lines that are not interchangeable with the others."""
    waiting = Task.objects.filter(line__in=lines, is_waiting=True, is_solo=True)
    return list(_locked(waiting.order_by(*IN_ORDER))[:limit])


def heads(lines: Iterable[WaitingLine]) -> list[Task]:
    """Lock and return the first task of each line that knows it; those somebody else holds are left out."""
    return list(_locked(Task.objects.filter(id__in=[line.head_id for line in lines], is_waiting=True)))


def fresh_tasks(workspace: Workspace, limit: int) -> tuple[list[Task], bool, bool]:
    """
    Lock and return the most urgent tasks that were not judged yet.

    Also returns whether there are more than ``limit``, and whether somebody else holds some of them.
    """
    fresh = Task.objects.filter(workspace=workspace, is_fresh=True).order_by("-priority", "virtual_start_at")
    wanted = list(fresh.values_list("id", flat=True)[: limit + 1])
    if not wanted:
        return [], False, False
    found = list(_locked(Task.objects.filter(id__in=wanted[:limit], is_fresh=True)))
    return found, len(wanted) > limit, len(found) < min(len(wanted), limit)


def reserved_by(tasks: Sequence[Task]) -> dict[UUID, set[str]]:
    """Return which workers hold pending reservations of these tasks."""
    held: dict[UUID, set[str]] = defaultdict(set)
    if tasks:
        pending = Reservation.objects.filter(task__in=tasks, status=Reservation.Status.PENDING)
        for task_id, worker_id in pending.values_list("task_id", "worker_id"):
            held[task_id].add(worker_id.hex)
    return held


def count_activities(workspace: Workspace, queue_id: UUID) -> Counter[str]:
    """Return what ``skip_if`` may ask of a queue: how many of its workers are in which activities."""
    counts: Counter[str] = Counter(available=0, unavailable=0)
    for activity_id in workspace.activities.values_list("id", flat=True):
        counts[ids.sid("WA", activity_id)] = 0
    members = Worker.objects.filter(memberships__queue_id=queue_id)
    for activity_id, available, number in members.values_list("activity_id", "available").annotate(Count("id")):
        counts["available" if available else "unavailable"] += number
        counts[ids.sid("WA", activity_id)] += number
    return counts


def _locked(tasks: QuerySet[Task]) -> QuerySet[Task]:
    return tasks.select_for_update(skip_locked=True, of=("self",)).select_related("queue")
