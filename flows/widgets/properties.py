"""Reading a state's properties: whatever is missing or of a wrong type counts as unset."""

from collections.abc import Mapping
from typing import Any

from flows.engine.templates import Template, template

Pairs = tuple[tuple[str, Template], ...]


def text(properties: Mapping[str, Any], name: str, default: str = "") -> Template:
    """Return the template of a property, of ``default`` where it is unset."""
    value = properties.get(name)
    return template(default if value is None else value)


def literal(properties: Mapping[str, Any], name: str, default: str = "") -> str:
    value = properties.get(name)
    return value if isinstance(value, str) else default


def pairs(properties: Mapping[str, Any], name: str) -> Pairs:
    """Return a list of ``{key, value}`` objects; entries without a key are left out."""
    entries = properties.get(name)
    found = []
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, Mapping) and isinstance(entry.get("key"), str) and entry["key"]:
            found.append((entry["key"], template(entry.get("value"))))
    return tuple(found)


def number_or(text: str, default: int, *, least: int = 0, most: int = 10**9) -> int:
    """Return the whole number that a rendered text holds, kept within the bounds; else ``default``."""
    text = text.strip()
    try:
        value = int(float(text[:20])) if text else default
    except (ValueError, OverflowError):
        value = default
    return min(max(value, least), most)
