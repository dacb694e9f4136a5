"""
Stories: tests of flows as plain JSON, played through the same engine that production runs.

A story:

* ``id``, ``notes``: for people;
* ``trigger``: ``{"event", "body", "from", "to", "parameters", "vars"}``; ``vars`` are further fields by dotted path;
* ``steps``: what the world does after the trigger, in order: ``{"in": text, "media": [url], "vars": {…}}`` a message;
  ``{"timeout": widget}`` the wait of that widget runs out; ``{"flex": event}`` the hand-over ends by that exit;
  ``{"return": {…}}`` a redirect comes back; ``{"undelivered": widget}`` its message does not arrive;
  ``{"wait": seconds}`` time passes and timers that fall due fire; ``{"stop": true}``;
* ``http``: answers of HTTP widgets by widget name, ``{"status", "json"}``, ``{"status", "body", "content_type"}`` or
  ``{"error": reason}``; a list is used one per visit, the last one repeats;
* ``subflows``: by widget name, the event that comes back (``"completed"``), or ``{"event", "variables"}``, or
  ``{"definition": {…}}`` a flow that really runs;
* ``conversations``: by widget name of start/resume-conversation, the outputs, or ``{"error": reason}``;
* ``now`` (ISO 8601), ``time_zone``: where the virtual clock starts;
* ``expect``: ``sent`` (texts in order; a content template is ``{"content_sid": …}``), ``path`` (widgets entered),
  ``outcome`` (``ended``, ``waiting:WIDGET``, ``flex:WIDGET``, ``ended:REASON``), ``variables`` (by dotted path of the
  context, or a name under flow.variables), ``warnings`` (codes in order), ``http`` (by widget: ``{"method", "url",
  "body"}`` of the last request), ``hand_off`` (``{"workflow", "task_channel", "attributes", …}``). Only what is
  given is compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.engine.outcome import Step
from flows.engine.problems import StepWarning

UNSET: Any = object()
EXPECTATIONS = ("sent", "path", "outcome", "variables", "warnings", "http", "hand_off")


class MalformedStory(ValueError):
    """A story that cannot be played: no object, no trigger, a step nobody knows."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What was expected and what came; ``what`` is e.g. ``sent``, ``path``, ``variables.name``."""

    what: str
    expected: Any
    actual: Any

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected!r}, got {self.actual!r}"


@dataclass(slots=True)
class Coverage:
    """Which widgets, and which transitions by (widget, index), the stories have visited."""

    widgets: set[str] = field(default_factory=set)
    transitions: set[tuple[str, int]] = field(default_factory=set)

    def add(self, other: "Coverage") -> None:
        self.widgets |= other.widgets
        self.transitions |= other.transitions

    def report(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """
        Return ``{"widgets": {"visited", "total", "missed": [name]}, "transitions": {"visited", "total", "missed":
        [[widget, index, event]]}}``.
        """
        states = definition["states"]
        names = [state["name"] for state in states]
        exits = [
            (state["name"], index, transition["event"])
            for state in states
            for index, transition in enumerate(state.get("transitions") or [])
        ]
        missed = [list(entry) for entry in exits if entry[:2] not in self.transitions]
        return {
            "widgets": {
                "visited": len(self.widgets.intersection(names)),
                "total": len(names),
                "missed": [name for name in names if name not in self.widgets],
            },
            "transitions": {"visited": len(exits) - len(missed), "total": len(exits), "missed": missed},
        }


@dataclass(frozen=True, slots=True)
class StoryResult:
    """
    What happened in a story.

    ``sent``, ``path``, ``outcome`` are as in the story's ``expect``; ``differences`` is empty when the story holds;
    ``steps`` are all steps, ``context`` is the context at the end, ``transcript`` pairs of ("in"|"out"|"note", text).
    """

    id: str
    sent: list[Any]
    path: list[str]
    outcome: str
    differences: list[Difference]
    warnings: list[StepWarning]
    context: Mapping[str, Any]
    coverage: Coverage
    transcript: list[tuple[str, str]]
    steps: list[Step]

    @property
    def passed(self) -> bool:
        return not self.differences


def compare(story: Mapping[str, Any], actual: Mapping[str, Any], context: Mapping[str, Any]) -> list[Difference]:
    """Return where the story's expectations and what happened differ; ``actual`` has a key for each expectation."""
    expected = story.get("expect") or {}
    if not isinstance(expected, Mapping):
        raise MalformedStory("expect has to be an object")
    unknown = sorted(set(expected) - set(EXPECTATIONS))
    if unknown:
        raise MalformedStory(f"expect does not know {', '.join(unknown)}")
    differences = []
    for what in ("sent", "path", "warnings"):
        if what in expected and expected[what] != actual[what]:
            differences.append(Difference(what, expected[what], actual[what]))
    if "outcome" in expected and expected["outcome"] not in actual["outcomes"]:
        differences.append(Difference("outcome", expected["outcome"], actual["outcomes"][-1]))
    for path, value in (expected.get("variables") or {}).items():
        found = find(context, path)
        if found is UNSET or found != value:
            differences.append(Difference(f"variables.{path}", value, None if found is UNSET else found))
    for what in ("http", "hand_off"):
        wanted = expected.get(what) or {}
        for name, value in wanted.items():
            found = actual[what].get(name)
            if isinstance(value, Mapping) and isinstance(found, Mapping):
                found = {key: found.get(key) for key in value}
            if found != value:
                differences.append(Difference(f"{what}.{name}", value, found))
    return differences


def find(context: Mapping[str, Any], path: str) -> Any:
    """Return what a dotted path leads to, tried from the context and from flow.variables; UNSET if nothing."""
    for start in (context, context["flow"].get("variables") or {}):
        if path in start:
            return start[path]
        found: Any = start
        for part in split_path(path):
            if isinstance(found, Mapping) and part in found:
                found = found[part]
            elif (
                isinstance(found, Sequence) and not isinstance(found, str) and part.isdigit() and int(part) < len(found)
            ):
                found = found[int(part)]
            else:
                found = UNSET
                break
        if found is not UNSET:
            return found
    return UNSET


def split_path(path: str) -> list[str]:
    return [part for part in path.split(".") if part]
