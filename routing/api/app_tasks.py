"""``/app/v1/routing/tasks`` and what is asked of expressions and workflows before they are saved."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from common.api.paging import after_token, make_token
from common.errors import BadParameter, NotFound
from routing import explaining, expression_check
from routing.api.app_base import AskingView, RoutingView, own_key
from routing.api.app_writers import task_json
from routing.models import Reservation, Task, TaskQueue, Workflow

PAGE = 50


class TasksView(RoutingView):
    def get(self, request: Request) -> Response:
        params = self.params(request)
        rows = Task.objects.filter(workspace=self.workspace).select_related("queue", "workflow", "channel")
        status = params.text("status", choices=("", "open", *Task.Status.values))
        if status:
            rows = rows.filter(status__in=Task.OPEN if status == "open" else (status,))
        queue = own_key(params, "queue_sid", "WQ", TaskQueue, self.workspace)
        if queue is not None:
            rows = rows.filter(queue_id=queue)
        workflow = own_key(params, "workflow_sid", "WW", Workflow, self.workspace)
        if workflow is not None:
            rows = rows.filter(workflow_id=workflow)
        token = params.text("page_token")
        if token:
            rows = after_token(rows, token)
        found = list(rows.order_by("-id")[: PAGE + 1])
        more, found = len(found) > PAGE, found[:PAGE]
        names = workers_of(found)
        return Response(
            {
                "tasks": [task_json(row, self.now, names.get(row.id)) for row in found],
                "next_page_token": make_token(found[-1], "id") if more else None,
            }
        )


class ExplanationView(RoutingView):
    def get(self, request: Request, sid: str) -> Response:
        rows = Task.objects.filter(workspace=self.workspace).select_related("queue", "workflow", "channel")
        task = rows.filter(id=self.key("WT", sid)).first()
        if task is None:
            raise NotFound("task")
        told = task_json(task, self.now, workers_of([task]).get(task.id))
        return Response({"task": told, **explaining.explain_task(task_id=task.id, now=self.now)})


class ExpressionCheckView(AskingView):
    def post(self, request: Request) -> Response:
        params = self.params(request)
        kind = params.required("kind", choices=expression_check.KINDS)
        expression = params.text("expression")
        if expression is None:
            raise BadParameter("Missing required parameter expression in the post body")
        return Response(
            expression_check.check(
                workspace=self.workspace,
                expression=expression,
                kind=kind,
                queue_id=own_key(params, "queue_sid", "WQ", TaskQueue, self.workspace),
                now=self.now,
            )
        )


def workers_of(tasks: list[Task]) -> dict[UUID, str]:
    """Return the names of the workers who have, or are offered, each of these tasks."""
    rows = Reservation.objects.filter(task__in=tasks, status__in=(*Reservation.HELD, Reservation.Status.COMPLETED))
    return dict(rows.order_by("id").values_list("task_id", "worker__friendly_name"))
