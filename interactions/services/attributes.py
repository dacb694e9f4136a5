"""The attributes of an interaction's task (reference/interactions.md, 8). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CHANNEL_NAMES = {"sms": "Sms", "whatsapp": "Whatsapp", "web": "Web", "chat": "Chat", "email": "Email"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """What a task says about its contact; SIDs as texts."""

    interaction_sid: str
    channel_sid: str
    invite_sid: str
    conversation_sid: str
    channel_type: str
    initiated_by: str
    customer_name: str
    customer_address: str
    proxy_address: str


def task_attributes(given: Mapping[str, Any], contact: Contact) -> dict[str, Any]:
    """
    Return the task's attributes: those given, completed by what is known of the contact.

    Of the customer the given values win; what identifies the interaction cannot be given.
    """
    customer_name = given.get("customerName") or contact.customer_name
    customer_address = given.get("customerAddress") or contact.customer_address
    direction = "outbound" if contact.initiated_by == "agent" else "inbound"
    attributes: dict[str, Any] = {
        "customerName": customer_name or customer_address,
        "customerAddress": customer_address,
        "from": customer_name or customer_address,
    }
    if "customers" not in given and ("customerName" in given or "customerAddress" in given):
        attributes["customers"] = {
            "name": given.get("customerName"),
            "phone": given.get("customerAddress"),
            "email": given.get("email"),
        }
    reporting = {
        "initiated_by": contact.initiated_by,
        "communication_channel": CHANNEL_NAMES.get(contact.channel_type, contact.channel_type.capitalize()),
        "direction": direction,
        "conversation_id": contact.interaction_sid,
        "media": [{"type": "ChatTranscript", "sid": contact.conversation_sid}],
        "external_contact": contact.proxy_address or None,
    }
    conversations = given.get("conversations")
    return {
        **attributes,
        **given,
        "conversations": {**(conversations if isinstance(conversations, Mapping) else {}), **reporting},
        "conversationSid": contact.conversation_sid,
        "channelType": contact.channel_type,
        "direction": direction,
        "initiatedBy": contact.initiated_by,
        "flexInteractionSid": contact.interaction_sid,
        "flexInteractionChannelSid": contact.channel_sid,
        "flexChannelInviteSid": contact.invite_sid,
    }
