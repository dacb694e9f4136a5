"""What channels react to: messages that must leave the house, and callbacks that came too early."""

from channels_app import fetching, signals
from channels_app.delivery import drain, topic
from channels_app.services import api_messages, statuses
from common import events, outbox
from conversations.events import MessageAdded, ReadMoved, ReceiptUpdated, TypingStarted


def subscribe() -> None:
    """Called once, when the application starts."""
    taker = outbox.Taker(take=drain.take, room=drain.room)
    outbox.topic(topic.TOPIC, queue="deliver", drain=drain.drain, taker=taker, is_on_message_path=True)
    outbox.topic(statuses.TOPIC, queue="deliver", drain=statuses.drain_early)
    events.durable(MessageAdded, topic.route)
    outbox.topic(fetching.TOPIC, queue="deliver", drain=fetching.drain)
    events.durable(MessageAdded, fetching.route)
    outbox.topic(api_messages.SCHEDULED, queue="deliver", drain=api_messages.drain_scheduled)
    outbox.topic(api_messages.CALLBACKS, queue="webhooks", drain=api_messages.drain_callbacks)
    events.durable(ReceiptUpdated, api_messages.route_receipt)
    events.live(TypingStarted, signals.hear_typing)
    events.live(ReadMoved, signals.hear_reading)
