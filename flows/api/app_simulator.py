"""Trying flows from the builder: one event of a simulated execution, and runs of stories."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries as account_queries
from common import clock
from common.api import AppView
from common.api.app import ADMIN
from common.errors import BadParameter
from flows import queries, simulation
from flows.api.app_flows import read_definition, required_definition
from flows.engine import DefinitionError, Program, compile_definition, events
from flows.engine.stories import Coverage, MalformedStory, StoryResult
from flows.engine.story_player import play_story
from flows.engine.wire import MalformedMessage
from flows.errors import InvalidDefinition
from flows.revisions import find_flow_revision

MAX_STORIES = 200


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


class TestRunView(AppView):
    """
    ``POST flows/{sid}/tests/run`` ``{stories, definition?}``: plays stories on it, else on the newest revision.

    Answers ``{passed, failed, results: [{id, passed, outcome, sent, path, differences, warnings, transcript, seconds}],
    coverage: {widgets, transitions}}``.
    """

    roles = frozenset({ADMIN})

    def post(self, request: Request, sid: str) -> Response:
        _, newest = queries.flow_with_newest(self.account_id, self.key("FW", sid))
        definition = read_definition(request)
        definition = newest.definition if definition is None else definition
        program = compiled(definition)
        coverage = Coverage()
        results = []
        for story in _read_stories(self.params(request).json("stories")):
            started = time.perf_counter()
            result = play(program, story)
            coverage.add(result.coverage)
            results.append(write_result(result, seconds=time.perf_counter() - started))
        failed = sum(not result["passed"] for result in results)
        return Response(
            {
                "passed": len(results) - failed,
                "failed": failed,
                "results": results,
                "coverage": coverage.report(definition),
            }
        )


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


def play(program: Program, story: Mapping[str, Any]) -> StoryResult:
    """
    Play one story.

    :raises BadParameter: it is none.
    """
    try:
        return play_story(program, story)
    except DefinitionError as error:
        raise BadParameter(f"A subflow of the story {story.get('id')!r} cannot be run: {error}") from error
    except (MalformedStory, AttributeError, KeyError, TypeError, ValueError) as error:
        # Whatever a hand-written story holds in the wrong place shows as one of these.
        raise BadParameter(f"The story {story.get('id')!r} cannot be played: {error}") from error


def write_result(result: StoryResult, *, seconds: float) -> dict[str, Any]:
    """Return one story's result as JSON."""
    return {
        "id": result.id,
        "passed": result.passed,
        "outcome": result.outcome,
        "sent": result.sent,
        "path": result.path,
        "differences": [asdict(difference) for difference in result.differences],
        "warnings": [warning.to_json() for warning in result.warnings],
        "transcript": [{"kind": kind, "text": text} for kind, text in result.transcript],
        "seconds": round(seconds, 4),
    }


def _read_stories(data: object) -> list[Mapping[str, Any]]:
    stories = data if isinstance(data, list) else [data]
    if not stories or len(stories) > MAX_STORIES or not all(isinstance(story, Mapping) for story in stories):
        raise BadParameter(f"stories must be a list of 1 to {MAX_STORIES} objects")
    return stories
