"""The web chat's whole story, as tests/channels_app/test_stories.py has it of the channels with a provider."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.db import connections

from common import clock
from conversations import queries as conversations
from conversations.models import Message, Participant, Receipt
from conversations.services import media
from realtime import broadcast, chats
from tests.interactions.world import Desk
from tests.realtime.conftest import Socket
from tests.realtime.test_console_api import logged_in
from tests.realtime.test_conversations_api import answer, path
from tests.realtime.test_webchat_files import PNG, upload

Wait = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def wait(tests_connection: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wait]:
    """Return what runs a step of a socket: between the steps no loop runs, so that requests may be made."""
    loop = asyncio.new_event_loop()
    # What is announced between the steps is heard in the next one.
    monkeypatch.setattr(broadcast, "_loop", lambda: loop)

    async def step(what: Coroutine[Any, Any, Any]) -> Any:
        connections["default"] = tests_connection
        return await what

    yield lambda what: loop.run_until_complete(step(what))
    layer = get_channel_layer()
    assert layer is not None
    loop.run_until_complete(layer.flush())
    for task in asyncio.all_tasks(loop):
        task.cancel()
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
    loop.close()


def open_socket(wait: Wait, token: str, connection: Any) -> Socket:
    async def begin() -> Socket:
        return await Socket(
            f"/ws/webchat/?token={token}&after=-1", connection, headers=[(b"host", b"testserver")]
        ).open()

    socket: Socket = wait(begin())
    return socket


def begin(deployment_key: str) -> chats.Chat:
    return chats.start_chat(deployment_key=deployment_key, identity=None, pre_engagement=None, now=clock.now())


def test_from_the_visitor_to_the_flow_to_an_agent_and_back(
    wait: Wait, tests_connection: Any, deployment_key: str, desk: Desk, drain: Callable[[], int]
) -> None:
    """A message told twice, the flow's reply, how far it was read, an agent with a picture, and one back."""
    chat = begin(deployment_key)
    conversation = conversations.conversation(desk.account.id, chat.conversation_id)
    socket = open_socket(wait, chat.token, tests_connection)
    for _ in range(2):
        wait(socket.say({"type": "message", "body": "good morning", "ref": "r1"}))
        assert wait(socket.hear("ack"))["index"] == 0
    assert [row.body for row in Message.objects.all()] == ["good morning"]

    drain()
    told = [each for each in wait(socket.hear_all()) if each["type"] == "message"]
    assert [(each["index"], each["source"], each["body"]) for each in told][-1] == (1, "flow", "Hello!")
    wait(socket.say({"type": "read", "index": 1}))
    wait(socket.hear_all())
    assert Participant.objects.get(identity=chat.identity).last_read_message_index == 1

    _, user = desk.agent("Ana Agent")
    answer(desk.offer(conversation), "accepted")
    agent = logged_in(user)
    sid = agent.post(path(conversation, "/media?filename=a.png"), data=PNG, content_type="image/png").json()["sid"]
    said = agent.post(
        path(conversation, "/messages"),
        data=json.dumps({"body": "This is Ana", "client_ref": "1", "media": [sid]}),
        content_type="application/json",
    )
    assert said.status_code == 201
    drain()
    heard = [each for each in wait(socket.hear_all()) if each["type"] == "message"]
    assert [(each["source"], each["body"], [item["sid"] for item in each["media"]]) for each in heard] == [
        ("agent", "This is Ana", [sid])
    ]
    _, shown, ticket, name = heard[0]["media"][0]["url"].removeprefix("http://testserver/media/").split("/")
    assert (media.check_signature(shown, ticket, now=clock.now()).sid, name) == (sid, "a.png")

    picture = upload(chat.token, PNG).json()["sid"]
    wait(socket.say({"type": "message", "body": "look", "ref": "r2", "media": [picture]}))
    assert wait(socket.hear("ack"))["index"] == 3
    drain()
    last = Message.objects.get(index=3)
    assert (last.author, [item["sid"] for item in last.media]) == (chat.identity, [picture])
    wait(socket.leave())
    # The agent has the chat, so the flow has said nothing more; and nothing left by a channel.
    assert Message.objects.count() == 4
    assert not Receipt.objects.exists()


async def test_stores_nothing_for_a_wrong_token(browser: Callable[..., Awaitable[Socket]], deployment_key: str) -> None:
    head, payload, signature = begin(deployment_key).token.split(".")

    for token in ("", "nonsense", f"{head}.{payload}x.{signature}"):
        socket = await browser(f"/ws/webchat/?token={token}&after=-1")
        assert await socket.hear_close() == 4401

    assert not Message.objects.exists()


async def test_two_first_messages_at_the_same_moment_make_one_conversation(
    browser: Callable[..., Awaitable[Socket]], deployment_key: str
) -> None:
    chat = begin(deployment_key)
    address = f"/ws/webchat/?token={chat.token}&after=-1"
    tabs = [await browser(address), await browser(address)]

    await asyncio.gather(
        *(tab.say({"type": "message", "body": f"message {number}", "ref": "r1"}) for number, tab in enumerate(tabs)),
        tabs[0].say({"type": "message", "body": "message 2", "ref": "r2"}),
    )
    for tab in tabs:
        await tab.hear_all()

    stored = list(Message.objects.order_by("index").values_list("conversation_id", "index", "body"))
    # One reference is one message: the second tab's was a repetition.
    assert stored == [(chat.conversation_id, 0, "message 0"), (chat.conversation_id, 1, "message 2")]


async def test_says_and_hears_all_once_and_in_order_though_the_line_breaks(
    browser: Callable[..., Awaitable[Socket]], deployment_key: str, desk: Desk, drain: Callable[[], int]
) -> None:
    chat = begin(deployment_key)
    address = f"/ws/webchat/?token={chat.token}&after="
    first = await browser(f"{address}-1")
    await first.say({"type": "message", "body": "one", "ref": "r1"})
    # Gone before it heard that this was stored, and while the flow answers.
    await first.leave()
    drain()

    second = await browser(f"{address}-1")
    for ref, body in (("r1", "one"), ("r2", "two"), ("r2", "two"), ("r3", "three")):
        await second.say({"type": "message", "body": body, "ref": ref})
    told = await second.hear_all()

    assert [(each["ref"], each["index"]) for each in told if each["type"] == "ack"] == [
        ("r1", 0),
        ("r2", 2),
        ("r2", 2),
        ("r3", 3),
    ]
    heard = [(each["index"], each["body"]) for each in told if each["type"] == "message"]
    assert heard == [(0, "one"), (1, "Hello!"), (2, "two"), (3, "three")]
    assert [row.body for row in Message.objects.order_by("index")] == ["one", "Hello!", "two", "three"]
