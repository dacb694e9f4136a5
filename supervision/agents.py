"""Teams and skills as workers' attributes tell them, and the filters of the agents' list. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


def skills_of(attributes: Mapping[str, Any]) -> list[str]:
    """Return a worker's skills: ``routing.skills`` where there are any, else ``skills``."""
    routing = attributes.get("routing")
    if isinstance(routing, dict) and isinstance(routing.get("skills"), list):
        return _texts(routing["skills"])
    return _texts(attributes.get("skills"))


def with_skills(attributes: Mapping[str, Any], skills: list[str]) -> dict[str, Any]:
    """Return attributes with other skills, in the place where they are kept."""
    routing = attributes.get("routing")
    if isinstance(routing, dict) and isinstance(routing.get("skills"), list):
        return {**attributes, "routing": {**routing, "skills": skills}}
    return {**attributes, "skills": skills}


def teams_of(attributes: Mapping[str, Any]) -> list[str]:
    """Return a worker's teams: the attribute ``team``, a text or a list of texts."""
    return _texts(attributes.get("team"))


def _texts(value: object) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(each for each in found if isinstance(each, str) and each))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which agents a list shall show; empty: all. ``text`` is looked for in names, teams, skills and e-mail."""

    activities: frozenset[Any] = frozenset()
    team: str = ""
    skill: str = ""
    text: str = ""

    def takes(self, name: str, attributes: Mapping[str, Any], activity: Any) -> bool:
        if self.activities and activity not in self.activities:
            return False
        if self.team and self.team not in teams_of(attributes):
            return False
        if self.skill and self.skill not in skills_of(attributes):
            return False
        return not self.text or any(self.text.casefold() in each.casefold() for each in _searched(name, attributes))


def _searched(name: str, attributes: Mapping[str, Any]) -> Iterable[str]:
    yield name
    for key in ("full_name", "email", "contact_uri", "department"):
        value = attributes.get(key)
        if isinstance(value, str):
            yield value
    yield from teams_of(attributes)
    yield from skills_of(attributes)
