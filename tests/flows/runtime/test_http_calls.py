"""HTTP calls of flows: made beside the runtime, once where nobody dies, and answered as one more event."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine

from common import clock, http
from common.leases import LEASE_SECONDS, LeaseKeeper
from common.models import OutboxEntry
from conversations.models import Conversation
from conversations.services import receive_messages
from flows.models import Execution, HttpExchange
from flows.runtime import batch
from flows.runtime import http as calls
from tests.factories import definition, inbound, make_account, publish_flow, state, texts

pytestmark = pytest.mark.django_db

FLOW = definition(
    state(
        "look-up",
        "make-http-request",
        {"success": "tell", "failed": "sorry"},
        method="POST",
        url="https://example.test/{{trigger.message.Body}}",
        content_type="application/json",
        body='{"who": {{contact.channel.address | to_json}}}',
    ),
    state("tell", "send-message", {"sent": None}, body="It is {{widgets.look-up.parsed.answer}}", **{"from": "x"}),
    state("sorry", "send-message", {"sent": None}, body="Sorry: {{widgets.look-up.status_code}}", **{"from": "x"}),
)
Answer = Callable[[http.HttpRequest], http.HttpAnswer]


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> list[http.HttpRequest]:
    """A web where every address answers 200 and the last part of its path; returns what was asked."""
    asked: list[http.HttpRequest] = []

    async def fetch(self: http.HttpClient, request: http.HttpRequest) -> http.HttpAnswer:
        asked.append(request)
        word = request.url.rpartition("/")[2]
        if word == "down":
            raise http.RequestFailed("nobody answers")
        status = int(word) if word.isdigit() else 200
        body = b'{"answer": "%s"}' % word.encode()
        return http.HttpAnswer(status, {"content-type": "application/json"}, body, request.url, word == "huge")

    monkeypatch.setattr(http.HttpClient, "fetch", fetch)
    return asked


def talk(body: str) -> Conversation:
    account = make_account()
    publish_flow(account, FLOW)
    (received,) = receive_messages([inbound(account, body)], now=clock.now())
    batch.drain(clock.now())
    return Conversation.objects.get(id=received.conversation_id)


def finish_calls() -> None:
    calls.make_due_calls(clock.now())
    batch.drain(clock.now())


@pytest.mark.parametrize(
    ("body", "reply"),
    [("blue", "It is blue"), ("404", "Sorry: 404"), ("down", "Sorry: "), ("huge", "Sorry: ")],
)
def test_goes_on_with_what_the_other_side_answered(web: list[http.HttpRequest], body: str, reply: str) -> None:
    conversation = talk(body)

    finish_calls()

    assert texts(conversation.id) == [reply]
    (request,) = web
    assert (request.method, request.url, request.body) == (
        "POST",
        f"https://example.test/{body}",
        b'{"who": "+15551230001"}',
    )
    execution = Execution.objects.get()
    assert request.headers["I-Twilio-Idempotency-Token"].startswith(execution.sid)
    exchange = HttpExchange.objects.get(execution=execution)
    assert (exchange.url, bool(exchange.error)) == (request.url, body in ("down", "huge"))
    assert not OutboxEntry.objects.filter(topic=calls.HTTP_TOPIC).exists()


def test_calls_again_after_the_worker_that_held_the_call_died(web: list[http.HttpRequest]) -> None:
    conversation = talk("blue")
    calls.lease(clock.now(), 10)

    assert calls.make_due_calls(clock.now()) == 0
    assert calls.make_due_calls(clock.now() + timedelta(seconds=LEASE_SECONDS + 1)) == 1
    batch.drain(clock.now())

    assert texts(conversation.id) == ["It is blue"]


def test_leaves_a_call_to_the_worker_that_still_lives(web: list[http.HttpRequest]) -> None:
    talk("blue")
    keeper = LeaseKeeper(in_background=False)
    began = clock.now()
    keeper.hold(call.entry_id for call in calls.lease(began, 10))

    with time_machine.travel(began + timedelta(seconds=LEASE_SECONDS - 5), tick=False):
        keeper.renew()

    assert calls.make_due_calls(began + timedelta(seconds=LEASE_SECONDS + 1)) == 0


def test_hands_an_answer_over_once_though_two_workers_had_the_call(web: list[http.HttpRequest]) -> None:
    conversation = talk("blue")
    (call,) = calls.lease(clock.now(), 10)
    event = calls.events.HttpAnswered(call.command.ref, 200, "application/json", '{"answer": "red"}')
    answered = calls.Answered(call, event, ({"method": "POST", "url": "x", "duration_ms": 1},))

    calls.finish([answered])
    calls.finish([answered])
    batch.drain(clock.now())

    assert texts(conversation.id) == ["It is red"]
    assert HttpExchange.objects.count() == 1


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://api.twilio.com/2010-04-01/x", True),
        ("https://studio.twilio.com/v2/Flows", True),
        ("http://api.twilio.com/x", False),
        ("https://api.twilio.com.evil.test/x", False),
        ("https://evil.test/?https://api.twilio.com", False),
        ("https://user@evil.test", False),
        ("http://[broken", False),
    ],
)
def test_sends_the_accounts_credentials_to_nobody_else(url: str, may: bool) -> None:
    assert calls.may_carry(url) is may
