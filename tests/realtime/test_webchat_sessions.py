"""``/webchat/v1`` and the widget's script."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from common import clock, ids
from common.limits import Buckets
from conversations import queries as conversations
from conversations import services
from realtime import tokens
from realtime.api import webchat
from tests.interactions.world import Desk

SESSIONS = "/webchat/v1/sessions"


def post(path: str, body: Any, **headers: str) -> Any:
    return Client(headers=headers or None).post(path, data=json.dumps(body), content_type="application/json")


def test_begins_a_conversation_that_the_addresss_flow_answers(desk: Desk, deployment_key: str) -> None:
    answer = post(SESSIONS, {"deployment_key": deployment_key, "pre_engagement_data": {"name": "Cleo", "topic": "x"}})

    body = answer.json()
    conversation_id = ids.parse("CH", body["conversation_sid"])
    row = conversations.conversation(desk.account.id, conversation_id)
    assert answer.status_code == 201
    assert (row.channel_type, row.proxy_address, row.customer_name) == ("chat", "shop", "Cleo")
    assert json.loads(row.attributes) == {"pre_engagement_data": {"name": "Cleo", "topic": "x"}}
    assert len(conversations.flows_of([row.id])[row.id]) == 1
    (customer,) = conversations.participants(row.id)
    assert (customer.kind, customer.identity) == ("customer", body["identity"])
    token = tokens.read(body["token"], now=clock.now())
    assert (token.conversation_id, token.identity) == (row.id, body["identity"])
    assert clock.to_iso(token.expires_at) == body["expires_at"]


def test_takes_the_identity_that_the_page_gives(deployment_key: str) -> None:
    answer = post(SESSIONS, {"deployment_key": deployment_key, "identity": "customer-17"})

    assert answer.json()["identity"] == "customer-17"


def test_two_chats_of_one_identity_are_two_conversations(deployment_key: str) -> None:
    body = {"deployment_key": deployment_key, "identity": "customer-17"}

    assert post(SESSIONS, body).json()["conversation_sid"] != post(SESSIONS, body).json()["conversation_sid"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ([], 400),
        ({"deployment_key": "nobody's"}, 404),
        ({"deployment_key": 7}, 404),
        ({"deployment_key": "{key}", "identity": "x" * 300}, 400),
        ({"deployment_key": "{key}", "identity": "a\x00b"}, 400),
        ({"deployment_key": "{key}", "pre_engagement_data": "text"}, 400),
        ({"deployment_key": "{key}", "pre_engagement_data": {"a": "x" * 20_000}}, 400),
    ],
)
def test_bad_input_gets_a_clear_error(deployment_key: str, body: Any, status: int) -> None:
    if isinstance(body, dict) and body.get("deployment_key") == "{key}":
        body = {**body, "deployment_key": deployment_key}

    answer = post(SESSIONS, body)

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.json()["message"]
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_pages_of_other_sites_may_ask(deployment_key: str) -> None:
    asked = Client().options(SESSIONS, headers={"Origin": "https://shop.example"})
    answer = post(SESSIONS, {"deployment_key": deployment_key}, Origin="https://shop.example")

    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (204, "*")
    assert asked["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer


def test_one_address_cannot_begin_chats_without_end(deployment_key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webchat, "_beginnings", Buckets(per_second=0, burst=2))
    body = {"deployment_key": deployment_key}

    answers = [post(SESSIONS, body).status_code for _ in range(3)]

    assert answers == [201, 201, 429]


def test_a_good_token_is_renewed_for_the_same_chat(deployment_key: str) -> None:
    first = post(SESSIONS, {"deployment_key": deployment_key}).json()

    with time_machine.travel(clock.now() + timedelta(hours=5)):
        second = post(f"{SESSIONS}/refresh", {"token": first["token"]})

    assert second.status_code == 201
    kept = ("conversation_sid", "identity")
    assert [second.json()[name] for name in kept] == [first[name] for name in kept]
    assert second.json()["expires_at"] > first["expires_at"]


def test_an_expired_or_forged_token_is_not_renewed(deployment_key: str) -> None:
    token = post(SESSIONS, {"deployment_key": deployment_key}).json()["token"]

    with time_machine.travel(clock.now() + timedelta(hours=7)):
        assert post(f"{SESSIONS}/refresh", {"token": token}).status_code == 401
    head, payload, signature = token.split(".")
    assert post(f"{SESSIONS}/refresh", {"token": f"{head}.{payload}x.{signature}"}).status_code == 401
    assert post(f"{SESSIONS}/refresh", {"token": "nonsense"}).status_code == 401


def test_a_chat_that_is_over_is_not_renewed(deployment_key: str) -> None:
    body = post(SESSIONS, {"deployment_key": deployment_key}).json()
    conversation_id = ids.parse("CH", body["conversation_sid"])
    services.close_conversation(conversation_id=conversation_id, reason="API", now=clock.now())

    assert post(f"{SESSIONS}/refresh", {"token": body["token"]}).status_code == 409


def test_the_script_is_served_to_every_page_and_kept_for_a_while(db: None) -> None:
    first = Client().get("/webchat.js")
    again = Client().get("/webchat.js", headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, first["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert (first["Access-Control-Allow-Origin"], first["Cache-Control"]) == ("*", "public, max-age=300")
    assert again.status_code == 304
