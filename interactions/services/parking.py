"""
Parking: a conversation waits for its customer without using anybody's capacity (reference/interactions.md, 9.4).

While it is parked its channel is inactive, flows stay silent, and the customer's next message makes a new invite: for
the same worker, queue or workflow, as was chosen.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from common import outbox
from common.errors import ApiError, BadParameter, Conflict
from conversations import queries as conversation_queries
from conversations import services as conversations
from interactions.errors import OthersPresent
from interactions.models import Interaction, InteractionChannel, InteractionParticipant, Invite, Parking
from interactions.services import transfer_states
from interactions.services.create import create_invite
from interactions.services.progress import TaskNews, close_thread, follow_tasks, settle
from interactions.services.requests import RoutingRequest
from interactions.services.webhooks import tell
from routing import queries as routing
from routing import services as routing_services

TOPIC = "interactions.wake"
TIMER = "wake"
PARKED = "Parked"
MAX_NOTE = 1000
WakeTo = Parking.WakeTo


def park(
    *,
    participant: InteractionParticipant,
    wake_to: str,
    now: datetime,
    note: str = "",
    wake_at: datetime | None = None,
    seen_index: int | None = None,
) -> Parking:
    """
    Park a conversation on behalf of the worker who has it alone; their task completes.

    ``wake_at``: it wakes then at the latest. ``seen_index``: the newest message the worker has seen.

    :raises Conflict: the worker does not take part any more, or the customer has just written something unseen.
    :raises OthersPresent: colleagues take part, or are on their way.
    :raises BadParameter: a value is no good.
    """
    if wake_to not in WakeTo.values:
        raise BadParameter(f"wake_to must be one of {', '.join(WakeTo.values)}")
    if len(note) > MAX_NOTE:
        raise BadParameter(f"note must have at most {MAX_NOTE:,} characters")
    if wake_at is not None and wake_at <= now:
        raise BadParameter("wake_at must be in the future")
    if participant.task_id is None:
        raise Conflict("You do not take part in this conversation any more")
    with transaction.atomic():
        task = routing.task(participant.account_id, participant.task_id)
        _complete(participant.task_id, now)
        channel = _lock(participant.channel_id)
        own = channel.invites.get(task_id=participant.task_id)
        if channel.status != InteractionChannel.Status.ACTIVE or own.status != Invite.Status.ACCEPTED:
            raise Conflict("You do not take part in this conversation any more")
        others = channel.invites.filter(status__in=Invite.LIVE).exclude(id=own.id)
        if others.exists():
            raise OthersPresent("A colleague takes part or is invited: leave instead", details={"agents": []})
        _check_seen(channel, seen_index)
        request = transfer_states.again(channel, participant.task_id)
        queue_id = None if task is None else task.queue_id
        if wake_to != WakeTo.WORKFLOW:
            request = replace(request, queue_id=queue_id)
        if wake_to == WakeTo.AGENT:
            request = replace(request, worker_id=participant.worker_id)
        parking = _park(channel, request, wake_to=wake_to, now=now, note=note, wake_at=wake_at)
        parking.worker_id, parking.queue_id = participant.worker_id, queue_id
        parking.save(update_fields=("worker_id", "queue_id"))
        transfer_states.announce(channel, worker_id=participant.worker_id)
        Invite.objects.filter(id=own.id).update(left_open=True, updated_at=now)
        follow_tasks([TaskNews(task_id=own.task_id, status=Invite.Status.COMPLETED, reason=PARKED)], now=now)
    return parking


def park_channel(*, channel: InteractionChannel, now: datetime) -> None:
    """
    Park a channel by REST: every task of it completes; the customer's next message goes by the original routing.

    :raises Conflict: the channel is not active.
    """
    with transaction.atomic():
        row = _lock(channel.id)
        if row.status != InteractionChannel.Status.ACTIVE:
            raise Conflict("Only an active channel can be parked")
        request = RoutingRequest.from_json(row.interaction.routing)
        _park(row, request, wake_to=WakeTo.WORKFLOW, now=now)
        row.invites.exclude(status__in=Invite.ENDED).update(left_open=True, updated_at=now)
    # Not in the same transaction: tasks are locked before interactions, never after.
    for invite in channel.invites.exclude(status__in=Invite.ENDED).order_by("id"):
        task = routing.task(channel.account_id, invite.task_id)
        is_held = task is not None and task.status in ("assigned", "wrapping")
        status = Invite.Status.COMPLETED if is_held else Invite.Status.CANCELED
        if task is not None:
            routing_services.update_task(task_id=invite.task_id, status=status, reason=PARKED, now=now)
        follow_tasks([TaskNews(task_id=invite.task_id, status=status, reason=PARKED)], now=now)


def wake(
    *, conversation_id: UUID, by: str, now: datetime, worker_id: UUID | None = None, is_auto_answered: bool = False
) -> Invite | None:
    """
    Bring a parked conversation back: a new invite by what was chosen when it was parked. None: it is not parked.

    ``by``: reply, timer or agent. ``worker_id``: for this worker instead; ``is_auto_answered``: who asks for it
    themselves needs no offer.
    """
    interaction_id = (
        Parking.objects.filter(conversation_id=conversation_id, status=Parking.Status.PARKED)
        .values_list("channel_id", flat=True)
        .first()
    )
    if interaction_id is None:
        return None
    with transaction.atomic():
        channel = _lock(interaction_id)
        parking = channel.parkings.filter(status=Parking.Status.PARKED).first()
        if parking is None:
            return None
        parking.ended_at, parking.ended_by = now, by
        if conversation_queries.conversation(channel.account_id, conversation_id).is_closed:
            parking.status, parking.ended_by = Parking.Status.CLOSED, "closed"
            parking.save(update_fields=("status", "ended_by", "ended_at"))
            return None
        parking.status = Parking.Status.WOKEN
        parking.save(update_fields=("status", "ended_by", "ended_at"))
        outbox.cancel(topic=TOPIC, key=conversation_id, name=TIMER)
        _set_status(channel, InteractionChannel.Status.ACTIVE, now)
        request = _to_whom(RoutingRequest.from_json(parking.routing), worker_id)
        if is_auto_answered:
            request = replace(request, attributes={**request.attributes, "auto_answer": True})
        invite = create_invite(channel=channel, request=request, now=now, fallback_queue_id=parking.queue_id)
        transfer_states.announce(channel, worker_id=parking.worker_id)
    return invite


def close_parked(*, parking: Parking, now: datetime) -> None:
    """
    End a parked conversation for good; the flow that handed it over goes on.

    :raises Conflict: it is not parked any more.
    """
    with transaction.atomic():
        channel = _lock(parking.channel_id)
        ended = Parking.objects.filter(id=parking.id, status=Parking.Status.PARKED).update(
            status=Parking.Status.CLOSED, ended_by="agent", ended_at=now
        )
        if not ended:
            raise Conflict("It is not parked any more")
        outbox.cancel(topic=TOPIC, key=parking.conversation_id, name=TIMER)
        conversations.await_agent(conversation_id=parking.conversation_id, awaited=False)
        close_thread(conversation_id=parking.conversation_id, now=now)
        _set_status(channel, InteractionChannel.Status.CLOSED, now)
        last = channel.invites.order_by("-id").first()
        transfer_states.announce(channel, worker_id=parking.worker_id)
    if last is not None:
        settle(task_id=last.task_id, now=now)


def _to_whom(request: RoutingRequest, worker_id: UUID | None) -> RoutingRequest:
    if worker_id is not None:
        return replace(request, worker_id=worker_id)
    if request.worker_id is None:
        return request
    worker = routing.worker(request.worker_id)
    # Who is not there now would only let the customer wait for the offer's end.
    return request if worker is not None and worker.available else replace(request, worker_id=None)


def _park(
    channel: InteractionChannel,
    request: RoutingRequest,
    *,
    wake_to: str,
    now: datetime,
    note: str = "",
    wake_at: datetime | None = None,
) -> Parking:
    if channel.conversation_id is None:
        raise Conflict("The channel has no conversation")
    parking = Parking.objects.create(
        account_id=channel.account_id,
        channel=channel,
        conversation_id=channel.conversation_id,
        wake_to=wake_to,
        routing=request.to_json(),
        note=note,
        wake_at=wake_at,
        created_at=now,
    )
    if wake_at is not None:
        outbox.put(outbox.Entry(TOPIC, channel.conversation_id, {"by": "timer"}, due_at=wake_at, name=TIMER))
    conversations.await_agent(conversation_id=channel.conversation_id, awaited=True)
    _set_status(channel, InteractionChannel.Status.INACTIVE, now)
    transfer_states.announce(channel)
    return parking


def _set_status(channel: InteractionChannel, status: str, now: datetime) -> None:
    channel.status, channel.updated_at = status, now
    channel.save(update_fields=("status", "updated_at"))
    tell(channel, "onChannelStatusUpdated", now=now, ChannelStatus=str(status))


def _lock(channel_id: UUID) -> InteractionChannel:
    interaction = Interaction.objects.select_for_update().get(channel__id=channel_id)
    channel = InteractionChannel.objects.get(id=channel_id)
    channel.interaction = interaction
    return channel


def _complete(task_id: UUID, now: datetime) -> None:
    try:
        routing_services.update_task(task_id=task_id, status="completed", reason=PARKED, now=now)
    except ApiError as error:
        raise Conflict("You do not take part in this conversation any more") from error


def _check_seen(channel: InteractionChannel, seen_index: int | None) -> None:
    if seen_index is None or channel.conversation_id is None:
        return
    held = conversations.lock_conversations([channel.conversation_id])
    newer = conversation_queries.messages(channel.conversation_id, after=seen_index, limit=50)
    if channel.conversation_id in held and any(row.source == "customer" for row in newer):
        raise Conflict("The customer has just written: read it first")
