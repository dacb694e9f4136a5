"""Pre-webhooks of what customers write: they may refuse or change it, and hold up nobody else's."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account
from common import clock
from conversations.models import Conversation, Message, WebhookDelivery
from conversations.services import Held, Received, receive_or_hold
from tests.factories import inbound, make_account
from tests.standins.listener import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sending")]
CUSTOMER = "+15551230001"
Drain = Callable[[], int]


@pytest.fixture
def asked(api: Any, listener: Listener) -> Listener:
    api.configuration.webhooks().update(
        pre_webhook_url=listener.url + "/pre", filters=["onMessageAdd", "onConversationAdd"]
    )
    return listener


def write(account: Account, *bodies: str, **more: Any) -> list[Any]:
    return receive_or_hold([inbound(account, body, **more) for body in bodies], now=clock.now())


def said() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("conversation_id", "index").values_list("author", "body"))


def test_asks_about_the_conversation_first_and_then_about_each_message(
    account: Account,
    asked: Listener,
    drain: Drain,
) -> None:
    assert write(account, "one", "two") == [Held(), Held()]
    assert said() == []
    drain()

    assert said() == [(CUSTOMER, "one"), (CUSTOMER, "two")]
    assert asked.events() == ["onConversationAdd", "onMessageAdd"]
    begun, added = (heard.parameters for heard in asked.heard)
    conversation = Conversation.objects.get()
    assert (begun["MessageBody"], begun["MessagingBinding.Address"], begun["Source"]) == ("one", CUSTOMER, "SMS")
    assert (added["Body"], added["Author"], added["ConversationSid"]) == ("two", CUSTOMER, conversation.sid)
    assert all(heard.is_signed(account.auth_token) for heard in asked.heard)
    assert list(WebhookDelivery.objects.values_list("status", "response_status")) == [("delivered", 200)] * 2


def test_changes_what_is_said(account: Account, asked: Listener, drain: Drain) -> None:
    asked.answers["/pre"] = [
        (200, json.dumps({"friendly_name": "Carl"})),
        (200, json.dumps({"body": "****", "author": "masked", "attributes": '{"was": 1}'})),
        (200, json.dumps({"body": "x" * 1601})),
    ]

    write(account, "hello", "4111 1111", "kept")
    drain()

    assert said() == [(CUSTOMER, "hello"), ("masked", "****"), (CUSTOMER, "kept")]
    assert Conversation.objects.get().friendly_name == "Carl"
    assert [row.attributes for row in Message.objects.order_by("index")] == ["{}", '{"was": 1}', "{}"]
    assert "The changes are not used" in WebhookDelivery.objects.order_by("-id")[0].error


@pytest.mark.parametrize("status", [403, 500])
def test_drops_what_is_refused_and_goes_on(
    account: Account,
    asked: Listener,
    drain: Drain,
    status: int,
) -> None:
    asked.answers["/pre"] = [(status, ""), (200, ""), (status, ""), (200, "")]

    write(account, "refused with its conversation", "begins", "refused", "said")
    drain()

    assert said() == [(CUSTOMER, "begins"), (CUSTOMER, "said")]
    assert asked.events() == ["onConversationAdd", "onConversationAdd", "onMessageAdd", "onMessageAdd"]


def test_says_it_all_the_same_where_nobody_answers(
    account: Account,
    api: Any,
    listener: Listener,
    drain: Drain,
) -> None:
    api.configuration.webhooks().update(pre_webhook_url="http://127.0.0.1:1/", filters=["onConversationAdd"])

    write(account, "hello", "again")
    drain()

    assert said() == [(CUSTOMER, "hello"), (CUSTOMER, "again")]
    assert WebhookDelivery.objects.get().status == "failed"


def test_asks_once_about_a_repeated_message(account: Account, asked: Listener, drain: Drain) -> None:
    for _ in range(2):
        write(account, "hello", key="same")
    drain()
    (again,) = write(account, "hello", key="same")
    drain()

    assert said() == [(CUSTOMER, "hello")]
    assert isinstance(again, Received)
    assert not again.is_new
    assert asked.events() == ["onConversationAdd"]


def test_asks_the_accounts_and_the_services_address_in_turn(
    account: Account,
    api: Any,
    asked: Listener,
    drain: Drain,
) -> None:
    api.services("IS" + account.id.hex).configuration.webhooks().update(
        pre_webhook_url=asked.url + "/service", filters=["onMessageAdd"]
    )
    asked.answers["/pre"] = [(200, ""), (200, '{"body": "first"}')]

    write(account, "begins", "second", "third")
    drain()

    assert [row.body for row in Message.objects.order_by("index")] == ["begins", "first", "third"]
    assert [heard.path for heard in asked.heard] == ["/pre", "/pre", "/service", "/pre", "/service"]
    assert asked.heard[2].parameters["Body"] == "first"


def test_holds_up_no_other_account(account: Account, asked: Listener) -> None:
    other = make_account()

    results = receive_or_hold([inbound(account, "held"), inbound(other, "at once")], now=clock.now())

    assert isinstance(results[0], Held)
    assert isinstance(results[1], Received)
    assert said() == [(CUSTOMER, "at once")]


def test_says_what_was_held_once_nobody_asks_any_more(
    account: Account,
    api: Any,
    asked: Listener,
    drain: Drain,
) -> None:
    write(account, "held")
    api.configuration.webhooks().update(pre_webhook_url="", filters=[])
    drain()

    assert said() == [(CUSTOMER, "held")]
    assert asked.heard == []


def test_tells_the_files_by_the_sids_that_they_keep(account: Account, asked: Listener, drain: Drain) -> None:
    write(account, "look", media=[{"url": "https://media.example/1.png", "content_type": "image/png", "filename": ""}])
    drain()

    (told,) = json.loads(asked.heard[0].parameters["Media"])
    (kept,) = Message.objects.get().media
    assert told["Sid"] == kept["sid"]
    assert kept["state"] == "pending"
