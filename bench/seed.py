"""Makes what a load run needs: an account, a sender, the reference flow. Prints their names as JSON."""

from __future__ import annotations

import json
import os
import sys

import django

OURS = "+15550109999"


def reference_flow() -> dict[str, object]:
    """The job of docs/performance.md: greet and ask the name; ask sales or support; branch; say goodbye."""

    def widget(name: str, kind: str, exits: list[dict[str, object]], **properties: object) -> dict[str, object]:
        return {"name": name, "type": kind, "transitions": exits, "properties": properties}

    def ask(name: str, text: str, then: str) -> dict[str, object]:
        exits = [{"event": "incomingMessage", "next": then}, {"event": "timeout"}, {"event": "deliveryFailure"}]
        sender = {"from": "{{flow.channel.address}}"}
        return widget(name, "send-and-wait-for-reply", exits, body=text, timeout="3600", **sender)

    def say(name: str, text: str) -> dict[str, object]:
        sender = {"from": "{{flow.channel.address}}", "to": "{{contact.channel.address}}"}
        return widget(name, "send-message", [{"event": "sent"}, {"event": "failed"}], body=text, **sender)

    topic = "{{widgets.topic.inbound.Body}}"
    condition = {"friendly_name": "sales", "arguments": [topic], "type": "equal_to", "value": "sales"}
    return {
        "description": "Reference job",
        "initial_state": "Trigger",
        "flags": {"allow_concurrent_calls": True},
        "states": [
            widget("Trigger", "trigger", [{"event": "incomingMessage", "next": "name"}]),
            ask("name", "Hello! What is your name?", "topic"),
            ask("topic", "Hi {{widgets.name.inbound.Body | capitalize}}, sales or support?", "branch"),
            widget(
                "branch",
                "split-based-on",
                [
                    {"event": "match", "next": "sales", "conditions": [condition]},
                    {"event": "noMatch", "next": "support"},
                ],
                input=topic,
            ),
            say("sales", "Our sales team will write to you soon, {{widgets.name.inbound.Body}}."),
            say("support", "Our support team will write to you soon, {{widgets.name.inbound.Body}}."),
        ],
    }


def seed(api_base_url: str) -> dict[str, str]:
    """Create the rows; ``api_base_url`` is the stand-in that plays the provider."""
    from accounts.services import create_account
    from channels_app.services import create_connection
    from common import clock
    from conversations.services import AddressTarget, save_address
    from flows import services as flows

    now = clock.now()
    account = create_account(name="Load", now=now)
    connection = create_connection(
        account_id=account.id,
        type="sms",
        provider="twilio",
        address=OURS,
        credentials={"account_sid": "AC" + "0" * 32, "auth_token": "0123456789abcdef0123456789abcdef"},
        api_base_url=api_base_url,
        rate_per_second=10_000.0,
        now=now,
    )
    flow = flows.create_flow(
        account_id=account.id,
        friendly_name="Reference job",
        definition=reference_flow(),
        status="published",
        author="bench",
        now=now,
    )
    target = AddressTarget(target="studio", flow_id=flow.id)
    save_address(account_id=account.id, type="sms", address=OURS, to=target, now=now)
    return {"connection_sid": connection.sid, "ours": OURS, "auth_token": "0123456789abcdef0123456789abcdef"}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    print(json.dumps(seed(sys.argv[1])))
