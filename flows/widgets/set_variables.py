"""Write variables of the flow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import orjson

from flows.engine.problems import NOT_CONVERTIBLE
from flows.engine.templates import Template, template
from flows.engine.texts import clean, clean_json
from flows.engine.widget import Advance, Result, Visit, Widget


@dataclass(frozen=True, slots=True)
class Variable:
    """``as_json``: the rendered value is parsed; null becomes the empty text."""

    key: str
    value: Template
    as_json: bool

    def read(self, visit: Visit) -> Any:
        rendered = visit.render(self.value)
        if not self.as_json:
            return rendered
        try:
            value = clean_json(orjson.loads(rendered))
        except ValueError:
            text = f"The value of {self.key!r} in {visit.name!r} is not valid JSON; it was kept as text."
            visit.warn(NOT_CONVERTIBLE, text)
            return rendered
        return "" if value is None else value


def read_variables(entries: object) -> tuple[Variable, ...]:
    """Return the variables of a ``[{key, value, type?, parse_as_json?}]`` list, in its order."""
    variables = []
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, Mapping) and isinstance(entry.get("key"), str) and entry["key"]:
            kind = entry.get("type")
            as_json = entry.get("parse_as_json") is True or (isinstance(kind, str) and kind not in ("string", ""))
            variables.append(Variable(clean(entry["key"]), template(entry.get("value")), as_json))
    return tuple(variables)


@dataclass(frozen=True, slots=True)
class SetVariables(Widget):
    """Write every pair, in order; a later value may read an earlier key."""

    type_name: ClassVar[str] = "set-variables"

    variables: tuple[Variable, ...]

    @classmethod
    def build(cls, properties: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> Self:
        return cls(read_variables(properties.get("variables")))

    def enter(self, visit: Visit) -> Result:
        written: dict[str, Any] = {}
        for variable in self.variables:
            written[variable.key] = variable.read(visit)
            visit.write(("flow", "variables"), variable.key, written[variable.key])
        return Advance("next", written)
