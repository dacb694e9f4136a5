"""
Who gets which task: a pure function from waiting tasks and workers to the reservations to make.

Tasks with the same ``Demand`` are interchangeable as to who may take them, so a
worker is judged once per demand, not once per task, and the best worker is found
in a heap per demand. The cost grows with the reservations made and with the
demands times the workers, not with the number of tasks.

Source: taskrouter.md §6, decisions.md "TaskRouter".
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from routing.matching.expressions import compile_expression
from routing.matching.workflow import OrderBy

RUNNERS_UP = 5


class Verdict(StrEnum):
    """Why a worker was or was not chosen, in the order in which the reasons are looked for."""

    CHOSEN = "chosen"
    BEHIND = "behind"  # eligible, and others came first
    NOT_THE_WORKER = "not_the_worker"  # the task asks for one worker, and this is another
    QUEUE = "queue"  # the queue's expression does not match
    EXPRESSION = "target_expression"
    ACTIVITY = "activity"  # the worker's activity is not an available one
    CHANNEL = "channel"  # the worker's channel is switched off
    CAPACITY = "capacity"
    REFUSED = "refused"  # rejected this very task moments ago
    RESERVED = "reserved"  # has a reservation of this very task already


@dataclass(frozen=True, slots=True)
class Channel:
    """
    A worker's seat on one channel; ``assigned`` counts pending, accepted and wrapping reservations.

    ``units`` is what each of them takes of the worker's shared capacity.
    """

    capacity: int
    assigned: int
    available: bool = True
    idle_since: datetime | None = None
    units: int = 1

    @property
    def available_percentage(self) -> int:
        return max(0, 100 * (self.capacity - self.assigned) // self.capacity) if self.capacity > 0 else 0


@dataclass(frozen=True, slots=True)
class Worker:
    """
    A worker as matching sees it.

    ``scope`` holds the attributes and the fields an expression may name (see
    ``worker_scope``); ``load`` counts open reservations on all channels. ``capacity_units``
    bounds what it holds on all channels together; 0 is no such bound.
    """

    id: str
    queues: frozenset[str]
    is_available: bool
    load: int
    idle_since: datetime
    channels: Mapping[str, Channel]
    scope: Mapping[str, Any] = field(default_factory=dict)
    capacity_units: int = 0

    def room(self, channel_name: str) -> int:
        """Return how many more tasks it has capacity for on a channel."""
        channel = self.channels.get(channel_name)
        if channel is None:
            return 0
        room = channel.capacity - channel.assigned
        if self.capacity_units and channel.units:
            used = sum(each.assigned * each.units for each in self.channels.values())
            room = min(room, (self.capacity_units - used) // channel.units)
        return max(0, room)


def looks_at_workloads(expression: str) -> bool:
    """Tell whether an assignment may change whom a target's expression matches."""
    return bool(expression) and any(
        reference.path[:2] == ("worker", "channel") for reference in compile_expression(expression).references
    )


@dataclass(frozen=True, slots=True)
class Demand:
    """
    What tasks ask of a worker; ``task`` is the part of their attributes that ``expression`` can see, ``calendar``
    the opening hours it asks about (``{name: {"open": bool}}``), as they are now.

    ``queue`` None with ``only_worker`` is a task routed to one worker past all queues.
    ``refused`` are workers to be asked only when nobody else can take the task.
    """

    id: str
    queue: str | None
    channel: str
    expression: str = ""
    task: Mapping[str, Any] = field(default_factory=dict)
    calendar: Mapping[str, Any] = field(default_factory=dict)
    order_by: tuple[OrderBy, ...] = ()
    only_worker: str | None = None
    ignore_capacity: bool = False
    refused: frozenset[str] = frozenset()
    by_channel_idleness: bool = False

    @property
    def is_volatile(self) -> bool:
        """Whether an assignment may change who matches: the expression looks at workloads."""
        return looks_at_workloads(self.expression)


@dataclass(frozen=True, slots=True)
class Task:
    """A waiting task; ``slots`` is how many more workers it may be offered to at the same time."""

    id: str
    demand: Demand
    priority: int
    started_at: datetime
    order: str = "FIFO"
    slots: int = 1
    reserved: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Offer:
    """A task and the workers it is to be offered to, best first; ``behind`` are the next in line."""

    task: Task
    workers: tuple[str, ...]
    behind: tuple[str, ...]
    eligible: int


@dataclass(frozen=True, slots=True)
class Matching:
    """
    The offers to make, and the tasks for which nobody could be found, both in the order of judging.

    ``turns`` is what the next matching is to be told where channels take turns.
    """

    offers: tuple[Offer, ...]
    waiting: tuple[Task, ...]
    turns: Mapping[str, int] = field(default_factory=dict)


