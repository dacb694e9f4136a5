"""Writes of tasks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction

from common import ids
from common.errors import BadParameter, NotFound
from routing import events
from routing.errors import PreconditionFailed, TransitionRefused
from routing.models import Reservation, Task, TaskChannel, TaskQueue, Worker, Workflow, Workspace
from routing.services import standing
from routing.services.log import Log
from routing.services.seats import Seats

MAX_ATTRIBUTES = 4096  # characters
MAX_TTL = 1_209_600  # seconds, two weeks
MAX_PRIORITY = 2**31 - 1
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


@transaction.atomic
def create_task(
    *,
    account_id: UUID,
    workflow_id: UUID | None,
    attributes: dict[str, Any] | str,
    task_channel: str = "default",
    priority: int = 0,
    timeout_seconds: int = 86_400,
    now: datetime,
    task_id: UUID | None = None,
    queue_id: UUID | None = None,
    worker_id: UUID | None = None,
    ignore_capacity: bool | None = None,
    virtual_start_at: datetime | None = None,
    workspace_id: UUID | None = None,
    routing_target: str = "",
    source: str = "system",
) -> Task:
    """
    Create a task and let it wait for a worker.

    With ``workflow_id`` the workflow places it; with ``queue_id`` or ``worker_id`` it goes to that queue or
    worker past the workflow's rules. With none of them the workspace's only workflow is used. The workspace is
    the workflow's, else the account's default one. ``task_channel`` is a unique name or a SID. With ``task_id``
    a task that exists already is returned unchanged. ``ignore_capacity`` (only for a worker; default true there)
    also ignores the worker's activity.

    :raises NotFound: the workflow, queue, worker, channel or workspace is unknown in this account.
    :raises BadParameter: a value is out of bounds.
    """
    if task_id is not None:
        existing = Task.objects.filter(id=task_id, account_id=account_id).first()
        if existing is not None:
            return existing
    text = attributes_text(attributes)
    if not 0 <= priority <= MAX_PRIORITY:
        raise BadParameter("Priority must be between 0 and 2147483647")
    if not 1 <= timeout_seconds <= MAX_TTL:
        raise BadParameter(f"Timeout must be between 1 and {MAX_TTL} seconds")
    check_start(virtual_start_at, now)
    workflow, workspace = _workflow_and_workspace(account_id, workflow_id, workspace_id, queue_id, worker_id)
    channel = find_channel(workspace.id, task_channel)
    queue = _one(TaskQueue, workspace.id, queue_id, "task queue")
    worker = _one(Worker, workspace.id, worker_id, "worker")
    task = Task(
        id=task_id or ids.uuid7(),
        account_id=account_id,
        workspace=workspace,
        workflow=workflow,
        channel=channel,
        attributes=text,
        priority=priority,
        timeout_seconds=timeout_seconds,
        virtual_start_at=virtual_start_at or now,
        created_at=now,
        updated_at=now,
        routing_target=routing_target,
        only_worker_id=worker.id if worker else None,
        ignore_capacity=worker is not None and ignore_capacity is not False,
    )
    log = Log.of(workspace, now, source=source)
    if queue is not None or worker is not None:
        standing.stand_in_queue(task, queue, now, log)
    elif workflow is not None:
        standing.enter_workflow(task, workflow, now, log)
    task.save(force_insert=True)
    _order_as_documented(log, task)
    log.announcements.insert(0, events.TaskCreated(**_about(log, task)))
    log.flush()
    return task


@transaction.atomic
def update_task(
    *,
    task_id: UUID,
    now: datetime,
    attributes: dict[str, Any] | str | None = None,
    priority: int | None = None,
    task_channel: str | None = None,
    virtual_start_at: datetime | None = None,
    status: str | None = None,
    reason: str = "",
    if_match: str | None = None,
    source: str = "system",
) -> Task:
    """
    Change a task. New attributes send a pending task through its workflow again, from the top.

    :raises TransitionRefused: ``status`` cannot be reached from where the task is, or its reason is missing.
    :raises PreconditionFailed: ``if_match`` is not the stored version.
    """
    task, seats = lock_task(task_id)
    require_version(task.version, if_match)
    log = Log(task.workspace_id, task.account_id, now, source=source)
    requeue = restart = False
    if attributes is not None:
        text = attributes_text(attributes)
        restart = text != task.attributes
        task.attributes = text
    if priority is not None:
        if not 0 <= priority <= MAX_PRIORITY:
            raise BadParameter("Priority must be between 0 and 2147483647")
        requeue, task.priority = True, priority
    if virtual_start_at is not None:
        check_start(virtual_start_at, now)
        requeue, task.virtual_start_at = True, virtual_start_at
    if task_channel is not None:
        channel = find_channel(task.workspace_id, task_channel)
        if channel.id != task.channel_id:
            if task.open_reservations:
                raise TransitionRefused("The task channel cannot be changed while the task has reservations")
            requeue, task.channel = True, channel
    task.version += 1
    task.updated_at = now
    log.add("task.updated", task=task)
    if task.status == Task.Status.PENDING and restart and task.workflow_id and task.step_filter is not None:
        standing.enter_workflow(task, task.workflow, now, log)
    elif task.is_waiting and (requeue or restart):
        standing.wait_again(task, now, log)
    if status is not None and status != task.status:
        _change_status(task, status, reason, now, log, seats)
    task.save()
    seats.save()
    log.flush()
    return task


@transaction.atomic
def cancel_task(*, task_id: UUID, reason: str, now: datetime) -> Task:
    """
    Cancel a pending or reserved task; its offers are canceled. A canceled one stays as it is.

    :raises TransitionRefused: somebody works on it, or it is completed.
    """
    return _transition(task_id, Task.Status.CANCELED, reason, now)


@transaction.atomic
def complete_task(*, task_id: UUID, reason: str, now: datetime) -> Task:
    """
    Complete an assigned or wrapping task, and with it its accepted reservation. A completed one stays as it is.

    :raises TransitionRefused: nobody has accepted it, or it is canceled.
    """
    return _transition(task_id, Task.Status.COMPLETED, reason, now)


@transaction.atomic
def delete_task(*, task_id: UUID, now: datetime, if_match: str | None = None, source: str = "system") -> None:
    """Delete a task with its reservations, whatever its status."""
    task, seats = lock_task(task_id)
    require_version(task.version, if_match)
    log = Log(task.workspace_id, task.account_id, now, source=source)
    log.add("task.deleted", task=task)
    release_and_delete(task, now, log, seats)
    seats.save()
    log.flush()


def release_and_delete(task: Task, now: datetime, log: Log, seats: Seats) -> None:
    """End what is open of a locked task, and delete it."""
    if task.status not in Task.ENDED:
        task.reason = task.reason or "Task deleted"
        standing.end_offers(task, Reservation.Status.CANCELED, now, log, seats)
        for reservation in task.reservations.filter(status__in=Reservation.HELD):
            standing.end_reservation(reservation, task, Reservation.Status.CANCELED, now, seats)
            log.bell()
        log.announce(events.TaskCanceled, task=task, reason=task.reason)
    task.delete()


def lock_task(task_id: UUID) -> tuple[Task, Seats]:
    """
    Lock a task, then the workers of its open reservations.

    :raises NotFound: no such task.
    """
    task = Task.objects.select_for_update(of=("self",)).select_related("workflow", "queue").filter(id=task_id).first()
    if task is None:
        raise NotFound("task")
    held = task.reservations.filter(status__in=Reservation.HELD).values_list("worker_id", flat=True)
    return task, Seats(held)


def attributes_text(attributes: dict[str, Any] | str) -> str:
    """
    Return attributes as they are stored; JSON text is kept as it was written.

    :raises BadParameter: no object, or too long.
    """
    text = attributes if isinstance(attributes, str) else json.dumps(attributes, ensure_ascii=False)
    try:
        parsed = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise BadParameter(f"Attributes must be valid JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise BadParameter("Attributes must be a JSON object")
    if len(text) > MAX_ATTRIBUTES:
        raise BadParameter(f"Attributes must have at most {MAX_ATTRIBUTES} characters")
    return text


def check_start(moment: datetime | None, now: datetime) -> None:
    if moment is not None and not EARLIEST <= moment <= now + timedelta(seconds=1):
        raise BadParameter("VirtualStartTime must not be in the future or before 1900")


def require_version(version: int, if_match: str | None) -> None:
    """
    Compare a version with ``If-Match``.

    :raises PreconditionFailed: they differ.
    """
    if if_match is None or if_match.strip() == "*":
        return
    wanted = {part.strip().removeprefix("W/").strip('"') for part in if_match.split(",")}
    if str(version) not in wanted:
        raise PreconditionFailed


def find_channel(workspace_id: UUID, name: str) -> TaskChannel:
    """
    Return a task channel by unique name or SID.

    :raises BadParameter: there is none.
    """
    channels = TaskChannel.objects.filter(workspace_id=workspace_id)
    key = ids.parse_or_none("TC", name)
    found = channels.filter(id=key).first() if key else channels.filter(unique_name=name).first()
    if found is None:
        raise BadParameter(f"TaskChannel {name!r} does not exist in this workspace")
    return found


def _transition(task_id: UUID, status: str, reason: str, now: datetime) -> Task:
    task, seats = lock_task(task_id)
    if task.status == status:
        return task
    log = Log(task.workspace_id, task.account_id, now)
    _change_status(task, status, reason, now, log, seats)
    task.version += 1
    task.updated_at = now
    task.save()
    seats.save()
    log.flush()
    return task


def _change_status(task: Task, status: str, reason: str, now: datetime, log: Log, seats: Seats) -> None:
    match task.status, status:
        case Task.Status.PENDING | Task.Status.RESERVED, Task.Status.CANCELED:
            _require_reason(reason)
            standing.cancel(task, reason, now, log, seats)
        case Task.Status.ASSIGNED, Task.Status.WRAPPING:
            task.reason = reason or task.reason
            wrap(task, now, log, seats)
        case Task.Status.ASSIGNED | Task.Status.WRAPPING, Task.Status.COMPLETED:
            _require_reason(reason)
            task.reason = reason
            complete(task, now, log, seats)
        case _:
            raise TransitionRefused(f"A task that is {task.status} cannot become {status}")


def wrap(task: Task, now: datetime, log: Log, seats: Seats) -> None:
    """Take an assigned task and its reservation to wrapping."""
    task.status = Task.Status.WRAPPING
    log.add("task.wrapup", task=task)
    log.announce(events.TaskWrapping, task=task, **_whose(task))
    for reservation in task.reservations.filter(status=Reservation.Status.ACCEPTED):
        reservation.status = Reservation.Status.WRAPPING
        reservation.updated_at = now
        reservation.version += 1
        reservation.save(update_fields=["status", "updated_at", "version"])
        worker = seats.workers.get(reservation.worker_id)
        log.add("reservation.wrapup", task=task, reservation=reservation, worker=worker)
        log.announce(
            events.ReservationWrapping, task=task, reservation_id=reservation.id, worker_id=reservation.worker_id
        )
    standing.refresh_due(task, log)


def complete(task: Task, now: datetime, log: Log, seats: Seats) -> None:
    """Take an assigned or wrapping task and its reservation to completed."""
    whose = _whose(task)
    task.status = Task.Status.COMPLETED
    task.ended_at = now
    standing.stop_waiting(task)
    log.add("task.completed", task=task)
    log.announce(events.TaskCompleted, task=task, reason=task.reason, **whose)
    for reservation in task.reservations.filter(status__in=_WORKED):
        standing.end_reservation(reservation, task, Reservation.Status.COMPLETED, now, seats)
        worker = seats.workers.get(reservation.worker_id)
        log.add("reservation.completed", task=task, reservation=reservation, worker=worker)
        log.announce(
            events.ReservationCompleted, task=task, reservation_id=reservation.id, worker_id=reservation.worker_id
        )
    standing.refresh_due(task, log)
    log.bell()


_WORKED = (Reservation.Status.ACCEPTED, Reservation.Status.WRAPPING)


def _whose(task: Task) -> dict[str, UUID]:
    found: Iterable[Reservation] = task.reservations.filter(status__in=_WORKED)
    for reservation in found:
        return {"reservation_id": reservation.id, "worker_id": reservation.worker_id}
    return {}


def _require_reason(reason: str) -> None:
    if not reason:
        raise TransitionRefused("Reason is required to cancel or complete a task")


def _about(log: Log, task: Task) -> dict[str, Any]:
    return {
        "account_id": log.account_id,
        "workspace_id": log.workspace_id,
        "task_id": task.id,
        "attributes": standing.attributes_of(task),
        "occurred_at": log.now,
    }


def _order_as_documented(log: Log, task: Task) -> None:
    # workflow.entered, task-queue.entered, task.created, workflow.target-matched (observed order)
    kinds = [row.event_type for row in log.rows]
    position = kinds.index("task-queue.entered") + 1 if "task-queue.entered" in kinds else min(len(kinds), 1)
    log.add("task.created", task=task)
    log.rows.insert(position, log.rows.pop())


def _workflow_and_workspace(
    account_id: UUID,
    workflow_id: UUID | None,
    workspace_id: UUID | None,
    queue_id: UUID | None,
    worker_id: UUID | None,
) -> tuple[Workflow | None, Workspace]:
    mine = Workspace.objects.filter(account_id=account_id)
    workflow = None
    if workflow_id is not None:
        found = Workflow.objects.select_related("workspace").filter(id=workflow_id, account_id=account_id)
        workflow = found.filter(workspace_id=workspace_id).first() if workspace_id else found.first()
        if workflow is None:
            raise NotFound("workflow")
        return workflow, workflow.workspace
    workspace = (mine.filter(id=workspace_id) if workspace_id else mine.filter(is_default=True)).first()
    if workspace is None:
        raise NotFound("workspace")
    if queue_id is None and worker_id is None:
        candidates = list(Workflow.objects.filter(workspace=workspace)[:2])
        if len(candidates) != 1:
            raise BadParameter("WorkflowSid is required: the workspace does not have exactly one workflow")
        workflow = candidates[0]
    return workflow, workspace


def _one(model: type[Any], workspace_id: UUID, key: UUID | None, what: str) -> Any:
    if key is None:
        return None
    found = model.objects.filter(id=key, workspace_id=workspace_id).first()
    if found is None:
        raise NotFound(what)
    return found
