"""
The widget types the engine knows.

The engine may not import the widgets (they import it); ``flows/__init__.py`` installs them here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flows.engine.widget import Widget


@dataclass(frozen=True, slots=True)
class WidgetType:
    """``widget`` is None for a type that is known, drawn and kept, but not run."""

    name: str
    schema: Mapping[str, Any]
    widget: type[Widget] | None


_types: dict[str, WidgetType] = {}
_flow_schema: dict[str, Any] = {}


def install(types: Iterable[WidgetType], flow_schema: Mapping[str, Any]) -> None:
    """Make these the known widget types, and this the schema of whole definitions."""
    _types.clear()
    _types.update({widget_type.name: widget_type for widget_type in types})
    _flow_schema.clear()
    _flow_schema.update(flow_schema)


def widget_types() -> Mapping[str, WidgetType]:
    return _types


def flow_schema() -> Mapping[str, Any]:
    return _flow_schema
