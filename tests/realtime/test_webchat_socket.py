"""``/ws/webchat/``: the customer's socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest

from channels_app.models import Connection
from common import clock, ids
from common.limits import Bucket
from conversations import queries as conversations
from conversations import services
from conversations.models import Conversation, Participant
from interactions import services as interactions
from realtime import broadcast, chats, sweep, tokens
from tests.interactions.world import Desk, make_desk
from tests.realtime.conftest import Socket

Browser = Callable[..., Awaitable[Socket]]


@pytest.fixture
def chat(deployment_key: str) -> chats.Chat:
    return begin(deployment_key)


def begin(deployment_key: str) -> chats.Chat:
    return chats.start_chat(deployment_key=deployment_key, identity=None, pre_engagement=None, now=clock.now())


@pytest.fixture
def thread(chat: chats.Chat, desk: Desk) -> Conversation:
    return conversations.conversation(desk.account.id, chat.conversation_id)


def address(token: str, after: int = -1) -> str:
    return f"/ws/webchat/?token={token}&after={after}"


def messages(told: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(each["index"], each["body"]) for each in told if each["type"] == "message"]


async def test_a_message_is_acknowledged_and_comes_back_with_its_ref(browser: Browser, chat: chats.Chat) -> None:
    socket = await browser(address(chat.token))

    await socket.say({"type": "message", "body": "Hi", "ref": "r1"})

    ack, message = sorted(await socket.hear_all(), key=lambda told: told["type"])
    assert ack == {"type": "ack", "ref": "r1", "index": 0}
    assert message == {
        "type": "message",
        "index": 0,
        "author": chat.identity,
        "author_name": chat.identity,
        "source": "customer",
        "body": "Hi",
        "media": [],
        "date_created": message["date_created"],
        "ref": "r1",
    }


async def test_pages_of_origins_that_are_not_listed_are_refused(
    browser: Browser, chat: chats.Chat, thread: Conversation
) -> None:
    Connection.objects.filter(id=thread.connection_id).update(webchat={"origins": ["https://shop.example"]})

    for origin in ("https://evil.example", "http://shop.example", "null"):
        assert await (await browser(address(chat.token), headers={"origin": origin})).hear_close() == 4403
    for headers in ({"origin": "https://shop.example"}, {"origin": "http://testserver"}, {}):
        socket = await browser(address(chat.token), headers=headers)
        await socket.say({"type": "message", "body": "Hi", "ref": "r1"})
        assert {"type": "ack", "ref": "r1", "index": 0} in await socket.hear_all()


async def test_a_repeated_ref_stores_nothing_new(browser: Browser, chat: chats.Chat, thread: Conversation) -> None:
    socket = await browser(address(chat.token))

    for _ in range(3):
        await socket.say({"type": "message", "body": "Hi", "ref": "r1"})

    told = await socket.hear_all()
    assert [each for each in told if each["type"] == "ack"] == [{"type": "ack", "ref": "r1", "index": 0}] * 3
    assert messages(told) == [(0, "Hi")]
    assert len(conversations.messages(thread.id)) == 1


async def test_the_flow_answers(browser: Browser, chat: chats.Chat, drain: Callable[[], int]) -> None:
    socket = await browser(address(chat.token))

    await socket.say({"type": "message", "body": "Hi", "ref": "r1"})
    await socket.hear("ack")
    drain()

    answers = [told for told in await socket.hear_all() if told.get("source") == "flow"]
    assert [(told["index"], told["body"], told["author_name"]) for told in answers] == [(1, "Hello!", "Assistant")]


async def test_what_was_missed_comes_first_and_nothing_twice(
    browser: Browser, chat: chats.Chat, thread: Conversation, desk: Desk
) -> None:
    for number in range(5):
        desk.say(thread, f"m{number}", source="api", author="api")

    all_of_it = await browser(address(chat.token))
    from_two = await browser(address(chat.token, after=2))
    beyond = await browser(address(chat.token, after=99))
    desk.say(thread, "m5", source="api", author="api")

    assert messages(await all_of_it.hear_all()) == [(number, f"m{number}") for number in range(6)]
    assert messages(await from_two.hear_all()) == [(3, "m3"), (4, "m4"), (5, "m5")]
    assert messages(await beyond.hear_all()) == [(5, "m5")]


async def test_own_messages_are_replayed_with_their_refs(browser: Browser, chat: chats.Chat) -> None:
    first = await browser(address(chat.token))
    await first.say({"type": "message", "body": "Hi", "ref": "r1"})
    await first.hear("message")

    second = await browser(address(chat.token))

    assert (await second.hear("message"))["ref"] == "r1"


async def test_a_message_between_hearing_and_reading_comes_once(
    browser: Browser, chat: chats.Chat, thread: Conversation, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from realtime.webchat import WebchatSocket

    follow = WebchatSocket.follow

    async def follow_and_be_told(self: Any, *args: Any) -> None:
        await follow(self, *args)
        desk.say(thread, "in between", source="api", author="api")
        # Let the broadcast arrive before the reading begins.
        await asyncio.sleep(0.05)

    monkeypatch.setattr(WebchatSocket, "follow", follow_and_be_told)

    socket = await browser(address(chat.token))

    assert messages(await socket.hear_all()) == [(0, "in between")]


async def test_messages_that_overtake_each_other_come_in_order(
    browser: Browser, chat: chats.Chat, thread: Conversation, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await browser(address(chat.token))
    sent: list[Any] = []
    real = broadcast.send_many
    monkeypatch.setattr(broadcast, "send_many", lambda batch: sent.extend(batch))
    for number in range(4):
        desk.say(thread, f"m{number}", source="api", author="api")

    # The second is lost, the last one overtakes, the first comes late and twice.
    real([sent[3], sent[0], sent[2], sent[0]])

    assert messages(await socket.hear_all()) == [(number, f"m{number}") for number in range(4)]


async def test_a_lost_hint_is_found_by_the_sweep(
    browser: Browser, chat: chats.Chat, thread: Conversation, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await browser(address(chat.token))
    monkeypatch.setattr(broadcast, "send_many", lambda batch: list(batch))
    desk.say(thread, "lost", source="api", author="api")
    services.close_conversation(conversation_id=thread.id, reason="API", now=clock.now())
    assert await socket.hear_all() == []

    await sweep.sweep()
    await sweep.sweep()

    told = await socket.hear_all()
    assert messages(told) == [(0, "lost")]
    assert [each["type"] for each in told] == ["message", "closed"]


async def test_two_tabs_see_the_same(browser: Browser, chat: chats.Chat) -> None:
    one, other = await browser(address(chat.token)), await browser(address(chat.token))

    await one.say({"type": "message", "body": "from one", "ref": "a"})
    await one.hear("message")
    await other.say({"type": "message", "body": "from the other", "ref": "b"})

    assert messages(await one.hear_all()) == [(1, "from the other")]
    assert messages(await other.hear_all()) == [(0, "from one"), (1, "from the other")]


async def test_typing_is_for_the_others(browser: Browser, chat: chats.Chat, thread: Conversation) -> None:
    socket = await browser(address(chat.token))

    await socket.say({"type": "typing"})
    services.announce_typing(account_id=thread.account_id, conversation_id=thread.id, author="ana", kind="agent")

    assert await socket.hear_all() == [{"type": "typing", "author": "ana"}]


async def test_reading_moves_the_mark_forward_only(
    browser: Browser, chat: chats.Chat, thread: Conversation, desk: Desk
) -> None:
    for _ in range(3):
        desk.say(thread, "m", source="api", author="api")
    socket = await browser(address(chat.token))

    for index in (1, 0, 77, True, "x"):
        await socket.say({"type": "read", "index": index})
    told = await socket.hear_all()

    assert len([each for each in told if each["type"] == "error"]) == 2
    assert Participant.objects.get(conversation=thread).last_read_message_index == 2


async def test_agents_who_come_and_go_are_told(
    browser: Browser, chat: chats.Chat, thread: Conversation, desk: Desk
) -> None:
    worker, _ = desk.agent("Ana Agent")
    socket = await browser(address(chat.token))

    def answer(status: str) -> None:
        interactions.answer_reservation(
            reservation_id=reservation.id, worker_id=worker.id, status=status, now=clock.now()
        )

    reservation = desk.offer(thread)
    answer("accepted")
    desk.say(thread, "I am Ana", source="agent", author="ana")
    answer("completed")

    told = await socket.hear_all()
    assert told[0] == {"type": "participant", "kind": "agent", "name": "Ana Agent", "joined": True}
    assert (told[1]["body"], told[1]["author_name"]) == ("I am Ana", "Ana Agent")
    assert told[2:] == [
        {"type": "participant", "kind": "agent", "name": "Ana Agent", "joined": False},
        {"type": "closed"},
    ]


async def test_a_closed_conversation_shows_its_end_and_takes_nothing(
    browser: Browser, chat: chats.Chat, thread: Conversation, desk: Desk
) -> None:
    desk.say(thread, "Bye", source="api", author="api")
    services.close_conversation(conversation_id=thread.id, reason="API", now=clock.now())

    socket = await browser(address(chat.token))
    assert [told["type"] for told in await socket.hear_all()] == ["message", "closed"]
    await socket.say({"type": "message", "body": "One more", "ref": "r"})

    told = {"type": "error", "code": 20001, "message": "The conversation is closed", "ref": "r"}
    assert await socket.hear() == told


def forged(**changes: Any) -> str:
    claims = {"aud": "webchat", "sub": "x", "acc": ids.uuid7().hex, "con": ids.uuid7().hex, "exp": 2**31, **changes}
    return jwt.encode(claims, "a key that is not ours, but long enough", algorithm="HS256")


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", forged(), jwt.encode({"sub": "x"}, None, algorithm="none")])
async def test_a_token_that_is_not_ours_is_refused(browser: Browser, desk: Desk, token: str) -> None:
    socket = await browser(address(token))

    assert await socket.hear_close() == 4401


async def test_an_expired_token_is_refused(browser: Browser, chat: chats.Chat, desk: Desk) -> None:
    token, _ = tokens.issue(
        account_id=desk.account.id,
        conversation_id=chat.conversation_id,
        identity=chat.identity,
        now=clock.now() - timedelta(hours=7),
    )

    assert await (await browser(address(token))).hear_close() == 4401


async def test_a_socket_ends_with_its_token(browser: Browser, chat: chats.Chat, desk: Desk) -> None:
    token, _ = tokens.issue(
        account_id=desk.account.id,
        conversation_id=chat.conversation_id,
        identity=chat.identity,
        now=clock.now() - tokens.LIFE + timedelta(seconds=2),
    )

    assert await (await browser(address(token))).hear_close() == 4401


async def test_a_token_opens_nothing_of_another_account_or_person(
    browser: Browser, chat: chats.Chat, desk: Desk
) -> None:
    other = make_desk("Other")
    theirs, _ = tokens.issue(
        account_id=other.account.id, conversation_id=chat.conversation_id, identity=chat.identity, now=clock.now()
    )
    strangers, _ = tokens.issue(
        account_id=desk.account.id, conversation_id=chat.conversation_id, identity="stranger", now=clock.now()
    )

    assert await (await browser(address(theirs))).hear_close() == 4401
    assert await (await browser(address(strangers))).hear_close() == 4401


async def test_one_chat_hears_nothing_of_another(browser: Browser, deployment_key: str) -> None:
    mine, theirs = begin(deployment_key), begin(deployment_key)
    one, other = await browser(address(mine.token)), await browser(address(theirs.token))

    await one.say({"type": "message", "body": "secret", "ref": "same"})
    await other.say({"type": "message", "body": "mine", "ref": "same"})

    assert messages(await one.hear_all()) == [(0, "secret")]
    assert messages(await other.hear_all()) == [(0, "mine")]


@pytest.mark.parametrize(
    "frame",
    [
        "no JSON",
        "[]",
        "{}",
        '{"type": 7}',
        {"type": "explode"},
        {"type": "message"},
        {"type": "message", "body": "no ref"},
        {"type": "message", "body": "x", "ref": ""},
        {"type": "message", "body": "x", "ref": "r" * 101},
        {"type": "message", "body": "   ", "ref": "r"},
        {"type": "message", "body": {"a": 1}, "ref": "r"},
        {"type": "message", "body": "ä" * 16_385, "ref": "r"},
        {"type": "message", "body": "x" * 300_000, "ref": "r"},
        '{"type": "message", "ref": "r", "body": "\\ud800"}',
        {"type": "read", "index": "1"},
    ],
)
async def test_bad_frames_get_a_clear_error_and_the_socket_goes_on(
    browser: Browser, chat: chats.Chat, thread: Conversation, frame: Any
) -> None:
    socket = await browser(address(chat.token))

    await socket.say(frame)
    error = await socket.hear()
    await socket.say({"type": "message", "body": "still here", "ref": "ok"})

    assert error["type"] == "error"
    assert error["message"]
    assert (await socket.hear("ack"))["index"] == 0
    assert [row.body for row in conversations.messages(thread.id)] == ["still here"]


async def test_who_writes_too_fast_is_slowed_down(
    browser: Browser, chat: chats.Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.webchat.Bucket", lambda per_second, burst: Bucket(0, 2))
    socket = await browser(address(chat.token))

    for number in range(3):
        await socket.say({"type": "message", "body": "spam", "ref": f"r{number}"})

    told = await socket.hear_all()
    assert len(messages(told)) == 2
    assert [each["ref"] for each in told if each["type"] == "error"] == ["r2"]


async def test_a_flood_of_frames_closes_the_socket(
    browser: Browser, chat: chats.Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    from realtime.webchat import WebchatSocket

    monkeypatch.setattr(WebchatSocket, "frames_at_once", 5)
    monkeypatch.setattr(WebchatSocket, "frames_per_second", 0)
    socket = await browser(address(chat.token))

    for _ in range(6):
        await socket.say({"type": "typing"})

    assert await socket.hear_close() == 4429
