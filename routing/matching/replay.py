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
from routing.matching.matching import Demand, Task, Worker, match, task_rank
from routing.matching.recorded import ACCEPTED, REJECTED, TIMED_OUT, Answer, Change, Fate, Occupation, Period
from routing.matching.replayed import Case, Desk, hours_at, next_changes, with_hours
from routing.matching.workflow import Plan, Step, Target, calendars_in

REFUSAL_PAUSE = timedelta(seconds=5)


def replay(period: Period, plan: Plan) -> tuple[Fate, ...]:
    """Walk the period through a plan; returns every task's fate, in the order of arrival."""
    return _Replay(period, plan).run()


Key = tuple[Any, ...]


class _Replay:
    def __init__(self, period: Period, plan: Plan) -> None:
        self.period = period
        self.plan = plan
        self.queues = {queue.id: queue for queue in period.queues}
        self.desks = {agent.id: Desk(agent) for agent in period.agents}
        self.names = {agent.name.lower(): agent.id for agent in period.agents}
        self.cases = [Case(each) for each in sorted(period.arrivals, key=lambda each: (each.at, each.id))]
        self.events: list[tuple[datetime, int, int, tuple[Any, ...]]] = []
        self.count = 0
        self.lines: dict[str, list[tuple[Key, Case]]] = {}
        # As in the live matching: only what changed is looked at (docs/routing.md).
        self.fresh: list[Case] = []
        self.stirred: dict[str, Desk] = {}
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
        return tuple(case.fate for case in self.cases)

    def _at(self, moment: datetime, order: int, *what: Any) -> None:
        self.count += 1
        heapq.heappush(self.events, (moment, order, self.count, what))

    # What happens to workers

    def _state(self, now: datetime, change: Change) -> None:
        desk = self.desks.get(change.worker)
        if desk is None:
            return
        desk.sit(change, self.period.queues)
        self.stirred[change.worker] = desk

    def _occupy(self, now: datetime, occupation: Occupation) -> None:
        desk = self.desks.get(occupation.worker)
        if desk is not None:
            desk.take(occupation.channel)
            if occupation.since >= self.period.start:
                desk.note_work(occupation.channel, now)

    def _free(self, now: datetime, worker: str, channel: str) -> None:
        desk = self.desks.get(worker)
        if desk is not None:
            self._give_back(desk, channel)
            desk.note_work(channel, now)

    # What happens to tasks

    def _arrive(self, now: datetime, case: Case) -> None:
        arrival = case.arrival
        self._at(now + timedelta(seconds=arrival.timeout_seconds), 6, "expire", case)
        if arrival.left_at is not None:
            self._at(max(arrival.left_at, now), 5, "expire", case)
        self._stand_on(now, case, self.plan.first(self._attributes(case, now)))

    def _expire(self, now: datetime, case: Case) -> None:
        if case.is_open:
            self._cancel(now, case)

    def _step(self, now: datetime, case: Case, step: Step) -> None:
        # Offered tasks go on when the offer has come back; a target just entered is tried first.
        if case.is_open and case.step == step and not case.offers and case not in self.fresh:
            self._move_on(now, case, skipped=False)

    def _hold(self, now: datetime, case: Case) -> None:
        if case.is_open and case.waiting is not None:
            self._wait(now, case)

    def _answer(self, now: datetime, case: Case, worker: str, number: int, kind: str) -> None:
        if case.offers.get(worker) != number:
            return  # it was rescinded or canceled
        desk = self.desks[worker]
        channel = case.arrival.channel
        del case.offers[worker]
        if kind == ACCEPTED:
            self._stop_waiting(case)
            case.worker, case.accepted_at = worker, now
            desk.note_work(channel, now)
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

    def _complete(self, now: datetime, case: Case) -> None:
        case.ended_at = now
        self._free(now, str(case.worker), case.arrival.channel)

    # Where a task stands

    def _stand_on(self, now: datetime, case: Case, step: Step | None) -> None:
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

    def _move_on(self, now: datetime, case: Case, *, skipped: bool) -> None:
        self._stop_waiting(case)
        if case.step is None:
            self._cancel(now, case)
            return
        go = self.plan.after_skip if skipped else self.plan.after_timeout
        self._stand_on(now, case, go(case.step, self._attributes(case, now)))

    def _known_worker(self, case: Case, target: Target | None) -> tuple[str | None, bool]:
        if target is None or target.known_worker is None:
            return None, True
        named = target.known_worker.read(case.arrival.attributes) or ""
        found = self.names.get(named.lower()) if target.known_worker.by_name else named
        desk = self.desks.get(found or "")
        return found, desk is not None and target.queue in desk.queues

    def _wait(self, now: datetime, case: Case) -> None:
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

    def _demand(self, now: datetime, case: Case, target: Target) -> Demand:
        expression = target.expression
        references = expression.references if expression is not None else ()
        seen = [reference.path[1:] for reference in references if reference.path[0] == "task"]
        task = prune(case.arrival.attributes, seen)
        asked = calendars_in(expression)
        hours = {name: told for name, told in self._hours(now).items() if name in asked} if asked else {}
        for moment in next_changes(self.period, now, asked):
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

    def _stop_waiting(self, case: Case) -> None:
        if case.waiting is None:
            return
        line = self.lines[case.waiting.demand.id]
        key = task_rank(case.waiting, prioritize=self.period.prioritize)
        del line[bisect_left(line, key, key=lambda each: each[0])]
        if not line:
            del self.lines[case.waiting.demand.id]
        case.waiting = None

    def _cancel(self, now: datetime, case: Case) -> None:
        self._stop_waiting(case)
        case.is_canceled, case.ended_at = True, now
        self._withdraw(case)

    def _withdraw(self, case: Case) -> None:
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
        seen = [desk.worker(sees_load=self.sees_load) for desk in desks.values()]
        free = [worker for worker in seen if _is_free(worker, channels)]
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

    def _heads(self, line: Sequence[tuple[Key, Case]], room: int) -> Iterator[Task]:
        """Yield the first tasks of a line that there may be room for; those somebody refused count for nothing."""
        for _, case in line:
            if case.waiting is None:
                continue
            if room <= 0:
                return
            yield case.waiting
            if not case.waiting.held and not case.waiting.reserved:
                room -= 1

    def _offer(self, now: datetime, case: Case, worker: str) -> None:
        self.count += 1
        case.offers[worker] = self.count
        self.desks[worker].take(case.arrival.channel)
        times = case.asked.get(worker, 0)
        case.asked[worker] = times + 1
        recorded = case.arrival.answers.get(worker, ())
        answer = recorded[times] if times < len(recorded) else Answer(ACCEPTED, self.period.answer_seconds)
        if answer.kind == TIMED_OUT or answer.seconds >= self.period.reservation_seconds:
            answer = Answer(TIMED_OUT, self.period.reservation_seconds)
        moment = now + timedelta(seconds=answer.seconds)
        self._at(moment, 3, "answer", case, worker, self.count, answer.kind)

    def _is_overdue(self, now: datetime, case: Case) -> bool:
        age = None if case.step is None else self.plan.due_age(case.step)
        return age is not None and case.arrival.at + timedelta(seconds=age) <= now

    def _is_skipped(self, now: datetime, case: Case) -> bool:
        target = self.plan.target(case.step) if case.step is not None else None
        if target is None or target.skip_if is None:
            return False
        members = [desk.state for desk in self.desks.values() if target.queue in desk.queues and desk.state]
        counts: dict[str, int] = {"available": 0, "unavailable": 0}
        for state in members:
            counts["available" if state.available else "unavailable"] += 1
            counts[state.activity_sid] = counts.get(state.activity_sid, 0) + 1
        return target.skip_if.matches({"workers": counts, "calendar": self._hours(now)})

    def _give_back(self, desk: Desk, channel: str) -> None:
        desk.give_back(channel)
        self.stirred[desk.agent.id] = desk

    def _attributes(self, case: Case, now: datetime) -> Mapping[str, Any]:
        return with_hours(case.arrival.attributes, self._hours(now) if self.plan.calendars else {})

    def _hours(self, now: datetime) -> dict[str, dict[str, bool]]:
        return hours_at(self.period.calendars, now)


def _is_free(worker: Worker, channels: set[str]) -> bool:
    return worker.is_available and any(
        worker.room(name) > 0 and worker.channels[name].available for name in channels if name in worker.channels
    )
