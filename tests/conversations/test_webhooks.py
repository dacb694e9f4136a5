"""Webhooks out: what is told to whom, signed, in order, again after failures; and asking before."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from twilio.base.exceptions import TwilioRestException

from accounts.models import Account
from common import clock, outbox
from conversations.models import Conversation, WebhookDelivery
from conversations.services import AddressTarget, receive_messages, save_address
from conversations.webhooks import fanout
from conversations.webhooks.sender import Sender, finish, sender
from tests.factories import OURS, inbound, make_account
from tests.flows.api.browser import Browser
from tests.sdk import basic, sdk_client
from tests.standins.listener import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sending")]
CUSTOMER = "+15551230001"
Drain = Callable[[], int]


@pytest.fixture
def deliver(drain: Drain) -> Callable[[], None]:
    """Return a function that does all that is due of webhooks; what waits behind a later try goes on waiting."""

    def go() -> None:
        while fanout.drain(clock.now()) + sender.begin(clock.now()):
            pass

    return go


def listen(api: Any, listener: Listener, *filters: str, **more: Any) -> None:
    """Have the account's post-webhook hear some events."""
    api.configuration.webhooks().update(post_webhook_url=listener.url + "/all", filters=list(filters), **more)


def delete(account: Account, path: str) -> int:
    """Delete with the webhook header, which the SDK (9.13) drops; returns the status."""
    headers = {"Authorization": basic(account.sid, account.auth_token), "X-Twilio-Webhook-Enabled": "true"}
    return Client().delete(f"/conversations/v1/Conversations/{path}", headers=headers).status_code


def scoped(api: Any, sid: str, listener: Listener, path: str, *filters: str) -> Any:
    return api.conversations(sid).webhooks.create(
        target="webhook", configuration_url=listener.url + path, configuration_filters=list(filters)
    )


def customer_writes(account: Account, body: str, **more: Any) -> Conversation:
    (received,) = receive_messages([inbound(account, body, **more)], now=clock.now())
    return Conversation.objects.get(id=received.conversation_id)


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_tells_a_customers_message_signed_as_the_sdk_checks_it(
    api: Any, account: Account, listener: Listener, drain: Drain, method: str
) -> None:
    listen(api, listener, "onMessageAdded", method=method)
    row = customer_writes(account, "Hällo & more")
    drain()

    (heard,) = listener.heard
    message = row.messages.get()
    assert heard.method == method
    assert heard.is_signed(account.auth_token)
    assert not heard.is_signed("another token")
    assert heard.parameters == {
        "AccountSid": account.sid,
        "ChatServiceSid": "IS" + account.id.hex,
        "EventType": "onMessageAdded",
        "Source": "SMS",
        "ConversationSid": row.sid,
        "MessageSid": message.sid,
        "Index": "0",
        "DateCreated": clock.to_iso(message.created_at),
        "Body": "Hällo & more",
        "Author": CUSTOMER,
        "ParticipantSid": row.participants.get().sid,
        "Attributes": "{}",
    }


def test_tells_of_rest_only_who_asks_for_it(api: Any, listener: Listener, drain: Drain) -> None:
    listen(api, listener, "onConversationAdded", "onMessageAdded", "onParticipantAdded", "onUserAdded")
    made = api.conversations.create(friendly_name="Silent")
    one = api.conversations(made.sid)
    one.messages.create(body="Silent")
    drain()
    assert listener.heard == []

    loud = {"x_twilio_webhook_enabled": "true"}
    second = api.conversations(api.conversations.create(friendly_name="Loud", **loud).sid)
    second.participants.create(identity="ada", **loud)
    second.messages.create(body="Loud", author="ada", **loud)
    drain()

    assert sorted(listener.events()) == ["onConversationAdded", "onMessageAdded", "onParticipantAdded", "onUserAdded"]
    in_conversation = [event for event in listener.events() if event != "onUserAdded"]
    assert in_conversation == ["onConversationAdded", "onParticipantAdded", "onMessageAdded"]
    assert {heard.parameters["Source"] for heard in listener.heard} == {"API"}


