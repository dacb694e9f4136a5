"""
The promise of the durable path, under every interleaving that hypothesis finds.

Customers write, providers repeat themselves, doorbells are doubled or lost, workers die between any two statements,
timers fall due while nobody works. In the end every customer has every reply, once and in order: exactly what the
pure engine says when it is fed the same messages one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from common import clock
from common.models import OutboxEntry
from conversations.models import Conversation, Message
from conversations.services import receive_messages
from flows.engine import advance, compile_definition, events, new_session
from flows.engine.commands import SendMessage
from flows.models import Execution, ExecutionStep
from flows.runtime import batch
from tests.factories import definition, inbound, make_account, publish_flow, state, texts

pytestmark = pytest.mark.django_db

# Counts the replies, so that a lost, doubled or swapped one shows in the text of every later one.
FLOW = definition(
    state(
        "count", "set-variables", {"next": "ask"}, variables=[{"key": "n", "value": "{{flow.variables.n | plus: 1}}"}]
    ),
    state(
        "ask",
        "send-and-wait-for-reply",
        {"incomingMessage": "echo", "timeout": "late", "deliveryFailure": None},
        body="{{flow.variables.n}}?",
        timeout="600",
        **{"from": "{{flow.channel.address}}"},
    ),
    state("echo", "send-message", {"sent": "count"}, body="you said {{widgets.ask.inbound.Body}}", **{"from": "x"}),
    state("late", "send-message", {"sent": None}, body="too late", **{"from": "x"}),
)
CUSTOMERS = ("+15551110001", "+15551110002", "+15551110003")
START = datetime(2030, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[time_machine.Traveller]:
    """Stop the clock: due times and ``now`` are compared to the microsecond."""
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


class Crash(BaseException):
    """A worker's death: nothing in the product may catch it."""


@dataclass(frozen=True)
class Write:
    """Some customers write; ``told`` times the provider tells each message."""

    customers: tuple[int, ...]
    told: int


@dataclass(frozen=True)
class Ring:
    """A worker answers a doorbell; ``dies_at``: the statement at which it dies, None for a healthy one."""

    dies_at: int | None


ACTIONS = st.lists(
    st.one_of(
        st.builds(Write, st.lists(st.integers(0, 2), min_size=1, max_size=4).map(tuple), st.integers(1, 3)),
        st.builds(Ring, st.one_of(st.none(), st.integers(0, 30))),
    ),
    max_size=14,
)


@contextmanager
def dying_at(statement: int | None) -> Iterator[None]:
    """Let the process die at its n-th statement from here."""
    left = statement

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        if left is not None:
            left -= 1
            if left < 0:
                left = None
                raise Crash
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        try:
            yield
        except Crash:
            pass


def work(now: datetime) -> None:
    """What the sweep causes until nothing is due."""
    while batch.drain(now):
        pass


def engine_says(bodies: list[str], now: datetime) -> list[str]:
    """Return the replies of the pure engine to a customer's messages."""
    program = compile_definition(FLOW)
    session = new_session(execution_sid="FN", flow_sid="FW", account_sid="AC", channel_address="x", contact_address="y")
    said: list[str] = []
    for number, body in enumerate(bodies):
        event = (
            events.ReplyReceived({"Body": body}) if number else events.TriggerFired("incomingMessage", {"Body": body})
        )
        outcome = advance(program, session, event, now)
        session = outcome.session
        said += [command.body for command in outcome.commands if isinstance(command, SendMessage)]
    return said


def replies(account: Account) -> dict[str, list[str]]:
    rows = Conversation.objects.filter(account_id=account.id)
    return {row.customer_address: texts(row.id) for row in rows}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTIONS)
def test_gives_every_customer_every_reply_once_and_in_order(actions: list[Write | Ring]) -> None:
    account = make_account()
    publish_flow(account, FLOW)
    now = clock.now()
    wrote: dict[str, list[str]] = {}

    for action in actions:
        match action:
            case Write(customers, told):
                told_now = []
                for customer in customers:
                    sender = CUSTOMERS[customer]
                    bodies = wrote.setdefault(sender, [])
                    bodies.append(f"m{len(bodies)}")
                    told_now.append(
                        inbound(account, bodies[-1], sender=sender, key=f"{account.id}{sender}{len(bodies)}")
                    )
                for _ in range(told):
                    receive_messages(told_now, now=now)
            case Ring(dies_at):
                with dying_at(dies_at):
                    batch.drain(now)
    work(now)

    assert replies(account) == {sender: engine_says(bodies, now) for sender, bodies in wrote.items()}
    assert Execution.objects.filter(account_id=account.id).count() == len(wrote)
    for execution in Execution.objects.filter(account_id=account.id):
        steps = ExecutionStep.objects.filter(execution=execution).order_by("seq").values_list("seq", flat=True)
        assert list(steps) == list(range(1, len(steps) + 1))


