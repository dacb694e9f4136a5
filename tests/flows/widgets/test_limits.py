"""The documented bounds of the widgets, each from both sides (reference/studio/widgets.md, runtime.md "Limits")."""

from datetime import timedelta
from typing import Any

import pytest

from flows.engine import Outcome, advance, compile_definition, events
from flows.engine.commands import CallHttp, HandOff
from flows.engine.limits import Limits
from flows.engine.validation import check
from tests.flows.engine.build import NOW, begun, flow, send, state, trigger

DAY = 24 * 3600
FLOW_SID = "FW" + "2" * 32


def one(kind: str, properties: dict[str, Any], **exits: str | None) -> dict[str, Any]:
    return flow(trigger(incomingMessage="w"), state("w", kind, properties, **exits))


def seconds(outcome: Outcome) -> float:
    """Return how long the execution waits."""
    due_at = next(command.due_at for command in outcome.commands if hasattr(command, "due_at"))
    return float((due_at - NOW).total_seconds())


@pytest.mark.parametrize(
    ("timeout", "expected"),
    [
        ("90", 90),
        (90, 90),
        (" {{ 60 | plus: 30 }} ", 90),
        ("", 3600),
        ("soon", 3600),
        (None, 3600),
        ("-5", 0),
        (str(30 * DAY), 30 * DAY),
        (str(31 * DAY), 30 * DAY),
    ],
)
def test_a_reply_is_awaited_for_as_long_as_said_and_no_longer_than_an_execution_lives(
    timeout: Any, expected: int
) -> None:
    definition = one("send-and-wait-for-reply", {"from": "us", "body": "?", "timeout": timeout}, timeout=None)

    assert seconds(begun(definition)) == expected


@pytest.mark.parametrize(("timeout", "expected"), [("14400", 14400), ("14401", 14400), ("x", 14400), ("1", 1)])
def test_a_redirect_is_awaited_for_four_hours_at_most(timeout: str, expected: int) -> None:
    definition = one("add-twiml-redirect", {"url": "https://e.com", "timeout": timeout}, timeout=None)

    assert seconds(begun(definition)) == expected


@pytest.mark.parametrize(
    ("properties", "priority", "timeout"),
    [
        ({}, 0, 3600),
        ({"priority": "7", "timeout": "60"}, 7, 60),
        ({"priority": "-1", "timeout": "0"}, 0, 1),
        ({"priority": "9999999999", "timeout": "1209601"}, 2**31 - 1, 14 * DAY),
        ({"priority": "high", "timeout": "long"}, 0, 3600),
    ],
)
def test_a_task_has_a_priority_and_a_life_that_tasks_may_have(
    properties: dict[str, str], priority: int, timeout: int
) -> None:
    outcome = begun(one("send-to-flex", {"workflow": "WW1", "channel": "TC1", **properties}, callComplete=None))

    (command,) = outcome.commands
    assert isinstance(command, HandOff)
    assert (command.priority, command.timeout_seconds) == (priority, timeout)


@pytest.mark.parametrize(("length", "event"), [(1024, None), (1025, "failedToEnqueue")])
def test_task_attributes_have_1024_characters_at_most_once_rendered(length: int, event: str | None) -> None:
    attributes = '{"a": "{{trigger.message.Body}}"}'
    body = "x" * (length - len('{"a": ""}'))
    properties = {"workflow": "WW1", "channel": "TC1", "attributes": attributes}
    outcome = begun(one("send-to-flex", properties, callComplete=None, failedToEnqueue=None), body=body)

    assert [step.event for step in outcome.steps[1:]] == ([event] if event else [])
    assert [warning.code for warning in outcome.warnings] == ([81015] if event else [])


