"""Writes of conversations; import them from here."""

from conversations.models import ChannelType, Conversation, Message, Participant
from conversations.services.addresses import AddressTarget, delete_address, save_address
from conversations.services.configuration import settings_of, update_settings
from conversations.services.edits import backdate_message, check_body, remove_medium, remove_message, update_message
from conversations.services.ingest import InboundMessage, Received, Refused, receive_messages
from conversations.services.lifecycle import (
    ConversationChange,
    begin_conversation,
    delete_conversation,
    update_conversation,
)
from conversations.services.members import Joining, change_participant, check_joining, join_conversation, take_out
from conversations.services.messages import NewMessage, Stored, add_message, add_messages, lock_conversations
from conversations.services.participants import add_participant, announce_typing, mark_read, remove_participant
from conversations.services.receipts import ReceiptUpdate, record_receipts, record_statuses
from conversations.services.threads import (
    attach_flow,
    close_conversation,
    create_conversation,
    find_or_create_by_pair,
)
from conversations.services.users import (
    create_role,
    create_user,
    delete_role,
    delete_user,
    update_role,
    update_user,
)
from conversations.services.webhooks import (
    add_webhook,
    change_webhook,
    configure_webhooks,
    queue_callback,
    remove_webhook,
    resend_delivery,
)

Kind = Participant.Kind
Source = Message.Source
State = Conversation.State

__all__ = (
    "AddressTarget",
    "ChannelType",
    "ConversationChange",
    "InboundMessage",
    "Joining",
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
    "add_webhook",
    "announce_typing",
    "attach_flow",
    "backdate_message",
    "begin_conversation",
    "change_participant",
    "change_webhook",
    "check_body",
    "check_joining",
    "close_conversation",
    "configure_webhooks",
    "create_conversation",
    "create_role",
    "create_user",
    "delete_address",
    "delete_conversation",
    "delete_role",
    "delete_user",
    "find_or_create_by_pair",
    "join_conversation",
    "lock_conversations",
    "mark_read",
    "queue_callback",
    "receive_messages",
    "record_receipts",
    "record_statuses",
    "remove_medium",
    "remove_message",
    "remove_participant",
    "remove_webhook",
    "resend_delivery",
    "save_address",
    "settings_of",
    "take_out",
    "update_conversation",
    "update_message",
    "update_role",
    "update_settings",
    "update_user",
)
