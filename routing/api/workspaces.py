"""Workspaces, activities and task channels."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api import CompatView
from common.api.paging import page
from common.api.parsers import Params
from routing import services
from routing.api.base import SOURCE, WorkspaceView, key_param, truth, url_param
from routing.api.writers import write_activity, write_task_channel, write_workspace
from routing.models import Activity, TaskChannel, Workspace

ORDERS = ("FIFO", "LIFO")


class WorkspacesView(CompatView):
    def get(self, request: Request) -> Response:
        params = self.params(request)
        rows = Workspace.objects.filter(account_id=self.account_id)
        if name := params.text("FriendlyName"):
            rows = rows.filter(friendly_name=name)
        rows = rows.select_related("default_activity", "timeout_activity")
        return page(request, rows, key="workspaces", write=write_workspace, order="id")

    def post(self, request: Request) -> Response:
        params = self.params(request)
        row = services.create_workspace(
            account_id=self.account_id,
            friendly_name=params.required("FriendlyName"),
            event_callback_url=url_param(params, "EventCallbackUrl") or "",
            events_filter=params.text("EventsFilter", max_length=5000) or "",
            multi_task_enabled=params.boolean("MultiTaskEnabled") is not False,
            template=params.text("Template") or "NONE",
            prioritize_queue_order=params.text("PrioritizeQueueOrder", choices=ORDERS) or "FIFO",
            now=clock.now(),
            source=SOURCE,
        )
        return Response(write_workspace(row), status=201)


class OneWorkspaceView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str) -> Response:
        return Response(write_workspace(self.workspace))

    def post(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        params.boolean("MultiTaskEnabled")  # checked, and always treated as true
        row = services.update_workspace(
            workspace_id=self.workspace.id,
            friendly_name=params.text("FriendlyName"),
            default_activity_id=key_param(params, "DefaultActivitySid", "WA"),
            timeout_activity_id=key_param(params, "TimeoutActivitySid", "WA"),
            event_callback_url=url_param(params, "EventCallbackUrl"),
            events_filter=params.text("EventsFilter", max_length=5000),
            prioritize_queue_order=params.text("PrioritizeQueueOrder", choices=ORDERS),
            now=self.now,
            source=SOURCE,
        )
        return Response(write_workspace(row))

    def delete(self, request: Request, workspace_sid: str) -> Response:
        services.delete_workspace(workspace_id=self.workspace.id)
        return Response(status=204)


class ActivitiesView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        rows = self.workspace.activities.all()
        if name := params.text("FriendlyName"):
            rows = rows.filter(friendly_name=name)
        available = truth(params, "Available")
        if available is not None:
            rows = rows.filter(available=available)
        return page(request, rows, key="activities", write=write_activity, order="id")

    def post(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        row = services.create_activity(
            workspace_id=self.workspace.id,
            friendly_name=params.required("FriendlyName"),
            available=bool(params.boolean("Available")),
            now=self.now,
            source=SOURCE,
        )
        return Response(write_activity(row), status=201)


class ActivityView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str, sid: str) -> Response:
        return Response(write_activity(self.own(Activity, "WA", sid)))

    def post(self, request: Request, workspace_sid: str, sid: str) -> Response:
        row = self.own(Activity, "WA", sid)
        name = self.params(request).text("FriendlyName")
        return Response(
            write_activity(
                services.update_activity(activity_id=row.id, friendly_name=name, now=self.now, source=SOURCE)
            )
        )

    def delete(self, request: Request, workspace_sid: str, sid: str) -> Response:
        services.delete_activity(activity_id=self.own(Activity, "WA", sid).id, now=self.now, source=SOURCE)
        return Response(status=204)


class TaskChannelsView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str) -> Response:
        rows = self.workspace.task_channels.all()
        return page(request, rows, key="channels", write=write_task_channel, order="id")

    def post(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        row = services.create_task_channel(
            workspace_id=self.workspace.id,
            friendly_name=params.required("FriendlyName"),
            unique_name=params.required("UniqueName"),
            channel_optimized_routing=bool(params.boolean("ChannelOptimizedRouting")),
            now=self.now,
            source=SOURCE,
        )
        return Response(write_task_channel(row), status=201)


class TaskChannelView(WorkspaceView):
    """A task channel may be named by its unique name as well."""

    def get(self, request: Request, workspace_sid: str, sid: str) -> Response:
        return Response(write_task_channel(self._find(sid)))

    def post(self, request: Request, workspace_sid: str, sid: str) -> Response:
        params: Params = self.params(request)
        row = services.update_task_channel(
            task_channel_id=self._find(sid).id,
            friendly_name=params.text("FriendlyName"),
            channel_optimized_routing=params.boolean("ChannelOptimizedRouting"),
            now=self.now,
            source=SOURCE,
        )
        return Response(write_task_channel(row))

    def delete(self, request: Request, workspace_sid: str, sid: str) -> Response:
        services.delete_task_channel(task_channel_id=self._find(sid).id, now=self.now, source=SOURCE)
        return Response(status=204)

    def _find(self, sid: str) -> Any:
        by_name = self.workspace.task_channels.filter(unique_name=sid).first()
        return by_name or self.own(TaskChannel, "TC", sid)
