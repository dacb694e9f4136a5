"""ISO 8601 durations of timers (``PT1M``, ``P1DT2H``). Pure."""

from __future__ import annotations

import re

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,6})W|(?:(?P<days>\d{1,6})D)?(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,6})M)?"
    r"(?:(?P<seconds>\d{1,9})(?:\.\d{1,9})?S)?)?)"
)
_SECONDS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def read_duration(text: str) -> int:
    """
    Return a duration's whole seconds. Years and months have no fixed length and are not taken.

    :raises ValueError: it is none.
    """
    match = _DURATION.fullmatch(text.strip().upper())
    given = {name: int(value) for name, value in match.groupdict().items() if value} if match else {}
    if not given:
        raise ValueError(f"{text!r} is not an ISO 8601 duration such as PT10M")
    return sum(_SECONDS[name] * value for name, value in given.items())
