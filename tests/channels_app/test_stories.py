"""
Each channel's whole story: signed webhook in, reply at the provider, callback, receipt.

The webhooks go through the ingress as the web process runs it, the replies to a stand-in that checks them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from channels_app.models import Connection, SandboxMessage
from common import clock
from conversations.models import Conversation, Message, Receipt
from conversations.services import media
from routing.models import Workspace
from routing.services import provision_workspace
from tests.channels_app.conftest import House
from tests.channels_app.providers import CHANNELS, SANDBOX, Channel, post, url_of
from tests.factories import definition, publish_flow, state
from tests.interactions.world import Desk
from tests.realtime.test_console_api import logged_in
from tests.realtime.test_console_api import post as send_json
from tests.realtime.test_conversations_api import answer, path
from tests.standins import RunningStandin, SentMessage
from tests.standins.files import PNG
from tests.standins.webhooks import SignedWebhook

pytestmark = pytest.mark.usefixtures("inline_ingress")


def name_of(channel: Channel) -> str:
    return f"{channel.provider}-{channel.type}"


@pytest.fixture(params=(*CHANNELS, SANDBOX), ids=name_of)
def channel(request: pytest.FixtureRequest) -> Channel:
    return request.param  # type: ignore[no-any-return]


def taken_as(channel: Channel) -> str:
    """Return how a receipt stands once the provider took the message; the simulated phone has it at once."""
    return "delivered" if channel.provider == "sandbox" else "sent"


def sent_to_customers(line: House, standin: RunningStandin) -> list[SentMessage]:
    """Return what reached the provider, or the simulated phone."""
    if line.connection.provider != "sandbox":
        return standin.ledger.messages
    return [
        SentMessage(
            provider="sandbox",
            key="",
            sender=line.connection.address,
            recipient=row.customer,
            body=row.body,
            media=tuple(item["url"] for item in row.media),
            external_id=row.external_id,
        )
        for row in SandboxMessage.objects.filter(direction="in").order_by("id")
    ]


def test_plays_the_whole_story(channel: Channel, line: House, standin: RunningStandin) -> None:
    url = url_of(line.connection)

    taken = post(line.connection, channel.said(url, 1, "hello"))
    assert (taken.status, len(Message.objects.all())) == (200, 1)
    conversation = Conversation.objects.get()
    assert (conversation.channel_type, conversation.customer_address, conversation.proxy_address) == (
        channel.type,
        channel.customer,
        channel.ours,
    )

    line.say(conversation.id, "welcome", "how can we help?")
    line.deliver()
    assert [(sent.recipient, sent.body) for sent in sent_to_customers(line, standin)] == [
        (channel.customer, "welcome"),
        (channel.customer, "how can we help?"),
    ]
    assert line.receipts(conversation.id) == [(taken_as(channel), 0)] * 2

    for sent in reversed(sent_to_customers(line, standin)):
        assert post(line.connection, channel.delivered(url, sent)).status == 200
    assert line.receipts(conversation.id) == [("delivered", 0)] * 2

    post(line.connection, channel.said(url, 2, "thanks"))
    assert Conversation.objects.count() == 1
    assert [message.body for message in Message.objects.order_by("index")] == [
        "hello",
        "welcome",
        "how can we help?",
        "thanks",
    ]


def test_changes_nothing_when_a_webhook_is_repeated(channel: Channel, line: House) -> None:
    webhook = channel.said(url_of(line.connection), 1, "hello")

    first, second = post(line.connection, webhook), post(line.connection, webhook)

    assert first == second
    assert first.status == 200
    assert Message.objects.count() == 1


def test_stores_nothing_of_a_wrongly_signed_webhook(channel: Channel, line: House) -> None:
    webhook = channel.said(url_of(line.connection), 1, "hello")

    unsigned = {name: value for name, value in webhook.headers.items() if "signature" not in name}
    refused = post(line.connection, webhook, headers=unsigned)
    forged = post(line.connection, webhook, headers={**webhook.headers, **dict.fromkeys(_signatures(webhook), "x")})

    assert (refused.status, forged.status) == (403, 403)
    assert not Message.objects.exists()


def test_tells_agents_words_from_the_flows(channel: Channel, line: House, standin: RunningStandin) -> None:
    post(line.connection, channel.said(url_of(line.connection), 1, "hello"))
    conversation = Conversation.objects.get()

    line.say(conversation.id, "I am Bo", source="agent")
    line.deliver()

    (sent,) = sent_to_customers(line, standin)
    assert sent.body == "I am Bo"
    if channel.type == "gbm":
        assert sent.raw["representative"]["representativeType"] == "HUMAN"


def test_sends_pictures(channel: Channel, line: House, standin: RunningStandin) -> None:
    post(line.connection, channel.said(url_of(line.connection), 1, "hello"))
    conversation = Conversation.objects.get()
    picture = {"url": "https://cdn.example/a.png", "content_type": "image/png", "filename": "a.png"}

    line.say(conversation.id, "look", media=[picture])
    line.deliver()

    assert [url for sent in sent_to_customers(line, standin) for url in sent.media] == ["https://cdn.example/a.png"]
    assert [sent.body for sent in sent_to_customers(line, standin) if sent.body] == ["look"]
    assert Receipt.objects.get().status == taken_as(channel)


def test_knows_no_connection_of_another_sid(channel: Channel, line: House) -> None:
    webhook = channel.said(url_of(line.connection), 1, "hello")
    stranger = Connection(id=UUID(int=7))

    assert post(stranger, webhook).status == 404


def _signatures(webhook: SignedWebhook) -> list[str]:
    return [name for name in webhook.headers if "signature" in name]


GREETING = definition(
    state(
        "hello",
        "send-message",
        {"sent": None, "failed": None},
        body="Hello {{contact.channel.address}}, you said {{trigger.message.Body}}",
    )
)


def test_from_the_customer_to_the_flow_to_an_agent_and_back(
    channel: Channel, line: House, standin: RunningStandin, drain: Callable[[], int]
) -> None:
    """Signed webhook, conversation, flow, reply, delivery and read receipts, an agent with a picture, one back."""
    provision_workspace(account_id=line.account.id, now=clock.now())
    desk = Desk(line.account, Workspace.objects.get(account_id=line.account.id))
    publish_flow(line.account, GREETING, address=channel.ours, type=channel.type)
    url = url_of(line.connection)

    for _ in range(2):
        assert post(line.connection, channel.said(url, 1, "good morning")).status == 200
        drain()
    conversation = Conversation.objects.get()
    assert [sent.body for sent in sent_to_customers(line, standin)] == [
        f"Hello {channel.customer}, you said good morning"
    ]
    post(line.connection, channel.delivered(url, sent_to_customers(line, standin)[0]))
    assert line.receipts(conversation.id) == [("delivered", 0)]

    _, user = desk.agent("Ana Agent")
    answer(desk.offer(conversation), "accepted")
    agent = logged_in(user)
    picture = agent.post(path(conversation, "/media?filename=a.png"), data=PNG, content_type="image/png").json()
    said = send_json(
        agent, path(conversation, "/messages"), {"body": "This is Ana", "client_ref": "1", "media": [picture["sid"]]}
    )
    assert said.status_code == 201
    drain()
    assert [sent.body for sent in sent_to_customers(line, standin)[1:] if sent.body] == ["This is Ana"]
    (shown,) = [address for sent in sent_to_customers(line, standin) for address in sent.media]
    _, sid, ticket, name = shown.removeprefix("http://testserver/media").split("/")[1:]
    assert (media.check_signature(sid, ticket, now=clock.now()).sid, name) == (picture["sid"], "a.png")

    post(line.connection, channel.picture(url, standin.url))
    drain()
    (kept,) = Message.objects.filter(source="customer").latest("index").media
    assert (kept["content_type"], kept["size"]) == ("image/png", len(PNG))
    # The agent has the conversation, so the flow has said nothing more.
    assert len([sent for sent in sent_to_customers(line, standin) if sent.body]) == 2


@pytest.mark.parametrize("channel", CHANNELS, ids=name_of, indirect=True)
def test_sends_once_and_in_order_though_the_provider_answers_429_then_500(
    channel: Channel, line: House, standin: RunningStandin
) -> None:
    post(line.connection, channel.said(url_of(line.connection), 1, "hello"))
    conversation = Conversation.objects.get()
    standin.ledger.script("429:3", "500", "ok", recipient=channel.customer)
    line.say(conversation.id, "one", "two", "three")

    for seconds in (0, 6, 12, 30):
        line.deliver(seconds=seconds)

    assert [status for status in standin.ledger.statuses_answered if status >= 400] == [429, 500]
    assert standin.ledger.bodies() == ["one", "two", "three"]
    assert standin.ledger.without_key == standin.ledger.duplicates == 0
    assert line.receipts(conversation.id) == [("sent", 0)] * 3


@pytest.mark.django_db(transaction=True)
def test_two_first_messages_at_the_same_moment_make_one_conversation(
    channel: Channel, line: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(2)
    url = url_of(line.connection)

    async def submit(self: Any, item: Any) -> Any:
        # Each on a thread and a connection of its own, as two web processes would.
        together.wait(10)
        (result,) = await sync_to_async(self._commit)([item])
        return result

    def receive(number: int) -> int:
        try:
            return post(line.connection, channel.said(url, number, f"message {number}")).status
        finally:
            connection.close()

    monkeypatch.setattr("common.groupcommit.GroupCommit.submit", submit)
    with ThreadPoolExecutor(2) as threads:
        statuses = list(threads.map(receive, (1, 2)))

    assert statuses == [200, 200]
    (conversation,) = Conversation.objects.all()
    messages = conversation.messages.order_by("index")
    assert [row.index for row in messages] == [0, 1]
    assert sorted(row.body for row in messages) == ["message 1", "message 2"]


WITH_WINDOW = [one for one in CHANNELS if (one.provider, one.type) in (("twilio", "whatsapp"), ("meta", "whatsapp"))]


@pytest.mark.parametrize("channel", WITH_WINDOW, ids=name_of, indirect=True)
def test_outside_the_window_only_a_template_goes(channel: Channel, line: House, standin: RunningStandin) -> None:
    post(line.connection, channel.said(url_of(line.connection), 1, "hello"))
    conversation = Conversation.objects.get()
    standin.ledger.window_closed.add(channel.customer)
    template = {"twilio": "HX" + "a" * 32, "meta": "order_update:de"}[channel.provider]

    line.say(conversation.id, "too late")
    line.say(conversation.id, "", fields={"content_sid": template, "content_variables": {"1": "Bo"}})
    line.deliver()

    assert line.receipts(conversation.id) == [("failed", 63016), ("sent", 0)]
    (sent,) = sent_to_customers(line, standin)
    if channel.provider == "meta":
        assert sent.raw["template"] == {
            "name": "order_update",
            "language": {"code": "de"},
            "components": [{"type": "body", "parameters": [{"type": "text", "text": "Bo"}]}],
        }
    else:
        assert (sent.raw["ContentSid"], sent.raw["ContentVariables"]) == ([template], ['{"1":"Bo"}'])
