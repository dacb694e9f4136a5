"""
From an event to the deliveries it makes: one for each address that listens.

Inside the transaction of the change only an entry is written, and only where somebody listens; it holds all that the
event tells and which of the conversation's own webhooks hear it, so what happens later changes nothing in it. The
drain adds the account's webhooks and puts a delivery for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction

from common import clock, ids, outbox
from conversations.events import (
    ConversationCreated,
    ConversationEvent,
    ConversationRemoved,
    ConversationStateUpdated,
    ConversationUpdated,
    MessageAdded,
    MessageRemoved,
    MessageUpdated,
    ParticipantAdded,
    ParticipantRemoved,
    ParticipantUpdated,
    ReceiptUpdated,
    UserChanged,
)
from conversations.models import (
    ChatUser,
    Conversation,
    ConversationWebhook,
    Message,
    Participant,
    Receipt,
    WebhookConfiguration,
    WebhookDelivery,
)
from conversations.webhooks import listeners
from conversations.webhooks import parameters as tell

EVENTS_TOPIC = "conversations.events"
TOPIC = "conversations.webhooks"
BATCH = 100

# What an event of ours is called outside, and what it tells.
Teller = Callable[[Any], dict[str, str]]


def _conversation(event: ConversationEvent) -> dict[str, str]:
    return tell.conversation(Conversation.objects.get(id=event.conversation_id))


def _added(event: ConversationEvent) -> dict[str, str]:
    row = Conversation.objects.get(id=event.conversation_id)
    pair = tell.binding(row.customer_address, row.proxy_address, None) if row.proxy_address else {}
    pair.pop("MessagingBinding.Type", None)
    return {**tell.conversation(row), **tell.texts(**pair)}


def _state(event: ConversationStateUpdated) -> dict[str, str]:
    row = Conversation.objects.get(id=event.conversation_id)
    return tell.texts(
        ConversationSid=row.sid,
        MessagingServiceSid=row.messaging_service_sid,
        StateUpdated=row.updated_at,
        StateFrom=event.old,
        StateTo=event.new,
        Reason=event.reason,
    )


def _message_added(event: MessageAdded) -> dict[str, str]:
    return {
        **tell.texts(
            ConversationSid=ids.sid("CH", event.conversation_id),
            MessageSid=ids.sid("IM", event.message_id),
            Index=event.index,
            DateCreated=event.created_at,
            Body=event.body,
            Author=event.author,
            ParticipantSid=None if event.participant_id is None else ids.sid("MB", event.participant_id),
            Attributes=event.attributes,
            Media=tell.media(event.message_id, event.media),
        ),
        "Source": tell.source_of(event.source, event.channel_type),
        **({"ClientIdentity": event.author} if event.source == Message.Source.AGENT else {}),
    }


def _message(event: MessageUpdated | MessageRemoved) -> dict[str, str]:
    return tell.message(Message.objects.get(id=event.message_id))


def _participant(event: Any) -> dict[str, str]:
    return tell.participant(Participant.objects.get(id=event.participant_id))


def _receipt(event: ReceiptUpdated) -> dict[str, str]:
    rows = Receipt.objects.filter(message_id=event.message_id, participant_id=event.participant_id)
    return tell.receipt(rows.get())


def _gone(teller: Teller) -> Teller:
    return lambda event: tell.removed(teller(event), clock.now())


EVENTS: dict[type[ConversationEvent], tuple[str, Teller]] = {
    ConversationCreated: ("onConversationAdded", _added),
    ConversationUpdated: ("onConversationUpdated", _conversation),
    ConversationRemoved: ("onConversationRemoved", _gone(_conversation)),
    ConversationStateUpdated: ("onConversationStateUpdated", _state),
    MessageAdded: ("onMessageAdded", _message_added),
    MessageUpdated: ("onMessageUpdated", _message),
    MessageRemoved: ("onMessageRemoved", _gone(_message)),
    ParticipantAdded: ("onParticipantAdded", _participant),
    ParticipantUpdated: ("onParticipantUpdated", _participant),
    ParticipantRemoved: ("onParticipantRemoved", _gone(_participant)),
    ReceiptUpdated: ("onDeliveryUpdated", _receipt),
}


def route(event: ConversationEvent) -> outbox.Entry | None:
    """Make the to-do of an event that somebody may hear."""
    if event.is_silent:
        return None
    name, teller = EVENTS[type(event)]
    is_heard_by_account = listeners.hears(event.account_id, name)
    if not event.has_webhooks and not is_heard_by_account:
        return None
    told = {**tell.common(event.account_id, name, "API"), **teller(event)}
    # Here, where the conversation is locked: a webhook that comes later did not hear it, one that goes did.
    scoped = _scoped_targets(event.conversation_id, name, told) if event.has_webhooks else []
    if not scoped and not is_heard_by_account:
        return None
    payload = {
        "account_id": event.account_id.hex,
        "conversation_id": event.conversation_id.hex,
        "scoped": scoped,
        "parameters": told,
    }
    return outbox.Entry(EVENTS_TOPIC, event.conversation_id, payload)


def route_user(event: UserChanged) -> outbox.Entry | None:
    """A user belongs to no conversation: only the account's own addresses hear of it."""
    name = "onUserAdded" if event.is_new else "onUserUpdated"
    if event.is_silent or not listeners.hears(event.account_id, name):
        return None
    told = tell.user(ChatUser.objects.get(id=event.user_id))
    payload = {
        "account_id": event.account_id.hex,
        "conversation_id": None,
        "scoped": [],
        "parameters": {**tell.common(event.account_id, name, "API"), **told},
    }
    return outbox.Entry(EVENTS_TOPIC, event.user_id, payload)


