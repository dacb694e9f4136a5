"""
From domain events to the groups that browsers listen in.

Heard after the commit, in whichever process made the change. What a conversation's event means for browsers is all in
the event, so nothing is read here but agents' names; of a reservation only the id is sent, and a console that listens
reads the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from common import events, ids
from conversations.events import (
    ConversationStateUpdated,
    InternalMessageAdded,
    MediaUpdated,
    MessageAdded,
    ParticipantAdded,
    ParticipantRemoved,
    ReceiptUpdated,
    TypingStarted,
)
from conversations.services import Source
from flows.events import FlowSaved
from interactions import queries as interactions
from interactions.events import WorkChanged
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
    TaskCanceled,
    TaskCompleted,
    TaskCreated,
    WorkerActivityChanged,
)
from supervision.events import HelpChanged, WatchersChanged

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
# After these somebody else may be next.
LINE_EVENTS = (
    TaskCreated,
    TaskCanceled,
    ReservationCreated,
    ReservationAccepted,
    ReservationRejected,
    ReservationTimedOut,
)
# After these the figures of the floor are others.
FLOOR_EVENTS = (*RESERVATION_EVENTS, TaskCreated, TaskCanceled, TaskCompleted, WorkerActivityChanged)


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


def tell_internal_messages(batch: Sequence[InternalMessageAdded]) -> None:
    broadcast.send_many(
        (
            groups.inside(event.conversation_id),
            {
                "type": "internal.added",
                "conversation_id": event.conversation_id.hex,
                "internal_message_id": event.internal_message_id.hex,
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


def tell_media(batch: Sequence[MediaUpdated]) -> None:
    broadcast.send_many(
        (
            groups.conversation(event.conversation_id),
            {
                "type": "media.updated",
                "conversation_id": event.conversation_id.hex,
                "index": event.index,
                "media": payloads.media_of(event.media),
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


def tell_waits(batch: Sequence[TaskCreated]) -> None:
    """Tell a conversation that somebody is looked for; its task's attributes name it."""
    found = (
        (ids.parse_or_none("CH", str(event.attributes.get("conversationSid") or "")), event.task_id) for event in batch
    )
    broadcast.send_many(
        (groups.conversation(conversation_id), {"type": "wait.began", "task_id": task_id.hex})
        for conversation_id, task_id in found
        if conversation_id is not None and task_id is not None
    )


def tell_queues(batch: Sequence[RoutingHappened]) -> None:
    """Hint at places that may be others now; once a batch."""
    broadcast.send_many(
        (groups.queues(workspace_id), {"type": "queues.changed"})
        for workspace_id in dict.fromkeys(event.workspace_id for event in batch)
    )


def tell_work(batch: Sequence[WorkChanged]) -> None:
    """Hint at what colleagues do about a conversation; who began a transfer hears it wherever they are."""
    messages = []
    for event in batch:
        told = {
            "type": "work.changed",
            "conversation_id": event.conversation_id.hex,
            "transfer_id": None if event.transfer_id is None else event.transfer_id.hex,
        }
        messages.append((groups.inside(event.conversation_id), told))
        if event.worker_id is not None:
            messages.append((groups.worker(event.worker_id), told))
    broadcast.send_many(messages)


def tell_activities(batch: Sequence[WorkerActivityChanged]) -> None:
    broadcast.send_many(
        (groups.worker(event.worker_id), {"type": "activity.changed"}) for event in batch if event.worker_id is not None
    )


def tell_floor(batch: Sequence[RoutingHappened]) -> None:
    """Hint at figures that may be others now; once a batch."""
    broadcast.send_many(
        (groups.floor(account_id), {"type": "floor.changed", "what": "work"})
        for account_id in dict.fromkeys(event.account_id for event in batch)
    )


def tell_coaching(batch: Sequence[HelpChanged | WatchersChanged]) -> None:
    """Hint at who needs or gives help, to the supervisors and to the colleagues in the conversation."""
    for event in batch:
        what = "help" if isinstance(event, HelpChanged) else "watchers"
        coached = {"type": "work.changed", "conversation_id": event.conversation_id.hex, "transfer_id": None}
        broadcast.send_many(
            [
                (groups.floor(event.account_id), {"type": "floor.changed", "what": what}),
                (groups.inside(event.conversation_id), coached),
            ]
        )


def tell_saves(batch: Sequence[FlowSaved]) -> None:
    broadcast.send_many(
        (
            groups.flow(event.flow_id),
            {
                "type": "flow.saved",
                "revision": event.revision,
                "status": event.status,
                "user_sid": event.author,
                "name": event.author_name,
            },
        )
        for event in batch
    )


def connect() -> None:
    """Subscribe; called once when the application is ready."""
    events.live(MessageAdded, tell_messages)
    events.live(InternalMessageAdded, tell_internal_messages)
    events.live(ConversationStateUpdated, tell_states)
    events.live(ParticipantAdded, tell_participants)
    events.live(ParticipantRemoved, tell_participants)
    events.live(ReceiptUpdated, tell_receipts)
    events.live(MediaUpdated, tell_media)
    events.live(TypingStarted, tell_typing)
    for event_type in RESERVATION_EVENTS:
        events.live(event_type, tell_reservations)
    events.live(TaskCreated, tell_waits)
    for event_type in LINE_EVENTS:
        events.live(event_type, tell_queues)
    events.live(WorkChanged, tell_work)
    events.live(WorkerActivityChanged, tell_activities)
    for event_type in FLOOR_EVENTS:
        events.live(event_type, tell_floor)
    events.live(HelpChanged, tell_coaching)
    events.live(WatchersChanged, tell_coaching)
    events.live(FlowSaved, tell_saves)
