"""Small flows for the tests of services and interfaces."""

from __future__ import annotations

from typing import Any

from tests.factories import definition, state


def greeting(body: str = "Hello {{flow.data.name}}") -> dict[str, Any]:
    """Return a flow that says one thing and ends."""
    return definition(state("greet", "send-message", {"sent": None, "failed": None}, body=body, **_ADDRESSES))


def asking() -> dict[str, Any]:
    """Return a flow that greets, remembers a variable, asks a question and says the answer back."""
    return definition(
        state("greet", "send-message", {"sent": "remember", "failed": None}, body="Hello", **_ADDRESSES),
        state("remember", "set-variables", {"next": "ask"}, variables=[{"key": "mood", "value": "good"}]),
        state(
            "ask",
            "send-and-wait-for-reply",
            {"incomingMessage": "echo", "timeout": None, "deliveryFailure": None},
            body="Your name?",
            timeout="3600",
            **_ADDRESSES,
        ),
        state(
            "echo", "send-message", {"sent": None, "failed": None}, body="{{widgets.ask.inbound.Body}}", **_ADDRESSES
        ),
        trigger={"incomingMessage": "greet", "incomingRequest": "greet"},
    )


_ADDRESSES = {"from": "{{flow.channel.address}}", "to": "{{contact.channel.address}}", "service": "", "channel": ""}


def broken() -> dict[str, Any]:
    """Return a flow with an exit to a widget that is not there; a draft may be so."""
    made = greeting()
    made["states"][1]["transitions"][0]["next"] = "nowhere"
    return made
