"""What channels react to: messages that must leave the house, and callbacks that came too early."""

from channels_app.delivery import drain, topic
from channels_app.services import statuses
from common import events, outbox
from conversations.events import MessageAdded


def subscribe() -> None:
    """Called once, when the application starts."""
    outbox.topic(topic.TOPIC, queue="deliver", drain=drain.drain)
    outbox.topic(statuses.TOPIC, queue="deliver", drain=statuses.drain_early)
    events.durable(MessageAdded, topic.route)
