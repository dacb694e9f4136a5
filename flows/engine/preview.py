"""What a text will say: a template rendered with values of an earlier execution, and what is wrong with it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from flows.engine.limits import DEFAULT_LIMITS, Limits
from flows.engine.templates import template
from flows.engine.values import MISSING, IndexPastEnd, walk

# Outputs that are a plain path at their beginning; what a filter makes of nothing is its own affair.
PLAIN = re.compile(r"\{\{-?\s*([A-Za-z_][\w-]*(?:\s*\.\s*[\w-]+)+)\s*(\||-?\}\})")
MAX_BLANK = 20


@dataclass(slots=True)
class Sight:
    """The scene of a preview: the moment, and what the template complained of."""

    now: datetime
    zone: tzinfo
    limits: Limits
    warnings: list[str] = field(default_factory=list)

    def warn(self, code: int, message: str) -> None:
        """Keep the reason; the text itself is before the reader's eyes."""
        self.warnings.append(message.rsplit("could not be rendered: ", 1)[-1])


@dataclass(frozen=True, slots=True)
class Preview:
    """``blank``: the variables of the text that have no value in the context, so that nothing stands there."""

    text: str
    errors: list[str]
    blank: list[str]


def preview(
    source: str, context: Mapping[str, Any], *, now: datetime, zone: tzinfo, limits: Limits = DEFAULT_LIMITS
) -> Preview:
    """Render a text; whatever it holds, nothing is raised."""
    parsed = template(source)
    if parsed.error:
        return Preview("", [parsed.error], [])
    sight = Sight(now, zone, limits)
    text = parsed.render(context, sight)
    return Preview(text, list(dict.fromkeys(sight.warnings)), _blank(source, context))


def _blank(source: str, context: Mapping[str, Any]) -> list[str]:
    found: dict[str, None] = {}
    for written, after in PLAIN.findall(source):
        if after == "|":
            continue
        path = tuple(part.strip() for part in written.split("."))
        try:
            value = walk(context, path)
        except (IndexPastEnd, RecursionError):
            value = None
        if value is MISSING or value is None or value == "":
            found[".".join(path)] = None
    return list(found)[:MAX_BLANK]
