"""What reading a method brings out, and the names in view while it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from config.openapi.shapes import UNKNOWN, Known, Reply, Schema

BODY, QUERY = "body", "query"


@dataclass
class Parameter:
    """One parameter of the request: where it stands, its values, and whether it must be there."""

    name: str
    place: str
    schema: Schema
    is_required: bool = False


@dataclass
class Reading:
    """What a method takes and answers."""

    parameters: dict[tuple[str, str], Parameter] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)


@dataclass
class Scope:
    """The names inside one call, and what it returned so far."""

    names: dict[str, Any]
    outer: Mapping[str, Any]
    returned: list[Any] = field(default_factory=list)

    def get(self, name: str) -> Any:
        if name in self.names:
            return self.names[name]
        if name in self.outer:
            found = self.outer[name]
            return found if isinstance(self.outer, ScopeNames) else Known(found)
        builtins = vars(__import__("builtins"))
        return Known(builtins[name]) if name in builtins else UNKNOWN


class ScopeNames(dict[str, Any]):
    """The names around a nested function: values already, where a module's are plain objects."""
