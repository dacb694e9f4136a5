"""The execution log, simulation and runs of stories."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Account, AuditEntry
from channels_app.services import create_connection
from common import clock, http, ids
from conversations.services import receive_messages
from flows.models import Execution, HttpExchange
from flows.runtime import batch
from tests.factories import OURS, definition, inbound, make_account, publish_flow, state, texts
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
    assert (shown["revision"], shown["revision_name"], shown["retries"]) == (1, "Test flow", [])
    assert shown["initiated_by"].startswith("IM")


def test_links_calls_with_their_steps_and_tells_how_long_those_took(
    account: Account, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetch(self: http.HttpClient, request: http.HttpRequest) -> http.HttpAnswer:
        return http.HttpAnswer(200, {"content-type": "text/xml"}, b"<Response><Say>x</Say></Response>", request.url)

    monkeypatch.setattr(http.HttpClient, "fetch", fetch)
    leave = {"return": None, "timeout": None, "fail": None}
    flow = definition(
        state("call", "make-http-request", {"success": "go", "failed": None}, method="GET", url="https://x.test/a"),
        state("go", "add-twiml-redirect", leave, url="https://x.test/b", timeout="60"),
    )
    publish_flow(account, flow)
    began = clock.now()
    with time_machine.travel(began, tick=False) as traveller:
        receive_messages([inbound(account, "Hi")], now=clock.now())
        batch.drain(clock.now())
        traveller.shift(3)
        drain()
        execution = Execution.objects.get(account_id=account.id)
        shown = Browser(account).get(f"executions/{execution.sid}")[1]

    steps = {step["name"]: step for step in shown["steps"]}
    assert (steps["Trigger"]["duration_ms"], steps["call"]["duration_ms"]) == (0, 3000)
    assert [(call["url"], call["hop"], call["step_seq"], call["step_sid"]) for call in shown["http"]] == [
        ("https://x.test/a", 0, 2, steps["call"]["sid"]),
        ("https://x.test/b", 0, 3, None),
    ]
    assert "<Say>" in shown["http"][1]["error"]
    assert (shown["waiting"]["seq"], shown["waiting"]["name"], shown["waiting"]["waits_for"]) == (3, "go", "redirect")


def test_retries_an_execution_and_notes_who_did(account: Account, execution: Execution, drain: Drain) -> None:
    admin = Browser(account)
    steps = admin.get(f"executions/{execution.sid}")[1]["steps"]
    path = f"executions/{execution.sid}/retry"

    assert admin.post(path, {"step_sid": steps[1]["sid"]})[0] == 409
    admin.post(f"executions/{execution.sid}", {"status": "ended"})
    assert admin.post(path, {})[0] == 400
    status, retried = admin.post(path, {"step_sid": steps[1]["sid"]})
    drain()

    assert (status, retried["status"], retried["current_widget"]) == (201, "active", "ask")
    assert (retried["initiated_by"], retried["conversation_sid"]) == (
        execution.sid,
        ids.sid("CH", execution.conversation_id),
    )
    assert texts(execution.conversation_id) == ["Hello", "Your name?", "Hello", "Your name?"]
    assert admin.get(f"executions/{execution.sid}")[1]["retries"] == [retried["sid"]]
    conversation = admin.get(f"conversations/{retried['conversation_sid']}")[1]
    assert conversation["execution_sids"] == [execution.sid, retried["sid"]]
    entry = AuditEntry.objects.get(action="execution.retried")
    assert (entry.actor, entry.subject) == (admin.user.sid, execution.sid)
    assert entry.changes == {"execution": retried["sid"], "step": steps[1]["sid"]}
    assert admin.post(path, {"step_sid": steps[1]["sid"]})[0] == 409


def test_refuses_retries_that_name_nothing_or_come_from_others(account: Account, execution: Execution) -> None:
    admin = Browser(account)
    admin.post(f"executions/{execution.sid}", {"status": "ended"})
    path = f"executions/{execution.sid}/retry"

    assert Browser(account, "supervisor").post(path, {})[0] == 403
    assert admin.post(path, {"step_sid": ids.sid("FT", ids.uuid7())})[0] == 404
    assert admin.post(path, {"step_sid": "nonsense"})[0] == 404
    assert admin.post(path, [])[0] == 400
    assert admin.post(f"executions/{ids.sid('FN', ids.uuid7())}/retry", {})[0] == 404
    assert Execution.objects.count() == 1


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
    assert found(contact="9990") == ["+15559990000"]
    assert found(contact="nobody") == []
    Execution.objects.filter(id=execution.id).update(error="It broke")
    assert found(has_error="true") == [CUSTOMER]
    assert found(has_error="false") == ["+15559990000"]
    assert found(date_from=clock.to_iso(execution.created_at + timedelta(seconds=3600))) == []
    assert found(date_to=clock.to_iso(execution.created_at - timedelta(seconds=3600))) == []
    assert len(found(date_from="2020-01-01", date_to="2120-01-01T00:00:00Z")) == 2
    assert admin.get("executions", date_from="yesterday")[0] == 400
    assert admin.get("executions", has_error="perhaps")[0] == 400
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
