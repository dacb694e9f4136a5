"""What a task's progress does to its conversation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import clock, events, ids, outbox
from common.models import OutboxEntry
from conversations import queries as conversation_queries
from conversations import services as conversations
from conversations.models import Conversation, Participant
from interactions import receivers, services
from interactions.events import HandOffEnded
from interactions.models import InteractionParticipant, Invite
from interactions.services import RoutingRequest, TaskNews
from routing import services as routing
from routing.models import Reservation, Worker
from tests.interactions.world import Desk, invite_of, make_desk

Drain = Callable[[], int]


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[HandOffEnded]:
    """The answers to hand-overs that are announced."""
    heard: list[HandOffEnded] = []
    publish = events.publish

    def listen(*happened: Any) -> None:
        heard.extend(event for event in happened if isinstance(event, HandOffEnded))
        publish(*happened)

    monkeypatch.setattr("common.events.publish", listen)
    return heard


def answer(reservation: Reservation, status: str, **more: Any) -> None:
    services.answer_reservation(
        reservation_id=reservation.id, worker_id=reservation.worker_id, status=status, now=clock.now(), **more
    )


def agents(conversation: Conversation) -> list[tuple[str | None, str]]:
    present = Participant.objects.filter(conversation=conversation, kind="agent").order_by("id")
    return [(row.identity, row.name) for row in present]


def state(conversation: Conversation) -> tuple[str, int]:
    conversation.refresh_from_db()
    return conversation.state, conversation.agents


def test_who_accepts_joins_at_once(desk: Desk) -> None:
    worker, _ = desk.agent("Ana Agent")
    conversation = desk.conversation()
    reservation = desk.offer(conversation)

    answer(reservation, "accepted")

    assert agents(conversation) == [("ana", "Ana Agent")]
    assert state(conversation) == ("active", 1)
    participant = InteractionParticipant.objects.get(type="agent")
    assert (participant.worker_id, participant.reservation_id) == (worker.id, reservation.id)


def test_who_accepts_by_another_way_joins_by_the_outbox(desk: Desk, drain: Drain) -> None:
    worker, _ = desk.agent("Ana Agent")
    conversation = desk.conversation()
    reservation = desk.offer(conversation)

    routing.accept_reservation(reservation_id=reservation.id, worker_id=worker.id, now=clock.now())
    drain()

    assert agents(conversation) == [("ana", "Ana Agent")]


def test_an_agent_without_user_goes_by_the_workers_name(desk: Desk) -> None:
    worker = routing.create_worker(
        account_id=desk.account.id,
        friendly_name="Robo",
        attributes={},
        activity_id=desk.activity("Available").id,
        now=clock.now(),
    )
    conversation = desk.conversation()

    answer(desk.offer(conversation), "accepted")

    assert agents(conversation) == [("Robo", "Robo")]
    assert Participant.objects.get(kind="agent").worker_id == worker.id


def test_a_customer_who_is_called_like_the_agent_keeps_nobody_out(desk: Desk) -> None:
    worker, _ = desk.agent("Ana Agent")
    conversation = conversations.create_conversation(
        account_id=desk.account.id, channel_type="chat", identity="ana", now=clock.now()
    )

    answer(desk.offer(conversation), "accepted")

    assert agents(conversation) == [(ids.sid("WK", worker.id), "Ana Agent")]


def test_wrapping_up_closes_and_completing_answers(desk: Desk, drain: Drain, ended: list[HandOffEnded]) -> None:
    worker, _ = desk.agent()
    conversation, key = desk.conversation(), uuid4()
    reservation = desk.offer(conversation, key=key)
    answer(reservation, "accepted")

    answer(reservation, "wrapping")
    assert (state(conversation), agents(conversation), ended) == (("closed", 0), [], [])

    answer(reservation, "completed", outcome="Sold")
    drain()

    invite = Invite.objects.get(task_id=reservation.task_id)
    (told,) = ended
    assert (told.key, told.outcome, told.conversation_id) == (key, "completed", conversation.id)
    assert told.outputs == {
        "interaction_sid": invite.channel.interaction.sid,
        "channel_sid": invite.channel.sid,
        "conversation_sid": conversation.sid,
        "task_sid": ids.sid("WT", reservation.task_id),
        "worker_sid": ids.sid("WK", worker.id),
        "outcome": "Sold",
        "reason": "",
    }
    assert (invite.status, invite.channel.status) == ("completed", "closed")


def test_completing_without_wrapping_up_closes_too(desk: Desk, ended: list[HandOffEnded]) -> None:
    desk.agent()
    conversation = desk.conversation()
    reservation = desk.offer(conversation)
    answer(reservation, "accepted")

    answer(reservation, "completed")

    assert (state(conversation), [told.outcome for told in ended]) == (("closed", 0), ["completed"])


def test_a_canceled_task_leaves_the_conversation_open(desk: Desk, drain: Drain, ended: list[HandOffEnded]) -> None:
    conversation = desk.conversation()
    interaction = desk.hand_over(conversation)

    routing.cancel_task(task_id=invite_of(interaction).task_id, reason="Nobody is there", now=clock.now())
    drain()

    (told,) = ended
    assert (told.outcome, told.outputs["reason"], told.outputs["worker_sid"]) == ("canceled", "Nobody is there", None)
    assert state(conversation) == ("active", 0)


def test_a_hand_over_is_answered_once_whoever_is_asked_in_later(
    desk: Desk, drain: Drain, ended: list[HandOffEnded]
) -> None:
    interaction = desk.hand_over(desk.conversation())
    first = invite_of(interaction)
    routing.cancel_task(task_id=first.task_id, reason="Nobody is there", now=clock.now())
    drain()
    desk.agent()
    second = services.create_invite(channel=first.channel, request=RoutingRequest(), now=clock.now())
    routing.assign(workspace_id=desk.workspace.id, now=clock.now())
    reservation = Reservation.objects.get(task_id=second.task_id)

    answer(reservation, "accepted")
    answer(reservation, "completed")

    assert [told.outcome for told in ended] == ["canceled"]


def test_a_rejected_offer_changes_nothing(desk: Desk, drain: Drain, ended: list[HandOffEnded]) -> None:
    desk.agent()
    conversation = desk.conversation()

    answer(desk.offer(conversation), "rejected")
    drain()

    assert (state(conversation), agents(conversation), ended) == (("active", 0), [], [])


def test_a_second_agent_keeps_the_conversation_open(desk: Desk, ended: list[HandOffEnded]) -> None:
    desk.agent("Ana Agent")
    conversation = desk.conversation()
    first = desk.offer(conversation)
    answer(first, "accepted")
    ben, _ = desk.agent("Ben Agent")
    channel = Invite.objects.get(task_id=first.task_id).channel
    invite = services.create_invite(channel=channel, request=RoutingRequest(worker_id=ben.id), now=clock.now())
    routing.assign(workspace_id=desk.workspace.id, now=clock.now())
    second = Reservation.objects.get(task_id=invite.task_id)
    answer(second, "accepted")

    answer(first, "wrapping")
    assert (state(conversation), agents(conversation)) == (("active", 1), [("ben", "Ben Agent")])

    answer(second, "completed")
    assert (state(conversation), ended) == (("closed", 0), [])

    answer(first, "completed")
    assert [told.outcome for told in ended] == ["completed"]


def test_a_conversation_closed_meanwhile_lets_the_worker_wrap_up(desk: Desk, ended: list[HandOffEnded]) -> None:
    desk.agent()
    conversation = desk.conversation()
    reservation = desk.offer(conversation)
    conversations.close_conversation(conversation_id=conversation.id, reason="API", now=clock.now())

    answer(reservation, "accepted")
    answer(reservation, "completed")

    assert (agents(conversation), [told.outcome for told in ended]) == ([], ["completed"])


def test_tasks_of_no_interaction_are_passed_over(desk: Desk, drain: Drain) -> None:
    # Attributes are anybody's to write, so a task is not believed to belong to an interaction.
    conversation = desk.conversation()
    theirs = desk.hand_over(conversation)
    desk.agent()
    task = routing.create_task(
        account_id=desk.account.id,
        workflow_id=None,
        attributes={"flexInteractionSid": theirs.sid},
        task_channel="default",
        now=clock.now(),
    )
    routing.assign(workspace_id=desk.workspace.id, now=clock.now())
    reservation = Reservation.objects.get(task_id=task.id)

    answer(reservation, "accepted")
    answer(reservation, "completed")
    drain()

    assert state(conversation) == ("active", 0)


def test_poisoned_news_fail_alone(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.agent()
    good, bad = desk.conversation(), desk.conversation()
    offers = [desk.offer(good), desk.offer(bad)]
    for offer in offers:
        routing.accept_reservation(reservation_id=offer.id, worker_id=offer.worker_id, now=clock.now())
    follow = services.follow_tasks

    def fail_on_bad(batch: list[TaskNews], **more: Any) -> int:
        if any(item.task_id == offers[1].task_id for item in batch):
            raise RuntimeError("poison")
        return follow(batch, **more)

    monkeypatch.setattr(services, "follow_tasks", fail_on_bad)
    receivers.drain(clock.now())

    (left,) = OutboxEntry.objects.filter(topic=receivers.TOPIC)
    assert (left.key, left.attempts) == (offers[1].task_id, 1)
    assert state(good) == ("active", 1)

    monkeypatch.undo()
    receivers.drain(clock.now() + timedelta(minutes=1))

    assert state(bad) == ("active", 1)


def outcome_of(desk: Desk, told: list[HandOffEnded], conversation: Conversation) -> tuple[Any, ...]:
    thread = conversation_queries.conversation(desk.account.id, conversation.id)
    invite = Invite.objects.get(channel__conversation_id=conversation.id)
    people = [(row.name, row.left_at is not None) for row in InteractionParticipant.objects.filter(type="agent")]
    answers = [(each.key, each.outcome, each.outputs["worker_sid"]) for each in told]
    return (thread.state, thread.agents, agents(conversation)), (invite.status, invite.channel.status), people, answers


NEWS = ("accepted", "wrapping", "completed")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(NEWS),
    doubled=st.lists(st.sampled_from(NEWS), max_size=4),
    bells=st.lists(st.booleans(), min_size=7, max_size=7),
)
@pytest.mark.django_db
def test_any_order_and_number_of_news_ends_the_same(
    order: list[str], doubled: list[str], bells: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Every piece of news comes at least once, in any order; some twice; after each, the doorbell rings or is lost.
    """
    from django.db import transaction

    told: list[HandOffEnded] = []
    with transaction.atomic():
        monkeypatch.setattr(
            "interactions.services.progress.events.publish",
            lambda *happened: told.extend(each for each in happened if isinstance(each, HandOffEnded)),
        )
        desk = make_desk(f"Acme {uuid4().hex}")
        worker: Worker = desk.agent("Ana Agent")[0]
        conversation, key, reservation_id = desk.conversation(), uuid4(), uuid4()
        task_id: UUID = invite_of(desk.hand_over(conversation, key=key)).task_id
        for number, status in enumerate([*order, *doubled]):
            payload = {
                "status": status,
                "worker_id": worker.id.hex,
                "reservation_id": reservation_id.hex,
                "reason": "",
            }
            outbox.put(outbox.Entry(receivers.TOPIC, task_id, payload))
            if bells[number]:
                receivers.drain(clock.now())
        while receivers.drain(clock.now()):
            pass

        found = outcome_of(desk, told, conversation)
        transaction.set_rollback(True)

    assert found == (
        ("closed", 0, []),
        ("completed", "closed"),
        [("Ana Agent", True)],
        [(key, "completed", ids.sid("WK", worker.id))],
    )
