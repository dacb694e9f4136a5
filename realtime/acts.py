"""
What happened around a conversation besides what was said: who was asked and came, why it moved, what a flow did.

Read from what is kept anyway: the work of colleagues, routing's events, and executions, which are forgotten first
(``FLOWDESK_LIMITS``, ``execution_days``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from common import ids
from common.clock import to_iso
from flows import queries as flows
from interactions import queries as interactions
from interactions import services
from routing import queries as routing

if TYPE_CHECKING:
    from conversations.models import Conversation
    from interactions.queries import Course
    from routing.models import RoutingEvent

MOST = 300
# What routing decided; offers that were accepted are told by who has come.
EVENTS = {
    "task-queue.entered": "queued",
    "reservation.rejected": "rejected",
    "reservation.timeout": "missed",
    "task.canceled": "canceled",
    "task.completed": "handed_back",
}
ACCEPTED = "reservation.accepted"
# Who leaves with the conversation's end does not leave it: the end is one act.
WITH_THE_END = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """``who`` did it, ``to`` whom or where, ``text``: a note or reason, ``seconds`` it took, ``sid`` to look at."""

    kind: str
    at: datetime
    who: str = ""
    to: str = ""
    text: str = ""
    seconds: int | None = None
    sid: str | None = None

    def to_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in ("kind", "who", "to", "text", "seconds", "sid")}
        return {**told, "at": to_iso(self.at)}


def acts(conversation: Conversation) -> list[Act]:
    """Return the newest ``MOST`` acts of a conversation, oldest first."""
    account_id = conversation.account_id
    tasks = interactions.tasks_of_conversation(conversation.id)
    events = routing.events_of_tasks(tasks, (*EVENTS, ACCEPTED), limit=MOST)
    course = interactions.course(conversation.id)
    names = _Names(account_id, events, course)
    found = [
        *_decided(events, _told_by_transfers(course), names),
        *_come_and_gone(course, events, conversation.closed_at),
        *_handed_on(course, names),
        *_parked(course, names),
        *_wrapped_up(course, names),
        *_flows(conversation),
    ]
    if conversation.closed_at is not None:
        found.append(Act(kind="closed", at=conversation.closed_at))
    # At one moment: in the order above, which is that of cause and effect.
    return sorted(found, key=lambda act: act.at)[-MOST:]


class _Names:
    """What colleagues call workers and queues."""

    def __init__(self, account_id: UUID, events: list[RoutingEvent], course: Course) -> None:
        self._users = services.names_of_workers(account_id)
        self._queues = {row.id: row.friendly_name for row in routing.task_queues(account_id)}
        rows = (*events, *course.parkings, *course.wrap_ups, *course.transfers)
        wanted = {row.worker_id for row in rows}
        self._workers = routing.workers(key for key in wanted if key is not None)

    def worker(self, key: UUID | None) -> str:
        if key is None:
            return ""
        known = self._workers.get(key)
        return self._users.get(key) or (known.friendly_name if known is not None else "")

    def queue(self, key: UUID | None) -> str:
        return "" if key is None else self._queues.get(key, "")


def _told_by_transfers(course: Course) -> set[tuple[UUID | None, str]]:
    """Return what needs no act of its own, by task: that somebody was asked, and what became of it."""
    told: set[tuple[UUID | None, str]] = set()
    for row in course.transfers:
        kinds = {"queued", "canceled"}
        if row.to_sid.startswith("WK"):
            kinds |= {"rejected", "missed"}
        told |= {(row.invite.task_id, kind) for kind in kinds}
    return told


def _decided(events: list[RoutingEvent], told: set[tuple[UUID | None, str]], names: _Names) -> Iterator[Act]:
    entered: set[UUID | None] = set()
    for row in events:
        kind = EVENTS.get(row.event_type)
        if kind == "queued":
            kind = "moved" if row.task_id in entered else "queued"
            entered.add(row.task_id)
        if kind is None or (row.task_id, kind) in told:
            continue
        text = ""
        if kind in ("canceled", "handed_back"):
            text = str(row.data.get("task_canceled_reason" if kind == "canceled" else "task_completed_reason", ""))
            # A task that was parked or handed on has an act of its own, and one that is done its wrap-up.
            wanted = text == services.HANDED_BACK_REASON if kind == "handed_back" else text != services.PARKED
            if not wanted:
                continue
        where = names.queue(row.queue_id) if kind in ("queued", "moved") else ""
        yield Act(kind=kind, at=row.occurred_at, who=names.worker(row.worker_id), to=where, text=text)


def _come_and_gone(course: Course, events: list[RoutingEvent], closed_at: datetime | None) -> Iterator[Act]:
    waited = {row.reservation_id: row.wait_seconds for row in events if row.event_type == ACCEPTED}
    for row in course.participants:
        seconds = waited.get(row.reservation_id) if row.reservation_id is not None else None
        kind = "joined" if row.type == row.Type.AGENT else "supervisor_joined"
        yield Act(kind=kind, at=row.joined_at, who=row.name, seconds=None if seconds is None else int(seconds))
        if row.left_at is not None and (closed_at is None or row.left_at < closed_at - WITH_THE_END):
            yield Act(kind="left", at=row.left_at, who=row.name)


def _handed_on(course: Course, names: _Names) -> Iterator[Act]:
    for row in course.transfers:
        kind = "asked" if row.type == row.Type.WARM else "transferred"
        queue = ids.parse_or_none("WQ", row.to_sid)
        to = row.to_name or names.queue(queue)
        yield Act(kind=kind, at=row.created_at, who=names.worker(row.worker_id), to=to, text=row.note)
        if row.status == row.Status.FAILED:
            yield Act(kind="not_joined", at=row.updated_at, who=to, text=row.reason)


def _parked(course: Course, names: _Names) -> Iterator[Act]:
    for row in course.parkings:
        yield Act(kind="parked", at=row.created_at, who=names.worker(row.worker_id), text=row.note)
        if row.status == row.Status.WOKEN and row.ended_at is not None:
            yield Act(kind="woken", at=row.ended_at, text=row.ended_by)


def _wrapped_up(course: Course, names: _Names) -> Iterator[Act]:
    for row in course.wrap_ups:
        if row.ended_at is not None:
            kind = "wrapped_up_by_time" if row.ended_by == "timer" else "wrapped_up"
            yield Act(kind=kind, at=row.ended_at, who=names.worker(row.worker_id), text=row.disposition)


def _flows(conversation: Conversation) -> Iterator[Act]:
    names = flows.flow_names(conversation.account_id)
    for row in flows.executions(conversation.account_id, conversation_id=conversation.id)[:MOST]:
        name = names.get(row.flow_id, "")
        yield Act(kind="flow", at=row.created_at, who=name, sid=row.sid)
        if row.error:
            yield Act(kind="flow_failed", at=row.ended_at or row.updated_at, who=name, text=row.error, sid=row.sid)
