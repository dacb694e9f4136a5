"""
All published definitions come in, and each is runnable or says precisely why not.

``tests/flows/definitions.json`` is the table: file → verdict and reasons; ``pytest --update-golden`` rewrites it.
Verdicts: ``runnable`` (may be published, no call widgets), ``voice`` (may be published; what is reached by calls, or
through call widgets, does not run here), ``refused`` (errors keep it from being published).
"""

import json
from typing import Any

import pytest

from flows.engine import compile_definition
from flows.engine.exporter import export_text
from flows.engine.importer import OLD_TYPES, Imported, import_text
from flows.engine.problems import Problem
from flows.engine.story_player import play_story
from flows.engine.validation import check
from tests.flows.engine.published import TABLE, names, scenarios, text_of


def verdict(imported: Imported, problems: list[Problem]) -> dict[str, Any]:
    errors = [problem for problem in problems if problem.severity == "error"]
    voice = sorted({problem.widget for problem in problems if problem.code == "voice-widget"})
    # A reason names places, not texts: those belong to the flows' authors.
    reasons = [f"{problem.code} {problem.property_path}" for problem in errors]
    found: dict[str, Any] = {"verdict": "refused" if errors else "voice" if voice else "runnable", "reasons": reasons}
    if voice:
        found["voice_widgets"] = len(voice)
    if imported.report.converted:
        found["converted"] = len(imported.report.converted)
    if imported.report.unknown:
        found["unknown_types"] = sorted({entry["type"] for entry in imported.report.unknown})
    if imported.report.placeholders:
        found["placeholders"] = len(imported.report.placeholders)
    return found


@pytest.mark.parametrize("name", names())
def test_a_published_definition_is_what_the_table_says(name: str, request: pytest.FixtureRequest) -> None:
    imported = import_text(text_of(name))

    found = verdict(imported, check(imported.definition))

    table = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    if request.config.getoption("--update-golden"):
        table[name] = found
        TABLE.write_text(json.dumps(dict(sorted(table.items())), indent=2) + "\n")
    assert found == table.get(name)


def test_the_table_holds_no_other_files() -> None:
    assert sorted(json.loads(TABLE.read_text())) == names()


@pytest.mark.parametrize("name", names())
def test_a_published_definition_compiles(name: str) -> None:
    definition = import_text(text_of(name)).definition

    assert set(compile_definition(definition).nodes) == {state["name"] for state in definition["states"]}


def without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_null(item) for key, item in value.items() if item is not None}
    return [without_null(item) for item in value] if isinstance(value, list) else value


def as_today(definition: dict[str, Any]) -> dict[str, Any]:
    """Rewrite an original as the importer is documented to: types by the table, targets by name, numbers as text."""
    states = definition["states"]
    name_of = {state["sid"]: state["name"] for state in states if "sid" in state}
    for state in states:
        old = state["type"] in OLD_TYPES
        state["type"] = OLD_TYPES.get(state["type"], state["type"])
        for transition in state["transitions"]:
            if "next" in transition:
                transition["next"] = name_of.get(transition["next"], transition["next"])
        for key in ("priority", "timeout"):
            if old and state["type"] == "send-to-flex" and isinstance(state["properties"].get(key), int):
                state["properties"][key] = str(state["properties"][key])
    definition.setdefault("initial_state", next(state["name"] for state in states if state["type"] == "trigger"))
    return definition


@pytest.mark.parametrize("name", names())
def test_import_and_export_lose_nothing(name: str) -> None:
    original = text_of(name)

    exported = export_text(import_text(original).definition)

    assert json.loads(exported) == as_today(without_null(json.loads(original)))
    assert export_text(import_text(exported).definition) == exported


def test_every_script_is_there() -> None:
    assert len(scenarios()) in (0, 26)


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda scenario: scenario["id"])
def test_a_published_flow_talks_as_scripted(scenario: dict[str, Any]) -> None:
    definition = import_text(text_of(scenario["flow"])).definition

    result = play_story(definition, scenario)

    assert [str(difference) for difference in result.differences] == []
