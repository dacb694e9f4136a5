"""The list of what happened in a workspace."""

from __future__ import annotations

from django.db.models import Q
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.paging import page
from routing.api.base import WorkspaceView, filter_key
from routing.api.tasks import filter_channel
from routing.api.window import read_window
from routing.api.writers import write_event
from routing.models import RoutingEvent

FILTERS = (
    ("ReservationSid", "WR", "reservation_id"),
    ("TaskQueueSid", "WQ", "queue_id"),
    ("TaskSid", "WT", "task_id"),
    ("WorkerSid", "WK", "worker_id"),
    ("WorkflowSid", "WW", "workflow_id"),
    ("Sid", "EV", "id"),
)


class EventsView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str) -> Response:
        params = self.params(request)
        start, end = read_window(params, self.now)
        rows = RoutingEvent.objects.filter(workspace=self.workspace, occurred_at__gte=start, occurred_at__lte=end)
        if kind := params.text("EventType"):
            rows = rows.filter(event_type=kind)
        for name, prefix, field in FILTERS:
            if (key := filter_key(params, name, prefix)) is not None:
                about_it = Q(**{field: key})
                if prefix in ("WQ", "WW"):
                    about_it |= Q(resource_id=key)
                rows = rows.filter(about_it)
        if (channel := filter_channel(params, self.workspace.id)) is not None:
            rows = rows.filter(channel_id=channel)
        return page(request, rows, key="events", write=lambda row: write_event(row, self.now))


class EventView(WorkspaceView):
    def get(self, request: Request, workspace_sid: str, sid: str) -> Response:
        row = self.own(RoutingEvent, "EV", sid)
        return Response(write_event(row, self.now))
