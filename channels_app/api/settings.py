"""The settings screens' view of channels: connections, their traffic, and what did not reach a customer."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from channels_app import queries, services
from channels_app.adapters import ADAPTERS
from channels_app.api.connections import rate_of
from channels_app.models import Connection, ParkedDelivery, TrafficEntry
from common import clock, ids
from common.api import AppView
from common.api.app import ADMIN


def write(row: Connection) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "type": row.type,
        "provider": row.provider,
        "address": row.address,
        "friendly_name": row.friendly_name,
        "status": row.status,
        "api_base_url": row.api_base_url,
        "rate_per_second": row.rate_per_second,
        "webhook_url": queries.webhook_url(row),
        "deployment_key": row.deployment_key,
        "credentials_set": queries.credentials_set(row),
        "date_created": clock.to_iso(row.created_at),
        "date_updated": clock.to_iso(row.updated_at),
    }


class AppConnectionsView(AppView):
    write_roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        return Response({"connections": [write(row) for row in queries.connections(self.account_id)]})

    def post(self, request: Request) -> Response:
        params = self.params(request)
        row = services.create_connection(
            account_id=self.account_id,
            type=params.required("type"),
            provider=params.required("provider"),
            address=params.required("address", max_length=256),
            friendly_name=params.text("friendly_name", max_length=256) or "",
            credentials=params.json_object("credentials"),
            api_base_url=params.text("api_base_url", max_length=512) or "",
            rate_per_second=rate_of(params, "rate_per_second"),
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(write(row), status=201)


class AppConnectionView(AppView):
    write_roles = frozenset({ADMIN})

    def get(self, request: Request, sid: str) -> Response:
        return Response(write(queries.connection(self.account_id, self.key("CN", sid))))

    def put(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        row = services.update_connection(
            account_id=self.account_id,
            connection_id=self.key("CN", sid),
            friendly_name=params.text("friendly_name", max_length=256),
            credentials=params.json_object("credentials"),
            api_base_url=params.text("api_base_url", max_length=512),
            status=params.text("status"),
            rate_per_second=rate_of(params, "rate_per_second"),
            own_rate=params.text("rate_per_second") == "",
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(write(row))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_connection(
            account_id=self.account_id, connection_id=self.key("CN", sid), actor=request.user.sid, now=clock.now()
        )
        return Response(status=204)


class ConnectionTypesView(AppView):
    """What the form for a new connection offers: each provider's channels and the credentials it asks for."""

    roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        return Response({"types": [_type(adapter) for adapter in ADAPTERS]})


class ConnectionTestView(AppView):
    """POST asks the provider whether the connection works; nobody is sent anything."""

    roles = frozenset({ADMIN})

    def post(self, request: Request, sid: str) -> Response:
        found = services.probe_connection(
            account_id=self.account_id, connection_id=self.key("CN", sid), now=clock.now()
        )
        return Response({"works": found.works, "message": found.message, "duration_ms": found.duration_ms})


class TrafficView(AppView):
    """The newest exchanges with a connection's provider."""

    roles = frozenset({ADMIN})

    def get(self, request: Request, sid: str) -> Response:
        row = queries.connection(self.account_id, self.key("CN", sid))
        return Response({"traffic": [_exchange(entry) for entry in queries.traffic(self.account_id, row.id)]})


class ParkedDeliveriesView(AppView):
    roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        return Response({"deliveries": [_parked(row) for row in queries.parked_deliveries(self.account_id)]})


class ParkedDeliveryView(AppView):
    """POST sends it again, DELETE takes it off the list."""

    roles = frozenset({ADMIN})

    def post(self, request: Request, sid: str) -> Response:
        services.resend_parked(account_id=self.account_id, parked_id=self.key("PD", sid), now=clock.now())
        return Response(status=204)

    def delete(self, request: Request, sid: str) -> Response:
        services.discard_parked(account_id=self.account_id, parked_id=self.key("PD", sid))
        return Response(status=204)


def _type(adapter: Any) -> dict[str, Any]:
    window = adapter.window
    return {
        "provider": adapter.provider,
        "type": adapter.channel_types[0],
        "credentials": [
            {"name": field.name, "label": field.label, "required": field.required, "secret": field.secret}
            for field in adapter.credential_fields
        ],
        "max_body": adapter.max_body,
        "max_media": adapter.max_media,
        "max_media_bytes": adapter.max_media_bytes,
        "window_hours": None if window is None else round(window.total_seconds() / 3600),
        "strips": list(adapter.strips),
    }


def _exchange(row: TrafficEntry) -> dict[str, Any]:
    return {
        "direction": row.direction,
        "method": row.method,
        "url": row.url,
        "request": row.request,
        "status": row.status,
        "response": row.response,
        "error": row.error,
        "duration_ms": row.duration_ms,
        "message_sid": None if row.message_id is None else ids.sid("IM", row.message_id),
        "date_created": clock.to_iso(row.created_at),
    }


def _parked(row: ParkedDelivery) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "connection_sid": None if row.connection_id is None else ids.sid("CN", row.connection_id),
        "conversation_sid": ids.sid("CH", row.conversation_id),
        "message_sid": ids.sid("IM", row.message_id),
        "from": row.sender,
        "to": row.recipient,
        "body": row.payload.get("body", ""),
        "reason": row.reason,
        "error_code": row.error_code,
        "error_message": row.error_message,
        "attempts": row.attempts,
        "date_created": clock.to_iso(row.created_at),
    }
