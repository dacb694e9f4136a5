"""Workers and their channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from common import ids
from common.api.paging import page
from common.api.parsers import Params
from common.errors import NotFound
from routing import services
from routing.api.base import (
    SOURCE,
    Ordering,
    WorkspaceView,
    expression_param,
    filter_key,
    if_match,
    key_param,
    truth,
    with_etag,
)
from routing.api.writers import write_worker, write_worker_channel
from routing.models import Worker, WorkerChannel
from routing.services.activities import scope_of

MAX_CAPACITY = 2**31 - 1
WORKER_ORDER = Ordering(
    "DateCreated:asc",
    DateCreated="id",
    DateUpdated="updated_at",
    DateStatusChanged="status_changed_at",
    FriendlyName="name_key",
)


class WorkersView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        rows = filter_workers(self.workspace.workers.select_related("activity"), params)
        order = WORKER_ORDER.read(params)
        return page(request, rows, key="workers", write=write_worker, order=order, keep=_matching(params))

    def post(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        row = services.create_worker(
            account_id=self.account_id,
            workspace_id=self.workspace.id,
            friendly_name=params.required("FriendlyName"),
            attributes=params.text("Attributes") or "{}",
            activity_id=key_param(params, "ActivitySid", "WA"),
            now=self.now,
            source=SOURCE,
        )
        return with_etag(write_worker(row), row.version, status=201)


class WorkerView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str, sid: str) -> Response:
        row = self.own(Worker, "WK", sid)
        return with_etag(write_worker(row), row.version)

    def post(self, request: Request, workspace_sid: str, sid: str) -> Response:
        params = self.params(request)
        row = services.update_worker(
            worker_id=self.own(Worker, "WK", sid).id,
            friendly_name=params.text("FriendlyName"),
            attributes=params.text("Attributes"),
            activity_id=key_param(params, "ActivitySid", "WA"),
            reject_pending=bool(params.boolean("RejectPendingReservations")),
            if_match=if_match(request),
            now=self.now,
            source=SOURCE,
        )
        return with_etag(write_worker(row), row.version)

    def delete(self, request: Request, workspace_sid: str, sid: str) -> Response:
        services.delete_worker(
            worker_id=self.own(Worker, "WK", sid).id, if_match=if_match(request), now=self.now, source=SOURCE
        )
        return Response(status=204)


class WorkerChannelsView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str, worker_sid: str) -> Response:
        rows = self.own(Worker, "WK", worker_sid).channels.select_related("task_channel", "worker")
        return page(request, rows, key="channels", write=write_worker_channel, order="id")


class WorkerChannelView(WorkspaceView):
    """A worker's channel may be named by its own SID, the task channel's SID, or its unique name."""

    def get(self, request: Request, workspace_sid: str, worker_sid: str, sid: str) -> Response:
        return Response(write_worker_channel(self._find(worker_sid, sid)))

    def post(self, request: Request, workspace_sid: str, worker_sid: str, sid: str) -> Response:
        params = self.params(request)
        row = services.update_worker_channel(
            worker_channel_id=self._find(worker_sid, sid).id,
            capacity=params.integer("Capacity", least=0, most=MAX_CAPACITY),
            available=params.boolean("Available"),
            now=self.now,
            source=SOURCE,
        )
        return Response(write_worker_channel(row))

    def _find(self, worker_sid: str, sid: str) -> WorkerChannel:
        rows = self.own(Worker, "WK", worker_sid).channels.select_related("task_channel", "worker")
        found = (
            rows.filter(task_channel__unique_name=sid).first()
            or rows.filter(id=ids.parse_or_none("WC", sid)).first()
            or rows.filter(task_channel=ids.parse_or_none("TC", sid)).first()
        )
        if found is None:
            raise NotFound(f"resource {self.request.path}")
        return found


def filter_workers(rows: QuerySet[Worker], params: Params) -> QuerySet[Worker]:
    """Apply the filters that lists and statistics of workers share, but for expressions."""
    if name := params.text("ActivityName"):
        rows = rows.filter(activity__friendly_name=name)
    if (activity := filter_key(params, "ActivitySid", "WA")) is not None:
        rows = rows.filter(activity_id=activity)
    available = truth(params, "Available")
    if available is not None:
        rows = rows.filter(available=available)
    if name := params.text("FriendlyName"):
        rows = rows.filter(name_key=name.lower())
    if (queue := filter_key(params, "TaskQueueSid", "WQ")) is not None:
        rows = rows.filter(memberships__queue_id=queue)
    if name := params.text("TaskQueueName"):
        rows = rows.filter(memberships__queue__friendly_name=name)
    return rows


def _matching(params: Params) -> Callable[[Any], bool] | None:
    expression = expression_param(params, "TargetWorkersExpression")
    if expression is None:
        return None

    def matches(worker: Worker) -> bool:
        scope = scope_of(worker)
        return expression.matches({"worker": scope, **scope})

    return matches
