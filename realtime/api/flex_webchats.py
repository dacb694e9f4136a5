"""``/flex-api/v2/WebChats``: one call that begins a web chat (reference/channels.md, "Web chat")."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from channels_app import queries as channels
from common import clock, ids
from common.api import CompatView
from common.errors import BadParameter
from conversations import queries as conversations
from conversations import services

CHAT = "chat"
MAX_NAME, MAX_IDENTITY, MAX_PRE_ENGAGEMENT = 256, 200, 16 * 1024  # characters


class WebChatsView(CompatView):
    """For a site's own back end: no form is checked, and the hours of the widget do not count."""

    def post(self, request: Request) -> Response:
        params = self.params(request)
        address_id = ids.parse_or_none("IG", params.required("AddressSid", max_length=40))
        address = next(
            (each for each in conversations.addresses(self.account_id) if each.id == address_id and each.type == CHAT),
            None,
        )
        if address is None:
            raise BadParameter("AddressSid must be the SID of a chat address of this account")
        identity = params.text("Identity", max_length=MAX_IDENTITY) or f"visitor-{secrets.token_hex(8)}"
        about = params.json_object("PreEngagementData") or {}
        if len(json.dumps(about)) > MAX_PRE_ENGAGEMENT:
            raise BadParameter("PreEngagementData is too large")
        conversation = _begin(
            address,
            identity=identity,
            about=about,
            friendly_name=params.text("ChatFriendlyName", max_length=MAX_NAME),
            customer_name=params.text("CustomerFriendlyName", max_length=MAX_NAME) or "",
            now=clock.now(),
        )
        return Response({"conversation_sid": conversation.sid, "identity": identity}, status=201)


@transaction.atomic
def _begin(
    address: Any,
    *,
    identity: str,
    about: dict[str, Any],
    friendly_name: str | None,
    customer_name: str,
    now: datetime,
) -> Any:
    account_id = address.account_id
    connection = next(
        (row for row in channels.connections(account_id) if row.type == CHAT and row.address == address.address), None
    )
    conversation = services.create_conversation(
        account_id=account_id,
        channel_type=CHAT,
        friendly_name=friendly_name,
        attributes=json.dumps({"pre_engagement_data": about}),
        customer_name=customer_name,
        proxy_address=address.address,
        identity=identity,
        connection_id=None if connection is None else connection.id,
        now=now,
    )
    if address.enabled and address.target == "studio" and address.flow_id is not None:
        services.attach_flow(account_id=account_id, conversation_id=conversation.id, flow_id=address.flow_id, now=now)
    elif address.enabled and address.target == "webhook" and address.webhook_url:
        services.add_webhook(
            conversation_id=conversation.id,
            target="webhook",
            url=address.webhook_url,
            method=address.webhook_method,
            filters=address.webhook_filters,
            now=now,
        )
    return conversation
