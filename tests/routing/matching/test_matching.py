"""Who gets which task."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.matching.matching import (
    Channel,
    Demand,
    Matching,
    Task,
    Verdict,
    Worker,
    is_member,
    judge,
    match,
    rank,
    task_rank,
    worker_scope,
)
from routing.matching.workflow import OrderBy

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def worker(name: str, *, idle: int = 0, capacity: int = 1, assigned: int = 0, **more: Any) -> Worker:
    return Worker(
        id=name,
        queues=more.pop("queues", frozenset({"q"})),
        is_available=more.pop("is_available", True),
        load=more.pop("load", assigned),
        idle_since=NOW - timedelta(seconds=idle),
        channels={"chat": Channel(capacity, assigned, more.pop("on", True))},
        scope=more,
    )


def task(name: str, *, age: int = 0, demand: Demand | None = None, **more: Any) -> Task:
    return Task(
        id=name,
        demand=demand or Demand("d", "q", "chat"),
        priority=more.pop("priority", 0),
        started_at=NOW - timedelta(seconds=age),
        **more,
    )


def pairs(matching: Matching) -> list[tuple[str, tuple[str, ...]]]:
    return [(offer.task.id, offer.workers) for offer in matching.offers]


@pytest.mark.parametrize(
    ("demand", "candidate", "expected"),
    [
        (Demand("d", "q", "chat"), worker("a"), Verdict.BEHIND),
        (Demand("d", "other", "chat"), worker("a"), Verdict.QUEUE),
        (Demand("d", "q", "chat", only_worker="b"), worker("a"), Verdict.NOT_THE_WORKER),
        (
            Demand("d", "q", "chat", expression="task.l == worker.l", task={"l": 1}),
            worker("a", l=2),
            Verdict.EXPRESSION,
        ),
        (Demand("d", "q", "chat"), worker("a", is_available=False), Verdict.ACTIVITY),
        (Demand("d", "q", "voice"), worker("a"), Verdict.CHANNEL),
        (Demand("d", "q", "chat"), worker("a", on=False), Verdict.CHANNEL),
        (Demand("d", "q", "chat"), worker("a", assigned=1), Verdict.CAPACITY),
        (Demand("d", "q", "chat"), worker("a", capacity=0), Verdict.CAPACITY),
        (
            Demand("d", None, "chat", only_worker="a", ignore_capacity=True),
            worker("a", is_available=False, assigned=1),
            Verdict.BEHIND,
        ),
    ],
)
def test_says_why_not(demand: Demand, candidate: Worker, expected: Verdict) -> None:
    assert judge(demand, candidate) is expected


def test_says_that_a_worker_holds_or_has_just_refused_the_task() -> None:
    one = task("t", reserved=frozenset({"a"}), held=frozenset({"b"}))

    assert judge(one.demand, worker("a"), task=one) is Verdict.RESERVED
    assert judge(one.demand, worker("b"), task=one) is Verdict.REFUSED


def test_gives_the_oldest_task_to_the_worker_idle_longest() -> None:
    matched = match([task("new"), task("old", age=9)], [worker("busy", idle=1), worker("idle", idle=8)])

    assert pairs(matched) == [("old", ("idle",)), ("new", ("busy",))]


def test_prefers_a_worker_with_nothing_to_do() -> None:
    matched = match(
        [task("t")], [worker("loaded", idle=99, capacity=3, assigned=1), worker("free", idle=1, capacity=3)]
    )

    assert pairs(matched) == [("t", ("free",))]
    assert matched.offers[0].behind == ("loaded",)


def test_orders_by_attributes_before_idleness() -> None:
    demand = Demand("d", "q", "chat", order_by=(OrderBy(("level",), True),))

    matched = match([task("t", demand=demand)], [worker("low", idle=9, level=1), worker("high", level=5)])

    assert pairs(matched) == [("t", ("high",))]


def test_asks_who_refused_only_when_nobody_else_can() -> None:
    demand = Demand("d", "q", "chat", refused=frozenset({"refuser"}))
    both = [worker("refuser", idle=99), worker("other")]

    assert pairs(match([task("t", demand=demand)], both)) == [("t", ("other",))]
    assert pairs(match([task("t", demand=demand)], both[:1])) == [("t", ("refuser",))]


def test_offers_to_several_at_once_but_not_to_those_who_have_it() -> None:
    wide = task("t", slots=2, reserved=frozenset({"a"}))

    matched = match([wide], [worker("a", idle=9), worker("b", idle=8), worker("c", idle=7), worker("d", idle=6)])

    assert pairs(matched) == [("t", ("b", "c"))]


def test_serves_one_kind_of_queue_first_at_equal_priority() -> None:
    tasks = [task("fifo", age=1), task("lifo", age=2, order="LIFO", demand=Demand("e", "q", "chat"))]

    assert pairs(match(tasks, [worker("a")], prioritize="FIFO"))[0][0] == "fifo"
    assert pairs(match(tasks, [worker("a")], prioritize="LIFO"))[0][0] == "lifo"


def test_serves_the_newest_of_a_lifo_queue() -> None:
    tasks = [task("old", age=9, order="LIFO"), task("new", age=1, order="LIFO")]

    assert [each.id for each in sorted(tasks, key=task_rank)] == ["new", "old"]


def test_sees_workloads_grow_while_it_matches() -> None:
    demand = Demand("d", "q", "chat", expression="worker.channel.chat.assigned_tasks < 2")
    channels = {"chat": Channel(5, 0)}
    scope = worker_scope({}, sid="WK1", friendly_name="a", activity_sid="WA1", activity_name="Here", channels=channels)
    one = Worker("a", frozenset({"q"}), True, 0, NOW, channels, scope)

    matched = match([task(str(n), age=n, demand=demand) for n in range(4)], [one])

    assert pairs(matched) == [("3", ("a",)), ("2", ("a",))]
    assert [each.id for each in matched.waiting] == ["1", "0"]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("", False),
        ("  ", False),
        ("level > 1", True),
        ("worker.level > 1", True),
        ("friendly_name == 'a'", True),
        ("activity_name == 'There'", False),
    ],
)
def test_tells_who_belongs_to_a_queue(expression: str, expected: bool) -> None:
    scope = worker_scope({"level": 2}, sid="WK1", friendly_name="a", activity_sid="WA1", activity_name="Here")

    assert is_member(expression, scope) is expected


demands = st.sampled_from(
    [
        Demand("any", "q", "chat"),
        Demand("other", "r", "chat"),
        Demand("level", "q", "chat", expression="worker.level >= task.level", task={"level": 2}),
        Demand("sorted", "q", "chat", order_by=(OrderBy(("level",), True),)),
        Demand("one", None, "chat", only_worker="w1"),
        Demand("refused", "q", "chat", refused=frozenset({"w0", "w2"})),
    ]
)
workers = st.lists(
    st.builds(
        worker,
        name=st.sampled_from([f"w{n}" for n in range(6)]),
        idle=st.integers(0, 3),
        capacity=st.integers(0, 3),
        assigned=st.integers(0, 2),
        is_available=st.booleans(),
        queues=st.frozensets(st.sampled_from("qr")),
        level=st.integers(0, 4),
    ),
    unique_by=lambda each: each.id,
    max_size=6,
)
tasks = st.lists(
    st.builds(
        task,
        name=st.integers(0, 50).map(str),
        age=st.integers(0, 5),
        demand=demands,
        priority=st.integers(0, 2),
        slots=st.integers(1, 3),
        held=st.frozensets(st.sampled_from(["w0", "w3"])),
    ),
    unique_by=lambda each: each.id,
    max_size=12,
)


def naive_match(waiting: list[Task], desk: list[Worker]) -> list[tuple[str, tuple[str, ...]]]:
    """Every task in order, against every worker, sorted anew each time."""
    state = {each.id: each for each in desk}
    offers = []
    for one in sorted(waiting, key=task_rank):
        able = [each for each in state.values() if judge(one.demand, each, task=one) is Verdict.BEHIND]
        chosen = sorted(able, key=lambda each: rank(one.demand, each))[: one.slots]
        for each in chosen:
            seat = each.channels["chat"]
            state[each.id] = Worker(
                each.id,
                each.queues,
                each.is_available,
                each.load + 1,
                each.idle_since,
                {"chat": Channel(seat.capacity, seat.assigned + 1, seat.available)},
                each.scope,
            )
        if chosen:
            offers.append((one.id, tuple(each.id for each in chosen)))
    return offers


@given(waiting=tasks, desk=workers)
def test_agrees_with_trying_everything(waiting: list[Task], desk: list[Worker]) -> None:
    assert pairs(match(waiting, desk)) == naive_match(waiting, desk)


@given(waiting=tasks, desk=workers, data=st.data())
def test_gives_the_same_answer_in_whatever_order_it_is_asked(
    waiting: list[Task], desk: list[Worker], data: st.DataObject
) -> None:
    shuffled = match(data.draw(st.permutations(waiting)), data.draw(st.permutations(desk)))

    assert shuffled == match(waiting, desk)


def channelled(name: str, channel: str, age: int, priority: int = 0) -> Task:
    return task(name, age=age, demand=Demand(channel, "q", channel), priority=priority)


def served(tasks: list[Task], *, units: int, turns: dict[str, int] | None) -> tuple[list[str], Any]:
    seats = {name: Channel(9, 0) for name in ("chat", "voice", "sms")}
    one = Worker("w", frozenset({"q"}), True, 0, NOW, seats, {}, units)
    matched = match(tasks, [one], turns=turns)
    return [offer.task.id for offer in matched.offers], matched.turns


BACKLOG = [channelled(f"c{number}", "chat", 100 - number) for number in range(4)]


def test_lets_channels_take_turns() -> None:
    tasks = [*BACKLOG, channelled("v0", "voice", 5), channelled("s0", "sms", 4), channelled("v1", "voice", 3)]

    assert served(tasks, units=5, turns=None)[0] == ["c0", "c1", "c2", "c3", "v0"]
    assert served(tasks, units=5, turns={})[0] == ["c0", "v0", "s0", "c1", "v1"]


def test_remembers_whose_turn_it_is() -> None:
    first, turns = served(BACKLOG, units=1, turns={})
    second, after = served([*BACKLOG, channelled("v0", "voice", 5)], units=1, turns=turns)

    assert (first, turns) == (["c0"], {"chat": 1})
    assert (second, after) == (["v0"], {"chat": 1, "voice": 1})


def test_priority_comes_before_turns() -> None:
    tasks = [channelled("v0", "voice", 5), channelled("c0", "chat", 1, 1), channelled("c1", "chat", 1, 1)]

    assert served(tasks, units=3, turns={})[0] == ["c0", "c1", "v0"]


@given(st.lists(st.sampled_from(["chat", "voice", "sms"]), max_size=30), st.integers(1, 9))
def test_no_channel_is_ahead_of_another_that_waits(channels: list[str], units: int) -> None:
    tasks = [channelled(f"t{number:02}", name, 100 - number) for number, name in enumerate(channels)]

    offered, _ = served(tasks, units=units, turns={})

    assert len(offered) == min(units, len(tasks))
    counts = {name: sum(each.demand.channel == name for each in tasks if each.id in offered) for name in channels}
    left = {name for name in channels if counts[name] < channels.count(name)}
    for name in left:
        assert all(counts[other] <= counts[name] + 1 for other in counts)
