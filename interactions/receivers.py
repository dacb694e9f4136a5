"""
Reactions to routing and to customers: what happens to a task is brought to its conversation, offers are accepted or
withdrawn by themselves, parked conversations wake, wrap-ups end, and contacts end with a deleted conversation.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from common import events, outbox
from common.models import OutboxEntry
from conversations.events import ConversationRemoved, MessageAdded
from conversations.services import Source
from interactions import services
from interactions.services import TaskNews
from routing.events import (
    ReservationAccepted,
    ReservationCreated,
    ReservationRejected,
    ReservationTimedOut,
    RoutingHappened,
    TaskCanceled,
    TaskCompleted,
    TaskWrapping,
)

logger = logging.getLogger(__name__)

TOPIC = "interactions.routing"
OFFERS = "interactions.offers"
DECLINES = "interactions.declines"
WAKE = "interactions.wake"
WRAP_UPS = "interactions.wrapup"
DELETED = "interactions.deleted"
BATCH = 100

# Of which event, the status that it means for the task's invite.
STATUSES: dict[type[RoutingHappened], str] = {
    ReservationAccepted: "accepted",
    TaskWrapping: "wrapping",
    TaskCompleted: "completed",
    TaskCanceled: "canceled",
}


def route(event: RoutingHappened) -> outbox.Entry | None:
    """Make the to-do of an event; of tasks that belong to no interaction too, which only the database can tell."""
    if event.task_id is None:
        return None
    payload = {
        "status": STATUSES[type(event)],
        "worker_id": None if event.worker_id is None else event.worker_id.hex,
        "reservation_id": None if event.reservation_id is None else event.reservation_id.hex,
        "reason": event.reason,
    }
    return outbox.Entry(TOPIC, event.task_id, payload)


def drain(now: datetime) -> int:
    """Handle what is due; news that fail do so alone, and are tried again later."""
    try:
        return _drain(now, limit=BATCH, on_error=_raise)
    except Exception:
        logger.exception("A batch of %s failed; its entries are handled one by one", TOPIC)
    handled = 0
    for _ in range(BATCH):
        found = _drain(now, limit=1, on_error=_retry)
        handled += found
        if not found:
            break
    return handled


def _drain(now: datetime, *, limit: int, on_error: Callable[[list[OutboxEntry], Exception, datetime], None]) -> int:
    with transaction.atomic():
        entries = outbox.claim(topic=TOPIC, now=now, limit=limit)
        try:
            with transaction.atomic():
                services.follow_tasks([_news(entry) for entry in entries], now=now)
                outbox.done([entry.id for entry in entries])
        except Exception as error:
            on_error(entries, error, now)
    return len(entries)


def _raise(entries: list[OutboxEntry], error: Exception, now: datetime) -> None:
    raise error


def _retry(entries: list[OutboxEntry], error: Exception, now: datetime) -> None:
    logger.exception("The news of task %s could not be followed", entries[0].key, exc_info=error)
    for entry in entries:
        outbox.retry(entry, error=repr(error), now=now)


def route_offer(event: ReservationCreated) -> outbox.Entry | None:
    """An offer that the server may have to accept."""
    if event.reservation_id is None or event.task_id is None:
        return None
    if event.attributes.get("auto_answer") is not True and not services.accepts_itself(event.account_id):
        return None
    return outbox.Entry(OFFERS, event.task_id, {"reservation_id": event.reservation_id.hex})


def route_decline(event: RoutingHappened) -> outbox.Entry | None:
    """An offer that was refused: of an invite for one worker that is the end."""
    if event.task_id is None or event.worker_id is None or "flexChannelInviteSid" not in event.attributes:
        return None
    reason = services.DECLINED if isinstance(event, ReservationRejected) else services.UNANSWERED
    return outbox.Entry(DECLINES, event.task_id, {"worker_id": event.worker_id.hex, "reason": reason})


def route_message(event: MessageAdded) -> outbox.Entry | None:
    """The customer of a conversation that is parked, or on its way to an agent, has written."""
    if not event.awaits_agent or event.source != Source.CUSTOMER:
        return None
    return outbox.Entry(WAKE, event.conversation_id, {"by": "reply"})


def route_removed(event: ConversationRemoved) -> outbox.Entry:
    """A conversation was deleted; whether anybody worked on it only the database can tell."""
    return outbox.Entry(DELETED, event.conversation_id, {})


def take_offer(entry: OutboxEntry, now: datetime) -> None:
    services.accept_by_itself(reservation_id=UUID(entry.payload["reservation_id"]), now=now)


def take_decline(entry: OutboxEntry, now: datetime) -> None:
    services.withdraw_declined(
        task_id=entry.key, worker_id=UUID(entry.payload["worker_id"]), reason=entry.payload["reason"], now=now
    )


def take_wake(entry: OutboxEntry, now: datetime) -> None:
    services.wake(conversation_id=entry.key, by=entry.payload["by"], now=now)


def take_wrap_up(entry: OutboxEntry, now: datetime) -> None:
    services.end_wrap_up(task_id=entry.key, now=now)


def take_removed(entry: OutboxEntry, now: datetime) -> None:
    services.end_deleted(conversation_id=entry.key, now=now)


def drain_one_by_one(topic: str, take: Callable[[OutboxEntry, datetime], None]) -> Callable[[datetime], int]:
    """
    Return a drain that handles each entry in a transaction of its own: what it does locks a task, then an interaction,
    and several of those in one transaction could wait for each other in a circle.
    """

    def drain(now: datetime) -> int:
        handled = 0
        while handled < BATCH:
            with transaction.atomic():
                entries = outbox.claim(topic=topic, now=now, limit=1)
                if not entries:
                    break
                for entry in entries:
                    try:
                        with transaction.atomic():
                            take(entry, now)
                            outbox.done([entry.id])
                    except Exception as error:
                        logger.exception("An entry of %s could not be handled", topic)
                        outbox.retry(entry, error=repr(error), now=now)
            handled += len(entries)
        return handled

    return drain


def _news(entry: OutboxEntry) -> TaskNews:
    payload = entry.payload
    return TaskNews(
        task_id=entry.key,
        status=payload["status"],
        worker_id=UUID(payload["worker_id"]) if payload["worker_id"] else None,
        reservation_id=UUID(payload["reservation_id"]) if payload["reservation_id"] else None,
        reason=payload["reason"],
    )


def connect() -> None:
    """Subscribe; called once when the application is ready."""
    outbox.topic(TOPIC, queue="routing", drain=drain)
    takers = {
        OFFERS: take_offer,
        DECLINES: take_decline,
        WAKE: take_wake,
        WRAP_UPS: take_wrap_up,
        DELETED: take_removed,
    }
    for topic, take in takers.items():
        outbox.topic(topic, queue="routing", drain=drain_one_by_one(topic, take))
    events.durable(ReservationCreated, route_offer)
    events.durable(ReservationRejected, route_decline)
    events.durable(ReservationTimedOut, route_decline)
    events.durable(MessageAdded, route_message)
    events.durable(ConversationRemoved, route_removed)
    for event_type in STATUSES:
        events.durable(event_type, route)
