"""Sending to groups from any thread."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import pytest
from channels.layers import get_channel_layer

from realtime import broadcast


class Layer:
    """Keeps what is sent, and the thread it was sent from."""

    def __init__(self, failing: str = "") -> None:
        self.sent: list[tuple[str, Any]] = []
        self.threads: set[str] = set()
        self.failing = failing
        self.arrived = threading.Semaphore(0)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        self.threads.add(threading.current_thread().name)
        if group != self.failing:
            self.sent.append((group, message["n"]))
        self.arrived.release()
        if group == self.failing:
            raise ConnectionError("the layer is down")

    def wait(self, count: int) -> None:
        for _ in range(count):
            assert self.arrived.acquire(timeout=10)


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> Layer:
    found = Layer()
    monkeypatch.setattr(broadcast, "get_channel_layer", lambda: found)
    monkeypatch.setattr(broadcast, "_serving", None)
    return found


def test_a_process_without_sockets_sends_from_a_thread_of_its_own(layer: Layer) -> None:
    broadcast.send("a", {"n": 1})

    layer.wait(1)
    assert (layer.sent, layer.threads) == ([("a", 1)], {"broadcast"})


def test_what_one_thread_sends_arrives_in_its_order(layer: Layer) -> None:
    def send(name: str) -> None:
        for number in range(200):
            broadcast.send(name, {"n": number})

    threads = [threading.Thread(target=send, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    layer.wait(600)
    for name in "abc":
        assert [number for group, number in layer.sent if group == name] == list(range(200))


async def test_a_process_with_sockets_sends_from_their_loop(layer: Layer) -> None:
    broadcast.set_loop(asyncio.get_running_loop())

    await asyncio.gather(*(asyncio.to_thread(broadcast.send, "a", {"n": number}) for number in range(20)))
    await asyncio.to_thread(layer.wait, 20)

    assert sorted(number for _, number in layer.sent) == list(range(20))
    assert layer.threads == {threading.current_thread().name}


def test_a_loop_that_has_ended_stops_nothing(layer: Layer) -> None:
    async def serve() -> None:
        broadcast.set_loop(asyncio.get_running_loop())
        # Cut off in the middle: this loop never gets to it.
        broadcast.send("a", {"n": 1})

    asyncio.run(serve())
    broadcast.send("a", {"n": 2})

    layer.wait(2)
    assert layer.sent == [("a", 1), ("a", 2)]


def test_what_fails_is_logged_and_the_rest_goes_on(layer: Layer, caplog: pytest.LogCaptureFixture) -> None:
    layer.failing = "down"

    with caplog.at_level(logging.ERROR, "realtime"):
        broadcast.send_many([("a", {"n": 1}), ("down", {"n": 2}), ("b", {"n": 3})])
        layer.wait(3)
        broadcast.send("b", {"n": 4})
        layer.wait(1)

    assert layer.sent == [("a", 1), ("b", 3), ("b", 4)]
    assert "A broadcast to down failed" in caplog.text


def test_a_layer_that_hangs_fills_no_memory(
    layer: Layer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(broadcast, "MOST_WAITING", 10)
    blocked = threading.Event()

    async def hang(group: str, message: dict[str, Any]) -> None:
        await asyncio.to_thread(blocked.wait, 10)
        layer.arrived.release()

    monkeypatch.setattr(layer, "group_send", hang)
    with caplog.at_level(logging.ERROR, "realtime"):
        for number in range(50):
            broadcast.send("a", {"n": number})

    assert len(broadcast._waiting) <= 10
    assert "are dropped" in caplog.text
    blocked.set()
    layer.wait(10)


async def test_sends_to_groups_that_somebody_listens_in_and_to_no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = get_channel_layer()
    sent: list[str] = []
    done = asyncio.Event()

    async def note(group: str, message: dict[str, Any]) -> None:
        sent.append(group)
        done.set()

    monkeypatch.setattr(layer, "group_send", note, raising=False)
    await layer.group_add("heard", await layer.new_channel())

    broadcast.set_loop(asyncio.get_running_loop())
    broadcast.send_many([("unheard", {"type": "a"}), ("heard", {"type": "b"}), ("unheard", {"type": "c"})])
    await asyncio.wait_for(done.wait(), 20)

    assert sent == ["heard"]
