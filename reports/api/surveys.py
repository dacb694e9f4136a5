"""``/app/v1/reports/surveys``: the rules (admins write) and the newest answers."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api.app import ADMIN
from common.api.parsers import Params
from common.errors import BadParameter
from reports import queries, services
from reports.api.views import ReportView, sid_key
from reports.models import Survey, SurveyRule
from reports.ratings import QUESTION, THANKS


class RulesView(ReportView):
    write_roles: ClassVar[frozenset[str]] = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        rules = [rule_json(row) for row in queries.survey_rules(self.account_id)]
        newest = [survey_json(row) for row in queries.newest_surveys(self.account_id)]
        return Response({"rules": rules, "surveys": newest, "defaults": {"question": QUESTION, "thanks": THANKS}})

    def post(self, request: Request) -> Response:
        row = services.save_rule(
            account_id=self.account_id,
            rule_id=None,
            values=_values(self.params(request)),
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(rule_json(row), status=201)


class RuleView(ReportView):
    write_roles: ClassVar[frozenset[str]] = frozenset({ADMIN})

    def put(self, request: Request, sid: str) -> Response:
        row = services.save_rule(
            account_id=self.account_id,
            rule_id=self.key("SR", sid),
            values=_values(self.params(request)),
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(rule_json(row))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_rule(
            account_id=self.account_id, rule_id=self.key("SR", sid), actor=request.user.sid, now=clock.now()
        )
        return Response(status=204)


def _values(params: Params) -> services.RuleValues:
    enabled, delay, expiry = (
        params.boolean("enabled"),
        params.integer("delay_seconds"),
        params.integer("expiry_seconds"),
    )
    texts = params.json("texts")
    if texts is not None and not isinstance(texts, dict):
        raise BadParameter("texts must be an object")
    return services.RuleValues(
        channel_type=params.text("channel_type") or "",
        queue_id=sid_key(params, "queue_sid", "WQ"),
        enabled=True if enabled is None else enabled,
        mode=params.text("mode") or SurveyRule.Mode.BUILT_IN,
        flow_id=sid_key(params, "flow_sid", "FW"),
        delay_seconds=0 if delay is None else delay,
        expiry_seconds=86_400 if expiry is None else expiry,
        texts=texts or {},
    )


def rule_json(row: SurveyRule) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "channel_type": row.channel_type,
        "queue_sid": None if row.queue_id is None else ids.sid("WQ", row.queue_id),
        "enabled": row.enabled,
        "mode": row.mode,
        "flow_sid": None if row.flow_id is None else ids.sid("FW", row.flow_id),
        "delay_seconds": row.delay_seconds,
        "expiry_seconds": row.expiry_seconds,
        "texts": row.texts,
    }


def survey_json(row: Survey) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "conversation_sid": ids.sid("CH", row.conversation_id),
        "channel": row.channel,
        "status": row.status,
        "note": row.note,
        "rating": row.rating,
        "comment": row.comment,
        "date_ended": clock.to_iso(row.ended_at),
        "date_answered": clock.iso_or_none(row.answered_at),
    }