def test_tells_every_kind_of_change(api: Any, account: Account, listener: Listener, drain: Drain) -> None:
    listen(api, listener, *fanout_events())
    loud = {"x_twilio_webhook_enabled": "true"}
    made = api.conversations.create(**loud)
    one = api.conversations(made.sid)
    ada = one.participants.create(identity="ada", **loud)
    message = one.messages.create(body="Hi", **loud)
    one.messages(message.sid).update(body="Ho", **loud)
    assert delete(account, f"{made.sid}/Messages/{message.sid}") == 204
    one.participants(ada.sid).update(attributes='{"a": 1}', **loud)
    assert delete(account, f"{made.sid}/Participants/{ada.sid}") == 204
    api.users("ada").update(friendly_name="Ada", **loud)
    one.update(friendly_name="Named", **loud)
    one.update(state="inactive", **loud)
    assert delete(account, made.sid) == 204
    drain()

    told = {heard.event: heard.parameters for heard in listener.heard}
    assert [heard.event for heard in listener.heard if "ConversationSid" in heard.parameters] == [
        "onConversationAdded",
        "onParticipantAdded",
        "onMessageAdded",
        "onMessageUpdated",
        "onMessageRemoved",
        "onParticipantUpdated",
        "onParticipantRemoved",
        "onConversationUpdated",
        "onConversationStateUpdated",
        "onConversationRemoved",
    ]
    assert told["onMessageUpdated"]["Body"] == "Ho"
    assert told["onMessageRemoved"]["MessageSid"] == message.sid
    assert told["onParticipantAdded"]["MessagingBinding.Type"] == "CHAT"
    assert told["onParticipantUpdated"]["Attributes"] == '{"a": 1}'
    assert told["onUserUpdated"]["FriendlyName"] == "Ada"
    assert "DateRemoved" in told["onConversationRemoved"]
    state = told["onConversationStateUpdated"]
    assert (state["StateFrom"], state["StateTo"], state["Reason"]) == ("active", "inactive", "API")


def fanout_events() -> list[str]:
    return [name for name, _ in fanout.EVENTS.values()] + ["onUserAdded", "onUserUpdated"]


def test_tells_deliveries_and_timers(api: Any, account: Account, listener: Listener, drain: Drain) -> None:
    listen(api, listener, "onDeliveryUpdated", "onConversationStateUpdated")
    with time_machine.travel(clock.now(), tick=False) as now:
        made = api.conversations.create(timers_inactive="PT1M")
        one = api.conversations(made.sid)
        one.participants.create(messaging_binding_address=CUSTOMER, messaging_binding_proxy_address=OURS)
        message = one.messages.create(body="Hello")
        drain()
        now.shift(61)
        drain()

    delivered, state = listener.heard
    assert (delivered.event, delivered.parameters["Status"]) == ("onDeliveryUpdated", "delivered")
    assert delivered.parameters["MessageSid"] == message.sid
    assert (state.parameters["StateTo"], state.parameters["Reason"]) == ("inactive", "TIMER")


def test_tells_a_conversation_its_own_webhooks(api: Any, account: Account, listener: Listener, drain: Drain) -> None:
    row = customer_writes(account, "Before")
    hook = scoped(api, row.sid, listener, "/messages", "onMessageAdded")
    scoped(api, row.sid, listener, "/states", "onConversationStateUpdated")
    api.conversations(row.sid).webhooks.create(
        target="trigger", configuration_url=listener.url + "/help", configuration_triggers=["help"]
    )
    customer_writes(account, "I need HELP")
    customer_writes(account, "No more")
    other = customer_writes(account, "Elsewhere", sender="+15551230009")
    drain()

    assert listener.events("/messages") == ["onMessageAdded", "onMessageAdded"]
    assert {heard.parameters["WebhookSid"] for heard in listener.heard if heard.path == "/messages"} == {hook.sid}
    assert [heard.parameters["Body"] for heard in listener.heard if heard.path == "/help"] == ["I need HELP"]
    assert listener.events("/states") == []
    assert other.sid not in {heard.parameters["ConversationSid"] for heard in listener.heard}

    api.conversations(row.sid).webhooks(hook.sid).delete()
    customer_writes(account, "Unheard")
    drain()
    assert len(listener.events("/messages")) == 2


def test_tells_the_webhook_of_an_address(account: Account, listener: Listener, drain: Drain) -> None:
    target = AddressTarget(
        target="webhook", url=listener.url + "/new", filters=("onConversationAdded", "onMessageAdded")
    )
    save_address(account_id=account.id, type="sms", address=OURS, to=target, now=clock.now())
    customer_writes(account, "Hello")
    drain()

    assert listener.events("/new") == ["onConversationAdded", "onMessageAdded"]
    assert listener.heard[0].parameters["MessagingBinding.Address"] == CUSTOMER


