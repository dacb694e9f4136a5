"""``/channels/v1/Connections``: an account's senders, for integrators."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from channels_app import queries, services
from channels_app.models import Connection
from common import clock, ids
from common.api import CompatView
from common.api.errors import public_url
from common.api.paging import page
from common.api.parsers import Params
from common.errors import BadParameter


def write(row: Connection) -> dict[str, Any]:
    """Return a connection as the REST API shows it: never its credentials."""
    return {
        "sid": row.sid,
        "account_sid": ids.sid("AC", row.account_id),
        "type": row.type,
        "provider": row.provider,
        "address": row.address,
        "friendly_name": row.friendly_name,
        "status": row.status,
        "api_base_url": row.api_base_url or None,
        "rate_per_second": row.rate_per_second,
        "webhook_url": queries.webhook_url(row),
        "deployment_key": row.deployment_key,
        "date_created": clock.to_iso(row.created_at),
        "date_updated": clock.to_iso(row.updated_at),
        "url": public_url(f"/channels/v1/Connections/{row.sid}"),
    }


def rate_of(params: Params, name: str) -> float | None:
    """:raises BadParameter: not a number."""
    text = params.text(name)
    if not text:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise BadParameter(f"{name} must be a number") from error


class ConnectionsView(CompatView):
    def get(self, request: Request) -> Response:
        rows = Connection.objects.filter(account_id=self.account_id)
        params = self.params(request)
        if kind := params.text("Type", choices=tuple(Connection.Type.values)):
            rows = rows.filter(type=kind)
        return page(request, rows, key="connections", write=write)

    def post(self, request: Request) -> Response:
        params = self.params(request)
        row = services.create_connection(
            account_id=self.account_id,
            type=params.required("Type"),
            provider=params.required("Provider"),
            address=params.required("Address", max_length=256),
            friendly_name=params.text("FriendlyName", max_length=256) or "",
            credentials=params.json_object("Credentials"),
            api_base_url=params.text("ApiBaseUrl", max_length=512) or "",
            rate_per_second=rate_of(params, "RatePerSecond"),
            actor=request.user.actor,
            now=clock.now(),
        )
        return Response(write(row), status=201)


class ConnectionView(CompatView):
    def get(self, request: Request, sid: str) -> Response:
        return Response(write(queries.connection(self.account_id, self.key("CN", sid))))

    def post(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        row = services.update_connection(
            account_id=self.account_id,
            connection_id=self.key("CN", sid),
            friendly_name=params.text("FriendlyName", max_length=256),
            credentials=params.json_object("Credentials"),
            api_base_url=params.text("ApiBaseUrl", max_length=512),
            status=params.text("Status"),
            rate_per_second=rate_of(params, "RatePerSecond"),
            actor=request.user.actor,
            now=clock.now(),
        )
        return Response(write(row))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_connection(
            account_id=self.account_id,
            connection_id=self.key("CN", sid),
            actor=request.user.actor,
            now=clock.now(),
        )
        return Response(status=204)
