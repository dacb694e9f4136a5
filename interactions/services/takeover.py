"""What supervisors do to a contact: take it over, put it back into a queue, end its task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from common import ids
from common.errors import BadParameter, NotFound
from conversations import queries as conversations
from interactions.errors import ChannelClosed
from interactions.models import Interaction, InteractionChannel, InteractionParticipant, Invite, Transfer
from interactions.services import transfer_states
from interactions.services.create import create_invite, start_interaction
from interactions.services.outcomes import record_outcome
from interactions.services.progress import TaskNews, follow_tasks
from interactions.services.requests import RoutingRequest
from routing import queries as routing
from routing import services as routing_services
from routing.errors import TransitionRefused


def take_over(*, account_id: UUID, conversation_id: UUID, worker_id: UUID, reason: str, now: datetime) -> UUID:
    """
    Let a worker have a contact at once; whoever had it is done with it. Returns the worker's task.

    A task that waits is taken as it is; else there is a new one, and those of others are completed with ``reason``
    while the conversation stays open. Called again after half of it, it does the other half.

    :raises NotFound: the conversation is unknown.
    :raises ChannelClosed: it is closed.
    """
    conversation = conversations.find_conversation(account_id, conversation_id)
    if conversation is None:
        raise NotFound("conversation")
    if conversation.is_closed:
        raise ChannelClosed("The conversation is closed")
    # First the worker joins, then the others leave: at no moment is the customer nobody's.
    with transaction.atomic():
        channel = _channel(account_id, conversation_id)
        live = [] if channel is None else _live(channel)
        mine = next(
            (each for each in live if each.status == Invite.Status.ACCEPTED and each.worker_id == worker_id), None
        )
        task_id = mine.task_id if mine else _take(account_id, conversation_id, channel, live, worker_id, now)
    for invite in live:
        if invite.task_id != task_id:
            _let_go(account_id, invite, reason, now)
    return task_id


def requeue(*, account_id: UUID, task_id: UUID, queue_id: UUID | None, outcome: str, now: datetime) -> UUID:
    """
    Put a contact that somebody has back into a queue (its own unless another is named); returns the new task.

    :raises NotFound: no such task.
    :raises TransitionRefused: nobody has it, or its conversation is over.
    """
    task = routing.task(account_id, task_id)
    if task is None:
        raise NotFound("task")
    if task.status != "assigned":
        raise TransitionRefused(f"A task that is {task.status} cannot be put back into a queue")
    target = queue_id or task.queue_id
    if target is None:
        raise BadParameter("Name the queue: the task came past all queues")
    invite = (
        Invite.objects.select_related("channel__interaction").filter(task_id=task_id, account_id=account_id).first()
    )
    if invite is None:
        new = routing_services.create_task(
            account_id=account_id,
            workflow_id=None,
            attributes=task.attributes,
            task_channel=task.channel.unique_name,
            priority=task.priority,
            timeout_seconds=task.timeout_seconds,
            queue_id=target,
            workspace_id=task.workspace_id,
            now=now,
        )
        routing_services.complete_task(task_id=task_id, reason=outcome, now=now)
        return new.id
    with transaction.atomic():
        request = transfer_states.again(invite.channel, task_id, queue_id=target)
        again = create_invite(channel=invite.channel, request=request, now=now)
        _note_transfer(invite.channel, invite, again, to_sid=ids.sid("WQ", target), now=now)
    _let_go(account_id, invite, outcome, now)
    return again.task_id


def end_task_by_hand(*, account_id: UUID, task_id: UUID, outcome: str, now: datetime) -> None:
    """
    Complete a task that somebody has, or cancel one that waits, and record why.

    :raises NotFound: no such task.
    :raises TransitionRefused: it has ended.
    """
    task = routing.task(account_id, task_id)
    if task is None:
        raise NotFound("task")
    is_worked_on = task.status in ("assigned", "wrapping")
    status = Invite.Status.COMPLETED if is_worked_on else Invite.Status.CANCELED
    with transaction.atomic():
        end = routing_services.complete_task if is_worked_on else routing_services.cancel_task
        end(task_id=task_id, reason=outcome, now=now)
        record_outcome(task_id=task_id, outcome=outcome, now=now)
    follow_tasks([TaskNews(task_id=task_id, status=status, reason=outcome)], now=now)


def _channel(account_id: UUID, conversation_id: UUID) -> InteractionChannel | None:
    rows = InteractionChannel.objects.filter(
        account_id=account_id, conversation_id=conversation_id, status=InteractionChannel.Status.ACTIVE
    )
    return rows.select_related("interaction").order_by("-id").first()


def _live(channel: InteractionChannel) -> list[Invite]:
    return list(channel.invites.filter(status__in=Invite.LIVE).order_by("id"))


def _take(
    account_id: UUID,
    conversation_id: UUID,
    channel: InteractionChannel | None,
    live: Sequence[Invite],
    worker_id: UUID,
    now: datetime,
) -> UUID:
    waiting = next((each for each in live if each.status == Invite.Status.PENDING), None)
    if waiting is not None:
        task_id = waiting.task_id
    elif channel is not None:
        request = _again(account_id, channel, live, worker_id)
        invite = create_invite(channel=channel, request=request, now=now)
        for other in live:
            _note_transfer(channel, other, invite, to_sid=ids.sid("WK", worker_id), now=now)
        task_id = invite.task_id
    else:
        interaction = start_interaction(
            account_id=account_id,
            conversation_id=conversation_id,
            request=RoutingRequest(worker_id=worker_id),
            key=None,
            now=now,
            initiated_by=Interaction.Initiator.CUSTOMER,
        )
        task_id = Invite.objects.get(channel__interaction=interaction).task_id
    reservation = routing_services.seize_task(task_id=task_id, worker_id=worker_id, now=now)
    news = TaskNews(task_id=task_id, status=Invite.Status.ACCEPTED, worker_id=worker_id, reservation_id=reservation.id)
    follow_tasks([news], now=now)
    return task_id


def _again(account_id: UUID, channel: InteractionChannel, live: Sequence[Invite], worker_id: UUID) -> RoutingRequest:
    """Return the request for the worker's own task; its queue is that of the work so far, where it goes on counting."""
    if not live:
        return RoutingRequest(
            attributes=RoutingRequest.from_json(channel.interaction.routing).attributes, worker_id=worker_id
        )
    task = routing.task(account_id, live[0].task_id)
    queue_id = None if task is None else task.queue_id
    return transfer_states.again(channel, live[0].task_id, queue_id=queue_id, worker_id=worker_id)


