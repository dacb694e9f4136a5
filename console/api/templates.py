"""``/app/v1/message-templates``: texts that providers have approved. Admins write, everyone may choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api import AppView
from common.api.app import ADMIN
from common.api.parsers import Params
from console import queries, services
from console.services import TemplateValues
from console.variables import placeholders

if TYPE_CHECKING:
    from console.models import MessageTemplate


class TemplatesView(AppView):
    write_roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        return Response({"templates": [_write(row) for row in queries.templates(self.account_id)]})

    def post(self, request: Request) -> Response:
        row = services.create_template(
            account_id=self.account_id,
            values=_values(self.params(request)),
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(_write(row), status=201)


class TemplateView(AppView):
    roles = frozenset({ADMIN})

    def put(self, request: Request, sid: str) -> Response:
        row = services.update_template(
            account_id=self.account_id,
            template_id=self.key("MT", sid),
            values=_values(self.params(request)),
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(_write(row))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_template(
            account_id=self.account_id, template_id=self.key("MT", sid), actor=request.user.sid, now=clock.now()
        )
        return Response(status=204)


def _values(params: Params) -> TemplateValues:
    return TemplateValues(
        name=params.required("name", max_length=200),
        channel_type=params.required("channel_type", max_length=40),
        content_sid=params.required("content_sid", max_length=200),
        body=params.required("body"),
    )


def _write(row: MessageTemplate) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "name": row.name,
        "channel_type": row.channel_type,
        "content_sid": row.content_sid,
        "body": row.body,
        "variables": placeholders(row.body),
        "date_updated": clock.to_iso(row.updated_at),
    }
