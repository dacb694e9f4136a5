"""
Where a task stands: entering a workflow, moving on, waiting in a line, ending.

These functions change a task that the caller has locked (or is creating) and leave
saving it to the caller.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from common import ids
from common.bulk import update_many
from routing import calendars, events
from routing.matching.errors import WorkflowError
from routing.matching.workflow import Plan, Step, Target, calendars_in, parse_plan
from routing.models import (
    AssignmentAttempt,
    Reservation,
    Task,
    TaskQueue,
    Worker,
    WorkerQueueMembership,
    Workflow,
)
from routing.services.lines import demand_of, line_for
from routing.services.log import Log
from routing.services.seats import Seats

TTL_REASON = "Task TTL Exceeded"
ROUNDS_REASON = "Task TTL Exceeded or Max assignment count exceeded"
TIMEOUT_REASON = "Task canceled on Workflow timeout"
SKIPPED_REASON = "Task canceled because it was skipped past the end of the workflow"
UNMATCHED_REASON = "Task canceled because no filter of the workflow matched"
MAX_ROUNDS = 1000
REFUSAL_PAUSE = timedelta(seconds=5)
ASSIGNED_LIFE = timedelta(hours=24)
ENDED_LIFE = timedelta(minutes=5)


def attributes_of(task: Task) -> dict[str, Any]:
    found = json.loads(task.attributes)
    return found if isinstance(found, dict) else {}


def placing_scope(task: Task, plan: Plan, now: datetime) -> dict[str, Any]:
    """Return what a filter's expression sees: the task's attributes, and the opening hours where it asks."""
    attributes = attributes_of(task)
    return calendars.with_calendars(attributes, task.account_id, now) if plan.calendars else attributes


def plan_of(workflow: Workflow | None) -> Plan | None:
    """Return the compiled plan; configurations are checked before they are stored, but queues may go."""
    if workflow is None:
        return None
    try:
        return parse_plan(workflow.configuration)
    except WorkflowError:
        return None


def step_of(task: Task) -> Step | None:
    if task.step_filter is None:
        return None
    return Step(task.step_filter, task.step_target, task.step_base_seconds, task.step_timed_out)


def enter_workflow(task: Task, workflow: Workflow, now: datetime, log: Log) -> None:
    """Send a task into its workflow from the top; it is canceled where nothing takes it."""
    plan = plan_of(workflow)
    log.add("workflow.entered", task=task)
    step = plan.first(placing_scope(task, plan, now)) if plan is not None else None
    if plan is None or step is None:
        task.step_filter = None
        cancel(task, UNMATCHED_REASON, now, log, None)
        return
    stand_on(task, plan, step, now, log)


def stand_on(task: Task, plan: Plan, step: Step, now: datetime, log: Log) -> None:
    """Put a task on a step, or on the first one after it that can be used."""
    at: Step | None = step
    while at is not None:
        target = plan.target(at)
        queue = _queue_of(task, target)
        known, problem = _known_worker(task, target, queue)
        if target is not None and queue is not None and not problem:
            task.step_filter, task.step_target = at.filter, at.target
            task.step_base_seconds, task.step_timed_out = at.base_seconds, at.timed_out
            age = plan.due_age(at)
            task.step_due_at = None if age is None else task.created_at + timedelta(seconds=age)
            if target.priority is not None:
                task.priority = target.priority
            _enter_queue(task, queue, now, log)
            log.add("workflow.target-matched", task=task)
            task.is_entering = True
            begin_waiting(task, now, log, target=target, only_worker=known)
            return
        log.add("workflow.skipped", task=task, data={"reason": problem or "The task queue does not exist"})
        at = plan.after_skip(at, placing_scope(task, plan, now))
    cancel(task, SKIPPED_REASON, now, log, None)


def move_on(task: Task, now: datetime, log: Log, *, skipped: bool) -> None:
    """Leave the current step, by its time-out or because it was skipped."""
    plan, step = plan_of(task.workflow), step_of(task)
    attributes = {} if plan is None else placing_scope(task, plan, now)
    if plan is None or step is None or plan.target(step) is None:
        # The plan was changed under the task and has lost its place.
        following = plan.first(attributes) if plan is not None else None
    elif skipped:
        log.add("workflow.skipped", task=task)
        following = plan.after_skip(step, attributes)
    else:
        log.add("task-queue.timeout", task=task)
        following = plan.after_timeout(step, attributes)
    if plan is not None and following is not None:
        stand_on(task, plan, following, now, log)
        return
    if not skipped:
        log.add("workflow.timeout", task=task)
    cancel(task, SKIPPED_REASON if skipped else TIMEOUT_REASON, now, log, None)


def stand_in_queue(task: Task, queue: TaskQueue | None, now: datetime, log: Log) -> None:
    """Put a task into a queue, or before one worker, past all workflow rules."""
    task.step_filter = None
    task.step_due_at = None
    if queue is not None:
        _enter_queue(task, queue, now, log)
    begin_waiting(task, now, log, target=None, only_worker=task.only_worker_id)


def begin_waiting(task: Task, now: datetime, log: Log, *, target: Target | None, only_worker: UUID | None) -> None:
    """Have a pending task, or a reserved one with places left, wait in its line to be judged."""
    asked = calendars_in(target.expression) if target is not None else frozenset()
    task.hours_change_at = calendars.change_of(task.account_id, asked, now) if asked else None
    demand = demand_of(
        target=target,
        attributes=attributes_of(task),
        only_worker=only_worker,
        ignore_capacity=task.ignore_capacity,
        refused=list(task.refusals),
        hours=calendars.open_calendars(task.account_id, now) if asked else None,
    )
    task.line = line_for(
        workspace_id=task.workspace_id,
        queue_id=task.queue_id,
        channel_id=task.channel_id,
        demand=demand,
        now=now,
    )
    task.rank = rank_of(task, task.queue)
    task.is_solo = task.open_reservations > 0 or any(until > now for until in holds(task).values())
    task.is_waiting = task.is_fresh = True
    refresh_due(task, log)
    log.bell()


def wait_again(task: Task, now: datetime, log: Log) -> None:
    """Let a task wait where it stands: a reservation of it has ended, or somebody may be asked again."""
    plan, step = plan_of(task.workflow), step_of(task)
    target = plan.target(step) if plan is not None and step is not None else None
    only_worker = task.only_worker_id
    if target is not None and target.known_worker is not None:
        known, problem = _known_worker(task, target, task.queue)
        if problem and task.open_reservations == 0:
            move_on(task, now, log, skipped=True)
            return
        only_worker = known
    begin_waiting(task, now, log, target=target, only_worker=only_worker)


def return_to_pending(task: Task, now: datetime, log: Log) -> None:
    """Take a task back whose reservations have all ended without acceptance."""
    task.status = Task.Status.PENDING
    if task.rounds >= MAX_ROUNDS:
        cancel(task, ROUNDS_REASON, now, log, None)
    elif task.step_due_at is not None and task.step_due_at <= now:
        # Overdue while it was reserved.
        move_on(task, now, log, skipped=False)
    else:
        wait_again(task, now, log)


def mark_reserved(task: Task, count: int, now: datetime, log: Log) -> None:
    """Note that a task was offered to ``count`` more workers; it waits on while its queue allows yet more."""
    if task.status == Task.Status.PENDING:
        task.rounds += 1
    task.status = Task.Status.RESERVED
    task.open_reservations += count
    most = task.queue.max_reserved_workers if task.queue else 1
    task.is_waiting = task.is_solo = task.open_reservations < most
    task.is_fresh = task.is_entering = False
    task.version += 1
    task.updated_at = now
    refresh_due(task, log)


def save_reserved(tasks: Iterable[Task]) -> None:
    """Write what ``mark_reserved`` changes, of many tasks at once."""
    fields = (
        "status",
        "open_reservations",
        "is_waiting",
        "is_fresh",
        "is_entering",
        "is_solo",
        "rounds",
        "due_at",
        "version",
        "updated_at",
    )
    update_many(Task, fields, {task.id: tuple(getattr(task, field) for field in fields) for task in tasks})


def stop_waiting(task: Task) -> None:
    task.is_waiting = task.is_fresh = task.is_entering = task.is_solo = False


def cancel(task: Task, reason: str, now: datetime, log: Log, seats: Seats | None) -> None:
    """Cancel a pending or reserved task; ``seats`` holds the workers of its reservations, if it has any."""
    task.status = Task.Status.CANCELED
    task.reason = reason
    task.ended_at = now
    stop_waiting(task)
    if seats is not None:
        end_offers(task, Reservation.Status.CANCELED, now, log, seats)
    log.add("task.canceled", task=task, waited=True)
    log.announce(events.TaskCanceled, task=task, reason=reason)
    refresh_due(task, log)


def end_offers(task: Task, status: str, now: datetime, log: Log, seats: Seats, *, but: UUID | None = None) -> None:
    """End all pending reservations of a task, except one, as canceled or rescinded."""
    kind = events.ReservationRescinded if status == Reservation.Status.RESCINDED else events.ReservationCanceled
    for reservation in task.reservations.filter(status=Reservation.Status.PENDING).exclude(id=but):
        end_reservation(reservation, task, status, now, seats)
        worker = seats.workers.get(reservation.worker_id)
        log.add(f"reservation.{status}", task=task, reservation=reservation, worker=worker)
        log.announce(
            kind, task=task, reservation_id=reservation.id, worker_id=reservation.worker_id, reason=task.reason
        )
        log.bell()


def end_reservation(reservation: Reservation, task: Task, status: str, now: datetime, seats: Seats) -> None:
    """Give a held reservation its last status, and its worker the place back."""
    worked = reservation.status != Reservation.Status.PENDING
    reservation.status = status
    reservation.updated_at = now
    reservation.version += 1
    reservation.save(update_fields=["status", "updated_at", "version"])
    task.open_reservations = max(0, task.open_reservations - 1)
    seats.free(reservation.worker_id, task.channel_id, now, worked=worked)


def holds(task: Task) -> dict[str, datetime]:
    """Return until when which workers are not to be asked again."""
    return {worker: datetime.fromisoformat(until) for worker, until in task.refusals.items() if until}


def release_holds(task: Task, now: datetime, log: Log) -> None:
    """Let workers whose pause is over be asked again, after all others."""
    over = {worker for worker, until in holds(task).items() if until <= now}
    task.refusals = {worker: "" if worker in over else until for worker, until in task.refusals.items()}
    wait_again(task, now, log)


def refuse(task: Task, worker_id: UUID, now: datetime) -> None:
    """Note that a worker rejected a task: others come first now, and the worker not before a pause."""
    task.refusals = {**task.refusals, worker_id.hex: (now + REFUSAL_PAUSE).isoformat()}


def rank_of(task: Task, queue: TaskQueue | None) -> int:
    """Return the sort key within a priority: exact microseconds, newest first in a LIFO queue."""
    microseconds = int(task.virtual_start_at.timestamp() * 1_000_000)
    is_lifo = queue is not None and queue.task_order == "LIFO"
    return -microseconds if is_lifo else microseconds


def dues(task: Task) -> Iterator[tuple[datetime, str]]:
    """Yield what time alone will do to a task, and when; a fresh task's step is judged before it is left."""
    match task.status:
        case Task.Status.PENDING:
            yield task.created_at + timedelta(seconds=task.timeout_seconds), "ttl"
            if task.step_due_at is not None:
                yield task.step_due_at, "step"
            if task.hours_change_at is not None:
                yield task.hours_change_at, "hours"
            yield from ((until, "hold") for until in holds(task).values())
        case Task.Status.RESERVED:
            yield task.created_at + timedelta(seconds=task.timeout_seconds), "ttl"
            if task.is_waiting and task.hours_change_at is not None:
                yield task.hours_change_at, "hours"
            if task.is_waiting:
                yield from ((until, "hold") for until in holds(task).values())
        case Task.Status.ASSIGNED:
            yield (task.assigned_at or task.updated_at) + ASSIGNED_LIFE, "assigned"
        case Task.Status.COMPLETED | Task.Status.CANCELED:
            yield (task.ended_at or task.updated_at) + ENDED_LIFE, "ended"


