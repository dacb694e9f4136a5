"""What happens on a flow, for its diagram: how many went which way, and the values of the last execution."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.errors import BadParameter
from flows import queries
from flows import traffic as counting
from flows.api.app_flows import BuilderView

LONGEST = timedelta(days=92)
USUAL = timedelta(days=7)


class TrafficView(BuilderView):
    """
    ``GET flows/{sid}/traffic?from=&to=&revision=``: a week up to now where nothing is said.

    Answers ``{from, to, executions, active, failed, is_capped, exits: [{widget, event, to, count}], waiting: [{widget,
    count}]}``.
    """

    def get(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        flow = queries.flow(self.account_id, self.key("FW", sid))
        end = params.moment("to") or clock.now()
        start = params.moment("from") or end - USUAL
        if not timedelta(0) < end - start <= LONGEST:
            raise BadParameter(f"from must be before to, by at most {LONGEST.days} days")
        found = counting.traffic(flow.id, start=start, end=end, revision=params.integer("revision", least=1))
        return Response(
            {
                "from": clock.to_iso(start),
                "to": clock.to_iso(end),
                "executions": found.executions,
                "active": found.active,
                "failed": found.failed,
                "is_capped": found.is_capped,
                "exits": found.exits,
                "waiting": found.waiting,
            }
        )


class SampleView(BuilderView):
    """
    ``GET flows/{sid}/sample?widget=``: ``{sample: null | {execution_sid, contact, revision, date_created, context}}``.

    Of the newest execution, or the newest that came by ``widget``.
    """

    def get(self, request: Request, sid: str) -> Response:
        flow = queries.flow(self.account_id, self.key("FW", sid))
        found = counting.sample(flow.id, self.params(request).text("widget", max_length=256))
        return Response({"sample": None if found is None else _write(*found)})


def _write(execution: Any, context: dict[str, Any]) -> dict[str, Any]:
    return {
        "execution_sid": execution.sid,
        "contact": execution.contact_address,
        "revision": execution.revision,
        "date_created": clock.to_iso(execution.created_at),
        "context": context,
    }
