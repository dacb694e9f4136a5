"""``/app/v1/webhooks``: what was sent to the account's webhooks, for its admins."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services import record_audit
from common import clock, ids
from common.api import AppView
from common.api.app import ADMIN
from common.errors import BadParameter, NotFound
from conversations import services
from conversations.models import WebhookConfiguration, WebhookDelivery
from conversations.webhooks.parameters import POST_EVENTS, PRE_EVENTS

LISTED = 100


SCOPES = tuple(WebhookConfiguration.Scope.values)


class ConfigurationView(AppView):
    """``webhooks/configuration``: the addresses that hear all conversations, and what there is to hear."""

    roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        rows = {row.scope: row for row in WebhookConfiguration.objects.filter(account_id=self.account_id)}
        return Response(
            {
                **{scope: write_configuration(rows.get(scope)) for scope in SCOPES},
                "events": {"pre": list(PRE_EVENTS), "post": list(POST_EVENTS)},
            }
        )


class ScopeConfigurationView(AppView):
    """``webhooks/configuration/{scope}``: PUT changes what is named."""

    roles = frozenset({ADMIN})

    def put(self, request: Request, scope: str) -> Response:
        if scope not in SCOPES:
            raise NotFound("scope")
        params = self.params(request)
        method = params.text("method", choices=("GET", "POST"))
        row = services.configure_webhooks(
            account_id=self.account_id,
            scope=scope,
            pre_url=params.text("pre_url"),
            post_url=params.text("post_url"),
            method=method,
            filters=params.texts("filters"),
            now=clock.now(),
        )
        record_audit(
            account_id=self.account_id,
            actor=request.user.sid,
            action="webhooks.configured",
            subject=scope,
            changes=write_configuration(row),
            now=clock.now(),
        )
        return Response(write_configuration(row))


def write_configuration(row: WebhookConfiguration | None) -> dict[str, Any]:
    """Return one scope's addresses; empty ones where nothing was set yet."""
    if row is None:
        return {"pre_url": "", "post_url": "", "method": "POST", "filters": []}
    return {"pre_url": row.pre_url, "post_url": row.post_url, "method": row.method, "filters": row.filters}


class DeliveriesView(AppView):
    """``webhooks/deliveries``: the newest; ``status`` and ``before`` (a SID) narrow them."""

    roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        params = self.params(request)
        rows = WebhookDelivery.objects.filter(account_id=self.account_id)
        if status := params.text("status", choices=("", *WebhookDelivery.Status.values)):
            rows = rows.filter(status=status)
        if before := params.text("before"):
            key = ids.parse_or_none("WD", before)
            if key is None:
                raise BadParameter("before must be the SID of a delivery")
            rows = rows.filter(id__lt=key)
        return Response({"deliveries": [write_delivery(row) for row in rows.order_by("-id")[:LISTED]]})


class DeliveryView(AppView):
    """``webhooks/deliveries/{sid}``: sends it again."""

    roles = frozenset({ADMIN})

    def post(self, request: Request, sid: str) -> Response:
        row = services.resend_delivery(account_id=self.account_id, delivery_id=self.key("WD", sid), now=clock.now())
        return Response(write_delivery(row))


def write_delivery(row: WebhookDelivery) -> dict[str, Any]:
    """Return a delivery with its request and what was answered."""
    return {
        "sid": row.sid,
        "conversation_sid": None if row.conversation_id is None else ids.sid("CH", row.conversation_id),
        "webhook": row.webhook,
        "event": row.event,
        "method": row.method,
        "url": row.url,
        "parameters": row.parameters,
        "status": row.status,
        "attempts": row.attempts,
        "response_status": row.response_status,
        "response": row.response,
        "error": row.error,
        "duration_ms": row.duration_ms,
        "date_created": clock.to_iso(row.created_at),
        "date_updated": clock.to_iso(row.updated_at),
    }