@pytest.mark.parametrize("dies_at", range(24))
def test_survives_a_death_at_every_statement_of_a_batch(dies_at: int) -> None:
    account = make_account()
    publish_flow(account, FLOW)
    now = clock.now()
    receive_messages([inbound(account, "hi", sender=sender) for sender in CUSTOMERS], now=now)

    with dying_at(dies_at):
        batch.drain(now)
    work(now)

    assert replies(account) == {sender: ["1?"] for sender in CUSTOMERS}


def test_fires_a_timer_once_even_when_it_fell_due_while_nobody_worked() -> None:
    account = make_account()
    publish_flow(account, FLOW)
    now = clock.now()
    receive_messages([inbound(account, "hi")], now=now)
    work(now)

    work(now + timedelta(days=1))
    work(now + timedelta(days=2))

    assert list(replies(account).values()) == [["1?", "too late"]]
    assert not OutboxEntry.objects.filter(topic="flows.events").exists()


def test_takes_the_time_out_first_where_the_reply_came_after_it(frozen: time_machine.Traveller) -> None:
    account = make_account()
    publish_flow(account, FLOW)
    receive_messages([inbound(account, "hi")], now=START)
    work(START)
    frozen.move_to(START + timedelta(seconds=700))
    receive_messages([inbound(account, "sorry, I was away")], now=clock.now())
    work(clock.now())

    # The late reply begins the flow anew, as it would have done had a worker been there at 600 s.
    assert list(replies(account).values()) == [["1?", "too late", "1?"]]


def test_drops_the_timer_of_a_wait_that_was_answered(frozen: time_machine.Traveller) -> None:
    account = make_account()
    publish_flow(account, FLOW)
    receive_messages([inbound(account, "hi")], now=START)
    work(START)
    frozen.move_to(START + timedelta(seconds=599))
    receive_messages([inbound(account, "there")], now=clock.now())
    work(START + timedelta(seconds=601))

    assert list(replies(account).values()) == [["1?", "you said there", "2?"]]


def test_lets_one_poisoned_conversation_fail_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account()
    publish_flow(account, FLOW)
    now = clock.now()
    receive_messages([inbound(account, "hi", sender=sender) for sender in CUSTOMERS], now=now)
    poisoned = Conversation.objects.get(customer_address=CUSTOMERS[1]).id
    take = batch.Batch._take_message

    def stumble(self: batch.Batch, turn: Any, payload: dict[str, Any]) -> None:
        if turn.conversation.id == poisoned:
            raise RuntimeError("poison")
        take(self, turn, payload)

    monkeypatch.setattr(batch.Batch, "_take_message", stumble)
    work(now)

    assert replies(account) == {CUSTOMERS[0]: ["1?"], CUSTOMERS[1]: [], CUSTOMERS[2]: ["1?"]}
    head = OutboxEntry.objects.get(key=poisoned)
    assert (head.attempts, head.parked_at) == (1, None)
    assert "poison" in head.last_error

    monkeypatch.setattr(batch.Batch, "_take_message", take)
    work(head.due_at)

    assert replies(account)[CUSTOMERS[1]] == ["1?"]


def test_keeps_the_flow_silent_while_an_agent_has_the_conversation() -> None:
    from conversations.services import add_participant

    account = make_account()
    publish_flow(account, FLOW)
    now = clock.now()
    (received,) = receive_messages([inbound(account, "hi")], now=now)
    add_participant(conversation_id=received.conversation_id, kind="agent", identity="ana", name="Ana", now=now)
    work(now)
    receive_messages([inbound(account, "human?")], now=now)
    work(now)

    assert Message.objects.filter(conversation_id=received.conversation_id, source="flow").count() == 0


def test_needs_the_same_few_statements_for_many_conversations(django_assert_max_num_queries: Any) -> None:
    account = make_account()
    publish_flow(account, FLOW)
    now = clock.now()
    senders = [f"+1555400{number:04}" for number in range(40)]
    receive_messages([inbound(account, "hi", sender=sender) for sender in senders], now=now)
    work(now)
    receive_messages([inbound(account, "again", sender=sender) for sender in senders], now=now)

    # Two of them are lookups that a process remembers for a second (webhooks, calendars).
    with django_assert_max_num_queries(18):
        batch.drain(now)

    assert all(len(said) == 3 for said in replies(account).values())
