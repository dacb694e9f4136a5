"""Tasks."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from common import ids
from common.api.paging import page
from common.api.parsers import Params
from common.errors import BadParameter
from routing import services
from routing.api.base import (
    SOURCE,
    Ordering,
    WorkspaceView,
    expression_param,
    filter_key,
    if_match,
    key_param,
    time_param,
    truth,
    with_etag,
)
from routing.api.writers import write_task
from routing.models import Task, TaskChannel, TaskQueue, Worker, Workflow
from routing.services.tasks import MAX_PRIORITY, MAX_TTL

STATUSES = tuple(Task.Status.values)
TASK_ORDER = Ordering("DateCreated:asc", DateCreated="id", Priority="priority", VirtualStartTime="virtual_start_at")


class TasksView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        rows = filter_tasks(self.workspace.tasks.select_related("queue", "workflow", "channel"), params)
        return page(
            request,
            rows,
            key="tasks",
            write=lambda row: write_task(row, self.now),
            order=TASK_ORDER.read(params),
            keep=_matching(params),
        )

    def post(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        target = params.text("RoutingTarget") or ""
        workflow_id = key_param(params, "WorkflowSid", "WW")
        queue_id = key_param(params, "TaskQueueSid", "WQ")
        worker_id = None
        if target:
            match target[:2], ids.parse_or_none(target[:2], target):
                case "WK", UUID() as key:
                    worker_id = key
                case "WQ", UUID() as key:
                    queue_id = key
                case "WW", UUID() as key:
                    workflow_id = key
                case _:
                    raise BadParameter("RoutingTarget must be the SID of a worker, a task queue or a workflow")
        ignore_capacity = params.boolean("IgnoreCapacity")
        if ignore_capacity is not None and worker_id is None:
            raise BadParameter("IgnoreCapacity is allowed only with a worker as RoutingTarget")
        self._require(params, workflow_id, queue_id, worker_id)
        row = services.create_task(
            account_id=self.account_id,
            workspace_id=self.workspace.id,
            workflow_id=workflow_id,
            queue_id=queue_id,
            worker_id=worker_id,
            routing_target=target,
            ignore_capacity=ignore_capacity,
            attributes=params.text("Attributes") or "{}",
            task_channel=params.text("TaskChannel") or "default",
            priority=params.integer("Priority", least=0, most=MAX_PRIORITY) or 0,
            timeout_seconds=_ttl(params),
            virtual_start_at=time_param(params, "VirtualStartTime"),
            now=self.now,
            source=SOURCE,
        )
        return with_etag(write_task(row, self.now), row.version, status=201)

    def _require(self, params: Params, workflow_id: UUID | None, queue_id: UUID | None, worker_id: UUID | None) -> None:
        # What a parameter names and is not there is a bad parameter, not a missing resource.
        for model, key in ((Workflow, workflow_id), (TaskQueue, queue_id), (Worker, worker_id)):
            if key is not None and not model.objects.filter(id=key, workspace=self.workspace).exists():
                raise BadParameter(f"The {model.__name__} does not exist in this workspace")


class TaskView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str, sid: str) -> Response:
        row = self.own(Task, "WT", sid)
        return with_etag(write_task(row, self.now), row.version)

    def post(self, request: Request, workspace_sid: str, sid: str) -> Response:
        params = self.params(request)
        row = services.update_task(
            task_id=self.own(Task, "WT", sid).id,
            attributes=params.text("Attributes"),
            priority=params.integer("Priority", least=0, most=MAX_PRIORITY),
            task_channel=params.text("TaskChannel") or None,
            virtual_start_at=time_param(params, "VirtualStartTime"),
            status=params.text("AssignmentStatus", choices=("", *STATUSES)) or None,
            reason=params.text("Reason", max_length=4096) or "",
            if_match=if_match(request),
            now=self.now,
            source=SOURCE,
        )
        return with_etag(write_task(row, self.now), row.version)

    def delete(self, request: Request, workspace_sid: str, sid: str) -> Response:
        services.delete_task(
            task_id=self.own(Task, "WT", sid).id, if_match=if_match(request), now=self.now, source=SOURCE
        )
        return Response(status=204)


def filter_tasks(rows: QuerySet[Task], params: Params) -> QuerySet[Task]:
    """Apply the filters of the list of tasks, but for expressions."""
    if (priority := params.integer("Priority")) is not None:
        rows = rows.filter(priority=priority)
    statuses = [part.strip() for text in params.texts("AssignmentStatus") or [] for part in text.split(",")]
    if statuses := [status for status in statuses if status]:
        unknown = [status for status in statuses if status not in STATUSES]
        if unknown:
            raise BadParameter(f"AssignmentStatus must be one of {', '.join(STATUSES)}, not {unknown[0]!r}")
        rows = rows.filter(status__in=statuses)
    for name, prefix, field in (
        ("WorkflowSid", "WW", "workflow_id"),
        ("TaskQueueSid", "WQ", "queue_id"),
    ):
        if (key := filter_key(params, name, prefix)) is not None:
            rows = rows.filter(**{field: key})
    for name, field in (
        ("WorkflowName", "workflow__friendly_name"),
        ("TaskQueueName", "queue__friendly_name"),
        ("RoutingTarget", "routing_target"),
    ):
        if text := params.text(name):
            rows = rows.filter(**{field: text})
    if truth(params, "HasAddons"):
        rows = rows.none()  # there are no add-ons here
    return rows


def filter_channel(params: Params, workspace_id: UUID) -> UUID | None:
    """
    Return the key of a task channel given by SID or unique name.

    :raises BadParameter: there is none.
    """
    text = params.text("TaskChannel")
    if not text:
        return None
    by_either = Q(unique_name=text) | Q(id=ids.parse_or_none("TC", text))
    found = TaskChannel.objects.filter(by_either, workspace_id=workspace_id).values_list("id", flat=True).first()
    if found is None:
        raise BadParameter(f"TaskChannel {text!r} does not exist in this workspace")
    return found


def _ttl(params: Params) -> int:
    seconds = params.integer("Timeout", least=1, most=MAX_TTL)
    return 86_400 if seconds is None else seconds


def _matching(params: Params) -> Callable[[Any], bool] | None:
    expression = expression_param(params, "EvaluateTaskAttributes")
    if expression is None:
        return None
    return lambda task: expression.matches(json.loads(task.attributes))
