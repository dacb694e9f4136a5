"""What an assignment callback answers: accept, reject, or decide later. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

NO_INSTRUCTION = 40005
UNKNOWN_INSTRUCTION = 55555
VOICE = frozenset({"call", "conference", "dequeue", "redirect", "supervise"})
_ACTIVITY = re.compile(r"WA[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Accept:
    pass


@dataclass(frozen=True, slots=True)
class Reject:
    activity_sid: str | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """The server decides by API, or the worker does."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that is understood and not carried out; ``code`` is that of the compatible API's log."""

    code: int
    message: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """No answer in the documented form: the fallback is asked."""

    message: str


Instruction = Accept | Reject | Later | Refused | Unusable


def read(status: int, headers: Mapping[str, str], body: bytes) -> Instruction:
    """Return what an answer asks for; ``headers`` by lower-case name."""
    if status != 200:
        return Unusable(f"it answered {status}")
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        return Unusable(f"its answer is of type {content_type or 'unknown'!r} and not application/json")
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Unusable("its answer is not valid JSON")
    if not isinstance(given, dict):
        return Unusable("its answer is not a JSON object")
    if not given:
        return Later()
    name = given.get("instruction")
    if name is None:
        return Refused(NO_INSTRUCTION, "the answer has no instruction")
    if name == "accept":
        return Accept()
    if name == "reject":
        activity = given.get("activity_sid")
        if activity in (None, ""):
            return Reject()
        if not isinstance(activity, str) or _ACTIVITY.fullmatch(activity) is None:
            return Refused(UNKNOWN_INSTRUCTION, "the instruction reject needs activity_sid to be an activity's SID")
        return Reject(activity)
    if isinstance(name, str) and name in VOICE:
        return Refused(UNKNOWN_INSTRUCTION, f"the instruction {name} is for voice; accept and reject are carried out")
    return Refused(UNKNOWN_INSTRUCTION, f"the instruction {str(name)[:100]!r} is unknown; use accept or reject")
