"""``/ws/console/``: a console's socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from common import clock, ids
from conversations import services
from conversations.services import ReceiptUpdate
from interactions import services as interactions
from realtime import broadcast, console, sweep
from routing import services as routing
from routing.models import Reservation
from tests.interactions.test_transfers import offered, taken, transfer
from tests.interactions.world import Desk, make_desk
from tests.realtime.conftest import Socket, cookie_of

Browser = Callable[..., Awaitable[Socket]]
PATH = "/ws/console/"


def answer(reservation: Reservation, status: str) -> None:
    interactions.answer_reservation(
        reservation_id=reservation.id, worker_id=reservation.worker_id, status=status, now=clock.now()
    )


async def open_console(browser: Browser, user: Any) -> Socket:
    socket = await browser(PATH, user=user)
    assert (await socket.hear())["type"] == "hello"
    return socket


async def test_says_who_is_there(browser: Browser, desk: Desk) -> None:
    worker, user = desk.agent()

    mine = await browser(PATH, user=user)
    supervisors = await browser(PATH, user=desk.user("supervisor"))

    assert await mine.hear_all() == [{"type": "hello", "worker_sid": worker.sid}]
    assert await supervisors.hear_all() == [{"type": "hello", "worker_sid": None}]


async def test_who_is_not_logged_in_is_refused(browser: Browser, desk: Desk) -> None:
    gone = desk.user("agent")
    cookie = cookie_of(gone)
    type(gone).objects.filter(id=gone.id).update(is_active=False)

    for headers in ({}, {"cookie": "sessionid=nonsense"}, {"cookie": cookie}):
        assert await (await browser(PATH, headers=headers)).hear_close() == 4401


async def test_pages_of_other_sites_are_refused(browser: Browser, desk: Desk) -> None:
    _, user = desk.agent()

    for origin in ("https://evil.example", "http://testserver.evil.example", "null", "file://"):
        assert await (await browser(PATH, user=user, headers={"origin": origin})).hear_close() == 4403
    for origin in ("http://testserver", "https://testserver"):
        assert (await (await browser(PATH, user=user, headers={"origin": origin})).hear())["type"] == "hello"


async def test_a_reservation_is_told_from_offer_to_end_in_every_tab(browser: Browser, desk: Desk) -> None:
    _, user = desk.agent()
    conversation = desk.conversation()
    desk.say(conversation, "Hello?")
    tabs = [await open_console(browser, user) for _ in range(2)]

    reservation = desk.offer(conversation)
    offered = [(await tab.hear("reservation"))["reservation"] for tab in tabs]
    answer(reservation, "accepted")
    answer(reservation, "completed")

    assert offered[0] == offered[1]
    assert (offered[0]["sid"], offered[0]["status"]) == (reservation.sid, "pending")
    assert offered[0]["conversation"]["last_message"]["body"] == "Hello?"
    for tab in tabs:
        told = await tab.hear_all()
        statuses = [each["reservation"]["status"] for each in told if each["type"] == "reservation"]
        assert statuses[-1] == "completed"
        assert {"type": "conversation", "conversation_sid": conversation.sid, "state": "closed"} in told


async def test_messages_of_own_conversations_come_unasked(browser: Browser, desk: Desk) -> None:
    _, user = desk.agent()
    conversation = desk.conversation()
    answer(desk.offer(conversation), "accepted")
    socket = await open_console(browser, user)

    message = desk.say(conversation, "Are you there?", client_ref="r1")

    assert await socket.hear() == {
        "type": "message",
        "conversation_sid": conversation.sid,
        "message": {
            "sid": message.sid,
            "index": 0,
            "author": conversation.customer_address,
            "author_name": "Carl Customer",
            "source": "customer",
            "body": "Are you there?",
            "media": [],
            "client_ref": "r1",
            "delivery": None,
            "date_created": clock.to_iso(message.created_at),
        },
    }


async def test_conversations_of_others_stay_theirs(browser: Browser, desk: Desk) -> None:
    _, user = desk.agent("Ana Agent")
    mine = desk.conversation()
    answer(desk.offer(mine), "accepted")
    _, other = desk.agent("Ben Agent")
    socket = await open_console(browser, other)

    await socket.say({"type": "watch", "conversation_sid": mine.sid})
    refused = await socket.hear()
    desk.say(mine, "secret")

    assert (refused["type"], await socket.hear_all()) == ("error", [])
    assert user.account_id == other.account_id


async def test_a_supervisor_watches_and_stops(browser: Browser, desk: Desk) -> None:
    conversation = desk.conversation()
    desk.say(conversation, "before")
    socket = await open_console(browser, desk.user("supervisor"))

    await socket.say({"type": "watch", "conversation_sid": conversation.sid, "after": -1})
    first = await socket.hear("message")
    desk.say(conversation, "watched")
    second = await socket.hear("message")
    await socket.say({"type": "unwatch", "conversation_sid": conversation.sid})
    await socket.say({"type": "ping"})
    assert await socket.hear() == {"type": "pong"}
    desk.say(conversation, "unwatched")

    assert (first["message"]["body"], second["message"]["body"]) == ("before", "watched")
    assert await socket.hear_all() == []


async def test_another_accounts_conversation_is_unknown(browser: Browser, desk: Desk) -> None:
    theirs = make_desk("Other").conversation()
    socket = await open_console(browser, desk.user("admin"))

    for sid in (theirs.sid, "CH00000000000000000000000000000000", "nonsense", None):
        await socket.say({"type": "watch", "conversation_sid": sid})
        assert (await socket.hear())["type"] == "error"


async def test_typing_goes_both_ways(browser: Browser, desk: Desk) -> None:
    _, user = desk.agent("Ana Agent")
    conversation = desk.conversation()
    answer(desk.offer(conversation), "accepted")
    socket = await open_console(browser, user)

    services.announce_typing(
        account_id=desk.account.id, conversation_id=conversation.id, author="Carl", kind="customer"
    )
    heard = await socket.hear("typing")
    await socket.say({"type": "typing", "conversation_sid": conversation.sid})
    own = await socket.hear("typing")

    assert heard == {"type": "typing", "conversation_sid": conversation.sid, "author": "Carl"}
    assert own == {"type": "typing", "conversation_sid": conversation.sid, "author": "ana"}


async def test_only_who_takes_part_types(browser: Browser, desk: Desk) -> None:
    _, user = desk.agent()
    socket = await open_console(browser, user)

    await socket.say({"type": "typing", "conversation_sid": desk.conversation().sid})

    assert (await socket.hear())["type"] == "error"


async def test_deliveries_and_states_are_told(browser: Browser, desk: Desk) -> None:
    conversation = desk.conversation()
    message = desk.say(conversation, "Hi", source="api", author="api")
    customer = conversation.participants.get()
    socket = await open_console(browser, desk.user("admin"))
    await socket.say({"type": "watch", "conversation_sid": conversation.sid})
    await socket.say({"type": "ping"})
    await socket.hear("pong")

    update = ReceiptUpdate(
        message_id=message.id, participant_id=customer.id, status="failed", error_code=30003, error_message="Gone"
    )
    services.record_receipts([update], now=clock.now())
    services.close_conversation(conversation_id=conversation.id, reason="API", now=clock.now())

    assert await socket.hear_all() == [
        {
            "type": "receipt",
            "conversation_sid": conversation.sid,
            "index": 0,
            "delivery": {"status": "failed", "error_code": 30003, "error_message": "Gone"},
        },
        {"type": "conversation", "conversation_sid": conversation.sid, "state": "closed"},
    ]


async def test_a_deleted_conversation_ends_for_who_has_it_and_the_socket_goes_on(
    browser: Browser, desk: Desk, drain: Callable[[], int]
) -> None:
    _, user = desk.agent()
    conversation = desk.conversation()
    reservation = desk.offer(conversation)
    answer(reservation, "accepted")
    socket = await open_console(browser, user)

    services.delete_conversation(conversation_id=conversation.id, now=clock.now())
    drain()

    told = await socket.hear_all()
    assert {"type": "conversation", "conversation_sid": conversation.sid, "state": "closed"} in told
    ended = [each["reservation"] for each in told if each["type"] == "reservation"]
    assert (ended[-1]["sid"], ended[-1]["status"]) == (reservation.sid, "completed")
    await socket.say({"type": "ping"})
    assert (await socket.hear())["type"] == "pong"


async def test_the_activity_is_told(browser: Browser, desk: Desk) -> None:
    worker, user = desk.agent()
    socket = await open_console(browser, user)

    routing.set_activity(worker_id=worker.id, activity_id=desk.activity("Offline").id, now=clock.now())

    told = await socket.hear("activity")
    assert told["worker"]["activity_sid"] == ids.sid("WA", desk.activity("Offline").id)
    assert (told["worker"]["sid"], told["worker"]["name"]) == (worker.sid, worker.friendly_name)


async def test_lost_hints_are_found_by_the_sweep(browser: Browser, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, user = desk.agent()
    conversation = desk.conversation()
    held = desk.offer(conversation)
    answer(held, "accepted")
    socket = await open_console(browser, user)
    monkeypatch.setattr(broadcast, "send_many", lambda batch: list(batch))
    desk.say(conversation, "lost")
    offered = desk.offer(desk.conversation())

    await sweep.sweep()

    told = await socket.hear_all()
    assert [each["message"]["body"] for each in told if each["type"] == "message"] == ["lost"]
    assert [each["reservation"]["sid"] for each in told if each["type"] == "reservation"] == [offered.sid]

    answer(held, "completed")
    await sweep.sweep()

    told = await socket.hear_all()
    assert [each["state"] for each in told if each["type"] == "conversation"] == ["closed"]
    assert [each["reservation"]["status"] for each in told if each["type"] == "reservation"] == ["completed"]

    await sweep.sweep()
    assert await socket.hear_all() == []


async def test_the_socket_ends_with_the_log_in(browser: Browser, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "SESSION_CHECK_SECONDS", 0.0)
    _, user = desk.agent()
    socket = await browser(PATH, user=user)
    await socket.hear("hello")

    await sweep.sweep()
    assert await socket.hear_all() == []

    Session.objects.all().delete()
    await sweep.sweep()
    assert await socket.hear_close() == 4401


@pytest.mark.parametrize("frame", ["no JSON", "{}", {"type": "explode"}, {"type": "watch"}, {"type": "typing"}])
async def test_bad_frames_get_a_clear_error(browser: Browser, desk: Desk, frame: Any) -> None:
    _, user = desk.agent()
    socket = await open_console(browser, user)

    await socket.say(frame)

    assert (await socket.hear())["type"] == "error"


async def test_colleagues_in_one_conversation_hear_what_each_does(browser: Browser, desk: Desk) -> None:
    _, ana = desk.agent("Ana")
    conversation = desk.conversation()
    participant = taken(desk, conversation)
    worker, ben = desk.agent("Ben")
    transfer(participant, worker)
    answer(offered(desk, worker), "accepted")
    stranger = desk.agent("Cid")[1]
    first, tab, second, other = [await open_console(browser, user) for user in (ana, ana, ben, stranger)]

    def said(does: str) -> dict[str, str]:
        return {"type": "here", "conversation_sid": conversation.sid, "does": does}

    def told(does: str) -> dict[str, str]:
        name = ana.display_name
        return {
            "type": "colleague",
            "conversation_sid": conversation.sid,
            "user_sid": ana.sid,
            "name": name,
            "does": does,
        }

    # Who has no task of it says nothing, and hears nothing.
    await other.say(said("writing"))
    await first.say(said("looking"))
    await first.say(said("writing"))
    heard = [await second.hear(), await second.hear()]
    await first.say(said("sleeping"))
    refused = await first.hear()
    # The page is closed.
    await first.send_input({"type": "websocket.disconnect", "code": 1001})
    await first.wait(5)

    assert heard == [told("looking"), told("writing")]
    assert refused == {"type": "error", "code": 20001, "message": "does must be one of looking, writing, gone"}
    assert await second.hear_all() == [told("gone")]
    assert (await tab.hear_all(), await other.hear_all()) == ([], [])
