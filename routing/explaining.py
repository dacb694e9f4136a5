"""Reads that answer "why is this task waiting?" and "why did this worker get it?"."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from common import ids
from common.clock import iso_or_none, to_iso
from routing.matching import matching
from routing.matching.matching import Verdict
from routing.models import AssignmentAttempt, Task, WaitingLine, Worker
from routing.services import floor, standing
from routing.services.lines import to_demand

MOST_WORKERS = 200  # judged one by one; of larger workspaces the available and longest idle ones
MOST_ATTEMPTS = 50

REASONS = {
    Verdict.BEHIND: "could take the task",
    Verdict.NOT_THE_WORKER: "the task is for another worker",
    Verdict.QUEUE: "the task queue's expression does not match this worker",
    Verdict.EXPRESSION: "the workflow target's expression does not match this worker",
    Verdict.ACTIVITY: "is in an activity that is not available",
    Verdict.CHANNEL: "is switched off for this task channel",
    Verdict.CAPACITY: "has no capacity left on this task channel",
    Verdict.REFUSED: "has just rejected this task",
    Verdict.RESERVED: "has a reservation of this task",
}

# The same of one worker, and of several.
COUNTED = {
    Verdict.NOT_THE_WORKER: ("is not the one it is for", "are not the one it is for"),
    Verdict.QUEUE: ("does not belong to its queue", "do not belong to its queue"),
    Verdict.EXPRESSION: (
        "does not match the workflow target's expression",
        "do not match the workflow target's expression",
    ),
    Verdict.ACTIVITY: ("is in an activity that is not available", "are in activities that are not available"),
    Verdict.CHANNEL: ("is switched off for its task channel", "are switched off for its task channel"),
    Verdict.CAPACITY: ("has no capacity left on its task channel", "have no capacity left on its task channel"),
    Verdict.REFUSED: ("has just rejected it", "have just rejected it"),
    Verdict.RESERVED: ("has a reservation of it", "have reservations of it"),
}


def explain_task(*, task_id: UUID, now: datetime) -> dict[str, Any]:
    """
    Return why a task is where it is.

    ``{status, summary, ahead, queue_expression, workflow: {…} or None, due: [{at, what}], workers: [{worker_sid,
    worker_name, verdict, reason, place?}], counts: {verdict: n}, attempts: [{at, outcome, explanation, candidates,
    counts}]}``. ``workers`` and ``counts`` are of now and empty unless the task waits; ``attempts`` are what was
    decided, newest first.
    ``ahead`` is how many tasks of its line come before it.
    """
    task = Task.objects.select_related("queue", "workflow", "channel", "line__channel").get(id=task_id)
    workers, counts = _judge(task, now) if task.is_waiting and task.line else ([], Counter())
    ahead = _ahead(task) if task.is_waiting else 0
    return {
        "status": task.status,
        "summary": _summary(task, counts, ahead),
        "ahead": ahead,
        "queue_expression": task.queue.target_workers if task.queue else None,
        "workflow": _where(task),
        "due": [
            {"at": to_iso(moment), "what": DUE.get(kind, kind)}
            for moment, kind in sorted(standing.dues(task))
            if moment > now
        ],
        "workers": workers,
        "counts": dict(counts),
        "attempts": [_attempt(row) for row in task.attempts.order_by("-id")[:MOST_ATTEMPTS]],
    }


DUE = {
    "ttl": "the task's life ends",
    "step": "the workflow target's time ends",
    "hours": "the opening hours that the target asks about change",
    "hold": "a worker who rejected it may be asked again",
    "assigned": "assigned for 24 hours, the task is deleted",
    "ended": "the ended task is forgotten",
}


def _judge(task: Task, now: datetime) -> tuple[list[dict[str, Any]], Counter[str]]:
    line: WaitingLine = task.line
    demand = to_demand(line)
    everybody = Worker.objects.filter(workspace_id=task.workspace_id).order_by("-available", "open_count", "idle_since")
    wanted = list(everybody.values_list("id", flat=True)[:MOST_WORKERS])
    candidates, rows = floor.candidates(wanted, [line.queue_id] if line.queue_id else [], with_scope=True)
    waiting = matching.Task(
        id=task.id.hex,
        demand=demand,
        priority=task.priority,
        started_at=task.virtual_start_at,
        reserved=frozenset(floor.reserved_by([task])[task.id]),
        held=frozenset(key for key, until in standing.holds(task).items() if until > now),
    )
    verdicts = {key: matching.judge(demand, each, task=waiting) for key, each in candidates.items()}
    eligible = [key for key, verdict in verdicts.items() if verdict is Verdict.BEHIND]
    places = {
        key: place
        for place, key in enumerate(sorted(eligible, key=lambda key: matching.rank(demand, candidates[key])), 1)
    }
    told = []
    for key, verdict in sorted(verdicts.items(), key=lambda each: places.get(each[0], MOST_WORKERS + 1)):
        one: dict[str, Any] = {
            "worker_sid": rows[key].sid,
            "worker_name": rows[key].friendly_name,
            "verdict": str(verdict),
            "reason": REASONS[verdict],
        }
        if key in places:
            one["place"] = places[key]
        if verdict is Verdict.ACTIVITY:
            one["reason"] = f"is in the activity {rows[key].activity.friendly_name}, which is not available"
        told.append(one)
    return told, Counter(str(verdict) for verdict in verdicts.values())


def _ahead(task: Task) -> int:
    mine = Task.objects.filter(line_id=task.line_id, is_waiting=True)
    more_urgent = mine.filter(priority__gt=task.priority).count()
    return more_urgent + mine.filter(priority=task.priority, rank__lt=task.rank).count()


def _summary(task: Task, counts: Counter[str], ahead: int) -> str:
    if task.status in Task.ENDED:
        return f"The task is {task.status}: {task.reason}" if task.reason else f"The task is {task.status}"
    if not task.is_waiting:
        return f"The task is {task.status}"
    before = "One task that asks the same comes" if ahead == 1 else f"{ahead} tasks that ask the same come"
    if counts[str(Verdict.BEHIND)]:
        return f"{before} before it" if ahead else "It is about to be offered"
    # Who waits behind others whom nobody can take either wants to know the latter.
    if not counts:
        return "The workspace has no workers"
    told = [_counted(Verdict(verdict), number) for verdict, number in counts.most_common()]
    return "Nobody can take it now: " + "; ".join(told) + (f". {before} before it" if ahead else "")


def _counted(verdict: Verdict, number: int) -> str:
    one, many = COUNTED[verdict]
    return f"1 worker {one}" if number == 1 else f"{number} workers {many}"


def _where(task: Task) -> dict[str, Any] | None:
    plan, step = standing.plan_of(task.workflow), standing.step_of(task)
    target = plan.target(step) if plan is not None and step is not None else None
    if plan is None or step is None or target is None:
        return None
    is_default = step.filter < 0
    return {
        "workflow_sid": ids.sid("WW", task.workflow_id),
        "filter": "default_filter" if is_default else plan.filters[step.filter].friendly_name,
        "filter_index": None if is_default else step.filter,
        "target_index": step.target,
        "task_queue_sid": target.queue,
        "task_queue_name": task.queue.friendly_name if task.queue else None,
        "expression": target.expression.text if target.expression else None,
        "leaves_at": iso_or_none(task.step_due_at),
    }


def _attempt(row: AssignmentAttempt) -> dict[str, Any]:
    return {
        "at": to_iso(row.attempted_at),
        "outcome": row.outcome,
        "explanation": row.explanation,
        "task_queue_sid": None if row.queue_id is None else ids.sid("WQ", row.queue_id),
        "candidates": row.candidates,
        "counts": row.counts,
    }
