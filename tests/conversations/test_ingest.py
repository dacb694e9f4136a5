"""What the way in promises: once, in order, one conversation for one customer."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import clock
from common.models import OutboxEntry
from conversations.models import Conversation, ConversationWebhook, Message, Participant
from conversations.services import Received, Refused, close_conversation, receive_messages
from tests.factories import definition, inbound, make_account, publish_flow, state

pytestmark = pytest.mark.django_db

FLOW = definition(state("hello", "send-message", {"sent": None}, body="Hello", **{"from": "x"}))


def test_gives_a_new_customer_one_conversation_with_the_addresss_flow() -> None:
    account = make_account()
    flow = publish_flow(account, FLOW)

    results = receive_messages([inbound(account, "one"), inbound(account, "two")], now=clock.now())

    conversation = Conversation.objects.get(account_id=account.id)
    assert [(type(result), result.conversation_id, result.index) for result in results] == [
        (Received, conversation.id, 0),
        (Received, conversation.id, 1),
    ]
    assert list(ConversationWebhook.objects.values_list("conversation_id", "flow_id")) == [(conversation.id, flow.id)]
    assert conversation.last_message_index == 1


def test_keeps_a_message_to_an_address_that_nothing_answers() -> None:
    account = make_account()

    (result,) = receive_messages([inbound(account, "anybody?")], now=clock.now())

    assert Message.objects.get(id=result.message_id).body == "anybody?"
    assert not ConversationWebhook.objects.exists()


def test_stores_a_repeated_message_once_and_answers_the_same() -> None:
    account = make_account()
    message = inbound(account, "hello", key="provider:1")

    (first,) = receive_messages([message], now=clock.now())
    again, twice = receive_messages([message, message], now=clock.now())

    assert first.is_new
    assert not again.is_new
    assert [result.message_id for result in (again, twice)] == [first.message_id] * 2
    assert Message.objects.count() == 1


def test_begins_a_new_conversation_after_the_old_one_was_closed() -> None:
    account = make_account()
    (first,) = receive_messages([inbound(account, "hello")], now=clock.now())
    close_conversation(conversation_id=first.conversation_id, reason="API", now=clock.now())

    (second,) = receive_messages([inbound(account, "me again")], now=clock.now())

    assert second.conversation_id != first.conversation_id
    assert second.index == 0
    assert list(Participant.objects.order_by("id").values_list("bound", flat=True)) == [False, True]


def test_refuses_a_message_to_a_closed_conversation_named_directly_and_takes_the_others() -> None:
    account = make_account()
    (first,) = receive_messages([inbound(account, "hello")], now=clock.now())
    close_conversation(conversation_id=first.conversation_id, reason="API", now=clock.now())

    refused, taken = receive_messages(
        [
            inbound(account, "too late", conversation_id=first.conversation_id),
            inbound(account, "other", sender="+15551239999"),
        ],
        now=clock.now(),
    )

    assert refused == Refused("The conversation is closed")
    assert isinstance(taken, Received)


def test_keeps_two_accounts_apart_that_share_both_addresses() -> None:
    one, two = make_account("One"), make_account("Two")

    first, second = receive_messages([inbound(one, "a"), inbound(two, "b")], now=clock.now())

    assert first.conversation_id != second.conversation_id


def test_drops_characters_that_no_database_text_can_hold() -> None:
    account = make_account()

    (result,) = receive_messages([inbound(account, "a\x00b")], now=clock.now())

    assert Message.objects.get(id=result.message_id).body == "ab"


def test_needs_the_same_few_statements_for_many_messages(django_assert_max_num_queries: object) -> None:
    account = make_account()
    publish_flow(account, FLOW)
    senders = [f"+1555200{number:04}" for number in range(50)]
    receive_messages([inbound(account, "hi", sender=sender) for sender in senders], now=clock.now())

    # Known messages, pairs, lock, insert, move on, outbox; two of the savepoint; two remembered for a second.
    with django_assert_max_num_queries(10):
        receive_messages([inbound(account, "again", sender=sender) for sender in senders], now=clock.now())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4)), max_size=15), st.integers(1, 5))
def test_stores_each_message_once_in_order_of_arrival_however_they_are_grouped(
    arrivals: list[tuple[int, int]], group: int
) -> None:
    account = make_account()
    told = [
        inbound(account, f"{number}", sender=f"+1555300000{customer}", key=f"{account.id.hex}:{customer}:{number}")
        for customer, number in arrivals
    ]

    for start in range(0, len(told), group):
        receive_messages(told[start : start + group], now=clock.now())

    stored: dict[str, list[str]] = {}
    for author, body in Message.objects.filter(account_id=account.id).order_by("index").values_list("author", "body"):
        stored.setdefault(author, []).append(body)
    expected: dict[str, list[str]] = {}
    for message in told:
        bodies = expected.setdefault(message.sender, [])
        if message.body not in bodies:
            bodies.append(message.body)
    assert stored == expected
    assert OutboxEntry.objects.filter(topic="flows.events").count() >= sum(map(len, expected.values()))
