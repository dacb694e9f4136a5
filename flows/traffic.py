"""
How many went which way through a flow, and what the last one knew: for the diagram, never on a message's path.

Counted over the newest executions that began in a period, by indexes that are there anyway: primary keys are
UUIDv7, so a period is a range of keys, and the steps of an execution lie together.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from flows.models import Execution, ExecutionStep
from flows.runtime.history import context_at_halt

# More are not counted: the newest of a busy flow say as much, and a look costs the same on every day.
MOST_EXECUTIONS = 10_000
MOST_SAMPLED = 50


@dataclass(frozen=True, slots=True)
class Traffic:
    """``exits``: (widget, event, where to) and how often; ``waiting``: widget and how many stand there now."""

    executions: int
    active: int
    failed: int
    is_capped: bool
    exits: list[dict[str, Any]]
    waiting: list[dict[str, Any]]


def traffic(flow_id: UUID, *, start: datetime, end: datetime, revision: int | None = None) -> Traffic:
    """Count the visits of the flow's own widgets in executions that began from ``start`` to before ``end``."""
    began = Execution.objects.filter(flow_id=flow_id, id__gte=first_key(start), id__lt=first_key(end), is_test=False)
    if revision is not None:
        began = began.filter(revision=revision)
    # Sliced in a query of its own: what is counted is exactly what is shown.
    keys = list(began.order_by("-id").values_list("id", flat=True)[: MOST_EXECUTIONS + 1])
    counted, is_capped = keys[:MOST_EXECUTIONS], len(keys) > MOST_EXECUTIONS
    if not counted:
        return Traffic(0, 0, 0, False, [], [])
    rows = began.filter(id__gte=counted[-1])
    totals = rows.aggregate(
        active=Count("id", filter=Q(status=Execution.Status.ACTIVE)), failed=Count("id", filter=~Q(error=""))
    )
    return Traffic(
        executions=len(counted),
        active=totals["active"],
        failed=totals["failed"],
        is_capped=is_capped,
        exits=list(_exits(rows)),
        waiting=[
            {"widget": name, "count": count}
            for name, count in rows.filter(status=Execution.Status.ACTIVE, current_widget__isnull=False)
            .values_list("current_widget")
            .annotate(count=Count("id"))
            .order_by("current_widget")
        ],
    )


def _exits(executions: QuerySet[Execution]) -> list[dict[str, Any]]:
    steps = ExecutionStep.objects.filter(execution__in=executions.order_by().values("id"), parent_seq__isnull=True)
    found = steps.values_list("name", "event", "transitioned_to").annotate(count=Count("id"))
    return [
        {"widget": name, "event": event, "to": to, "count": count}
        for name, event, to, count in found.order_by("name", "event", "transitioned_to")
    ]


def sample(flow_id: UUID, widget: str | None = None) -> tuple[Execution, dict[str, Any]] | None:
    """
    Return the newest execution of a flow with what it knew in the end; one that came by ``widget``, or stands there,
    where there is one.

    Only the newest few are looked at.
    """
    newest = Execution.objects.filter(flow_id=flow_id).order_by("-id")
    found: Execution | None = None
    if widget:
        keys = list(newest.values_list("id", flat=True)[:MOST_SAMPLED])
        came_by = ExecutionStep.objects.filter(execution_id__in=keys, name=widget, parent_seq__isnull=True)
        # A step is written when it ends: who waits at the widget has none of it yet.
        there = Q(id__in=came_by.values("execution_id")) | Q(id__in=keys, current_widget=widget)
        found = newest.filter(there).first()
    found = found or newest.first()
    return None if found is None else (found, context_at_halt(found))


def first_key(moment: datetime) -> UUID:
    """Return the smallest UUIDv7 that a row made at a moment can have."""
    milliseconds = max(0, int(moment.timestamp() * 1000))
    return UUID(int=(milliseconds & (1 << 48) - 1) << 80 | 7 << 76 | 2 << 62)