@pytest.mark.parametrize(
    ("kind", "failed", "code"), [("make-http-request", "failed", 81016), ("run-function", "fail", 81017)]
)
@pytest.mark.parametrize(
    ("body", "fits"), [("x" * 65536, True), ("x" * 65537, False), ("é" * 32768, True), ("é" * 32768 + "x", False)]
)
def test_an_answer_has_ten_seconds_and_64_kb(kind: str, failed: str, code: int, body: str, fits: bool) -> None:
    program = compile_definition(one(kind, {"url": "https://e.com", "method": "GET"}, success=None, **{failed: None}))
    asked = begun(program)
    (call,) = asked.commands
    assert isinstance(call, CallHttp)
    assert (call.timeout_seconds, call.max_response_bytes) == (10, 65536)

    outcome = advance(program, asked.session, events.HttpAnswered(call.ref, 200, "text/plain", body), NOW)

    assert [step.event for step in outcome.steps] == ["success" if fits else failed]
    assert [warning.code for warning in outcome.warnings] == ([] if fits else [code])
    # What was too large is not kept: a network failure leaves nothing either.
    outputs = outcome.session["context"]["widgets"]["w"]
    assert outputs == ({"status_code": 200, "content_type": "text/plain", "body": body} if fits else {})


@pytest.mark.parametrize("revision", ["Newest", "1.5", "{{flow.data.r}}", "-1"])
def test_a_subflow_of_no_revision_fails_with_81021(revision: str) -> None:
    outcome = begun(one("run-subflow", {"flow_sid": FLOW_SID, "flow_revision": revision}, failed=None))

    assert [(step.event, [warning.code for warning in step.warnings]) for step in outcome.steps[1:]] == [
        ("failed", [81021])
    ]


@pytest.mark.parametrize("revision", ["LatestPublished", "LatestDraft", "LatestRevision", "12", 12, None, ""])
def test_a_subflow_is_asked_for_by_word_or_number(revision: Any) -> None:
    outcome = begun(one("run-subflow", {"flow_sid": FLOW_SID, "flow_revision": revision}, completed=None))

    (command,) = outcome.commands
    assert command.to_json()["revision"] == str(revision or "LatestPublished")


def subflows(number: int, different: int) -> dict[str, Any]:
    """A flow with ``number`` widgets in a row that run ``different`` subflows by turns."""
    names = [f"s{index}" for index in range(number)]
    states = []
    for index, name in enumerate(names):
        then = names[index + 1] if index + 1 < number else "end"
        properties = {"flow_sid": f"FW{index % different:032x}", "flow_revision": "LatestPublished"}
        states.append(state(name, "run-subflow", properties, completed=then, failed="end"))
    return flow(trigger(incomingMessage="s0"), *states, send("end", "Bye"))


@pytest.mark.parametrize(
    ("number", "different", "codes"), [(150, 50, []), (151, 50, ["too-many-subflows"]), (51, 51, ["too-many-subflows"])]
)
def test_a_flow_runs_150_subflows_at_most_and_50_different_ones(number: int, different: int, codes: list[str]) -> None:
    assert [problem.code for problem in check(subflows(number, different))] == codes


def test_a_flow_that_has_too_many_widgets_with_its_subflow_is_told_so_when_saved_and_may_be_published() -> None:
    parent = subflows(1, 1)
    child = flow(trigger(incomingParent="a"), send("a", "x", "b"), send("b", "y"))

    problems = check(parent, subflows={f"FW{0:032x}": child}, limits=Limits(widgets=5))

    assert [(problem.severity, problem.code, problem.message) for problem in problems] == [
        ("warning", "too-many-widgets", "With its subflows the flow has 6 widgets; 5 are possible.")
    ]


def test_a_json_variable_that_is_null_is_the_empty_text() -> None:
    variables = [
        {"key": "nothing", "value": "null", "parse_as_json": True},
        {"key": "inside", "value": '{"a": null}', "type": "object"},
        {"key": "text", "value": "null"},
    ]
    outcome = begun(one("set-variables", {"variables": variables}, next=None))

    assert outcome.session["context"]["flow"]["variables"] == {"nothing": "", "inside": {"a": None}, "text": "null"}
    assert outcome.warnings == ()


def test_an_execution_lives_for_thirty_days_to_the_second() -> None:
    program = compile_definition(one("send-and-wait-for-reply", {"from": "us", "body": "?"}, incomingMessage=None))
    session = begun(program).session
    reply = events.ReplyReceived({"Body": "x"})

    last = advance(program, session, reply, NOW + timedelta(days=30))
    late = advance(program, session, reply, NOW + timedelta(days=30, seconds=1))

    assert [outcome.session["ended"]["reason"] for outcome in (last, late)] == ["completed", "expired"]
