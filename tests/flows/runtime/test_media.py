"""Pictures through a flow: what the customer sends it sees, what it sends goes out on the channel."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from accounts.models import Account
from channels_app import ingress, queries
from channels_app.adapters.values import WebhookRequest
from channels_app.delivery import drain as delivery
from channels_app.models import Connection, SandboxMessage
from channels_app.services import create_connection
from common import clock, ids
from conversations.models import MediaFile, Message
from flows.models import Execution
from tests.factories import OURS, definition, make_account, publish_flow, state
from tests.standins import Keys, RunningStandin, running, webhooks

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inline_ingress")]

CUSTOMER = "+15558675310"
KEYS = Keys()
Drain = Callable[[], int]
FLOW_STATES = (
    state(
        "echo",
        "send-message",
        {"sent": "ask", "failed": None},
        body="{{trigger.message.NumMedia}} {{trigger.message.MediaContentType0}}",
        media_url="{{trigger.message.MediaUrl0}}",
        **{"from": "{{flow.channel.address}}"},
    ),
    state(
        "ask",
        "send-and-wait-for-reply",
        {"incomingMessage": "thanks", "timeout": None, "deliveryFailure": None},
        body="",
        media_url="https://cdn.example/form.pdf",
        timeout="600",
        **{"from": "{{flow.channel.address}}"},
    ),
    state(
        "thanks",
        "send-message",
        {"sent": None, "failed": None},
        body="{{widgets.ask.inbound.NumMedia}}: {{widgets.ask.inbound.MediaUrl1}}",
        **{"from": "{{flow.channel.address}}"},
    ),
)


@dataclass
class Phone:
    """A customer's phone on the other side of a connection."""

    account: Account
    connection: Connection
    standin: RunningStandin | None

    def send(self, body: str, *media: str) -> None:
        more = {f"MediaUrl{number}": url for number, url in enumerate(media)}
        more |= {f"MediaContentType{number}": "image/png" for number in range(len(media))}
        url = queries.webhook_url(self.connection)
        assert url is not None
        token = KEYS.twilio_auth_token if self.standin else self.account.auth_token
        sent = webhooks.twilio_message(
            url,
            token=token,
            sid=ids.sid("MM", ids.uuid7()),
            sender=CUSTOMER,
            recipient=OURS,
            body=body,
            NumMedia=str(len(media)),
            **more,
        )
        request = WebhookRequest(method="POST", url=url, headers=sent.headers, body=sent.body)
        reply = async_to_sync(ingress.receive_webhook)(self.connection.sid, request)
        assert reply.status == 200, reply.body

    def got(self) -> list[tuple[str, list[str]]]:
        """Return (text, media) of what arrived, in order."""
        if self.standin is not None:
            return [(sent.body, list(sent.media)) for sent in self.standin.standin.ledger.messages]
        rows = SandboxMessage.objects.filter(connection_id=self.connection.id, direction="in").order_by("id")
        return [(row.body, [item["url"] for item in row.media]) for row in rows]


@pytest.fixture(params=["sandbox", "twilio"])
def phone(request: pytest.FixtureRequest, settings: Any) -> Iterator[Phone]:
    account = make_account()

    def connect(provider: str, **more: Any) -> Connection:
        return create_connection(
            account_id=account.id, type="sms", provider=provider, address=OURS, now=clock.now(), **more
        )

    delivery.use(delivery.inline_sender())
    if request.param == "sandbox":
        yield Phone(account, connect("sandbox"), None)
    else:
        settings.HTTP_ALLOW = ["127.0.0.0/8"]
        credentials = {"account_sid": KEYS.twilio_account_sid, "auth_token": KEYS.twilio_auth_token}
        with running(KEYS) as standin:
            yield Phone(account, connect("twilio", credentials=credentials, api_base_url=standin.url), standin)
    delivery.use(None)


@pytest.mark.parametrize("trigger", ["incomingMessage", "incomingConversationMessage"])
def test_takes_and_sends_pictures(phone: Phone, drain: Drain, trigger: str) -> None:
    publish_flow(phone.account, definition(*FLOW_STATES, trigger={trigger: "echo"}))

    phone.send("Look", "https://media.example/1.png")
    drain()
    phone.send("", "https://media.example/2.png", "https://media.example/3.png")
    drain()

    files = [row.sid for row in MediaFile.objects.order_by("id")]
    got = [(ours_of(body), [ours_of(url) for url in media]) for body, media in phone.got()]
    assert got == [
        ("1 image/png", [f"http://testserver/media/v1/{files[0]}"]),
        ("", ["https://cdn.example/form.pdf"]),
        (f"2: http://testserver/media/v1/{files[2]}", []),
    ]
    execution = Execution.objects.get()
    assert (execution.trigger, execution.status, execution.error) == (trigger, "ended", "")
    assert '"ContentType":"image/png"' in execution.session["context"]["trigger"]["message"]["Media"]
    stored = Message.objects.filter(source="customer").order_by("index").values_list("media", flat=True)
    assert [[item["sid"] for item in media] for media in stored] == [files[:1], files[1:]]
    assert [row.source_url for row in MediaFile.objects.order_by("id")] == [
        f"https://media.example/{number}.png" for number in (1, 2, 3)
    ]


def ours_of(text: str) -> str:
    """Leave the ticket out of a signed address."""
    return re.sub(r"(/media/v1/ME[0-9a-f]{32})/[^/ ]+", r"\1", text)


def test_sends_a_text_alone_where_there_is_no_picture(phone: Phone, drain: Drain) -> None:
    publish_flow(phone.account, definition(*FLOW_STATES))

    phone.send("No picture")
    drain()

    assert [(body.strip(), media) for body, media in phone.got()] == [
        ("0", []),
        ("", ["https://cdn.example/form.pdf"]),
    ]
