"""``/Configuration`` and ``/account/provision/status``: where tools find an account's SIDs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries as accounts
from common import clock, ids
from common.api import CompatView
from common.api.errors import public_url
from interactions.models import FlexSettings
from routing import queries as routing

# What Flowdesk has no such thing of: the field is there, and says so.
ABSENT = (
    "messaging_service_instance_sid",
    "ui_dependencies",
    "call_recording_webhook_url",
    "crm_type",
    "crm_callback_url",
    "crm_fallback_url",
    "crm_attributes",
    "plugin_service_attributes",
    "outbound_call_flows",
    "queue_stats_configuration",
    "notifications",
    "markdown",
    "flex_insights_hr",
    "channel_configs",
    "debugger_integration",
    "flex_ui_status_report",
    "agent_conv_end_methods",
    "citrix_voice_vdi",
    "offline_config",
)
OFF = ("call_recording_enabled", "crm_enabled", "plugin_service_enabled", "flex_insights_drilldown")
KEPT = ("attributes", "ui_attributes", "public_attributes")
VERSION = "2"


class ConfigurationView(CompatView):
    """Read-mostly: the three objects that are the integrator's own can be written."""

    def get(self, request: Request) -> Response:
        return Response(self._write(FlexSettings.objects.filter(account_id=self.account_id).first()))

    def post(self, request: Request) -> Response:
        params, now = self.params(request), clock.now()
        row, _ = FlexSettings.objects.get_or_create(
            account_id=self.account_id, defaults={"created_at": now, "updated_at": now}
        )
        for name in KEPT:
            value = params.json_object(name)
            if value is not None:
                setattr(row, name, value)
        row.updated_at = now
        row.save()
        return Response(self._write(row))

    def _write(self, row: FlexSettings | None) -> dict[str, Any]:
        account = accounts.account(self.account_id)
        workspace = routing.default_workspace(self.account_id)
        workflows, queues = routing.workflows(self.account_id), routing.task_queues(self.account_id)
        activities = [] if workspace is None else routing.activities(workspace.id)
        offline = next((each for each in activities if not each.available), None)
        channels = routing.task_channels(self.account_id)
        service = ids.sid("IS", self.account_id)
        return {
            **dict.fromkeys(ABSENT),
            **dict.fromkeys(OFF, False),
            "account_sid": account.sid,
            "date_created": clock.to_iso(account.created_at),
            "date_updated": clock.to_iso(account.created_at if row is None else row.updated_at),
            **{name: {} if row is None else getattr(row, name) for name in KEPT},
            "status": "ok" if workspace is not None else "inprogress",
            "taskrouter_workspace_sid": None if workspace is None else ids.sid("WS", workspace.id),
            "taskrouter_target_workflow_sid": workflows[0].sid if workflows else None,
            "taskrouter_target_taskqueue_sid": queues[0].sid if queues else None,
            "taskrouter_taskqueues": [{"sid": each.sid, "friendly_name": each.friendly_name} for each in queues],
            "taskrouter_skills": [],
            "taskrouter_worker_channels": {each.unique_name: {"capacity": each.default_capacity} for each in channels},
            "taskrouter_worker_attributes": {},
            "taskrouter_offline_activity_sid": None if offline is None else ids.sid("WA", offline.id),
            "runtime_domain": settings.PUBLIC_URL,
            "chat_service_instance_sid": service,
            "flex_service_instance_sid": service,
            "flex_instance_sid": ids.sid("GO", self.account_id),
            "flex_url": public_url("/console"),
            "ui_language": "en",
            "ui_version": VERSION,
            "service_version": VERSION,
            "integrations": [],
            "serverless_service_sids": [],
            "url": public_url("/flex-api/v1/Configuration"),
        }


class ProvisionView(CompatView):
    def get(self, request: Request) -> Response:
        is_there = routing.default_workspace(self.account_id) is not None
        return Response(
            {
                "status": "active" if is_there else "in-progress",
                "url": public_url("/flex-api/v1/account/provision/status"),
            }
        )
