"""
The checks beyond the schema: what a definition of the right shape can still get wrong.

Each check takes a ``Flow`` and yields problems; CHECKS is the list of them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flows.engine import graph, text_checks
from flows.engine.limits import Limits
from flows.engine.problems import Problem
from flows.engine.registry import widget_types
from flows.engine.structure import is_target

WAITING = frozenset(
    {
        "send-and-wait-for-reply",
        "send-to-flex",
        "add-twiml-redirect",
        "gather-input-on-call",
        "say-play",
        "record-voicemail",
        "connect-call-to",
        "enqueue-call",
        "make-outgoing-call-v1",
        "make-outgoing-call-v2",
        "capture-payments",
        "connect-virtual-agent",
        "connect-virtual-agent-v2",
        "run-conversation-relay",
        "send-to-auto-pilot",
    }
)
# Exits at which a customer who is still there hears nothing more, although the flow had more to say.
SILENT_EXITS = {
    "split-based-on": ("match", "noMatch"),
    "make-http-request": ("success", "failed"),
    "run-function": ("success", "fail"),
    "run-function-v2": ("success", "fail"),
    "run-subflow": ("completed", "failed"),
    "set-variables": ("next",),
    "send-and-wait-for-reply": ("incomingMessage", "timeout"),
    "send-to-flex": ("failedToEnqueue",),
}
REST_ONLY = frozenset({"start-conversation", "resume-conversation"})
# Splits may lack it by design of older exports; the others leave by these whatever happens.
EXPECTED_EXITS = {"split-based-on": ("noMatch",), "send-and-wait-for-reply": ("incomingMessage", "timeout")}


@dataclass(frozen=True, slots=True)
class Flow:
    """A definition whose states all have name, type, properties and transitions of the right kind."""

    definition: Mapping[str, Any]
    states: list[Mapping[str, Any]]
    subflows: Mapping[str, Any] | None
    limits: Limits
    live: frozenset[str]
    links: Mapping[str, list[str]]

    def transitions(self, state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return state.get("transitions") or []

    def properties(self, state: Mapping[str, Any]) -> Mapping[str, Any]:
        return state.get("properties") or {}


Check = Callable[[Flow], Iterator[Problem]]


def find_problems(
    definition: Mapping[str, Any], subflows: Mapping[str, Any] | None, limits: Limits
) -> Iterator[Problem]:
    """Yield the problems that all checks find."""
    states = definition["states"]
    links: dict[str, list[str]] = {}
    for state in states:
        targets = [entry["next"] for entry in state.get("transitions") or [] if is_target(entry.get("next"))]
        links[state["name"]] = [target for target in targets if isinstance(target, str)]
    start = definition.get("initial_state")
    live = graph.reachable(links, start) if isinstance(start, str) else set()
    flow = Flow(definition, states, subflows, limits, frozenset(live), links)
    for check in CHECKS:
        yield from check(flow)
    yield from text_checks.find_problems(definition, states)


def check_triggers(flow: Flow) -> Iterator[Problem]:
    start = flow.definition.get("initial_state")
    triggers = [(index, state) for index, state in enumerate(flow.states) if state["type"] == "trigger"]
    for index, state in enumerate(flow.states):
        if state["name"] == start and state["type"] != "trigger":
            text = f"The flow has to start with a trigger; {start!r} is none."
            yield Problem("start-not-trigger", "error", text, "#/initial_state", state["name"])
        if state["type"] == "trigger" and len(triggers) > 1 and state["name"] != start:
            text = f"A flow has one trigger; {state['name']!r} is one too many."
            yield Problem("two-triggers", "error", text, f"#/states/{index}", state["name"])
    for index, state in triggers:
        if state["name"] == start and not flow.links[state["name"]]:
            text = f"No exit of {state['name']!r} is connected, so the flow does nothing."
            yield Problem("trigger-unconnected", "warning", text, f"#/states/{index}/transitions", state["name"])


def check_types(flow: Flow) -> Iterator[Problem]:
    for index, state in enumerate(flow.states):
        known = widget_types().get(state["type"])
        if known is None or known.widget is not None:
            continue
        title, path = known.schema.get("title", known.name), f"#/states/{index}/type"
        if known.schema.get("x-group") == "legacy":
            text = f"{state['name']!r} ({title}) belongs to a withdrawn product and cannot be run; replace it."
            yield Problem("retired-widget", "error", text, path, state["name"])
        else:
            text = f"{state['name']!r} ({title}) is for calls; a conversation by messages that reaches it ends there."
            yield Problem("voice-widget", "warning", text, path, state["name"])


def check_reachable(flow: Flow) -> Iterator[Problem]:
    for index, state in enumerate(flow.states):
        if state["name"] not in flow.live and flow.live:
            text = f"Nothing leads to {state['name']!r}; it is never used."
            yield Problem("unreachable", "warning", text, f"#/states/{index}", state["name"])


def check_exits(flow: Flow) -> Iterator[Problem]:
    for index, state in enumerate(flow.states):
        if state["name"] not in flow.live:
            continue
        labels = _labels(state["type"])
        seen: dict[str, int] = {}
        for number, entry in enumerate(flow.transitions(state)):
            event, path = entry["event"], f"#/states/{index}/transitions/{number}"
            if event in seen and event != "match" and not entry.get("conditions"):
                text = f"{state['name']!r} has the exit {labels.get(event, event)!r} twice; one of them is used."
                yield Problem("exit-twice", "warning", text, path, state["name"])
            seen[event] = number
            if event in SILENT_EXITS.get(state["type"], ()) and not is_target(entry.get("next")):
                shown = _condition_name(entry) or labels.get(event, event)
                text = f"The exit {shown!r} of {state['name']!r} leads nowhere: the flow ends there without a word."
                yield Problem("silent-end", "warning", text, path, state["name"])
        for event in EXPECTED_EXITS.get(state["type"], ()):
            if event not in seen:
                text = f"{state['name']!r} has no exit {labels.get(event, event)!r}."
                yield Problem("missing-exit", "warning", text, f"#/states/{index}/transitions", state["name"])


def _labels(kind: str) -> dict[str, str]:
    known = widget_types().get(kind)
    return {entry["event"]: entry["label"] for entry in known.schema.get("x-transitions", [])} if known else {}


def _condition_name(transition: Mapping[str, Any]) -> str:
    conditions = transition.get("conditions")
    first = conditions[0] if isinstance(conditions, list) and conditions else None
    name = first.get("friendly_name") if isinstance(first, Mapping) else None
    return name if isinstance(name, str) else ""


def check_loops(flow: Flow) -> Iterator[Problem]:
    kinds = {state["name"]: state["type"] for state in flow.states}
    index_of = {state["name"]: index for index, state in enumerate(flow.states)}
    links = {
        name: targets for name, targets in flow.links.items() if kinds.get(name) not in WAITING and name in flow.live
    }
    for group in graph.cycles(links):
        shown = ", ".join(group[:6]) + (" …" if len(group) > 6 else "")
        text = f"These widgets can go round without waiting for the customer: {shown}. That ends the flow in time."
        yield Problem("loop-without-wait", "warning", text, f"#/states/{index_of[group[0]]}", group[0])


def check_rest_only(flow: Flow) -> Iterator[Problem]:
    by_rest = any(
        entry["event"] == "incomingRequest" and is_target(entry.get("next"))
        for state in flow.states
        if state["type"] == "trigger"
        for entry in flow.transitions(state)
    )
    for index, state in enumerate(flow.states):
        if state["type"] in REST_ONLY and not by_rest:
            text = f"{state['name']!r} can only be used in flows triggered by the REST API."
            yield Problem("rest-only", "error", text, f"#/states/{index}", state["name"])


def check_required_texts(flow: Flow) -> Iterator[Problem]:
    wanted = {
        ("send-to-flex", "workflow"): "Choose the workflow that finds an agent",
        ("send-to-flex", "channel"): "Choose the task channel",
        ("make-http-request", "url"): "Write the address to call",
    }
    for index, state in enumerate(flow.states):
        properties = flow.properties(state)
        for (kind, name), advice in wanted.items():
            value = properties.get(name)
            if state["type"] == kind and isinstance(value, str) and not value.strip():
                path = f"#/states/{index}/properties/{name}"
                yield Problem("empty", "error", f"{advice} in {state['name']!r}.", path, state["name"])
        if state["type"] in ("run-function", "run-function-v2") and not properties.get("url"):
            text = f"{state['name']!r} has no address of its function, so it will leave by its fail exit."
            yield Problem("no-function-address", "warning", text, f"#/states/{index}/properties/url", state["name"])
        if state["type"] in ("send-message", "send-and-wait-for-reply") and properties.get("body") == "":
            text = f"The message of {state['name']!r} is empty."
            if not properties.get("media_url") and properties.get("message_type") != "content_template":
                yield Problem("empty-message", "warning", text, f"#/states/{index}/properties/body", state["name"])
        if state["type"] == "make-http-request":
            yield from _reserved_parameters(index, state, properties)


def _reserved_parameters(index: int, state: Mapping[str, Any], properties: Mapping[str, Any]) -> Iterator[Problem]:
    parameters = properties.get("parameters")
    for number, entry in enumerate(parameters if isinstance(parameters, list) else []):
        if isinstance(entry, Mapping) and str(entry.get("key")).strip() == "method":
            text = f"{state['name']!r} has a parameter called 'method'; that name is reserved and the request fails."
            path = f"#/states/{index}/properties/parameters/{number}/key"
            yield Problem("reserved-parameter", "error", text, path, state["name"])


def check_subflows(flow: Flow) -> Iterator[Problem]:
    uses = [(index, state) for index, state in enumerate(flow.states) if state["type"] == "run-subflow"]
    revisions: dict[str, str] = {}
    for index, state in uses:
        properties = flow.properties(state)
        sid, revision = properties.get("flow_sid"), str(properties.get("flow_revision"))
        path = f"#/states/{index}/properties/flow_sid"
        if not isinstance(sid, str):
            continue
        if not text_checks.FLOW_SID.fullmatch(sid.strip()):
            shown = f"{sid!r} is none" if sid.strip() else "it is empty"
            text = f"The flow of {state['name']!r} must be a valid, non-liquid flow sid; {shown}. Choose a flow."
            yield Problem("subflow-sid", "error", text, path, state["name"])
            continue
        if revisions.setdefault(sid, revision) != revision:
            text = f"All widgets that run {sid} have to name the same revision."
            yield Problem(
                "subflow-revisions", "error", text, f"#/states/{index}/properties/flow_revision", state["name"]
            )
        if flow.subflows is not None:
            yield from _judge_subflow(flow.subflows.get(sid), state, path)
    limits = flow.limits
    if len(uses) > limits.run_subflow_widgets or len(revisions) > limits.distinct_subflows:
        most, different = limits.run_subflow_widgets, limits.distinct_subflows
        text = f"A flow may have {most} widgets that run subflows, and run {different} different ones."
        yield Problem("too-many-subflows", "error", text, "#/states")
    total = len(flow.states) + sum(_size(flow.subflows.get(sid)) for sid in revisions) if flow.subflows else 0
    if total > limits.widgets:
        text = f"With its subflows the flow has {total} widgets; {limits.widgets} are possible."
        yield Problem("too-many-widgets", "warning", text, "#/states")


def _size(definition: Any) -> int:
    states = definition.get("states") if isinstance(definition, Mapping) else None
    return len(states) if isinstance(states, list) else 0


def _judge_subflow(child: Any, state: Mapping[str, Any], path: str) -> Iterator[Problem]:
    states = child.get("states") if isinstance(child, Mapping) else None
    if not isinstance(states, list):
        text = f"The flow that {state['name']!r} runs does not exist, or was never published."
        yield Problem("subflow-missing", "error", text, path, state["name"])
        return
    entries = [entry for entry in states if isinstance(entry, Mapping)]
    if any(entry.get("type") == "run-subflow" for entry in entries):
        text = f"The flow that {state['name']!r} runs itself runs a subflow; only one level is possible."
        yield Problem("subflow-nested", "error", text, path, state["name"])
    if not any(
        isinstance(exit_, Mapping) and exit_.get("event") == "incomingParent" and is_target(exit_.get("next"))
        for entry in entries
        if entry.get("type") == "trigger"
        for exit_ in entry.get("transitions") or []
    ):
        text = f"The flow that {state['name']!r} runs does nothing: its trigger's exit Subflow is not connected."
        yield Problem("subflow-idle", "warning", text, path, state["name"])


CHECKS: tuple[Check, ...] = (
    check_triggers,
    check_types,
    check_required_texts,
    check_rest_only,
    check_subflows,
    check_reachable,
    check_exits,
    check_loops,
)