def test_replays_to_a_webhook_that_comes_later(api: Any, account: Account, listener: Listener, drain: Drain) -> None:
    for body in ("Zero", "One", "Two"):
        row = customer_writes(account, body)
    api.conversations(row.sid).webhooks.create(
        target="webhook", configuration_url=listener.url, configuration_replay_after=0
    )
    drain()

    assert [heard.parameters["Body"] for heard in listener.heard] == ["One", "Two"]


def test_tries_again_in_order_and_delays_nobody_else(
    api: Any, account: Account, listener: Listener, deliver: Callable[[], None]
) -> None:
    row = customer_writes(account, "Before")
    scoped(api, row.sid, listener, "/slow")
    scoped(api, row.sid, listener, "/good")
    listener.answers["/slow"] = [(500, "broken"), (503, ""), (429, "")]
    with time_machine.travel(clock.now(), tick=False) as now:
        customer_writes(account, "One")
        customer_writes(account, "Two")
        deliver()
        assert [heard.parameters["Body"] for heard in listener.heard if heard.path == "/good"] == ["One", "Two"]
        assert [heard.parameters["Body"] for heard in listener.heard if heard.path == "/slow"] == ["One"]
        for seconds in (2, 6, 16):
            now.shift(seconds)
            deliver()

    slow = [heard for heard in listener.heard if heard.path == "/slow"]
    assert [heard.parameters["Body"] for heard in slow] == ["One", "One", "One", "One", "Two"]
    tokens = [heard.headers["i-twilio-idempotency-token"] for heard in slow]
    assert (len(set(tokens[:4])), len(set(tokens))) == (1, 2)
    rows = WebhookDelivery.objects.filter(url=listener.url + "/slow").order_by("id")
    assert list(rows.values_list("status", "attempts", "response_status")) == [
        ("delivered", 4, 200),
        ("delivered", 1, 200),
    ]


def test_gives_up_after_the_last_try_and_goes_on(
    api: Any, account: Account, listener: Listener, deliver: Callable[[], None]
) -> None:
    listen(api, listener, "onMessageAdded")
    listener.answers["/all"] = [(500, "")] * (len(outbox.RETRY_PAUSES) + 1)
    with time_machine.travel(clock.now(), tick=False) as now:
        customer_writes(account, "Never heard")
        customer_writes(account, "Heard")
        for pause in (0, *outbox.RETRY_PAUSES):
            now.shift(pause + 1)
            deliver()

    rows = WebhookDelivery.objects.order_by("id").values_list("status", "attempts")
    assert list(rows) == [("failed", len(outbox.RETRY_PAUSES) + 1), ("delivered", 1)]


def test_logs_a_refusal_and_sends_it_again_by_hand(
    api: Any, account: Account, listener: Listener, drain: Drain
) -> None:
    listen(api, listener, "onMessageAdded")
    listener.answers["/all"] = [(404, "no such page")]
    customer_writes(account, "Hello")
    drain()
    admin = Browser(account)
    (logged,) = admin.get("webhooks/deliveries", status="failed")[1]["deliveries"]
    assert (logged["response_status"], logged["response"], logged["attempts"]) == (404, "no such page", 1)
    assert logged["parameters"]["Body"] == "Hello"

    assert admin.send("POST", f"webhooks/deliveries/{logged['sid']}", {})[0] == 200
    drain()

    (again,) = admin.get("webhooks/deliveries")[1]["deliveries"]
    assert (again["sid"], again["status"], again["attempts"]) == (logged["sid"], "delivered", 2)
    stranger = Browser(make_account("Other"))
    assert stranger.get("webhooks/deliveries")[1]["deliveries"] == []
    assert stranger.send("POST", f"webhooks/deliveries/{logged['sid']}", {})[0] == 404


def test_refuses_a_private_address_when_it_is_reached(api: Any, account: Account, drain: Drain, settings: Any) -> None:
    settings.HTTP_ALLOW = []
    api.configuration.webhooks().update(post_webhook_url="http://localhost:1/x", filters=["onMessageAdded"])
    customer_writes(account, "Hello")
    drain()

    row = WebhookDelivery.objects.get()
    assert (row.status, row.attempts) == ("failed", 1)
    assert "not a public address" in row.error


def pre(api: Any, listener: Listener, *filters: str) -> None:
    api.configuration.webhooks().update(pre_webhook_url=listener.url + "/pre", filters=list(filters))


