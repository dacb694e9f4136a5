"""``/demo/api``: the simulated phones of the demo account; open to everybody, as the page is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import queries as accounts
from channels_app import queries as channels
from channels_app import services as channel_services
from common import clock, ids
from common.api.parsers import JsonBody, Params
from common.errors import BadParameter, NotFound, TooManyRequests
from common.limits import Buckets

if TYPE_CHECKING:
    from channels_app.models import Connection, SandboxMessage

PHONES = ("sms", "whatsapp")
MAX_BODY = 1600  # characters
_CUSTOMER = re.compile(r"(?:whatsapp:)?\+[1-9][0-9]{6,14}")

_sendings = Buckets(per_second=2, burst=60)


class DemoView(APIView):
    """A view without log-in that shows nothing but the demo account's phones."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (JsonBody,)

    def connections(self) -> list[Connection]:
        """
        Return the demo account's connections.

        :raises NotFound: this installation has no demo account.
        """
        account = accounts.demo_account()
        if account is None:
            raise NotFound("demo")
        return [row for row in channels.connections(account.id) if row.status == "active"]

    def phone(self, sid: str) -> Connection:
        """
        Return one of the phones' connections.

        :raises NotFound: the demo has no such phone.
        """
        key = ids.parse_or_none("CN", sid)
        row = next((row for row in self.connections() if row.id == key and _is_phone(row)), None)
        if row is None:
            raise NotFound("connection")
        return row


class SetupView(DemoView):
    def get(self, request: Request) -> Response:
        rows = self.connections()
        keys = [row.deployment_key for row in rows if row.type == "chat" and row.deployment_key]
        phones = [
            {"connection_sid": row.sid, "type": row.type, "address": row.address} for row in rows if _is_phone(row)
        ]
        return Response({"deployment_key": keys[0] if keys else "", "phones": phones})


class PhoneView(DemoView):
    def get(self, request: Request) -> Response:
        params = Params(request.query_params)
        row = self.phone(params.required("connection_sid"))
        after = params.text("after")
        messages = channels.sandbox_messages(
            row.id, _customer(params, row), after=_message_id(after) if after else None
        )
        return Response({"messages": [_write(message) for message in messages]})

    def post(self, request: Request) -> Response:
        if not _sendings.take(request.META.get("REMOTE_ADDR") or ""):
            raise TooManyRequests("Too many messages at once. Wait a moment.")
        params = Params(request.data)
        row = self.phone(params.required("connection_sid"))
        body = params.required("body", max_length=MAX_BODY)
        if not body.strip():
            raise BadParameter("The message is empty")
        message = channel_services.send_as_customer(
            account_id=row.account_id,
            connection_id=row.id,
            customer=_customer(params, row),
            body=body,
            ref=params.required("ref", max_length=100),
            now=clock.now(),
        )
        return Response(_write(message), status=201)


def _is_phone(row: Connection) -> bool:
    return row.provider == "sandbox" and row.type in PHONES


def _customer(params: Params, row: Connection) -> str:
    customer = params.required("from")
    if not _CUSTOMER.fullmatch(customer) or customer.startswith("whatsapp:") != row.address.startswith("whatsapp:"):
        raise BadParameter(f"from must be a phone number of this channel, such as {_example(row)}")
    return customer


def _example(row: Connection) -> str:
    return ("whatsapp:" if row.address.startswith("whatsapp:") else "") + "+15551234567"


def _message_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise BadParameter("after must be a message's id") from error


def _write(message: SandboxMessage) -> dict[str, Any]:
    return {
        "id": message.id.hex,
        "direction": message.direction,
        "body": message.body,
        "media": message.media,
        "date_created": clock.to_iso(message.created_at),
    }
