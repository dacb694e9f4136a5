"""What browsers are told, as docs/contracts.md §6 and §7 spell it. Values in, JSON values out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from common import ids
from common.clock import to_iso
from conversations.events import MessageAdded
from conversations.services import Source

if TYPE_CHECKING:
    from conversations.models import Conversation, Message, Receipt

# What stands over a flow's messages that name no author of their own.
ASSISTANT = "Assistant"
# A receipt that says less than the others decides what is shown: nobody must think it has arrived.
_WORST_FIRST = ("failed", "undelivered", "queued", "sent", "delivered", "read")

AgentNames = Mapping[tuple[UUID, str], str]


def media_of(media: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return attachments as browsers get them."""
    return [
        {
            "url": item.get("url", ""),
            "content_type": item.get("content_type") or "application/octet-stream",
            "filename": item.get("filename") or "",
        }
        for item in media
    ]


def author_name(
    *, source: str, author: str, agent_name: str | None, customer_name: str, proxy_address: str, channel_sid: str
) -> str:
    """Return the name over a message: a person's, or what stands for a flow."""
    if source == Source.CUSTOMER:
        return customer_name or author
    if source == Source.FLOW:
        # A flow that sets no author writes as our own address, or as the conversation where that has none.
        return ASSISTANT if author in ("", proxy_address, channel_sid) else author
    return agent_name or author


def message(
    row: Message,
    conversation: Conversation,
    *,
    names: AgentNames,
    receipts: Sequence[Receipt] = (),
    client_ref: str | None = None,
) -> dict[str, Any]:
    """Return M of a stored message."""
    return {
        "sid": row.sid,
        "index": row.index,
        "author": row.author,
        "author_name": author_name(
            source=row.source,
            author=row.author,
            agent_name=names.get((conversation.id, row.author)),
            customer_name=conversation.customer_name,
            proxy_address=conversation.proxy_address,
            channel_sid=conversation.sid,
        ),
        "source": row.source,
        "body": row.body,
        "media": media_of(row.media),
        "client_ref": client_ref,
        "delivery": delivery(receipts),
        "date_created": to_iso(row.created_at),
    }


def added_message(event: MessageAdded, *, names: AgentNames) -> dict[str, Any]:
    """Return M of a message that was just added; nobody has received it yet."""
    return {
        "sid": ids.sid("IM", event.message_id),
        "index": event.index,
        "author": event.author,
        "author_name": author_name(
            source=event.source,
            author=event.author,
            agent_name=names.get((event.conversation_id, event.author)),
            customer_name=event.customer_name,
            proxy_address=event.proxy_address,
            channel_sid=ids.sid("CH", event.conversation_id),
        ),
        "source": event.source,
        "body": event.body,
        "media": media_of(event.media),
        "client_ref": event.client_ref,
        "delivery": None,
        "date_created": to_iso(event.created_at),
    }


def delivery(receipts: Sequence[Receipt]) -> dict[str, Any] | None:
    """Return how far a message got; of several recipients, the one who is worst off."""
    if not receipts:
        return None
    worst = min(receipts, key=lambda row: _WORST_FIRST.index(row.status))
    return receipt(worst.status, worst.error_code, worst.error_message)


def receipt(status: str, error_code: int, error_message: str) -> dict[str, Any]:
    """Return a delivery state."""
    return {"status": status, "error_code": error_code or None, "error_message": error_message or None}


def webchat_message(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the customer's form of M: without SID and delivery; their own come with the ``ref`` they were sent by."""
    kept = ("index", "author", "author_name", "source", "body", "media", "date_created")
    shown = {"type": "message", **{name: told[name] for name in kept}}
    if told["source"] == Source.CUSTOMER and told["client_ref"]:
        shown["ref"] = told["client_ref"]
    return shown


def conversation(
    row: Conversation, *, participants: Sequence[Any], attributes: Any, execution_sids: Sequence[str]
) -> dict[str, Any]:
    """Return a conversation as the console shows it."""
    return {
        "sid": row.sid,
        "state": row.state,
        "channel_type": row.channel_type,
        "customer": {"name": row.customer_name, "address": row.customer_address},
        "proxy_address": row.proxy_address,
        "participants": [
            {
                "sid": each.sid,
                "kind": each.kind,
                "identity": each.identity or each.address or "",
                "name": each.name or each.identity or each.address or "",
            }
            for each in participants
        ],
        "attributes": attributes,
        "last_message_index": row.last_message_index,
        "execution_sids": list(execution_sids),
        "date_created": to_iso(row.created_at),
    }


def moment(value: datetime) -> str:
    """Return a time as browsers get it."""
    return to_iso(value)
