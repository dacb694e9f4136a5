"""What the builder's pickers offer instead of SIDs (docs/contracts.md, 6)."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from common import ids
from flows import queries
from flows.api.app_addresses import write_addresses
from flows.api.app_flows import BuilderView
from routing import queries as routing_queries


class OptionsView(BuilderView):
    def get(self, request: Request) -> Response:
        return Response(
            {
                "workflows": [
                    {"sid": workflow.sid, "friendly_name": workflow.friendly_name}
                    for workflow in routing_queries.workflows(self.account_id)
                ],
                "task_channels": [
                    {"sid": channel.sid, "unique_name": channel.unique_name, "friendly_name": channel.friendly_name}
                    for channel in routing_queries.task_channels(self.account_id)
                ],
                "flows": [
                    {"sid": ids.sid("FW", flow_id), "friendly_name": name}
                    for flow_id, name in queries.flow_names(self.account_id).items()
                ],
                "addresses": write_addresses(self.account_id),
            }
        )
