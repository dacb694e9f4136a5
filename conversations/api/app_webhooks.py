"""``/app/v1/webhooks``: what was sent to the account's webhooks, for its admins."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import AppView
from common.api.app import ADMIN
from common.errors import BadParameter
from conversations import services
from conversations.models import WebhookDelivery

LISTED = 100


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
