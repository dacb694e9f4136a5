"""Trying again from a step: where it begins, what it knows, what refuses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Account
from channels_app.services import create_connection
from common import clock, http
from common.errors import BadParameter, Conflict
from conversations.models import Conversation
from conversations.services import close_conversation, receive_messages
from flows import queries, runtime
from flows.errors import ContactBusy
from flows.models import Execution, ExecutionStep, Flow, FlowRevision
from tests.factories import OURS, definition, inbound, make_account, publish_flow, state, texts

pytestmark = pytest.mark.django_db

CUSTOMER = "+15551230001"
Drain = Callable[[], int]


def say(name: str, body: str, then: str | None = None) -> dict[str, Any]:
    return state(name, "send-message", {"sent": then, "failed": None}, body=body, **{"from": "x"})


# The widget "ring" is one for calls: it ends the execution with an error.
FLOW = definition(
    state("mood", "set-variables", {"next": "ask"}, variables=[{"key": "mood", "value": "good"}]),
    state(
        "ask",
        "send-and-wait-for-reply",
        {"incomingMessage": "call", "timeout": None, "deliveryFailure": None},
        body="Name?",
        timeout="600",
        **{"from": "x"},
    ),
    state("call", "make-http-request", {"success": "tell", "failed": "ring"}, method="GET", url="https://x.test/a"),
    say("tell", "{{widgets.ask.inbound.Body}} {{flow.variables.mood}} {{trigger.message.Body}} {{widgets.call.body}}"),
    state("ring", "say-play", {"audioComplete": None}, say="Hello"),
)


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """A web whose every address answers the status that the test sets; broken at first."""
    answers = {"status": 500}

    async def fetch(self: http.HttpClient, request: http.HttpRequest) -> http.HttpAnswer:
        return http.HttpAnswer(answers["status"], {"content-type": "text/plain"}, b"fine", request.url)

    monkeypatch.setattr(http.HttpClient, "fetch", fetch)
    return answers


@pytest.fixture
def account() -> Account:
    made = make_account()
    create_connection(account_id=made.id, type="sms", provider="sandbox", address=OURS, now=clock.now())
    return made


@pytest.fixture
def failed(account: Account, web: dict[str, int], drain: Drain) -> Execution:
    """An execution that ended at the widget for calls, because the call before it got no good answer."""
    publish_flow(account, FLOW)
    for body in ("hi", "Ada"):
        receive_messages([inbound(account, body)], now=clock.now())
        drain()
    execution = Execution.objects.get()
    assert (execution.status, bool(execution.error)) == ("ended", True)
    return execution


def seq_of(execution: Execution, name: str) -> int:
    return ExecutionStep.objects.get(execution=execution, name=name).seq


def path(execution: Execution) -> list[str]:
    return [step.name for step in queries.steps(execution.id)]


def test_runs_the_rest_with_what_was_known_before_the_step(
    failed: Execution, web: dict[str, int], drain: Drain
) -> None:
    web["status"] = 200

    retried = runtime.retry(execution_id=failed.id, step_seq=seq_of(failed, "call"), now=clock.now())
    drain()

    retried.refresh_from_db()
    assert path(retried) == ["call", "tell"]
    assert texts(failed.conversation_id) == ["Name?", "Ada good hi fine"]
    assert (retried.status, retried.error, retried.initiated_by) == ("ended", "", failed.sid)
    assert (retried.flow_id, retried.revision, retried.trigger) == (failed.flow_id, 1, "incomingMessage")
    last = queries.steps(retried.id).last()
    assert last is not None
    assert queries.context_after(retried, last) == queries.context_of(retried)
    assert queries.context_of(retried)["flow"]["sid"] == retried.sid


def test_begins_where_it_failed_unless_told_otherwise(failed: Execution, drain: Drain) -> None:
    retried = runtime.retry(execution_id=failed.id, step_seq=None, now=clock.now())
    drain()

    assert path(retried) == ["ring"]
    assert queries.context_of(retried)["widgets"]["call"]["status_code"] == 500
    assert Execution.objects.get(id=retried.id).error == failed.error


@pytest.mark.parametrize(("name", "said"), [("Trigger", "Name?"), ("mood", "Name?"), ("ask", "Name?")])
def test_begins_at_any_step_and_finds_the_reply(
    account: Account, failed: Execution, web: dict[str, int], drain: Drain, name: str, said: str
) -> None:
    web["status"] = 200
    runtime.retry(execution_id=failed.id, step_seq=seq_of(failed, name), now=clock.now())
    receive_messages([inbound(account, "Eve")], now=clock.now())
    drain()

    assert texts(failed.conversation_id) == ["Name?", said, "Eve good hi fine"]


def test_can_be_retried_in_its_turn(failed: Execution, web: dict[str, int], drain: Drain) -> None:
    second = runtime.retry(execution_id=failed.id, step_seq=seq_of(failed, "call"), now=clock.now())
    drain()
    web["status"] = 200

    third = runtime.retry(execution_id=second.id, step_seq=1, now=clock.now())
    drain()

    assert (path(second), path(third)) == (["call", "ring"], ["call", "tell"])
    assert texts(failed.conversation_id) == ["Name?", "Ada good hi fine"]


def test_begins_in_the_widget_it_was_in_when_its_turn_could_not_be_walked(account: Account, drain: Drain) -> None:
    publish_flow(account, FLOW)
    receive_messages([inbound(account, "hi")], now=clock.now())
    drain()
    Execution.objects.update(status="ended", error="Internal fault: a broken disk", ended_at=clock.now())
    broken = Execution.objects.get()

    retried = runtime.retry(execution_id=broken.id, step_seq=None, now=clock.now())

    assert (retried.current_widget, retried.waits_for) == ("ask", "reply")
    assert texts(broken.conversation_id) == ["Name?", "Name?"]
    assert queries.context_of(retried)["trigger"]["message"]["Body"] == "hi"


def test_runs_the_revision_that_failed_not_a_newer_one(account: Account, failed: Execution, web: Any) -> None:
    flow = Flow.objects.get()
    FlowRevision.objects.create(
        account_id=account.id,
        flow=flow,
        revision=2,
        status="published",
        friendly_name="x",
        definition=definition(say("other", "Other")),
        valid=True,
        created_at=clock.now(),
    )
    flow.revision = flow.published_revision = 2
    flow.save()

    assert runtime.retry(execution_id=failed.id, step_seq=None, now=clock.now()).revision == 1


def test_retries_a_subflow_from_the_widget_that_runs_it(account: Account, drain: Drain) -> None:
    child = publish_flow(
        account,
        definition(say("inner", "Inner", "ring"), FLOW["states"][-1], trigger={"incomingParent": "inner"}),
        address=None,
    )
    parent = definition(
        state(
            "sub",
            "run-subflow",
            {"completed": None, "failed": None},
            flow_sid=child.sid,
            flow_revision="LatestPublished",
            parameters=[],
        )
    )
    publish_flow(account, parent)
    receive_messages([inbound(account, "hi")], now=clock.now())
    drain()
    failed = Execution.objects.get()

    with pytest.raises(BadParameter, match="'sub'"):
        runtime.retry(execution_id=failed.id, step_seq=seq_of(failed, "inner"), now=clock.now())
    retried = runtime.retry(execution_id=failed.id, step_seq=seq_of(failed, "sub"), now=clock.now())

    assert texts(failed.conversation_id) == ["Inner", "Inner"]
    assert "inner" in path(retried)


def test_refuses_one_that_is_active_or_did_not_fail(account: Account, web: dict[str, int], drain: Drain) -> None:
    web["status"] = 200
    publish_flow(account, FLOW)
    receive_messages([inbound(account, "hi")], now=clock.now())
    drain()
    execution = Execution.objects.get()

    with pytest.raises(Conflict, match="still active"):
        runtime.retry(execution_id=execution.id, step_seq=1, now=clock.now())
    receive_messages([inbound(account, "Ada")], now=clock.now())
    drain()
    with pytest.raises(BadParameter, match="did not fail"):
        runtime.retry(execution_id=execution.id, step_seq=None, now=clock.now())

    assert Execution.objects.count() == 1


def test_refuses_while_another_one_is_active_for_the_contact(account: Account, failed: Execution, drain: Drain) -> None:
    receive_messages([inbound(account, "again")], now=clock.now())
    drain()
    busy = Execution.objects.get(status="active")

    with pytest.raises(ContactBusy) as refused:
        runtime.retry(execution_id=failed.id, step_seq=None, now=clock.now())

    assert refused.value.details == {"conflicting_execution_sid": busy.sid}


def test_refuses_where_nobody_would_hear_it(failed: Execution) -> None:
    Conversation.objects.update(agents=1)
    with pytest.raises(Conflict, match="agent"):
        runtime.retry(execution_id=failed.id, step_seq=None, now=clock.now())

    Conversation.objects.update(agents=0)
    close_conversation(conversation_id=failed.conversation_id, reason="done", now=clock.now())
    with pytest.raises(Conflict, match="closed"):
        runtime.retry(execution_id=failed.id, step_seq=None, now=clock.now())


def test_refuses_a_step_that_is_not_its_own(failed: Execution) -> None:
    with pytest.raises(ExecutionStep.DoesNotExist):
        runtime.retry(execution_id=failed.id, step_seq=99, now=clock.now())


def test_speaks_to_the_contact_of_a_start_by_rest(account: Account, web: dict[str, int], drain: Drain) -> None:
    flow = publish_flow(account, FLOW, address=None)
    first = runtime.start(flow=flow, to=CUSTOMER, from_=OURS, parameters={"a": "1"}, now=clock.now())
    runtime.stop(execution_id=first.id, now=clock.now())

    retried = runtime.retry(execution_id=first.id, step_seq=seq_of(first, "Trigger"), now=clock.now())

    assert (retried.contact_address, retried.current_widget) == (CUSTOMER, "ask")
    assert queries.context_of(retried)["flow"]["data"] == {"a": "1"}
    assert texts(first.conversation_id) == ["Name?", "Name?"]