def refresh_due(task: Task, log: Log) -> None:
    """Recompute ``due_at``, and have somebody look at the task then."""
    moment = min((at for at, _ in dues(task)), default=None)
    if moment != task.due_at:
        task.due_at = moment
        log.wake_at(moment)


def note_attempt(task: Task, outcome: str, now: datetime, **more: Any) -> AssignmentAttempt:
    """Return the record of a decision about a task, unsaved."""
    return AssignmentAttempt(
        account_id=task.account_id,
        workspace_id=task.workspace_id,
        task_id=task.id,
        queue_id=task.queue_id,
        step_filter=task.step_filter,
        step_target=task.step_target,
        outcome=outcome,
        attempted_at=now,
        **more,
    )


def _queue_of(task: Task, target: Target | None) -> TaskQueue | None:
    key = ids.parse_or_none("WQ", target.queue) if target is not None else None
    if key is None:
        return None
    if task.queue_id == key and task.queue is not None:
        return task.queue
    return TaskQueue.objects.filter(id=key, workspace_id=task.workspace_id).first()


def _enter_queue(task: Task, queue: TaskQueue, now: datetime, log: Log) -> None:
    if task.queue_id == queue.id:
        task.queue = queue
        return
    if task.queue_id is not None:
        log.add("task-queue.moved", task=task)
    task.queue = queue
    task.queue_entered_at = now
    log.add("task-queue.entered", task=task)


def _known_worker(task: Task, target: Target | None, queue: TaskQueue | None) -> tuple[UUID | None, str | None]:
    """Return the only worker a target allows, or the reason why the target cannot be used."""
    if target is None or queue is None or target.known_worker is None:
        return None, None
    named = target.known_worker.read(attributes_of(task))
    workers = Worker.objects.filter(workspace_id=task.workspace_id)
    if target.known_worker.by_name:
        found = workers.filter(name_key=(named or "").lower()).values_list("id", flat=True).first()
    else:
        found = workers.filter(id=ids.parse_or_none("WK", named)).values_list("id", flat=True).first()
    if found is None:
        return None, "The known worker does not exist"
    if not WorkerQueueMembership.objects.filter(queue=queue, worker_id=found).exists():
        return None, "40152: the known worker does not belong to the target's task queue"
    return found, None
