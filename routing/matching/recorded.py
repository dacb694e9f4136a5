"""What a replay goes by: a period's tasks, workers and queues as they were recorded, and the fates it ends in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from routing.matching.hours import Hours
from routing.matching.matching import Channel

ACCEPTED, REJECTED, TIMED_OUT = "accepted", "rejected", "timeout"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker said to an offer, and how many seconds after it."""

    kind: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Arrival:
    """
    A recorded task. ``answers`` are by worker, in order; ``handling_seconds`` from acceptance to completion;
    ``left_at`` is when somebody outside gave it up before anybody had accepted.
    """

    id: str
    at: datetime
    attributes: Mapping[str, Any]
    channel: str
    priority: int = 0
    timeout_seconds: float = 86_400
    answers: Mapping[str, tuple[Answer, ...]] = field(default_factory=dict)
    handling_seconds: float | None = None
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A worker is in this state from now on; the first one of each worker is its state at the start."""

    worker: str
    at: datetime
    available: bool
    attributes: Mapping[str, Any]
    activity_sid: str = ""
    activity_name: str = ""


@dataclass(frozen=True, slots=True)
class Occupation:
    """Work that is not replayed and takes a worker's capacity all the same."""

    worker: str
    channel: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Agent:
    """A worker; ``id`` is its SID."""

    id: str
    name: str
    channels: Mapping[str, Channel]
    idle_since: datetime
    capacity_units: int = 0


@dataclass(frozen=True, slots=True)
class Queue:
    """A task queue; ``id`` is its SID."""

    id: str
    name: str
    expression: str = "1==1"
    order: str = "FIFO"
    max_reserved: int = 1


@dataclass(frozen=True, slots=True)
class Period:
    """All that was recorded, and what is assumed of the rest."""

    start: datetime
    end: datetime
    arrivals: Sequence[Arrival]
    agents: Sequence[Agent]
    changes: Sequence[Change]
    queues: Sequence[Queue]
    occupations: Sequence[Occupation] = ()
    calendars: Mapping[str, Hours] = field(default_factory=dict)
    reservation_seconds: float = 120
    answer_seconds: float = 5
    handling_seconds: float = 300
    prioritize: str = "FIFO"
    takes_turns: bool = False
    optimized_channels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a task by the end: accepted, canceled, or neither."""

    task: str
    created_at: datetime
    queue: str | None
    worker: str | None = None
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    is_canceled: bool = False
