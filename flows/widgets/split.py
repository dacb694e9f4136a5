"""Branch on a value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from flows.engine.conditions import TESTS, Condition
from flows.engine.templates import Template, template
from flows.engine.widget import Advance, Result, Visit, Widget
from flows.widgets.properties import text


@dataclass(frozen=True, slots=True)
class SplitBasedOn(Widget):
    """
    Leave by the first ``match`` transition one of whose conditions holds, else by ``noMatch``.

    ``branches``: transition index and conditions, in the order of the definition.
    """

    type_name: ClassVar[str] = "split-based-on"

    branches: tuple[tuple[int, tuple[Condition, ...]], ...]

    @classmethod
    def build(cls, properties: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> Self:
        subject = text(properties, "input")
        branches = []
        for index, transition in enumerate(transitions):
            entries = transition.get("conditions")
            if transition["event"] == "match" and isinstance(entries, list):
                conditions = [_condition(entry, subject) for entry in entries if isinstance(entry, Mapping)]
                branches.append((index, tuple(conditions)))
        return cls(tuple(branches))

    def enter(self, visit: Visit) -> Result:
        rendered: dict[int, str] = {}
        for index, conditions in self.branches:
            for condition in conditions:
                # All branches of a split nearly always test the same text; it is rendered, and warns, once.
                key = id(condition.subject)
                if key not in rendered:
                    rendered[key] = visit.render(condition.subject).strip().casefold()
                if condition.holds(rendered[key], visit.context, visit):
                    return Advance("match", transition=index)
        return Advance("noMatch")


def _condition(entry: Mapping[str, Any], subject: Template) -> Condition:
    kind = str(entry.get("type"))
    arguments = entry.get("arguments")
    own = arguments[0] if isinstance(arguments, list) and arguments else None
    return Condition(
        kind=kind,
        subject=template(own) if isinstance(own, str) and own else subject,
        value=template(entry.get("value")),
        test=TESTS.get(kind),
    )
