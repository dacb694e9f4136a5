"""Giving definitions out: the same definition is the same bytes, wherever it was stored in between."""

import json
from collections.abc import Mapping
from typing import Any

# Databases do not keep the order of members, so an export has its own: Studio's, then the alphabet.
ORDER = {
    name: index
    for index, name in enumerate(
        [
            "$schema",
            "description",
            "states",
            "initial_state",
            "flags",
            "name",
            "type",
            "transitions",
            "properties",
            "event",
            "next",
            "conditions",
            "friendly_name",
            "arguments",
            "value",
            "key",
        ]
    )
}


def export_text(definition: Mapping[str, Any]) -> str:
    """
    Return the JSON text of a definition: two blanks an indent, one line feed at the end, UTF-8 kept.

    Reading it back gives an equal definition.
    """
    ordered = _ordered(definition)
    text = json.dumps(ordered, indent=2, ensure_ascii=False) + "\n"
    try:
        text.encode()
    except UnicodeEncodeError:
        # A lone surrogate can be told in JSON, though not in UTF-8.
        text = json.dumps(ordered, indent=2) + "\n"
    return text


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: (ORDER.get(name, len(ORDER)), name))
        return {name: _ordered(value[name]) for name in names}
    if isinstance(value, list | tuple):
        return [_ordered(item) for item in value]
    return value
