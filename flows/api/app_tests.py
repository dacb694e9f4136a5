"""Tests of flows: stories kept with a flow, and runs of stories with what they covered."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api.app import ADMIN
from common.errors import BadParameter
from flows import queries, services
from flows.api.app_flows import BuilderView, read_definition
from flows.api.app_simulator import compiled
from flows.authors import author_names
from flows.engine import Program
from flows.engine.stories import Coverage, StoryResult
from flows.models import FlowTest

MAX_STORIES = 200


class TestsView(BuilderView):
    """``flows/{sid}/tests``: list, and ``POST {name, story}``."""

    def get(self, request: Request, sid: str) -> Response:
        flow = queries.flow(self.account_id, self.key("FW", sid))
        return Response({"tests": write_tests(queries.tests(flow.id))})

    def post(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        test = services.create_test(
            account_id=self.account_id,
            flow_id=self.key("FW", sid),
            name=params.required("name"),
            story=params.json("story"),
            author=request.user.sid,
            now=clock.now(),
        )
        return Response(write_tests([test])[0], status=201)


class TestView(BuilderView):
    """``flows/{sid}/tests/{test_sid}``: fetch, ``PUT {name?, story?}``, delete."""

    def get(self, request: Request, sid: str, test_sid: str) -> Response:
        return Response(write_tests([queries.test(self.account_id, **self._keys(sid, test_sid))])[0])

    def put(self, request: Request, sid: str, test_sid: str) -> Response:
        params = self.params(request)
        test = services.update_test(
            account_id=self.account_id,
            **self._keys(sid, test_sid),
            name=params.text("name"),
            story=params.json("story"),
            author=request.user.sid,
            now=clock.now(),
        )
        return Response(write_tests([test])[0])

    def delete(self, request: Request, sid: str, test_sid: str) -> Response:
        services.delete_test(
            account_id=self.account_id, **self._keys(sid, test_sid), author=request.user.sid, now=clock.now()
        )
        return Response(status=204)

    def _keys(self, sid: str, test_sid: str) -> dict[str, Any]:
        return {"flow_id": self.key("FW", sid), "test_id": self.key("FX", test_sid)}


class TestRunView(BuilderView):
    """
    ``POST flows/{sid}/tests/run`` ``{stories?, definition?}``: plays stories on it, else on the newest revision.

    Without ``stories`` those kept with the flow are played; their results have ``test_sid``. Answers ``{passed, failed,
    results: [{id, passed, outcome, sent, path, differences, warnings, transcript, seconds}], coverage: {widgets,
    transitions}}``.
    """

    roles = frozenset({ADMIN})

    def post(self, request: Request, sid: str) -> Response:
        flow, newest = queries.flow_with_newest(self.account_id, self.key("FW", sid))
        definition = read_definition(request)
        definition = newest.definition if definition is None else definition
        program = compiled(definition)
        coverage = Coverage()
        if "stories" in request.data:
            results = [run(program, story, coverage) for story in _read_stories(request.data["stories"])]
        else:
            results = [run_test(program, test, coverage) for test in queries.tests(flow.id)]
        failed = sum(not result["passed"] for result in results)
        return Response(
            {
                "passed": len(results) - failed,
                "failed": failed,
                "results": results,
                "coverage": coverage.report(definition),
            }
        )


def run(program: Program, story: Mapping[str, Any], coverage: Coverage) -> dict[str, Any]:
    """
    Play one story, and add what it visited to ``coverage``.

    :raises BadParameter: it is none.
    """
    started = time.perf_counter()
    result = services.play(program, story)
    coverage.add(result.coverage)
    return write_result(result, seconds=time.perf_counter() - started)


def run_test(program: Program, test: FlowTest, coverage: Coverage) -> dict[str, Any]:
    """Play a test; one that cannot be played on what the flow is now has failed, and keeps no other from its run."""
    try:
        return {"test_sid": test.sid, **run(program, {**test.story, "id": test.name}, coverage)}
    except BadParameter as error:
        return {
            "test_sid": test.sid,
            "id": test.name,
            "passed": False,
            "outcome": "",
            "sent": [],
            "path": [],
            "differences": [{"what": "story", "expected": "a story that can be played", "actual": error.message}],
            "warnings": [],
            "transcript": [],
            "seconds": 0.0,
        }


def write_tests(tests: list[FlowTest]) -> list[dict[str, Any]]:
    """Return tests with their stories; ``author`` is the name of who saved it last."""
    names = author_names(test.author for test in tests)
    return [
        {
            "sid": test.sid,
            "name": test.name,
            "story": test.story,
            "author": names[test.author],
            "date_created": clock.to_iso(test.created_at),
            "date_updated": clock.to_iso(test.updated_at),
        }
        for test in tests
    ]


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
