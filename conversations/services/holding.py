"""
Conversations in which something else than flows hears the customer, until it is released.

What is held keeps the address pair, so that the customer's next message comes here; flows pass it over. Whoever holds
it decides under the conversation's lock what that message was: an answer, or something new. Released, the conversation
is as any other whose first message has just come: what is new is told to flows as if it arrived now.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from common import events
from conversations.events import MessageReplayed
from conversations.models import AddressConfiguration, Conversation, Message
from conversations.services.addresses import webhook_of
from conversations.services.messages import lock_conversations, message_added
from conversations.services.threads import create_conversation


@transaction.atomic
def begin_held(*, ended: Conversation, held_for: str, now: datetime) -> Conversation:
    """
    Begin a conversation with the customer of an ended one, on the same pair.

    :raises PairInUse: the customer has another open conversation on it.
    """
    row = create_conversation(
        account_id=ended.account_id,
        channel_type=ended.channel_type,
        customer_name=ended.customer_name,
        customer_address=ended.customer_address,
        proxy_address=ended.proxy_address,
        connection_id=ended.connection_id,
        now=now,
    )
    row.held_for = held_for
    webhook = webhook_of(_configuration(row), row, now)
    if webhook is not None and webhook.target != webhook.Target.STUDIO:
        # Addresses hear everything: they have nothing that would talk in between.
        webhook.save(force_insert=True)
        row.has_webhooks = True
    row.save(update_fields=("held_for", "has_webhooks"))
    return row


@transaction.atomic
def release(*, conversation_id: UUID, after: int, now: datetime) -> int:
    """
    Give a held conversation to flows, and tell them what the customer wrote behind an index. Returns how much.

    :raises Conversation.DoesNotExist: unknown.
    """
    row = lock_conversations([conversation_id]).get(conversation_id)
    if row is None:
        raise Conversation.DoesNotExist
    if row.held_for:
        row.held_for = ""
        row.save(update_fields=("held_for",))
    if row.is_closed:
        return 0
    said = list(row.messages.filter(source=Message.Source.CUSTOMER, index__gt=after).order_by("index"))
    events.publish(*(message_added(message, row, as_type=MessageReplayed) for message in said))
    return len(said)


def _configuration(row: Conversation) -> AddressConfiguration | None:
    rows = AddressConfiguration.objects.filter(account_id=row.account_id, type=row.channel_type, enabled=True)
    return rows.filter(address=row.proxy_address).first()
