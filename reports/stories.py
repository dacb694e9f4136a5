"""What became of a task, told from its events. Pure: the same events give the same story."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

# How a reservation that was not accepted ended.
ANSWERS = {
    "reservation.rejected": "rejected",
    "reservation.timeout": "missed",
    "reservation.canceled": "withdrawn",
    "reservation.rescinded": "withdrawn",
}
ENDS = frozenset({"task.completed", "task.canceled", "task.deleted", "task.system-deleted"})


@dataclass(frozen=True, slots=True)
class Happening:
    """One event of a task, in order."""

    type: str
    at: datetime
    queue_id: UUID | None = None
    worker_id: UUID | None = None
    reservation_id: UUID | None = None


@dataclass(slots=True)
class Leg:
    """A stay in one queue (None: in no queue), and the work that began there."""

    queue_id: UUID | None
    entered_at: datetime
    result: str = ""
    left_at: datetime | None = None
    worker_id: UUID | None = None
    wrapping_at: datetime | None = None


@dataclass(slots=True)
class Answer:
    """An offer and how it was answered."""

    reservation_id: UUID
    worker_id: UUID
    queue_id: UUID | None
    offered_at: datetime
    answered_at: datetime | None = None
    result: str = "withdrawn"


@dataclass(slots=True)
class Story:
    """A task from its creation to its end; ``ended_at`` None while it is open."""

    created_at: datetime
    legs: list[Leg] = field(default_factory=list)
    offers: dict[UUID, Answer] = field(default_factory=dict)
    ended_at: datetime | None = None


def tell(events: Iterable[Happening]) -> Story | None:
    """Return the story that a task's events tell, oldest first; None where there are none."""
    story: Story | None = None
    for event in events:
        if story is None:
            story = Story(event.at)
        _follow(story, event)
    if story is not None and story.ended_at is not None:
        last = _present(story)
        if not last.result:
            last.result, last.left_at = "abandoned", story.ended_at
    return story


def _follow(story: Story, event: Happening) -> None:
    match event.type:
        case "task-queue.entered":
            _enter(story, event)
        case "reservation.created" if event.reservation_id and event.worker_id:
            story.offers[event.reservation_id] = Answer(event.reservation_id, event.worker_id, event.queue_id, event.at)
        case "reservation.accepted":
            leg = _present(story)
            leg.result, leg.left_at, leg.worker_id = "accepted", event.at, event.worker_id
            _answer(story, event, "accepted")
        case "reservation.wrapup":
            leg = _present(story)
            leg.wrapping_at = leg.wrapping_at or event.at
        case kind if kind in ANSWERS:
            _answer(story, event, ANSWERS[kind])
        case kind if kind in ENDS and story.ended_at is None:
            story.ended_at = event.at


def _enter(story: Story, event: Happening) -> None:
    if story.legs and not story.legs[-1].result:
        story.legs[-1].result, story.legs[-1].left_at = "moved", event.at
    story.legs.append(Leg(event.queue_id, event.at))


def _answer(story: Story, event: Happening, result: str) -> None:
    offer = story.offers.get(event.reservation_id) if event.reservation_id else None
    if offer is not None and offer.answered_at is None:
        offer.answered_at, offer.result = event.at, result


def _present(story: Story) -> Leg:
    if not story.legs:
        story.legs.append(Leg(None, story.created_at))
    return story.legs[-1]
