"""What conversations do by themselves: timers, and telling the addresses that listen."""

from __future__ import annotations

from common import events, outbox
from conversations.events import ConversationCreated, ConversationStateUpdated, UserChanged
from conversations.services import media, timers
from conversations.webhooks import fanout, sender


def connect() -> None:
    """Subscribe; called once when the application is ready."""
    outbox.topic(timers.TOPIC, queue="runtime", drain=timers.drain)
    outbox.topic(fanout.EVENTS_TOPIC, queue="webhooks", drain=fanout.drain)
    outbox.topic(fanout.TOPIC, queue="webhooks", drain=sender.drain)
    outbox.topic(media.TOPIC, queue="webhooks", drain=media.drain)
    events.durable(ConversationCreated, timers.route_created)
    events.durable(ConversationStateUpdated, timers.route_state)
    for event_type in fanout.EVENTS:
        events.durable(event_type, fanout.route)
    events.durable(UserChanged, fanout.route_user)
