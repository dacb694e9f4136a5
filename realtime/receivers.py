"""
From domain events to the groups that browsers listen in.

Heard after the commit, in whichever process made the change. What a conversation's event means for browsers is all in
the event, so nothing is read here but agents' names; of a reservation only the id is sent, and a console that listens
reads the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from common import events
from conversations.events import (
    ConversationStateUpdated,
    MessageAdded,
    ParticipantAdded,
    ParticipantRemoved,
    ReceiptUpdated,
    TypingStarted,
)
from conversations.services import Source
from interactions import queries as interactions
from realtime import broadcast, groups, payloads
from routing.events import (
    ReservationAccepted,
    ReservationCanceled,
    ReservationCompleted,
    ReservationCreated,
    ReservationRejected,
    ReservationRescinded,
    ReservationTimedOut,
    ReservationWrapping,
    RoutingHappened,
    WorkerActivityChanged,
)

RESERVATION_EVENTS = (
    ReservationAccepted,
    ReservationCanceled,
    ReservationCompleted,
    ReservationCreated,
    ReservationRejected,
    ReservationRescinded,
    ReservationTimedOut,
    ReservationWrapping,
)


def tell_messages(batch: Sequence[MessageAdded]) -> None:
    by_agents = {event.conversation_id for event in batch if event.source == Source.AGENT}
    names = interactions.names_of_agents(by_agents) if by_agents else {}
    broadcast.send_many(
        (
            groups.conversation(event.conversation_id),
            {
                "type": "message.added",
                "conversation_id": event.conversation_id.hex,
                "message": payloads.added_message(event, names=names),
            },
        )
        for event in batch
    )


def tell_states(batch: Sequence[ConversationStateUpdated]) -> None:
    broadcast.send_many(
        (
            groups.conversation(event.conversation_id),
            {"type": "state.changed", "conversation_id": event.conversation_id.hex, "state": event.new},
        )
        for event in batch
    )


def tell_participants(batch: Sequence[ParticipantAdded | ParticipantRemoved]) -> None:
    broadcast.send_many(
        (
            groups.conversation(event.conversation_id),
            {
                "type": "participant.changed",
                "conversation_id": event.conversation_id.hex,
                "kind": event.kind,
                "name": event.name,
                "joined": isinstance(event, ParticipantAdded),
            },
        )
        for event in batch
    )


def tell_receipts(batch: Sequence[ReceiptUpdated]) -> None:
    broadcast.send_many(
        (
            groups.conversation(event.conversation_id),
            {
                "type": "receipt.updated",
                "conversation_id": event.conversation_id.hex,
                "index": event.index,
                "delivery": payloads.receipt(event.status, event.error_code, event.error_message),
            },
        )
        for event in batch
    )


def tell_typing(batch: Sequence[TypingStarted]) -> None:
    broadcast.send_many(
        (
            groups.conversation(event.conversation_id),
            {
                "type": "typing.started",
                "conversation_id": event.conversation_id.hex,
                "author": event.author,
                "kind": event.kind,
            },
        )
        for event in batch
    )


def tell_reservations(batch: Sequence[RoutingHappened]) -> None:
    broadcast.send_many(
        (groups.worker(event.worker_id), {"type": "reservation.changed", "reservation_id": event.reservation_id.hex})
        for event in batch
        if event.worker_id is not None and event.reservation_id is not None
    )


def tell_activities(batch: Sequence[WorkerActivityChanged]) -> None:
    broadcast.send_many(
        (groups.worker(event.worker_id), {"type": "activity.changed"}) for event in batch if event.worker_id is not None
    )


def connect() -> None:
    """Subscribe; called once when the application is ready."""
    events.live(MessageAdded, tell_messages)
    events.live(ConversationStateUpdated, tell_states)
    events.live(ParticipantAdded, tell_participants)
    events.live(ParticipantRemoved, tell_participants)
    events.live(ReceiptUpdated, tell_receipts)
    events.live(TypingStarted, tell_typing)
    for event_type in RESERVATION_EVENTS:
        events.live(event_type, tell_reservations)
    events.live(WorkerActivityChanged, tell_activities)
