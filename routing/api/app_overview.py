"""``/app/v1/routing``: everything an admin sees of routing, and the workspace's own settings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries as accounts
from routing import services
from routing.api.app_base import SOURCE, RoutingView, own_key
from routing.api.app_writers import (
    activity_json,
    calendar_json,
    queue_json,
    task_channel_json,
    worker_json,
    workflow_json,
    workspace_json,
)
from routing.api.base import url_param
from routing.models import (
    Activity,
    Calendar,
    Task,
    TaskChannel,
    TaskQueue,
    Worker,
    WorkerChannel,
    WorkerQueueMembership,
    Workflow,
    Workspace,
)


class OverviewView(RoutingView):
    def get(self, request: Request) -> Response:
        workspace = self.workspace
        calendars = Calendar.objects.filter(account_id=self.account_id).order_by("name")
        channels = TaskChannel.objects.filter(workspace=workspace).order_by("unique_name")
        return Response(
            {
                "workspace": workspace_json(workspace),
                "queues": queues_of(workspace),
                "workflows": workflows_of(workspace),
                "workers": workers_of(Worker.objects.filter(workspace=workspace)),
                "activities": activities_of(workspace),
                "task_channels": [task_channel_json(row) for row in channels],
                "calendars": [calendar_json(row, self.now) for row in calendars],
            }
        )


class WorkspaceSettingsView(RoutingView):
    def put(self, request: Request) -> Response:
        params = self.params(request)
        row = services.update_workspace(
            workspace_id=self.workspace.id,
            friendly_name=params.text("friendly_name"),
            default_activity_id=own_key(params, "default_activity_sid", "WA", Activity, self.workspace),
            timeout_activity_id=own_key(params, "timeout_activity_sid", "WA", Activity, self.workspace),
            event_callback_url=url_param(params, "event_callback_url"),
            events_filter=params.text("events_filter", max_length=4000),
            prioritize_queue_order=params.text("prioritize_queue_order", choices=tuple(Workspace.Order.values)),
            channel_fairness=params.text("channel_fairness", choices=tuple(Workspace.Fairness.values)),
            now=self.now,
            source=SOURCE,
        )
        return Response(workspace_json(row))


def queues_of(workspace: Workspace, only: UUID | None = None) -> list[dict[str, Any]]:
    """Return the queues by name, with how many workers each has and how many tasks wait in it."""
    rows = TaskQueue.objects.filter(workspace=workspace, **_only(only)).order_by("friendly_name", "id")
    members = WorkerQueueMembership.objects.filter(queue__workspace=workspace, **_only(only, "queue_id"))
    workers = dict(members.values_list("queue_id").annotate(Count("id")))
    waiting = _waiting(workspace, "queue_id")
    return [queue_json(row, workers=workers.get(row.id, 0), waiting=waiting[row.id]) for row in rows]


def workflows_of(workspace: Workspace, only: UUID | None = None) -> list[dict[str, Any]]:
    """Return the workflows by name, with how many tasks wait in each."""
    rows = Workflow.objects.filter(workspace=workspace, **_only(only)).order_by("friendly_name", "id")
    waiting = _waiting(workspace, "workflow_id")
    return [workflow_json(row, waiting=waiting[row.id]) for row in rows]


def activities_of(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the activities by name, with how many workers are in each."""
    rows = Activity.objects.filter(workspace=workspace).annotate(count=Count("workers")).order_by("friendly_name")
    return [activity_json(row, workers=row.count) for row in rows]


def workers_of(rows: Any) -> list[dict[str, Any]]:
    """Return workers by name, with their channels and the users who work as them."""
    workers = list(rows.select_related("activity").order_by("name_key"))
    seats: dict[UUID, list[WorkerChannel]] = defaultdict(list)
    found = WorkerChannel.objects.filter(worker__in=rows).select_related("task_channel")
    for seat in found.order_by("task_channel__unique_name"):
        seats[seat.worker_id].append(seat)
    users = _users(workers)
    return [worker_json(row, seats[row.id], users.get(row.id)) for row in workers]


def _users(workers: Iterable[Worker]) -> dict[UUID, Any]:
    account = next((row.account_id for row in workers), None)
    users = accounts.users(account) if account is not None else []
    return {user.worker_id: user for user in users if user.worker_id is not None}


def _waiting(workspace: Workspace, field: str) -> Counter[UUID]:
    rows = Task.objects.filter(workspace=workspace, status__in=Task.OPEN)
    return Counter(dict(rows.values_list(field).annotate(Count("id"))))


def _only(key: UUID | None, field: str = "id") -> dict[str, UUID]:
    return {} if key is None else {field: key}
