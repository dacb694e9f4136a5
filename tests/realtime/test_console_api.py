"""``/app/v1/console``: the worker's own desk."""

from __future__ import annotations

import json
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common import clock, ids
from interactions.models import Invite
from routing.models import Reservation
from tests.interactions.world import Desk, make_desk

CONSOLE = "/app/v1/console"


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(path, data=json.dumps(body), content_type="application/json")


def answer(client: Client, reservation: Reservation, status: str, **more: Any) -> Any:
    return post(client, f"{CONSOLE}/reservations/{reservation.sid}", {"status": status, **more})


def test_tells_since_when_the_customer_waits_for_a_person(desk: Desk) -> None:
    _, user = desk.agent()
    conversation = desk.conversation()
    reservation = desk.offer(conversation)
    client = logged_in(user)
    answer(client, reservation, "accepted")

    def times() -> tuple[str | None, str | None]:
        (told,) = client.get(CONSOLE).json()["reservations"]
        return told["conversation"]["last_customer_at"], told["conversation"]["waiting_since"]

    def said(body: str, **more: Any) -> str:
        return clock.to_iso(desk.say(conversation, body, **more).created_at)

    assert times() == (None, None)
    with time_machine.travel("2030-01-01T10:00:00Z", tick=False):
        first = said("Hello?")
        said("I am a flow", source="flow", author="")
    with time_machine.travel("2030-01-01T10:01:00Z", tick=False):
        second = said("Anybody?")
    assert times() == (second, first)
    said("Here I am", source="agent", author="ana")
    assert times() == (second, None)


def test_shows_the_whole_desk(desk: Desk) -> None:
    worker, user = desk.agent("Ana Agent")
    conversation = desk.conversation(channel_type="whatsapp")
    desk.say(conversation, "Hi")
    desk.say(conversation, "Hello?")
    desk.say(conversation, "Somebody comes", source="flow", author="")
    reservation = desk.offer(conversation, attributes={"topic": "sales"}, priority=7)

    body = logged_in(user).get(CONSOLE).json()

    task = reservation.task
    assert body["worker"] == {
        "sid": worker.sid,
        "name": worker.friendly_name,
        "activity_sid": ids.sid("WA", desk.activity("Available").id),
        "activity_since": clock.to_iso(worker.status_changed_at),
    }
    assert [each["name"] for each in body["activities"]] == ["Offline", "Available", "Unavailable"]
    (told,) = body["reservations"]
    assert told["task"]["attributes"].pop("topic") == "sales"
    assert told["task"]["attributes"].pop("conversationSid") == conversation.sid
    told["task"]["attributes"] = {}
    assert told == {
        "sid": reservation.sid,
        "status": "pending",
        "expires_at": clock.to_iso(reservation.expires_at),
        "date_created": clock.to_iso(reservation.created_at),
        "date_updated": clock.to_iso(reservation.updated_at),
        "queue_name": "Everyone",
        "task": {
            "sid": ids.sid("WT", task.id),
            "status": "reserved",
            "priority": 7,
            "age": 0,
            "attributes": {},
            "channel": "chat",
        },
        "conversation": {
            "sid": conversation.sid,
            "state": "active",
            "channel_type": "whatsapp",
            "customer_name": "Carl Customer",
            "customer_address": conversation.customer_address,
            "last_message": {
                "index": 2,
                "author": "",
                "body": "Somebody comes",
                "source": "flow",
                "date_created": told["conversation"]["last_message"]["date_created"],
            },
            "unread": 0,
            "last_customer_at": told["conversation"]["last_customer_at"],
            "waiting_since": told["conversation"]["waiting_since"],
            "limits": None,
            "customer_said": "Hello?",
        },
    }


def test_counts_what_the_customer_wrote_since_the_agent_read(desk: Desk) -> None:
    _, user = desk.agent()
    client = logged_in(user)
    conversation = desk.conversation()
    desk.say(conversation, "one")
    desk.say(conversation, "of the flow", source="flow", author="")
    reservation = desk.offer(conversation)
    answer(client, reservation, "accepted")
    desk.say(conversation, "two")
    path = f"/app/v1/conversations/{conversation.sid}/read"

    def unread() -> int:
        return int(client.get(CONSOLE).json()["reservations"][0]["conversation"]["unread"])

    before = unread()
    post(client, path, {"index": 1})
    halfway = unread()
    post(client, path, {"index": 99})

    assert (before, halfway, unread()) == (2, 1, 0)


