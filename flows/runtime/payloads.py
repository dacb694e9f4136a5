"""What a message looks like to a flow: the fields of Twilio's webhooks (reference/studio/runtime.md, "Context")."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from common import ids
from conversations.events import MessageAdded
from conversations.services import media


def to_entry(event: MessageAdded) -> dict[str, Any]:
    """Return the outbox payload of a customer's message: all that a flow will ask of it, so no row is read again."""
    return {
        "kind": "message",
        "message_sid": ids.sid("IM", event.message_id),
        "account_sid": ids.sid("AC", event.account_id),
        "conversation_sid": ids.sid("CH", event.conversation_id),
        "participant_sid": None if event.participant_id is None else ids.sid("MB", event.participant_id),
        "index": event.index,
        "author": event.author,
        "body": event.body,
        "media": event.media,
        "attributes": event.attributes,
        "fields": event.fields,
        "channel_type": event.channel_type,
        "proxy_address": event.proxy_address,
        "created_at": event.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }


def webhook_fields(entry: dict[str, Any], *, channel_attributes: str) -> dict[str, Any]:
    """
    Return the message as ``trigger.message``/``trigger.conversation`` and ``inbound`` show it.

    The provider's own fields come first; what Flowdesk knows is added where they lack it. Legacy names are kept:
    ``InstanceSid`` is the chat service, ``ChannelSid`` the conversation (reference/conversations.md, 7).
    """
    service_sid = "IS" + entry["account_sid"][2:]
    fields: dict[str, Any] = {
        "AccountSid": entry["account_sid"],
        "Body": entry["body"],
        "From": entry["author"],
        "To": entry["proxy_address"],
        "Author": entry["author"],
        "MessageSid": entry["message_sid"],
        "ConversationSid": entry["conversation_sid"],
        "ChannelSid": entry["conversation_sid"],
        "ChatServiceSid": service_sid,
        "InstanceSid": service_sid,
        "ParticipantSid": entry["participant_sid"] or "",
        "Index": str(entry["index"]),
        "DateCreated": entry["created_at"],
        "EventType": "onMessageAdded",
        "Source": "SDK" if entry["channel_type"] == "chat" else entry["channel_type"].upper(),
        "Attributes": entry["attributes"],
        "ChannelAttributes": channel_attributes,
        "NumMedia": str(len(entry["media"])),
    }
    if entry["media"]:
        fields["Media"] = orjson.dumps([_media(item) for item in entry["media"]]).decode()
    for number, item in enumerate(entry["media"]):
        fields[f"MediaUrl{number}"] = media.url_of(item, until=_moment(entry["created_at"]) + media.OUTSIDE)
        fields[f"MediaContentType{number}"] = item.get("content_type", "")
    # Where the provider keeps the files is nobody else's business: it asks for the connection's credentials.
    told = {name: value for name, value in entry["fields"].items() if not name.startswith("MediaUrl")}
    return {**fields, **told, "Body": entry["body"]}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _media(item: dict[str, Any]) -> dict[str, Any]:
    """Return one attachment as the webhooks of conversations list it."""
    return {
        "Sid": item.get("sid"),
        "Filename": item.get("filename") or None,
        "ContentType": item.get("content_type", ""),
        "Size": item.get("size"),
    }


def execution_key(execution_id: UUID, ref: int) -> str:
    """Return the source key of a flow's message: its execution and the number of its command."""
    return f"flow:{execution_id.hex}:{ref}"


def read_execution_key(text: str | None) -> tuple[UUID, int] | None:
    """Return what ``execution_key`` was given, or None for another kind of key."""
    kind, _, rest = (text or "").partition(":")
    execution, _, ref = rest.partition(":")
    if kind != "flow" or len(execution) != 32 or not ref.isdigit():
        return None
    return UUID(execution), int(ref)


def twiml_key(execution_id: UUID, ref: int, number: int) -> str:
    """Return the source key of a message that TwiML elsewhere says: the redirect, and the message's place in it."""
    return f"{execution_key(execution_id, ref)}:{number}"


def request_fields(session: dict[str, Any]) -> dict[str, str]:
    """
    Return what a redirect's target is told, as form fields: those of the customer's last message.

    Where the customer has not written yet, these are the addresses alone. ``FlowSid`` and ``ExecutionSid`` are added:
    who hands control back later can name the execution by them.
    """
    context = session["context"]
    flow = context.get("flow", {})
    fields = {
        "ApiVersion": "2010-04-01",
        "AccountSid": session["account_sid"],
        "From": context.get("contact", {}).get("channel", {}).get("address", ""),
        "To": flow.get("channel", {}).get("address", ""),
        "Body": "",
        "NumMedia": "0",
    }
    heard = sorted(
        _inbound(session), key=lambda found: (str(found.get("DateCreated", "")), _number(found.get("Index")))
    )
    if heard:
        fields |= {name: _as_text(value) for name, value in heard[-1].items()}
    return {**fields, "FlowSid": flow.get("flow_sid") or session["flow_sid"], "ExecutionSid": session["execution_sid"]}


def _inbound(session: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every message of the customer that a session knows, the one that began it first."""
    for holder in (*session.get("frames", ()), session):
        context = holder["context"]
        trigger = context.get("trigger", {})
        seen = [trigger.get("conversation"), trigger.get("message")]
        seen += [widget.get("inbound") for widget in context.get("widgets", {}).values() if isinstance(widget, dict)]
        yield from (message for message in seen if isinstance(message, dict))


def _number(value: Any) -> int:
    return int(value) if isinstance(value, str) and value.isdecimal() else -1


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else orjson.dumps(value).decode()
