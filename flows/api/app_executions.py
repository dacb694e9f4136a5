"""The execution log's calls (docs/contracts.md, 6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import AppView
from common.api.app import ADMIN, AGENT, SUPERVISOR
from common.api.paging import after_token, make_token
from common.errors import BadParameter, Forbidden
from flows import queries, services
from flows.models import Execution, ExecutionStep, HttpExchange

PAGE_SIZE = 50
STATUSES = tuple(Execution.Status.values)


class ExecutionsView(AppView):
    """Agents see those of the conversation they name, not the whole log."""

    def get(self, request: Request) -> Response:
        params = self.params(request)
        conversation_sid = params.text("conversation_sid")
        if request.user.role == AGENT and not conversation_sid:
            raise Forbidden("Agents may only list the executions of a conversation")
        flow_sid = params.text("flow_sid")
        rows = queries.executions(
            self.account_id,
            flow_id=self.key("FW", flow_sid) if flow_sid else None,
            conversation_id=self.key("CH", conversation_sid) if conversation_sid else None,
            status=params.text("status", choices=("", *STATUSES)) or None,
            contact=params.text("contact", max_length=256) or None,
            has_error=params.boolean("has_error"),
            created_from=params.moment("date_from"),
            created_to=params.moment("date_to"),
        )
        token = params.text("page_token")
        if token:
            rows = after_token(rows, token)
        found = list(rows[: PAGE_SIZE + 1])
        shown = found[:PAGE_SIZE]
        names = queries.flow_names(self.account_id)
        return Response(
            {
                "executions": [write_execution(row, names.get(row.flow_id, "")) for row in shown],
                "next_page_token": make_token(shown[-1], "id") if len(found) > PAGE_SIZE else None,
            }
        )


class ExecutionView(AppView):
    """One execution with everything that happened in it; a POST stops it."""

    roles = frozenset({ADMIN, SUPERVISOR})
    write_roles = frozenset({ADMIN})

    def get(self, request: Request, sid: str) -> Response:
        return self._answer(self.key("FN", sid))

    def post(self, request: Request, sid: str) -> Response:
        if self.params(request).required("status") != Execution.Status.ENDED:
            raise BadParameter("An execution can only be ended")
        services.stop_execution(account_id=self.account_id, execution_id=self.key("FN", sid), now=clock.now())
        return self._answer(self.key("FN", sid))

    def _answer(self, execution_id: UUID) -> Response:
        return Response(write_whole(self.account_id, queries.execution(self.account_id, execution_id)))


class ExecutionRetryView(AppView):
    """``POST executions/{sid}/retry`` ``{step_sid?}``: 201 with the new execution, begun where the old one failed."""

    roles = frozenset({ADMIN})

    def post(self, request: Request, sid: str) -> Response:
        step_sid = self.params(request).text("step_sid")
        execution = services.retry_execution(
            account_id=self.account_id,
            execution_id=self.key("FN", sid),
            step_id=self.key("FT", step_sid) if step_sid else None,
            author=request.user.sid,
            now=clock.now(),
        )
        return Response(write_whole(self.account_id, execution), status=201)


def write_whole(account_id: UUID, execution: Execution) -> dict[str, Any]:
    """
    Return an execution with everything that happened in it.

    ``waiting`` is the visit that has not ended, null where there is none; it may be the one that an exchange's
    ``step_seq`` names.
    """
    flow, revision = queries.revision(account_id, execution.flow_id, str(execution.revision))
    steps = list(queries.steps(execution.id))
    sids = {step.seq: step.sid for step in steps}
    return {
        **write_execution(execution, flow.friendly_name),
        "revision_name": revision.friendly_name,
        "revision_message": revision.commit_message,
        "initiated_by": execution.initiated_by or None,
        "retries": queries.retries_of(execution),
        "steps": [write_step(step) for step in steps],
        "waiting": write_waiting(execution),
        "context": queries.context_of(execution),
        "http": [write_exchange(exchange, sids) for exchange in queries.http_exchanges(execution.id)],
    }


def write_execution(execution: Execution, flow_name: str) -> dict[str, Any]:
    """Return one line of the execution log."""
    return {
        "sid": execution.sid,
        "flow_sid": ids.sid("FW", execution.flow_id),
        "flow_name": flow_name,
        "revision": execution.revision,
        "contact": execution.contact_address,
        "status": execution.status,
        "trigger": execution.trigger,
        "is_test": execution.is_test,
        "current_widget": execution.current_widget,
        "waits_for": execution.waits_for,
        "error": execution.error or None,
        "step_count": execution.step_count,
        "date_created": clock.to_iso(execution.created_at),
        "date_updated": clock.to_iso(execution.updated_at),
        "date_ended": clock.iso_or_none(execution.ended_at),
        "conversation_sid": ids.sid("CH", execution.conversation_id),
    }


def write_step(step: ExecutionStep) -> dict[str, Any]:
    """Return one visit of a widget; ``parent_seq`` is the run-subflow step that it belongs to."""
    return {
        "sid": step.sid,
        "seq": step.seq,
        "parent_seq": step.parent_seq,
        "event": step.event,
        "name": step.name,
        "type": step.type,
        "transitioned_from": step.transitioned_from,
        "transitioned_to": step.transitioned_to,
        "changes": step.changes,
        "warnings": step.warnings,
        "duration_ms": None if step.entered_at is None else _milliseconds(step.created_at - step.entered_at),
        "date_entered": clock.iso_or_none(step.entered_at),
        "date_created": clock.to_iso(step.created_at),
    }


def write_waiting(execution: Execution) -> dict[str, Any] | None:
    """Return the visit that an active execution is in, whose step is written when it ends."""
    visit, wait = execution.session.get("visit"), execution.session.get("wait")
    if execution.status == Execution.Status.ENDED or not visit or not wait:
        return None
    return {
        "seq": visit["seq"],
        "name": execution.current_widget,
        "waits_for": wait["kind"],
        "due_at": wait["due_at"],
        "warnings": visit["warnings"],
        "date_entered": visit["entered_at"],
    }


def write_exchange(exchange: HttpExchange, step_sids: Mapping[int, str]) -> dict[str, Any]:
    """
    Return one HTTP call; ``status_code`` null and an ``error`` where no answer came.

    ``hop`` counts the addresses that a redirect was sent on to; ``step_sid`` is null while its step has not ended.
    """
    return {
        "ref": exchange.ref,
        "hop": exchange.hop,
        "step_seq": exchange.step_seq,
        "step_sid": None if exchange.step_seq is None else step_sids.get(exchange.step_seq),
        "method": exchange.method,
        "url": exchange.url,
        "request_body": exchange.request_body,
        "status_code": exchange.status_code,
        "content_type": exchange.content_type,
        "response_body": exchange.response_body,
        "error": exchange.error or None,
        "duration_ms": exchange.duration_ms,
        "date_created": clock.to_iso(exchange.created_at),
    }


def _milliseconds(duration: timedelta) -> int:
    return round(duration.total_seconds() * 1000)
