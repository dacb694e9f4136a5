"""A conversation that is deleted while somebody waits for it, works on it, or has parked it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from common import clock
from conversations.models import Conversation
from conversations.services import close_conversation, delete_conversation
from interactions import services
from interactions.models import Interaction, InteractionChannel, InteractionParticipant, Parking
from routing.models import Reservation
from tests.interactions.test_rest import begin, client_of, refused, routing_of
from tests.interactions.test_transfers import answer, taken, tasks
from tests.interactions.world import Desk

Drain = Callable[[], int]


@pytest.fixture
def talk(desk: Desk) -> Conversation:
    return desk.conversation()


def delete(talk: Conversation) -> None:
    delete_conversation(conversation_id=talk.id, now=clock.now())


def is_over() -> bool:
    """Tell whether nobody is asked or busy any more, and the hand-over is answered."""
    channel = InteractionChannel.objects.get()
    present = channel.participants.exclude(type="customer").filter(left_at=None)
    return channel.status == "closed" and not present.exists() and Interaction.objects.get().answered_at is not None


def test_asks_nobody_any_more(desk: Desk, talk: Conversation, drain: Drain) -> None:
    desk.agent("Ana Agent")
    reservation = desk.offer(talk)

    delete(talk)
    drain()

    reservation.refresh_from_db()
    assert (reservation.status, tasks(), is_over()) == ("canceled", ["canceled"], True)


def test_lets_go_who_had_it(desk: Desk, talk: Conversation, drain: Drain) -> None:
    desk.agent("Ana Agent")
    taken(desk, talk)

    delete(talk)
    drain()

    assert (Reservation.objects.get().status, tasks(), is_over()) == ("completed", ["completed"], True)


@pytest.mark.parametrize("what", ["accepts", "ends"])
def test_what_somebody_does_at_that_moment_is_no_fault(desk: Desk, talk: Conversation, drain: Drain, what: str) -> None:
    desk.agent("Ana Agent")
    reservation = desk.offer(talk)
    if what == "ends":
        answer(reservation, "accepted")
    delete(talk)

    if what == "ends":
        participant = InteractionParticipant.objects.select_related("channel").get(reservation_id=reservation.id)
        services.end_conversation(participant=participant, for_all=False, now=clock.now())
    else:
        answer(reservation, "accepted")
    drain()

    assert InteractionChannel.objects.get().status == "closed"
    assert tasks() == [{"accepts": "completed", "ends": "wrapping"}[what]]


def test_wakes_nobody_who_parked_it(desk: Desk, talk: Conversation, drain: Drain) -> None:
    desk.agent("Ana Agent")
    services.park(participant=taken(desk, talk), wake_to="agent", now=clock.now())

    delete(talk)
    drain()

    assert (Parking.objects.get().status, tasks(), is_over()) == ("closed", ["completed"], True)


@pytest.mark.parametrize(
    "end", [delete, lambda talk: close_conversation(conversation_id=talk.id, reason="API", now=clock.now())]
)
def test_refuses_who_would_come_to_it_and_lets_it_be_closed(
    desk: Desk, talk: Conversation, end: Callable[[Conversation], Any]
) -> None:
    client = client_of(desk)
    made = begin(client, desk, talk)
    channel = client.flex_api.v1.interaction(made.sid).channels(made.channel["sid"])
    end(talk)

    assert refused(lambda: channel.invites.create(routing=routing_of(desk))) == (400, 45354)
    expert = {"identity": "expert"}
    assert refused(lambda: channel.participants.create(type="external", media_properties=expert)) == (400, 45361)
    channel.update(status="closed", routing={"status": "closed"})
    assert (channel.fetch().status, tasks(), is_over()) == ("closed", ["canceled"], True)
