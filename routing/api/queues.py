"""Task queues and workflows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common.api.paging import page
from common.api.parsers import Params
from common.errors import BadParameter
from routing import services
from routing.api.base import SOURCE, Ordering, WorkspaceView, filter_key, key_param, url_param
from routing.api.workspaces import ORDERS
from routing.api.writers import write_task_queue, write_workflow
from routing.matching.errors import ExpressionError
from routing.matching.matching import is_member
from routing.models import TaskQueue, Workflow
from routing.services.queues import MAX_RESERVATION_TIMEOUT, MAX_RESERVED

QUEUE_ORDER = Ordering("DateCreated:asc", DateCreated="id", DateUpdated="updated_at", FriendlyName="friendly_name")


class TaskQueuesView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        rows = self.workspace.task_queues.select_related("reservation_activity", "assignment_activity")
        if name := params.text("FriendlyName"):
            rows = rows.filter(friendly_name=name)
        if (worker := filter_key(params, "WorkerSid", "WK")) is not None:
            rows = rows.filter(memberships__worker_id=worker)
        return page(
            request,
            rows,
            key="task_queues",
            write=write_task_queue,
            order=QUEUE_ORDER.read(params),
            keep=_would_take(params),
        )

    def post(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        target = params.text("TargetWorkers")
        row = services.create_queue(
            workspace_id=self.workspace.id,
            friendly_name=params.required("FriendlyName"),
            target_workers="1==1" if target is None else target,
            max_reserved_workers=params.integer("MaxReservedWorkers", least=1, most=MAX_RESERVED) or 1,
            task_order=params.text("TaskOrder", choices=ORDERS) or "FIFO",
            reservation_activity_id=key_param(params, "ReservationActivitySid", "WA"),
            assignment_activity_id=key_param(params, "AssignmentActivitySid", "WA"),
            now=self.now,
            source=SOURCE,
        )
        return Response(write_task_queue(row), status=201)


class TaskQueueView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str, sid: str) -> Response:
        return Response(write_task_queue(self.own(TaskQueue, "WQ", sid)))

    def post(self, request: Request, workspace_sid: str, sid: str) -> Response:
        params = self.params(request)
        row = services.update_queue(
            queue_id=self.own(TaskQueue, "WQ", sid).id,
            friendly_name=params.text("FriendlyName"),
            target_workers=params.text("TargetWorkers"),
            max_reserved_workers=params.integer("MaxReservedWorkers", least=1, most=MAX_RESERVED),
            task_order=params.text("TaskOrder", choices=ORDERS),
            reservation_activity_id=key_param(params, "ReservationActivitySid", "WA"),
            assignment_activity_id=key_param(params, "AssignmentActivitySid", "WA"),
            now=self.now,
            source=SOURCE,
        )
        return Response(write_task_queue(row))

    def delete(self, request: Request, workspace_sid: str, sid: str) -> Response:
        services.delete_queue(queue_id=self.own(TaskQueue, "WQ", sid).id, now=self.now, source=SOURCE)
        return Response(status=204)


class WorkflowsView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str) -> Response:
        rows = self.workspace.workflows.all()
        if name := self.params(request).text("FriendlyName"):
            rows = rows.filter(friendly_name=name)
        return page(request, rows, key="workflows", write=write_workflow, order="id")

    def post(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        row = services.create_workflow(
            workspace_id=self.workspace.id,
            friendly_name=params.required("FriendlyName"),
            configuration=params.required("Configuration"),
            assignment_callback_url=url_param(params, "AssignmentCallbackUrl") or "",
            fallback_assignment_callback_url=url_param(params, "FallbackAssignmentCallbackUrl") or "",
            task_reservation_timeout=_timeout(params) or 120,
            now=self.now,
            source=SOURCE,
        )
        return Response(write_workflow(row), status=201)


class WorkflowView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str, sid: str) -> Response:
        return Response(write_workflow(self.own(Workflow, "WW", sid)))

    def post(self, request: Request, workspace_sid: str, sid: str) -> Response:
        params = self.params(request)
        row = services.update_workflow(
            workflow_id=self.own(Workflow, "WW", sid).id,
            friendly_name=params.text("FriendlyName"),
            configuration=params.text("Configuration"),
            assignment_callback_url=url_param(params, "AssignmentCallbackUrl"),
            fallback_assignment_callback_url=url_param(params, "FallbackAssignmentCallbackUrl"),
            task_reservation_timeout=_timeout(params),
            re_evaluate_tasks=bool(params.boolean("ReEvaluateTasks")),
            now=self.now,
            source=SOURCE,
        )
        return Response(write_workflow(row))

    def delete(self, request: Request, workspace_sid: str, sid: str) -> Response:
        services.delete_workflow(workflow_id=self.own(Workflow, "WW", sid).id, now=self.now, source=SOURCE)
        return Response(status=204)


def _timeout(params: Params) -> int | None:
    return params.integer("TaskReservationTimeout", least=1, most=MAX_RESERVATION_TIMEOUT)


def _would_take(params: Params) -> Callable[[Any], bool] | None:
    """Return the test of ``EvaluateWorkerAttributes``: would the queue take a worker with these attributes?"""
    text = params.text("EvaluateWorkerAttributes")
    if not text:
        return None
    try:
        attributes = json.loads(text)
    except ValueError as error:
        raise BadParameter(f"EvaluateWorkerAttributes must be a JSON object: {error}") from error
    if not isinstance(attributes, dict):
        raise BadParameter("EvaluateWorkerAttributes must be a JSON object")

    def takes(queue: TaskQueue) -> bool:
        try:
            return is_member(queue.target_workers, attributes)
        except ExpressionError:
            return False

    return takes
