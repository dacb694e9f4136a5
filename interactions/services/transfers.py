"""Transfers: asking a worker, a queue or a workflow into a conversation (reference/interactions.md, 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from common import ids
from common.errors import ApiError, BadParameter, Conflict
from interactions.models import Interaction, InteractionChannel, InteractionParticipant, Invite, Transfer
from interactions.services import transfer_states
from interactions.services.create import create_invite
from interactions.services.progress import TaskNews, follow_tasks
from interactions.services.requests import RoutingRequest
from routing import queries as routing
from routing import services as routing_services

MAX_NOTE = 1000
TRANSFERRED = "Transferred"
ENDED = "The conversation was ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    kind: str
    id: UUID
    sid: str
    name: str


@transaction.atomic
def start_transfer(
    *,
    participant: InteractionParticipant,
    type: str,
    to_sid: str,
    now: datetime,
    note: str = "",
    only_available: bool = False,
) -> Transfer:
    """
    Ask somebody else in on behalf of a worker who takes part.

    ``cold``: the worker leaves at once and wraps up; ``warm``: both are there until the first leaves. ``to_sid`` is a
    worker's, a queue's or a workflow's. ``only_available``: refuse a worker who takes no tasks now.

    :raises BadParameter: the type or target is no good.
    :raises Conflict: the worker does not take part any more, the target does already, or another transfer of theirs
        is under way.
    """
    if type not in (Transfer.Type.COLD, Transfer.Type.WARM):
        raise BadParameter("type must be cold or warm")
    if len(note) > MAX_NOTE:
        raise BadParameter(f"note must have at most {MAX_NOTE:,} characters")
    target = _target(participant, to_sid)
    if participant.task_id is None:
        raise BadParameter("Only a worker who takes part can transfer")
    is_cold = type == Transfer.Type.COLD
    if is_cold:
        # Tasks are locked before interactions, and this also decides against an end at the same moment.
        _wrap(participant.task_id, now)
    interaction = Interaction.objects.select_for_update().get(id=participant.channel.interaction_id)
    channel = InteractionChannel.objects.get(interaction=interaction)
    channel.interaction = interaction
    own = Invite.objects.get(task_id=participant.task_id)
    _check(channel, own, participant, target, only_available=only_available)
    request = _request(channel, own, target)
    task = routing.task(channel.account_id, own.task_id)
    invite = create_invite(
        channel=channel,
        request=replace(request, attributes=_attributes(channel, request.attributes, target, participant, note)),
        now=now,
        fallback_queue_id=None if task is None or target.kind != "worker" else task.queue_id,
    )
    transfer = Transfer.objects.create(
        account_id=channel.account_id,
        channel=channel,
        type=type,
        participant_id=participant.id,
        worker_id=participant.worker_id,
        task_id=participant.task_id,
        to_sid=target.sid,
        to_name=target.name,
        invite=invite,
        note=note,
        created_at=now,
        updated_at=now,
    )
    if is_cold:
        Invite.objects.filter(id=own.id).update(left_open=True, updated_at=now)
        follow_tasks([TaskNews(task_id=own.task_id, status=Invite.Status.WRAPPING, reason=TRANSFERRED)], now=now)
    transfer_states.announce(channel, transfer=transfer)
    return transfer


def cancel_transfer(*, transfer: Transfer, now: datetime) -> Transfer:
    """
    Take a warm transfer's invitation back.

    :raises Conflict: the target has joined meanwhile, it is over, or it is cold: then nobody would be left.
    """
    if transfer.status != Transfer.Status.ACTIVE:
        raise Conflict("This transfer is over already")
    sender_is_there = InteractionParticipant.objects.filter(id=transfer.participant_id, left_at=None).exists()
    if not sender_is_there:
        raise Conflict("You have left already: the customer would be with nobody")
    withdraw(account_id=transfer.account_id, task_id=transfer.invite.task_id, now=now)
    transfer.refresh_from_db()
    return transfer


def withdraw(*, account_id: UUID, task_id: UUID, now: datetime) -> None:
    """
    Cancel an invitation that nobody has accepted.

    :raises Conflict: somebody has.
    """
    try:
        routing_services.cancel_task(task_id=task_id, reason=transfer_states.CANCELED, now=now)
    except ApiError as error:
        if routing.task(account_id, task_id) is not None:
            raise Conflict("The invitation was accepted at this moment") from error
    news = TaskNews(task_id=task_id, status=Invite.Status.CANCELED, reason=transfer_states.CANCELED)
    follow_tasks([news], now=now)


def _wrap(task_id: UUID, now: datetime) -> None:
    try:
        routing_services.update_task(task_id=task_id, status="wrapping", reason=TRANSFERRED, now=now)
    except ApiError as error:
        raise Conflict("You do not take part in this conversation any more") from error


def _check(
    channel: InteractionChannel,
    own: Invite,
    participant: InteractionParticipant,
    target: _Target,
    *,
    only_available: bool,
) -> None:
    is_there = channel.participants.filter(id=participant.id, left_at=None).exists()
    if channel.status != InteractionChannel.Status.ACTIVE or own.status != Invite.Status.ACCEPTED or not is_there:
        raise Conflict("You do not take part in this conversation any more")
    if channel.transfers.filter(task_id=own.task_id, status=Transfer.Status.ACTIVE).exists():
        raise Conflict("Another transfer of yours is under way: take it back first")
    if target.kind != "worker":
        return
    if target.id == participant.worker_id:
        raise BadParameter("to: you take part already")
    if channel.participants.filter(worker_id=target.id, left_at=None).exists():
        raise Conflict(f"{target.name} takes part already")
    if channel.invites.filter(target_worker_id=target.id, status=Invite.Status.PENDING).exists():
        raise Conflict(f"{target.name} is invited already")
    if only_available:
        worker = routing.worker(target.id)
        if worker is None or not worker.available:
            raise Conflict(f"{target.name} takes no tasks at the moment")


def _target(participant: InteractionParticipant, sid: str) -> _Target:
    account_id = participant.account_id
    worker_id, queue_id, workflow_id = (ids.parse_or_none(prefix, sid) for prefix in ("WK", "WQ", "WW"))
    if worker_id is not None:
        worker = routing.worker(worker_id)
        if worker is not None and worker.account_id == account_id:
            return _Target(kind="worker", id=worker_id, sid=sid, name=transfer_states.name_of_worker(worker_id))
    if queue_id is not None:
        for queue in routing.task_queues(account_id):
            if queue.id == queue_id:
                return _Target(kind="queue", id=queue_id, sid=sid, name=queue.friendly_name)
    if workflow_id is not None:
        for workflow in routing.workflows(account_id):
            if workflow.id == workflow_id:
                return _Target(kind="workflow", id=workflow_id, sid=sid, name=workflow.friendly_name)
    raise BadParameter(f"to: there is no worker, queue or workflow {sid[:40]}")


def _request(channel: InteractionChannel, own: Invite, target: _Target) -> RoutingRequest:
    if target.kind == "workflow":
        return replace(transfer_states.again(channel, own.task_id), workflow=target.sid)
    if target.kind == "queue":
        return transfer_states.again(channel, own.task_id, queue_id=target.id)
    task = routing.task(channel.account_id, own.task_id)
    queue_id = None if task is None else task.queue_id
    return transfer_states.again(channel, own.task_id, queue_id=queue_id, worker_id=target.id)


def _attributes(
    channel: InteractionChannel,
    given: Mapping[str, Any],
    target: _Target,
    participant: InteractionParticipant,
    note: str,
) -> dict[str, Any]:
    present = channel.participants.filter(left_at=None, worker_id__isnull=False).values_list("worker_id", flat=True)
    told: dict[str, Any] = {
        **given,
        "transferTargetType": target.kind,
        "transferTargetSid": target.sid,
        "transferQueueName": target.name if target.kind == "queue" else "",
        "workerSidsInConversation": [ids.sid("WK", key) for key in present if key is not None],
        "transferFrom": participant.name,
    }
    # Attributes are bounded: the whole note is told with the transfer.
    return {**told, "transferNote": note[:200]} if note else told