def worker_scope(
    attributes: Mapping[str, Any],
    *,
    sid: str,
    friendly_name: str,
    activity_sid: str,
    activity_name: str,
    channels: Mapping[str, Channel] | None = None,
) -> dict[str, Any]:
    """Return the names that an expression may use of a worker: its attributes and its fields."""
    scope = dict(attributes)
    scope.update(sid=sid, friendly_name=friendly_name, activity_sid=activity_sid, activity_name=activity_name)
    if channels is not None:
        own = scope.get("channel", {})
        if isinstance(own, Mapping):
            scope["channel"] = {**own, **{name: _channel_scope(channel) for name, channel in channels.items()}}
    return scope


def is_member(target_workers: str, scope: Mapping[str, Any]) -> bool:
    """Tell whether a queue's expression takes a worker; an empty one takes nobody."""
    if not target_workers.strip():
        return False
    # The prefix "worker." is tolerated, so the scope is also its own member of that name.
    return compile_expression(target_workers).matches({"worker": scope, **scope})


def judge(demand: Demand, worker: Worker, *, task: Task | None = None) -> Verdict:
    """
    Say why a worker cannot take a task now, or ``BEHIND`` when it can.

    ``task`` adds what is known of the one task: who holds it already, who has just rejected it.
    """
    if demand.only_worker is not None and worker.id != demand.only_worker:
        return Verdict.NOT_THE_WORKER
    if demand.queue is not None and demand.queue not in worker.queues:
        return Verdict.QUEUE
    if demand.expression and not compile_expression(demand.expression).matches(
        {"task": demand.task, "worker": worker.scope, "calendar": demand.calendar}
    ):
        return Verdict.EXPRESSION
    if not demand.ignore_capacity:
        if not worker.is_available:
            return Verdict.ACTIVITY
        channel = worker.channels.get(demand.channel)
        if channel is None or not channel.available:
            return Verdict.CHANNEL
        if worker.room(demand.channel) == 0:
            return Verdict.CAPACITY
    if task is not None and worker.id in task.reserved:
        return Verdict.RESERVED
    if task is not None and worker.id in task.held:
        return Verdict.REFUSED
    return Verdict.BEHIND


def rank(demand: Demand, worker: Worker) -> tuple[Any, ...]:
    """Return the sort key of an eligible worker: those who did not refuse, ``order_by``, longest idle."""
    idle: tuple[Any, ...] = (worker.load, worker.idle_since)
    channel = worker.channels.get(demand.channel)
    if demand.by_channel_idleness and channel is not None and channel.idle_since is not None:
        idle = (channel.assigned, channel.idle_since, *idle)
    ordered = tuple(order.key(worker.scope) for order in demand.order_by)
    return (worker.id in demand.refused, ordered, *idle, worker.id)


def task_rank(task: Task, *, prioritize: str = "FIFO") -> tuple[Any, ...]:
    """
    Return the sort key of a waiting task: priority, then age as its queue counts it.

    ``prioritize`` says which kind of queue goes first at equal priority.
    """
    moment = task.started_at.timestamp()
    age = -moment if task.order == "LIFO" else moment
    return (-task.priority, task.order != prioritize, age, task.id)


def match(
    tasks: Iterable[Task],
    workers: Sequence[Worker],
    *,
    prioritize: str = "FIFO",
    turns: Mapping[str, int] | None = None,
) -> Matching:
    """
    Offer waiting tasks to workers, the most urgent task first, each to its best workers.

    Tasks and workers come in any order. No worker gets more than its capacity, no task
    more than its slots; the same input gives the same offers. With ``turns`` (those of the
    matching before; none: ``{}``) the channels take turns among tasks of one priority.
    """
    seats = {worker.id: _Seat(worker) for worker in workers}
    lines: dict[str, _Line] = {}
    offers: list[Offer] = []
    waiting: list[Task] = []
    order = _Order(sorted(tasks, key=lambda each: task_rank(each, prioritize=prioritize)), turns)
    for task in order:
        line = lines.get(task.demand.id)
        if line is None:
            line = lines[task.demand.id] = _Line(task.demand, seats)
        chosen = line.take(task)
        if not chosen:
            waiting.append(task)
            continue
        order.note_served(task)
        for worker_id in chosen:
            seats[worker_id].reserve(task.demand.channel)
        offers.append(Offer(task, tuple(chosen), line.next_in_line(chosen), line.size))
    return Matching(tuple(offers), tuple(waiting), order.turns())


