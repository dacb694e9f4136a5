"""``/ws/builder/``: who else has a flow open, and that it was saved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from common import clock
from flows.services import create_flow, save_revision
from tests.interactions.world import Desk, make_desk
from tests.realtime.conftest import Socket

Browser = Callable[..., Awaitable[Socket]]


def flow_of(desk: Desk) -> Any:
    return create_flow(account_id=desk.account.id, friendly_name="Welcome", author="", now=clock.now())


async def open_flow(browser: Browser, user: Any, flow: Any) -> tuple[Socket, str]:
    socket = await browser(f"/ws/builder/?flow={flow.sid}", user=user)
    return socket, (await socket.hear("hello"))["editor"]


async def test_tells_each_tab_of_the_others(browser: Browser, desk: Desk) -> None:
    flow, ada, bo = flow_of(desk), desk.user("admin"), desk.user("admin")
    first, _ = await open_flow(browser, ada, flow)
    await first.say({"type": "here", "widgets": ["ask"]})
    second, second_editor = await open_flow(browser, bo, flow)

    told = await second.hear("editor")
    assert (told["user_sid"], told["widgets"]) == (ada.sid, ["ask"])
    await second.say({"type": "here", "widgets": []})
    seen = await first.hear("editor")
    assert (seen["editor"], seen["user_sid"], seen["widgets"]) == (second_editor, bo.sid, [])
    await second.leave()
    assert (await first.hear("left"))["editor"] == second_editor


async def test_tells_of_a_new_revision(browser: Browser, desk: Desk) -> None:
    flow, ada = flow_of(desk), desk.user("admin")
    socket, _ = await open_flow(browser, ada, flow)

    save_revision(account_id=desk.account.id, flow_id=flow.id, status="draft", author=ada.sid, now=clock.now())

    saved = await socket.hear("saved")
    assert {key: saved[key] for key in ("revision", "status", "user_sid")} == {
        "revision": 2,
        "status": "draft",
        "user_sid": ada.sid,
    }


async def test_is_for_admins_of_the_account(browser: Browser, desk: Desk) -> None:
    flow, other = flow_of(desk), make_desk()
    path = f"/ws/builder/?flow={flow.sid}"

    assert await (await browser(path)).hear_close() == 4401
    assert await (await browser(path, user=desk.user("supervisor"))).hear_close() == 4401
    assert await (await browser(path, user=other.user("admin"))).hear_close() == 4404
    assert await (await browser("/ws/builder/?flow=nonsense", user=desk.user("admin"))).hear_close() == 4404
    strange = await browser(path, user=desk.user("admin"), headers={"origin": "https://evil.example"})
    assert await strange.hear_close() == 4403


async def test_refuses_what_it_does_not_understand(browser: Browser, desk: Desk) -> None:
    socket, _ = await open_flow(browser, desk.user("admin"), flow_of(desk))
    for frame in (
        '{"type": "here", "widgets": "all"}',
        '{"type": "here", "widgets": [1]}',
        '{"type": "paint"}',
        "[]",
        "{",
    ):
        await socket.say(frame)
        assert (await socket.hear())["type"] == "error", frame
    await socket.say({"type": "ping"})
    assert await socket.hear() == {"type": "pong"}
