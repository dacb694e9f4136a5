"""
Bringing definitions in: today's exports as they are, v1 exports converted, everything else kept.

Nothing is thrown away but ``null``, which old exports write for "unset": unknown types, properties and keys stay, so
that an export gives back what an import took.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from flows.engine.registry import widget_types
from flows.engine.texts import clean

# The type names of exports from before the REST API v2.
OLD_TYPES = {
    "InitialState": "trigger",
    "Message": "send-message",
    "MessagePrompt": "send-and-wait-for-reply",
    "Branch": "split-based-on",
    "SetVariables": "set-variables",
    "SendToFlex": "send-to-flex",
    "Webhook": "make-http-request",
    "Function": "run-function",
    "Gather": "gather-input-on-call",
    "SayPlay": "say-play",
    "EnqueueCall": "enqueue-call",
    "Dial": "make-outgoing-call-v1",
    "DialV2": "make-outgoing-call-v2",
    "ConnectCallTo": "connect-call-to",
    "Voicemail": "record-voicemail",
    "RecordVoicemail": "record-voicemail",
    "TwimlRedirect": "add-twiml-redirect",
    "AutopilotTask": "send-to-auto-pilot",
}
PLACEHOLDER = re.compile(
    r"\$\{[^{}]*\}"  # Terraform and shell
    r"|<[A-Za-z][A-Za-z0-9_]*(?:SID|URL|KEY|TOKEN|ID|NUMBER)>"
    r"|<(?:YOUR|MY)_[A-Z0-9_]+>"
    r"|\bYOUR_[A-Z0-9_]{3,}"
    r"|\b[A-Z]{2}[xX]{32}\b"
)
DATE_FILTER = re.compile(r"\|\s*date\b")
MAX_DEPTH = 100


class ImportRefused(ValueError):
    """The text or value is no flow definition; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """
    What an import did, and what is left to do.

    ``converted``: ``{widget, from, to}`` types; ``unknown``: ``{widget, type}``; ``placeholders``:
    ``{widget, path, text}`` to be filled in; ``notes``: sentences.
    """

    converted: list[dict[str, str]] = field(default_factory=list)
    unknown: list[dict[str, str]] = field(default_factory=list)
    placeholders: list[dict[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        return {
            "converted": self.converted,
            "unknown": self.unknown,
            "placeholders": self.placeholders,
            "notes": self.notes,
        }


@dataclass(frozen=True, slots=True)
class Imported:
    definition: dict[str, Any]
    report: ImportReport


def import_text(text: str | bytes) -> Imported:
    """
    Import the JSON text of a definition.

    :raises ImportRefused: no JSON (says line and column), or no definition.
    """
    try:
        data = orjson.loads(text.encode(errors="surrogatepass") if isinstance(text, str) else text)
    except orjson.JSONDecodeError as error:
        raise ImportRefused(
            f"This is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        ) from error
    return import_definition(data)


def import_definition(data: object) -> Imported:
    """
    Import a definition, or an API answer that holds one under ``definition``.

    :raises ImportRefused: it holds no list of widgets.
    """
    report = ImportReport()
    source = _unwrap(data)
    try:
        definition = _stripped(source, 0)
    except RecursionError:
        raise ImportRefused("The definition is nested too deeply.") from None
    if definition != source:
        report.notes.append("Unset values (null) were left out.")
    states = [state for state in definition["states"] if isinstance(state, dict)]
    _convert_types(states, report)
    _name_targets(states, report)
    _find_start(definition, states, report)
    _note_rest(definition, states, report)
    return Imported(definition, report)


def _unwrap(data: object) -> Mapping[str, Any]:
    for _ in range(3):
        if isinstance(data, str):
            try:
                data = orjson.loads(data)
            except (ValueError, UnicodeError):
                raise ImportRefused("The definition is not valid JSON.") from None
        if isinstance(data, Mapping) and "states" not in data and "definition" in data:
            data = data["definition"]
    if not isinstance(data, Mapping):
        raise ImportRefused("A flow definition has to be a JSON object.")
    states = data.get("states")
    if not isinstance(states, list) or not any(isinstance(state, Mapping) for state in states):
        raise ImportRefused("This is no flow definition: it has no list of widgets (states).")
    return data


def _stripped(value: Any, depth: int) -> Any:
    """Return a copy without null members, its texts fit to be stored."""
    if depth > MAX_DEPTH:
        raise RecursionError
    if isinstance(value, Mapping):
        return {clean(str(key)): _stripped(item, depth + 1) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_stripped(item, depth + 1) for item in value]
    return clean(value) if isinstance(value, str) else value


def _convert_types(states: list[dict[str, Any]], report: ImportReport) -> None:
    known = widget_types()
    for state in states:
        kind, name = state.get("type"), str(state.get("name", ""))
        new = OLD_TYPES.get(kind) if isinstance(kind, str) else None
        if new is not None:
            report.converted.append({"widget": name, "from": str(kind), "to": new})
            state["type"] = new
            _convert_numbers(state, known[new].schema if new in known else {})
        elif not isinstance(kind, str) or kind not in known:
            report.unknown.append({"widget": name, "type": str(kind)})


def _convert_numbers(state: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """Write numbers as text where today's format wants text (a v1 reply timeout is a number)."""
    wanted = schema.get("properties", {}).get("properties", {}).get("properties", {})
    properties: Any = state.get("properties")
    for key, value in list(properties.items()) if isinstance(properties, dict) else []:
        if isinstance(value, int) and not isinstance(value, bool) and wanted.get(key, {}).get("type") == "string":
            properties[key] = str(value)


def _name_targets(states: list[dict[str, Any]], report: ImportReport) -> None:
    """Turn targets that are states' SIDs, as in v1 exports, into names."""
    names = {state.get("name") for state in states if isinstance(state.get("name"), str)}
    by_sid = {state["sid"]: state["name"] for state in states if isinstance(state.get("sid"), str) and "name" in state}
    renamed = 0
    for transition in _transitions(states):
        target = transition.get("next")
        if isinstance(target, str) and target not in names and target in by_sid:
            transition["next"] = by_sid[target]
            renamed += 1
    if renamed:
        report.notes.append(f"{renamed} exits named their target by SID; they name it by its name now.")


def _transitions(states: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for state in states:
        transitions = state.get("transitions")
        for transition in transitions if isinstance(transitions, list) else []:
            if isinstance(transition, dict):
                yield transition


def _find_start(definition: dict[str, Any], states: list[dict[str, Any]], report: ImportReport) -> None:
    if "initial_state" in definition:
        return
    triggers = [state["name"] for state in states if state.get("type") == "trigger" and "name" in state]
    if triggers:
        definition["initial_state"] = triggers[0]
        report.notes.append(f"The export named no start; it is {triggers[0]!r}, the trigger.")


def _note_rest(definition: dict[str, Any], states: list[dict[str, Any]], report: ImportReport) -> None:
    for index, state in enumerate(definition["states"]):
        if isinstance(state, dict):
            for path, text in texts_of(state, f"#/states/{index}"):
                for found in PLACEHOLDER.findall(text):
                    entry = {"widget": str(state.get("name", "")), "path": path, "text": found}
                    report.placeholders.append(entry)
    for key in definition:
        if key != "states":
            for path, text in texts_of(definition[key], f"#/{key}"):
                report.placeholders.extend(
                    {"widget": "", "path": path, "text": found} for found in PLACEHOLDER.findall(text)
                )
    if any(DATE_FILTER.search(text) for state in states for _, text in texts_of(state, "")):
        report.notes.append("Dates are written in the account's time zone here; Studio writes them in Pacific time.")
    if not any(isinstance(state.get("properties"), dict) and "offset" in state["properties"] for state in states):
        report.notes.append("The widgets have no positions; the editor lays them out.")


def texts_of(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield JSON pointer and text of every text in a JSON value, keys aside."""
    pending = [(path, value)]
    while pending:
        place, current = pending.pop()
        if isinstance(current, str):
            yield place, current
        elif isinstance(current, Mapping):
            entries = [(f"{place}/{escape_pointer(str(key))}", item) for key, item in current.items()]
            pending.extend(reversed(entries))
        elif isinstance(current, list):
            pending.extend(reversed([(f"{place}/{index}", item) for index, item in enumerate(current)]))


def escape_pointer(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