def _note_transfer(channel: InteractionChannel, old: Invite, new: Invite, *, to_sid: str, now: datetime) -> None:
    """Keep that work moved from one task to the other, as a transfer that is done."""
    sender = channel.participants.filter(task_id=old.task_id, left_at=None).first()
    if sender is None:
        return
    worker_id = ids.parse_or_none("WK", to_sid)
    Transfer.objects.create(
        account_id=channel.account_id,
        channel=channel,
        type=Transfer.Type.COLD,
        status=Transfer.Status.COMPLETED,
        participant_id=sender.id,
        worker_id=sender.worker_id,
        task_id=old.task_id,
        to_sid=to_sid,
        to_name=transfer_states.name_of_worker(worker_id) if worker_id else "",
        invite=new,
        created_at=now,
        updated_at=now,
    )


def _let_go(account_id: UUID, invite: Invite, reason: str, now: datetime) -> None:
    """Take a task from who has it; the conversation stays open."""
    Invite.objects.filter(id=invite.id).update(left_open=True, outcome=reason[:200], updated_at=now)
    task = routing.task(account_id, invite.task_id)
    if task is None or task.status in ("completed", "canceled"):
        return
    is_worked_on = task.status in ("assigned", "wrapping")
    end = routing_services.complete_task if is_worked_on else routing_services.cancel_task
    end(task_id=task.id, reason=reason, now=now)
    status = Invite.Status.COMPLETED if is_worked_on else Invite.Status.CANCELED
    follow_tasks([TaskNews(task_id=task.id, status=status, reason=reason)], now=now)


def note_supervisor(*, account_id: UUID, conversation_id: UUID, identity: str, name: str, now: datetime) -> None:
    """Note that a supervisor takes part, so that transcripts can name them."""
    channel = _channel(account_id, conversation_id)
    if channel is None:
        return
    InteractionParticipant.objects.create(
        account_id=account_id,
        channel=channel,
        type=InteractionParticipant.Type.SUPERVISOR,
        identity=identity,
        name=name[:256],
        joined_at=now,
    )


def note_supervisor_left(*, account_id: UUID, conversation_id: UUID, identity: str, now: datetime) -> None:
    """Note that a supervisor takes part no longer."""
    InteractionParticipant.objects.filter(
        account_id=account_id,
        channel__conversation_id=conversation_id,
        type=InteractionParticipant.Type.SUPERVISOR,
        identity=identity,
        left_at=None,
    ).update(left_at=now)
