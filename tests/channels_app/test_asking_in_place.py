"""Who writes at a screen learns at once what the account's pre-webhook says to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection

from channels_app import ingress
from common import clock
from conversations import services
from conversations.models import Message
from tests.factories import make_account
from tests.interactions.world import make_desk
from tests.realtime.test_console_api import logged_in
from tests.realtime.test_conversations_api import answer, send
from tests.standins.listener import Listener, listening


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    settings.HTTP_ALLOW = ["127.0.0.0/8"]
    with listening() as found:
        yield found


def have_asked(account_id: Any, listener: Listener) -> None:
    services.configure_webhooks(
        account_id=account_id,
        scope="account",
        pre_url=listener.url + "/pre",
        filters=["onMessageAdd"],
        now=clock.now(),
    )


ANSWERS = [(200, json.dumps({"body": "****"})), (403, ""), (200, "")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("inline_ingress")
def test_a_visitor_of_the_web_chat(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ingress._ask

    def ask_and_hang_up(item: Any) -> Any:
        try:
            return asked(item)
        finally:
            connection.close()

    monkeypatch.setattr(ingress, "_ask", ask_and_hang_up)
    account = make_account()
    conversation = services.create_conversation(
        account_id=account.id,
        channel_type="chat",
        customer_name="",
        customer_address="",
        proxy_address="shop",
        identity="visitor",
        now=clock.now(),
    )
    have_asked(account.id, listener)
    listener.answers["/pre"] = list(ANSWERS)

    results = [
        async_to_sync(ingress.submit)(
            services.InboundMessage(
                account_id=account.id,
                channel_type="chat",
                conversation_id=conversation.id,
                sender="visitor",
                recipient="shop",
                body=body,
                source_key=f"chat:{body}",
            )
        )
        for body in ("secret", "rude", "kind")
    ]

    assert [type(result).__name__ for result in results] == ["Received", "Refused", "Received"]
    assert [row.body for row in Message.objects.order_by("index")] == ["****", "kind"]
    assert {(heard.parameters["Source"], heard.parameters["ClientIdentity"]) for heard in listener.heard} == {
        ("SDK", "visitor")
    }


@pytest.mark.django_db
def test_an_agent(listener: Listener) -> None:
    desk = make_desk()
    _, user = desk.agent("Ana Agent")
    conversation = desk.conversation()
    answer(desk.offer(conversation), "accepted")
    agent = logged_in(user)
    have_asked(desk.account.id, listener)
    listener.answers["/pre"] = list(ANSWERS)

    answers = [send(agent, conversation, body, body) for body in ("secret", "rude", "kind", "kind")]

    assert [each.status_code for each in answers] == [201, 403, 201, 200]
    assert [row.body for row in Message.objects.filter(source="agent").order_by("index")] == ["****", "kind"]
    assert len(listener.heard) == 3