def drain(now: datetime) -> int:
    """Turn events into deliveries; returns how many events."""
    with transaction.atomic():
        entries = outbox.claim(topic=EVENTS_TOPIC, now=now, limit=BATCH)
        deliveries = []
        for entry in entries:
            payload = entry.payload
            conversation_id = UUID(payload["conversation_id"]) if payload["conversation_id"] else None
            told = payload["parameters"]
            targets = _account_targets(UUID(payload["account_id"]), told["EventType"]) + payload["scoped"]
            deliveries += [
                make_delivery(
                    account_id=UUID(payload["account_id"]),
                    conversation_id=conversation_id,
                    order=entry.key,
                    target=target,
                    told=told,
                    now=now,
                )
                for target in targets
            ]
        put_deliveries(deliveries)
        outbox.done([entry.id for entry in entries])
    return len(entries)


def make_delivery(
    *,
    account_id: UUID,
    conversation_id: UUID | None,
    order: UUID,
    target: dict[str, str],
    told: dict[str, str],
    now: datetime,
) -> WebhookDelivery:
    """
    Return an unsaved delivery. ``target`` is ``{"webhook", "url", "method"}``; deliveries of one ``order`` and target
    are sent one after the other.
    """
    parameters = {**told, "WebhookSid": target["webhook"]} if target["webhook"].startswith("WH") else told
    return WebhookDelivery(
        account_id=account_id,
        conversation_id=conversation_id,
        key=uuid5(order, target["webhook"]),
        webhook=target["webhook"],
        event=told.get("EventType", ""),
        method=target["method"].upper(),
        url=target["url"],
        parameters=parameters,
        created_at=now,
        updated_at=now,
    )


def put_deliveries(deliveries: Sequence[WebhookDelivery]) -> None:
    """Store deliveries, and have them sent."""
    WebhookDelivery.objects.bulk_create(deliveries)
    outbox.put(*(outbox.Entry(TOPIC, row.key, {"delivery": row.id.hex}) for row in deliveries))


def replay(webhook: ConversationWebhook, messages: Iterable[Message], *, now: datetime) -> None:
    """Deliver earlier messages to a new scoped webhook, in order."""
    row = webhook.conversation
    rows = []
    for message in messages:
        told = {
            **tell.common(row.account_id, "onMessageAdded", tell.source_of(message.source, row.channel_type)),
            **tell.message(message),
        }
        if _hears(webhook, "onMessageAdded", told):
            rows.append(
                make_delivery(
                    account_id=row.account_id,
                    conversation_id=row.id,
                    order=row.id,
                    target=_target(webhook),
                    told=told,
                    now=now,
                )
            )
    put_deliveries(rows)


def _account_targets(account_id: UUID, event: str) -> list[dict[str, str]]:
    rows = WebhookConfiguration.objects.filter(account_id=account_id).exclude(post_url="").order_by("scope")
    return [{"webhook": row.scope, "url": row.post_url, "method": row.method} for row in rows if event in row.filters]


def _scoped_targets(conversation_id: UUID, event: str, told: dict[str, str]) -> list[dict[str, str]]:
    rows = ConversationWebhook.objects.filter(conversation_id=conversation_id)
    rows = rows.exclude(target=ConversationWebhook.Target.STUDIO).order_by("id")
    return [_target(row) for row in rows if _hears(row, event, told)]


def _target(row: ConversationWebhook) -> dict[str, str]:
    return {"webhook": row.sid, "url": row.url, "method": row.method}


def _hears(row: ConversationWebhook, event: str, told: dict[str, str]) -> bool:
    if row.target == ConversationWebhook.Target.TRIGGER:
        body = told.get("Body", "").casefold()
        return event == "onMessageAdded" and any(word.casefold() in body for word in row.filters)
    # Without filters a conversation's own webhook hears everything.
    return not row.filters or event in row.filters
