"""What goes on around a conversation, as its agent sees it: colleagues, invitations, wrap-up, what is parked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from common import ids
from common.clock import to_iso
from common.errors import Conflict, NotFound
from conversations import queries as conversations
from conversations import services as conversation_services
from flows import queries as flows
from flows import services as flow_services
from interactions import queries as interactions
from interactions import services
from routing import queries as routing

if TYPE_CHECKING:
    from interactions.models import InteractionParticipant, Parking, Transfer, WrapUp
    from routing.models import Reservation


def own_reservation(account_id: UUID, worker_id: UUID, reservation_id: UUID) -> Reservation:
    """
    Return one of the worker's reservations.

    :raises NotFound: unknown, or another worker's.
    """
    found = routing.reservations_of(worker_id, [reservation_id])
    if not found or found[0].account_id != account_id:
        raise NotFound("reservation")
    return found[0]


def own_participant(account_id: UUID, worker_id: UUID, reservation_id: UUID) -> InteractionParticipant:
    """
    Return the worker's participation in the conversation of a reservation.

    :raises NotFound: the reservation is unknown, or another worker's.
    :raises Conflict: they do not take part, or not any more.
    """
    own_reservation(account_id, worker_id, reservation_id)
    found = interactions.participant_of(account_id, worker_id, reservation_id)
    if found is None or found.left_at is not None:
        raise Conflict("You do not take part in this conversation any more")
    return found


def around(account_id: UUID, worker_id: UUID, reservation_id: UUID) -> dict[str, Any]:
    """Return colleagues, invitations and transfers of a reservation's conversation, and the wrap-up of its task."""
    row = own_reservation(account_id, worker_id, reservation_id)
    rules = services.rules_of(account_id, row.queue_id or row.task.queue_id)
    notes = interactions.wrap_up(row.task_id)
    told: dict[str, Any] = {
        "agents": [],
        "transfers": [],
        "arrived_by": None,
        "waiting_flow": None,
        "rules": rules.to_json(),
        "wrap_up": None if notes is None else wrap_up(notes),
    }
    invite = interactions.invite_of_task(account_id, row.task_id)
    if invite is None:
        return told
    made = interactions.transfers(invite.channel_id)
    told["agents"] = [
        {
            "sid": each.sid,
            "worker_sid": None if each.worker_id is None else ids.sid("WK", each.worker_id),
            "name": each.name,
            "is_me": each.worker_id == worker_id,
        }
        for each in interactions.agents_present(invite.channel_id)
    ]
    told["transfers"] = [transfer(each, worker_id=worker_id) for each in made]
    arrived = next((each for each in made if each.invite_id == invite.id), None)
    if arrived is not None:
        name = "" if arrived.worker_id is None else services.name_of_worker(arrived.worker_id)
        told["arrived_by"] = {"type": arrived.type, "from": name, "note": arrived.note}
    interaction = invite.channel.interaction
    if interaction.key is not None and interaction.answered_at is None and invite.channel.conversation_id is not None:
        told["waiting_flow"] = _waiting_flow(account_id, invite.channel.conversation_id)
    return told


def transfer(row: Transfer, *, worker_id: UUID | None) -> dict[str, Any]:
    """Return T."""
    return {
        "sid": row.sid,
        "type": row.type,
        "status": row.status,
        "reason": row.reason,
        "to_sid": row.to_sid,
        "to_name": row.to_name,
        "note": row.note,
        "is_mine": row.worker_id == worker_id,
        "has_joined": row.invite.status not in ("pending", "canceled"),
        "date_created": to_iso(row.created_at),
        "date_updated": to_iso(row.updated_at),
    }


def wrap_up(row: WrapUp) -> dict[str, Any]:
    """Return W: the rules that hold for it, and what was noted."""
    return {
        **row.rules,
        "disposition": row.disposition,
        "notes": row.notes,
        "values": row.values,
        "is_extended": row.is_extended,
        "date_started": to_iso(row.started_at),
        "due_at": None if row.due_at is None else to_iso(row.due_at),
        "date_ended": None if row.ended_at is None else to_iso(row.ended_at),
        "ended_by": row.ended_by,
    }


