"""
Judging definitions: may this be published, and what should its author know?

``check`` takes any JSON value and never raises. Errors block publishing, warnings do not. The shape is judged by the
widgets' schemas (jsonschema), the rest by ``checks``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import orjson
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from flows.engine import checks, structure
from flows.engine.importer import escape_pointer
from flows.engine.limits import DEFAULT_LIMITS, Limits
from flows.engine.problems import Problem
from flows.engine.registry import flow_schema, widget_types

MAX_PROBLEMS = 500
MAX_REMEMBERED = 8192  # bytes


def check(
    definition: object, *, subflows: Mapping[str, Any] | None = None, limits: Limits = DEFAULT_LIMITS
) -> list[Problem]:
    """
    Return what is wrong with a definition, errors first, each group in the order of the widgets.

    ``subflows``: the definitions of the account's flows by SID; where given, run-subflow widgets are judged by it.
    """
    try:
        problems = _check(definition, subflows, limits)
    except RecursionError:
        problems = [Problem("nested-too-deeply", "error", "The definition is nested too deeply.")]
    unique = list(dict.fromkeys(problems))
    unique.sort(key=lambda problem: (problem.severity != "error", _position(problem.property_path)))
    return unique[:MAX_PROBLEMS]


def _position(path: str) -> tuple[int, ...]:
    """Return a sort key that puts the flow's own problems first and state 10 after state 9."""
    return tuple(int(part) for part in path.split("/") if part.isdigit() and len(part) < 10)


def _check(definition: object, subflows: Mapping[str, Any] | None, limits: Limits) -> list[Problem]:
    problems = structure.find_problems(definition)
    if not isinstance(definition, Mapping):
        return problems
    problems.extend(_flow_schema_problems(definition))
    states = definition.get("states")
    if not isinstance(states, list):
        return problems
    if len(states) > limits.widgets:
        text = f"The flow has {len(states)} widgets; {limits.widgets} are possible."
        problems.append(Problem("too-many-widgets", "error", text, "#/states"))
        return problems
    for index, state in enumerate(states):
        if isinstance(state, Mapping) and isinstance(state.get("type"), str):
            problems.extend(_state_problems(state, index))
    if all(_is_walkable(state) for state in states):
        problems.extend(checks.find_problems(definition, subflows, limits))
    return problems


def _is_walkable(state: object) -> bool:
    """Say whether the further checks can look at a state."""
    if (
        not isinstance(state, Mapping)
        or not isinstance(state.get("name"), str)
        or not isinstance(state.get("type"), str)
    ):
        return False
    if not isinstance(state.get("properties") or {}, Mapping):
        return False
    transitions = state.get("transitions") or []
    return isinstance(transitions, list) and all(
        isinstance(entry, Mapping) and isinstance(entry.get("event"), str) for entry in transitions
    )


@cache
def _validator_of_type(kind: str) -> Draft7Validator | None:
    known = widget_types().get(kind)
    return Draft7Validator(known.schema) if known is not None else None


@cache
def _flow_validator() -> Draft7Validator:
    schema = dict(flow_schema())
    # The widgets are judged one by one, each by its own schema; what is left is the top level.
    members = {key: value for key, value in schema["properties"].items() if key != "states"}
    return Draft7Validator({"type": "object", "properties": members, "definitions": schema.get("definitions", {})})


def _flow_schema_problems(definition: Mapping[str, Any]) -> list[Problem]:
    values = {key: value for key, value in definition.items() if key != "states" and value is not None}
    return [_problem(error, "#", "", {}) for error in _flow_validator().iter_errors(values)]


def _state_problems(state: Mapping[str, Any], index: int) -> Iterator[Problem]:
    for found in _judged(state):
        yield replace(found, property_path=f"#/states/{index}{found.property_path}")


