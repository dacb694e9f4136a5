"""
Each channel's whole story: signed webhook in, reply at the provider, callback, receipt.

The webhooks go through the ingress as the web process runs it, the replies to a stand-in that checks them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync

from channels_app import queries
from channels_app.adapters.values import WebhookRequest
from channels_app.delivery import drain as delivery
from channels_app.ingress import WebhookReply, receive_webhook
from channels_app.models import Connection
from conversations.models import Conversation, Message, Receipt
from tests.channels_app.conftest import KEYS, House, connect
from tests.standins import RunningStandin, SentMessage, webhooks
from tests.standins.ledger import GOOGLE_PRIVATE_KEY
from tests.standins.webhooks import SignedWebhook

pytestmark = pytest.mark.usefixtures("inline_ingress")


@dataclass(frozen=True)
class Channel:
    """How one channel's provider talks: who we and the customer are, and what it posts."""

    type: str
    provider: str
    ours: str
    customer: str

    def said(self, url: str, number: int, body: str) -> SignedWebhook:
        """Return the webhook of a customer's message."""
        match self.provider, self.type:
            case "twilio", _:
                return webhooks.twilio_message(
                    url,
                    token=KEYS.twilio_auth_token,
                    sid=f"SM{number:032}",
                    sender=self.customer,
                    recipient=self.ours,
                    body=body,
                )
            case "meta", "whatsapp":
                item = {
                    "from": self.customer.removeprefix("whatsapp:+"),
                    "id": f"wamid.{number}",
                    "timestamp": "1504902988",
                    "type": "text",
                    "text": {"body": body},
                }
                return webhooks.meta(url, webhooks.whatsapp_event(KEYS, messages=[item]), secret=KEYS.meta_app_secret)
            case "meta", _:
                item = {
                    "sender": {"id": self.customer.removeprefix("messenger:")},
                    "recipient": {"id": KEYS.meta_page_id},
                    "timestamp": 1458692752478,
                    "message": {"mid": f"m_{number}", "text": body},
                }
                return webhooks.meta(url, webhooks.messenger_event(KEYS, item), secret=KEYS.meta_app_secret)
            case _, "gbm":
                event = {
                    "conversationId": self.customer.removeprefix("gbm:"),
                    "requestId": f"R{number}",
                    "message": {"messageId": f"M{number}", "text": body},
                }
                return webhooks.google_business(url, event, token=KEYS.google_client_token)
            case _:
                event = {
                    "senderPhoneNumber": self.customer.removeprefix("rcs:"),
                    "messageId": f"M{number}",
                    "text": body,
                }
                return webhooks.google_rcs(url, event, token=KEYS.google_client_token)

    def delivered(self, url: str, sent: SentMessage) -> SignedWebhook:
        """Return the webhook that says a message reached the customer."""
        match self.provider, self.type:
            case "twilio", _:
                return webhooks.twilio_status(
                    url, token=KEYS.twilio_auth_token, sid=sent.external_id, status="delivered"
                )
            case "meta", "whatsapp":
                status = {"id": sent.external_id, "status": "delivered", "timestamp": "1504902990"}
                return webhooks.meta(url, webhooks.whatsapp_event(KEYS, statuses=[status]), secret=KEYS.meta_app_secret)
            case "meta", _:
                item = {
                    "sender": {"id": self.customer.removeprefix("messenger:")},
                    "delivery": {"mids": [sent.external_id], "watermark": 1},
                }
                return webhooks.meta(url, webhooks.messenger_event(KEYS, item), secret=KEYS.meta_app_secret)
            case _, "gbm":
                name = f"conversations/x/messages/{sent.external_id}"
                event = {"receipts": {"receipts": [{"message": name, "receiptType": "DELIVERED"}]}}
                return webhooks.google_business(url, event, token=KEYS.google_client_token)
            case _:
                event = {"eventType": "DELIVERED", "messageId": sent.external_id, "senderPhoneNumber": "+1"}
                return webhooks.google_rcs(url, event, token=KEYS.google_client_token)


