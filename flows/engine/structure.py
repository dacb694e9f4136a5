"""What a definition must have to be walked at all; everything else may be missing in a draft."""

from collections.abc import Mapping, Sequence
from typing import Any

from flows.engine.problems import Problem


def is_target(value: object) -> bool:
    """Say whether a ``next`` names a widget: absent, null and "" mean the branch ends."""
    return value is not None and value != ""


def find_problems(definition: object) -> list[Problem]:
    """Return the errors that keep a definition from being compiled; any JSON value is judged, none raises."""
    if not isinstance(definition, Mapping):
        return [Problem("not-an-object", "error", "A flow definition has to be a JSON object.")]
    states = definition.get("states")
    if not isinstance(states, Sequence) or isinstance(states, str) or not states:
        return [Problem("no-widgets", "error", "The flow has no list of widgets (states).", "#/states")]
    problems: list[Problem] = []
    names: dict[str, int] = {}
    for index, state in enumerate(states):
        problems.extend(_state_problems(state, index, names))
    for index, state in enumerate(states):
        if isinstance(state, Mapping):
            problems.extend(_target_problems(state, index, names))
    start = definition.get("initial_state")
    if not isinstance(start, str) or not start:
        problems.append(
            Problem("no-start", "error", "The flow does not say which widget it starts with.", "#/initial_state")
        )
    elif start not in names:
        text = f"The flow starts with {start!r}, but there is no widget of that name."
        problems.append(Problem("start-missing", "error", text, "#/initial_state"))
    return problems


def _state_problems(state: object, index: int, names: dict[str, int]) -> list[Problem]:
    path = f"#/states/{index}"
    if not isinstance(state, Mapping):
        return [Problem("not-a-widget", "error", f"Entry {index + 1} of the widgets is not an object.", path)]
    problems = []
    name, kind = state.get("name"), state.get("type")
    if not isinstance(name, str) or not name:
        problems.append(Problem("no-name", "error", f"Widget {index + 1} has no name.", f"{path}/name"))
        name = ""
    elif name in names:
        text = f"Two widgets are called {name!r}; a name may be used once."
        problems.append(Problem("name-twice", "error", text, f"{path}/name", name))
    else:
        names[name] = index
    if not isinstance(kind, str) or not kind:
        problems.append(
            Problem("no-type", "error", f"The widget {name or index + 1!r} has no type.", f"{path}/type", name)
        )
    for key, types, what in (("properties", Mapping, "an object"), ("transitions", list, "a list")):
        if state.get(key) is not None and not isinstance(state[key], types):
            text = f"The {key} of {name!r} have to be {what}."
            problems.append(Problem("wrong-shape", "error", text, f"{path}/{key}", name))
    return problems


def _target_problems(state: Mapping[str, Any], index: int, names: Mapping[str, int]) -> list[Problem]:
    name = state.get("name")
    widget = name if isinstance(name, str) else ""
    transitions = state.get("transitions")
    problems = []
    for number, transition in enumerate(transitions if isinstance(transitions, list) else []):
        path = f"#/states/{index}/transitions/{number}"
        if not isinstance(transition, Mapping) or not isinstance(transition.get("event"), str):
            text = f"Exit {number + 1} of {widget!r} has no event."
            problems.append(Problem("no-event", "error", text, path, widget))
            continue
        target = transition.get("next")
        if is_target(target) and (not isinstance(target, str) or target not in names):
            text = f"The exit {transition['event']!r} of {widget!r} leads to {target!r}, but there is no such widget."
            problems.append(Problem("target-missing", "error", text, f"{path}/next", widget))
    return problems
