"""Programs: definitions made ready to run, their widgets linked to each other and their texts parsed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flows.engine import structure
from flows.engine.events import Event
from flows.engine.problems import UNSUPPORTED_WIDGET, DefinitionError, Problem
from flows.engine.registry import widget_types
from flows.engine.widget import Advance, Halt, Result, Visit, Widget

MESSAGE_KINDS = ("incomingMessage", "incomingConversationMessage")


@dataclass(frozen=True, slots=True)
class Unsupported(Widget):
    """A widget that cannot run here: one for calls, a withdrawn one, or one of an unknown type."""

    kind: str

    def enter(self, visit: Visit) -> Result:
        text = (
            f"The widget {visit.name!r} is of the type {self.kind!r}, which cannot run in a conversation by messages."
        )
        visit.warn(UNSUPPORTED_WIDGET, text)
        return Halt("unsupported", "unsupported_widget", UNSUPPORTED_WIDGET, text)

    def resume(self, visit: Visit, event: Event) -> Result | None:
        return Advance("failed")


class Node:
    """
    A widget in its place.

    ``targets`` are aligned with the definition's transitions, None where a branch ends; ``by_event`` gives the first
    transition of an event, a connected one before one that ends.
    """

    __slots__ = ("by_event", "events", "index", "name", "targets", "type", "widget")

    def __init__(self, name: str, kind: str, index: int, widget: Widget, events: list[str]) -> None:
        self.name = name
        self.type = kind
        self.index = index
        self.widget = widget
        self.events = events
        self.targets: list[Node | None] = [None] * len(events)
        self.by_event: dict[str, int] = {}

    def link(self, targets: list["Node | None"]) -> None:
        self.targets = targets
        for number, event in enumerate(self.events):
            known = self.by_event.get(event)
            if known is None or (targets[known] is None and targets[number] is not None):
                self.by_event[event] = number

    def leads(self, event: str) -> bool:
        number = self.by_event.get(event)
        return number is not None and self.targets[number] is not None


@dataclass(frozen=True, slots=True)
class Program:
    """
    A compiled definition; immutable, so one may be shared by all threads and executions.

    ``subflows`` are the (flow SID, revision) pairs its widgets run.
    """

    nodes: Mapping[str, Node]
    start: Node
    queues_inbound: bool
    subflows: tuple[tuple[str, str], ...]


def compile_definition(definition: object) -> Program:
    """
    Return the program of a definition, a draft's included: only what keeps it from being walked is refused.

    Whether a definition may be published is ``validation.check``'s to say.

    :raises DefinitionError: names, targets or the start are missing; has the problems.
    """
    problems = structure.find_problems(definition)
    if problems:
        raise DefinitionError(problems)
    assert isinstance(definition, Mapping)
    states = definition["states"]
    nodes = {state["name"]: _node(state, index) for index, state in enumerate(states)}
    for state in states:
        transitions = state.get("transitions") or []
        targets = [nodes[entry["next"]] if structure.is_target(entry.get("next")) else None for entry in transitions]
        nodes[state["name"]].link(targets)
    flags = definition.get("flags")
    return Program(
        nodes=nodes,
        start=nodes[definition["initial_state"]],
        queues_inbound=isinstance(flags, Mapping) and flags.get("queue_inbound_messages") is True,
        subflows=tuple(dict.fromkeys(_subflows(states))),
    )


def _node(state: Mapping[str, Any], index: int) -> Node:
    kind = state["type"]
    known = widget_types().get(kind)
    properties = state.get("properties") or {}
    transitions = state.get("transitions") or []
    events = [entry["event"] for entry in transitions]
    if known is None or known.widget is None:
        return Node(state["name"], kind, index, Unsupported(kind), events)
    try:
        widget = known.widget.build(properties, transitions)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        text = f"The settings of {state['name']!r} cannot be read: {error}"
        path = f"#/states/{index}/properties"
        raise DefinitionError([Problem("unreadable", "error", text, path, state["name"])]) from error
    return Node(state["name"], kind, index, widget, events)


def _subflows(states: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    pairs = []
    for state in states:
        properties = state.get("properties") or {}
        if state["type"] == "run-subflow" and isinstance(properties.get("flow_sid"), str):
            pairs.append((properties["flow_sid"], str(properties.get("flow_revision") or "LatestPublished")))
    return pairs
