"""What reports hear: ended tasks and activities that were left become facts, after the change and apart from it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from common import events, outbox
from conversations.events import ConversationStateUpdated, MessageAdded
from conversations.services import Source, State
from reports import services
from reports.draining import Drain
from reports.services.record import EndedTask, Stay
from reports.services.surveys import HELD_FOR
from reports.services.surveys import TOPIC as SURVEYS
from routing.events import RoutingHappened, TaskCanceled, TaskCompleted, WorkerActivityChanged

ENDED = "reports.ended"
ANSWERS = "reports.answers"
TASKS = "reports.tasks"
STAYS = "reports.stays"


def route_task(event: RoutingHappened) -> outbox.Entry | None:
    if event.task_id is None:
        return None
    return outbox.Entry(TASKS, event.task_id, {"account": event.account_id.hex})


def route_stay(event: WorkerActivityChanged) -> outbox.Entry | None:
    if event.worker_id is None or event.since is None or event.occurred_at is None:
        return None
    payload = {
        "account": event.account_id.hex,
        "activity": event.previous_activity_id.hex,
        "began_at": event.since.isoformat(),
        "ended_at": event.occurred_at.isoformat(),
    }
    return outbox.Entry(STAYS, event.worker_id, payload)


def route_closed(event: ConversationStateUpdated) -> outbox.Entry | None:
    """The customer of a conversation that is over may be asked how it was."""
    return outbox.Entry(ENDED, event.conversation_id, {}) if event.new == State.CLOSED else None


def route_answer(event: MessageAdded) -> outbox.Entry | None:
    """Only where a survey holds the conversation: every other message passes at once."""
    if event.held_for != HELD_FOR or event.source != Source.CUSTOMER:
        return None
    return outbox.Entry(ANSWERS, event.conversation_id, {})


def _plan_surveys(entries: list[Any], now: datetime) -> None:
    for entry in entries:
        services.plan_survey(conversation_id=entry.key, now=now)


def _take_answers(entries: list[Any], now: datetime) -> None:
    for conversation_id in {entry.key for entry in entries}:
        services.take_answer(conversation_id=conversation_id, now=now)


def _take_steps(entries: list[Any], now: datetime) -> None:
    for entry in entries:
        services.take_step(survey_id=entry.key, step=entry.payload["step"], now=now)


def _keep_tasks(entries: list[Any], now: datetime) -> None:
    ended = {entry.key: EndedTask(UUID(entry.payload["account"]), entry.key) for entry in entries}
    services.record_tasks(list(ended.values()))


def _keep_stays(entries: list[Any], now: datetime) -> None:
    services.record_stays(
        Stay(
            UUID(entry.payload["account"]),
            entry.key,
            UUID(entry.payload["activity"]),
            datetime.fromisoformat(entry.payload["began_at"]),
            datetime.fromisoformat(entry.payload["ended_at"]),
        )
        for entry in entries
    )


def connect() -> None:
    """Subscribe; called once when the application is ready."""
    for event_type in (TaskCompleted, TaskCanceled):
        events.durable(event_type, route_task)
    events.durable(WorkerActivityChanged, route_stay)
    events.durable(ConversationStateUpdated, route_closed)
    events.durable(MessageAdded, route_answer)
    # Asking writes messages and starts flows: one at a time, so that nobody's locks are held for others.
    outbox.topic(ENDED, queue="routing", drain=Drain(ENDED, _plan_surveys))
    outbox.topic(SURVEYS, queue="routing", drain=Drain(SURVEYS, _take_steps, batch=1))
    outbox.topic(ANSWERS, queue="routing", drain=Drain(ANSWERS, _take_answers, batch=1))
    outbox.topic(TASKS, queue="routing", drain=Drain(TASKS, _keep_tasks))
    outbox.topic(STAYS, queue="routing", drain=Drain(STAYS, _keep_stays))
