"""``/app/v1/conversations``: reading a conversation and writing in it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common import clock
from conversations import services
from conversations.models import Conversation, Message, Participant
from conversations.services import ReceiptUpdate
from interactions import services as interactions
from routing.models import Reservation
from tests.interactions.world import Desk, make_desk
from tests.realtime.test_console_api import logged_in, post


def path(conversation: Conversation, tail: str = "") -> str:
    return f"/app/v1/conversations/{conversation.sid}{tail}"


def answer(reservation: Reservation, status: str) -> None:
    interactions.answer_reservation(
        reservation_id=reservation.id, worker_id=reservation.worker_id, status=status, now=clock.now()
    )


def send(client: Client, conversation: Conversation, body: Any, ref: str = "r1") -> Any:
    return post(client, path(conversation, "/messages"), {"body": body, "client_ref": ref})


def test_shows_a_conversation(desk: Desk) -> None:
    _, user = desk.agent("Ana Agent")
    conversation = desk.conversation()
    desk.say(conversation, "Hi")
    answer(desk.offer(conversation), "accepted")

    body = logged_in(user).get(path(conversation)).json()

    people = [(each["kind"], each["identity"], each["name"]) for each in body.pop("participants")]
    assert people == [("customer", conversation.customer_address, "Carl Customer"), ("agent", "ana", "Ana Agent")]
    assert body == {
        "sid": conversation.sid,
        "state": "active",
        "channel_type": "sms",
        "customer": {"name": "Carl Customer", "address": conversation.customer_address},
        "proxy_address": conversation.proxy_address,
        "attributes": {},
        "last_message_index": 0,
        "execution_sids": [],
        "wrap_ups": [],
        "date_created": clock.to_iso(conversation.created_at),
    }


def test_pages_through_messages(desk: Desk) -> None:
    conversation = desk.conversation()
    for number in range(6):
        desk.say(conversation, f"m{number}")
    client = logged_in(desk.user("supervisor"))

    def bodies(query: str) -> list[str]:
        answered = client.get(path(conversation, f"/messages?{query}"))
        return [message["body"] for message in answered.json()["messages"]]

    assert bodies("limit=2") == ["m4", "m5"]
    assert bodies("before=4&limit=2") == ["m2", "m3"]
    assert bodies("after=1&limit=2") == ["m2", "m3"]
    assert bodies("after=-1") == [f"m{number}" for number in range(6)]
    assert bodies("after=5") == []


@pytest.mark.parametrize("query", ["limit=0", "limit=1000", "limit=x", "before=-1", "after=-2", "after=x"])
def test_bad_pages_get_a_clear_error(desk: Desk, query: str) -> None:
    answered = logged_in(desk.user("admin")).get(path(desk.conversation(), f"/messages?{query}"))

    assert answered.status_code == 400


def test_names_authors_and_deliveries(desk: Desk) -> None:
    _, user = desk.agent("Ana Agent")
    conversation = desk.conversation()
    desk.say(conversation, "Hi")
    desk.say(conversation, "How can we help?", source="flow", author=conversation.proxy_address)
    desk.say(conversation, "I am a named flow", source="flow", author="Robo")
    reservation = desk.offer(conversation)
    answer(reservation, "accepted")
    sent = send(logged_in(user), conversation, "I am Ana")
    update = ReceiptUpdate(
        message_id=Message.objects.get(body="I am Ana").id,
        participant_id=conversation.participants.get(kind="customer").id,
        status="undelivered",
        error_code=30003,
        error_message="Unreachable",
    )
    services.record_receipts([update], now=clock.now())
    answer(reservation, "completed")

    told = logged_in(desk.user("admin")).get(path(conversation, "/messages")).json()["messages"]

    assert [message["author_name"] for message in told] == ["Carl Customer", "Assistant", "Robo", "Ana Agent"]
    assert [message["delivery"] for message in told] == [
        None,
        None,
        None,
        {"status": "undelivered", "error_code": 30003, "error_message": "Unreachable"},
    ]
    # The reference is the sender's own; nobody else needs it.
    assert (sent.json()["client_ref"], told[3]["client_ref"]) == ("r1", None)


def test_the_number_of_statements_does_not_grow_with_the_messages(desk: Desk) -> None:
    conversation = desk.conversation()
    client = logged_in(desk.user("admin"))

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path(conversation, "/messages?limit=200")).status_code == 200
        return len(captured)

    desk.say(conversation, "one")
    with_one = statements()
    for _ in range(20):
        desk.say(conversation, "more")

    assert statements() == with_one


def test_sending_twice_stores_once(desk: Desk) -> None:
    _, user = desk.agent()
    conversation = desk.conversation()
    answer(desk.offer(conversation), "accepted")
    client = logged_in(user)

    first, second = send(client, conversation, "Hello"), send(client, conversation, "Hello")

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert (first.json()["source"], first.json()["author"], first.json()["client_ref"]) == ("agent", "ana", "r1")
    assert Message.objects.filter(conversation=conversation).count() == 1
    assert Participant.objects.get(conversation=conversation, kind="agent").last_read_message_index == 0


def test_two_agents_may_use_the_same_reference(desk: Desk) -> None:
    answered = []
    for name in ("Ana Agent", "Ben Agent"):
        worker, user = desk.agent(name)
        conversation = desk.conversation()
        reservation = desk.offer(conversation)
        if reservation.worker_id != worker.id:
            answer(reservation, "rejected")
            reservation = Reservation.objects.get(worker_id=worker.id, task_id=reservation.task_id)
        answer(reservation, "accepted")
        answered.append(send(logged_in(user), conversation, "Hello").status_code)
        reservation.worker.refresh_from_db()

    assert answered == [201, 201]


def test_a_reference_means_one_message_in_one_conversation(desk: Desk) -> None:
    _, user = desk.agent()
    first, second = desk.conversation(), desk.conversation()
    for conversation in (first, second):
        answer(desk.offer(conversation), "accepted")
    client = logged_in(user)
    send(client, first, "Hello")

    assert send(client, second, "Hello").status_code == 409
    assert Message.objects.filter(conversation=second).count() == 0


@pytest.mark.parametrize(
    ("channel_type", "body", "status"),
    [
        ("sms", "x" * 1600, 201),
        ("sms", "x" * 1601, 400),
        ("whatsapp", "x" * 1601, 400),
        ("messenger", "x" * 32_768, 201),
        ("messenger", "ä" * 16_385, 400),
        ("sms", "", 400),
        ("sms", "   ", 400),
        ("sms", "a\x00b", 400),
        ("sms", None, 400),
    ],
)
def test_bodies_have_bounds(desk: Desk, channel_type: str, body: Any, status: int) -> None:
    _, user = desk.agent()
    conversation = desk.conversation(channel_type=channel_type)
    answer(desk.offer(conversation), "accepted")

    answered = send(logged_in(user), conversation, body)

    assert answered.status_code == status
    if status == 400:
        assert answered.json()["message"]


@pytest.mark.parametrize("body", [[], {"body": "x"}, {"body": "x", "client_ref": "r" * 101}])
def test_a_message_needs_a_reference(desk: Desk, body: Any) -> None:
    _, user = desk.agent()
    conversation = desk.conversation()
    answer(desk.offer(conversation), "accepted")

    assert post(logged_in(user), path(conversation, "/messages"), body).status_code == 400


def test_a_closed_conversation_takes_nothing(desk: Desk) -> None:
    _, user = desk.agent()
    conversation = desk.conversation()
    answer(desk.offer(conversation), "accepted")
    client = logged_in(user)
    stored = send(client, conversation, "Hello")
    services.close_conversation(conversation_id=conversation.id, reason="API", now=clock.now())

    assert send(client, conversation, "One more", "r2").status_code == 409
    assert send(client, conversation, "Hello").json()["sid"] == stored.json()["sid"]


def test_who_looks_on_reads_and_leaves_no_mark(desk: Desk) -> None:
    conversation = desk.conversation()
    desk.say(conversation, "Hi")
    client = logged_in(desk.user("supervisor"))

    assert client.get(path(conversation)).status_code == 200
    assert send(client, conversation, "Hello").status_code == 403
    assert post(client, path(conversation, "/typing"), {}).status_code == 403
    assert post(client, path(conversation, "/read"), {"index": 0}).status_code == 204
    assert Participant.objects.filter(last_read_message_index__isnull=False).count() == 0


def test_agents_see_what_is_theirs(desk: Desk) -> None:
    worker, ana = desk.agent("Ana Agent")
    conversation = desk.conversation()
    client = logged_in(ana)

    def seen() -> int:
        return int(client.get(path(conversation)).status_code)

    statuses = [seen()]
    reservation = desk.offer(conversation)
    statuses.append(seen())
    answer(reservation, "accepted")
    statuses.append(seen())
    answer(reservation, "completed")
    statuses.append(seen())

    assert statuses == [404, 200, 200, 200]
    _, ben = desk.agent("Ben Agent")
    assert logged_in(ben).get(path(conversation)).status_code == 404
    assert worker.id == reservation.worker_id


def test_a_declined_offer_shows_nothing_any_more(desk: Desk) -> None:
    _, user = desk.agent()
    conversation = desk.conversation()
    answer(desk.offer(conversation), "rejected")

    assert logged_in(user).get(path(conversation)).status_code == 404


@pytest.mark.parametrize(
    ("method", "tail", "body"),
    [
        ("get", "", None),
        ("get", "/messages", None),
        ("post", "/messages", {"body": "x", "client_ref": "r"}),
        ("post", "/typing", {}),
        ("post", "/read", {"index": 0}),
    ],
)
def test_another_accounts_conversation_is_unknown(desk: Desk, method: str, tail: str, body: Any) -> None:
    theirs = make_desk("Other").conversation()
    client = logged_in(desk.user("admin"))

    def call(client: Client, address: str) -> int:
        answered = client.get(address) if method == "get" else post(client, address, body)
        return int(answered.status_code)

    assert call(client, path(theirs, tail)) == 404
    assert call(client, f"/app/v1/conversations/nonsense{tail}") == 404
    assert call(Client(), path(theirs, tail)) == 401


@pytest.mark.parametrize("body", [{}, {"index": -1}, {"index": "x"}, []])
def test_bad_read_marks_get_a_clear_error(desk: Desk, body: Any) -> None:
    assert post(logged_in(desk.user("admin")), path(desk.conversation(), "/read"), body).status_code == 400