def _judged(state: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Return what a schema says of a state, with paths that begin at the state; remembered for equal states."""
    try:
        written = orjson.dumps(state, option=orjson.OPT_SORT_KEYS)
    except TypeError:  # JSON that orjson does not write: huge integers, lone surrogates
        return tuple(_judge(state))
    return _judge_written(written) if len(written) <= MAX_REMEMBERED else tuple(_judge(state))


@lru_cache(maxsize=8192)
def _judge_written(written: bytes) -> tuple[Problem, ...]:
    # An editor has a flow judged after every change, and a change is one widget out of hundreds.
    return tuple(_judge(orjson.loads(written)))


def _judge(state: Mapping[str, Any]) -> Iterator[Problem]:
    name = state["name"] if isinstance(state.get("name"), str) else ""
    validator = _validator_of_type(state["type"])
    if validator is None:
        text = f"{name!r} is of the type {state['type']!r}, which does not exist here; it cannot be published."
        yield Problem("unknown-widget", "error", text, "/type", name)
        return
    # A state without settings or exits is a widget like any other; what is required is required within them.
    candidate = {"properties": {}, "transitions": [], **_without_null(state)}
    titles = widget_types()[state["type"]].schema.get("properties", {}).get("properties", {}).get("properties", {})
    for error in validator.iter_errors(candidate):
        yield _problem(error, "", name, titles)


def _without_null(value: Any) -> Any:
    """Return a value without null members: old exports write null for what is unset."""
    if isinstance(value, Mapping):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    return value


KINDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "nothing",
}


def _problem(error: ValidationError, base: str, widget: str, titles: Mapping[str, Any]) -> Problem:
    """Say a schema error in words; the property's title is what the form shows."""
    steps = [str(step) for step in error.absolute_path]
    path = base + "".join(f"/{escape_pointer(step)}" for step in steps)
    name = next((step for step in reversed(steps) if not step.isdigit()), "")
    what = titles.get(name, {}).get("title", name) if "properties" in steps[:1] else name
    where = f"of {widget!r}" if widget else "of the flow"
    subject = f"{what!r} {where}" if what else (f"The widget {widget!r}" if widget else "The flow")
    code, text = _words(error, subject, where, titles)
    if code == "missing-property":
        missing = _missing(error)
        path += f"/{escape_pointer(missing)}"
    return Problem(code, "error", text, path, widget)


def _missing(error: ValidationError) -> str:
    instance = error.instance if isinstance(error.instance, Mapping) else {}
    wanted = error.validator_value if isinstance(error.validator_value, list) else []
    return next((str(name) for name in wanted if name not in instance), "")


def _words(error: ValidationError, subject: str, where: str, titles: Mapping[str, Any]) -> tuple[str, str]:
    wanted: Any = error.validator_value
    if error.validator == "required":
        missing = _missing(error)
        title = titles.get(missing, {}).get("title", missing)
        return "missing-property", f"{title!r} {where} is missing but it is required."
    if error.validator == "type":
        kinds = wanted if isinstance(wanted, list) else [wanted]
        return "wrong-type", f"{subject} has to be {' or '.join(KINDS.get(kind, str(kind)) for kind in kinds)}."
    if error.validator == "enum":
        return "not-allowed", f"{subject} may be {_choices(wanted)}, not {_shown(error.instance)}."
    if error.validator == "const":
        return "not-allowed", f"{subject} must be {_shown(wanted)}."
    if error.validator == "anyOf":
        options = [option for entry in wanted for option in entry.get("enum", ())]
        if options:
            return "not-allowed", f"{subject} may be {_choices(options)}, not {_shown(error.instance)}."
    if error.validator in ("minimum", "maximum"):
        bound = "at least" if error.validator == "minimum" else "at most"
        return "out-of-range", f"{subject} has to be {bound} {wanted}."
    if error.validator in ("minLength", "minItems"):
        return "empty", f"{subject} must not be empty."
    return "wrong-shape", f"{subject} is not as it should be: {error.message[:200]}"


def _choices(options: list[Any]) -> str:
    shown = [str(option) for option in options[:30]]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:59] + "…"
