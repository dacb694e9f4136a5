"""Trying flows from the builder: one event of a simulated execution."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries as account_queries
from common import clock, http
from common.api import AppView
from common.api.app import ADMIN
from common.errors import BadParameter
from flows import simulation
from flows.api.app_flows import required_definition
from flows.engine import DefinitionError, Outcome, Program, commands, compile_definition, events
from flows.engine.preview import preview
from flows.engine.wire import MalformedMessage
from flows.errors import InvalidDefinition
from flows.limits import LIMITS
from flows.revisions import find_flow_revision


class SimulateView(AppView):
    """
    ``POST flows/simulate`` ``{definition, event?, session?, now?, contact?, channel?, start_at?, context?}``.

    Answers ``{session, commands, steps, warnings}``; nothing is stored: the caller sends the session back with the next
    event, and answers the commands as it likes. Without a session an execution begins; without an event it begins with
    an empty message. With ``start_at`` it begins at that widget instead, knowing what ``context`` holds.
    """

    roles = frozenset({ADMIN})

    def post(self, request: Request) -> Response:
        params = self.params(request)
        program = compiled(required_definition(request))
        session = params.json_object("session")
        if session is None:
            account = account_queries.account(self.account_id)
            session = simulation.begin(
                contact=params.text("contact", max_length=256) or simulation.CONTACT,
                channel=params.text("channel", max_length=256) or simulation.CHANNEL,
                account_sid=account.sid,
                time_zone=account.time_zone,
            )
        now = params.moment("now") or clock.now()
        start_at = params.text("start_at", max_length=256)
        if start_at:
            outcome = self._begin_at(program, session, start_at, params.json_object("context") or {}, now)
        else:
            event = read_event(params.json_object("event"))
            outcome = simulation.advance_simulation(program, session, event, now, self._load_flow)
        return Response(
            {
                "session": outcome.session,
                "commands": [command.to_json() for command in outcome.commands],
                "steps": [step.to_json() for step in outcome.steps],
                "warnings": [warning.to_json() for warning in outcome.warnings],
            }
        )

    def _begin_at(
        self, program: Program, session: dict[str, Any], widget: str, context: dict[str, Any], now: datetime
    ) -> Outcome:
        try:
            return simulation.begin_at(program, session, widget, context, now, self._load_flow)
        except LookupError as error:
            raise BadParameter(f"start_at: {error}") from error

    def _load_flow(self, flow_sid: str, which: str) -> tuple[object, int] | None:
        found = find_flow_revision(self.account_id, flow_sid, which)
        return None if found is None else (found.definition, found.revision)


def compiled(definition: object) -> Program:
    """
    Return a definition's program.

    :raises InvalidDefinition: it cannot be walked.
    """
    try:
        return compile_definition(definition)
    except DefinitionError as error:
        raise InvalidDefinition(error.problems) from error


def read_event(data: dict[str, Any] | None) -> events.Event:
    """
    Return the event that a body describes; an empty message that begins an execution where there is none.

    :raises BadParameter: no such event, or a field is missing.
    """
    if data is None:
        payload = {"Body": "", "From": simulation.CONTACT, "To": simulation.CHANNEL}
        return events.TriggerFired("incomingMessage", payload)
    try:
        return events.from_json(data)
    except (MalformedMessage, ValueError, TypeError) as error:
        raise BadParameter(f"event cannot be read: {error}") from error


MAX_TEXT = 100_000


class PreviewView(AppView):
    """``POST flows/preview`` ``{text, context?}``: a text rendered with sample values; ``{text, errors, blank}``."""

    roles = frozenset({ADMIN})

    def post(self, request: Request) -> Response:
        params = self.params(request)
        text = request.data.get("text") if isinstance(request.data, dict) else None
        if not isinstance(text, str) or len(text) > MAX_TEXT:
            raise BadParameter(f"text must be a text of at most {MAX_TEXT} characters")
        zone = ZoneInfo(account_queries.account(self.account_id).time_zone or "UTC")
        shown = preview(text, params.json_object("context") or {}, now=clock.now(), zone=zone, limits=LIMITS)
        return Response({"text": shown.text, "errors": shown.errors, "blank": shown.blank})


class LiveCallView(AppView):
    """
    ``POST flows/simulate/call`` ``{command}``: make a simulated execution's HTTP call for real, as the runtime would.

    Answers ``{status_code, content_type, body}``, or ``{error}`` where no answer came. The account's own credentials
    are not sent, and the same addresses are out of reach as for flows.
    """

    roles = frozenset({ADMIN})

    def post(self, request: Request) -> Response:
        data = self.params(request).json_object("command") or {}
        try:
            given = {"ref": 0, "timeout_seconds": 0, "headers": {}, "body": "", **data, "type": "call_http"}
            command = commands.from_json(given)
        except (MalformedMessage, ValueError, TypeError, AttributeError) as error:
            raise BadParameter(f"command cannot be read: {error}") from error
        assert isinstance(command, commands.CallHttp)
        if not (
            isinstance(command.headers, dict) and all(isinstance(value, str) for value in command.headers.values())
        ):
            raise BadParameter("headers must be an object of texts")
        if not all(isinstance(value, str) for value in (command.method, command.url, command.body)):
            raise BadParameter("method, url and body must be texts")
        asked = http.HttpRequest(
            method="POST" if command.method == "POST" else "GET",
            url=command.url,
            headers=command.headers,
            body=command.body.encode(errors="replace"),
            timeout_seconds=LIMITS.http_timeout_seconds,
            max_bytes=LIMITS.http_response_bytes,
            max_redirects=5,
        )
        try:
            answer = http.fetch_sync(asked)
        except http.HttpError as error:
            return Response({"error": str(error)})
        content_type = answer.headers.get("content-type", "")
        body = answer.body.decode(errors="replace")
        return Response({"status_code": answer.status, "content_type": content_type, "body": body})
