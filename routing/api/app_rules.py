"""``/app/v1/routing/queues`` and ``…/workflows``."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common.api.parsers import Params
from routing import services
from routing.api.app_base import SOURCE, RoutingView, pointing
from routing.api.app_overview import queues_of, workflows_of
from routing.api.base import url_param
from routing.models import TaskQueue, Workflow, Workspace
from routing.services.queues import MAX_RESERVATION_TIMEOUT, MAX_RESERVED


class QueuesView(RoutingView):
    def post(self, request: Request) -> Response:
        params = self.params(request)
        params.required("friendly_name")
        given = {name: value for name, value in _queue(params).items() if value is not None}
        with pointing():
            row = services.create_queue(workspace_id=self.workspace.id, now=self.now, source=SOURCE, **given)
        return Response(queues_of(self.workspace, row.id)[0], status=201)


class QueueView(RoutingView):
    def get(self, request: Request, sid: str) -> Response:
        return Response(queues_of(self.workspace, self.own(TaskQueue, "WQ", sid).id)[0])

    def put(self, request: Request, sid: str) -> Response:
        queue_id = self.own(TaskQueue, "WQ", sid).id
        with pointing():
            services.update_queue(queue_id=queue_id, now=self.now, source=SOURCE, **_queue(self.params(request)))
        return Response(queues_of(self.workspace, queue_id)[0])

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_queue(queue_id=self.own(TaskQueue, "WQ", sid).id, now=self.now, source=SOURCE)
        return Response(status=204)


class WorkflowsView(RoutingView):
    def post(self, request: Request) -> Response:
        params = self.params(request)
        params.required("friendly_name")
        params.required("configuration")
        given = {name: value for name, value in _workflow(params).items() if value is not None}
        with pointing():
            row = services.create_workflow(workspace_id=self.workspace.id, now=self.now, source=SOURCE, **given)
        return Response(workflows_of(self.workspace, row.id)[0], status=201)


class WorkflowView(RoutingView):
    def get(self, request: Request, sid: str) -> Response:
        return Response(workflows_of(self.workspace, self.own(Workflow, "WW", sid).id)[0])

    def put(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        workflow_id = self.own(Workflow, "WW", sid).id
        with pointing():
            services.update_workflow(
                workflow_id=workflow_id,
                now=self.now,
                source=SOURCE,
                re_evaluate_tasks=bool(params.boolean("re_evaluate_tasks")),
                **_workflow(params),
            )
        return Response(workflows_of(self.workspace, workflow_id)[0])

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_workflow(workflow_id=self.own(Workflow, "WW", sid).id, now=self.now, source=SOURCE)
        return Response(status=204)


def _queue(params: Params) -> dict[str, Any]:
    return {
        "friendly_name": params.text("friendly_name"),
        "target_workers": params.text("target_workers"),
        "max_reserved_workers": params.integer("max_reserved_workers", least=1, most=MAX_RESERVED),
        "task_order": params.text("task_order", choices=tuple(Workspace.Order.values)),
    }


def _workflow(params: Params) -> dict[str, Any]:
    return {
        "friendly_name": params.text("friendly_name"),
        "configuration": params.text("configuration"),
        "assignment_callback_url": url_param(params, "assignment_callback_url"),
        "fallback_assignment_callback_url": url_param(params, "fallback_assignment_callback_url"),
        "task_reservation_timeout": params.integer("task_reservation_timeout", least=1, most=MAX_RESERVATION_TIMEOUT),
    }
