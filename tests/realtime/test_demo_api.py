"""``/demo/api``: the simulated phones."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.services import create_account
from channels_app import services as channels
from channels_app.models import Connection
from common import clock
from common.limits import Buckets
from conversations.models import Message
from realtime.api import demo
from tests.factories import definition, publish_flow, state
from tests.standins.files import PNG

PHONE = "/demo/api/phone"
CUSTOMER = "+15551230001"


@pytest.fixture
def line(db: None) -> Connection:
    """The demo account's SMS line, which a flow answers."""
    account = create_account(name="Demo", now=clock.now(), is_demo=True)
    channels.create_connection(account_id=account.id, type="chat", provider="web", address="shop", now=clock.now())
    publish_flow(account, definition(state("hello", "send-message", {"sent": None}, body="Hello!")))
    return channels.create_connection(
        account_id=account.id, type="sms", provider="sandbox", address="+15550100001", now=clock.now()
    )


def write(line: Connection, body: Any, ref: str = "r1", **more: Any) -> Any:
    sent = {"connection_sid": line.sid, "from": CUSTOMER, "body": body, "ref": ref, **more}
    return Client().post(PHONE, data=json.dumps(sent), content_type="application/json")


def shown(line: Connection, **more: str) -> list[dict[str, Any]]:
    query = {"connection_sid": line.sid, "from": CUSTOMER, **more}
    return list(Client().get(PHONE, query).json()["messages"])


def test_tells_the_page_what_there_is(line: Connection) -> None:
    body = Client().get("/demo/api/setup").json()

    assert len(body.pop("deployment_key")) > 20
    assert body == {"phones": [{"connection_sid": line.sid, "type": "sms", "address": "+15550100001"}]}


def test_a_customer_writes_and_the_flow_answers(line: Connection, drain: Callable[[], int]) -> None:
    sent = write(line, "Hi")
    assert sent.status_code == 201

    drain()

    told = shown(line)
    assert [(each["direction"], each["body"]) for each in told] == [("out", "Hi"), ("in", "Hello!")]
    assert told[0]["id"] == sent.json()["id"]
    assert shown(line, after=told[0]["id"]) == told[1:]


def test_a_repeated_ref_sends_nothing_new(line: Connection) -> None:
    first, second = write(line, "Hi"), write(line, "Hi")

    assert (first.json(), first.status_code, second.status_code) == (second.json(), 201, 201)
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"body": ""}, 400),
        ({"body": "  "}, 400),
        ({"body": "x" * 1601}, 400),
        ({"ref": ""}, 400),
        ({"ref": "x" * 101}, 400),
        ({"from": "Bob"}, 400),
        ({"from": "whatsapp:+15551230001"}, 400),
        ({"connection_sid": "nonsense"}, 404),
        ({"connection_sid": "CN" + "0" * 32}, 404),
    ],
)
def test_bad_input_gets_a_clear_error(line: Connection, more: dict[str, Any], status: int) -> None:
    answered = write(line, **{"body": "Hi", "ref": "r", **more})

    assert (answered.status_code, bool(answered.json()["message"])) == (status, True)
    assert Message.objects.count() == 0


def test_is_open_for_the_demo_account_only(line: Connection) -> None:
    other = create_account(name="Acme", now=clock.now())
    theirs = channels.create_connection(
        account_id=other.id, type="sms", provider="sandbox", address="+15550100002", now=clock.now()
    )

    assert write(theirs, "Hi").status_code == 404
    assert Client().get(PHONE, {"connection_sid": theirs.sid, "from": CUSTOMER}).status_code == 404


def test_is_closed_where_there_is_no_demo_account(db: None) -> None:
    assert Client().get("/demo/api/setup").status_code == 404


def test_floods_are_refused(line: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_sendings", Buckets(per_second=0, burst=1))

    assert [write(line, "Hi", f"r{number}").status_code for number in range(2)] == [201, 429]


def test_a_customer_sends_a_picture(line: Connection, drain: Callable[[], int]) -> None:
    query = f"connection_sid={line.sid}&from=%2B15551230001&filename=cat.png"
    kept = Client().post(f"{PHONE}/media?{query}", data=PNG, content_type="image/png")
    sent = write(line, "", media=[kept.json()["sid"]])
    drain()

    assert (kept.status_code, sent.status_code) == (201, 201)
    (picture,) = shown(line)[0]["media"]
    assert picture["content_type"] == "image/png"
    assert picture["url"].startswith(f"/media/v1/{kept.json()['sid']}/")
    (item,) = Message.objects.get(source="customer").media
    assert (item["sid"], item["size"]) == (kept.json()["sid"], len(PNG))
    assert write(line, "", ref="r2", media=["ME" + "0" * 32]).status_code == 400
    large = Client().post(f"{PHONE}/media?{query}", data=bytes(demo.MAX_FILE + 1), content_type="image/png")
    assert large.status_code == 413
