"""A supervisor's page hears that the floor is different, and an agent's console that somebody looks on."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import pytest

from common import clock
from interactions import services as interactions
from realtime import console
from realtime.hints import Hints
from supervision import services as supervision
from supervision.services.actors import Actor
from tests.interactions.world import Desk, make_desk
from tests.realtime.conftest import Socket

Browser = Callable[..., Awaitable[Socket]]
PATH = "/ws/console/"
HELP = {"type": "floor", "what": "help"}
WATCHERS = {"type": "floor", "what": "watchers"}
WORK = {"type": "floor", "what": "work"}


@pytest.fixture(autouse=True)
def short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "FLOOR_SECONDS", 0.02)


async def see_floor(browser: Browser, desk: Desk) -> Socket:
    socket = await browser(PATH, user=desk.user("supervisor", name="Boss"))
    await socket.say({"type": "watch_floor"})
    await socket.say({"type": "ping"})
    await socket.hear("pong")
    return socket


async def test_supervisors_hear_of_calls_for_help_and_of_who_looks_on(browser: Browser, desk: Desk) -> None:
    worker, agent = desk.agent()
    conversation = desk.conversation()
    reservation = desk.offer(conversation)
    interactions.answer_reservation(
        reservation_id=reservation.id, worker_id=worker.id, status="accepted", now=clock.now()
    )
    floor = await see_floor(browser, desk)
    mine = await browser(PATH, user=agent)
    await mine.hear("hello")

    supervision.ask_for_help(
        account_id=desk.account.id,
        conversation_id=conversation.id,
        worker_id=worker.id,
        task_id=reservation.task_id,
        agent_name="Ana",
        note="",
        now=clock.now(),
    )
    boss = Actor.of(desk.user("supervisor", name="Sue"))
    supervision.watch(actor=boss, conversation_id=conversation.id, now=clock.now())
    supervision.stop_watching(actor=boss, conversation_id=conversation.id)

    assert await floor.hear_all() == [HELP, WATCHERS, WATCHERS]
    around = {"type": "work", "conversation_sid": conversation.sid, "transfer": None}
    assert await mine.hear_all() == [around] * 3


async def test_supervisors_hear_of_work_now_and_then_however_much_there_is(browser: Browser, desk: Desk) -> None:
    floor = await see_floor(browser, desk)
    elsewhere = await see_floor(browser, make_desk("Elsewhere"))

    for _ in range(5):
        desk.hand_over(desk.conversation())

    # Whether the last of the five fell into the pause is the event loop's business.
    assert await floor.hear_all() in ([WORK] * 2, [WORK] * 3)
    assert await elsewhere.hear_all() == []


async def test_agents_do_not_hear_of_the_floor(browser: Browser, desk: Desk) -> None:
    _, agent = desk.agent()
    socket = await browser(PATH, user=agent)
    await socket.hear("hello")

    await socket.say({"type": "watch_floor"})
    refused = await socket.hear()
    desk.hand_over(desk.conversation())

    assert refused == {"type": "error", "code": 20403, "message": "Only supervisors see the floor"}
    assert [told for told in await socket.hear_all() if told["type"] == "floor"] == []


async def test_hints_in_a_row_are_told_once_a_pause() -> None:
    told: list[float] = []
    loop = asyncio.get_running_loop()

    async def tell() -> None:
        told.append(loop.time())

    hints = Hints(tell, 0.05)
    for _ in range(6):
        hints.give()
        last = loop.time()
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)

    assert 2 <= len(told) < 6
    assert told[-1] > last
    assert all(after - before >= 0.045 for before, after in itertools.pairwise(told))
