"""Rows that many tests need, made through the services where those exist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.models import Account
from accounts.services import create_account
from common import clock, ids
from conversations.services import AddressTarget, InboundMessage, save_address
from flows.models import Flow, FlowRevision

OURS = "+15550100001"


def make_account(name: str = "Acme") -> Account:
    """Return a new account with its defaults."""
    return create_account(name=name, now=clock.now())


def state(name: str, kind: str, exits: dict[str, str | None], **properties: Any) -> dict[str, Any]:
    """Return a widget whose ``exits`` are ``{event: next or None}``."""
    transitions = [{"event": event, **({"next": target} if target else {})} for event, target in exits.items()]
    return {"name": name, "type": kind, "transitions": transitions, "properties": properties}


def definition(*states: dict[str, Any], trigger: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """Return a definition that begins at the first state by every message trigger, or as ``trigger`` says."""
    first = states[0]["name"]
    exits = trigger or {"incomingMessage": first, "incomingRequest": first}
    return {
        "description": "A test flow",
        "initial_state": "Trigger",
        "flags": {"allow_concurrent_calls": True},
        "states": [state("Trigger", "trigger", dict(exits)), *states],
        **more,
    }


def publish_flow(account: Account, content: dict[str, Any], *, address: str | None = OURS, type: str = "sms") -> Flow:
    """Return a published flow, which answers ``address`` where one is given."""
    now = clock.now()
    flow = Flow.objects.create(
        id=ids.uuid7(),
        account_id=account.id,
        friendly_name="Test flow",
        status=Flow.Status.PUBLISHED,
        revision=1,
        published_revision=1,
        created_at=now,
        updated_at=now,
    )
    FlowRevision.objects.create(
        account_id=account.id,
        flow=flow,
        revision=1,
        status=Flow.Status.PUBLISHED,
        friendly_name=flow.friendly_name,
        definition=content,
        valid=True,
        created_at=now,
    )
    if address is not None:
        target = AddressTarget(target="studio", flow_id=flow.id)
        save_address(account_id=account.id, type=type, address=address, to=target, now=now)
    return flow


def inbound(
    account: Account, body: str, *, sender: str = "+15551230001", key: str | None = None, **more: Any
) -> InboundMessage:
    """Return a customer's SMS to ``OURS``; ``key`` is the provider's id of it."""
    return InboundMessage(
        account_id=account.id,
        channel_type=more.pop("channel_type", "sms"),
        sender=sender,
        recipient=more.pop("recipient", OURS),
        body=body,
        source_key=key or f"test:{ids.uuid7().hex}",
        **more,
    )


def texts(conversation_id: UUID, source: str = "flow") -> list[str]:
    """Return what was said in a conversation by flows (or another source), in order."""
    from conversations.models import Message

    rows = Message.objects.filter(conversation_id=conversation_id, source=source).order_by("index")
    return list(rows.values_list("body", flat=True))
