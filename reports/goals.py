"""What a floor measures itself against: service levels, thresholds, colours, and the supervisors' privacy. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import BadParameter

COLOURS = ("petrol", "teal", "green", "lime", "blue", "violet", "gray", "yellow", "amber", "orange", "red", "clay")
# For each measure the value from which it is a warning, and from which an alarm; of the service level, below which.
LIMITS: Mapping[str, tuple[int, int]] = {
    "waiting": (5, 15),
    "longest_wait": (60, 180),
    "service_level": (80, 60),
    "handle_time": (180, 300),
}
DEFAULTS: Mapping[str, Any] = {
    "service_level_seconds": 60,
    **{
        f"{name}_{level}": values[number]
        for name, values in LIMITS.items()
        for number, level in enumerate(("warning", "alarm"))
    },
    "colours": {"good": "petrol", "warning": "amber", "alarm": "clay"},
    "is_monitoring_private": False,
    "queues": {},
    "channels": {},
}
NUMBERS = ("service_level_seconds", *(f"{name}_{level}" for name in LIMITS for level in ("warning", "alarm")))
MAX_NUMBER = 10_000_000


@dataclass(frozen=True, slots=True)
class Goals:
    """Settings completed by the defaults; ``queues`` (by SID) and ``channels`` (by name) hold what differs there."""

    values: Mapping[str, Any]

    @property
    def service_level_seconds(self) -> int:
        return int(self.values["service_level_seconds"])

    @property
    def is_monitoring_private(self) -> bool:
        return bool(self.values["is_monitoring_private"])

    def of(self, *, queue: str = "", channel: str = "") -> dict[str, int]:
        """Return the numbers that hold for a queue or a channel."""
        merged = {name: self.values[name] for name in NUMBERS}
        merged.update(self.values["channels"].get(channel, {}))
        merged.update(self.values["queues"].get(queue, {}))
        return merged

    def queue_seconds(self) -> dict[str, int]:
        """Return the queues (SIDs) whose service level is measured at another time, and that time."""
        queues = self.values["queues"]
        return {sid: mine["service_level_seconds"] for sid, mine in queues.items() if "service_level_seconds" in mine}


def complete(stored: Mapping[str, Any]) -> Goals:
    """Return stored settings with the defaults for what they do not name."""
    colours = {**DEFAULTS["colours"], **stored.get("colours", {})}
    return Goals({**DEFAULTS, **stored, "colours": colours})


def check(given: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return settings as they are stored.

    :raises BadParameter: an unknown name, or a value of the wrong kind; says which.
    """
    unknown = sorted(given.keys() - DEFAULTS.keys())
    if unknown:
        raise BadParameter(f"There is no setting {unknown[0]}")
    checked: dict[str, Any] = {name: _number(given, name) for name in NUMBERS if name in given}
    if "is_monitoring_private" in given:
        if not isinstance(given["is_monitoring_private"], bool):
            raise BadParameter("is_monitoring_private must be true or false")
        checked["is_monitoring_private"] = given["is_monitoring_private"]
    if "colours" in given:
        checked["colours"] = _colours(given["colours"])
    for name in ("queues", "channels"):
        if name in given:
            checked[name] = {key: _part(name, key, value) for key, value in _object(given[name], name).items()}
    return checked


def _part(where: str, key: str, value: object) -> dict[str, int]:
    mine = _object(value, f"{where}.{key}")
    unknown = sorted(mine.keys() - set(NUMBERS))
    if unknown:
        raise BadParameter(f"{where}.{key} has no setting {unknown[0]}")
    return {name: _number(mine, name, f"{where}.{key}.") for name in mine}


def _number(values: Mapping[str, Any], name: str, where: str = "") -> int:
    value = values[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_NUMBER:
        raise BadParameter(f"{where}{name} must be a whole number between 0 and {MAX_NUMBER}")
    if name.startswith("service_level_") and not name.endswith("seconds") and value > 100:
        raise BadParameter(f"{where}{name} is in percent: 0 to 100")
    return value


def _colours(value: object) -> dict[str, str]:
    given = _object(value, "colours")
    for name, colour in given.items():
        if name not in DEFAULTS["colours"]:
            raise BadParameter(f"colours has no {name}")
        if colour not in COLOURS:
            raise BadParameter(f"colours.{name} must be one of {', '.join(COLOURS)}")
    return dict(given)


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadParameter(f"{name} must be an object")
    return value
