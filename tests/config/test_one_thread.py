"""Few requests are worked on at once; one that takes long keeps nobody from their turn."""

from __future__ import annotations

import asyncio

from config.one_thread import Turns


async def _work(turns: Turns, until: asyncio.Event, begun: list[int], number: int) -> None:
    async with turns.take():
        begun.append(number)
        await until.wait()


async def test_the_others_wait_in_the_order_in_which_they_came() -> None:
    turns, until = Turns(at_once=2, seconds=60), asyncio.Event()
    begun: list[int] = []
    working = [asyncio.create_task(_work(turns, until, begun, number)) for number in range(5)]
    await asyncio.sleep(0.02)
    assert begun == [0, 1]

    until.set()
    await asyncio.gather(*working)
    assert begun == [0, 1, 2, 3, 4]


async def test_a_turn_lapses_and_is_given_back_once() -> None:
    turns, slow = Turns(at_once=1, seconds=0.05), asyncio.Event()
    begun: list[int] = []
    waiting = asyncio.create_task(_work(turns, slow, begun, 0))
    await asyncio.sleep(0.02)
    until = asyncio.Event()
    until.set()
    await _work(turns, until, begun, 1)
    assert begun == [0, 1]
    slow.set()
    await waiting

    # One turn is free again, not two.
    blocked = asyncio.Event()
    begun_again: list[int] = []
    both = [asyncio.create_task(_work(turns, blocked, begun_again, number)) for number in (2, 3)]
    await asyncio.sleep(0.01)
    assert begun_again == [2]
    blocked.set()
    await asyncio.gather(*both)


async def test_who_gives_up_waiting_or_working_leaves_the_turn_to_others() -> None:
    turns, until = Turns(at_once=1, seconds=60), asyncio.Event()
    begun: list[int] = []
    first, second, third = (asyncio.create_task(_work(turns, until, begun, number)) for number in range(3))
    await asyncio.sleep(0.01)
    second.cancel()
    first.cancel()
    await asyncio.sleep(0.01)
    assert begun == [0, 2]
    until.set()
    await third