CHANNELS = (
    Channel("sms", "twilio", "+15557771212", "+15558675310"),
    Channel("whatsapp", "twilio", "whatsapp:+15557771212", "whatsapp:+15558675310"),
    Channel("whatsapp", "meta", "whatsapp:+15556459128", "whatsapp:+15558675310"),
    Channel("messenger", "meta", f"messenger:{KEYS.meta_page_id}", "messenger:6200000000000001"),
    Channel("gbm", "google", "gbm:our-agent", "gbm:C-1"),
    Channel("rcs", "google", f"rcs:{KEYS.google_agent_id}", "rcs:+15558675310"),
)


@pytest.fixture(params=CHANNELS, ids=lambda one: f"{one.provider}-{one.type}")
def channel(request: pytest.FixtureRequest) -> Channel:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def line(channel: Channel, account: Any, standin: RunningStandin) -> Iterator[House]:
    """A house with a connection of the channel to the stand-in."""
    google = {
        "agent_id": KEYS.google_agent_id,
        "client_token": KEYS.google_client_token,
        "client_email": KEYS.google_client_email,
        "private_key": GOOGLE_PRIVATE_KEY,
        "token_url": f"{standin.url}/token",
    }
    row = connect(
        account,
        channel.provider,
        standin,
        type=channel.type,
        address=channel.ours,
        credentials=google if channel.provider == "google" else {},
    )
    house = House(account, row)
    delivery.use(delivery.inline_sender(lambda: house.now))
    yield house
    delivery.use(None)


def url_of(house: House) -> str:
    return queries.webhook_url(house.connection) or ""


def post(connection: Connection, webhook: SignedWebhook, **changes: Any) -> WebhookReply:
    made = {
        "method": webhook.method,
        "url": webhook.url,
        "headers": webhook.headers,
        "query": urlsplit(webhook.url).query,
        "body": webhook.body,
    }
    return async_to_sync(receive_webhook)(connection.sid, WebhookRequest(**{**made, **changes}))


def test_plays_the_whole_story(channel: Channel, line: House, standin: RunningStandin) -> None:
    url = url_of(line)

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
    assert [(sent.recipient, sent.body) for sent in standin.ledger.messages] == [
        (channel.customer, "welcome"),
        (channel.customer, "how can we help?"),
    ]
    assert line.receipts(conversation.id) == [("sent", 0)] * 2

    for sent in reversed(standin.ledger.messages):
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
    webhook = channel.said(url_of(line), 1, "hello")

    first, second = post(line.connection, webhook), post(line.connection, webhook)

    assert first == second
    assert first.status == 200
    assert Message.objects.count() == 1


def test_stores_nothing_of_a_wrongly_signed_webhook(channel: Channel, line: House) -> None:
    webhook = channel.said(url_of(line), 1, "hello")

    unsigned = {name: value for name, value in webhook.headers.items() if "signature" not in name}
    refused = post(line.connection, webhook, headers=unsigned)
    forged = post(line.connection, webhook, headers={**webhook.headers, **dict.fromkeys(_signatures(webhook), "x")})

    assert (refused.status, forged.status) == (403, 403)
    assert not Message.objects.exists()


def test_tells_agents_words_from_the_flows(channel: Channel, line: House, standin: RunningStandin) -> None:
    post(line.connection, channel.said(url_of(line), 1, "hello"))
    conversation = Conversation.objects.get()

    line.say(conversation.id, "I am Bo", source="agent")
    line.deliver()

    (sent,) = standin.ledger.messages
    assert sent.body == "I am Bo"
    if channel.type == "gbm":
        assert sent.raw["representative"]["representativeType"] == "HUMAN"


def test_sends_pictures(channel: Channel, line: House, standin: RunningStandin) -> None:
    post(line.connection, channel.said(url_of(line), 1, "hello"))
    conversation = Conversation.objects.get()
    picture = {"url": "https://cdn.example/a.png", "content_type": "image/png", "filename": "a.png"}

    line.say(conversation.id, "look", media=[picture])
    line.deliver()

    assert [url for sent in standin.ledger.messages for url in sent.media] == ["https://cdn.example/a.png"]
    assert [sent.body for sent in standin.ledger.messages if sent.body] == ["look"]
    assert Receipt.objects.get().status == "sent"


def test_knows_no_connection_of_another_sid(channel: Channel, line: House) -> None:
    webhook = channel.said(url_of(line), 1, "hello")
    stranger = Connection(id=UUID(int=7))

    assert post(stranger, webhook).status == 404


def _signatures(webhook: SignedWebhook) -> list[str]:
    return [name for name in webhook.headers if "signature" in name]
