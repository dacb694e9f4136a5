"""Many writes in one transaction: in order, each with its own outcome, and never more than fit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from common import statements
from common.groupcommit import GroupCommit, Overloaded


@pytest.fixture(autouse=True)
def without_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "keep_connection", lambda: None)
    monkeypatch.setattr(statements, "recover_connection", lambda: None)


async def test_shares_the_next_commit_among_those_that_came_during_one() -> None:
    groups: list[list[int]] = []
    began, release = threading.Event(), threading.Event()

    def commit(items: Sequence[int]) -> list[int]:
        groups.append(list(items))
        began.set()
        release.wait(30)
        return [item * 10 for item in items]

    made: GroupCommit[int, int] = GroupCommit("test", commit)
    first = asyncio.create_task(made.submit(1))
    await asyncio.to_thread(began.wait, 30)
    others = [asyncio.create_task(made.submit(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    release.set()

    assert await asyncio.gather(first, *others) == [10, 20, 30, 40]
    assert groups == [[1], [2, 3, 4]]


async def test_lets_a_poisoned_item_fail_alone() -> None:
    began, release = threading.Event(), threading.Event()

    def commit(items: Sequence[str]) -> list[str]:
        began.set()
        release.wait(30)
        if "poison" in items:
            raise RuntimeError("poisoned")
        return list(items)

    made: GroupCommit[str, str] = GroupCommit("test", commit)
    tasks = [asyncio.create_task(made.submit("first"))]
    await asyncio.to_thread(began.wait, 30)
    tasks += [asyncio.create_task(made.submit(item)) for item in ("a", "poison", "b")]
    await asyncio.sleep(0)
    release.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert [result if isinstance(result, str) else str(result) for result in results] == ["first", "a", "poisoned", "b"]


async def test_refuses_what_is_too_much_and_takes_more_once_there_is_room() -> None:
    began, release = threading.Event(), threading.Event()

    def commit(items: Sequence[int]) -> list[int]:
        began.set()
        release.wait(30)
        return list(items)

    made: GroupCommit[int, int] = GroupCommit("test", commit, waiting=2)
    tasks = [asyncio.create_task(made.submit(1))]
    await asyncio.to_thread(began.wait, 30)
    tasks += [asyncio.create_task(made.submit(number)) for number in (2, 3)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await made.submit(4)
    release.set()

    assert await asyncio.gather(*tasks) == [1, 2, 3]
    assert await made.submit(5) == 5
