"""
One case a widget, whole: definition and events in, commands, steps, warnings and session out.

``pytest --update-golden`` rewrites ``outcomes``; read the diff as you would read code.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.engine import advance, compile_definition, events
from flows.widgets import WIDGETS
from tests.flows.engine.build import NOW, session

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.json"))


def outcomes_of(case: dict[str, Any]) -> list[dict[str, Any]]:
    """Play the events ten seconds apart, each on the session as storage would give it back."""
    program = compile_definition(case["definition"])
    subflows = {sid: compile_definition(definition) for sid, definition in case.get("subflows", {}).items()}
    current, outcomes = session(**case.get("session", {})), []
    for index, event in enumerate(case["events"]):
        now = NOW + timedelta(seconds=10 * index)
        outcome = advance(program, current, events.from_json(event), now, subflows)
        current = json.loads(json.dumps(outcome.session))
        outcomes.append(
            {
                "commands": [command.to_json() for command in outcome.commands],
                "steps": [step.to_json() for step in outcome.steps],
                "warnings": [warning.to_json() for warning in outcome.warnings],
                "session": current,
            }
        )
    return outcomes


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_gives_what_the_golden_file_holds(path: Path, request: pytest.FixtureRequest) -> None:
    case = json.loads(path.read_text())

    outcomes = outcomes_of(case)

    if request.config.getoption("--update-golden"):
        path.write_text(json.dumps({**case, "outcomes": outcomes}, indent=2, ensure_ascii=False) + "\n")
        return
    assert outcomes == case["outcomes"]


def test_every_running_widget_has_one() -> None:
    assert {widget.type_name for widget in WIDGETS} <= {path.stem for path in FILES}
