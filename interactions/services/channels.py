"""Ending a channel, and letting one worker leave it (reference/interactions.md, 3 and 5)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from common.errors import ApiError, Conflict
from conversations import services as conversations
from interactions.errors import OthersPresent
from interactions.models import Interaction, InteractionChannel, InteractionParticipant, Invite
from interactions.services.progress import TaskNews, close_thread, follow_tasks
from interactions.services.webhooks import tell, tell_participant
from routing import queries as routing
from routing import services as routing_services

HANDED_BACK_REASON = "Handed back to a flow"
CLOSED_REASON = "The interaction's channel was closed"


def close_channel(*, channel: InteractionChannel, is_wrapped_up: bool, now: datetime) -> None:
    """
    End a contact: the conversation closes, offers are withdrawn, and who works on it goes to wrapping.

    ``is_wrapped_up``: they are done with it at once instead. Closing a closed channel changes nothing else.
    """
    with transaction.atomic():
        interaction = Interaction.objects.select_for_update().get(id=channel.interaction_id)
        _close(channel, interaction, now)
    # Not in the same transaction: tasks are locked before interactions, never after.
    for task_id in channel.invites.exclude(status__in=Invite.ENDED).order_by("id").values_list("task_id", flat=True):
        end_task(account_id=channel.account_id, task_id=task_id, is_wrapped_up=is_wrapped_up, now=now)


def end_conversation(*, participant: InteractionParticipant, for_all: bool, now: datetime) -> None:
    """
    End a contact on behalf of a worker who takes part: they go to wrapping, invitations are taken back.

    Of an end and a colleague's acceptance at the same moment one wins: either the colleague is in, and this is refused
    unless ``for_all``; or the conversation is closed, and what they have accepted is done with.

    :raises OthersPresent: colleagues take part too.
    :raises Conflict: the worker does not take part any more.
    """
    with transaction.atomic():
        interaction = Interaction.objects.select_for_update().get(id=participant.channel.interaction_id)
        channel = InteractionChannel.objects.get(interaction=interaction)
        own = channel.invites.filter(task_id=participant.task_id, status=Invite.Status.ACCEPTED).first()
        if own is None:
            raise Conflict("You do not take part in this conversation any more")
        others = channel.invites.filter(status=Invite.Status.ACCEPTED).exclude(id=own.id)
        if others.exists() and not for_all:
            raise OthersPresent("A colleague takes part too: leave instead, or end it for all", details=_names(others))
        held = list(others.order_by("id").values_list("task_id", flat=True))
        invited = list(
            channel.invites.filter(status=Invite.Status.PENDING).order_by("id").values_list("task_id", flat=True)
        )
        _close(channel, interaction, now)
    for task_id in invited:
        # Who accepted meanwhile has not been in the conversation: there is nothing to wrap up.
        end_task(account_id=channel.account_id, task_id=task_id, is_wrapped_up=True, now=now)
    for task_id in (own.task_id, *held):
        end_task(account_id=channel.account_id, task_id=task_id, is_wrapped_up=False, now=now)


def leave_conversation(*, participant: InteractionParticipant, now: datetime) -> None:
    """
    Let a worker leave the conversation to colleagues who take part or are on their way; they go to wrapping.

    :raises Conflict: nobody else is there.
    """
    if participant.task_id is None:
        raise Conflict("You do not take part in this conversation any more")
    others = Invite.objects.filter(channel_id=participant.channel_id, status__in=Invite.LIVE)
    if not others.exclude(task_id=participant.task_id).exists():
        raise Conflict("Nobody else is in this conversation: end, park or transfer it")
    end_task(account_id=participant.account_id, task_id=participant.task_id, is_wrapped_up=False, now=now)


def hand_back(*, participant: InteractionParticipant, now: datetime) -> None:
    """
    Give the customer back to a flow: the worker's task completes, the conversation stays open, and a flow that waits
    for the agents goes on.

    :raises OthersPresent: colleagues take part, or are on their way.
    :raises Conflict: the worker does not take part any more.
    """
    if participant.task_id is None:
        raise Conflict("You do not take part in this conversation any more")
    with transaction.atomic():
        try:
            routing_services.update_task(
                task_id=participant.task_id, status="completed", reason=HANDED_BACK_REASON, now=now
            )
        except ApiError as error:
            raise Conflict("You do not take part in this conversation any more") from error
        Interaction.objects.select_for_update().get(id=participant.channel.interaction_id)
        live = Invite.objects.filter(channel_id=participant.channel_id, status__in=Invite.LIVE)
        if not live.filter(task_id=participant.task_id, status=Invite.Status.ACCEPTED).exists():
            raise Conflict("You do not take part in this conversation any more")
        others = live.exclude(task_id=participant.task_id)
        if others.exists():
            raise OthersPresent("A colleague takes part or is invited: leave instead", details=_names(others))
        Invite.objects.filter(task_id=participant.task_id).update(left_open=True, updated_at=now)
        news = TaskNews(task_id=participant.task_id, status=Invite.Status.COMPLETED, reason=HANDED_BACK_REASON)
        follow_tasks([news], now=now)


def leave_channel(*, participant: InteractionParticipant, is_wrapped_up: bool, now: datetime) -> bool:
    """
    Let a worker leave; the channel and its conversation stay open, even where nobody else is there.

    ``is_wrapped_up``: their task is completed, else it goes to wrapping. Who was added without a task just leaves.
    Returns whether they took part, as somebody who can leave.
    """
    if participant.left_at is not None or participant.type == InteractionParticipant.Type.CUSTOMER:
        return False
    if participant.task_id is None:
        with transaction.atomic():
            Interaction.objects.select_for_update().get(id=participant.channel.interaction_id)
            participant.left_at = now
            participant.save(update_fields=("left_at",))
            tell_participant(participant.channel, "onParticipantLeft", participant, now=now)
            if participant.channel.conversation_id is not None:
                conversations.remove_participant(
                    conversation_id=participant.channel.conversation_id, identity=participant.identity
                )
        return True
    Invite.objects.filter(task_id=participant.task_id).update(left_open=True, updated_at=now)
    end_task(account_id=participant.account_id, task_id=participant.task_id, is_wrapped_up=is_wrapped_up, now=now)
    return True


def end_task(*, account_id: UUID, task_id: UUID, is_wrapped_up: bool, now: datetime) -> None:
    """Take a task as far towards its end as its status allows, and its conversation with it."""
    # Between our look and our lock a worker may accept or finish: then its status is looked at once more.
    for _ in range(3):
        task = routing.task(account_id, task_id)
        status = Invite.Status.CANCELED if task is None else _next(task.status, is_wrapped_up=is_wrapped_up)
        if status is None:
            return
        if task is not None:
            try:
                routing_services.update_task(task_id=task_id, status=status, reason=CLOSED_REASON, now=now)
            except ApiError:
                continue
        follow_tasks([TaskNews(task_id=task_id, status=status, reason=CLOSED_REASON)], now=now)
        return


def _next(status: str, *, is_wrapped_up: bool) -> Invite.Status | None:
    match status:
        case "pending" | "reserved":
            return Invite.Status.CANCELED
        case "assigned" if not is_wrapped_up:
            return Invite.Status.WRAPPING
        case "assigned" | "wrapping" if is_wrapped_up:
            return Invite.Status.COMPLETED
    return None


def _close(channel: InteractionChannel, interaction: Interaction, now: datetime) -> None:
    if channel.conversation_id is not None:
        conversations.await_agent(conversation_id=channel.conversation_id, awaited=False)
        close_thread(conversation_id=channel.conversation_id, now=now)
    open_now = InteractionChannel.objects.filter(id=channel.id).exclude(status=InteractionChannel.Status.CLOSED)
    if open_now.update(status=InteractionChannel.Status.CLOSED, updated_at=now):
        channel.interaction = interaction
        tell(channel, "onChannelStatusUpdated", now=now, ChannelStatus="closed")


def _names(invites: object) -> dict[str, list[str]]:
    tasks = invites.values_list("task_id", flat=True)  # type: ignore[attr-defined]
    rows = InteractionParticipant.objects.filter(task_id__in=list(tasks), left_at=None).order_by("id")
    return {"agents": [row.name for row in rows]}