class _Order:
    """
    The order in which tasks are judged: as ranked, or with the channels taking turns within a priority.

    Turns are start-time fair queueing: a channel's next turn comes one after its last, but never before the turn
    that is on now. So a channel that had nothing to do does not save up turns, and of two backlogs each gets
    every second place. A task that nobody can take uses up no turn.
    """

    def __init__(self, ranked: Sequence[Task], turns: Mapping[str, int] | None) -> None:
        self._ranked = ranked
        self._fair = turns is not None
        self._next = dict(turns or {})  # by channel: its next turn
        self._now = 0

    def __iter__(self) -> Iterator[Task]:
        if not self._fair:
            yield from self._ranked
            return
        for _, group in groupby(self._ranked, key=lambda task: task.priority):
            yield from self._take_turns(list(group))

    def note_served(self, task: Task) -> None:
        if self._fair:
            self._now = self._turn(task.demand.channel)
            self._next[task.demand.channel] = self._now + 1

    def turns(self) -> dict[str, int]:
        """Return the turns that lie ahead of the one that is on, counted from it."""
        return {name: turn - self._now for name, turn in sorted(self._next.items()) if turn > self._now}

    def _turn(self, channel: str) -> int:
        return max(self._now, self._next.get(channel, 0))

    def _take_turns(self, tasks: Sequence[Task]) -> Iterator[Task]:
        waiting: dict[str, deque[tuple[int, Task]]] = {}
        for place, task in enumerate(tasks):
            waiting.setdefault(task.demand.channel, deque()).append((place, task))
        while waiting:
            channel = min(waiting, key=lambda name: (self._turn(name), waiting[name][0][0]))
            yield waiting[channel].popleft()[1]
            if not waiting[channel]:
                del waiting[channel]


class _Seat:
    """A worker during one matching: its load grows with every reservation."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker

    def reserve(self, channel_name: str) -> None:
        worker = self.worker
        channels = dict(worker.channels)
        scope = worker.scope
        if channel_name in channels:
            before = channels[channel_name]
            channel = Channel(before.capacity, before.assigned + 1, before.available, before.idle_since, before.units)
            channels[channel_name] = channel
            known = scope.get("channel")
            if isinstance(known, Mapping) and channel_name in known:
                scope = {**scope, "channel": {**known, channel_name: _channel_scope(channel)}}
        self.worker = Worker(
            worker.id,
            worker.queues,
            worker.is_available,
            worker.load + 1,
            worker.idle_since,
            channels,
            scope,
            worker.capacity_units,
        )


class _Line:
    """
    The eligible workers of one demand, best first.

    Keys in the heap may be older than the worker's state. A reservation only makes a key
    larger, so an entry that is still current when it comes up is the smallest.
    """

    def __init__(self, demand: Demand, seats: Mapping[str, _Seat]) -> None:
        self.demand = demand
        self.seats = seats
        judged: Iterable[_Seat] = seats.values()
        if demand.only_worker is not None:
            judged = [seats[demand.only_worker]] if demand.only_worker in seats else []
        self.recheck: Callable[[Worker], bool] = self._is_eligible if demand.is_volatile else self._has_room
        # An expression on workloads may begin to match later on: everybody stays in the heap.
        keep = self._may_ever_match if demand.is_volatile else self._is_eligible
        self.heap = [(rank(demand, seat.worker), seat.worker.id) for seat in judged if keep(seat.worker)]
        heapq.heapify(self.heap)
        self.size = len(self.heap)

    def take(self, task: Task) -> list[str]:
        chosen: list[str] = []
        aside: list[tuple[tuple[Any, ...], str]] = []
        while self.heap and len(chosen) < task.slots:
            entry = heapq.heappop(self.heap)
            worker = self.seats[entry[1]].worker
            current = rank(self.demand, worker)
            if current != entry[0]:
                heapq.heappush(self.heap, (current, worker.id))
                continue
            if not self.recheck(worker):
                if self.demand.is_volatile and self._has_room(worker):
                    aside.append(entry)
                continue
            aside.append(entry)
            if worker.id not in task.reserved and worker.id not in task.held:
                chosen.append(worker.id)
        for entry in aside:
            heapq.heappush(self.heap, entry)
        return chosen

    def next_in_line(self, chosen: Sequence[str]) -> tuple[str, ...]:
        # The n smallest of a heap are among its first 2**n - 1 entries.
        near = sorted(self.heap[: 2 ** (RUNNERS_UP + 1) - 1])
        return tuple(worker_id for _, worker_id in near if worker_id not in chosen)[:RUNNERS_UP]

    def _is_eligible(self, worker: Worker) -> bool:
        return judge(self.demand, worker) is Verdict.BEHIND

    def _may_ever_match(self, worker: Worker) -> bool:
        return judge(self.demand, worker) in (Verdict.BEHIND, Verdict.EXPRESSION)

    def _has_room(self, worker: Worker) -> bool:
        if self.demand.ignore_capacity:
            return True
        return worker.room(self.demand.channel) > 0


def _channel_scope(channel: Channel) -> dict[str, Any]:
    return {
        "assigned_tasks": channel.assigned,
        "available_capacity_percentage": channel.available_percentage,
        "configured_capacity": channel.capacity,
        "available": channel.available,
    }
