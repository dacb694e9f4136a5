"""A worker and a task while a period is replayed, and the opening hours of its moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from routing.matching.hours import Hours, is_open, next_change
from routing.matching.matching import Channel, Task, Worker, is_member, worker_scope
from routing.matching.recorded import Agent, Arrival, Change, Fate, Period, Queue
from routing.matching.workflow import Step


class Desk:
    """A worker during the replay."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.assigned = dict.fromkeys(agent.channels, 0)
        self.channel_idle = dict.fromkeys(agent.channels, agent.idle_since)
        self.idle_since = agent.idle_since
        self.load = 0
        self.state: Change | None = None
        self.queues: frozenset[str] = frozenset()
        self.seen: Worker | None = None  # as matching sees it, until something changes

    def sit(self, change: Change, queues: Iterable[Queue]) -> None:
        """Be available or not, with these attributes, and so in these of the queues, from now on."""
        self.state, self.seen = change, None
        scope = self._scope(with_channels=False)
        self.queues = frozenset(queue.id for queue in queues if is_member(queue.expression, scope))

    def take(self, channel: str) -> None:
        self.load, self.seen = self.load + 1, None
        if channel in self.assigned:
            self.assigned[channel] += 1

    def give_back(self, channel: str) -> None:
        self.load, self.seen = max(0, self.load - 1), None
        if channel in self.assigned:
            self.assigned[channel] = max(0, self.assigned[channel] - 1)

    def note_work(self, channel: str, now: datetime) -> None:
        """The worker began or ended work at this moment: nobody has been idle for a shorter time."""
        self.idle_since, self.seen = now, None
        if channel in self.channel_idle:
            self.channel_idle[channel] = now

    def worker(self, *, sees_load: bool) -> Worker:
        """Return the worker as matching sees it; ``sees_load``: an expression looks at workloads."""
        if self.seen is None:
            self.seen = Worker(
                id=self.agent.id,
                queues=self.queues,
                is_available=self.state is not None and self.state.available,
                load=self.load,
                idle_since=self.idle_since,
                channels=self._channels(),
                scope=self._scope(with_channels=sees_load),
                capacity_units=self.agent.capacity_units,
            )
        return self.seen

    def _channels(self) -> dict[str, Channel]:
        return {
            name: Channel(each.capacity, self.assigned[name], each.available, self.channel_idle[name], each.units)
            for name, each in self.agent.channels.items()
        }

    def _scope(self, *, with_channels: bool) -> dict[str, Any]:
        state = self.state
        return worker_scope(
            state.attributes if state else {},
            sid=self.agent.id,
            friendly_name=self.agent.name,
            activity_sid=state.activity_sid if state else "",
            activity_name=state.activity_name if state else "",
            channels=self._channels() if with_channels else None,
        )


class Case:
    """A task during the replay."""

    def __init__(self, arrival: Arrival) -> None:
        self.arrival = arrival
        self.priority = arrival.priority
        self.step: Step | None = None
        self.queue: str | None = None
        self.only: str | None = None
        self.waiting: Task | None = None
        self.is_entering = False
        self.offers: dict[str, int] = {}  # by worker, the number of its offer
        self.asked: dict[str, int] = {}  # by worker, how often it was asked
        self.refused: dict[str, datetime] = {}  # by worker, until when it is not asked again
        self.worker: str | None = None
        self.accepted_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.is_canceled = False

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and not self.is_canceled

    @property
    def fate(self) -> Fate:
        return Fate(
            self.arrival.id,
            self.arrival.at,
            self.queue,
            self.worker,
            self.accepted_at,
            self.ended_at,
            self.is_canceled,
        )


def hours_at(calendars: Mapping[str, Hours], now: datetime) -> dict[str, dict[str, bool]]:
    """Return which calendars are open at a moment, as expressions see them."""
    return {name: {"open": is_open(hours, now)} for name, hours in calendars.items()}


def with_hours(attributes: Mapping[str, Any], hours: Mapping[str, Mapping[str, bool]]) -> Mapping[str, Any]:
    """Return a task's attributes with the opening hours among them."""
    if not hours:
        return attributes
    own = attributes.get("calendar")
    return {**attributes, "calendar": {**own, **hours} if isinstance(own, Mapping) else hours}


def next_changes(period: Period, now: datetime, asked: frozenset[str]) -> list[datetime]:
    """Return the next moment of the period at which one of these calendars opens or closes, if there is one."""
    found = [next_change(period.calendars[name], now) for name in asked if name in period.calendars]
    return sorted(moment for moment in found if moment is not None and moment <= period.end)[:1]
