"""The Messages API (2010-04-01) through the official SDK, each answer checked against the official document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from twilio.base.exceptions import TwilioException, TwilioRestException

from accounts.models import Account
from channels_app.delivery import drain as delivery
from channels_app.models import SandboxMessage
from common import clock
from conversations.models import Conversation
from conversations.services import receive_messages
from tests.channels_app.conftest import connect
from tests.factories import OURS, inbound, make_account, publish_flow, state, texts
from tests.factories import definition as flow_definition
from tests.openapi import OpenApi, open_api
from tests.sdk import basic, sdk_client
from tests.standins.listener import listening

pytestmark = pytest.mark.django_db
CUSTOMER = "+15551230001"
Drain = Callable[[], int]


@pytest.fixture(scope="module")
def document() -> OpenApi:
    return open_api("twilio_api_v2010_messages.json", "/api")


@pytest.fixture
def account() -> Account:
    made = make_account()
    connect(made, "sandbox", address=OURS)
    return made


@pytest.fixture
def messages(account: Account, document: OpenApi) -> Any:
    return sdk_client(account, document.check).messages


@pytest.fixture(autouse=True)
def sending() -> Iterator[None]:
    delivery.use(delivery.inline_sender())
    yield
    delivery.use(None)


def refusal(call: Callable[[], object]) -> tuple[int, int]:
    """Return status and code of a refused call."""
    with pytest.raises(TwilioException) as caught:
        call()
    if isinstance(caught.value, TwilioRestException):
        return caught.value.status, caught.value.code
    answer = caught.value.args[1]
    return answer.status_code, json.loads(answer.text)["code"]


def test_sends_a_message_in_its_pairs_conversation(messages: Any, account: Account, drain: Drain) -> None:
    made = messages.create(to=CUSTOMER, from_=OURS, body="Hello")
    assert (made.status, made.direction, made.from_, made.to) == ("queued", "outbound-api", OURS, CUSTOMER)
    drain()

    found = messages(made.sid).fetch()
    conversation = Conversation.objects.get()
    assert (found.status, found.error_code, found.num_segments, found.body) == ("delivered", None, "1", "Hello")
    assert (conversation.customer_address, conversation.proxy_address) == (CUSTOMER, OURS)
    assert list(SandboxMessage.objects.values_list("customer", "body")) == [(CUSTOMER, "Hello")]

    messages.create(to=CUSTOMER, from_=OURS, body="Again")
    receive_messages([inbound(account, "Answer")], now=clock.now())
    assert Conversation.objects.get().last_message_index == 2


def test_leaves_the_answer_to_the_addresss_flow(messages: Any, account: Account, drain: Drain) -> None:
    publish_flow(account, flow_definition(state("Hi", "send-message", {"sent": None, "failed": None}, body="By flow")))
    messages.create(to=CUSTOMER, from_=OURS, body="Are you there?")
    (received,) = receive_messages([inbound(account, "Yes")], now=clock.now())
    drain()

    assert texts(received.conversation_id) == ["By flow"]


def test_lists_messages_both_ways_page_by_page(messages: Any, account: Account, drain: Drain) -> None:
    sent = [messages.create(to=CUSTOMER, from_=OURS, body=f"Out {number}").sid for number in range(3)]
    receive_messages([inbound(account, "In"), inbound(account, "Other", sender="+15551230002")], now=clock.now())
    today = clock.now().date()

    listed = messages.list(page_size=2)

    assert [row.body for row in listed] == ["Other", "In", "Out 2", "Out 1", "Out 0"]
    assert [row.sid for row in listed[2:]] == sent[::-1]
    assert {row.direction for row in listed} == {"inbound", "outbound-api"}
    assert [row.body for row in messages.list(from_=CUSTOMER)] == ["In"]
    assert [row.body for row in messages.list(to=CUSTOMER, page_size=1)] == ["Out 2", "Out 1", "Out 0"]
    assert len(messages.list(date_sent=clock.now())) == 5
    assert len(messages.list(date_sent_after=clock.now() - timedelta(days=1))) == 5
    assert messages.list(date_sent_before=clock.now() - timedelta(days=1)) == []
    assert messages.list(date_sent=today - timedelta(days=2)) == []
    inbound_row = messages.list(from_=CUSTOMER)[0]
    assert (inbound_row.status, inbound_row.to) == ("received", OURS)


def test_redacts_and_deletes_what_is_finished(messages: Any, drain: Drain) -> None:
    made = messages.create(to=CUSTOMER, from_=OURS, body="Secret")

    assert refusal(lambda: messages(made.sid).update(body="")) == (409, 20009)
    assert refusal(messages(made.sid).delete) == (409, 20009)
    drain()
    assert refusal(lambda: messages(made.sid).update(body="Other")) == (400, 20001)
    assert messages(made.sid).update(body="").body == ""
    assert messages(made.sid).delete() is True
    assert refusal(messages(made.sid).fetch) == (404, 20404)


def test_schedules_and_cancels(messages: Any, drain: Drain) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        later = clock.now() + timedelta(hours=1)
        kept, dropped = (
            messages.create(to=CUSTOMER, from_=OURS, body=body, schedule_type="fixed", send_at=later)
            for body in ("Kept", "Dropped")
        )
        assert (kept.status, messages(kept.sid).fetch().status) == ("scheduled", "scheduled")
        assert messages(dropped.sid).update(status="canceled").status == "canceled"
        drain()
        assert not SandboxMessage.objects.exists()
        now.shift(3601)
        drain()

    assert list(SandboxMessage.objects.values_list("body", flat=True)) == ["Kept"]
    assert {row.sid: row.status for row in messages.list()} == {kept.sid: "delivered", dropped.sid: "canceled"}
    assert refusal(lambda: messages(kept.sid).update(status="canceled")) == (400, 30409)
    assert messages(dropped.sid).delete() is True


def test_keeps_media(messages: Any, account: Account, drain: Drain) -> None:
    urls = ["https://example.com/1.png", "https://example.com/2.png"]
    made = messages.create(to=CUSTOMER, from_=OURS, media_url=urls)
    drain()

    assert (made.sid[:2], made.num_media) == ("MM", "2")
    first, second = messages(made.sid).media.list()
    assert messages(made.sid).media(first.sid).fetch().parent_sid == made.sid
    headers = {"Authorization": basic(account.sid, account.auth_token)}
    path = f"/2010-04-01/Accounts/{account.sid}/Messages/{made.sid}/Media/{second.sid}"
    assert Client().get(path, headers=headers)["Location"] == urls[1]
    assert messages(made.sid).media(first.sid).delete() is True
    assert [row.sid for row in messages(made.sid).media.list()] == [second.sid]
    assert messages(made.sid).media.list(date_created_before=clock.now() - timedelta(days=1)) == []
    assert refusal(messages(made.sid).media(first.sid).fetch) == (404, 20404)


def test_tells_the_status_callback_signed(messages: Any, account: Account, drain: Drain, settings: Any) -> None:
    settings.HTTP_ALLOW = ["127.0.0.0/8"]
    with listening() as listener:
        made = messages.create(to=CUSTOMER, from_=OURS, body="Hello", status_callback=listener.url + "/status")
        messages.create(to=CUSTOMER, from_=OURS, body="Untold")
        drain()

    (heard,) = listener.heard
    assert heard.is_signed(account.auth_token)
    assert heard.parameters == {
        "AccountSid": account.sid,
        "ApiVersion": "2010-04-01",
        "MessageSid": made.sid,
        "SmsSid": made.sid,
        "MessageStatus": "delivered",
        "SmsStatus": "delivered",
        "From": OURS,
        "To": CUSTOMER,
    }


def test_writes_to_nobody_else_of_a_conversation(messages: Any, account: Account, drain: Drain) -> None:
    api = sdk_client(account).conversations.v1
    one = api.conversations(api.conversations.create().sid)
    for address in (CUSTOMER, "+15551230002"):
        one.participants.create(messaging_binding_address=address, messaging_binding_proxy_address=OURS)
    made = messages.create(to="+15551230002", from_=OURS, body="For you alone")
    drain()

    assert list(SandboxMessage.objects.values_list("customer", flat=True)) == ["+15551230002"]
    assert messages(made.sid).fetch().to == "+15551230002"


LONG = "x" * 1601


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"from_": OURS, "body": "x", "to": ""}, 21604),
        ({"to": CUSTOMER, "body": "x"}, 21603),
        ({"to": CUSTOMER, "from_": OURS}, 21602),
        ({"to": CUSTOMER, "from_": OURS, "body": LONG}, 21617),
        ({"to": "nobody", "from_": OURS, "body": "x"}, 21211),
        ({"to": OURS, "from_": OURS, "body": "x"}, 21266),
        ({"to": CUSTOMER, "from_": "+15550100009", "body": "x"}, 21606),
        ({"to": "whatsapp:" + CUSTOMER, "from_": OURS, "body": "x"}, 21910),
        ({"to": CUSTOMER, "from_": OURS, "media_url": ["nowhere"]}, 21620),
        ({"to": CUSTOMER, "from_": OURS, "media_url": ["https://example.com"] * 11}, 21623),
        ({"to": CUSTOMER, "from_": OURS, "body": "x", "status_callback": "nowhere"}, 21609),
        ({"to": CUSTOMER, "from_": OURS, "body": "x", "schedule_type": "fixed"}, 35111),
        ({"to": CUSTOMER, "from_": OURS, "body": "x", "content_sid": "x"}, 20001),
    ],
)
def test_refuses_what_cannot_be_sent(messages: Any, given: dict[str, Any], code: int) -> None:
    assert refusal(lambda: messages.create(**given)) == (400, code)
    assert not Conversation.objects.exists()


def test_shows_another_account_nothing(messages: Any, account: Account, drain: Drain) -> None:
    made = messages.create(to=CUSTOMER, from_=OURS, media_url=["https://example.com/1.png"])
    drain()
    medium = messages(made.sid).media.list()[0]
    stranger = make_account("Other")
    connect(stranger, "sandbox", address=OURS)
    theirs = sdk_client(stranger).messages

    assert theirs.list() == []
    for call in (
        theirs(made.sid).fetch,
        theirs(made.sid).delete,
        lambda: theirs(made.sid).update(body=""),
        lambda: theirs(made.sid).media.list(),
        theirs(made.sid).media(medium.sid).fetch,
        theirs(made.sid).media(medium.sid).delete,
    ):
        assert refusal(call) == (404, 20404)
    headers = {"Authorization": basic(stranger.sid, stranger.auth_token)}
    assert Client().get(f"/2010-04-01/Accounts/{account.sid}/Messages.json", headers=headers).status_code == 404
    assert messages(made.sid).fetch().num_media == "1"


@pytest.mark.parametrize("path", ["SMx", "SM" + "0" * 32, "IM" + "0a" * 16, "SM" + "0" * 32 + "/Media.json"])
def test_finds_nothing_under_other_names(account: Account, path: str) -> None:
    headers = {"Authorization": basic(account.sid, account.auth_token)}

    answer = Client().get(f"/2010-04-01/Accounts/{account.sid}/Messages/{path}", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (404, 20404)


def test_exercises_every_operation(document: OpenApi) -> None:
    """Runs last: what the tests above have called is the whole document."""
    assert set(document.operations()) - document.seen == set()
