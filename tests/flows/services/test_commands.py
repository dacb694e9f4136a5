"""``manage.py test_flow`` and ``manage.py simulate``."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from django.core.management import CommandError, call_command

from tests.factories import definition, make_account, publish_flow, state
from tests.flows.definitions import asking, greeting
from tests.shared_files import shared_file

TOLD = {
    "id": "told",
    "trigger": {"event": "incomingMessage", "body": "Hi"},
    "steps": [{"in": "Ada"}],
    "expect": {"sent": ["Hello", "Your name?", "Ada"], "outcome": "ended"},
}
SILENT = {
    "id": "silent",
    "trigger": {"event": "incomingMessage", "body": "Hi"},
    "steps": [{"timeout": "ask"}],
    "expect": {"sent": ["Hello", "Your name?", "\x07 still there?"], "outcome": "ended"},
}


@pytest.fixture
def flow_file(tmp_path: Path) -> Path:
    path = tmp_path / "ask.json"
    path.write_text(json.dumps(asking()))
    return path


def write(path: Path, stories: Any) -> str:
    path.write_text(yaml.safe_dump(stories) if path.suffix == ".yaml" else json.dumps(stories))
    return str(path)


def run(*arguments: Any) -> tuple[int, str]:
    """Return exit code and output of ``test_flow``."""
    out = StringIO()
    try:
        call_command("test_flow", *map(str, arguments), stdout=out, no_color=True)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_passes_where_all_stories_hold(flow_file: Path, tmp_path: Path) -> None:
    code, output = run(flow_file, write(tmp_path / "stories.json", [TOLD]))

    assert code == 0
    assert "ok    told" in output
    assert "1 stories, 0 failed" in output
    assert "widgets: 5 of 5 visited" in output
    assert "not visited: ask by timeout" in output


def test_fails_with_what_was_expected_and_what_came(flow_file: Path, tmp_path: Path) -> None:
    code, output = run(flow_file, write(tmp_path / "stories.yaml", [TOLD, SILENT]))

    assert code == 1
    assert "ok    told" in output
    assert "FAILED silent" in output
    assert 'got      ["Hello", "Your name?"]' in output
    assert "2 stories, 1 failed" in output


def test_writes_junit(flow_file: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.xml"

    run(flow_file, write(tmp_path / "stories.json", [TOLD, SILENT]), "--junit", report)

    suite = ElementTree.parse(report).getroot()
    assert (suite.tag, suite.get("name"), suite.get("tests"), suite.get("failures")) == (
        "testsuite",
        "ask.json",
        "2",
        "1",
    )
    assert [(case.get("name"), case.find("failure") is None) for case in suite] == [("told", True), ("silent", False)]


def test_plays_only_the_named_story(flow_file: Path, tmp_path: Path) -> None:
    code, output = run(flow_file, write(tmp_path / "stories.json", [TOLD, SILENT]), "--only", "told")

    assert (code, "1 stories, 0 failed" in output) == (0, True)


def test_leaves_out_the_stories_of_another_flow(flow_file: Path, tmp_path: Path) -> None:
    stories = write(tmp_path / "stories.json", [{**TOLD, "flow": "ask.json"}, {**SILENT, "flow": "other.json"}])

    code, output = run(flow_file, stories)

    assert (code, "1 stories, 0 failed" in output) == (0, True)


def test_plays_the_published_flows_by_their_scenarios() -> None:
    scenarios = shared_file("flows/scenarios.json")
    flows = sorted({story["flow"] for story in json.loads(scenarios.read_text())})

    outcomes = {flow: run(shared_file(f"flows/{flow}"), scenarios) for flow in flows}

    assert len(flows) > 5
    assert {flow: output for flow, (code, output) in outcomes.items() if code} == {}


@pytest.mark.django_db
def test_takes_the_sid_of_a_flow(tmp_path: Path) -> None:
    flow = publish_flow(make_account(), asking(), address=None)

    code, _ = run(flow.sid, write(tmp_path / "stories.json", TOLD))

    assert code == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("flow", "stories"),
    [
        ("nowhere.json", "[]"),
        ("FW" + "0" * 32, "[]"),
        (asking(), "[]"),
        (asking(), "5"),
        (asking(), "{"),
        (asking(), "[5]"),
        (asking(), '[{"id": "x"}]'),
        (asking(), '[{"trigger": {}, "steps": [{"dance": 1}]}]'),
        ({"states": []}, "[{}]"),
        ([], "[{}]"),
    ],
)
def test_says_in_one_line_what_it_cannot_use(tmp_path: Path, flow: Any, stories: str) -> None:
    named = flow
    if not isinstance(flow, str):
        named = str(tmp_path / "flow.json")
        Path(named).write_text(json.dumps(flow))
    (tmp_path / "stories.json").write_text(stories)

    with pytest.raises(CommandError):
        run(named, tmp_path / "stories.json")


class Terminal:
    """Types lines into ``simulate`` and keeps what it writes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def chat(self, flow: str, lines: list[str], *options: str) -> list[str]:
        typed = iter(lines)

        def read(prompt: str = "") -> str:
            try:
                return next(typed)
            except StopIteration:
                raise EOFError from None

        self._monkeypatch.setattr("builtins.input", read)
        out = StringIO()
        call_command("simulate", flow, *options, stdout=out, no_color=True)
        return out.getvalue().splitlines()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    return Terminal(monkeypatch)


