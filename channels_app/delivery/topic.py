"""Which messages leave the house, and the entry that makes them."""

from __future__ import annotations

from common import outbox
from conversations.events import MessageAdded

TOPIC = "channels.deliver"


def route(event: MessageAdded) -> outbox.Entry | None:
    """
    Make the to-do of a message, keyed by its conversation so that order is kept.

    The customer's own words stay here; so does a conversation without an outside address (web chat).
    A template is named by the message's fields ``content_sid`` and ``content_variables`` (an object, values by name);
    ``only_participant`` (hex) keeps it from the others.
    """
    if event.source == "customer" or not event.proxy_address:
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
            **({"only": event.fields["only_participant"]} if event.fields.get("only_participant") else {}),
        },
    )
