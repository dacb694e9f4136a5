"""Whatever comes, the engine answers with a value: hostile definitions, texts, payloads and orders of events."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.engine import DefinitionError, advance, compile_definition, events
from flows.engine.importer import ImportRefused, import_definition
from flows.engine.registry import widget_types
from flows.engine.validation import check
from tests.flows.engine.build import NOW, flow, session, state, trigger

SUB = "FW" + "2" * 32
KINDS = ["incomingMessage", "incomingConversationMessage", "incomingRequest", "incomingParent", "incomingCall", "x"]


def property_names() -> list[str]:
    schemas = [known.schema["properties"].get("properties", {}) for known in widget_types().values()]
    return sorted({name for schema in schemas for name in schema.get("properties", {})})


DEEP = '{"a":' * 300 + "1" + "}" * 300
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=15,
)
widget_names = st.sampled_from(["Trigger", "a", "b", "c", ""]) | st.text(max_size=4)
some_type = st.sampled_from([*widget_types(), "Message", "teleport"])
texts = st.sampled_from(["{{trigger.message.Body}}", "{{", "x", "", "3600", "https://e.com/{{flow.variables.x}}", "{}"])
key_values = st.lists(st.fixed_dictionaries({"key": texts, "value": texts}), max_size=2)
some_properties = st.dictionaries(
    st.sampled_from(property_names()), texts | key_values | json_values | st.just(SUB), max_size=6
)
some_event = st.sampled_from(["incomingMessage", "sent", "success", "match", "noMatch", "next", "timeout", "completed"])
some_transition = st.fixed_dictionaries(
    {"event": some_event}, optional={"next": widget_names | st.none(), "conditions": json_values}
)
some_state = st.fixed_dictionaries(
    {"name": widget_names, "type": some_type},
    optional={
        "transitions": st.lists(some_transition | json_values, max_size=3) | json_values,
        "properties": some_properties | json_values,
    },
)
definitions = st.fixed_dictionaries(
    {"states": st.lists(some_state | json_values, max_size=5), "initial_state": widget_names},
    optional={"flags": json_values, "description": json_values},
)
chains = st.lists(st.tuples(some_type, some_properties), max_size=4)
field_names = st.text(max_size=6) | st.sampled_from(["Body", "ChannelAttributes", "parameters", "conversation"])
payloads = st.dictionaries(field_names, json_values, max_size=3)
refs = st.integers(0, 4)
content_types = st.sampled_from(["application/json", "text/plain", ""])
bodies = st.text(max_size=20) | st.sampled_from(['{"a": "\\u0000"}', '{"a": 1}', "[1]", "\ud800", DEEP])
happenings = st.one_of(
    st.builds(events.ReplyReceived, payloads),
    st.builds(events.TimerFired, refs),
    st.builds(events.HttpAnswered, refs, st.integers(100, 599), content_types, bodies),
    st.builds(events.HttpFailed, refs),
    st.builds(events.HandOffCompleted, refs, payloads),
    st.builds(events.HandOffFailed, refs),
    st.builds(events.SubflowLoaded, refs),
    st.builds(events.SubflowMissing, refs),
    st.builds(events.DeliveryFailed, refs),
    st.builds(events.ConversationStarted, refs, payloads),
    st.builds(events.ConversationFailed, refs),
    st.builds(events.RedirectReturned, refs, payloads),
    st.just(events.Stopped()),
)


@settings(max_examples=200, deadline=None)
@given(value=definitions | json_values)
def test_no_json_value_makes_the_judge_or_the_importer_raise(value: Any) -> None:
    check(value)
    check(value, subflows={SUB: value})
    try:
        definition = import_definition(value).definition
    except ImportRefused:
        return
    check(definition)


@settings(max_examples=200, deadline=None)
@given(
    chain=chains,
    kind=st.sampled_from(KINDS),
    payload=payloads,
    story=st.lists(happenings, max_size=6),
    queues=st.booleans(),
)
def test_no_flow_and_no_event_makes_the_engine_raise(
    chain: list[tuple[str, dict[str, Any]]], kind: str, payload: dict[str, Any], story: list[events.Event], queues: bool
) -> None:
    """Chains of any widgets with any properties; every exit leads on, the last one's back to the first."""
    built = [trigger(**dict.fromkeys(KINDS[:5], "w0" if chain else None))]
    for index, (widget, properties) in enumerate(chain):
        known = widget_types().get(widget)
        exits = [entry["event"] for entry in known.schema.get("x-transitions", [])] if known else []
        following = f"w{(index + 1) % len(chain)}"
        built.append(state(f"w{index}", widget, properties, **dict.fromkeys(exits, following)))
    try:
        program = compile_definition(flow(*built, queue_inbound_messages=queues))
    except DefinitionError:
        return
    outcome = advance(program, session(), events.TriggerFired(kind, payload), NOW)

    for event in story:
        # Kept as UTF-8, as a database would: lone surrogates have to be gone by now.
        stored = json.loads(json.dumps(outcome.session, ensure_ascii=False).encode())
        again = advance(program, stored, event, NOW, {SUB: program})
        outcome = advance(program, outcome.session, event, NOW, {SUB: program})
        assert outcome == again  # neither storage nor repetition makes a difference

    ended = outcome.session["ended"]
    assert ended is None or ended["reason"] != "error", ended
    told = [step.to_json() for step in outcome.steps], [command.to_json() for command in outcome.commands]
    assert b"\\u0000" not in json.dumps(told, ensure_ascii=False).encode()
