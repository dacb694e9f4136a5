"""What would have been."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace as changed
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.matching.figures import figures
from routing.matching.hours import read_hours
from routing.matching.matching import Channel
from routing.matching.recorded import Agent, Answer, Arrival, Change, Fate, Occupation, Period, Queue
from routing.matching.replay import replay
from routing.matching.workflow import Plan, parse_plan

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
QUEUES = (Queue("WQ1", "All"), Queue("WQ2", "Sales", "skills HAS 'sales'"))


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def plan(*filters: dict[str, Any], default: str | None = "WQ1") -> Plan:
    routing: dict[str, Any] = {"filters": list(filters)}
    if default is not None:
        routing["default_filter"] = {"queue": default}
    return parse_plan(json.dumps({"task_routing": routing}))


def agent(name: str, *, capacity: int = 1, **more: Any) -> Agent:
    return Agent(name, name, {"chat": Channel(capacity, 0), "voice": Channel(1, 0)}, START, **more)


def on(name: str, seconds: float = 0, *, available: bool = True, **attributes: Any) -> Change:
    return Change(name, at(seconds), available, attributes)


def task(name: str, seconds: float, *, works: float = 60, **more: Any) -> Arrival:
    attributes = more.pop("attributes", {})
    return Arrival(name, at(seconds), attributes, more.pop("channel", "chat"), handling_seconds=works, **more)


def period(arrivals: list[Arrival], agents: list[Agent], changes: list[Change], **more: Any) -> Period:
    return Period(START, at(more.pop("seconds", 3600)), arrivals, agents, changes, QUEUES, **more)


def told(fates: tuple[Fate, ...]) -> list[tuple[str, str | None, float | None]]:
    return [
        (fate.task, fate.worker, None if fate.accepted_at is None else (fate.accepted_at - START).total_seconds())
        for fate in fates
    ]


def test_serves_one_after_the_other() -> None:
    days = period([task("t1", 0), task("t2", 10)], [agent("ada")], [on("ada")])

    assert told(replay(days, plan())) == [("t1", "ada", 5), ("t2", "ada", 70)]


def test_answers_as_was_recorded() -> None:
    said = {"ada": (Answer("rejected", 3),), "bo": (Answer("accepted", 9),)}
    days = period([task("t1", 0, answers=said)], [agent("ada"), agent("bo")], [on("ada"), on("bo")])

    assert told(replay(days, plan())) == [("t1", "bo", 12)]


def test_offers_again_what_was_not_answered() -> None:
    said = {"ada": (Answer("timeout", 30), Answer("accepted", 1))}
    days = period([task("t1", 0, answers=said)], [agent("ada")], [on("ada")], reservation_seconds=30)

    assert told(replay(days, plan())) == [("t1", "ada", 31)]


def test_moves_on_when_a_targets_time_is_over() -> None:
    rule = {"expression": "1==1", "targets": [{"queue": "WQ2", "timeout": 20}, {"queue": "WQ1"}]}
    days = period([task("t1", 0)], [agent("ada")], [on("ada", skills=["help"])])

    (fate,) = replay(days, plan(rule))

    assert told((fate,)) == [("t1", "ada", 25)]
    assert fate.queue == "WQ1"


def test_skips_a_target_that_nobody_can_serve() -> None:
    target = {"queue": "WQ2", "timeout": 20, "skip_if": "workers.available == 0"}
    rule = {"expression": "1==1", "targets": [target, {"queue": "WQ1"}]}
    days = period([task("t1", 0)], [agent("ada")], [on("ada")])

    assert told(replay(days, plan(rule))) == [("t1", "ada", 5)]


def test_cancels_what_falls_off_the_workflow_and_what_was_given_up() -> None:
    rule = {"expression": "1==1", "targets": [{"queue": "WQ2", "timeout": 20}]}
    lost = replay(period([task("t1", 0)], [], []), plan(rule, default=None))
    left = replay(period([task("t1", 0, left_at=at(30))], [], []), plan())
    unmatched = replay(period([task("t1", 0)], [], []), plan(default=None))

    ended = [(fates[0].is_canceled, fates[0].ended_at) for fates in (lost, left, unmatched)]
    assert ended == [(True, at(20)), (True, at(30)), (True, at(0))]


def test_knows_when_workers_were_there_and_what_else_they_did() -> None:
    days = period(
        [task("t1", 0)],
        [agent("ada")],
        [on("ada", available=False), on("ada", 100)],
        occupations=[Occupation("ada", "chat", at(0), at(300))],
    )

    assert told(replay(days, plan())) == [("t1", "ada", 305)]


def test_asks_opening_hours_at_the_moment_of_each_task() -> None:
    hours = read_hours(time_zone="UTC", weekly=[{"day": 0, "from": "09:10", "to": "17:00"}])
    rule = {"expression": "calendar.desk.open == true", "targets": [{"queue": "WQ1"}]}
    days = period([task("t1", 0), task("t2", 900)], [agent("ada")], [on("ada")], calendars={"desk": hours})

    fates = replay(days, plan(rule, default="WQ2"))

    assert [fate.queue for fate in fates] == ["WQ2", "WQ1"]


def test_lets_a_target_wait_for_the_opening() -> None:
    hours = read_hours(time_zone="UTC", weekly=[{"day": 0, "from": "09:10", "to": "17:00"}])
    rule = {"expression": "1==1", "targets": [{"queue": "WQ1", "expression": "calendar.desk.open == true"}]}
    days = period([task("t1", 0)], [agent("ada")], [on("ada")], calendars={"desk": hours})

    assert told(replay(days, plan(rule))) == [("t1", "ada", 605)]


def test_reserves_several_workers_and_rescinds_the_others() -> None:
    queues = (Queue("WQ1", "All", max_reserved=2),)
    said = {"ada": (Answer("accepted", 9),), "bo": (Answer("accepted", 4),)}
    days = changed(
        period([task("t1", 0, answers=said), task("t2", 1)], [agent("ada"), agent("bo")], [on("ada"), on("bo")]),
        queues=queues,
    )

    assert told(replay(days, plan())) == [("t1", "bo", 4), ("t2", "ada", 9)]


kinds = st.sampled_from(["accepted", "rejected", "timeout"])
names = st.sampled_from(["ada", "bo", "cy"])
arrivals = st.lists(
    st.tuples(
        st.integers(0, 600),
        st.integers(0, 2),
        st.sampled_from(["sales", "help"]),
        st.integers(1, 400),
        st.lists(
            st.tuples(names, st.sampled_from(["accepted", "rejected", "timeout"]), st.integers(1, 40)), max_size=3
        ),
    ),
    max_size=12,
)
shifts = st.lists(st.tuples(names, st.integers(0, 600), st.booleans()), max_size=6)


def random_period(given_tasks: Any, given_shifts: Any) -> Period:
    tasks = []
    for number, (seconds, priority, topic, works, said) in enumerate(given_tasks):
        answers: dict[str, tuple[Answer, ...]] = {}
        for worker, kind, after in said:
            answers[worker] = (*answers.get(worker, ()), Answer(kind, after))
        tasks.append(
            task(f"t{number:02}", seconds, works=works, priority=priority, attributes={"topic": topic}, answers=answers)
        )
    workers = [agent("ada", capacity=2), agent("bo"), agent("cy")]
    changes = [on("ada", skills=["sales"]), on("bo"), on("cy", skills=["sales"], available=False)]
    skills = {"ada": ["sales"], "bo": [], "cy": ["sales"]}
    changes += [on(name, seconds, available=flag, skills=skills[name]) for name, seconds, flag in given_shifts]
    return period(tasks, workers, changes, seconds=1200, reservation_seconds=30)


RULE = {"expression": "topic == 'sales'", "targets": [{"queue": "WQ2", "timeout": 60}, {"queue": "WQ1"}]}


@settings(max_examples=60, deadline=None)
@given(arrivals, shifts)
def test_an_unchanged_workflow_with_recorded_answers_gives_the_recorded_assignments(tasks: Any, shifts: Any) -> None:
    first = replay(random_period(tasks, shifts), plan(RULE))

    assert replay(random_period(tasks, shifts), plan(RULE)) == first


@settings(max_examples=60, deadline=None)
@given(arrivals, shifts)
def test_holds_to_what_matching_holds_to(tasks: Any, shifts: Any) -> None:
    days = random_period(tasks, shifts)

    fates = replay(days, plan(RULE))

    assert [fate.task for fate in fates] == [
        each.id for each in sorted(days.arrivals, key=lambda each: (each.at, each.id))
    ]
    held: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for fate in fates:
        if fate.accepted_at is not None:
            assert not fate.is_canceled
            assert fate.created_at < fate.accepted_at <= days.end
            held[str(fate.worker)] += [(fate.accepted_at, 1), (fate.ended_at or at(99_999), -1)]
    for name, edges in held.items():
        level = 0
        for _, step in sorted(edges):  # at one moment those that end come first
            level += step
            assert level <= (2 if name == "ada" else 1)


def test_counts_waits_service_level_and_load() -> None:
    fates = (
        Fate("a", at(0), "WQ1", "ada", at(10), at(110)),
        Fate("b", at(0), "WQ1", "ada", at(60), at(160)),
        Fate("c", at(0), "WQ2", None, None, at(30), is_canceled=True),
        Fate("d", at(0), "WQ2"),
    )

    counted = figures(
        fates,
        start=START,
        end=at(1000),
        service_level_seconds=20,
        queues={"WQ1": "All", "WQ2": "Sales"},
        workers={"ada": "ada", "bo": "bo"},
        changes=[on("ada"), on("ada", 500, available=False), on("bo", available=False)],
    )

    assert counted == {
        "tasks": 4,
        "accepted": 2,
        "canceled": 1,
        "unserved": 1,
        "wait": {"avg": 35.0, "p50": 10.0, "p90": 60.0, "max": 60.0},
        "service_level": {"seconds": 20, "percent": 33.3},
        "by_queue": [
            {"sid": "WQ1", "name": "All", "tasks": 2, "accepted": 2, "wait_avg": 35.0},
            {"sid": "WQ2", "name": "Sales", "tasks": 2, "accepted": 0, "wait_avg": None},
        ],
        "by_worker": [
            {"sid": "ada", "name": "ada", "tasks": 2, "busy_percent": 30.0},
            {"sid": "bo", "name": "bo", "tasks": 0, "busy_percent": None},
        ],
    }
