"""The worker's threads."""

from __future__ import annotations

import threading
from typing import Any

from config.celery import QUEUES
from config.server.lanes import LANES, LanePool


def args(queue: str) -> tuple[Any, ...]:
    return ("task", "id", {"delivery_info": {"routing_key": queue}})


def test_has_threads_for_every_queue() -> None:
    assert set(LANES) == set(QUEUES)


def test_goes_on_with_one_queue_while_all_threads_of_another_wait() -> None:
    pool = LanePool(limit=1)
    release, reached = threading.Event(), threading.Event()
    try:
        for _ in range(LANES["http"] * 3):
            pool.on_apply(lambda *_: release.wait(60), args("http"), callback=lambda _: None)
        pool.on_apply(lambda *_: reached.set(), args("runtime"), callback=lambda _: None)

        assert reached.wait(30)
    finally:
        release.set()
        pool.on_stop()


def test_drops_what_has_not_begun_when_it_stops() -> None:
    pool = LanePool(limit=1)
    release, began = threading.Event(), threading.Event()
    done: list[int] = []

    def first(*_: Any) -> None:
        began.set()
        release.wait(60)
        done.append(1)

    pool.on_apply(first, args("routing"), callback=lambda _: None)
    pool.on_apply(lambda *_: done.append(2), args("routing"), callback=lambda _: None)
    began.wait(30)
    stopping = threading.Thread(target=pool.on_stop)
    stopping.start()
    release.set()
    stopping.join(30)

    assert done == [1]
