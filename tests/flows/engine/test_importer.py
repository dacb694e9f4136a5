"""Bringing definitions in and giving them out, on small ones of our own."""

import json
from typing import Any

import pytest

from flows.engine.exporter import export_text
from flows.engine.importer import ImportRefused, import_definition, import_text
from tests.flows.engine.build import flow, send, trigger

V1 = {
    "description": "old",
    "states": [
        {
            "name": "Trigger",
            "type": "InitialState",
            "sid": "FF1",
            "properties": {"offset": {"x": 0, "y": 0}, "flow_url": "https://example.com"},
            "transitions": [
                {"event": "incomingMessage", "conditions": [], "next": "FF2", "uuid": "u1"},
                {"event": "incomingCall", "conditions": [], "next": None, "uuid": "u2"},
            ],
        },
        {
            "name": "hand",
            "type": "SendToFlex",
            "sid": "FF2",
            "properties": {"workflow": "<WORKFLOW_SID>", "channel": "TC1", "priority": 0, "attributes": None},
            "transitions": [{"event": "callComplete", "next": "FF3"}],
        },
        {"name": "odd", "type": "Teleport", "sid": "FF3", "properties": {"to": "${place}"}, "transitions": []},
    ],
}


def test_a_v1_export_becomes_a_definition_of_today() -> None:
    imported = import_definition(V1)

    assert imported.definition == {
        "description": "old",
        "states": [
            {
                "name": "Trigger",
                "type": "trigger",
                "sid": "FF1",
                "properties": {"offset": {"x": 0, "y": 0}, "flow_url": "https://example.com"},
                "transitions": [
                    {"event": "incomingMessage", "conditions": [], "next": "hand", "uuid": "u1"},
                    {"event": "incomingCall", "conditions": [], "uuid": "u2"},
                ],
            },
            {
                "name": "hand",
                "type": "send-to-flex",
                "sid": "FF2",
                "properties": {"workflow": "<WORKFLOW_SID>", "channel": "TC1", "priority": "0"},
                "transitions": [{"event": "callComplete", "next": "odd"}],
            },
            {"name": "odd", "type": "Teleport", "sid": "FF3", "properties": {"to": "${place}"}, "transitions": []},
        ],
        "initial_state": "Trigger",
    }
    assert imported.report.to_json() == {
        "converted": [
            {"widget": "Trigger", "from": "InitialState", "to": "trigger"},
            {"widget": "hand", "from": "SendToFlex", "to": "send-to-flex"},
        ],
        "unknown": [{"widget": "odd", "type": "Teleport"}],
        "placeholders": [
            {"widget": "hand", "path": "#/states/1/properties/workflow", "text": "<WORKFLOW_SID>"},
            {"widget": "odd", "path": "#/states/2/properties/to", "text": "${place}"},
        ],
        "notes": [
            "Unset values (null) were left out.",
            "2 exits named their target by SID; they name it by its name now.",
            "The export named no start; it is 'Trigger', the trigger.",
        ],
    }


def test_the_given_value_stays_as_it_was() -> None:
    before = json.dumps(V1)

    import_definition(V1)

    assert json.dumps(V1) == before


def test_an_api_answer_is_unwrapped() -> None:
    definition = flow(trigger(incomingMessage="a"), send("a", "x"))

    assert import_definition({"sid": "FW1", "definition": definition}).definition == definition
    assert import_definition({"sid": "FW1", "definition": json.dumps(definition)}).definition == definition


def test_notes_that_dates_differ_and_that_positions_are_missing() -> None:
    definition = flow(trigger(incomingMessage="a"), send("a", "{{ 'now' | date: '%H' }}"))

    assert len(import_definition(definition).report.notes) == 2


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '"text"', "{}", '{"states": {}}', '{"states": [1]}', '{"definition": "{"}', "[" * 100_000],
)
def test_refuses_what_is_no_definition_with_a_reason(text: str) -> None:
    with pytest.raises(ImportRefused, match=r"\.$"):
        import_text(text)


def test_says_where_the_json_breaks() -> None:
    with pytest.raises(ImportRefused, match="line 2, column"):
        import_text('{\n"states": [,]}')


def test_an_export_does_not_depend_on_the_order_of_members() -> None:
    definition = flow(trigger(incomingMessage="a"), send("a", "grüße 👋"))
    shuffled = json.loads(json.dumps(definition, sort_keys=True))

    text = export_text(shuffled)

    assert text == export_text(definition)
    assert text.startswith('{\n  "states": [\n    {\n      "name": "Trigger",\n      "type": "trigger",')
    assert "grüße 👋" in text
    assert text.endswith("}\n")


@pytest.mark.parametrize("value", ["\ud800", "\x00", 1.0, 10**30, {"deep": [{"b": 1, "a": None}]}])
def test_an_export_reads_back_equal(value: Any) -> None:
    definition = {"states": [{"name": value, "x": value}], "notes": value}

    assert json.loads(export_text(definition)) == definition
