"""``/app/v1/console/outbound``: an agent begins a conversation."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from channels_app import queries as channels
from common import clock, ids
from common.api.parsers import Params
from common.errors import BadParameter
from console import queries as console
from console.variables import fill, placeholders
from realtime import outbound
from realtime.api.work import WorkerView
from routing import queries as routing

MAX_BODY = 1600
RESERVED = ("auto_answer",)


class OutboundView(WorkerView):
    """``GET``: what to begin from. ``POST``: begins."""

    def get(self, request: Request) -> Response:
        queues = [{"sid": row.sid, "name": row.friendly_name} for row in routing.task_queues(self.account_id)]
        return Response({"senders": outbound.senders(self.account_id), "queues": queues})

    def post(self, request: Request) -> Response:
        params = self.params(request)
        sender = self._sender(params)
        queue_sid = params.text("queue_sid")
        queues = {row.sid: row.id for row in routing.task_queues(self.account_id)}
        if queue_sid and queue_sid not in queues:
            raise BadParameter("queue_sid must be a queue's SID")
        attributes = params.json_object("attributes") or {}
        told = outbound.begin(
            account_id=self.account_id,
            worker_id=self.worker_id,
            sender=sender,
            to=params.required("to", max_length=256),
            name=params.text("name", max_length=256) or "",
            queue_id=queues.get(queue_sid) if queue_sid else None,
            attributes={name: value for name, value in attributes.items() if name not in RESERVED},
            message=self._message(params, sender.type),
            now=clock.now(),
        )
        return Response(told, status=201)

    def _sender(self, params: Params) -> Any:
        sid = params.required("from", max_length=256)
        for row in channels.connections(self.account_id):
            if sid in (row.sid, row.address) and row.type != outbound.CHAT and row.status == "active":
                return row
        raise BadParameter("from must be one of the account's senders")

    def _message(self, params: Params, channel_type: str) -> outbound.Message | None:
        template_sid = params.text("template_sid")
        if not template_sid:
            body = (params.text("body", max_length=MAX_BODY) or "").strip()
            return outbound.Message(body=body) if body else None
        key = ids.parse_or_none("MT", template_sid)
        template = console.template(self.account_id, key) if key else None
        if template is None or template.channel_type != channel_type:
            raise BadParameter(f"template_sid must be a template for {channel_type}")
        given = params.json_object("variables") or {}
        values = {name: str(given.get(name) or "").strip() for name in placeholders(template.body)}
        if empty := [name for name, value in values.items() if not value]:
            raise BadParameter(f"variables must have a value for {empty[0]}")
        return outbound.Message(
            body=fill(template.body, values),
            fields={"content_sid": template.content_sid, "content_variables": values},
        )
