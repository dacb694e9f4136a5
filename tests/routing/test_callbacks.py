"""Callbacks to the account's servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from twilio.request_validator import RequestValidator

from accounts.models import Account
from common import clock, http, outbox
from common.models import OutboxEntry
from routing import services
from routing.callbacks import instructions, sender
from routing.callbacks.instructions import Accept, Later, Refused, Reject, Unusable
from routing.callbacks.owed import ASSIGNMENTS, EVENTS
from routing.models import AssignmentAttempt, Reservation, RoutingEvent, Task, Workspace
from tests.factories import make_account
from tests.routing.conftest import House, fresh, sid

URL = "https://callbacks.test/assign"
FALLBACK = "https://callbacks.test/fallback"
EVENT_URL = "https://callbacks.test/events?site=a"

Handler = Callable[[http.HttpRequest, dict[str, str]], http.HttpAnswer]


class Web:
    """The account's servers: ``answers`` by address; ``asked`` is what they were sent, signatures checked."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.answers: dict[str, http.HttpAnswer | Exception] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def answer(self, url: str, status: int, body: bytes = b"", content_type: str = "application/json") -> None:
        self.answers[url] = http.HttpAnswer(status, {"content-type": content_type}, body, url)

    def take(self, request: http.HttpRequest) -> http.HttpAnswer:
        form = {name: values[0] for name, values in parse_qs(request.body.decode(), keep_blank_values=True).items()}
        signature = request.headers["X-Twilio-Signature"]
        assert RequestValidator(self.token).validate(request.url, form, signature)
        self.asked.append((request.url, form))
        found = self.answers[request.url]
        if isinstance(found, Exception):
            raise found
        return found

    def told(self, name: str) -> list[str]:
        return [form[name] for _, form in self.asked]


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def house(account: Account) -> House:
    return House(services.provision_workspace(account_id=account.id, now=clock.now()), clock.now())


@pytest.fixture
def web(account: Account, monkeypatch: pytest.MonkeyPatch) -> Web:
    made = Web(account.auth_token)

    async def fetch(self: http.HttpClient, request: http.HttpRequest) -> http.HttpAnswer:
        return made.take(request)

    monkeypatch.setattr(http.HttpClient, "fetch", fetch)
    return made


@pytest.fixture
def offered(house: House) -> Iterator[tuple[Task, Reservation]]:
    """Return a task that is offered to the worker ada by a workflow with callbacks."""
    house.worker("ada", {"level": 3})
    workflow = house.workflow(
        default=house.queue(), assignment_callback_url=URL, fallback_assignment_callback_url=FALLBACK
    )
    task = house.task({"topic": "sales"}, workflow=workflow)
    house.settle()
    return task, house.reservation(task)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", Later()),
        (b'{"instruction": "accept"}', Accept()),
        (b'{"instruction": "reject"}', Reject()),
        (b'{"instruction": "reject", "activity_sid": "WA%s"}' % (b"0" * 32), Reject("WA" + "0" * 32)),
        (b'{"post_work": 1}', Refused(40005, "the answer has no instruction")),
    ],
)
def test_reads_an_answer(body: bytes, expected: instructions.Instruction) -> None:
    assert instructions.read(200, {"content-type": "application/json; charset=utf-8"}, body) == expected


@pytest.mark.parametrize("name", [b'"dequeue"', b'"fly"', b"3", b"{}"])
def test_refuses_other_instructions(name: bytes) -> None:
    answer = instructions.read(200, {"content-type": "application/json"}, b'{"instruction": %s}' % name)

    assert isinstance(answer, Refused)
    assert answer.code == 55555


@pytest.mark.parametrize(
    ("status", "content_type", "body"),
    [(500, "application/json", b"{}"), (200, "text/html", b"{}"), (200, "application/json", b"["), (204, "", b"")],
)
def test_finds_other_answers_unusable(status: int, content_type: str, body: bytes) -> None:
    assert isinstance(instructions.read(status, {"content-type": content_type}, body), Unusable)


def test_accepts_on_the_servers_word(house: House, web: Web, offered: tuple[Task, Reservation]) -> None:
    task, reservation = offered
    web.answer(URL, 200, b'{"instruction": "accept"}')

    assert sender.make_due(ASSIGNMENTS, clock.now()) == 1

    assert fresh(reservation).status == "accepted"
    assert fresh(task).status == "assigned"
    ((url, form),) = web.asked
    assert url == URL
    assert (form["ReservationSid"], form["TaskSid"], form["WorkerName"]) == (reservation.sid, task.sid, "ada")
    assert (form["TaskAttributes"], form["WorkerAttributes"]) == ('{"topic": "sales"}', '{"level": 3}')
    assert (form["TaskChannelUniqueName"], form["WorkspaceSid"]) == ("chat", sid(house.workspace))
    assert not OutboxEntry.objects.filter(topic=ASSIGNMENTS).exists()


def test_rejects_and_moves_the_worker(house: House, web: Web, offered: tuple[Task, Reservation]) -> None:
    _, reservation = offered
    activity = sid(house.activity("Unavailable"))
    web.answer(URL, 200, b'{"instruction": "reject", "activity_sid": "%s"}' % activity.encode())

    sender.make_due(ASSIGNMENTS, clock.now())

    assert fresh(reservation).status == "rejected"
    assert fresh(reservation.worker).activity.friendly_name == "Unavailable"


