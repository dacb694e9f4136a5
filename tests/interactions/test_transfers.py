"""Transfers, invitations, leaving and ending, and what they do to tasks and conversations."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import close_old_connections, connection

from common import clock, ids
from common.errors import BadParameter, Conflict
from conversations.models import Conversation, Participant
from interactions import services
from interactions.errors import OthersPresent
from interactions.models import InteractionParticipant, Invite, Transfer
from routing import services as routing
from routing.models import Reservation, Task, Worker
from tests.interactions.world import Desk, make_desk

Drain = Callable[[], int]


def answer(reservation: Reservation, status: str) -> None:
    services.answer_reservation(
        reservation_id=reservation.id, worker_id=reservation.worker_id, status=status, now=clock.now()
    )


def taken(desk: Desk, conversation: Conversation, **given: Any) -> InteractionParticipant:
    """Return the participant of the agent who accepts a conversation."""
    reservation = desk.offer(conversation, **given)
    answer(reservation, "accepted")
    return InteractionParticipant.objects.select_related("channel__interaction").get(reservation_id=reservation.id)


def transfer(participant: InteractionParticipant, to: Any, type: str = "warm", **more: Any) -> Transfer:
    return services.start_transfer(participant=participant, type=type, to_sid=to.sid, now=clock.now(), **more)


def offered(desk: Desk, worker: Worker) -> Reservation:
    routing.assign(workspace_id=desk.workspace.id, now=clock.now())
    return Reservation.objects.get(worker=worker, status="pending")


def agents(conversation: Conversation) -> list[str]:
    return [row.name for row in Participant.objects.filter(conversation=conversation, kind="agent").order_by("id")]


def state(conversation: Conversation) -> str:
    conversation.refresh_from_db()
    return conversation.state


def tasks() -> list[str]:
    return list(Task.objects.order_by("id").values_list("status", flat=True))


@pytest.fixture
def talk(desk: Desk) -> Conversation:
    return desk.conversation()


@pytest.fixture
def ana(desk: Desk, talk: Conversation) -> InteractionParticipant:
    """Ana, who has the conversation."""
    desk.agent("Ana Agent")
    return taken(desk, talk)


@pytest.fixture
def ben(desk: Desk, ana: InteractionParticipant) -> Worker:
    return desk.agent("Ben Agent")[0]


def test_cold_hands_the_conversation_on(
    desk: Desk, talk: Conversation, ana: InteractionParticipant, ben: Worker
) -> None:
    made = transfer(ana, ben, "cold", note="Wants a refund")

    offer = offered(desk, ben)
    assert (agents(talk), state(talk), tasks()) == ([], "active", ["wrapping", "reserved"])
    assert talk.awaits_agent
    told = offer.task.attributes
    assert '"transferTargetType": "worker"' in told
    assert '"transferFrom": "Ana Agent"' in told
    answer(offer, "accepted")

    made.refresh_from_db()
    assert (agents(talk), state(talk), made.status) == (["Ben Agent"], "active", "completed")
    assert not talk.awaits_agent
    answer(offer, "completed")
    assert state(talk) == "closed"


def test_warm_keeps_both_until_the_first_leaves(
    desk: Desk, talk: Conversation, ana: InteractionParticipant, ben: Worker
) -> None:
    made = transfer(ana, ben)
    answer(offered(desk, ben), "accepted")
    assert (agents(talk), tasks()) == (["Ana Agent", "Ben Agent"], ["assigned", "assigned"])

    services.leave_conversation(participant=ana, now=clock.now())

    made.refresh_from_db()
    assert (agents(talk), state(talk), made.status) == (["Ben Agent"], "active", "completed")


def test_who_was_asked_in_may_leave_first(
    desk: Desk, talk: Conversation, ana: InteractionParticipant, ben: Worker
) -> None:
    made = transfer(ana, ben)
    offer = offered(desk, ben)
    answer(offer, "accepted")

    answer(offer, "wrapping")

    made.refresh_from_db()
    assert (agents(talk), state(talk), made.status) == (["Ana Agent"], "active", "completed")


def test_a_declined_invitation_is_told_and_leaves_all_as_it_was(
    desk: Desk, talk: Conversation, ana: InteractionParticipant, ben: Worker
) -> None:
    made = transfer(ana, ben)

    answer(offered(desk, ben), "rejected")

    made.refresh_from_db()
    assert (made.status, made.reason, agents(talk)) == ("failed", "declined", ["Ana Agent"])
    assert tasks() == ["assigned", "canceled"]
    transfer(ana, ben)  # may be tried again


def test_an_unanswered_cold_transfer_goes_to_the_queue(
    desk: Desk, talk: Conversation, ana: InteractionParticipant, ben: Worker, drain: Drain, time_machine: Any
) -> None:
    time_machine.move_to(clock.now(), tick=False)
    made = transfer(ana, ben, "cold")
    offered(desk, ben)
    time_machine.shift(121)
    drain()

    made.refresh_from_db()
    third = Task.objects.order_by("id").last()
    assert (made.status, made.reason) == ("failed", "unanswered")
    assert third is not None
    assert (third.only_worker_id, third.queue_id) == (None, desk.workspace.task_queues.get().id)
    assert third.status in ("pending", "reserved")
    assert state(talk) == "active"


def test_a_cold_transfer_to_a_queue_finds_anybody(
    desk: Desk, talk: Conversation, ana: InteractionParticipant, ben: Worker
) -> None:
    queue = desk.workspace.task_queues.get()
    made = transfer(ana, queue, "cold")

    answer(offered(desk, ben), "accepted")

    made.refresh_from_db()
    assert (made.to_sid, made.status, agents(talk)) == (queue.sid, "completed", ["Ben Agent"])


def test_a_rejected_offer_of_a_queue_stays_in_the_queue(
    desk: Desk, talk: Conversation, ana: InteractionParticipant, ben: Worker, drain: Drain
) -> None:
    made = transfer(ana, desk.workspace.task_queues.get(), "cold")
    answer(offered(desk, ben), "rejected")
    drain()

    made.refresh_from_db()
    assert made.status == "active"


def test_an_invitation_is_taken_back(desk: Desk, talk: Conversation, ana: InteractionParticipant, ben: Worker) -> None:
    made = transfer(ana, ben)
    offer = offered(desk, ben)

    services.cancel_transfer(transfer=made, now=clock.now())

    offer.refresh_from_db()
    assert (made.status, made.reason, offer.status) == ("failed", "canceled", "canceled")
    assert (agents(talk), tasks()) == (["Ana Agent"], ["assigned", "canceled"])


def test_an_accepted_invitation_cannot_be_taken_back(desk: Desk, ana: InteractionParticipant, ben: Worker) -> None:
    made = transfer(ana, ben)
    answer(offered(desk, ben), "accepted")

    with pytest.raises(Conflict, match="accepted"):
        services.cancel_transfer(transfer=made, now=clock.now())


def test_a_cold_transfer_cannot_be_taken_back(ana: InteractionParticipant, ben: Worker) -> None:
    made = transfer(ana, ben, "cold")

    with pytest.raises(Conflict, match="nobody"):
        services.cancel_transfer(transfer=made, now=clock.now())


def test_leaving_while_the_invitation_is_out_falls_back_when_it_is_declined(
    desk: Desk, talk: Conversation, ana: InteractionParticipant, ben: Worker
) -> None:
    transfer(ana, ben)
    services.leave_conversation(participant=ana, now=clock.now())
    answer(offered(desk, ben), "rejected")

    third = Task.objects.order_by("id").last()
    assert third is not None
    assert (third.status, third.only_worker_id) == ("pending", None)
    assert state(talk) == "active"


def test_nobody_leaves_a_customer_alone(ana: InteractionParticipant) -> None:
    with pytest.raises(Conflict, match="Nobody else"):
        services.leave_conversation(participant=ana, now=clock.now())


def test_ending_takes_invitations_back(
    desk: Desk, talk: Conversation, ana: InteractionParticipant, ben: Worker
) -> None:
    made = transfer(ana, ben)
    offer = offered(desk, ben)

    services.end_conversation(participant=ana, for_all=False, now=clock.now())

    offer.refresh_from_db()
    made.refresh_from_db()
    assert (state(talk), agents(talk), tasks()) == ("closed", [], ["wrapping", "canceled"])
    assert (offer.status, made.status) == ("canceled", "failed")


def test_ending_with_a_colleague_there_asks_first(
    desk: Desk, talk: Conversation, ana: InteractionParticipant, ben: Worker
) -> None:
    transfer(ana, ben)
    answer(offered(desk, ben), "accepted")

    with pytest.raises(OthersPresent) as refused:
        services.end_conversation(participant=ana, for_all=False, now=clock.now())
    assert refused.value.details == {"agents": ["Ben Agent"]}
    services.end_conversation(participant=ana, for_all=True, now=clock.now())

    assert (state(talk), tasks()) == ("closed", ["wrapping", "wrapping"])


@pytest.mark.parametrize("type", ["lukewarm", "external"])
def test_unknown_types_are_refused(ana: InteractionParticipant, ben: Worker, type: str) -> None:
    with pytest.raises(BadParameter):
        transfer(ana, ben, type)


def test_targets_must_make_sense(desk: Desk, ana: InteractionParticipant, ben: Worker) -> None:
    other = make_desk("Other")
    theirs, _ = other.agent("Eve Else")
    me = Worker.objects.get(id=ana.worker_id)
    for target in (theirs, other.workspace.task_queues.get(), other.workspace.workflows.get(), me):
        with pytest.raises(BadParameter):
            transfer(ana, target)
    transfer(ana, ben)
    with pytest.raises(Conflict, match="under way"):
        transfer(ana, desk.workspace.task_queues.get())


def test_the_console_refuses_who_is_away(desk: Desk, ana: InteractionParticipant) -> None:
    away, _ = desk.agent("Amy Away", available=False)

    with pytest.raises(Conflict, match="takes no tasks"):
        transfer(ana, away, only_available=True)


def test_who_has_left_transfers_no_more(desk: Desk, ana: InteractionParticipant, ben: Worker) -> None:
    services.end_conversation(participant=ana, for_all=False, now=clock.now())

    for type in ("cold", "warm"):
        with pytest.raises(Conflict):
            transfer(ana, ben, type)
    with pytest.raises(Conflict):
        services.end_conversation(participant=ana, for_all=False, now=clock.now())


def race(*calls: Callable[[], Any]) -> list[Any]:
    """Run calls at the same moment, each on its own connection; returns results or what was raised."""
    barrier = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(at: int, call: Callable[[], Any]) -> None:
        try:
            barrier.wait(10)
            results[at] = call()
        except Exception as error:
            results[at] = error
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """On PostgreSQL these run side by side; on SQLite one waits for the other. What must hold is the same."""

    ROUNDS = 6

    def world(self, name: str) -> tuple[Desk, Conversation, InteractionParticipant, Worker]:
        desk = make_desk(name)
        desk.agent("Ana Agent")
        talk = desk.conversation()
        ana = taken(desk, talk)
        ben, _ = desk.agent("Ben Agent")
        return desk, talk, ana, ben

    @pytest.mark.parametrize("type", ["cold", "warm"])
    def test_transfer_against_end(self, type: str) -> None:
        for number in range(self.ROUNDS):
            desk, talk, ana, ben = self.world(f"{type} {number}")

            moved, ended = race(
                lambda: transfer(ana, ben, type),  # noqa: B023
                lambda: services.end_conversation(participant=ana, for_all=False, now=clock.now()),  # noqa: B023
            )

            mine = Task.objects.filter(workspace=desk.workspace)
            assert not isinstance(moved, Exception) or isinstance(moved, Conflict), moved
            assert not isinstance(ended, Exception) or isinstance(ended, Conflict), ended
            assert not (isinstance(moved, Conflict) and isinstance(ended, Conflict))
            if ended is None:
                # Closed: nobody is invited to nothing.
                assert state(talk) == "closed"
                assert not mine.filter(status__in=("pending", "reserved", "assigned")).exists()
                assert not Transfer.objects.filter(account_id=desk.account.id, status="active").exists()
            else:
                assert (state(talk), mine.filter(status="pending").count()) == ("active", 1)

    def test_end_against_the_colleagues_acceptance(self) -> None:
        for number in range(self.ROUNDS):
            desk, talk, ana, ben = self.world(f"end {number}")
            transfer(ana, ben)
            offer = offered(desk, ben)

            ended, accepted = race(
                lambda: services.end_conversation(participant=ana, for_all=False, now=clock.now()),  # noqa: B023
                lambda: answer(offer, "accepted"),  # noqa: B023
            )

            mine = Task.objects.filter(workspace=desk.workspace)
            if ended is None:
                assert (state(talk), agents(talk)) == ("closed", [])
                assert not mine.filter(status__in=("pending", "reserved", "assigned")).exists(), (accepted, tasks())
                assert mine.filter(status="wrapping").count() == 1
            else:
                assert isinstance(ended, OthersPresent), ended
                assert (state(talk), sorted(agents(talk))) == ("active", ["Ana Agent", "Ben Agent"])

    def test_taking_back_against_the_colleagues_acceptance(self) -> None:
        for number in range(self.ROUNDS):
            desk, talk, ana, ben = self.world(f"back {number}")
            made = transfer(ana, ben)
            offer = offered(desk, ben)

            taken_back, accepted = race(
                lambda: services.cancel_transfer(transfer=made, now=clock.now()),  # noqa: B023
                lambda: answer(offer, "accepted"),  # noqa: B023
            )

            is_in = "Ben Agent" in agents(talk)
            assert isinstance(taken_back, Conflict) == is_in, (taken_back, accepted)
            assert (accepted is None) == is_in
            assert Invite.objects.filter(channel=ana.channel, status="accepted").count() == 1 + is_in


def test_a_sid_says_what_it_is(ana: InteractionParticipant, ben: Worker) -> None:
    assert ids.parse_or_none("UX", transfer(ana, ben).sid) is not None
