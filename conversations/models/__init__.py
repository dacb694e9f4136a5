"""The tables of conversations; import them from here."""

from conversations.models.contacts import Contact, ContactAddress
from conversations.models.internal import InternalMessage
from conversations.models.listeners import (
    AddressConfiguration,
    ConversationWebhook,
    WebhookConfiguration,
    WebhookDelivery,
)
from conversations.models.media import MediaFile
from conversations.models.service import ChatUser, Role, ServiceSettings
from conversations.models.threads import ChannelType, Conversation, Message, Participant, Receipt

__all__ = (
    "AddressConfiguration",
    "ChannelType",
    "ChatUser",
    "Contact",
    "ContactAddress",
    "Conversation",
    "ConversationWebhook",
    "InternalMessage",
    "MediaFile",
    "Message",
    "Participant",
    "Receipt",
    "Role",
    "ServiceSettings",
    "WebhookConfiguration",
    "WebhookDelivery",
)
