"""What each event tells, in the documented names (reference/conversations.md, 4.4). All values are texts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import orjson

from common import clock, ids
from conversations.models import ChatUser, Conversation, Message, Participant, Receipt

PRE_EVENTS = (
    "onMessageAdd",
    "onMessageUpdate",
    "onMessageRemove",
    "onConversationAdd",
    "onConversationUpdate",
    "onConversationRemove",
    "onParticipantAdd",
    "onParticipantUpdate",
    "onParticipantRemove",
    "onUserUpdate",
)
POST_EVENTS = (
    "onMessageAdded",
    "onMessageUpdated",
    "onMessageRemoved",
    "onConversationAdded",
    "onConversationUpdated",
    "onConversationRemoved",
    "onConversationStateUpdated",
    "onParticipantAdded",
    "onParticipantUpdated",
    "onParticipantRemoved",
    "onDeliveryUpdated",
    "onUserAdded",
    "onUserUpdated",
)

Parameters = dict[str, str]


def service_sid(account_id: UUID) -> str:
    """Return the SID of the account's one chat service."""
    return "IS" + account_id.hex


def common(account_id: UUID, event: str, source: str) -> Parameters:
    """Return what every event tells."""
    return {
        "AccountSid": ids.sid("AC", account_id),
        "ChatServiceSid": service_sid(account_id),
        "EventType": event,
        "Source": source,
    }


def source_of(message_source: str, channel_type: str) -> str:
    """Return by which way a message came: the channel, the SDK (people at screens), or REST (flows too)."""
    if message_source == Message.Source.CUSTOMER and channel_type != "chat":
        return channel_type.upper()
    return "SDK" if message_source in (Message.Source.CUSTOMER, Message.Source.AGENT) else "API"


def conversation(row: Conversation) -> Parameters:
    """Return what is told of a conversation."""
    return texts(
        ConversationSid=row.sid,
        DateCreated=row.created_at,
        DateUpdated=row.updated_at,
        FriendlyName=row.friendly_name,
        UniqueName=row.unique_name,
        Attributes=row.attributes,
        MessagingServiceSid=row.messaging_service_sid,
        State=row.state,
    )


def message(row: Message) -> Parameters:
    """Return what is told of a message."""
    return texts(
        ConversationSid=ids.sid("CH", row.conversation_id),
        MessageSid=row.sid,
        Index=row.index,
        DateCreated=row.created_at,
        DateUpdated=row.updated_at,
        Body=row.body,
        Author=row.author,
        ParticipantSid=None if row.participant_id is None else ids.sid("MB", row.participant_id),
        Attributes=row.attributes,
        Media=media(row.id, row.media),
    )


def media(message_id: UUID, items: list[dict[str, Any]]) -> str | None:
    """Return a message's media as the events tell them; None without any."""
    if not items:
        return None
    return json.dumps(
        [
            {
                "Sid": media_sid(message_id, number, item),
                "Filename": item.get("filename"),
                "ContentType": item.get("content_type"),
                "Size": item.get("size"),
            }
            for number, item in enumerate(items)
            if item
        ]
    )


def media_sid(message_id: UUID, number: int, item: Mapping[str, Any]) -> str:
    """Return the SID of a message's medium: its file's, or, of what lies elsewhere, one made from its place."""
    return str(item.get("sid") or ids.sid("ME", uuid5(message_id, f"media/{number}")))


def participant(row: Participant) -> Parameters:
    """Return what is told of a participant; who has an identity has no addresses, and the reverse."""
    return texts(
        ConversationSid=ids.sid("CH", row.conversation_id),
        ParticipantSid=row.sid,
        DateCreated=row.created_at,
        DateUpdated=row.updated_at,
        Identity=row.identity,
        RoleSid=None if row.role_id is None else ids.sid("RL", row.role_id),
        Attributes=row.attributes,
        LastReadMessageIndex=row.last_read_message_index,
        **(
            binding(row.address, None, None)
            if row.is_group_member
            else binding(row.address, row.proxy_address, row.projected_address)
        ),
    )


def binding(address: str | None, proxy_address: str | None, projected_address: str | None) -> dict[str, str | None]:
    """Return the addresses of a participant under the names that events have for them."""
    return {
        "MessagingBinding.Address": address,
        "MessagingBinding.ProxyAddress": proxy_address,
        "MessagingBinding.ProjectedAddress": projected_address,
        "MessagingBinding.Type": binding_type(address).upper() if address else "CHAT",
    }


def binding_type(address: str) -> str:
    """Return the channel that an address belongs to: its prefix, ``sms`` without one."""
    return address.partition(":")[0] if ":" in address else "sms"


def receipt(row: Receipt) -> Parameters:
    """Return what is told of a delivery."""
    return texts(
        ConversationSid=ids.sid("CH", row.conversation_id),
        MessageSid=ids.sid("IM", row.message_id),
        DeliveryReceiptSid=row.sid,
        ChannelMessageSid=row.channel_message_sid,
        ParticipantSid=ids.sid("MB", row.participant_id),
        Status=row.status,
        ErrorCode=row.error_code,
        DateCreated=row.created_at,
        DateUpdated=row.updated_at,
    )


def user(row: ChatUser) -> Parameters:
    """Return what is told of a user."""
    return texts(
        UserSid=row.sid,
        DateCreated=row.created_at,
        DateUpdated=row.updated_at,
        Identity=row.identity,
        RoleSid=None if row.role_id is None else ids.sid("RL", row.role_id),
        Attributes=row.attributes,
        FriendlyName=row.friendly_name,
    )


def texts(**values: Any) -> Parameters:
    """Return values as texts; those that are None are left out."""
    return {name: _text(value) for name, value in values.items() if value is not None}


def _text(value: object) -> str:
    return clock.to_iso(value) if isinstance(value, datetime) else str(value)


def removed(parameters: Mapping[str, str], now: datetime) -> Parameters:
    """Return the parameters of something that is gone."""
    return {**parameters, "DateRemoved": clock.to_iso(now)}


# What an answer may change, and how that is called here.
CHANGEABLE = {
    "onMessageAdd": ("body", "author", "attributes"),
    "onMessageUpdate": ("body", "author", "attributes"),
    "onConversationAdd": ("friendly_name",),
    "onConversationUpdate": ("friendly_name",),
}


def changes(event: str, body: bytes) -> dict[str, str]:
    """Return what a pre-webhook's answer changes, by our names; an answer without JSON changes nothing."""
    try:
        said = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(said, dict):
        return {}
    named = {name.lower().replace("_", ""): value for name, value in said.items()}
    found = {}
    for name in CHANGEABLE.get(event, ()):
        value = named.get(name.replace("_", ""))
        if value is not None:
            found[name] = value if isinstance(value, str) else json.dumps(value)
    return found
