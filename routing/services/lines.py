"""Waiting lines: what a task asks of a worker, stored once for all tasks that ask the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction

from routing.matching.expressions import prune
from routing.matching.matching import Demand, looks_at_workloads
from routing.matching.workflow import OrderBy, Target, calendars_in
from routing.models import Task, WaitingLine

# A line that nothing used for a day may be deleted; using one moves the time on, at most hourly.
UNUSED_AFTER = timedelta(days=1)
TOUCH_AFTER = timedelta(hours=1)


def demand_of(
    *,
    target: Target | None,
    attributes: Mapping[str, Any],
    only_worker: UUID | None,
    ignore_capacity: bool,
    refused: list[str],
    hours: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """
    Return what a task asks, as stored in ``WaitingLine.demand``: of its attributes only what can matter.

    ``hours`` are the account's calendars, ``{name: {"open": bool}}``, where the target asks about them.
    """
    expression = target.expression if target is not None else None
    seen = [
        reference.path[1:]
        for reference in (expression.references if expression is not None else ())
        if reference.path[0] == "task"
    ]
    demand: dict[str, Any] = {
        "expression": expression.text if expression is not None else "",
        "task": prune(attributes, seen),
        "order_by": [[list(each.path), each.descending] for each in target.order_by] if target else [],
        "only_worker": only_worker.hex if only_worker else None,
        "ignore_capacity": ignore_capacity,
        "refused": sorted(refused),
    }
    asked = calendars_in(expression)
    if asked:
        demand["calendar"] = {name: told for name, told in (hours or {}).items() if name in asked}
    return demand


def line_for(
    *, workspace_id: UUID, queue_id: UUID | None, channel_id: UUID, demand: dict[str, Any], now: datetime
) -> WaitingLine:
    """Return the line of a demand, made if this is the first task to ask it."""
    text = orjson.dumps([str(queue_id), str(channel_id), demand], option=orjson.OPT_SORT_KEYS)
    digest = hashlib.sha256(text).hexdigest()
    while True:
        line = WaitingLine.objects.filter(workspace_id=workspace_id, digest=digest).first()
        if line is None:
            try:
                with transaction.atomic():
                    return WaitingLine.objects.create(
                        workspace_id=workspace_id,
                        queue_id=queue_id,
                        channel_id=channel_id,
                        only_worker_id=UUID(demand["only_worker"]) if demand["only_worker"] else None,
                        demand=demand,
                        digest=digest,
                        is_volatile=looks_at_workloads(demand["expression"]),
                        used_at=now,
                    )
            except IntegrityError:
                continue  # somebody made it at the same moment
        # Touching takes the row's lock, so that a deletion of unused lines sees this use.
        if now - line.used_at < TOUCH_AFTER or WaitingLine.objects.filter(id=line.id).update(used_at=now):
            return line


def drop_unused(*, workspace_id: UUID, now: datetime) -> int:
    """Delete lines that nothing has used for a day and no task stands in."""
    old = WaitingLine.objects.filter(workspace_id=workspace_id, used_at__lt=now - UNUSED_AFTER)
    in_use = Task.objects.filter(line__in=old).values("line")
    return old.exclude(id__in=in_use).delete()[0]


def to_demand(line: WaitingLine) -> Demand:
    """Return a line as the pure core takes it: ids are hex texts there, channels their unique names."""
    stored = line.demand
    return Demand(
        id=line.id.hex,
        queue=line.queue_id.hex if line.queue_id else None,
        channel=line.channel.unique_name,
        expression=stored["expression"],
        task=stored["task"],
        calendar=stored.get("calendar", {}),
        order_by=tuple(OrderBy(tuple(path), descending) for path, descending in stored["order_by"]),
        only_worker=stored["only_worker"],
        ignore_capacity=stored["ignore_capacity"],
        refused=frozenset(stored["refused"]),
        by_channel_idleness=line.channel.channel_optimized_routing,
    )
