"""What flows hear from the other parts, and the topics their own work waits under."""

from __future__ import annotations

from common import events, outbox
from conversations.events import ConversationRemoved, MessageAdded, MessageReplayed, ReceiptUpdated
from conversations.services import Source
from flows.runtime import batch, http, sending
from flows.runtime.payloads import to_entry
from flows.runtime.turn import EVENTS_TOPIC, HTTP_TOPIC, SEND_TOPIC
from interactions.events import HandOffEnded

FAILURES = frozenset({"failed", "undelivered"})


def route_message(event: MessageAdded) -> outbox.Entry | None:
    """A customer's message, or one of REST that asks for it, is for the flow, unless somebody else hears it."""
    if (event.source != Source.CUSTOMER and not event.is_for_flows) or event.handled_by_agent or event.held_for:
        return None
    return outbox.Entry(topic=EVENTS_TOPIC, key=event.conversation_id, payload=to_entry(event))


def route_receipt(event: ReceiptUpdated) -> outbox.Entry | None:
    """A flow's message that did not arrive may be an exit of the widget that sent it."""
    if event.source != Source.FLOW or event.status not in FAILURES:
        return None
    payload = {
        "kind": "delivery",
        "message": event.message_id.hex,
        "error_code": event.error_code or None,
        "error_message": event.error_message,
    }
    return outbox.Entry(topic=EVENTS_TOPIC, key=event.conversation_id, payload=payload)


def route_removed(event: ConversationRemoved) -> outbox.Entry:
    """Its executions end when the batch finds the conversation gone."""
    return outbox.Entry(topic=EVENTS_TOPIC, key=event.conversation_id, payload={"kind": "removed"})


def route_hand_off(event: HandOffEnded) -> outbox.Entry | None:
    """The agents are done: the waiting widget goes on."""
    payload = {"kind": "hand-off", "key": event.key.hex, "outcome": event.outcome, "outputs": event.outputs}
    return outbox.Entry(topic=EVENTS_TOPIC, key=event.conversation_id, payload=payload)


def connect() -> None:
    """Subscribe; called once when the application is ready."""
    events.durable(MessageAdded, route_message)
    events.durable(MessageReplayed, route_message)
    events.durable(ReceiptUpdated, route_receipt)
    events.durable(ConversationRemoved, route_removed)
    events.durable(HandOffEnded, route_hand_off)
    outbox.topic(EVENTS_TOPIC, queue="runtime", drain=batch.drain, is_on_message_path=True)
    outbox.topic(HTTP_TOPIC, queue="http", drain=http.drain)
    outbox.topic(SEND_TOPIC, queue="runtime", drain=sending.drain)