@pytest.mark.parametrize("role", ["admin", "supervisor", "agent"])
def test_who_takes_no_tasks_has_an_empty_desk(desk: Desk, role: str) -> None:
    client = logged_in(desk.user(role))

    body = client.get(CONSOLE).json()

    assert (body["worker"], body["activities"], body["reservations"]) == (None, [], [])
    assert post(client, f"{CONSOLE}/activity", {"activity_sid": "WA" + "0" * 32}).status_code == 409


def test_the_number_of_statements_does_not_grow(desk: Desk) -> None:
    worker, user = desk.agent()
    client = logged_in(user)

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(CONSOLE).status_code == 200
        return len(captured)

    desk.say(desk_conversation := desk.conversation(), "x")
    desk.offer(desk_conversation)
    with_one = statements()
    for channel in ("chat", "chat", "sms", "sms"):
        conversation = desk.conversation(channel_type=channel)
        desk.say(conversation, "x")
        desk.offer(conversation)
    held = Reservation.objects.filter(worker=worker).count()

    assert (held, statements()) == (5, with_one)


def test_changes_the_activity(desk: Desk) -> None:
    _, user = desk.agent()
    offline = ids.sid("WA", desk.activity("Offline").id)

    answered = post(logged_in(user), f"{CONSOLE}/activity", {"activity_sid": offline})

    assert (answered.status_code, answered.json()["activity_sid"]) == (200, offline)


def test_refuses_activities_that_cannot_be_taken(desk: Desk) -> None:
    _, user = desk.agent()
    client = logged_in(user)
    theirs = ids.sid("WA", make_desk("Other").activity("Offline").id)

    for sid in (theirs, "nonsense", "WA" + "0" * 32):
        assert post(client, f"{CONSOLE}/activity", {"activity_sid": sid}).status_code == 400
    desk.offer(desk.conversation())
    refused = post(client, f"{CONSOLE}/activity", {"activity_sid": ids.sid("WA", desk.activity("Offline").id)})

    assert (refused.status_code, refused.json()["message"]) == (409, "Answer the offered tasks first")


def test_accepts_wraps_up_and_completes(desk: Desk) -> None:
    _, user = desk.agent()
    client = logged_in(user)
    reservation = desk.offer(desk.conversation())

    answers = [answer(client, reservation, status) for status in ("accepted", "wrapping")]
    answers.append(answer(client, reservation, "completed", outcome="Sold"))

    assert [each.status_code for each in answers] == [200, 200, 200]
    assert [each.json()["status"] for each in answers] == ["accepted", "wrapping", "completed"]
    assert [each.json()["conversation"]["state"] for each in answers] == ["active", "closed", "closed"]
    assert answers[0].json()["expires_at"] is None
    assert Invite.objects.get(task_id=reservation.task_id).outcome == "Sold"


def test_two_tabs_cannot_both_answer(desk: Desk) -> None:
    _, user = desk.agent()
    client = logged_in(user)
    reservation = desk.offer(desk.conversation())

    answers = [answer(client, reservation, status).status_code for status in ("accepted", "accepted", "rejected")]

    assert answers == [200, 409, 409]


def test_what_was_not_accepted_cannot_be_completed(desk: Desk) -> None:
    _, user = desk.agent()

    assert answer(logged_in(user), desk.offer(desk.conversation()), "completed").status_code == 409


def test_others_reservations_are_unknown(desk: Desk) -> None:
    desk.agent("Ana Agent")
    reservation = desk.offer(desk.conversation())
    _, colleague = desk.agent("Ben Agent")
    _, stranger = make_desk("Other").agent("Eve Other")

    for user in (colleague, stranger):
        assert answer(logged_in(user), reservation, "accepted").status_code == 404
    assert answer(logged_in(desk.user("admin")), reservation, "accepted").status_code == 409
    assert Reservation.objects.get(id=reservation.id).status == "pending"


@pytest.mark.parametrize(
    "body", [{}, {"status": "exploded"}, {"status": 7}, [], {"status": "accepted", "outcome": "x" * 201}]
)
def test_bad_answers_get_a_clear_error(desk: Desk, body: Any) -> None:
    _, user = desk.agent()
    reservation = desk.offer(desk.conversation())

    answered = post(logged_in(user), f"{CONSOLE}/reservations/{reservation.sid}", body)

    assert (answered.status_code, bool(answered.json()["message"])) == (400, True)
    assert Reservation.objects.get(id=reservation.id).status == "pending"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("post", "/activity"),
        ("post", "/reservations/WR" + "0" * 32),
    ],
)
def test_needs_a_log_in(desk: Desk, method: str, path: str) -> None:
    assert getattr(Client(), method)(CONSOLE + path).status_code == 401


def test_a_write_needs_the_csrf_token(desk: Desk) -> None:
    _, user = desk.agent()
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    assert post(client, f"{CONSOLE}/activity", {"activity_sid": "x"}).status_code == 403
