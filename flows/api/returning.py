"""A flow's own address, by which TwiML elsewhere hands control back (reference/studio/runtime.md, "REST v2")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import queries as account_queries
from common import ids, signatures
from common.api import CompatView
from common.api.parsers import FormBody
from common.errors import BadParameter, Forbidden, NotFound
from flows import services

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@dataclass(frozen=True, slots=True)
class SignedCaller:
    """Who knows the auth token of the account that the address names."""

    account_id: UUID
    is_authenticated: bool = True


class Signed(BaseAuthentication):
    """``X-Twilio-Signature`` over our public address, or the one that was asked; without it HTTP Basic is tried."""

    def authenticate(self, request: Request) -> tuple[SignedCaller, None] | None:
        signature = request.headers.get(signatures.HEADER)
        if signature is None:
            return None
        account_id = ids.parse_or_none("AC", request.parser_context["kwargs"]["account_sid"])
        form = request.data.lists() if request.method == "POST" and request.data else ()
        try:
            token = account_queries.account(account_id).auth_token if account_id else ""
        except ObjectDoesNotExist:
            token = ""
        if account_id is None or not signatures.is_valid(
            urls=(settings.PUBLIC_URL + request.get_full_path(), request.build_absolute_uri()),
            parameters=((name, value) for name, values in form for value in values),
            token=token,
            signature=signature,
        ):
            raise Forbidden("The signature does not fit the request")
        return SignedCaller(account_id), None


class FlowWebhookView(CompatView):
    """``/webhooks/v1/Accounts/{AccountSid}/Flows/{FlowSid}?FlowEvent=return``; parameters as query, form, or both."""

    parser_classes = (FormBody,)

    @property
    def authentication_classes(self) -> list[Any]:  # type: ignore[override]
        return [Signed, *super().authentication_classes]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        # The answer is TwiML whatever the caller says it accepts.
        return super().perform_content_negotiation(request, force=True)

    def get(self, request: Request, account_sid: str, flow_sid: str) -> HttpResponse:
        return self._answer(request, account_sid, flow_sid)

    def post(self, request: Request, account_sid: str, flow_sid: str) -> HttpResponse:
        return self._answer(request, account_sid, flow_sid)

    def _answer(self, request: Request, account_sid: str, flow_sid: str) -> HttpResponse:
        if account_sid != self.account_sid:
            raise NotFound(f"resource {request.path}")
        self.key("FW", flow_sid)
        parameters = {**request.query_params.dict(), **(request.data.dict() if request.data else {})}
        if parameters.pop("FlowEvent", "") != "return":
            raise BadParameter("FlowEvent must be return; messages come in by a connection's webhook address")
        services.return_control(account_id=self.account_id, flow_sid=flow_sid, parameters=parameters)
        return HttpResponse(EMPTY, content_type="text/xml; charset=utf-8")
