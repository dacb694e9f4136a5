"""What browsers are told, as docs/contracts.md §6 and §7 spell it. Values in, JSON values out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from common import ids
from common.clock import to_iso
from conversations.events import MessageAdded
from conversations.services import Source
from conversations.services import media as files

if TYPE_CHECKING:
    from channels_app.webchat import Settings
    from conversations.models import Conversation, InternalMessage, Message, Receipt
    from routing.queries import Place

# What stands over a flow's messages that name no author of their own.
ASSISTANT = "Assistant"
# A receipt that says less than the others decides what is shown: nobody must think it has arrived.
_WORST_FIRST = ("failed", "undelivered", "queued", "sent", "delivered", "read")

MOST_REPLIES = 13
MAX_TITLE = 80  # characters of a button
MAX_PAYLOAD = 256

AgentNames = Mapping[tuple[UUID, str], str]


def media_of(media: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return attachments as browsers get them; ``url`` of a kept file asks at every look who is logged in."""
    return [
        {
            "sid": item.get("sid"),
            "url": f"/app/v1/media/{item['sid']}" if item.get("sid") else item.get("url", ""),
            "content_type": item.get("content_type") or "application/octet-stream",
            "filename": item.get("filename") or "",
            "size": item.get("size"),
            "state": item.get("state") or "stored",
        }
        for item in media
        if item
    ]


def beside_words(
    source: str, body: str, media: Sequence[Mapping[str, Any]], fields: Mapping[str, Any]
) -> dict[str, Any]:
    """
    Return what a customer said without words: ``place`` (of a location), ``unshown`` (a kind of message that cannot be
    shown, by the provider's name of it), ``button`` (they tapped it, and did not write). Mostly nothing.
    """
    if source != Source.CUSTOMER or not fields:
        return {}
    found: dict[str, Any] = {}
    try:
        latitude, longitude = float(fields.get("Latitude") or ""), float(fields.get("Longitude") or "")
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            name, address = str(fields.get("Label") or ""), str(fields.get("Address") or "")
            found["place"] = {"latitude": latitude, "longitude": longitude, "name": name, "address": address}
    except ValueError:
        pass
    if fields.get("ButtonPayload") or fields.get("ListId"):
        found["button"] = True
    if not body and not media and "place" not in found:
        found["unshown"] = str(fields.get("MessageType") or "unknown")
    return found


def webchat_media(told: Iterable[Mapping[str, Any]], *, until: datetime) -> list[dict[str, Any]]:
    """Return attachments as the customer's page gets them: it is another site's, so addresses are signed, and end."""
    return [
        {**item, "url": files.signed_url(item["sid"], until=until, filename=item["filename"])} if item["sid"] else item
        for item in told
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
        **_offered(row.source, row.attributes),
        **beside_words(row.source, row.body, row.media, row.fields),
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
        **_offered(event.source, event.attributes),
        **beside_words(event.source, event.body, event.media, event.fields),
        "client_ref": event.client_ref,
        "delivery": None,
        "date_created": to_iso(event.created_at),
    }


def internal_message(row: InternalMessage, *, client_ref: str | None = None) -> dict[str, Any]:
    """Return N of a note or a whisper; never for a customer."""
    return {
        "sid": row.sid,
        "number": row.number,
        "after_index": row.after_index,
        "kind": row.kind,
        "author_name": row.author_name,
        "author_sid": ids.sid("US", row.user_id),
        "to_worker_sid": ids.sid("WK", row.to_worker_id) if row.to_worker_id else None,
        "body": row.body,
        "media": media_of(row.media),
        "client_ref": client_ref,
        "date_created": to_iso(row.created_at),
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


def webchat_message(told: Mapping[str, Any], *, until: datetime) -> dict[str, Any]:
    """
    Return the customer's form of M: without SID and delivery; their own come with the ``ref`` they were sent by.

    ``until``: how long its files can be read.
    """
    kept = ("index", "author", "author_name", "source", "body", "media", "date_created")
    shown = {"type": "message", **{name: told[name] for name in kept}}
    shown["media"] = webchat_media(told["media"], until=until)
    if told.get("quick_replies"):
        shown["quick_replies"] = told["quick_replies"]
    if told["source"] == Source.CUSTOMER and told["client_ref"]:
        shown["ref"] = told["client_ref"]
    return shown


def _offered(source: str, attributes: str) -> dict[str, Any]:
    offered = [] if source == Source.CUSTOMER else quick_replies(attributes)
    return {"quick_replies": offered} if offered else {}


def quick_replies(attributes: str) -> list[dict[str, str]]:
    """
    Return the answers that a message offers as buttons, from its attributes; what does not fit is left out.

    ``{"quick_replies": ["Yes", {"title": "No", "payload": "no"}]}``; the payload of a text is the text.
    """
    if '"quick_replies"' not in attributes:
        return []
    try:
        value = json.loads(attributes)
    except ValueError:
        return []
    offered = value.get("quick_replies") if isinstance(value, dict) else None
    found = []
    for each in (offered if isinstance(offered, list) else [])[:MOST_REPLIES]:
        title = each.get("title") if isinstance(each, dict) else each
        if not isinstance(title, str) or not title.strip():
            continue
        payload = each.get("payload") if isinstance(each, dict) else None
        told = payload if isinstance(payload, str) and payload else title.strip()
        found.append({"title": title.strip()[:MAX_TITLE], "payload": told[:MAX_PAYLOAD]})
    return found


def deployment(settings: Settings, *, is_open: bool, changes_at: datetime | None, language: str) -> dict[str, Any]:
    """Return what everybody may know of a web chat."""
    texts = settings.texts.get(language) or settings.texts.get(language.partition("-")[0]) or {}
    return {
        "title": settings.title,
        "greeting": settings.greeting,
        "accent": settings.accent,
        "theme": settings.theme,
        "position": settings.position,
        "direction": settings.direction,
        "launcher": {"icon": settings.launcher_icon, "text": settings.launcher_text},
        "form": [
            {
                "name": each.name,
                "label": each.label,
                "type": each.type,
                "required": each.required,
                "options": list(each.options),
            }
            for each in settings.form
        ],
        "files": {"types": list(settings.file_types), "max_bytes": settings.max_file_bytes} if settings.files else None,
        "open": is_open,
        "opens_at": to_iso(changes_at) if changes_at is not None and not is_open else None,
        "offline": {"mode": settings.offline, "text": settings.offline_text},
        "leave_message_after": settings.leave_message_after or None,
        "show_queue": settings.show_queue,
        "sound": settings.sound,
        "transcript": settings.transcript,
        "texts": dict(texts),
        "identity": settings.identity,
    }


def place(told: Place | None) -> dict[str, Any]:
    """
    Return where a customer stands; None: they wait no longer.

    ``expected``: seconds, in steps that do not change all the time.
    """
    if told is None:
        return {"type": "queue", "waiting": False}
    seconds = None if told.expected is None else told.expected.total_seconds()
    return {
        "type": "queue",
        "waiting": True,
        "ahead": told.ahead,
        "expected": None if seconds is None else 30 if seconds <= 30 else 60 * math.ceil(seconds / 60),
        "since": to_iso(told.since),
    }


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
