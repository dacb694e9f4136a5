"""``/demo/api``: the simulated phones of the demo account; open to everybody, as the page is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import jwt
from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import queries as accounts
from channels_app import queries as channels
from channels_app import services as channel_services
from common import clock, ids
from common.api.files import upload_of
from common.api.parsers import JsonBody, Params
from common.errors import BadParameter, NotFound, TooManyRequests
from common.limits import Buckets
from conversations.services import media

if TYPE_CHECKING:
    from channels_app.models import Connection, SandboxMessage

PHONES = ("sms", "whatsapp")
CUSTOMER = {"sub": "eva@northwind.example", "name": "Eva Adams", "email": "eva@northwind.example"}
MAX_BODY = 1600  # characters
MAX_FILE = 5 * 1024 * 1024
# A phone's file belongs to no conversation before it is sent.
NO_CONVERSATION = UUID(int=0)
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


class IdentityView(DemoView):
    """What a shop's own server would do once its customer has logged in: sign who it is."""

    def get(self, request: Request) -> Response:
        now = clock.now()
        row = next((row for row in self.connections() if row.deployment_key), None)
        secrets = [] if row is None else channels.identity_secrets(row, now)
        if not secrets:
            raise NotFound("secret (the demo's web chat has none)")
        claims = {**CUSTOMER, "exp": int(now.timestamp()) + 300}
        return Response({"token": jwt.encode(claims, secrets[0], algorithm="HS256")})


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
        body = params.text("body", max_length=MAX_BODY) or ""
        sids = params.texts("media") or []
        if not body.strip() and not sids:
            raise BadParameter("The message is empty")
        message = channel_services.send_as_customer(
            account_id=row.account_id,
            connection_id=row.id,
            customer=_customer(params, row),
            body=body,
            ref=params.required("ref", max_length=100),
            media=media.items_of(account_id=row.account_id, conversation_id=NO_CONVERSATION, sids=sids),
            now=clock.now(),
        )
        return Response(_write(message), status=201)


class PhoneFileView(DemoView):
    """``phone/media?connection_sid=&from=&filename=``: POST keeps the body as a file, to be sent by the customer."""

    def post(self, request: Request) -> Response:
        if not _sendings.take(request.META.get("REMOTE_ADDR") or ""):
            raise TooManyRequests("Too many files at once. Wait a moment.")
        params = Params(request.query_params)
        row = self.phone(params.required("connection_sid"))
        content, filename, kind = upload_of(request, most=MAX_FILE)
        kept = media.store(
            account_id=row.account_id,
            content=content,
            filename=filename,
            declared_type=kind,
            author=_customer(params, row),
            max_bytes=MAX_FILE,
            now=clock.now(),
        )
        return Response({"sid": kept.sid, "content_type": kept.content_type, "filename": kept.filename}, status=201)


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
        # The page is here already, by whatever name it was opened.
        "media": [
            {**item, "url": str(item.get("url") or "").removeprefix(settings.PUBLIC_URL)} for item in message.media
        ],
        "date_created": clock.to_iso(message.created_at),
    }
