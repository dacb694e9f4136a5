"""Which flow answers which address (docs/contracts.md, 6)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import AppView
from common.api.app import ADMIN
from common.api.parsers import Params
from common.errors import BadParameter
from conversations import queries as conversation_queries
from conversations.services import AddressTarget
from conversations.services.webhooks import check_filters
from conversations.webhooks.parameters import POST_EVENTS
from flows import queries, services

# The browser's words for what an address does, and the REST API's.
TARGETS = {"studio": "studio", "webhook": "webhook", "none": "default"}
NAMES = {value: name for name, value in TARGETS.items()}


class AddressesView(AppView):
    roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        return Response({"addresses": write_addresses(self.account_id)})

    def post(self, request: Request) -> Response:
        return Response(_save(self, request, None), status=201)


class AddressView(AppView):
    roles = frozenset({ADMIN})

    def put(self, request: Request, sid: str) -> Response:
        return Response(_save(self, request, self.key("IG", sid)))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_address(
            account_id=self.account_id, address_id=self.key("IG", sid), author=request.user.sid, now=clock.now()
        )
        return Response(status=204)


def _save(view: AppView, request: Request, address_id: UUID | None) -> dict[str, Any]:
    params = view.params(request)
    enabled = params.boolean("enabled")
    row = services.save_address(
        account_id=view.account_id,
        address_id=address_id,
        type=params.required("type"),
        address=params.required("address", max_length=256).strip(),
        friendly_name=params.text("friendly_name", max_length=256) or "",
        enabled=enabled is not False,
        to=_read_target(params),
        author=request.user.sid,
        now=clock.now(),
    )
    return write_address(row, queries.flow_names(view.account_id))


def _read_target(params: Params) -> AddressTarget:
    target = TARGETS[params.required("target", choices=tuple(TARGETS))]
    flow_id = None
    if target == "studio":
        flow_id = ids.parse_or_none("FW", params.required("flow_sid"))
        if flow_id is None:
            raise BadParameter("flow_sid must be the SID of a flow")
    url = params.text("webhook_url", max_length=512) or ""
    if target != "webhook":
        return AddressTarget(target=target, flow_id=flow_id)
    return AddressTarget(
        target=target,
        url=url,
        method=params.text("webhook_method", choices=("GET", "POST")) or "POST",
        filters=tuple(check_filters(params.texts("webhook_filters") or [], POST_EVENTS)),
    )


def write_addresses(account_id: UUID) -> list[dict[str, Any]]:
    """Return an account's addresses by type and address."""
    names = queries.flow_names(account_id)
    return [write_address(row, names) for row in conversation_queries.addresses(account_id)]


def write_address(row: Any, flow_names: dict[UUID, str]) -> dict[str, Any]:
    """Return an address configuration, with the name of its flow."""
    return {
        "sid": row.sid,
        "type": row.type,
        "address": row.address,
        "friendly_name": row.friendly_name,
        "target": NAMES[row.target],
        "flow_sid": None if row.flow_id is None else ids.sid("FW", row.flow_id),
        "flow_name": flow_names.get(row.flow_id),
        "webhook_url": row.webhook_url or None,
        "webhook_method": row.webhook_method,
        "webhook_filters": row.webhook_filters,
        "enabled": row.enabled,
    }
