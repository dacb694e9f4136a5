"""Short ways to write definitions and to walk them in the tests of the engine."""

from datetime import UTC, datetime
from typing import Any

from flows.engine import Outcome, Program, advance, compile_definition, events, new_session
from flows.engine.session import Session

NOW = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


def state(name: str, kind: str, properties: dict[str, Any] | None = None, /, **exits: str | None) -> dict[str, Any]:
    """Return a state; an exit given as None is there, but leads nowhere."""
    transitions = [{"event": event, **({"next": target} if target else {})} for event, target in exits.items()]
    return {"name": name, "type": kind, "transitions": transitions, "properties": properties or {}}


def flow(*states: dict[str, Any], start: str = "Trigger", **flags: Any) -> dict[str, Any]:
    return {"states": list(states), "initial_state": start, "flags": {"allow_concurrent_calls": True, **flags}}


def trigger(**exits: str | None) -> dict[str, Any]:
    return state("Trigger", "trigger", {}, **exits)


def send(name: str, body: str, then: str | None = None) -> dict[str, Any]:
    return state(name, "send-message", {"from": "us", "body": body}, sent=then, failed=None)


def ask(name: str, body: str, then: str | None = None, late: str | None = None) -> dict[str, Any]:
    properties = {"from": "us", "body": body, "timeout": "3600"}
    return state(name, "send-and-wait-for-reply", properties, incomingMessage=then, timeout=late, deliveryFailure=None)


def http(name: str, then: str | None = None, bad: str | None = None, **properties: Any) -> dict[str, Any]:
    properties = {"url": "https://api.example.com/", "method": "GET", **properties}
    return state(name, "make-http-request", properties, success=then, failed=bad)


def set_variables(name: str, then: str | None = None, /, **variables: str) -> dict[str, Any]:
    entries = [{"key": key, "value": value} for key, value in variables.items()]
    return state(name, "set-variables", {"variables": entries}, next=then)


def split(name: str, subject: str, *branches: tuple[str, str, str | None], no: str | None = None) -> dict[str, Any]:
    """Return a split; a branch is (condition type, value, target)."""
    found = state(name, "split-based-on", {"input": subject}, noMatch=no)
    for kind, value, target in branches:
        conditions = [{"friendly_name": f"{kind} {value}", "type": kind, "arguments": [subject], "value": value}]
        found["transitions"].append(
            {"event": "match", **({"next": target} if target else {}), "conditions": conditions}
        )
    return found


def session(**options: Any) -> Session:
    values: dict[str, Any] = {
        "execution_sid": "FN" + "1" * 32,
        "flow_sid": "FW" + "1" * 32,
        "account_sid": "AC" + "1" * 32,
        "channel_address": "+15550002222",
        "contact_address": "+15550001111",
    }
    return new_session(**{**values, **options})


def begun(definition: dict[str, Any] | Program, kind: str = "incomingMessage", body: str = "hi") -> Outcome:
    """Start an execution with a message (or another trigger)."""
    program = definition if isinstance(definition, Program) else compile_definition(definition)
    payload = {"Body": body, "From": "+15550001111", "To": "+15550002222"}
    return advance(program, session(), events.TriggerFired(kind, payload), NOW)
