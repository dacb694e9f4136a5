"""Readings of a crowd become one; whoever asks sees no older state than the one at their question."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from realtime import database
from realtime.gathered import Gathered


@pytest.fixture(autouse=True)
def _a_thread_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a server, the loop goes on while a reading waits."""
    monkeypatch.setattr(database, "run", asyncio.to_thread)


class Slow:
    """A reading that waits until it is let go, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.go = threading.Semaphore(0)

    def __call__(self, keys: Sequence[int]) -> dict[int, str]:
        self.asked.append(list(keys))
        assert self.go.acquire(timeout=10)
        if 13 in keys:
            raise LookupError("no thirteen")
        return {key: f"value {key}" for key in keys if key != 404}


async def test_the_first_is_read_at_once_and_who_comes_meanwhile_together() -> None:
    read = Slow()
    gathered = Gathered(read)
    first = asyncio.create_task(gathered.get(1))
    await asyncio.sleep(0.02)
    crowd = [asyncio.create_task(gathered.get(key)) for key in (2, 3, 2, 404)]
    # Asked again during its own reading: what changed since may not be in that one.
    again = asyncio.create_task(gathered.get(1))
    await asyncio.sleep(0)
    read.go.release(2)

    assert await first == "value 1"
    assert await asyncio.gather(*crowd) == ["value 2", "value 3", "value 2", None]
    assert await again == "value 1"
    assert read.asked == [[1], [2, 3, 404, 1]]


async def test_who_goes_away_takes_nothing_from_the_others() -> None:
    read = Slow()
    gathered = Gathered(read)
    impatient, patient = asyncio.create_task(gathered.get(7)), asyncio.create_task(gathered.get(7))
    await asyncio.sleep(0.02)
    impatient.cancel()
    read.go.release()

    assert await patient == "value 7"
    assert impatient.cancelled()


async def test_a_reading_that_fails_is_told_and_the_next_goes_on() -> None:
    read = Slow()
    gathered = Gathered(read)
    read.go.release(2)
    with pytest.raises(LookupError):
        await gathered.get(13)
    assert await gathered.get(14) == "value 14"
