"""What an invite's progress means for the transfer it belongs to; called with the interaction locked."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from accounts import queries as accounts
from common import events
from interactions.events import WorkChanged
from interactions.models import InteractionChannel, Invite, Transfer
from interactions.services.create import create_invite
from interactions.services.requests import RoutingRequest
from routing import queries as routing

DECLINED = "The worker declined"
UNANSWERED = "The worker did not answer"
CANCELED = "The invitation was taken back"
_REASONS = {DECLINED: "declined", UNANSWERED: "unanswered", CANCELED: "canceled"}


def note_joined(channel: InteractionChannel, invite: Invite, now: datetime) -> None:
    """The target is in: a cold transfer is done, and a warm one too where who began it has left meanwhile."""
    for transfer in invite.transfers.filter(status=Transfer.Status.ACTIVE):
        is_gone = not channel.participants.filter(id=transfer.participant_id, left_at=None).exists()
        if transfer.type == Transfer.Type.COLD or is_gone:
            transfer.status = Transfer.Status.COMPLETED
        _save(channel, transfer, now)


def note_left(channel: InteractionChannel, invite: Invite, now: datetime) -> None:
    """Somebody left: of a warm transfer whose target has joined, that was the first to leave."""
    about = channel.transfers.filter(status=Transfer.Status.ACTIVE, type=Transfer.Type.WARM).select_related("invite")
    for transfer in about:
        is_target = transfer.invite_id == invite.id
        if is_target or (transfer.task_id == invite.task_id and transfer.invite.status != Invite.Status.PENDING):
            transfer.status = Transfer.Status.COMPLETED
            _save(channel, transfer, now)


def note_canceled(channel: InteractionChannel, invite: Invite, now: datetime) -> None:
    """
    Nobody came. Where a worker was meant and nobody else has the conversation, the fallback queue is asked.
    """
    for transfer in invite.transfers.filter(status=Transfer.Status.ACTIVE):
        transfer.status = Transfer.Status.FAILED
        transfer.reason = _REASONS.get(invite.reason, "ended")
        _save(channel, transfer, now)
    if (
        invite.fallback_queue_id is None
        or invite.reason not in (DECLINED, UNANSWERED)
        or channel.status != InteractionChannel.Status.ACTIVE
        or channel.invites.filter(status__in=Invite.LIVE).exists()
    ):
        return
    create_invite(
        channel=channel,
        request=again(channel, invite.task_id, queue_id=invite.fallback_queue_id),
        now=now,
    )


def again(
    channel: InteractionChannel, task_id: UUID, *, queue_id: UUID | None = None, worker_id: UUID | None = None
) -> RoutingRequest:
    """Return a request for somebody else that repeats a task's attributes, channel and priority."""
    task = routing.task(channel.account_id, task_id)
    kept = RoutingRequest.from_json(channel.interaction.routing)
    if task is None:
        return RoutingRequest(
            attributes=kept.attributes, queue_id=queue_id, worker_id=worker_id, workflow=kept.workflow
        )
    attributes = json.loads(task.attributes)
    for name in ("flexChannelInviteSid", "auto_answer"):
        attributes.pop(name, None)
    return RoutingRequest(
        workflow=kept.workflow,
        task_channel=task.channel.unique_name,
        attributes=attributes,
        priority=task.priority,
        timeout_seconds=task.timeout_seconds,
        queue_id=queue_id,
        worker_id=worker_id,
    )


def announce(channel: InteractionChannel, *, transfer: Transfer | None = None, worker_id: UUID | None = None) -> None:
    """Have consoles look again at what goes on around a conversation; ``worker_id`` hears it wherever they are."""
    if channel.conversation_id is not None:
        events.publish(
            WorkChanged(
                account_id=channel.account_id,
                conversation_id=channel.conversation_id,
                worker_id=worker_id if transfer is None else transfer.worker_id,
                transfer_id=None if transfer is None else transfer.id,
            )
        )


def _save(channel: InteractionChannel, transfer: Transfer, now: datetime) -> None:
    transfer.updated_at = now
    transfer.save(update_fields=("status", "reason", "updated_at"))
    announce(channel, transfer=transfer)


def answers_itself(attributes: str) -> bool:
    """Tell whether a task's attributes ask that its offer is accepted by the server: ``auto_answer: true``."""
    return "auto_answer" in attributes and json.loads(attributes).get("auto_answer") is True


def name_of_worker(worker_id: UUID) -> str:
    """Return what colleagues call a worker."""
    user = accounts.user_of_worker(worker_id)
    if user is not None:
        return user.display_name
    worker = routing.worker(worker_id)
    return "" if worker is None else worker.friendly_name


def names_of_workers(account_id: UUID) -> dict[UUID, str]:
    """Return what colleagues call each worker that a user takes tasks as."""
    return {user.worker_id: user.display_name for user in accounts.users(account_id) if user.worker_id is not None}
