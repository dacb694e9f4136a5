"""Our own stories, written from the widgets' documentation; one file a widget or rule."""

import json
from pathlib import Path
from typing import Any

import pytest

from flows.engine.stories import Coverage
from flows.engine.story_player import play_story
from flows.engine.validation import check
from flows.widgets import catalogue

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.json"))


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


CASES = [
    pytest.param(path, story, id=f"{path.stem}: {story['id']}") for path in FILES for story in load(path)["stories"]
]


@pytest.mark.parametrize(("path", "story"), CASES)
def test_goes_as_told(path: Path, story: dict[str, Any]) -> None:
    result = play_story(load(path)["definition"], story)

    assert [str(difference) for difference in result.differences] == []


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 40


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_definitions_of_stories_may_be_published_or_say_why_not(path: Path) -> None:
    data = load(path)

    errors = [problem.code for problem in check(data["definition"]) if problem.severity == "error"]

    assert errors == data.get("errors", [])


def test_every_exit_of_every_widget_that_runs_here_is_taken_in_one_of_them() -> None:
    taken = set()
    for case in CASES:
        path, story = case.values
        definition = load(path)["definition"]
        exits = {state["name"]: (state["type"], state["transitions"]) for state in definition["states"]}
        for name, index in play_story(definition, story).coverage.transitions:
            if name in exits:
                kind, transitions = exits[name]
                taken.add((kind, transitions[index]["event"]))
    documented = {
        (entry["type"], transition["event"])
        for entry in catalogue()
        if entry["runnable"]
        for transition in entry["transitions"]
    }

    # A queue that refuses a call: nothing that a conversation by messages can meet.
    assert documented - taken == {("send-to-flex", "callFailure")}


def test_coverage_names_what_no_story_visits() -> None:
    data = load(HERE / "send-and-wait.json")
    coverage = Coverage()
    for story in data["stories"][:2]:
        coverage.add(play_story(data["definition"], story).coverage)

    assert coverage.report(data["definition"]) == {
        "widgets": {"visited": 3, "total": 5, "missed": ["late", "bounced"]},
        "transitions": {
            "visited": 3,
            "total": 10,
            "missed": [
                ["ask", 1, "timeout"],
                ["ask", 2, "deliveryFailure"],
                ["hello", 1, "failed"],
                ["late", 0, "sent"],
                ["late", 1, "failed"],
                ["bounced", 0, "sent"],
                ["bounced", 1, "failed"],
            ],
        },
    }
