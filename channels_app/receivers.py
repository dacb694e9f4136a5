"""What channels react to: messages that must leave the house, and callbacks that came too early."""

from channels_app.delivery import drain, topic
from channels_app.services import api_messages, statuses
from common import events, outbox
from conversations.events import MessageAdded, ReceiptUpdated


def subscribe() -> None:
    """Called once, when the application starts."""
    outbox.topic(topic.TOPIC, queue="deliver", drain=drain.drain)
    outbox.topic(statuses.TOPIC, queue="deliver", drain=statuses.drain_early)
    events.durable(MessageAdded, topic.route)
    outbox.topic(api_messages.SCHEDULED, queue="deliver", drain=api_messages.drain_scheduled)
    outbox.topic(api_messages.CALLBACKS, queue="webhooks", drain=api_messages.drain_callbacks)
    events.durable(ReceiptUpdated, api_messages.route_receipt)
