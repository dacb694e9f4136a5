"""Which messages leave the house, and the entry that makes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels_app.adapters.twilio_form import OTHER_RECIPIENTS
from common import outbox
from conversations.events import MessageAdded

TOPIC = "channels.deliver"


def route(event: MessageAdded) -> outbox.Entry | None:
    """
    Make the to-do of a message, keyed by its conversation so that order is kept.

    A lone customer's words stay here; so does a conversation without an outside address (web chat). Of several the
    others hear what one writes (``is_relayed``), but for those who have it already (``had_by``: of a group MMS all).
    A template is named by the message's fields ``content_sid`` and ``content_variables`` (an object, values by name);
    ``only_participant`` (hex) keeps it from the others.
    """
    is_relayed = event.source == "customer"
    if not event.proxy_address or (is_relayed and not event.is_shared):
        return None
    return outbox.Entry(
        topic=TOPIC,
        key=event.conversation_id,
        payload={
            "account_id": event.account_id.hex,
            "message_id": event.message_id.hex,
            "participant_id": event.participant_id.hex if event.participant_id else "",
            "author": event.author,
            "is_human": event.source == "agent",
            "body": event.body,
            "media": event.media,
            "content_sid": event.fields.get("content_sid") or "",
            "content_variables": event.fields.get("content_variables") or {},
            **({"is_relayed": True, "had_by": _recipients(event.fields)} if is_relayed else {}),
            **({"only": event.fields["only_participant"]} if event.fields.get("only_participant") else {}),
        },
    )


def _recipients(fields: Mapping[str, Any]) -> list[str]:
    return [str(value) for name, value in fields.items() if name.startswith(OTHER_RECIPIENTS)]
