"""Reactions to routing: what happens to a task is brought to its conversation."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from common import events, outbox
from common.models import OutboxEntry
from interactions import services
from interactions.services import TaskNews
from routing.events import ReservationAccepted, RoutingHappened, TaskCanceled, TaskCompleted, TaskWrapping

logger = logging.getLogger(__name__)

TOPIC = "interactions.routing"
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
    for event_type in STATUSES:
        events.durable(event_type, route)