def test_lets_the_pre_webhook_change_a_message(api: Any, account: Account, listener: Listener) -> None:
    pre(api, listener, "onMessageAdd")
    changes = {"body": "Changed", "author": "censor", "attributes": '{"checked": true}'}
    listener.answers["/pre"] = [(200, json.dumps(changes)), (200, "{}"), (200, "")]
    one = api.conversations(api.conversations.create().sid)
    loud = {"x_twilio_webhook_enabled": "true"}

    changed = one.messages.create(body="Bad words", **loud)
    same = [one.messages.create(body="Good words", **loud).body for _ in range(2)]
    unasked = one.messages.create(body="Quiet")

    assert (changed.body, changed.author, changed.attributes) == ("Changed", "censor", '{"checked": true}')
    assert same == ["Good words"] * 2
    assert unasked.body == "Quiet"
    assert listener.events() == ["onMessageAdd"] * 3
    assert listener.heard[0].is_signed(account.auth_token)
    assert WebhookDelivery.objects.filter(event="onMessageAdd", status="delivered").count() == 3


@pytest.mark.parametrize("status", [400, 403, 500])
def test_lets_the_pre_webhook_refuse(api: Any, account: Account, listener: Listener, status: int) -> None:
    loud = {"x_twilio_webhook_enabled": "true"}
    made = api.conversations.create()
    one = api.conversations(made.sid)
    message = one.messages.create(body="Stays")
    events = ["onMessageRemove", "onConversationRemove", "onMessageAdd", "onConversationUpdate", "onParticipantAdd"]
    pre(api, listener, *events, "onConversationAdd")
    listener.answers["/pre"] = [(status, "")] * 6

    assert delete(account, f"{made.sid}/Messages/{message.sid}") == 403
    assert delete(account, made.sid) == 403

    for call in (
        lambda: one.messages.create(body="Never", **loud),
        lambda: one.update(friendly_name="Never", **loud),
        lambda: one.participants.create(identity="ada", **loud),
        lambda: api.conversations.create(**loud),
    ):
        with pytest.raises(TwilioRestException) as caught:
            call()
        assert caught.value.status == 403

    assert listener.events() == [*events, "onConversationAdd"]
    assert [row.body for row in one.messages.list()] == ["Stays"]
    assert len(api.conversations.list()) == 1


def test_writes_as_asked_when_the_pre_webhook_is_away(api: Any, listener: Listener, settings: Any) -> None:
    settings.HTTP_ALLOW = ["127.0.0.0/8"]
    api.configuration.webhooks().update(pre_webhook_url="http://127.0.0.1:1/", filters=["onConversationAdd"])

    made = api.conversations.create(friendly_name="Kept", x_twilio_webhook_enabled="true")

    assert made.friendly_name == "Kept"
    assert WebhookDelivery.objects.get().status == "failed"


def test_refuses_what_the_pre_webhook_made_of_it(api: Any, listener: Listener) -> None:
    one = api.conversations(api.conversations.create().sid)
    pre(api, listener, "onMessageAdd")
    listener.answers["/pre"] = [(200, '{"attributes": "no json"}')]

    with pytest.raises(TwilioRestException) as caught:
        one.messages.create(body="x", x_twilio_webhook_enabled="true")
    assert (caught.value.status, caught.value.code) == (400, 20001)


@pytest.mark.django_db(transaction=True)
def test_sends_on_a_thread_of_its_own(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    def finish_and_hang_up(outcomes: Any) -> list[None]:
        try:
            return finish(outcomes)
        finally:
            # The thread lives on; its connection must not, or the test's database cannot be dropped.
            connection.close()

    monkeypatch.setattr("conversations.webhooks.sender.finish", finish_and_hang_up)
    own = Sender()
    account = make_account()
    api = sdk_client(account).conversations.v1
    listen(api, listener, "onMessageAdded")
    for number in range(30):
        customer_writes(account, "Hi", sender=f"+1555123{number:04}")
    while fanout.drain(clock.now()):
        pass

    deadline = time.monotonic() + 20
    waiting = WebhookDelivery.objects.exclude(status="delivered")
    while waiting.exists() and time.monotonic() < deadline:
        own.begin(clock.now())
        time.sleep(0.05)

    assert sorted(heard.parameters["Author"] for heard in listener.heard) == [
        f"+1555123{number:04}" for number in range(30)
    ]
