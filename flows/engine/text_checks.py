"""Checks of what people write into a flow: templates, variables, patterns, secrets, blanks left to fill."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from flows.engine.conditions import DATE, KEEPS_CASE, TIME, NotComparable, compile_pattern
from flows.engine.importer import PLACEHOLDER, texts_of
from flows.engine.problems import Problem
from flows.engine.templates import template

FLOW_SID = re.compile(r"FW[0-9a-fA-F]{32}")
MARKUP = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
VARIABLE = re.compile(r"(?<![\w.\"'-])(flow\.variables|widgets)\s*\.\s*([\w-]+)")
TAG = re.compile(r"\{%.*?%\}", re.DOTALL)
OUTPUT = re.compile(r"\{\{.*?\}\}", re.DOTALL)
SECRETS = (
    re.compile(r"\bsk_(?:live|test)_[0-9A-Za-z]{16,}"),
    re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    re.compile(r"\bxox[baprs]-[0-9A-Za-z-]{10,}"),
    re.compile(r"\bgh[pousr]_[0-9A-Za-z]{30,}"),
    re.compile(r"\bAIza[0-9A-Za-z_-]{30,}"),
    re.compile(r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}"),
    re.compile(r"https?://[^/\s:@{}]+:(?!REDACTED)[^/\s@{}]{4,}@"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
)
SECRET_NAME = re.compile(r"(?:secret|token|passw|api_?key|private_?key|credential|authorization)", re.IGNORECASE)
SECRET_VALUE = re.compile(r"[^\s{}$<>]{12,}")
NOT_TEMPLATES = frozenset({"offset", "flow_sid", "flow_revision", "service_sid", "environment_sid", "function_sid"})
HARD_NAME = re.compile(r"[^\w-]")


def find_problems(definition: Mapping[str, Any], states: list[Mapping[str, Any]]) -> Iterator[Problem]:
    names = {state["name"] for state in states}
    variables = _variables_set(states)
    for index, state in enumerate(states):
        if HARD_NAME.search(state["name"]):
            text = f"Templates cannot read the outputs of {state['name']!r}: use letters, digits, _ and - in names."
            yield Problem("hard-name", "warning", text, f"#/states/{index}/name", state["name"])
        yield from _conditions(state, index)
        yield from _attributes(state, index)
        yield from _named_secrets(state, index)
        for path, text in texts_of(state, f"#/states/{index}"):
            yield from _placeholders(path, text, state["name"])
            yield from _secrets(path, text, state["name"])
            if ("{{" in text or "{%" in text) and path.rsplit("/", 1)[-1] not in NOT_TEMPLATES:
                yield from _template(path, text, state["name"], names, variables)


def _variables_set(states: list[Mapping[str, Any]]) -> set[str]:
    found = set()
    for state in states:
        entries = (state.get("properties") or {}).get("variables")
        for entry in entries if isinstance(entries, list) else []:
            if isinstance(entry, Mapping) and isinstance(entry.get("key"), str):
                found.add(entry["key"])
    return found


def _template(path: str, text: str, widget: str, names: set[str], variables: set[str]) -> Iterator[Problem]:
    error = template(text).error
    if error:
        yield Problem(
            "template", "warning", f"A text of {widget!r} cannot be read as a template: {error}.", path, widget
        )
    for markup in MARKUP.findall(text):
        for root, name in VARIABLE.findall(markup):
            if root == "widgets" and name not in names:
                message = f"{widget!r} reads the outputs of {name!r}, but there is no such widget."
                yield Problem("unknown-widget-name", "warning", message, path, widget)
            elif root == "flow.variables" and name not in variables:
                message = f"{widget!r} reads the variable {name!r}, but no widget sets it."
                yield Problem("variable-never-set", "warning", message, path, widget)


def _placeholders(path: str, text: str, widget: str) -> Iterator[Problem]:
    for found in dict.fromkeys(PLACEHOLDER.findall(text)):
        message = f"{widget!r} still holds the placeholder {found!r}; fill in what belongs there."
        yield Problem("placeholder", "warning", message, path, widget)


def _secrets(path: str, text: str, widget: str) -> Iterator[Problem]:
    if any(pattern.search(text) for pattern in SECRETS):
        message = f"{widget!r} seems to hold a secret (a key or password); everybody who can export the flow sees it."
        yield Problem("secret", "warning", message, path, widget)


def _named_secrets(state: Mapping[str, Any], index: int) -> Iterator[Problem]:
    """Look at key-value lists: a value that looks like a key under a name that says so."""
    for group in ("parameters", "variables"):
        entries = (state.get("properties") or {}).get(group)
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            if not isinstance(entry, Mapping):
                continue
            key, value = entry.get("key"), entry.get("value")
            if (
                isinstance(key, str)
                and isinstance(value, str)
                and SECRET_NAME.search(key)
                and SECRET_VALUE.fullmatch(value)
            ):
                message = f"The value of {key!r} in {state['name']!r} looks like a secret; it leaves with every export."
                path = f"#/states/{index}/properties/{group}/{number}/value"
                yield Problem("secret", "warning", message, path, state["name"])


def _conditions(state: Mapping[str, Any], index: int) -> Iterator[Problem]:
    for number, transition in enumerate(state.get("transitions") or []):
        conditions = transition.get("conditions")
        for place, condition in enumerate(conditions if isinstance(conditions, list) else []):
            if not isinstance(condition, Mapping) or state["type"] != "split-based-on":
                continue
            path = f"#/states/{index}/transitions/{number}/conditions/{place}/value"
            kind, value = condition.get("type"), condition.get("value")
            if not isinstance(kind, str) or not isinstance(value, str) or "{{" in value or "{%" in value:
                continue
            reason = _unreadable(kind, value.strip())
            if reason:
                message = f"A condition of {state['name']!r} can never hold: {reason}."
                yield Problem("condition", "warning", message, path, state["name"])


def _unreadable(kind: str, value: str) -> str:
    if kind in KEEPS_CASE:
        try:
            compile_pattern(value)
        except NotComparable as error:
            return str(error)
    if kind.endswith("_time") and not TIME.fullmatch(value):
        return f"{value!r} is not a time (HH:MM)"
    if kind.endswith("_date") and not DATE.fullmatch(value):
        return f"{value!r} is not a date (YYYY-MM-DD)"
    return ""


def _attributes(state: Mapping[str, Any], index: int) -> Iterator[Problem]:
    """Judge JSON that will be rendered: outputs are tried as a number, which fits with quotes and without."""
    text = (state.get("properties") or {}).get("attributes")
    if not isinstance(text, str) or not text.strip() or "${" in text or TAG.search(text):
        return
    try:
        json.loads(OUTPUT.sub("0", text))
    except (ValueError, RecursionError) as error:
        message = f"The attributes of {state['name']!r} are not valid JSON: {error}."
        yield Problem("attributes", "warning", message, f"#/states/{index}/properties/attributes", state["name"])
