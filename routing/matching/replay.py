"""
What would have been: a period's tasks and workers walked through a workflow, by the same matching as the live one.

Pure and deterministic. A worker answers an offer as it did when it was recorded to be offered that very task; what
was not recorded is assumed: accepted after the usual time, worked on for the usual time. Workers are available
exactly when they were recorded to be.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

from routing.matching.expressions import prune
from routing.matching.hours import is_open, next_change
from routing.matching.matching import Channel, Demand, Task, Worker, is_member, match, task_rank, worker_scope
from routing.matching.recorded import (
    ACCEPTED,
    REJECTED,
    TIMED_OUT,
    Agent,
    Answer,
    Arrival,
    Change,
    Fate,
    Occupation,
    Period,
)
from routing.matching.workflow import Plan, Step, Target, calendars_in

REFUSAL_PAUSE = timedelta(seconds=5)


def replay(period: Period, plan: Plan) -> tuple[Fate, ...]:
    """Walk the period through a plan; returns every task's fate, in the order of arrival."""
    return _Replay(period, plan).run()


class _Desk:
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


class _Case:
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


Key = tuple[Any, ...]


class _Replay:
    def __init__(self, period: Period, plan: Plan) -> None:
        self.period = period
        self.plan = plan
        self.queues = {queue.id: queue for queue in period.queues}
        self.desks = {agent.id: _Desk(agent) for agent in period.agents}
        self.names = {agent.name.lower(): agent.id for agent in period.agents}
        self.cases = [_Case(each) for each in sorted(period.arrivals, key=lambda each: (each.at, each.id))]
        self.events: list[tuple[datetime, int, int, tuple[Any, ...]]] = []
        self.count = 0
        self.lines: dict[str, list[tuple[Key, _Case]]] = {}
        # As in the live matching: only what changed is looked at (docs/routing.md).
        self.fresh: list[_Case] = []
        self.stirred: dict[str, _Desk] = {}
        self.turns: Mapping[str, int] = {}
        self.by_id = {case.arrival.id: case for case in self.cases}
        expressions = [each for each in plan.expressions() if each is not None]
        paths = [reference.path[:2] for each in expressions for reference in each.references]
        self.sees_load = ("worker", "channel") in paths or any(
            order.path[0] == "channel" for target in plan.targets() for order in target.order_by
        )

    def run(self) -> tuple[Fate, ...]:
        for change in self.period.changes:
            self._at(max(change.at, self.period.start), 0, "state", change)
        for occupation in self.period.occupations:
            self._at(max(occupation.since, self.period.start), 1, "occupy", occupation)
            if occupation.until is not None:
                self._at(max(occupation.until, self.period.start), 2, "free", occupation.worker, occupation.channel)
        for case in self.cases:
            self._at(case.arrival.at, 4, "arrive", case)
        while self.events and self.events[0][0] <= self.period.end:
            now = self.events[0][0]
            while self.events and self.events[0][0] == now:
                _, _, _, (kind, *about) = heapq.heappop(self.events)
                getattr(self, f"_{kind}")(now, *about)
            self._assign(now)
        return tuple(self._fate(case) for case in self.cases)

    def _at(self, moment: datetime, order: int, *what: Any) -> None:
        self.count += 1
        heapq.heappush(self.events, (moment, order, self.count, what))

    # What happens to workers

    def _state(self, now: datetime, change: Change) -> None:
        desk = self.desks.get(change.worker)
        if desk is None:
            return
        desk.state, desk.seen = change, None
        self.stirred[change.worker] = desk
        scope = self._scope(desk, with_channels=False)
        desk.queues, desk.seen = (
            frozenset(queue.id for queue in self.period.queues if is_member(queue.expression, scope)),
            None,
        )

    def _occupy(self, now: datetime, occupation: Occupation) -> None:
        desk = self.desks.get(occupation.worker)
        if desk is not None:
            self._take(desk, occupation.channel)
            if occupation.since >= self.period.start:
                self._note_work(desk, occupation.channel, now)

    def _free(self, now: datetime, worker: str, channel: str) -> None:
        desk = self.desks.get(worker)
        if desk is not None:
            self._give_back(desk, channel)
            self._note_work(desk, channel, now)

    # What happens to tasks

    def _arrive(self, now: datetime, case: _Case) -> None:
        arrival = case.arrival
        self._at(now + timedelta(seconds=arrival.timeout_seconds), 6, "expire", case)
        if arrival.left_at is not None:
            self._at(max(arrival.left_at, now), 5, "expire", case)
        self._stand_on(now, case, self.plan.first(self._attributes(case, now)))

    def _expire(self, now: datetime, case: _Case) -> None:
        if case.is_open:
            self._cancel(now, case)

    def _step(self, now: datetime, case: _Case, step: Step) -> None:
        # Offered tasks go on when the offer has come back; a target just entered is tried first.
        if case.is_open and case.step == step and not case.offers and case not in self.fresh:
            self._move_on(now, case, skipped=False)

    def _hold(self, now: datetime, case: _Case) -> None:
        if case.is_open and case.waiting is not None:
            self._wait(now, case)

    def _answer(self, now: datetime, case: _Case, worker: str, number: int, kind: str) -> None:
        if case.offers.get(worker) != number:
            return  # it was rescinded or canceled
        desk = self.desks[worker]
        channel = case.arrival.channel
        del case.offers[worker]
        if kind == ACCEPTED:
            self._stop_waiting(case)
            case.worker, case.accepted_at = worker, now
            self._note_work(desk, channel, now)
            self._withdraw(case)
            seconds = case.arrival.handling_seconds
            until = now + timedelta(seconds=self.period.handling_seconds if seconds is None else seconds)
            self._at(until, 2, "complete", case)
            return
        self._give_back(desk, channel)
        if kind == REJECTED:
            case.refused[worker] = now + REFUSAL_PAUSE
            self._at(now + REFUSAL_PAUSE, 6, "hold", case)
        due = None if case.step is None else self.plan.due_age(case.step)
        if not case.offers and due is not None and case.arrival.at + timedelta(seconds=due) <= now:
            self._move_on(now, case, skipped=False)
        else:
            self._wait(now, case)

    def _complete(self, now: datetime, case: _Case) -> None:
        case.ended_at = now
        self._free(now, str(case.worker), case.arrival.channel)

    # Where a task stands

    def _stand_on(self, now: datetime, case: _Case, step: Step | None) -> None:
        while step is not None:
            target = self.plan.target(step)
            only, is_usable = self._known_worker(case, target)
            if target is not None and target.queue in self.queues and is_usable:
                case.step, case.queue, case.only = step, target.queue, only
                if target.priority is not None:
                    case.priority = target.priority
                age = self.plan.due_age(step)
                if age is not None:
                    self._at(max(now, case.arrival.at + timedelta(seconds=age)), 7, "step", case, step)
                case.is_entering = True
                self._wait(now, case)
                return
            step = self.plan.after_skip(step, self._attributes(case, now))
        self._cancel(now, case)

    def _move_on(self, now: datetime, case: _Case, *, skipped: bool) -> None:
        self._stop_waiting(case)
        if case.step is None:
            self._cancel(now, case)
            return
        go = self.plan.after_skip if skipped else self.plan.after_timeout
        self._stand_on(now, case, go(case.step, self._attributes(case, now)))

    def _known_worker(self, case: _Case, target: Target | None) -> tuple[str | None, bool]:
        if target is None or target.known_worker is None:
            return None, True
        named = target.known_worker.read(case.arrival.attributes) or ""
        found = self.names.get(named.lower()) if target.known_worker.by_name else named
        desk = self.desks.get(found or "")
        return found, desk is not None and target.queue in desk.queues

    def _wait(self, now: datetime, case: _Case) -> None:
        self._stop_waiting(case)
        target = self.plan.target(case.step) if case.step is not None else None
        if target is None:
            return
        queue = self.queues[target.queue]
        slots = queue.max_reserved - len(case.offers)
        if slots <= 0:
            return
        case.waiting = Task(
            id=case.arrival.id,
            demand=self._demand(now, case, target),
            priority=case.priority,
            started_at=case.arrival.at,
            order=queue.order,
            slots=slots,
            reserved=frozenset(case.offers),
            held=frozenset(worker for worker, until in case.refused.items() if until > now),
        )
        key = task_rank(case.waiting, prioritize=self.period.prioritize)
        insort(self.lines.setdefault(case.waiting.demand.id, []), (key, case), key=lambda each: each[0])
        self.fresh.append(case)

    def _demand(self, now: datetime, case: _Case, target: Target) -> Demand:
        expression = target.expression
        references = expression.references if expression is not None else ()
        seen = [reference.path[1:] for reference in references if reference.path[0] == "task"]
        task = prune(case.arrival.attributes, seen)
        asked = calendars_in(expression)
        hours = {name: told for name, told in self._hours(now).items() if name in asked} if asked else {}
        for moment in self._changes(now, asked):
            self._at(moment, 6, "hold", case)
        channel = case.arrival.channel
        parts = [
            case.queue,
            channel,
            expression.text if expression else "",
            task,
            hours,
            [[list(order.path), order.descending] for order in target.order_by],
            case.only,
            sorted(case.refused),
        ]
        return Demand(
            id=orjson.dumps(parts, option=orjson.OPT_SORT_KEYS, default=str).decode(),
            queue=case.queue,
            channel=channel,
            expression=expression.text if expression else "",
            task=task,
            calendar=hours,
            order_by=target.order_by,
            only_worker=case.only,
            refused=frozenset(case.refused),
            by_channel_idleness=channel in self.period.optimized_channels,
        )

    def _stop_waiting(self, case: _Case) -> None:
        if case.waiting is None:
            return
        line = self.lines[case.waiting.demand.id]
        key = task_rank(case.waiting, prioritize=self.period.prioritize)
        del line[bisect_left(line, key, key=lambda each: each[0])]
        if not line:
            del self.lines[case.waiting.demand.id]
        case.waiting = None

    def _cancel(self, now: datetime, case: _Case) -> None:
        self._stop_waiting(case)
        case.is_canceled, case.ended_at = True, now
        self._withdraw(case)

    def _withdraw(self, case: _Case) -> None:
        for worker in case.offers:
            self._give_back(self.desks[worker], case.arrival.channel)
        case.offers.clear()

    # Assigning

    def _assign(self, now: datetime) -> None:
        """Offer until nothing changes; targets that are skipped are left at once."""
        while True:
            self._match(now)
            entered = [case for case in self.fresh if case.is_entering and case.is_open and not case.offers]
            late = [case for case in self.fresh if case.is_open and not case.offers and self._is_overdue(now, case)]
            self.fresh = []
            moved = False
            for case in dict.fromkeys([*entered, *late]):
                skipped = case.is_entering and self._is_skipped(now, case)
                case.is_entering = False
                if case.waiting is not None and (skipped or self._is_overdue(now, case)):
                    self._move_on(now, case, skipped=skipped)
                    moved = True
            if not moved:
                return

    def _match(self, now: datetime) -> None:
        desks = self.desks if self.fresh or self.sees_load else self.stirred
        wanted = list(self.lines.values())
        if not self.stirred and not self.sees_load:
            names = dict.fromkeys(case.waiting.demand.id for case in self.fresh if case.waiting is not None)
            wanted = [self.lines[name] for name in names]
        self.stirred = {}
        channels = {case.arrival.channel for line in wanted for _, case in line[:1]}
        free = [worker for worker in map(self._worker, desks.values()) if _is_free(worker, channels)]
        if not free:
            return
        tasks: list[Task] = []
        for line in wanted:
            first = line[0][1].waiting
            assert first is not None
            room = sum(worker.room(first.demand.channel) for worker in free)
            tasks += self._heads(line, room)
        matched = match(
            tasks,
            free,
            prioritize=self.period.prioritize,
            turns=self.turns if self.period.takes_turns else None,
        )
        self.turns = matched.turns
        for offer in matched.offers:
            case = self.by_id[offer.task.id]
            case.is_entering = False
            for worker in offer.workers:
                self._offer(now, case, worker)
            self._wait(now, case)

    def _heads(self, line: Sequence[tuple[Key, _Case]], room: int) -> Iterator[Task]:
        """Yield the first tasks of a line that there may be room for; those somebody refused count for nothing."""
        for _, case in line:
            if case.waiting is None:
                continue
            if room <= 0:
                return
            yield case.waiting
            if not case.waiting.held and not case.waiting.reserved:
                room -= 1

    def _offer(self, now: datetime, case: _Case, worker: str) -> None:
        self.count += 1
        case.offers[worker] = self.count
        self._take(self.desks[worker], case.arrival.channel)
        times = case.asked.get(worker, 0)
        case.asked[worker] = times + 1
        recorded = case.arrival.answers.get(worker, ())
        answer = recorded[times] if times < len(recorded) else Answer(ACCEPTED, self.period.answer_seconds)
        if answer.kind == TIMED_OUT or answer.seconds >= self.period.reservation_seconds:
            answer = Answer(TIMED_OUT, self.period.reservation_seconds)
        moment = now + timedelta(seconds=answer.seconds)
        self._at(moment, 3, "answer", case, worker, self.count, answer.kind)

    def _is_overdue(self, now: datetime, case: _Case) -> bool:
        age = None if case.step is None else self.plan.due_age(case.step)
        return age is not None and case.arrival.at + timedelta(seconds=age) <= now

    def _is_skipped(self, now: datetime, case: _Case) -> bool:
        target = self.plan.target(case.step) if case.step is not None else None
        if target is None or target.skip_if is None:
            return False
        members = [desk.state for desk in self.desks.values() if target.queue in desk.queues and desk.state]
        counts: dict[str, int] = {"available": 0, "unavailable": 0}
        for state in members:
            counts["available" if state.available else "unavailable"] += 1
            counts[state.activity_sid] = counts.get(state.activity_sid, 0) + 1
        return target.skip_if.matches({"workers": counts, "calendar": self._hours(now)})

    # Workers as matching sees them

    def _worker(self, desk: _Desk) -> Worker:
        if desk.seen is not None:
            return desk.seen
        agent = desk.agent
        desk.seen = Worker(
            id=agent.id,
            queues=desk.queues,
            is_available=desk.state is not None and desk.state.available,
            load=desk.load,
            idle_since=desk.idle_since,
            channels=self._channels(desk),
            scope=self._scope(desk, with_channels=self.sees_load),
            capacity_units=agent.capacity_units,
        )
        return desk.seen

    def _channels(self, desk: _Desk) -> dict[str, Channel]:
        return {
            name: Channel(each.capacity, desk.assigned[name], each.available, desk.channel_idle[name], each.units)
            for name, each in desk.agent.channels.items()
        }

    def _scope(self, desk: _Desk, *, with_channels: bool) -> dict[str, Any]:
        state = desk.state
        return worker_scope(
            state.attributes if state else {},
            sid=desk.agent.id,
            friendly_name=desk.agent.name,
            activity_sid=state.activity_sid if state else "",
            activity_name=state.activity_name if state else "",
            channels=self._channels(desk) if with_channels else None,
        )

    def _take(self, desk: _Desk, channel: str) -> None:
        desk.load, desk.seen = desk.load + 1, None
        if channel in desk.assigned:
            desk.assigned[channel] += 1

    def _give_back(self, desk: _Desk, channel: str) -> None:
        desk.load, desk.seen = max(0, desk.load - 1), None
        self.stirred[desk.agent.id] = desk
        if channel in desk.assigned:
            desk.assigned[channel] = max(0, desk.assigned[channel] - 1)

    def _note_work(self, desk: _Desk, channel: str, now: datetime) -> None:
        desk.idle_since, desk.seen = now, None
        if channel in desk.channel_idle:
            desk.channel_idle[channel] = now

    # Opening hours

    def _attributes(self, case: _Case, now: datetime) -> Mapping[str, Any]:
        hours = self._hours(now) if self.plan.calendars else {}
        if not hours:
            return case.arrival.attributes
        own = case.arrival.attributes.get("calendar")
        return {**case.arrival.attributes, "calendar": {**own, **hours} if isinstance(own, Mapping) else hours}

    def _hours(self, now: datetime) -> dict[str, dict[str, bool]]:
        return {name: {"open": is_open(hours, now)} for name, hours in self.period.calendars.items()}

    def _changes(self, now: datetime, asked: frozenset[str]) -> list[datetime]:
        found = [next_change(self.period.calendars[name], now) for name in asked if name in self.period.calendars]
        return sorted(moment for moment in found if moment is not None and moment <= self.period.end)[:1]

    def _fate(self, case: _Case) -> Fate:
        return Fate(
            case.arrival.id,
            case.arrival.at,
            case.queue,
            case.worker,
            case.accepted_at,
            case.ended_at,
            case.is_canceled,
        )


def _is_free(worker: Worker, channels: set[str]) -> bool:
    return worker.is_available and any(
        worker.room(name) > 0 and worker.channels[name].available for name in channels if name in worker.channels
    )