def parked(account_id: UUID, *, worker_id: UUID | None) -> list[dict[str, Any]]:
    """Return P of what is parked; ``worker_id``: by that worker only. Conversations that were closed are left out."""
    rows = interactions.parked(account_id, worker_id=worker_id)
    talks = conversations.conversations(row.conversation_id for row in rows)
    newest = conversations.last_messages(talks)
    workers = routing.workers(row.worker_id for row in rows if row.worker_id is not None)
    queues = {row.id: row.friendly_name for row in routing.task_queues(account_id)}
    told = []
    for row in rows:
        talk = talks.get(row.conversation_id)
        if talk is None or talk.is_closed:
            continue
        worker = workers.get(row.worker_id) if row.worker_id is not None else None
        last = newest.get(talk.id)
        told.append(
            {
                **_parking(row),
                "worker_name": "" if worker is None else services.name_of_worker(worker.id),
                "queue_name": queues.get(row.queue_id, "") if row.queue_id is not None else "",
                "conversation": {
                    "sid": talk.sid,
                    "channel_type": talk.channel_type,
                    "customer_name": talk.customer_name,
                    "customer_address": talk.customer_address,
                    "last_message": None if last is None else last.body[:200],
                },
            }
        )
    return told


def own_parking(account_id: UUID, parking_id: UUID, *, worker_id: UUID | None) -> Parking:
    """
    Return something that is or was parked; ``worker_id``: by that worker.

    :raises NotFound: unknown, or another worker's.
    """
    row = interactions.parking(account_id, parking_id)
    if row is None or (worker_id is not None and row.worker_id != worker_id):
        raise NotFound("parked conversation")
    return row


def directory(
    account_id: UUID, *, worker_id: UUID | None, task_channel: str, search: str, present: Sequence[UUID], now: datetime
) -> dict[str, Any]:
    """Return whom a conversation can be handed to, with how busy they are; ``present`` take part already."""
    hidden = {row.queue_id for row in interactions.desk_policies(account_id) if not row.is_listed}
    wanted = search.casefold()
    queues = [
        {
            "sid": row.sid,
            "name": row.friendly_name,
            "waiting": row.waiting,
            "longest_wait": None
            if row.waiting_since is None
            else max(0, int((now - row.waiting_since).total_seconds())),
            "workers": row.workers,
            "available": row.available,
            "is_listed": row.id not in hidden,
        }
        for row in routing.queue_loads(account_id)
        if wanted in row.friendly_name.casefold()
    ]
    loads = routing.worker_loads(account_id, task_channel=task_channel)
    names = services.names_of_workers(account_id)
    agents = [
        {
            "sid": load.worker.sid,
            "name": names.get(load.worker.id) or load.worker.friendly_name,
            "activity": load.worker.activity_name,
            "available": load.worker.available,
            "open_tasks": load.open_tasks,
            "has_room": load.has_room,
            "is_present": load.worker.id in present,
        }
        for load in loads
        if load.worker.id != worker_id
        and wanted in f"{names.get(load.worker.id, '')} {load.worker.friendly_name}".casefold()
    ]
    return {"queues": queues, "agents": agents}


def hand_back(participant: InteractionParticipant, *, flow_id: UUID | None, now: datetime) -> None:
    """
    Give the customer back: to the flow that waits for the agents, or to ``flow_id``, which begins anew.

    :raises Conflict: no flow waits and none was named, or the worker does not take part any more.
    :raises NotFound: there is no such published flow.
    """
    account_id, conversation_id = participant.account_id, participant.channel.conversation_id
    if conversation_id is None:
        raise Conflict("The channel has no conversation")
    if flow_id is None:
        if _waiting_flow(account_id, conversation_id) is None:
            raise Conflict("No flow waits for this customer: choose one to start")
        services.hand_back(participant=participant, now=now)
        return
    if flow_id not in {row.id for row in _published(account_id)}:
        raise NotFound("published flow")
    services.hand_back(participant=participant, now=now)
    # What waited for the agents has no more say: the other flow begins.
    for execution in flows.executions(account_id, conversation_id=conversation_id, status="active"):
        flow_services.stop_execution(account_id=account_id, execution_id=execution.id, now=now)
    conversation_services.replace_flow(conversation_id=conversation_id, flow_id=flow_id, now=now)


def published_flows(account_id: UUID) -> list[dict[str, str]]:
    """Return the flows that a customer can be given to, by name."""
    rows = sorted(_published(account_id), key=lambda row: row.friendly_name.casefold())
    return [{"sid": row.sid, "friendly_name": row.friendly_name} for row in rows]


def _published(account_id: UUID) -> list[Any]:
    return [row for row in flows.flows(account_id) if row.published_revision is not None]


def _waiting_flow(account_id: UUID, conversation_id: UUID) -> str | None:
    for execution in flows.executions(account_id, conversation_id=conversation_id, status="active"):
        if execution.waits_for == "handoff":
            return flows.flow_names(account_id).get(execution.flow_id, "")
    return None


def _parking(row: Parking) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "wake_to": row.wake_to,
        "note": row.note,
        "wake_at": None if row.wake_at is None else to_iso(row.wake_at),
        "date_parked": to_iso(row.created_at),
    }
