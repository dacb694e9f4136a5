"""How an expression does on what is there now: which workers and which of the newest tasks it matches."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from routing import calendars
from routing.matching.errors import ExpressionError
from routing.matching.expressions import Expression, compile_expression, require_roots
from routing.matching.matching import is_member
from routing.models import Calendar, RoutingEvent, Worker, WorkerQueueMembership, Workspace
from routing.services import floor

KINDS = ("queue", "filter", "target", "skip")
ROOTS: Mapping[str, Sequence[str]] = {"target": ("task", "worker", "calendar"), "skip": ("workers", "calendar")}
TASKS_LOOKED_AT = 100
MOST_WORKERS = 2_000  # tried with every task for a target's expression
MOST_PATHS = 500
MAX_DEPTH = 6


def check(
    *, workspace: Workspace, expression: str, kind: str, now: datetime, queue_id: UUID | None = None
) -> dict[str, Any]:
    """
    Return what an expression does (docs/contracts.md, ``routing/expressions/check``).

    Never refuses an expression: what is wrong with it is part of the answer.
    """
    tasks = newest_tasks(workspace)
    scopes = _worker_scopes(workspace, queue_id)
    answer: dict[str, Any] = {"ok": True, "error": None, "workers": None, "tasks": None, "tasks_seen": len(tasks)}
    try:
        _count(answer, kind, expression, scopes, tasks, calendars.open_calendars(workspace.account_id, now))
    except ExpressionError as error:
        told = {"message": error.detail, "line": error.line, "column": error.column}
        answer.update(ok=False, error=told, workers=None, tasks=None)
    names = Calendar.objects.filter(account_id=workspace.account_id).order_by("name").values_list("name", flat=True)
    answer["attributes_seen"] = {
        "worker": _paths(scopes),
        "task": _paths(tasks),
        "calendar": list(names),
    }
    return answer


def newest_tasks(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the attributes of the newest tasks, of ended ones too."""
    made = RoutingEvent.objects.filter(workspace=workspace, event_type="task.created").order_by("-id")
    found = []
    for data in made.values_list("data", flat=True)[:TASKS_LOOKED_AT]:
        attributes = _object(data.get("task_attributes"))
        if attributes is not None:
            found.append(attributes)
    return found


def _count(
    answer: dict[str, Any],
    kind: str,
    text: str,
    scopes: list[dict[str, Any]],
    tasks: list[dict[str, Any]],
    hours: Mapping[str, Any],
) -> None:
    if kind == "queue":
        # An empty one takes nobody.
        answer["workers"] = sum(is_member(text, scope) for scope in scopes)
        return
    if kind != "filter" and not text.strip():
        answer.update({"workers": len(scopes), "tasks": len(tasks)} if kind == "target" else {})
        return
    expression = compile_expression(text)
    if kind in ROOTS:
        require_roots(expression, ROOTS[kind])
    if kind == "filter":
        answer["tasks"] = sum(expression.matches(_beside(task, hours)) for task in tasks)
    elif kind == "target":
        answer["workers"], answer["tasks"] = _pairs(expression, scopes[:MOST_WORKERS], tasks, hours)


def _pairs(
    expression: Expression, scopes: list[dict[str, Any]], tasks: list[dict[str, Any]], hours: Mapping[str, Any]
) -> tuple[int, int]:
    """Return how many workers match some task, and how many tasks some worker."""
    # Without any task the expression may still say something about workers alone.
    tried = tasks or [{}]
    if not any(reference.path[0] == "task" for reference in expression.references):
        matching = sum(expression.matches({"task": {}, "worker": scope, "calendar": hours}) for scope in scopes)
        return matching, len(tasks) if matching else 0
    workers: set[int] = set()
    matched = 0
    for task in tried:
        fitting = {
            number
            for number, scope in enumerate(scopes)
            if expression.matches({"task": task, "worker": scope, "calendar": hours})
        }
        workers |= fitting
        matched += bool(fitting)
    return len(workers), matched if tasks else 0


def _beside(task: Mapping[str, Any], hours: Mapping[str, Any]) -> dict[str, Any]:
    return {**task, "calendar": hours} if hours else dict(task)


def _worker_scopes(workspace: Workspace, queue_id: UUID | None) -> list[dict[str, Any]]:
    rows = Worker.objects.filter(workspace=workspace)
    if queue_id is not None:
        rows = rows.filter(id__in=WorkerQueueMembership.objects.filter(queue_id=queue_id).values("worker"))
    found, _ = floor.candidates(rows.order_by("id").values_list("id", flat=True), [], with_scope=True)
    return [dict(candidate.scope) for candidate in found.values()]


def _paths(scopes: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the dotted names seen, sorted; of bounded number and depth."""
    found: set[str] = set()
    for scope in scopes:
        for path in _names(scope, "", 1):
            if len(found) >= MOST_PATHS:
                return sorted(found)
            found.add(path)
    return sorted(found)


def _names(value: Mapping[str, Any], prefix: str, depth: int) -> Iterator[str]:
    for name, inner in value.items():
        if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
            continue  # no expression can name it
        path = f"{prefix}{name}"
        if isinstance(inner, Mapping) and inner and depth < MAX_DEPTH:
            yield from _names(inner, f"{path}.", depth + 1)
        else:
            yield path


def _object(text: object) -> dict[str, Any] | None:
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
