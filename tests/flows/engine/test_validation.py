"""What is found wrong with definitions: one row a finding, told with its place."""

from typing import Any

import pytest

from flows.engine.limits import Limits
from flows.engine.validation import check
from tests.flows.engine.build import flow, http, send, set_variables, split, state, trigger

SUB = "FW" + "2" * 32


def found(definition: Any, **options: Any) -> list[tuple[str, str, str]]:
    return [(problem.severity, problem.code, problem.property_path) for problem in check(definition, **options)]


def flex(**properties: str) -> dict[str, Any]:
    values = {"workflow": "WW1", "channel": "TC1", **properties}
    return state("f", "send-to-flex", values, callComplete=None, failedToEnqueue="bye", callFailure=None)


GOOD = flow(trigger(incomingMessage="f"), flex(), send("bye", "Sorry"))


def test_a_good_definition_has_no_problems() -> None:
    assert check(GOOD) == []


def one(*states: dict[str, Any]) -> dict[str, Any]:
    """A flow that starts with the first of the states."""
    return flow(trigger(incomingMessage=states[0]["name"]), *states)


ROWS: list[tuple[str, Any, tuple[str, str, str]]] = [
    ("no object", [], ("error", "not-an-object", "#")),
    ("no states", {}, ("error", "no-widgets", "#/states")),
    ("no start", {**GOOD, "initial_state": ""}, ("error", "no-start", "#/initial_state")),
    ("start missing", {**GOOD, "initial_state": "x"}, ("error", "start-missing", "#/initial_state")),
    ("start no trigger", {**GOOD, "initial_state": "bye"}, ("error", "start-not-trigger", "#/initial_state")),
    ("name twice", one(send("a", "x", "a"), send("a", "y")), ("error", "name-twice", "#/states/2/name")),
    ("no name", one(send("a", "x"), {"type": "send-message"}), ("error", "no-name", "#/states/2/name")),
    ("no type", one(send("a", "x"), {"name": "b"}), ("error", "no-type", "#/states/2/type")),
    ("target missing", one(send("a", "x", "b")), ("error", "target-missing", "#/states/1/transitions/0/next")),
    (
        "flags",
        {**GOOD, "flags": {"allow_concurrent_calls": "yes"}},
        ("error", "wrong-type", "#/flags/allow_concurrent_calls"),
    ),
    (
        "missing",
        one(state("a", "send-message", {"body": "x"})),
        ("error", "missing-property", "#/states/1/properties/from"),
    ),
    (
        "type",
        one(state("a", "send-message", {"body": 3, "from": "x"})),
        ("error", "wrong-type", "#/states/1/properties/body"),
    ),
    ("enum", one(http("a", method="PUT")), ("error", "not-allowed", "#/states/1/properties/method")),
    (
        "event",
        one(state("a", "set-variables", {}, done=None)),
        ("error", "not-allowed", "#/states/1/transitions/0/event"),
    ),
    ("unknown type", one(state("a", "teleport")), ("error", "unknown-widget", "#/states/1/type")),
    ("retired", one(state("a", "understand")), ("error", "retired-widget", "#/states/1/type")),
    ("voice", one(state("a", "say-play", {"say": "x"})), ("warning", "voice-widget", "#/states/1/type")),
    (
        "two triggers",
        flow(trigger(incomingMessage="T"), state("T", "trigger")),
        ("error", "two-triggers", "#/states/1"),
    ),
    ("idle", flow(trigger(incomingMessage=None)), ("warning", "trigger-unconnected", "#/states/0/transitions")),
    ("unreachable", one(send("a", "x"), send("b", "y")), ("warning", "unreachable", "#/states/2")),
    ("silent end", one(http("a", "b"), send("b", "x")), ("warning", "silent-end", "#/states/1/transitions/1")),
    ("exit missing", one(split("a", "x") | {"transitions": []}), ("warning", "missing-exit", "#/states/1/transitions")),
    (
        "exit twice",
        one(send("a", "x", "b") | {"transitions": [{"event": "sent", "next": "b"}, {"event": "sent"}]}, send("b", "")),
        ("warning", "exit-twice", "#/states/1/transitions/1"),
    ),
    (
        "loop",
        one(set_variables("a", "b", x="1"), set_variables("b", "a", y="1")),
        ("warning", "loop-without-wait", "#/states/1"),
    ),
    ("self loop", one(set_variables("a", "a", x="1")), ("warning", "loop-without-wait", "#/states/1")),
    (
        "REST only",
        one(state("a", "start-conversation", {"conversation_service_sid": "IS1", "participants": []})),
        ("error", "rest-only", "#/states/1"),
    ),
    ("no workflow", one(flex(workflow=" "), send("bye", "x")), ("error", "empty", "#/states/1/properties/workflow")),
    ("no address", one(http("a", url="")), ("error", "empty", "#/states/1/properties/url")),
    (
        "no function",
        one(state("a", "run-function", {"url": None})),
        ("warning", "no-function-address", "#/states/1/properties/url"),
    ),
    ("empty text", one(send("a", "")), ("warning", "empty-message", "#/states/1/properties/body")),
    (
        "reserved",
        one(http("a", parameters=[{"key": "method", "value": "x"}])),
        ("error", "reserved-parameter", "#/states/1/properties/parameters/0/key"),
    ),
    (
        "subflow by variable",
        one(state("a", "run-subflow", {"flow_sid": "{{x}}", "flow_revision": "LatestPublished"})),
        ("error", "subflow-sid", "#/states/1/properties/flow_sid"),
    ),
    ("template", one(send("a", "{{ a + b }}")), ("warning", "template", "#/states/1/properties/body")),
    (
        "unknown widget read",
        one(send("a", "{{widgets.b.x}}")),
        ("warning", "unknown-widget-name", "#/states/1/properties/body"),
    ),
    (
        "variable never set",
        one(send("a", "{% if flow.variables.b %}x{% endif %}")),
        ("warning", "variable-never-set", "#/states/1/properties/body"),
    ),
    ("secret by shape", one(send("a", "AKIA" + "ABCD" * 4)), ("warning", "secret", "#/states/1/properties/body")),
    (
        "secret in address",
        one(http("a", url="https://me:geheim@e.com")),
        ("warning", "secret", "#/states/1/properties/url"),
    ),
    (
        "secret by name",
        one(http("a", parameters=[{"key": "api_key", "value": "0123456789abcdef"}])),
        ("warning", "secret", "#/states/1/properties/parameters/0/value"),
    ),
    ("placeholder", one(send("a", "${text}")), ("warning", "placeholder", "#/states/1/properties/body")),
    (
        "pattern",
        one(split("a", "x", ("regex", "(", None))),
        ("warning", "condition", "#/states/1/transitions/1/conditions/0/value"),
    ),
    (
        "time",
        one(split("a", "x", ("is_before_time", "9:00", None))),
        ("warning", "condition", "#/states/1/transitions/1/conditions/0/value"),
    ),
    (
        "condition",
        one(split("a", "x", ("sounds_like", "y", None))),
        ("error", "not-allowed", "#/states/1/transitions/1/conditions/0/type"),
    ),
    (
        "attributes",
        one(flex(attributes='{"a": {{x}},}'), send("bye", "x")),
        ("warning", "attributes", "#/states/1/properties/attributes"),
    ),
    ("hard name", one(send("a b", "x")), ("warning", "hard-name", "#/states/1/name")),
]


