"""Starting and stopping executions by REST's services."""

from __future__ import annotations

import pytest

from common import clock
from conversations.models import Conversation
from conversations.services import receive_messages
from flows import runtime
from flows.errors import ContactBusy, NotPublished
from flows.models import Execution
from flows.runtime import batch
from tests.factories import OURS, definition, inbound, make_account, publish_flow, state, texts

pytestmark = pytest.mark.django_db

CUSTOMER = "+15551230001"
FLOW = definition(
    state(
        "ask",
        "send-and-wait-for-reply",
        {"incomingMessage": "thanks", "timeout": None, "deliveryFailure": None},
        body="Is {{flow.data.day}} fine?",
        timeout="600",
        **{"from": "{{flow.channel.address}}"},
    ),
    state("thanks", "send-message", {"sent": None}, body="{{widgets.ask.inbound.Body}}!", **{"from": "x"}),
)


def test_speaks_first_and_finds_the_reply() -> None:
    account = make_account()
    flow = publish_flow(account, FLOW)

    execution = runtime.start(flow=flow, to=CUSTOMER, from_=OURS, parameters={"day": "Monday"}, now=clock.now())
    receive_messages([inbound(account, "Yes", sender=CUSTOMER)], now=clock.now())
    batch.drain(clock.now())

    conversation = Conversation.objects.get()
    assert texts(conversation.id) == ["Is Monday fine?", "Yes!"]
    assert (Execution.objects.get().id, Execution.objects.get().status) == (execution.id, "ended")


def test_refuses_a_busy_contact_and_names_the_execution() -> None:
    account = make_account()
    flow = publish_flow(account, FLOW)
    first = runtime.start(flow=flow, to=CUSTOMER, from_=OURS, parameters={}, now=clock.now())

    with pytest.raises(ContactBusy) as refused:
        runtime.start(flow=flow, to=CUSTOMER, from_=OURS, parameters={}, now=clock.now())

    assert refused.value.details == {"conflicting_execution_sid": first.sid}


def test_stores_nothing_for_a_flow_that_is_not_published() -> None:
    account = make_account()
    flow = publish_flow(account, FLOW)
    flow.published_revision = None

    with pytest.raises(NotPublished):
        runtime.start(flow=flow, to=CUSTOMER, from_=OURS, parameters={}, now=clock.now())

    assert not Conversation.objects.exists()


def test_stops_once_and_lets_the_next_message_begin_anew() -> None:
    account = make_account()
    flow = publish_flow(account, FLOW)
    execution = runtime.start(flow=flow, to=CUSTOMER, from_=OURS, parameters={"day": "Monday"}, now=clock.now())

    stopped = runtime.stop(execution_id=execution.id, now=clock.now())
    again = runtime.stop(execution_id=execution.id, now=clock.now())
    receive_messages([inbound(account, "Hello", sender=CUSTOMER)], now=clock.now())
    batch.drain(clock.now())

    assert [row.status for row in (stopped, again)] == ["ended", "ended"]
    assert stopped.ended_at == again.ended_at
    assert texts(Conversation.objects.get().id) == ["Is Monday fine?", "Is  fine?"]


def test_runs_the_draft_for_test_users_only() -> None:
    from flows.models import FlowRevision

    account = make_account()
    flow = publish_flow(account, FLOW)
    draft = definition(state("new", "send-message", {"sent": None}, body="the draft", **{"from": "x"}))
    FlowRevision.objects.create(
        account_id=account.id,
        flow=flow,
        revision=2,
        status="draft",
        friendly_name="x",
        definition=draft,
        valid=True,
        created_at=clock.now(),
    )
    flow.revision, flow.test_users = 2, [CUSTOMER]
    flow.save()

    receive_messages([inbound(account, "a"), inbound(account, "b", sender="+15557770000")], now=clock.now())
    batch.drain(clock.now())

    said = {row.customer_address: texts(row.id) for row in Conversation.objects.all()}
    assert said == {CUSTOMER: ["the draft"], "+15557770000": ["Is  fine?"]}
