"""Writes of conversations; import them from here."""

from conversations.models import ChannelType, Conversation, InternalMessage, Message, Participant
from conversations.services import media
from conversations.services.addresses import AddressTarget, delete_address, save_address
from conversations.services.asking import Held, receive_or_hold
from conversations.services.configuration import settings_of, update_settings
from conversations.services.contacts import (
    create_contact,
    delete_contact,
    ensure_contact,
    merge_contacts,
    update_contact,
)
from conversations.services.edits import backdate_message, check_body, remove_medium, remove_message, update_message
from conversations.services.holding import begin_held, release
from conversations.services.ingest import InboundMessage, Received, Refused, receive_messages
from conversations.services.internal import NewInternalMessage, StoredInternal, add_internal_message
from conversations.services.lifecycle import (
    ConversationChange,
    begin_conversation,
    delete_conversation,
    update_conversation,
)
from conversations.services.members import Joining, change_participant, check_joining, join_conversation, take_out
from conversations.services.messages import (
    NewMessage,
    Stored,
    add_message,
    add_messages,
    lock_conversations,
    lock_due_conversations,
)
from conversations.services.participants import (
    add_participant,
    announce_reading,
    announce_typing,
    await_agent,
    mark_read,
    remove_participant,
)
from conversations.services.receipts import ReceiptUpdate, record_receipts, record_statuses
from conversations.services.threads import (
    attach_flow,
    close_conversation,
    create_conversation,
    find_or_create_by_pair,
)
from conversations.services.timers import deadlines
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
    replace_flow,
    resend_delivery,
)

Kind = Participant.Kind
InternalKind = InternalMessage.Kind
Source = Message.Source
State = Conversation.State

__all__ = (
    "AddressTarget",
    "ChannelType",
    "ConversationChange",
    "Held",
    "InboundMessage",
    "InternalKind",
    "Joining",
    "Kind",
    "NewInternalMessage",
    "NewMessage",
    "ReceiptUpdate",
    "Received",
    "Refused",
    "Source",
    "State",
    "Stored",
    "StoredInternal",
    "add_internal_message",
    "add_message",
    "add_messages",
    "add_participant",
    "add_webhook",
    "announce_reading",
    "announce_typing",
    "attach_flow",
    "await_agent",
    "backdate_message",
    "begin_conversation",
    "begin_held",
    "change_participant",
    "change_webhook",
    "check_body",
    "check_joining",
    "close_conversation",
    "configure_webhooks",
    "create_contact",
    "create_conversation",
    "create_role",
    "create_user",
    "deadlines",
    "delete_address",
    "delete_contact",
    "delete_conversation",
    "delete_role",
    "delete_user",
    "ensure_contact",
    "find_or_create_by_pair",
    "join_conversation",
    "lock_conversations",
    "lock_due_conversations",
    "mark_read",
    "media",
    "merge_contacts",
    "queue_callback",
    "receive_messages",
    "receive_or_hold",
    "record_receipts",
    "record_statuses",
    "release",
    "remove_medium",
    "remove_message",
    "remove_participant",
    "remove_webhook",
    "replace_flow",
    "resend_delivery",
    "save_address",
    "settings_of",
    "take_out",
    "update_contact",
    "update_conversation",
    "update_message",
    "update_role",
    "update_settings",
    "update_user",
)
