"""Trying flows from the builder: one event of a simulated execution."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries as account_queries
from common import clock
from common.api import AppView
from common.api.app import ADMIN
from common.errors import BadParameter
from flows import simulation
from flows.api.app_flows import required_definition
from flows.engine import DefinitionError, Program, compile_definition, events
from flows.engine.wire import MalformedMessage
from flows.errors import InvalidDefinition
from flows.revisions import find_flow_revision


class SimulateView(AppView):
    """
    ``POST flows/simulate`` ``{definition, event?, session?, now?, contact?, channel?}``.

    Answers ``{session, commands, steps, warnings}``; nothing is stored: the caller sends the session back with the next
    event, and answers the commands as it likes. Without a session an execution begins; without an event it begins with
    an empty message.
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
        event = read_event(params.json_object("event"))
        now = params.moment("now") or clock.now()
        outcome = simulation.advance_simulation(program, session, event, now, self._load_flow)
        return Response(
            {
                "session": outcome.session,
                "commands": [command.to_json() for command in outcome.commands],
                "steps": [step.to_json() for step in outcome.steps],
                "warnings": [warning.to_json() for warning in outcome.warnings],
            }
        )

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
