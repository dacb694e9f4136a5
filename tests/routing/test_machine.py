"""
Routing under random use: tasks, workers, answers, time-outs and clock jumps in any order.

After every step no rule of bookkeeping is broken; whenever routing has come to rest, nobody who could take a
waiting task is without it, and the statistics equal a recount.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from common import ids
from routing import services, statistics
from routing.errors import PendingReservations
from routing.matching import matching
from routing.matching.matching import Verdict
from routing.models import Reservation, Task, Worker, WorkerChannel
from routing.services import floor, standing
from routing.services.lines import to_demand
from routing.statistics import Scope
from tests.routing.conftest import START, House, sid

pytestmark = pytest.mark.django_db

SKILLS = ("sales", "support", "chess")
Held = Reservation.HELD
Status = Reservation.Status


def happens(**drawn: Any) -> Callable[[Callable[..., None]], Any]:
    """A rule after which routing comes to rest, or does not before the next thing happens."""

    def decorate(act: Callable[..., None]) -> Any:
        def step(self: Routing, rest: bool, **values: Any) -> None:
            act(self, **values)
            if rest:
                self.house.settle()
            self.is_at_rest = rest

        step.__name__ = act.__name__
        return rule(**drawn, rest=st.booleans())(step)

    return decorate


class Routing(RuleBasedStateMachine):
    """Drives one workspace; ``seen`` remembers every reservation's last status, also of forgotten tasks."""

    @initialize()
    def open_the_house(self) -> None:
        workspace = services.create_workspace(account_id=ids.uuid7(), friendly_name="House", now=START)
        self.house = House(workspace)
        everyone = self.house.queue("Everyone")
        sales = self.house.queue("Sales", target_workers="skills HAS 'sales'", task_order="LIFO")
        race = self.house.queue("Race", target_workers="level >= 2", max_reserved_workers=2)
        steps = [
            {"queue": sid(sales), "expression": "worker.level >= task.level", "timeout": 20},
            {"queue": sid(race), "skip_if": "workers.available == 0", "timeout": 60, "priority": 3},
            {"queue": sid(everyone), "order_by": "worker.level DESC"},
        ]
        self.workflows = [
            self.house.workflow({"expression": "level > 0", "targets": steps}, default=everyone, friendly_name="A"),
            self.house.workflow(default=race, friendly_name="B", task_reservation_timeout=30),
        ]
        self.seen: dict[UUID, str] = {}
        self.tally: Counter[str] = Counter()
        self.is_at_rest = False
        # Something to begin with: most rules need a worker at the desk and tasks before they do anything.
        self.hired = 2
        self.house.worker("first", {"skills": ["sales"], "level": 2})
        self.house.worker("second", {"skills": [], "level": 3}, capacity=2)
        for level in (0, 1, 3, 3):
            self.house.task({"level": level}, workflow=self.workflows[level % 2])
            self.tally["tasks_created"] += 1

    # Things that happen

    # Small numbers, so that the steps go to what is done with them.
    @precondition(lambda self: self.hired < 4)
    @happens(
        skills=st.sets(st.sampled_from(SKILLS)), level=st.integers(0, 3), capacity=st.integers(0, 2), here=st.booleans()
    )
    def hire(self, skills: set[str], level: int, capacity: int, here: bool) -> None:
        self.hired += 1
        attributes = {"skills": sorted(skills), "level": level}
        self.house.worker(f"w{self.hired}", attributes, available=here, capacity=capacity)

    @precondition(lambda self: self._tasks(*Task.OPEN).count() < 6)
    @happens(
        workflow=st.integers(0, 1),
        level=st.integers(0, 3),
        priority=st.integers(0, 2),
        channel=st.sampled_from(["chat", "sms"]),
    )
    def ask(self, workflow: int, level: int, priority: int, channel: str) -> None:
        self.house.task({"level": level}, workflow=self.workflows[workflow], priority=priority, task_channel=channel)
        self.tally["tasks_created"] += 1

    @happens(pick=st.integers(0, 99), level=st.integers(0, 3), skills=st.sets(st.sampled_from(SKILLS)))
    def train(self, pick: int, level: int, skills: set[str]) -> None:
        worker = self._one(Worker.objects.filter(workspace=self.house.workspace), pick)
        if worker is not None:
            attributes = {"skills": sorted(skills), "level": level}
            services.update_worker(worker_id=worker.id, attributes=attributes, now=self.house.now)

    @happens(pick=st.integers(0, 99), more=st.integers(0, 2), on=st.booleans())
    def change_a_seat(self, pick: int, more: int, on: bool) -> None:
        seat = self._one(WorkerChannel.objects.filter(worker__workspace=self.house.workspace), pick)
        if seat is not None:
            # Never below what is assigned: then "over capacity" could not be told from routing's own mistake.
            services.update_worker_channel(
                worker_channel_id=seat.id, capacity=seat.assigned_tasks + more, available=on, now=self.house.now
            )

    @happens(pick=st.integers(0, 99), where=st.sampled_from(["Available", "Offline"]), force=st.booleans())
    def walk(self, pick: int, where: str, force: bool) -> None:
        worker = self._one(Worker.objects.filter(workspace=self.house.workspace), pick)
        if worker is None:
            return
        pending = worker.reservations.filter(status=Status.PENDING).count()
        leaves = where == "Offline" and worker.activity.friendly_name != "Offline"
        try:
            services.set_activity(
                worker_id=worker.id,
                activity_id=self.house.activity(where).id,
                reject_pending=force and where == "Offline",
                now=self.house.now,
            )
            self.tally["rejected"] += pending if leaves else 0
        except PendingReservations:
            assert leaves
            assert pending

    @happens(pick=st.integers(0, 99), answer=st.sampled_from(["accept", "accept", "reject", "wrap", "complete"]))
    def answer(self, pick: int, answer: str) -> None:
        fitting = {
            "accept": (Status.PENDING,),
            "reject": (Status.PENDING,),
            "wrap": (Status.ACCEPTED,),
            "complete": (Status.ACCEPTED, Status.WRAPPING),
        }[answer]
        open_now = Reservation.objects.filter(
            workspace=self.house.workspace, status__in=fitting, expires_at__gt=self.house.now
        )
        if answer in ("wrap", "complete"):
            open_now = Reservation.objects.filter(workspace=self.house.workspace, status__in=fitting)
        reservation = self._one(open_now, pick)
        if reservation is None:
            return
        act = {
            "accept": services.accept_reservation,
            "reject": services.reject_reservation,
            "wrap": services.wrap_reservation,
            "complete": services.complete_reservation,
        }[answer]
        act(reservation_id=reservation.id, worker_id=reservation.worker_id, now=self.house.now)
        self.tally[{"accept": "accepted", "reject": "rejected", "complete": "completed"}.get(answer, answer)] += 1

    @happens(pick=st.integers(0, 99), level=st.integers(0, 3), priority=st.integers(0, 2))
    def change_a_task(self, pick: int, level: int, priority: int) -> None:
        task = self._one(self._tasks(Task.Status.PENDING, Task.Status.RESERVED), pick)
        if task is not None:
            services.update_task(task_id=task.id, attributes={"level": level}, priority=priority, now=self.house.now)

    @happens(pick=st.integers(0, 99))
    def cancel(self, pick: int) -> None:
        task = self._one(self._tasks(Task.Status.PENDING, Task.Status.RESERVED), pick)
        if task is not None:
            services.cancel_task(task_id=task.id, reason="enough", now=self.house.now)

    @happens(seconds=st.sampled_from([0.5, 4, 5, 21, 31, 90, 121, 250]))
    def jump(self, seconds: float) -> None:
        self.house.now += timedelta(seconds=seconds)

    # What must hold

    @invariant()
    def counts_are_true(self) -> None:
        if not hasattr(self, "house"):
            return
        held: Counter[Any] = Counter()
        by_task: dict[UUID, list[str]] = {}
        for row in Reservation.objects.filter(workspace=self.house.workspace).select_related("task"):
            self.seen[row.id] = row.status
            if row.status in Held:
                held[row.worker_id, row.task.channel_id] += 1
                by_task.setdefault(row.task_id, []).append(row.status)
        for seat in WorkerChannel.objects.filter(worker__workspace=self.house.workspace).select_related("worker"):
            assert seat.assigned_tasks == held[seat.worker_id, seat.task_channel_id]
            assert seat.assigned_tasks <= seat.configured_capacity
            room = seat.assigned_tasks < seat.configured_capacity
            assert seat.is_free == (seat.worker.available and seat.available and room)
        for worker in Worker.objects.filter(workspace=self.house.workspace):
            assert worker.open_count == sum(number for (owner, _), number in held.items() if owner == worker.id)
        for task in Task.objects.filter(workspace=self.house.workspace):
            statuses = sorted(by_task.get(task.id, []))
            assert task.open_reservations == len(statuses)
            match task.status:
                case Task.Status.RESERVED:
                    assert set(statuses) == {"pending"}
                case Task.Status.ASSIGNED:
                    assert statuses == ["accepted"]
                case Task.Status.WRAPPING:
                    assert statuses == ["wrapping"]
                case _:
                    assert statuses == []

    @precondition(lambda self: getattr(self, "is_at_rest", False))
    @invariant()
    def nobody_waits_for_nothing(self) -> None:
        workspace = self.house.workspace
        everybody = list(Worker.objects.filter(workspace=workspace).values_list("id", flat=True))
        for task in self._tasks(Task.Status.PENDING, Task.Status.RESERVED).select_related("queue", "line__channel"):
            most = task.queue.max_reserved_workers
            assert task.is_waiting == (task.open_reservations < most)
            if not task.is_waiting:
                continue
            demand = to_demand(task.line)
            candidates, _ = floor.candidates(everybody, [task.queue_id], with_scope=True)
            one = matching.Task(
                id=task.id.hex,
                demand=demand,
                priority=task.priority,
                started_at=task.virtual_start_at,
                reserved=frozenset(floor.reserved_by([task])[task.id]),
                held=frozenset(key for key, until in standing.holds(task).items() if until > self.house.now),
            )
            assert [
                key for key, each in candidates.items() if matching.judge(demand, each, task=one) is Verdict.BEHIND
            ] == []
            assert not task.is_fresh
            assert task.step_due_at is None or task.step_due_at > self.house.now or task.status == Task.Status.RESERVED

    @precondition(lambda self: getattr(self, "is_at_rest", False))
    @invariant()
    def statistics_equal_a_recount(self) -> None:
        scope = Scope(self.house.workspace)
        figures = statistics.cumulative(scope, START - timedelta(hours=1), self.house.now)
        ended = Counter(self.seen.values())
        assert {name: figures[name] for name in ("tasks_created", "reservations_created")} == {
            "tasks_created": self.tally["tasks_created"],
            "reservations_created": len(self.seen),
        }
        assert figures["reservations_accepted"] == self.tally["accepted"]
        assert figures["reservations_rejected"] == self.tally["rejected"] == ended["rejected"]
        assert figures["tasks_completed"] == self.tally["completed"] == ended["completed"]
        assert figures["reservations_timed_out"] == ended["timeout"]
        assert figures["reservations_rescinded"] == ended["rescinded"]
        assert figures["reservations_canceled"] == ended["canceled"]
        now = statistics.realtime(scope, self.house.now)
        active = self._tasks("pending", "reserved", "assigned", "wrapping")
        assert now["total_tasks"] == active.count()
        assert now["tasks_by_priority"] == dict(Counter(str(task.priority) for task in active))

    def _tasks(self, *statuses: str) -> Any:
        return Task.objects.filter(workspace=self.house.workspace, status__in=statuses)

    def _one(self, rows: Any, pick: int) -> Any:
        number = rows.count()
        return rows.order_by("id")[pick % number] if number else None


def test_keeps_its_rules_under_random_use() -> None:
    is_thorough = settings.get_current_profile_name() == "thorough"
    run_state_machine_as_test(
        Routing,
        settings=settings(
            max_examples=200 if is_thorough else 12,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