@pytest.mark.parametrize(("definition", "expected"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
def test_finds(definition: Any, expected: tuple[str, str, str]) -> None:
    assert expected in found(definition)


@pytest.mark.parametrize("definition", [row[1] for row in ROWS])
def test_every_message_is_a_sentence_and_names_its_widget(definition: Any) -> None:
    for problem in check(definition):
        assert problem.message.endswith(".")
        assert problem.widget == "" or problem.widget in problem.message or problem.code.startswith("loop")


def test_says_what_is_missing_in_the_forms_own_words() -> None:
    problems = check(one(state("welcome", "send-message", {"from": "us"})))

    assert [problem.message for problem in problems if problem.severity == "error"] == [
        "'Message' of 'welcome' is missing but it is required."
    ]


def test_null_counts_as_unset() -> None:
    definition = one(send("a", "x"))
    definition["states"][1]["properties"]["media_url"] = None
    definition["states"][1]["transitions"][0]["next"] = None

    assert check(definition) == []


def run_subflow(name: str, then: str | None = None, revision: str = "LatestPublished") -> dict[str, Any]:
    return state(name, "run-subflow", {"flow_sid": SUB, "flow_revision": revision}, completed=then, failed=then)


CHILD = flow(trigger(incomingParent="a"), send("a", "x"))


@pytest.mark.parametrize(
    ("subflows", "codes"),
    [
        (None, set()),
        ({SUB: CHILD}, set()),
        ({}, {"subflow-missing"}),
        ({SUB: flow(trigger(incomingMessage="a"), send("a", "x"))}, {"subflow-idle"}),
        ({SUB: flow(trigger(incomingParent="a"), run_subflow("a"))}, {"subflow-nested"}),
    ],
)
def test_judges_subflows_by_the_accounts_flows(subflows: Any, codes: set[str]) -> None:
    problems = check(one(run_subflow("s", "b"), send("b", "x")), subflows=subflows)

    assert {problem.code for problem in problems} == codes


def test_one_subflow_has_one_revision() -> None:
    definition = one(run_subflow("s", "t"), run_subflow("t", "b", "3"), send("b", "x"))

    assert found(definition) == [("error", "subflow-revisions", "#/states/2/properties/flow_revision")]


def test_counts_widgets() -> None:
    small = Limits(widgets=2)

    assert ("error", "too-many-widgets", "#/states") in found(one(send("a", "x", "b"), send("b", "x")), limits=small)


def test_two_thousand_widgets_are_judged_whole() -> None:
    states = [send(f"s{index}", "Hi {{flow.variables.x}}", f"s{index + 1}") for index in range(1998)]

    assert {code for _, code, _ in found(one(*states, send("s1998", "end")))} == {"variable-never-set"}
