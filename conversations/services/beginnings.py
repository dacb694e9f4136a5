"""What a customer's first message begins: its conversation, what is attached to it, and what is told of both."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from common import bulk, events, ids
from conversations.events import ConversationCreated, ParticipantAdded
from conversations.models import AddressConfiguration, Conversation, ConversationWebhook, Participant
from conversations.services.addresses import webhook_of

if TYPE_CHECKING:
    from conversations.services.ingest import InboundMessage


def begin(
    first: InboundMessage, configuration: AddressConfiguration | None, *, now: datetime, is_shared: bool = False
) -> tuple[Conversation, ConversationWebhook | None]:
    """Make, not store, the conversation of a first message and the webhook that our address gives it."""
    conversation = bulk.new(
        Conversation,
        id=ids.uuid7(),
        account_id=first.account_id,
        channel_type=first.channel_type,
        friendly_name=first.friendly_name or None,
        customer_name=first.name[:256],
        customer_address=first.sender,
        proxy_address=first.recipient,
        connection_id=first.connection_id,
        is_shared=is_shared,
        created_at=now,
        updated_at=now,
    )
    webhook = webhook_of(configuration, conversation, now)
    conversation.has_webhooks = webhook is not None and webhook.target != ConversationWebhook.Target.STUDIO
    return conversation, webhook


def told_of(conversation: Conversation, people: Iterable[Participant]) -> list[events.DomainEvent]:
    """Return what is announced of a new conversation and of who is in it from the start."""
    return [
        ConversationCreated(
            account_id=conversation.account_id,
            conversation_id=conversation.id,
            channel_type=conversation.channel_type,
            has_webhooks=conversation.has_webhooks,
        ),
        *(
            ParticipantAdded(
                account_id=conversation.account_id,
                conversation_id=conversation.id,
                has_webhooks=conversation.has_webhooks,
                participant_id=person.id,
                kind=person.kind,
                name=person.name,
                worker_id=None,
            )
            for person in people
        ),
    ]
