"""``make providers``: connections of every channel to the stand-ins, and a page to play their customers on."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from channels_app.adapters.values import WebhookRequest
from channels_app.delivery import drain as delivery
from channels_app.ingress import receive_webhook
from channels_app.models import Connection
from channels_app.services import probe_connection
from common import clock
from conversations.models import AddressConfiguration, Conversation, Message, Receipt
from tests.factories import definition, make_account, publish_flow, state
from tests.standins import RunningStandin, demo
from tests.standins.channels import CHANNELS

pytestmark = pytest.mark.usefixtures("inline_ingress")
GREETING = definition(state("hello", "send-message", {"sent": None, "failed": None}, body="Welcome"))


def _by_django(request: httpx.Request) -> httpx.Response:
    """Have Django answer in the test's own transaction."""
    headers = {"Authorization": request.headers["authorization"]}
    kind = request.headers.get("content-type", "")
    answer = Client(headers=headers).generic(request.method, request.url.raw_path.decode(), request.content, kind)
    return httpx.Response(answer.status_code, content=answer.content)


def test_plays_a_customer_of_every_channel(
    db: None, standin: RunningStandin, google_pictures: None, drain: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = make_account()
    publish_flow(account, GREETING, address=demo.DEMO_SMS, type="sms")
    api = httpx.Client(
        transport=httpx.MockTransport(_by_django),
        base_url="http://testserver",
        auth=(account.sid, account.auth_token),
    )

    webhooks = demo.connect(api, standin.url)
    assert demo.connect(api, standin.url) == webhooks
    rows = list(Connection.objects.order_by("id"))
    assert [(row.provider, row.address) for row in rows] == [(one.provider, one.ours) for one in CHANNELS]
    probes = [probe_connection(account_id=account.id, connection_id=row.id, now=clock.now()) for row in rows]
    assert [probe.works for probe in probes] == [True] * 8, probes
    assert AddressConfiguration.objects.filter(target="studio").count() == 9

    def post(webhook: Any) -> Any:
        path = webhook.url.removeprefix("http://testserver/webhooks/")
        request = WebhookRequest(method="POST", url=webhook.url, headers=webhook.headers, body=webhook.body)
        return receive_webhook(path, request)

    async def answered(webhook: Any) -> int:
        return int((await post(webhook)).status)

    monkeypatch.setattr(demo, "_post", answered)
    delivery.use(delivery.inline_sender())
    played = demo.Demo(webhooks, standin.standin)
    for name in webhooks:
        assert async_to_sync(played.say)(name, f"Hello by {name}") == 200
    drain()
    async_to_sync(played.tell_deliveries)()
    delivery.use(None)

    assert Conversation.objects.count() == 8
    assert Message.objects.count() == 16
    assert list(Receipt.objects.values_list("status", flat=True)) == ["delivered"] * 8
    for name in webhooks:
        talk = [(one["from"], one["body"]) for one in played.talk() if one["channel"] == name]
        assert talk == [("You", f"Hello by {name}"), ("Flowdesk", "Welcome")]


async def _asked(app: Any, method: str, path: str) -> tuple[int, bytes]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://standin") as client:
        answer = await client.request(method, path)
    return answer.status_code, answer.content


def test_serves_its_page_beside_the_providers() -> None:
    played = demo.Demo({})

    status, page = asyncio.run(_asked(played, "GET", "/"))
    assert (status, b"Play a customer of any channel" in page) == (200, True)
    assert asyncio.run(_asked(played, "GET", "/_control/messages"))[0] == 200
    assert asyncio.run(_asked(played, "GET", "/nobody"))[0] == 404
