"""The worker's threads, and whose bells wake them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from common import outbox
from config.server.lanes import Lanes

Drain = Callable[[datetime], int]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, Drain], None]:
    """Register topics for one test, and have nothing be due by itself."""
    monkeypatch.setattr(outbox, "_topics", {})
    monkeypatch.setattr(outbox, "is_due", lambda name, now: False)
    monkeypatch.setattr("django.db.close_old_connections", lambda: None)
    return lambda name, queue, drain: outbox.topic(name, queue=queue, drain=drain)


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    made = Lanes(["runtime", "http"])
    made.open()
    yield made
    made.close(30)


def test_goes_on_with_one_topic_while_another_hangs(register: Callable[..., None], lanes: Lanes) -> None:
    release, reached = threading.Event(), threading.Event()
    register("slow", "http", lambda now: release.wait(30) and 0)
    register("quick", "http", lambda now: reached.set() or 0)

    lanes.ring("slow")
    lanes.ring("quick")

    assert reached.wait(30)
    release.set()


def test_makes_one_look_of_the_bells_that_ring_during_a_look(register: Callable[..., None], lanes: Lanes) -> None:
    began, release, looks = threading.Event(), threading.Event(), []

    def drain(now: datetime) -> int:
        looks.append(now)
        began.set()
        release.wait(30)
        return 1

    register("topic", "runtime", drain)
    lanes.ring("topic")
    began.wait(30)

    for _ in range(5):
        lanes.ring("topic")
    release.set()
    lanes.close(30)

    assert len(looks) <= 2


def test_looks_again_at_the_next_bell_after_a_fault(
    register: Callable[..., None], lanes: Lanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.server.lanes.FAULT_SECONDS", 0.01)
    monkeypatch.setattr("common.statements.recover_connection", lambda: None)
    faults, done = [RuntimeError("the database restarts")], threading.Event()

    def drain(now: datetime) -> int:
        if faults:
            raise faults.pop()
        done.set()
        return 0

    register("topic", "runtime", drain)
    lanes.ring("topic")
    until = time.monotonic() + 30
    while not done.is_set() and time.monotonic() < until:
        lanes.ring("topic")
        time.sleep(0.02)

    assert done.is_set()


def test_rings_its_own_queues_here_and_the_others_by_the_broker(
    register: Callable[..., None], lanes: Lanes, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []
    reached = threading.Event()
    monkeypatch.setattr("common.bells.ring", lambda name, queue: sent.append((name, queue)))
    register("mine", "runtime", lambda now: reached.set() or 0)
    register("theirs", "webhooks", lambda now: 0)

    woken = [outbox.wake("mine"), outbox.wake("theirs"), outbox.wake("unknown")]

    assert woken == [True, False, False]
    assert reached.wait(30)
    assert sent == []


def test_finishes_what_it_has_in_hand_and_begins_nothing_more_when_it_is_closed(register: Callable[..., None]) -> None:
    began, release, done = threading.Event(), threading.Event(), []

    def drain(now: datetime) -> int:
        began.set()
        release.wait(30)
        done.append(1)
        return 1

    register("topic", "runtime", drain)
    lanes = Lanes(["runtime"])
    lanes.open()
    lanes.ring("topic")
    began.wait(30)
    closing = threading.Thread(target=lanes.close, args=(30,))
    closing.start()
    time.sleep(0.05)
    lanes.ring("topic")
    release.set()
    closing.join(10)

    # At once: the bell that stops it, rung during its work, is not lost.
    assert not closing.is_alive()
    assert done == [1]
    assert not outbox.wake("topic")
