"""Statistics: real-time, cumulative, and both in one."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common import ids
from common.api.paging import page
from common.api.parsers import Params
from common.errors import BadParameter
from routing import statistics
from routing.api.base import WorkspaceView, url
from routing.api.tasks import filter_channel
from routing.api.window import read_window
from routing.api.workers import filter_workers
from routing.models import TaskQueue, Worker, Workflow
from routing.statistics import Scope

MAX_BULK = 50
MAX_THRESHOLDS = 20


class FiguresView(WorkspaceView):
    """``figures``: ``realtime`` or ``cumulative`` stand alone and flat, ``both`` under their names."""

    figures: str = "both"

    def scope(self, params: Params, **of: Any) -> Scope:
        return Scope(self.workspace, channel_id=filter_channel(params, self.workspace.id), **of)

    def cumulative(self, params: Params, scope: Scope) -> dict[str, Any]:
        start, end = read_window(params, self.now)
        return statistics.cumulative(scope, start, end, read_thresholds(params))

    def answer(self, params: Params, scope: Scope, own: dict[str, Any], *path: str) -> Response:
        if self.figures == "realtime":
            body = statistics.realtime(scope, self.now)
        elif self.figures == "cumulative":
            body = self.cumulative(params, scope)
        else:
            body = {
                "cumulative": self.cumulative(params, scope),
                "realtime": statistics.realtime(scope, self.now),
            }
        return Response({**self.named(*path), **own, **body})

    def named(self, *path: str) -> dict[str, Any]:
        last = {"realtime": "RealTimeStatistics", "cumulative": "CumulativeStatistics"}
        return {
            "account_sid": self.account_sid,
            "workspace_sid": self.workspace.sid,
            "url": url(self.workspace, *path, last.get(self.figures, "Statistics")),
        }


class WorkspaceStatisticsView(FiguresView):
    def get(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        return self.answer(params, self.scope(params), {})


class QueueView(FiguresView):
    def get(self, request: Request, workspace_sid: str, sid: str) -> Response:
        params = self.params(request)
        queue = self.own(TaskQueue, "WQ", sid)
        scope = self.scope(params, queue_id=queue.id)
        return self.answer(params, scope, {"task_queue_sid": queue.sid}, "TaskQueues", queue.sid)


class WorkflowView(FiguresView):
    def get(self, request: Request, workspace_sid: str, sid: str) -> Response:
        params = self.params(request)
        workflow = self.own(Workflow, "WW", sid)
        scope = self.scope(params, workflow_id=workflow.id)
        return self.answer(params, scope, {"workflow_sid": workflow.sid}, "Workflows", workflow.sid)


class TaskQueuesStatisticsView(FiguresView):
    def get(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        channel_id = filter_channel(params, self.workspace.id)
        rows = self.workspace.task_queues.all()
        if name := params.text("FriendlyName"):
            rows = rows.filter(friendly_name=name)

        def write(queue: TaskQueue) -> dict[str, Any]:
            scope = Scope(self.workspace, queue_id=queue.id, channel_id=channel_id)
            return {
                "account_sid": self.account_sid,
                "workspace_sid": self.workspace.sid,
                "task_queue_sid": queue.sid,
                "cumulative": self.cumulative(params, scope),
                "realtime": statistics.realtime(scope, self.now),
            }

        return page(request, rows, key="task_queues_statistics", write=write, order="id", max_size=100)


class BulkQueueStatisticsView(FiguresView):
    """Real-time figures of up to 50 queues, asked for in JSON."""

    figures = "realtime"

    def post(self, request: Request, workspace_sid: str) -> Response:
        params = Params(request.data)
        wanted = params.texts("TaskQueueSids") or params.texts("task_queue_sids") or []
        sids = [sid for text in wanted for sid in text.split(",") if sid]
        if not sids or len(sids) > MAX_BULK:
            raise BadParameter(f"TaskQueueSids must be a list of 1 to {MAX_BULK} SIDs of task queues")
        keys = [ids.parse_or_none("WQ", sid) for sid in sids]
        found = self.workspace.task_queues.in_bulk([key for key in keys if key is not None])
        data = []
        for key in dict.fromkeys(keys):
            queue = found.get(key)
            if queue is not None:
                scope = Scope(self.workspace, queue_id=queue.id)
                data.append({"task_queue_sid": queue.sid, **statistics.realtime(scope, self.now)})
        return Response({**self.named("TaskQueues"), "task_queue_data": data, "task_queue_response_count": len(data)})


class WorkersView(FiguresView):
    def get(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        rows = filter_workers(self.workspace.workers.all(), params)
        everyone = not any(params.text(name) for name in ("TaskQueueSid", "TaskQueueName", "FriendlyName"))
        parts: dict[str, Any] = {}
        if self.figures != "cumulative":
            parts["realtime"] = statistics.realtime_workers(self.workspace, rows)
        if self.figures != "realtime":
            start, end = read_window(params, self.now)
            parts["cumulative"] = statistics.cumulative_workers(
                self.scope(params), rows, start, end, self.now, everyone=everyone
            )
        body = parts if self.figures == "both" else parts[self.figures]
        return Response({**self.named("Workers"), **body})


class WorkerView(FiguresView):
    def get(self, request: Request, workspace_sid: str, sid: str) -> Response:
        params = self.params(request)
        worker = self.own(Worker, "WK", sid)
        start, end = read_window(params, self.now)
        figures = statistics.cumulative_workers(
            self.scope(params), Worker.objects.filter(id=worker.id), start, end, self.now, everyone=False
        )
        own = {"worker_sid": worker.sid, "cumulative": figures}
        return Response({**self.named("Workers", worker.sid), **own})


def read_thresholds(params: Params) -> list[int]:
    """
    Return the seconds of ``SplitByWaitTime``, a comma list.

    :raises BadParameter: not whole numbers of at least 1, or too many of them.
    """
    text = params.text("SplitByWaitTime") or ""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if not all(part.isdigit() and len(part) < 8 and int(part) > 0 for part in parts) or len(parts) > MAX_THRESHOLDS:
        raise BadParameter("SplitByWaitTime must be a comma list of whole seconds")
    return sorted({int(part) for part in parts})