def test_leaves_the_decision_to_others(web: Web, offered: tuple[Task, Reservation]) -> None:
    web.answer(URL, 200, b"{}")

    sender.make_due(ASSIGNMENTS, clock.now())

    assert fresh(offered[1]).status == "pending"
    assert web.told("ReservationSid") == [offered[1].sid]
    assert not AssignmentAttempt.objects.filter(outcome="callback").exists()


@pytest.mark.parametrize("failure", [http.RequestTimedOut("too slow"), http.TargetRefused("private")])
def test_asks_the_fallback_where_nobody_answers(web: Web, offered: tuple[Task, Reservation], failure: Any) -> None:
    web.answers[URL] = failure
    web.answer(FALLBACK, 200, b'{"instruction": "accept"}')

    sender.make_due(ASSIGNMENTS, clock.now())

    assert fresh(offered[1]).status == "accepted"
    assert [url for url, _ in web.asked] == [URL, FALLBACK]
    assert (web.asked[1][1]["ErrorCode"], web.asked[1][1]["ErrorUrl"]) == ("11200", URL)


def test_says_in_the_tasks_record_what_was_refused(web: Web, offered: tuple[Task, Reservation]) -> None:
    web.answer(URL, 200, b'{"instruction": "conference"}')

    sender.make_due(ASSIGNMENTS, clock.now())

    assert fresh(offered[1]).status == "pending"
    (note,) = AssignmentAttempt.objects.filter(task=offered[0], outcome="callback")
    assert note.explanation == (
        "Assignment callback: 55555: the instruction conference is for voice; accept and reject are carried out"
    )


def test_comes_too_late_for_a_reservation_that_was_answered(
    house: House, web: Web, offered: tuple[Task, Reservation]
) -> None:
    house.accept(offered[1])
    web.answer(URL, 200, b'{"instruction": "reject"}')

    sender.make_due(ASSIGNMENTS, clock.now())

    assert fresh(offered[1]).status == "accepted"
    (note,) = AssignmentAttempt.objects.filter(task=offered[0], outcome="callback")
    assert "cannot become rejected" in note.explanation


def test_owes_nothing_without_addresses(house: House) -> None:
    house.worker("ada")
    house.task()
    house.settle()

    assert not OutboxEntry.objects.filter(topic__in=(ASSIGNMENTS, EVENTS)).exists()


def listen(house: House, events_filter: str = "") -> None:
    services.update_workspace(
        workspace_id=house.workspace.id, event_callback_url=EVENT_URL, events_filter=events_filter, now=house.now
    )
    house.workspace = Workspace.objects.get(id=house.workspace.id)


def make_all(now: Any) -> int:
    total = 0
    while made := sender.make_due(EVENTS, now):
        total += made
    return total


def test_tells_all_events_in_order(house: House, web: Web) -> None:
    web.answer(EVENT_URL, 204)
    listen(house)
    house.worker("ada")
    task = house.task({"topic": "sales"})
    house.settle()
    house.accept(house.reservation(task))

    make_all(clock.now())

    listed = RoutingEvent.objects.filter(workspace=house.workspace).order_by("id").values_list("event_type", flat=True)
    told = web.told("EventType")
    assert told == list(listed)[-len(told) :]
    assert told[0] == "workspace.updated"
    assert "reservation.accepted" in told
    made = next(form for _, form in web.asked if form["EventType"] == "task.created")
    assert (made["TaskSid"], made["ResourceSid"], made["TaskAttributes"]) == (task.sid, task.sid, '{"topic": "sales"}')
    assert made["WorkspaceName"] == house.workspace.friendly_name
    assert not OutboxEntry.objects.filter(topic=EVENTS).exists()


def test_tells_only_what_the_filter_lets_pass(house: House, web: Web) -> None:
    web.answer(EVENT_URL, 200)
    listen(house, "task.created, reservation.created")
    house.worker("ada")
    house.task()
    house.settle()

    make_all(clock.now())

    assert web.told("EventType") == ["task.created", "reservation.created"]


def test_tries_again_and_keeps_the_order(house: House, web: Web) -> None:
    listen(house, "task.created,task.canceled")
    task = house.task()
    services.cancel_task(task_id=task.id, reason="gone", now=house.now)
    web.answer(EVENT_URL, 503)

    make_all(clock.now())
    assert web.told("EventType") == ["task.created"]
    web.answer(EVENT_URL, 204)
    make_all(clock.now() + timedelta(seconds=outbox.RETRY_PAUSES[0] + 1))

    assert web.told("EventType") == ["task.created", "task.created", "task.canceled"]


def test_does_not_repeat_what_was_refused(house: House, web: Web) -> None:
    listen(house, "task.created")
    house.task()
    house.task()
    web.answer(EVENT_URL, 404)

    make_all(clock.now())

    assert len(web.asked) == 2
    assert not OutboxEntry.objects.filter(topic=EVENTS).exists()


def test_forgets_events_that_nobody_took_for_hours(house: House, web: Web) -> None:
    listen(house, "task.created")
    house.task()
    web.answer(EVENT_URL, 204)

    make_all(clock.now() + timedelta(hours=5))

    assert web.asked == []
    assert not OutboxEntry.objects.filter(topic=EVENTS).exists()
