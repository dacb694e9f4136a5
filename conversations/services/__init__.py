"""Writes of conversations; import them from here."""

from conversations.models import ChannelType, Conversation, Message, Participant
from conversations.services.addresses import AddressTarget, delete_address, save_address
from conversations.services.ingest import InboundMessage, Received, Refused, receive_messages
from conversations.services.messages import NewMessage, Stored, add_message, add_messages, lock_conversations
from conversations.services.participants import add_participant, announce_typing, mark_read, remove_participant
from conversations.services.receipts import ReceiptUpdate, record_receipts, record_statuses
from conversations.services.threads import (
    attach_flow,
    close_conversation,
    create_conversation,
    find_or_create_by_pair,
)

Kind = Participant.Kind
Source = Message.Source
State = Conversation.State

__all__ = (
    "AddressTarget",
    "ChannelType",
    "InboundMessage",
    "Kind",
    "NewMessage",
    "ReceiptUpdate",
    "Received",
    "Refused",
    "Source",
    "State",
    "Stored",
    "add_message",
    "add_messages",
    "add_participant",
    "announce_typing",
    "attach_flow",
    "close_conversation",
    "create_conversation",
    "delete_address",
    "find_or_create_by_pair",
    "lock_conversations",
    "mark_read",
    "receive_messages",
    "record_receipts",
    "record_statuses",
    "remove_participant",
    "save_address",
)
