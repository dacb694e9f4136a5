"""Writes of task queues and workflows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from common import ids
from common.errors import BadParameter, NotFound
from routing.errors import InUse
from routing.matching.errors import ExpressionError, WorkflowError
from routing.matching.expressions import compile_expression
from routing.matching.workflow import Plan, parse_plan
from routing.models import Activity, Task, TaskQueue, Worker, Workflow, Workspace
from routing.services import standing
from routing.services.activities import update_memberships
from routing.services.log import Log
from routing.services.workers import lock_workspace

MAX_RESERVED = 50
MAX_RESERVATION_TIMEOUT = 86_400  # seconds
BATCH = 500


@transaction.atomic
def create_queue(
    *,
    workspace_id: UUID,
    friendly_name: str,
    now: datetime,
    target_workers: str = "1==1",
    max_reserved_workers: int = 1,
    task_order: str = "FIFO",
    reservation_activity_id: UUID | None = None,
    assignment_activity_id: UUID | None = None,
    source: str = "system",
) -> TaskQueue:
    """
    Create a task queue; an empty ``target_workers`` takes nobody.

    :raises NotFound: the workspace is unknown.
    :raises BadParameter: the expression does not parse (with its position), or a value is out of bounds.
    """
    workspace = lock_workspace(workspace_id)
    queue = TaskQueue(
        account_id=workspace.account_id,
        workspace=workspace,
        friendly_name=_name(friendly_name),
        target_workers=check_expression(target_workers, "TargetWorkers"),
        max_reserved_workers=_reserved(max_reserved_workers),
        task_order=task_order,
        reservation_activity=_activity(workspace, reservation_activity_id),
        assignment_activity=_activity(workspace, assignment_activity_id),
        created_at=now,
        updated_at=now,
    )
    _refuse_same_name(queue)
    queue.save(force_insert=True)
    update_memberships(_workers(workspace), [queue])
    _note(workspace, "task-queue.created", ("task-queue", queue.id), now, source, **_told(queue))
    return queue


@transaction.atomic
def update_queue(
    *,
    queue_id: UUID,
    now: datetime,
    friendly_name: str | None = None,
    target_workers: str | None = None,
    max_reserved_workers: int | None = None,
    task_order: str | None = None,
    reservation_activity_id: UUID | None = None,
    assignment_activity_id: UUID | None = None,
    source: str = "system",
) -> TaskQueue:
    """
    Change a task queue; memberships follow the expression, waiting tasks the order.

    :raises NotFound: unknown.
    :raises BadParameter: the expression does not parse (with its position), or a value is out of bounds.
    """
    queue = TaskQueue.objects.filter(id=queue_id).first()
    if queue is None:
        raise NotFound("task queue")
    workspace = lock_workspace(queue.workspace_id)
    queue = TaskQueue.objects.get(id=queue_id)
    log = Log.of(workspace, now, source=source)
    if friendly_name is not None:
        queue.friendly_name = _name(friendly_name)
        _refuse_same_name(queue)
    for field, activity_id in (
        ("reservation_activity", reservation_activity_id),
        ("assignment_activity", assignment_activity_id),
    ):
        if activity_id is not None:
            setattr(queue, field, _activity(workspace, activity_id))
    reordered = task_order is not None and task_order != queue.task_order
    if task_order is not None:
        queue.task_order = task_order
    widened = max_reserved_workers is not None and max_reserved_workers != queue.max_reserved_workers
    if max_reserved_workers is not None:
        queue.max_reserved_workers = _reserved(max_reserved_workers)
    retargeted = target_workers is not None and target_workers != queue.target_workers
    if target_workers is not None:
        queue.target_workers = check_expression(target_workers, "TargetWorkers")
    queue.updated_at = now
    queue.save()
    if retargeted:
        joined = update_memberships(_workers(workspace), [queue])
        _stir(joined)
        log.add("task-queue.expression.updated", resource=("task-queue", queue.id), data=_told(queue))
        log.bell()
    if reordered or widened:
        _reorder(queue, now, log)
    log.flush()
    return queue


@transaction.atomic
def delete_queue(*, queue_id: UUID, now: datetime, source: str = "system") -> None:
    """
    Delete a task queue.

    :raises NotFound: unknown.
    :raises InUse: a workflow refers to it, or tasks are in it.
    """
    queue = TaskQueue.objects.filter(id=queue_id).first()
    if queue is None:
        raise NotFound("task queue")
    workspace = lock_workspace(queue.workspace_id)
    sid = ids.sid("WQ", queue.id)
    for workflow in Workflow.objects.filter(workspace=workspace):
        if sid in _queues_of(workflow):
            raise InUse(f"The task queue is referenced by the workflow {workflow.friendly_name!r}")
    if queue.tasks.exclude(status__in=Task.ENDED).exists():
        raise InUse("Tasks are in this task queue")
    _note(workspace, "task-queue.deleted", ("task-queue", queue.id), now, source, **_told(queue))
    queue.delete()


@transaction.atomic
def create_workflow(
    *,
    workspace_id: UUID,
    friendly_name: str,
    configuration: str,
    now: datetime,
    assignment_callback_url: str = "",
    fallback_assignment_callback_url: str = "",
    task_reservation_timeout: int = 120,
    source: str = "system",
) -> Workflow:
    """
    Create a workflow.

    :raises NotFound: the workspace is unknown.
    :raises BadParameter: the configuration cannot be used; names the place, and the position in an expression.
    """
    workspace = lock_workspace(workspace_id)
    check_configuration(workspace.id, configuration)
    workflow = Workflow.objects.create(
        account_id=workspace.account_id,
        workspace=workspace,
        friendly_name=_name(friendly_name),
        configuration=configuration,
        assignment_callback_url=assignment_callback_url,
        fallback_assignment_callback_url=fallback_assignment_callback_url,
        task_reservation_timeout=_timeout(task_reservation_timeout),
        created_at=now,
        updated_at=now,
    )
    _note(workspace, "workflow.created", ("workflow", workflow.id), now, source, **_told_workflow(workflow))
    return workflow


@transaction.atomic
def update_workflow(
    *,
    workflow_id: UUID,
    now: datetime,
    friendly_name: str | None = None,
    configuration: str | None = None,
    assignment_callback_url: str | None = None,
    fallback_assignment_callback_url: str | None = None,
    task_reservation_timeout: int | None = None,
    re_evaluate_tasks: bool = False,
    source: str = "system",
) -> Workflow:
    """
    Change a workflow; with ``re_evaluate_tasks`` its pending tasks go through it again, from the top.

    :raises NotFound: unknown.
    :raises BadParameter: the configuration cannot be used.
    """
    workflow = Workflow.objects.filter(id=workflow_id).first()
    if workflow is None:
        raise NotFound("workflow")
    workspace = lock_workspace(workflow.workspace_id)
    if friendly_name is not None:
        workflow.friendly_name = _name(friendly_name)
    if configuration is not None:
        check_configuration(workspace.id, configuration)
        workflow.configuration = configuration
    if assignment_callback_url is not None:
        workflow.assignment_callback_url = assignment_callback_url
    if fallback_assignment_callback_url is not None:
        workflow.fallback_assignment_callback_url = fallback_assignment_callback_url
    if task_reservation_timeout is not None:
        workflow.task_reservation_timeout = _timeout(task_reservation_timeout)
    workflow.updated_at = now
    workflow.save()
    log = Log.of(workspace, now, source=source)
    log.add("workflow.updated", resource=("workflow", workflow.id), data=_told_workflow(workflow))
    if re_evaluate_tasks:
        for task in _locked(Task.objects.filter(workflow=workflow, status=Task.Status.PENDING)):
            if task.step_filter is not None:
                task.workflow = workflow
                standing.enter_workflow(task, workflow, now, log)
                task.updated_at = now
                task.save()
    log.flush()
    return workflow


@transaction.atomic
def delete_workflow(*, workflow_id: UUID, now: datetime, source: str = "system") -> None:
    """
    Delete a workflow.

    :raises NotFound: unknown.
    :raises InUse: tasks are in it.
    """
    workflow = Workflow.objects.filter(id=workflow_id).first()
    if workflow is None:
        raise NotFound("workflow")
    workspace = lock_workspace(workflow.workspace_id)
    if workflow.tasks.exclude(status__in=Task.ENDED).exists():
        raise InUse("Tasks are in this workflow")
    _note(workspace, "workflow.deleted", ("workflow", workflow.id), now, source, **_told_workflow(workflow))
    workflow.delete()


def renew_memberships(workspace: Workspace) -> None:
    """Recompute all memberships of a locked workspace, and have those who joined a queue looked at."""
    _stir(update_memberships(_workers(workspace), TaskQueue.objects.filter(workspace=workspace)))


def check_expression(text: str, name: str) -> str:
    """
    Return a queue's expression if it can be used.

    :raises BadParameter: it does not parse; says where.
    """
    if text.strip():
        try:
            compile_expression(text)
        except ExpressionError as error:
            raise BadParameter(f"{name} is not a valid expression: {error}") from error
    return text


def check_configuration(workspace_id: UUID, text: str) -> Plan:
    """
    Compile a configuration and check that its queues exist.

    :raises BadParameter: it cannot be used; names the place.
    """
    try:
        plan = parse_plan(text)
    except WorkflowError as error:
        raise BadParameter(f"Configuration is not valid: {error}") from error
    wanted = {sid: ids.parse_or_none("WQ", sid) for sid in plan.queues()}
    keys = [key for key in wanted.values() if key is not None]
    known = set(TaskQueue.objects.filter(id__in=keys, workspace_id=workspace_id).values_list("id", flat=True))
    for sid, key in sorted(wanted.items()):
        if key not in known:
            raise BadParameter(f"Configuration is not valid: the task queue {sid} does not exist")
    return plan


def plain_configuration(queue: TaskQueue) -> str:
    """Return the configuration that sends every task to one queue."""
    return json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": ids.sid("WQ", queue.id)}}})


def _reorder(queue: TaskQueue, now: datetime, log: Log) -> None:
    for task in _locked(Task.objects.filter(queue=queue, status__in=Task.OPEN)):
        task.queue = queue
        if task.open_reservations < queue.max_reserved_workers:
            standing.wait_again(task, now, log)
        else:
            standing.stop_waiting(task)
        task.save()


def _locked(tasks: Any) -> Iterator[Task]:
    """Yield tasks, locked, by id; in batches, so that a large queue does not fill the memory."""
    last = None
    while True:
        rows = tasks if last is None else tasks.filter(id__gt=last)
        batch = list(rows.select_for_update(of=("self",)).select_related("workflow", "queue").order_by("id")[:BATCH])
        yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1].id


def _workers(workspace: Workspace) -> Any:
    return Worker.objects.filter(workspace=workspace).select_related("activity")


def _stir(worker_ids: set[UUID]) -> None:
    locked = Worker.objects.filter(id__in=worker_ids, available=True).order_by("id").select_for_update()
    Worker.objects.filter(id__in=[worker.id for worker in locked]).update(is_stirred=True)


def _queues_of(workflow: Workflow) -> frozenset[str]:
    plan = standing.plan_of(workflow)
    return plan.queues() if plan is not None else frozenset()


def _name(text: str) -> str:
    text = text.strip()
    if not text or len(text) > 120:
        raise BadParameter("FriendlyName must have 1 to 120 characters")
    return text


def _refuse_same_name(queue: TaskQueue) -> None:
    same = TaskQueue.objects.filter(workspace=queue.workspace_id, friendly_name=queue.friendly_name)
    if same.exclude(id=queue.id).exists():
        raise BadParameter("TaskQueue with the same friendly name already exists")


def _reserved(number: int) -> int:
    if not 1 <= number <= MAX_RESERVED:
        raise BadParameter(f"MaxReservedWorkers must be between 1 and {MAX_RESERVED}")
    return number


def _timeout(seconds: int) -> int:
    if not 1 <= seconds <= MAX_RESERVATION_TIMEOUT:
        raise BadParameter(f"TaskReservationTimeout must be between 1 and {MAX_RESERVATION_TIMEOUT}")
    return seconds


def _activity(workspace: Workspace, activity_id: UUID | None) -> Activity | None:
    if activity_id is None:
        return None
    found = Activity.objects.filter(id=activity_id, workspace=workspace).first()
    if found is None:
        raise BadParameter("The activity does not exist in this workspace")
    return found


def _note(
    workspace: Workspace, event_type: str, resource: tuple[str, UUID], now: datetime, source: str, **told: object
) -> None:
    log = Log.of(workspace, now, source=source)
    log.add(event_type, resource=resource, data=told)
    log.flush()


def _told(queue: TaskQueue) -> dict[str, object]:
    return {
        "task_queue_sid": ids.sid("WQ", queue.id),
        "task_queue_name": queue.friendly_name,
        "task_queue_target_expression": queue.target_workers,
    }


def _told_workflow(workflow: Workflow) -> dict[str, object]:
    return {"workflow_sid": ids.sid("WW", workflow.id), "workflow_name": workflow.friendly_name}
