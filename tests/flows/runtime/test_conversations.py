"""Conversations that a flow begins, or goes on in: what they become, who hears what, and how they end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Account
from channels_app.services import create_connection
from common import clock, ids
from common.models import OutboxEntry
from conversations.models import Conversation, ConversationWebhook, Participant
from conversations.services import create_conversation, receive_messages
from flows import runtime
from flows.models import Execution, ExecutionStep, Flow
from tests.factories import OURS, definition, inbound, make_account, publish_flow, state, texts

pytestmark = pytest.mark.django_db
Drain = Callable[[], int]
CUSTOMER = "+15551230001"
SMS = {"type": "sms", "messaging_binding_address": CUSTOMER, "messaging_binding_proxy_address": OURS}
ASK = state(
    "ask",
    "send-and-wait-for-reply",
    {"incomingMessage": "bye", "timeout": None, "deliveryFailure": None},
    body="How are you?",
    **{"from": "{{flow.channel.address}}"},
)
BYE = state("bye", "send-message", {"sent": None}, body="{{widgets.ask.inbound.Body}}, good", **{"from": "x"})


@pytest.fixture
def account() -> Account:
    made = make_account()
    create_connection(account_id=made.id, type="sms", provider="sandbox", address=OURS, now=clock.now())
    return made


def starting(participant: dict[str, str], **properties: str | bool) -> dict[str, Any]:
    widget = state(
        "start",
        "start-conversation",
        {"created": "ask", "failed": "sorry"},
        conversation_service_sid="IS1",
        participants=[participant],
        **properties,
    )
    return with_words(widget)


def resuming(sid: str, **properties: str) -> dict[str, Any]:
    exits = {"resumed": "ask", "failed": "sorry"}
    return with_words(
        state("start", "resume-conversation", exits, conversation_service_sid="IS1", conversation_sid=sid, **properties)
    )


def with_words(widget: dict[str, Any]) -> dict[str, Any]:
    sorry = state("sorry", "set-variables", {"next": None}, variables=[])
    return definition(widget, ASK, BYE, sorry, trigger={"incomingRequest": "start"})


def begin(account: Account, content: dict[str, Any], to: str = CUSTOMER) -> Execution:
    flow = publish_flow(account, content)
    return runtime.start(flow=flow, to=to, from_=OURS, parameters={}, now=clock.now())


def refused(execution: Execution) -> str:
    """Return why the widget left by ``failed``."""
    step = ExecutionStep.objects.get(execution=execution, name="start")
    assert step.event == "failed"
    (warning,) = step.warnings
    assert warning["code"] == 81006
    return str(warning["message"])


def test_begins_the_conversation_as_the_widget_says_and_shows_all_of_it(account: Account) -> None:
    execution = begin(
        account,
        starting(
            SMS,
            friendly_name="Order {{trigger.request.to}}",
            attributes='{"order": 7}',
            messaging_service_sid="MG" + "1" * 32,
            timers_inactive="PT10M",
            timers_closed="P1D",
        ),
    )

    row = Conversation.objects.get()
    (person,), (webhook,) = Participant.objects.all(), ConversationWebhook.objects.all()
    shown = execution.session["context"]["widgets"]["start"]
    url = shown["conversation"]["url"]
    assert shown == {
        "conversation": {
            "sid": row.sid,
            "friendly_name": f"Order {CUSTOMER}",
            "unique_name": None,
            "state": "active",
            "attributes": '{"order": 7}',
            "bindings": {},
            "chat_service_sid": "IS" + account.id.hex,
            "messaging_service_sid": "MG" + "1" * 32,
            "date_created": clock.to_iso(row.created_at),
            "date_updated": clock.to_iso(row.updated_at),
            "timers": {
                "date_inactive": clock.to_iso(row.timers_from + timedelta(minutes=10)),
                "date_closed": clock.to_iso(row.timers_from + timedelta(days=1)),
            },
            "links": {name: f"{url}/{name.title()}" for name in ("participants", "messages", "webhooks")},
            "url": url,
            "participants": [
                {
                    "sid": person.sid,
                    "identity": None,
                    "attributes": "{}",
                    "role_sid": None,
                    "messaging_binding": {"address": CUSTOMER, "proxy_address": OURS},
                }
            ],
        },
        "webhook_sid": webhook.sid,
        "close_channel_on_execution_end": False,
    }
    assert url.endswith(f"/conversations/v1/Conversations/{row.sid}")
    channel = execution.session["context"]["flow"]["channel"]
    assert channel == {
        "address": OURS,
        "sid": row.sid,
        "type": "conversation",
        "status": "active",
        "details": shown["conversation"],
    }
    assert (row.inactive_after, row.closed_after) == (600, 86400)


@pytest.mark.parametrize("closes", [True, False])
def test_closes_it_at_the_end_after_the_last_word_if_told_to(account: Account, closes: bool, drain: Drain) -> None:
    execution = begin(account, starting(SMS, close_conversation_on_execution_end=closes))
    receive_messages([inbound(account, "Well", sender=CUSTOMER)], now=clock.now())
    drain()

    row = Conversation.objects.get()
    execution.refresh_from_db()
    assert execution.status == "ended"
    assert texts(row.id) == ["How are you?", "Well, good"]
    assert row.is_closed is closes


def test_speaks_to_who_takes_part_whoever_the_start_by_rest_named(account: Account, drain: Drain) -> None:
    execution = begin(account, starting({"type": "chat", "identity": "ada"}))
    drain()

    row = Conversation.objects.get(channel_type="chat")
    assert (execution.conversation_id, execution.contact_address) == (row.id, "ada")
    assert texts(row.id) == ["How are you?"]
    # What bounds its life waits where the execution is.
    assert [entry.key for entry in OutboxEntry.objects.filter(name__endswith=":life")] == [row.id]


def test_goes_on_in_a_conversation_that_is_there_and_hears_the_reply_in_it(account: Account, drain: Drain) -> None:
    other = create_conversation(
        account_id=account.id, channel_type="sms", customer_address="+15557777777", proxy_address=OURS, now=clock.now()
    )
    execution = begin(account, resuming(other.sid, attributes='{"vip": true}'))
    drain()
    receive_messages([inbound(account, "Fine", sender="+15557777777")], now=clock.now())
    drain()

    execution.refresh_from_db()
    other.refresh_from_db()
    assert (execution.status, execution.error, execution.conversation_id) == ("ended", "", other.id)
    assert texts(other.id) == ["How are you?", "Fine, good"]
    assert other.attributes == '{"vip": true}'
    context = execution.session["context"]
    assert context["widgets"]["start"]["conversation"]["sid"] == context["flow"]["channel"]["sid"] == other.sid


def test_says_why_it_got_no_conversation(account: Account) -> None:
    taken = create_conversation(
        account_id=account.id, channel_type="sms", customer_address="+15557777777", proxy_address=OURS, now=clock.now()
    )
    pair = {**SMS, "messaging_binding_address": "+15557777777"}
    cases = [
        (starting(pair), f"in use by conversation {taken.sid}"),
        (starting(SMS, attributes="{"), "Attributes"),
        (starting(SMS, timers_inactive="soon"), "Timers.Inactive"),
        (starting({"type": "sms"}), "neither identity nor address"),
        (resuming("CH" + "0" * 32), "There is no conversation"),
        (resuming("nonsense"), "is not a conversation's SID"),
    ]

    for number, (content, words) in enumerate(cases):
        Flow.objects.all().delete()
        # Without an address of its own, for the next flow may have it.
        flow = publish_flow(account, content, address=None)
        to = CUSTOMER if number else "+15550001234"
        execution = runtime.start(flow=flow, to=to, from_=OURS, parameters={}, now=clock.now())
        assert words in refused(execution)
        assert execution.status == "ended"


def test_takes_no_conversation_in_which_the_flow_talks_already(account: Account) -> None:
    other = create_conversation(
        account_id=account.id, channel_type="sms", customer_address="+15557777777", proxy_address=OURS, now=clock.now()
    )
    flow = publish_flow(account, resuming(other.sid))
    first = runtime.start(flow=flow, to=CUSTOMER, from_=OURS, parameters={}, now=clock.now())

    second = runtime.start(flow=flow, to="+15550009999", from_=OURS, parameters={}, now=clock.now())

    assert (first.status, first.conversation_id) == ("active", other.id)
    assert f"Execution {first.sid} is already active" in refused(second)
    assert second.conversation_id != other.id


def test_names_the_parents_step_to_its_subflow(account: Account, drain: Drain) -> None:
    child = publish_flow(
        account,
        definition(state("set", "set-variables", {"next": None}, variables=[]), trigger={"incomingParent": "set"}),
        address=None,
    )
    run = state(
        "run",
        "run-subflow",
        {"completed": None, "failed": None},
        flow_sid=child.sid,
        flow_revision="LatestPublished",
        parameters=[],
    )
    execution = begin(account, definition(run, trigger={"incomingRequest": "run"}))
    drain()

    steps = {step.name: step for step in ExecutionStep.objects.filter(execution=execution)}
    told = next(step for step in steps.values() if step.parent_seq is not None and "trigger.parent" in step.changes)
    assert told.changes["trigger.parent"]["step_sid"] == steps["run"].sid == ids.sid("FT", steps["run"].id)
