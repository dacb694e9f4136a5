"""
The widgets: one module each, and one JSON Schema each, the single source for validator, palette, form and ports.

A new widget is a module, its schema in ``schemas/``, and a line in WIDGETS.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from flows.engine.registry import WidgetType, install
from flows.engine.widget import Widget
from flows.widgets.make_http_request import MakeHttpRequest
from flows.widgets.resume_conversation import ResumeConversation
from flows.widgets.run_function import RunFunction, RunFunctionV2
from flows.widgets.run_subflow import RunSubflow
from flows.widgets.send_and_wait import SendAndWait
from flows.widgets.send_message import SendMessage
from flows.widgets.send_to_flex import SendToFlex
from flows.widgets.set_variables import SetVariables
from flows.widgets.split import SplitBasedOn
from flows.widgets.start_conversation import StartConversation
from flows.widgets.trigger import Trigger
from flows.widgets.twiml_redirect import AddTwimlRedirect

SCHEMAS = Path(__file__).parent / "schemas"
FLOW_SCHEMA = "flow-definition"

# The order of the palette.
WIDGETS: tuple[type[Widget], ...] = (
    Trigger,
    SendMessage,
    SendAndWait,
    SplitBasedOn,
    SetVariables,
    MakeHttpRequest,
    RunFunction,
    RunFunctionV2,
    RunSubflow,
    SendToFlex,
    StartConversation,
    ResumeConversation,
    AddTwimlRedirect,
)


@cache
def load_schema(name: str) -> dict[str, Any]:
    """Return the schema of a widget type (or ``flow-definition``); shared, not to be changed."""
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text())
    return schema


@cache
def widget_types() -> tuple[WidgetType, ...]:
    """Return every known type: those that run in the palette's order, then the others by name."""
    running = {widget.type_name: widget for widget in WIDGETS}
    others = sorted(
        path.stem for path in SCHEMAS.glob("*.json") if path.stem not in running and path.stem != FLOW_SCHEMA
    )
    return tuple(WidgetType(name, load_schema(name), running.get(name)) for name in [*running, *others])


def register() -> None:
    """Tell the engine about the widgets; called once, when ``flows`` is imported."""
    install(widget_types(), load_schema(FLOW_SCHEMA))


def catalogue() -> list[dict[str, Any]]:
    """
    Return what the editor offers.

    One entry a type: ``type``, ``title``, ``group``, ``description``, ``channels`` (list), ``runnable`` (bool),
    ``schema`` (JSON Schema of the properties; each may have ``title``, ``description``, ``default``, ``examples``,
    ``x-control``, ``x-options``) and ``transitions`` (``[{event, label}]``, in the order the ports are drawn).
    """
    return [_entry(widget_type) for widget_type in widget_types()]


def _entry(widget_type: WidgetType) -> dict[str, Any]:
    schema = widget_type.schema
    return {
        "type": widget_type.name,
        "title": schema.get("x-title", schema.get("title", widget_type.name)),
        "group": schema.get("x-group", "other"),
        "description": schema.get("description", ""),
        "channels": schema.get("x-channels", []),
        "runnable": widget_type.widget is not None,
        "schema": schema["properties"].get("properties", {"type": "object"}),
        "transitions": schema.get("x-transitions") or [],
    }
