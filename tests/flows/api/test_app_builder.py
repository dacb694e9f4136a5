"""What the builder asks beside saving: traffic, values of the last execution, previews, a start in the middle."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Account
from channels_app.services import create_connection
from common import clock, ids
from conversations.services import receive_messages
from flows import traffic
from flows.models import Execution, Flow
from tests.factories import OURS, definition, inbound, make_account, publish_flow, state
from tests.flows.api.browser import Browser
from tests.flows.definitions import asking
from tests.standins.listener import listening

pytestmark = pytest.mark.django_db
Drain = Callable[[], int]


@pytest.fixture
def account() -> Account:
    made = make_account()
    create_connection(
        account_id=made.id, type="sms", provider="sandbox", address=OURS, rate_per_second=100, now=clock.now()
    )
    return made


@pytest.fixture
def admin(account: Account) -> Browser:
    return Browser(account)


@pytest.fixture
def flow(account: Account, drain: Drain) -> Flow:
    """A flow that three customers came to: one answered its question, two have not."""
    made = publish_flow(account, asking())
    for sender in ("+15551230001", "+15551230002", "+15551230003"):
        receive_messages([inbound(account, "Hi", sender=sender)], now=clock.now())
    drain()
    receive_messages([inbound(account, "Ada", sender="+15551230001")], now=clock.now())
    drain()
    return made


def test_counts_who_left_by_which_exit_and_who_waits_where(admin: Browser, flow: Flow) -> None:
    status, found = admin.get(f"flows/{flow.sid}/traffic")

    assert status == 200
    assert (found["executions"], found["active"], found["failed"], found["is_capped"]) == (3, 2, 0, False)
    counts = {(exit["widget"], exit["event"], exit["to"]): exit["count"] for exit in found["exits"]}
    assert counts[("Trigger", "incomingMessage", "greet")] == 3
    assert counts[("ask", "incomingMessage", "echo")] == 1
    assert found["waiting"] == [{"widget": "ask", "count": 2}]


def test_counts_within_a_period_and_a_revision_and_no_tests(admin: Browser, flow: Flow) -> None:
    path, now = f"flows/{flow.sid}/traffic", clock.now()
    old = Execution.objects.filter(flow=flow).order_by("id").first()
    assert old is not None
    Execution.objects.filter(id=old.id).update(is_test=True)

    def executions(**query: str) -> int:
        return int(admin.get(path, **query)[1]["executions"])

    assert executions() == 2
    assert executions(revision="1") == 2
    assert executions(revision="7") == 0
    yesterday = clock.to_iso(now - timedelta(days=1))
    assert executions(**{"from": clock.to_iso(now - timedelta(days=2)), "to": yesterday}) == 0
    assert executions(**{"from": yesterday}) == 2
    for query in ({"from": "yesterday"}, {"from": clock.to_iso(now + timedelta(days=1))}, {"from": "2020-01-01"}):
        assert admin.get(path, **query)[0] == 400


def test_counts_the_newest_only_where_there_are_too_many(
    flow: Flow, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr(traffic, "MOST_EXECUTIONS", 2)
    end = clock.now() + timedelta(seconds=1)
    with django_assert_max_num_queries(4):
        found = traffic.traffic(flow.id, start=end - timedelta(days=1), end=end)

    assert (found.executions, found.is_capped) == (2, True)
    assert next(row["count"] for row in found.exits if row["widget"] == "Trigger") == 2
    assert traffic.first_key(clock.now() - timedelta(hours=1)) < ids.uuid7() < traffic.first_key(end)


def test_gives_the_values_of_the_last_execution_that_came_by(admin: Browser, flow: Flow) -> None:
    newest = admin.get(f"flows/{flow.sid}/sample")[1]["sample"]
    by_echo = admin.get(f"flows/{flow.sid}/sample", widget="echo")[1]["sample"]
    by_ask = admin.get(f"flows/{flow.sid}/sample", widget="ask")[1]["sample"]
    nowhere = admin.get(f"flows/{flow.sid}/sample", widget="nowhere")[1]["sample"]

    assert newest["contact"] == "+15551230003"
    assert newest["context"]["flow"]["variables"] == {"mood": "good"}
    assert by_echo["contact"] == "+15551230001"
    assert by_echo["context"]["widgets"]["ask"]["inbound"]["Body"] == "Ada"
    # Whoever still stands there came by, too.
    assert by_ask == newest
    assert nowhere == newest


def test_there_are_no_values_before_the_first_execution(admin: Browser, account: Account) -> None:
    fresh = publish_flow(account, asking(), address=None)
    assert admin.get(f"flows/{fresh.sid}/sample") == (200, {"sample": None})
    assert admin.get(f"flows/{fresh.sid}/traffic")[1]["exits"] == []


def test_shows_what_a_text_will_say(admin: Browser) -> None:
    context = {"widgets": {"ask": {"inbound": {"Body": "ada"}}}, "flow": {"variables": {}}}

    def shown(text: str) -> dict[str, Any]:
        status, body = admin.post("flows/preview", {"text": text, "context": context})
        assert status == 200, body
        return dict(body)

    assert shown("Hi {{widgets.ask.inbound.Body | capitalize}}!") == {"text": "Hi Ada!", "errors": [], "blank": []}
    assert shown("Hi {{ widgets.ask.inbound.Name }}")["blank"] == ["widgets.ask.inbound.Name"]
    assert shown("{{ flow.variables.x | default: 'you' }}") == {"text": "you", "errors": [], "blank": []}
    assert shown("{{ 'a' | nonsense }}")["errors"]
    assert shown("{% if %}")["errors"]
    assert admin.post("flows/preview", {"text": 7})[0] == 400
    assert admin.post("flows/preview", {"text": "x", "context": []})[0] == 400


def test_simulates_from_the_middle(admin: Browser) -> None:
    context = {"flow": {"variables": {"mood": "fine"}}, "widgets": {"greet": {"outbound": {}}}}
    body = {"definition": asking(), "start_at": "ask", "context": context, "contact": "+15550009999"}

    status, begun = admin.post("flows/simulate", body)

    assert status == 200, begun
    assert [command["body"] for command in begun["commands"] if command["type"] == "send_message"] == ["Your name?"]
    assert begun["session"]["current"] == "ask"
    assert begun["session"]["context"]["flow"]["variables"] == {"mood": "fine"}
    event = {"type": "reply_received", "payload": {"Body": "Ada", "From": "+1", "To": "+2"}}
    answered = admin.post("flows/simulate", {"definition": asking(), "session": begun["session"], "event": event})[1]
    assert [command["body"] for command in answered["commands"] if command["type"] == "send_message"] == ["Ada"]
    assert admin.post("flows/simulate", {**body, "start_at": "nowhere"})[0] == 400


def test_simulates_from_a_subflow(admin: Browser, account: Account) -> None:
    content = asking()
    content["states"][0]["transitions"].append({"event": "incomingParent", "next": "greet"})
    child = publish_flow(account, content, address=None)
    exits = {"completed": None, "failed": None}
    parent = definition(
        state("sub", "run-subflow", exits, flow_sid=child.sid, flow_revision="LatestPublished"),
        trigger={"incomingMessage": "sub"},
    )
    begun = admin.post("flows/simulate", {"definition": parent, "start_at": "sub"})[1]
    assert begun["session"]["current"] == "ask"
    assert begun["session"]["frames"][0]["widget"] == "sub"


def test_notes_beside_the_widgets_are_kept_and_no_problem(admin: Browser) -> None:
    notes = [{"id": "n1", "text": "# Why", "x": 10, "y": 20, "width": 200, "height": 80, "color": "amber"}]
    content = {**asking(), "notes": notes}

    made = admin.post("flows", {"friendly_name": "Noted", "definition": content})[1]
    exported = admin.get(f"flows/{made['sid']}/export")[1]
    again = admin.post("flows/import", {"text": json.dumps(exported)})[1]["flow"]

    assert made["definition"]["notes"] == exported["notes"] == again["definition"]["notes"] == notes
    problems = admin.post("flows/validate", {"definition": content})[1]
    assert problems == admin.post("flows/validate", {"definition": asking()})[1]
    assert admin.post("flows/simulate", {"definition": content})[1]["session"]["current"] == "ask"


def test_headers_of_a_request_are_sent_as_written(admin: Browser) -> None:
    headers = [
        {"key": "X-Shop", "value": "{{flow.variables.shop}}"},
        {"key": "content-type", "value": "text/csv"},
        {"key": "Host", "value": "evil.example"},
        {"key": "X-Split", "value": "a\r\nb"},
    ]
    call = state(
        "call",
        "make-http-request",
        {"success": None, "failed": None},
        method="POST",
        url="https://a.example",
        headers=headers,
    )
    context = {"flow": {"variables": {"shop": "fjell"}}}
    body = {"definition": definition(call), "start_at": "call", "context": context}

    (command, *_), warnings = (admin.post("flows/simulate", body)[1][part] for part in ("commands", "warnings"))

    assert command["headers"] == {"X-Shop": "fjell", "content-type": "text/csv"}
    assert len(warnings) == 2


def test_makes_a_simulated_call_for_real(admin: Browser, settings: Any) -> None:
    settings.HTTP_ALLOW = ("127.0.0.0/8",)
    with listening() as listener:
        call = {"method": "POST", "url": f"{listener.url}/hook", "headers": {"X-Shop": "fjell"}, "body": "a=1"}
        status, answer = admin.post("flows/simulate/call", {"command": call})

    assert (status, answer["status_code"]) == (200, 200), answer
    (heard,) = listener.heard
    assert (heard.method, heard.headers["x-shop"]) == ("POST", "fjell")


def test_refuses_calls_that_flows_may_not_make_either(admin: Browser, settings: Any) -> None:
    settings.HTTP_ALLOW = ()
    refused = admin.post(
        "flows/simulate/call", {"command": {"method": "GET", "url": "http://127.0.0.1:1/", "headers": {}}}
    )
    assert refused[0] == 200
    assert "error" in refused[1]
    for command in ({}, {"method": "GET"}, {"method": "GET", "url": "x", "headers": []}, {"method": 1, "url": 2}):
        assert admin.post("flows/simulate/call", {"command": command})[0] == 400, command
