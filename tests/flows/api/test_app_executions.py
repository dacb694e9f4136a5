"""The execution log, simulation and runs of stories."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account
from channels_app.services import create_connection
from common import clock, ids
from conversations.services import receive_messages
from flows.models import Execution, HttpExchange
from tests.factories import OURS, inbound, make_account, publish_flow
from tests.flows.api.browser import Browser
from tests.flows.definitions import asking, greeting

pytestmark = pytest.mark.django_db
CUSTOMER = "+15551230001"
Drain = Callable[[], int]


@pytest.fixture
def account() -> Account:
    made = make_account()
    create_connection(account_id=made.id, type="sms", provider="sandbox", address=OURS, now=clock.now())
    return made


@pytest.fixture
def execution(account: Account, drain: Drain) -> Execution:
    publish_flow(account, asking())
    receive_messages([inbound(account, "Hi")], now=clock.now())
    drain()
    return Execution.objects.get(account_id=account.id)


def test_shows_an_execution_with_steps_context_and_http_calls(account: Account, execution: Execution) -> None:
    HttpExchange.objects.create(
        account_id=account.id,
        execution=execution,
        ref=7,
        method="GET",
        url="https://api.example/x",
        status_code=200,
        content_type="application/json",
        response_body="{}",
        duration_ms=12,
        created_at=clock.now(),
    )

    status, shown = Browser(account, "supervisor").get(f"executions/{execution.sid}")

    assert (status, shown["status"], shown["current_widget"], shown["waits_for"]) == (200, "active", "ask", "reply")
    assert (shown["flow_name"], shown["contact"], shown["error"]) == ("Test flow", CUSTOMER, None)
    assert shown["conversation_sid"] == ids.sid("CH", execution.conversation_id)
    path = [(step["seq"], step["name"], step["transitioned_to"]) for step in shown["steps"]]
    assert path == [(1, "Trigger", "greet"), (2, "greet", "remember"), (3, "remember", "ask")]
    assert shown["steps"][2]["changes"]["flow.variables.mood"] == "good"
    assert shown["context"]["flow"]["variables"] == {"mood": "good"}
    assert [(call["ref"], call["url"], call["status_code"], call["error"]) for call in shown["http"]] == [
        (7, "https://api.example/x", 200, None)
    ]


def test_stops_an_execution(account: Account, execution: Execution) -> None:
    admin = Browser(account)

    assert Browser(account, "supervisor").post(f"executions/{execution.sid}", {"status": "ended"})[0] == 403
    assert admin.post(f"executions/{execution.sid}", {"status": "active"})[0] == 400
    status, stopped = admin.post(f"executions/{execution.sid}", {"status": "ended"})

    assert (status, stopped["status"], stopped["waits_for"]) == (200, "ended", None)


def test_filters_the_log(account: Account, execution: Execution, drain: Drain) -> None:
    receive_messages([inbound(account, "Hi", sender="+15559990000")], now=clock.now())
    drain()
    admin = Browser(account)
    admin.post(f"executions/{execution.sid}", {"status": "ended"})

    def found(**query: str) -> list[str]:
        status, body = admin.get("executions", **query)
        assert status == 200, body
        return [row["contact"] for row in body["executions"]]

    assert found() == ["+15559990000", CUSTOMER]
    assert found(status="ended") == [CUSTOMER]
    assert found(contact="+15559") == ["+15559990000"]
    assert found(flow_sid=ids.sid("FW", execution.flow_id)) == ["+15559990000", CUSTOMER]
    assert found(flow_sid=ids.sid("FW", ids.uuid7())) == []
    assert found(conversation_sid=ids.sid("CH", execution.conversation_id)) == [CUSTOMER]


def test_pages_through_the_log(account: Account, execution: Execution, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.api.app_executions.PAGE_SIZE", 2)
    rows = [execution]
    for _ in range(4):
        row = Execution.objects.get(id=execution.id)
        row.id, row.conversation_id = ids.uuid7(), ids.uuid7()
        row.save(force_insert=True)
        rows.append(row)
    admin = Browser(account)

    seen, token = [], ""
    while token is not None:
        _, body = admin.get("executions", page_token=token)
        seen += [row["sid"] for row in body["executions"]]
        token = body["next_page_token"]

    assert seen == [row.sid for row in reversed(rows)]
    assert admin.get("executions", page_token="nonsense")[0] == 400


def test_lists_the_log_in_a_fixed_number_of_queries(
    account: Account, execution: Execution, django_assert_max_num_queries: Any
) -> None:
    for _ in range(10):
        row = Execution.objects.get(id=execution.id)
        row.id, row.conversation_id = ids.uuid7(), ids.uuid7()
        row.save(force_insert=True)
    admin = Browser(account)

    # Session, user, rows, names of the flows.
    with django_assert_max_num_queries(4):
        assert len(admin.get("executions")[1]["executions"]) == 11


def test_shows_agents_the_executions_of_a_conversation_only(account: Account, execution: Execution) -> None:
    agent = Browser(account, "agent")

    status, body = agent.get("executions", conversation_sid=ids.sid("CH", execution.conversation_id))

    assert (status, [row["sid"] for row in body["executions"]]) == (200, [execution.sid])
    assert agent.get("executions")[0] == 403
    assert agent.get(f"executions/{execution.sid}")[0] == 403


def simulated(admin: Browser, **body: Any) -> dict[str, Any]:
    status, answer = admin.post("flows/simulate", body)
    assert status == 200, answer
    return answer


def test_simulates_a_conversation_event_by_event(account: Account) -> None:
    admin = Browser(account)
    trigger = {"type": "trigger_fired", "kind": "incomingMessage", "payload": {"Body": "Hi", "From": CUSTOMER}}
    reply = {"type": "reply_received", "payload": {"Body": "Ada", "From": CUSTOMER}}

    first = simulated(admin, definition=asking(), event=trigger, now="2026-01-15T12:00:00Z", contact=CUSTOMER)
    second = simulated(admin, definition=asking(), session=first["session"], event=reply, now="2026-01-15T12:01:00Z")

    assert [command["type"] for command in first["commands"]] == ["send_message", "send_message", "set_timer"]
    assert (first["session"]["current"], first["session"]["wait"]["kind"]) == ("ask", "reply")
    assert first["session"]["wait"]["due_at"] == "2026-01-15T13:00:00Z"
    assert [step["name"] for step in second["steps"]] == ["ask", "echo"]
    assert [command.get("body") for command in second["commands"] if command["type"] == "send_message"] == ["Ada"]
    assert second["session"]["status"] == "ended"
    assert not Execution.objects.exists()


def test_simulates_the_subflows_of_the_account(account: Account) -> None:
    child = publish_flow(account, greeting("From the child"), address=None)
    foreign = publish_flow(make_account("Other"), greeting("Secret"), address=None)

    def run(flow_sid: str) -> dict[str, Any]:
        parent = greeting()
        parent["states"][1] = {
            "name": "greet",
            "type": "run-subflow",
            "transitions": [{"event": "completed"}, {"event": "failed"}],
            "properties": {"flow_sid": flow_sid, "flow_revision": "LatestPublished"},
        }
        parent["states"][0]["transitions"].append({"event": "incomingParent", "next": "greet"})
        return simulated(Browser(account, "admin") if not admins else admins[0], definition=parent)

    admins = [Browser(account)]

    assert [step["event"] for step in run(foreign.sid)["steps"]][-1] == "failed"
    assert "completed" in [step["event"] for step in run(child.sid)["steps"]]


@pytest.mark.parametrize("session", [{}, {"v": 1}, {"frames": [5]}, {"status": [], "context": 3, "frames": [{}]}])
def test_ends_a_simulation_whose_session_is_made_up(account: Account, session: dict[str, Any]) -> None:
    answer = simulated(Browser(account), definition=asking(), session=session)

    assert (answer["session"]["status"], answer["session"]["ended"]["reason"]) == ("ended", "error")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"definition": []},
        {"definition": {"states": []}},
        {"definition": asking(), "session": []},
        {"definition": asking(), "event": {"type": "nothing"}},
        {"definition": asking(), "event": {"type": "timer_fired"}},
        {"definition": asking(), "event": 5},
        {"definition": asking(), "now": "yesterday"},
        [],
    ],
)
def test_refuses_a_malformed_simulation(account: Account, body: Any) -> None:
    assert Browser(account).post("flows/simulate", body)[0] == 400


def test_runs_stories_on_a_flow(account: Account) -> None:
    flow = publish_flow(account, asking(), address=None)
    told = {
        "id": "told",
        "trigger": {"event": "incomingMessage", "body": "Hi"},
        "steps": [{"in": "Ada"}],
        "expect": {"sent": ["Hello", "Your name?", "Ada"], "outcome": "ended"},
    }
    wrong = {**told, "id": "wrong", "expect": {"sent": ["Hello"]}}

    status, body = Browser(account).post(f"flows/{flow.sid}/tests/run", {"stories": [told, wrong]})

    assert (status, body["passed"], body["failed"]) == (200, 1, 1)
    assert [(result["id"], result["passed"]) for result in body["results"]] == [("told", True), ("wrong", False)]
    assert [difference["what"] for difference in body["results"][1]["differences"]] == ["sent"]
    assert body["coverage"]["widgets"] == {"visited": 5, "total": 5, "missed": []}


@pytest.mark.parametrize(
    "stories", [None, [], ["x"], [{}], [{"trigger": {}, "steps": [{"unknown": 1}]}], [{"trigger": 5}]]
)
def test_refuses_malformed_stories(account: Account, stories: Any) -> None:
    flow = publish_flow(account, asking(), address=None)

    assert Browser(account).post(f"flows/{flow.sid}/tests/run", {"stories": stories})[0] == 400
