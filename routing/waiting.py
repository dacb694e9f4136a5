"""Where tasks stand in their queues, for those who wait."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Avg, Count

from routing.models import RoutingEvent, Task

# What the last half hour was like says what the next minutes will be, if enough happened in it.
LOOKED_BACK = timedelta(minutes=30)
LEAST_ACCEPTED = 3
MOST_IN_LINE = 20_000  # who stands behind these is told no place


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where a waiting task stands: behind ``ahead`` others of its queue; 0 is next, or is being offered to somebody;
    None where the line is too long to count.

    ``expected``: how long it will wait from now, going by how long others of its queue did until they were accepted;
    None where too few were, or where it has waited longer than that.
    """

    task_id: UUID
    workspace_id: UUID
    since: datetime
    ahead: int | None
    expected: timedelta | None


def places(task_ids: Collection[UUID], *, now: datetime) -> dict[UUID, Place]:
    """Return where those of the tasks stand that wait for a worker: three statements, however many they are."""
    if not task_ids:
        return {}
    waiting = Task.objects.filter(id__in=list(task_ids), status__in=Task.OPEN).values_list(
        "id", "workspace_id", "queue_id", "queue_entered_at", "created_at", "is_waiting"
    )
    rows = list(waiting)
    queues = {row[2] for row in rows if row[2] is not None}
    ahead = _ahead(queues)
    usual = _usual_waits(queues, {row[1] for row in rows}, now)
    found = {}
    for key, workspace_id, queue_id, entered_at, created_at, is_waiting in rows:
        since = entered_at or created_at
        left = usual[queue_id] - (now - since) if queue_id in usual else timedelta()
        expected = left if left > timedelta() else None
        found[key] = Place(key, workspace_id, created_at, ahead.get(key) if is_waiting else 0, expected)
    return found


def _ahead(queues: Collection[UUID]) -> dict[UUID, int]:
    """Return how many tasks of its queue come before each waiting one."""
    if not queues:
        return {}
    in_line = Task.objects.filter(queue_id__in=queues, status__in=Task.OPEN, is_waiting=True)
    ahead: dict[UUID, int] = {}
    seen: dict[UUID, int] = {}
    for key, queue_id in in_line.order_by("-priority", "rank", "id").values_list("id", "queue_id")[:MOST_IN_LINE]:
        ahead[key] = seen.get(queue_id, 0)
        seen[queue_id] = ahead[key] + 1
    return ahead


def _usual_waits(queues: Collection[UUID], workspaces: Collection[UUID], now: datetime) -> dict[UUID, timedelta]:
    if not queues:
        return {}
    accepted = RoutingEvent.objects.filter(
        workspace_id__in=workspaces,
        occurred_at__gt=now - LOOKED_BACK,
        event_type="reservation.accepted",
        queue_id__in=queues,
        queue_wait_seconds__isnull=False,
    )
    figures = accepted.values_list("queue_id").annotate(number=Count("id"), average=Avg("queue_wait_seconds"))
    return {key: timedelta(seconds=average) for key, number, average in figures if number >= LEAST_ACCEPTED}
