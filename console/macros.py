"""
The steps of a macro: what a canned reply does after its text was sent.

Pure. The browser carries them out one after the other (frontend/src/console/work/macros.ts); here they are checked when
a reply is saved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.errors import BadParameter
from console.variables import unknown_variables

MAX_STEPS = 10
MAX_NOTE = 8 * 1024  # characters
MAX_NAME = 60
MAX_VALUE = 500
WAKES = ("reply", "hour", "hours", "tomorrow")
# After these there is no conversation in the agent's hands any more.
LAST = ("park", "end")


def read_steps(given: object) -> list[dict[str, str]]:
    """
    Return the steps as they are kept: ``note {text}``, ``set {name, value}`` (the contact's), ``park {wake}``, ``end``.

    :raises BadParameter: not of that form, or something stands behind the end.
    """
    if not isinstance(given, (list, tuple)) or not all(isinstance(each, Mapping) for each in given):
        raise BadParameter("steps must be a list of objects")
    if len(given) > MAX_STEPS:
        raise BadParameter(f"A macro has at most {MAX_STEPS} steps")
    steps = [_read(each) for each in given]
    if any(step["do"] in LAST for step in steps[:-1]):
        raise BadParameter("Parking and ending come last, and only one of them")
    return steps


def _read(given: Mapping[str, Any]) -> dict[str, str]:
    match given.get("do"):
        case "note":
            return {"do": "note", "text": _text(given, "text", "A note", MAX_NOTE)}
        case "set":
            name = _text(given, "name", "The attribute's name", MAX_NAME)
            return {"do": "set", "name": name, "value": _text(given, "value", "The attribute's value", MAX_VALUE)}
        case "park" if given.get("wake", "reply") in WAKES:
            return {"do": "park", "wake": given.get("wake", "reply")}
        case "park":
            raise BadParameter(f"wake must be one of {', '.join(WAKES)}")
        case "end":
            return {"do": "end"}
    raise BadParameter("Every step must do one of note, set, park, end")


def _text(given: Mapping[str, Any], name: str, what: str, most: int) -> str:
    value = given.get(name)
    text = value.replace("\x00", "").strip() if isinstance(value, str) else ""
    if not text:
        raise BadParameter(f"{what} is missing")
    if len(text) > most:
        raise BadParameter(f"{what} has at most {most:,} characters")
    if unknown := unknown_variables(text):
        raise BadParameter(f"There is no variable {{{{ {unknown[0][:60]} }}}}")
    return text
