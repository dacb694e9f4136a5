"""
Executions in the middle of their flows: begun by one version of the code, gone on with by another.

``python -m tests.operate.running begin`` fills an empty database with them, ``… go_on`` has everything happen that
they wait for and prints what their customers were told. ``data/`` holds backups of what ``begin`` made with the code
of 29 November 2026 (migrations and session format of that day), one for each kind of database; the test restores
them, which migrates them, and goes on.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

BEGAN = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
SENDERS = {
    name: f"+1555123000{number}" for number, name in enumerate(("asked", "late", "inside", "handed", "unheard"), 1)
}


def main(what: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    import time_machine

    # Doorbells go nowhere: what is due is found.
    from common import outbox

    outbox.ring = lambda name: None
    if what == "begin":
        with time_machine.travel(BEGAN, tick=True):
            begin()
    else:
        with time_machine.travel(BEGAN + timedelta(minutes=10), tick=True):
            answer()
        with time_machine.travel(BEGAN + timedelta(hours=2), tick=True):
            drain()
        print(json.dumps(told()))


def begin() -> None:
    from channels_app.services import create_connection
    from common import clock
    from conversations.services import receive_messages
    from tests.factories import OURS, definition, inbound, make_account, publish_flow, state

    account = make_account("Before")
    now = clock.now()
    create_connection(account_id=account.id, type="sms", provider="sandbox", address=OURS, now=now)
    addresses = {"from": "{{flow.channel.address}}", "to": "{{contact.channel.address}}", "service": "", "channel": ""}

    def say(name: str, body: str) -> dict[str, Any]:
        return state(name, "send-message", {"sent": None, "failed": None}, body=body, **addresses)

    def ask(name: str, body: str, reply: str, late: str | None = None) -> dict[str, Any]:
        exits = {"incomingMessage": reply, "timeout": late, "deliveryFailure": None}
        return state(name, "send-and-wait-for-reply", exits, body=body, timeout="3600", **addresses)

    child = publish_flow(
        account,
        definition(
            ask("which", "Which one?", "noted"),
            say("noted", "Noted {{widgets.which.inbound.Body}}"),
            trigger={"incomingParent": "which"},
        ),
        address=None,
    )
    split = state(
        "what",
        "split-based-on",
        {"noMatch": "ask"},
        input="{{trigger.message.Body}}",
    )
    split["transitions"] += [
        {
            "event": "match",
            "next": target,
            "conditions": [
                {
                    "friendly_name": word,
                    "arguments": ["{{trigger.message.Body}}"],
                    "type": "equal_to",
                    "value": word,
                }
            ],
        }
        for word, target in (("inside", "inside"), ("handed", "hand"))
    ]
    inside = {"completed": "back", "failed": None}
    handed = dict.fromkeys(("callComplete", "failedToEnqueue", "callFailure"), "after")
    publish_flow(
        account,
        definition(
            split,
            ask("ask", "Your name?", "echo", "late"),
            say("echo", "Hello {{widgets.ask.inbound.Body}}"),
            say("late", "Too late"),
            state("inside", "run-subflow", inside, flow_sid=child.sid, flow_revision="LatestPublished", parameters=[]),
            say("back", "Back again"),
            state(
                "hand", "send-to-flex", handed, workflow="", channel="", attributes="{}", priority="0", timeout="3600"
            ),
            say("after", "How was it?"),
        ),
    )
    for name, sender in SENDERS.items():
        if name != "unheard":
            receive_messages([inbound(account, name, sender=sender)], now=now)
            drain()
    receive_messages([inbound(account, "unheard", sender=SENDERS["unheard"])], now=now)


def drain() -> None:
    """Handle all that is due, as workers would."""
    from channels_app.delivery import drain as delivery
    from common import clock, outbox

    if hasattr(delivery, "use"):
        delivery.use(delivery.inline_sender())
    topics = {topic.name: topic for topic in outbox.topics()}
    for _ in range(200):
        names = outbox.due_topics(clock.now())
        if not names:
            return
        for name in names:
            topics[name].drain(clock.now())
    raise SystemExit(f"Still not done: {names}")


def answer() -> None:
    """Have happen what each of them waits for, but for the one whose time runs out."""
    from accounts.models import Account
    from common import clock
    from conversations.services import receive_messages
    from routing import services as routing
    from routing.models import Task
    from tests.factories import inbound

    account = Account.objects.get(name="Before")
    for name in ("asked", "inside"):
        receive_messages([inbound(account, "Zoe", sender=SENDERS[name])], now=clock.now())
    drain()
    task = Task.objects.get(account_id=account.id)
    routing.cancel_task(task_id=task.id, reason="done", now=clock.now())
    drain()


def told() -> dict[str, list[str]]:
    """Return what each customer was told, in order."""
    from conversations.models import Conversation, Message

    found = {}
    for name, sender in SENDERS.items():
        conversation = Conversation.objects.get(customer_address=sender)
        rows = Message.objects.filter(conversation_id=conversation.id, source="flow").order_by("index")
        found[name] = list(rows.values_list("body", flat=True))
    return found


if __name__ == "__main__":
    main(sys.argv[1])
