"""What waiting customers are told, and what they may do meanwhile."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from common import clock
from conversations import queries as conversations
from conversations.models import Conversation
from interactions import services as interactions
from realtime import chats, payloads, queueing, reading
from routing import queries as routing
from routing import services as routing_services
from routing.models import RoutingEvent, Task
from tests.interactions.world import Desk, invite_of
from tests.realtime.conftest import Socket

Browser = Callable[..., Awaitable[Socket]]


@pytest.fixture(autouse=True)
def board(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A board that looks as often as it is stirred."""
    monkeypatch.setattr(queueing, "PAUSE_SECONDS", 0.01)
    queueing._boards.clear()
    yield
    queueing._boards.clear()


@pytest.fixture
def chat(deployment_key: str) -> chats.Chat:
    return chats.start_chat(deployment_key=deployment_key, identity=None, pre_engagement=None, now=clock.now())


@pytest.fixture
def thread(chat: chats.Chat, desk: Desk) -> Conversation:
    return conversations.conversation(desk.account.id, chat.conversation_id)


def address(chat: chats.Chat) -> str:
    return f"/ws/webchat/?token={chat.token}&after=-1"


async def test_customers_are_told_where_they_stand_as_it_changes(
    browser: Browser, chat: chats.Chat, thread: Conversation, desk: Desk
) -> None:
    worker, _ = desk.agent(available=False)
    before = desk.hand_over(desk.conversation(), task_channel="chat")
    mine = desk.hand_over(thread, task_channel="chat")
    socket = await browser(address(chat))
    first = await socket.hear("queue")

    routing_services.cancel_task(task_id=invite_of(before).task_id, reason="test", now=clock.now())
    second = await socket.hear("queue")

    assert (first["waiting"], first["ahead"], first["expected"]) == (True, 1, None)
    assert second == {**first, "ahead": 0}
    routing_services.set_activity(worker_id=worker.id, activity_id=desk.activity("Available").id, now=clock.now())
    routing_services.assign(workspace_id=desk.workspace.id, now=clock.now())
    reservation = routing.open_reservations(worker.id)[0]
    assert reservation.task_id == invite_of(mine).task_id
    interactions.answer_reservation(
        reservation_id=reservation.id, worker_id=worker.id, status="accepted", now=clock.now()
    )

    assert await socket.hear("queue") == {"type": "queue", "waiting": False}
    assert queueing.board().waiting == {}


async def test_who_begins_to_wait_while_connected_hears_of_it(
    browser: Browser, chat: chats.Chat, thread: Conversation, desk: Desk
) -> None:
    socket = await browser(address(chat))

    desk.hand_over(thread)

    assert (await socket.hear("queue"))["ahead"] == 0


def test_thousands_who_wait_cost_three_statements(desk: Desk, django_assert_num_queries: Any) -> None:
    tasks = [invite_of(desk.hand_over(desk.conversation(), task_channel="chat")).task_id for _ in range(8)]

    with django_assert_num_queries(3):
        found = routing.places(tasks, now=clock.now())

    assert [found[key].ahead for key in tasks] == list(range(8))


def test_the_wait_is_expected_from_what_others_waited(desk: Desk) -> None:
    now = clock.now()
    task = Task.objects.get(id=invite_of(desk.hand_over(desk.conversation(), task_channel="chat")).task_id)

    def expected(number: int) -> timedelta | None:
        RoutingEvent.objects.filter(event_type="reservation.accepted").delete()
        for _ in range(number):
            RoutingEvent.objects.create(
                account_id=desk.account.id,
                workspace=desk.workspace,
                event_type="reservation.accepted",
                resource_type="reservation",
                resource_id=task.id,
                occurred_at=now,
                queue_id=task.queue_id,
                queue_wait_seconds=100.0,
            )
        return routing.places([task.id], now=task.queue_entered_at + timedelta(seconds=40))[task.id].expected

    assert (expected(2), expected(3)) == (None, timedelta(seconds=60))
    # Who has waited longer than that is told nothing rather than nonsense.
    late = routing.places([task.id], now=task.queue_entered_at + timedelta(seconds=101))
    assert late[task.id].expected is None


async def test_a_left_message_is_noted_on_the_conversation_and_its_task(
    browser: Browser, chat: chats.Chat, thread: Conversation, desk: Desk
) -> None:
    interaction = desk.hand_over(thread)
    socket = await browser(address(chat))

    await socket.say({"type": "leave_message", "ref": "r1", "body": "Call me", "contact": "eva@example.org"})

    assert (await socket.hear("ack"))["ref"] == "r1"
    noted = {"left_message": True, "contact": "eva@example.org"}
    assert json.loads(conversations.conversation(desk.account.id, thread.id).attributes) == noted
    attributes = json.loads(Task.objects.get(id=invite_of(interaction).task_id).attributes)
    assert {name: attributes[name] for name in noted} == noted
    assert [row.body for row in conversations.messages(thread.id)] == ["Call me"]


async def test_offered_answers_are_shown_and_taken_like_other_channels_buttons(
    browser: Browser, chat: chats.Chat, thread: Conversation, desk: Desk
) -> None:
    offered = {"quick_replies": ["Yes", {"title": "No, thanks", "payload": "no"}]}
    desk.say(thread, "More?", source="flow", author="", attributes=json.dumps(offered))
    socket = await browser(address(chat))

    told = await socket.hear("message")
    await socket.say({"type": "message", "ref": "r1", "body": "No, thanks", "payload": "no"})
    await socket.hear("ack")

    assert told["quick_replies"] == [{"title": "Yes", "payload": "Yes"}, {"title": "No, thanks", "payload": "no"}]
    assert conversations.messages(thread.id)[-1].fields == {"ButtonText": "No, thanks", "ButtonPayload": "no"}
    await socket.say({"type": "message", "ref": "r2", "body": "x", "payload": "y" * 257})
    assert (await socket.hear("error"))["ref"] == "r2"


@pytest.mark.parametrize(
    ("attributes", "titles"),
    [
        ("{}", []),
        ("not json", []),
        ('{"quick_replies": "x"}', []),
        ('["quick_replies"]', []),
        ('{"quick_replies": [1, null, "", {"title": 3}, {"payload": "x"}, " a "]}', ["a"]),
        (json.dumps({"quick_replies": [str(number) for number in range(20)]}), [str(number) for number in range(13)]),
    ],
)
def test_offers_that_make_no_sense_are_left_out(attributes: str, titles: list[str]) -> None:
    assert [each["title"] for each in payloads.quick_replies(attributes)] == titles


async def test_the_customer_sees_what_an_agent_has_read(
    browser: Browser, chat: chats.Chat, thread: Conversation, desk: Desk
) -> None:
    worker, _ = desk.agent()
    reservation = desk.offer(thread)
    interactions.answer_reservation(
        reservation_id=reservation.id, worker_id=worker.id, status="accepted", now=clock.now()
    )
    desk.say(thread, "Hi")
    socket = await browser(address(chat))
    row = conversations.conversation(desk.account.id, thread.id)

    reading.mark_read(row, conversations.participations(worker.id, [thread.id])[thread.id], index=7, now=clock.now())

    assert await socket.hear("read") == {"type": "read", "index": 0}
    again = await browser(address(chat))
    assert await again.hear("read") == {"type": "read", "index": 0}