def said(lines: list[str]) -> list[str]:
    return [line[2:] for line in lines if line.startswith("< ")]


def test_chats_with_a_flow_and_begins_again_after_its_end(flow_file: Path, terminal: Terminal) -> None:
    lines = terminal.chat(str(flow_file), ["Hi", "Ada", "Hi again"], "--steps")

    assert said(lines) == ["Hello", "Your name?", "Ada", "Hello", "Your name?"]
    assert "- ask --incomingMessage--> echo" in lines
    assert "- ended: completed" in lines


def test_fires_time_outs_and_shows_variables(flow_file: Path, terminal: Terminal) -> None:
    lines = terminal.chat(
        str(flow_file), ["/timeout", "Hi", "/vars", "/timeout", "/nonsense", "/restart", "Hi", "/stop"]
    )

    assert '      "mood": "good"' in lines
    assert "/timeout does nothing here (/help)" in lines
    assert "/nonsense does nothing here (/help)" in lines
    assert [line for line in lines if line.startswith("- ended")] == ["- ended: completed", "- ended: stopped stopped"]


def test_starts_by_a_request(tmp_path: Path, terminal: Terminal) -> None:
    path = tmp_path / "flow.json"
    path.write_text(json.dumps(greeting()))

    assert said(terminal.chat(str(path), [], "--request", '{"name": "Ada"}')) == ["Hello Ada"]


def test_asks_for_the_answers_of_http_calls(tmp_path: Path, terminal: Terminal) -> None:
    path = tmp_path / "flow.json"
    call = state(
        "call", "make-http-request", {"success": "tell", "failed": None}, method="GET", url="https://api.example/x"
    )
    tell = state("tell", "send-message", {"sent": None}, body="Got {{widgets.call.parsed.n}}")
    path.write_text(json.dumps(definition(call, tell)))

    lines = terminal.chat(str(path), ["Hi", '200 {"n": 5}', "Hi", "nobody answers"])

    assert "- HTTP GET https://api.example/x" in lines
    assert said(lines) == ["Got 5"]


def test_hands_over_to_agents(tmp_path: Path, terminal: Terminal) -> None:
    path = tmp_path / "flow.json"
    agents = state(
        "agents",
        "send-to-flex",
        {"callComplete": "bye", "failedToEnqueue": "sorry", "callFailure": None},
        workflow="WW" + "0" * 32,
        channel="TC" + "0" * 32,
        attributes='{"topic": "sales"}',
    )
    bye, sorry = (state(name, "send-message", {"sent": None}, body=name) for name in ("bye", "sorry"))
    path.write_text(json.dumps(definition(agents, bye, sorry)))

    assert said(terminal.chat(str(path), ["Hi", "/done"])) == ["bye"]
    assert said(terminal.chat(str(path), ["Hi", "/failed"])) == ["sorry"]
