"""What customers of the soak say, the flow that answers them, and what each of them has to have got in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.factories import definition, state

OURS = "+15550108888"
# How long the flow waits for a customer who falls silent: short enough to run out while a process is down.
SILENCE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Part:
    """
    One kind of customer. ``says`` are their messages, ``after`` how many replies they wait for before the next one
    (and at the end), ``expected`` every text they get, in order.
    """

    name: str
    says: tuple[str, ...]
    after: tuple[int, ...]
    expected: tuple[str, ...]
    hands_over: bool = False
    falls_silent: bool = False


TALKER = Part(
    "talker",
    says=("hello", "ada", "blue", "bye"),
    after=(1, 3, 4, 4),
    expected=("1 Your name?", "2 Hi ada", "3 Your colour?", "4 blue it is. Say bye."),
    hands_over=True,
)
SILENT = Part(
    "silent",
    says=("hello", "ben"),
    after=(1, 4),
    expected=("1 Your name?", "2 Hi ben", "3 Your colour?", "4 You fell silent."),
    falls_silent=True,
)


def part_of(number: int) -> Part:
    """Every fourth customer falls silent."""
    return SILENT if number % 4 == 3 else TALKER


def address_of(number: int) -> str:
    return f"+1555{6_000_000 + number}"


def flow(echo_url: str, workflow_sid: str) -> dict[str, Any]:
    """Ask, wait with a time-out, look something up over HTTP, hand over: every kind of thing that can be half-done."""
    channel = {"from": "{{flow.channel.address}}"}

    def ask(name: str, body: str, then: str, *, silent: str | None = None, timeout: int = 86_400) -> dict[str, Any]:
        exits = {"incomingMessage": then, "timeout": silent, "deliveryFailure": None}
        return state(name, "send-and-wait-for-reply", exits, body=body, timeout=str(timeout), **channel)

    def say(name: str, body: str, then: str | None = None) -> dict[str, Any]:
        return state(name, "send-message", {"sent": then, "failed": None}, body=body, **channel)

    fallen = {
        "event": "match",
        "next": "short",
        "conditions": [
            {
                "friendly_name": "ben",
                "type": "equal_to",
                "arguments": ["{{widgets.name.inbound.Body}}"],
                "value": "ben",
            }
        ],
    }
    who = state("who", "split-based-on", {"noMatch": "colour"}, input="{{widgets.name.inbound.Body}}")
    who["transitions"].insert(0, fallen)
    return definition(
        ask("name", "1 Your name?", "greet"),
        say("greet", "2 Hi {{widgets.name.inbound.Body}}", "who"),
        who,
        ask("colour", "3 Your colour?", "look-up"),
        ask("short", "3 Your colour?", "look-up", silent="silence", timeout=SILENCE_SECONDS),
        say("silence", "4 You fell silent."),
        state(
            "look-up",
            "make-http-request",
            {"success": "found", "failed": "lost"},
            method="GET",
            url=echo_url + "/?colour={{widgets.colour.inbound.Body}}",
        ),
        ask("found", "4 {{widgets.look-up.parsed.colour}} it is. Say bye.", "agent"),
        say("lost", "4 the look-up failed"),
        state(
            "agent",
            "send-to-flex",
            {"callComplete": None, "failedToEnqueue": "no-agent"},
            workflow=workflow_sid,
            channel="chat",
            timeout="86400",
            attributes='{"name": "{{widgets.name.inbound.Body}}"}',
        ),
        say("no-agent", "5 nobody is there"),
    )
