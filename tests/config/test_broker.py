"""The in-memory broker wakes whoever waits, and says when nothing came."""

from __future__ import annotations

import threading

import pytest
from kombu import Connection

from config import broker


@pytest.fixture
def connection() -> Connection:
    broker.install()
    return Connection("memory://")


def test_delivers_what_another_thread_sends_while_it_waits(connection: Connection) -> None:
    queue = connection.SimpleQueue("test-wakes")
    heard: list[object] = []
    waiting = threading.Thread(target=lambda: heard.append(queue.get(timeout=20).payload))
    waiting.start()

    with Connection("memory://") as other:
        other.SimpleQueue("test-wakes").put("ding")
    waiting.join(20)

    assert heard == ["ding"]


def test_says_that_nothing_came(connection: Connection) -> None:
    queue = connection.SimpleQueue("test-silent")

    with pytest.raises(queue.Empty):
        queue.get(timeout=0.05)
