"""Ending a channel, and letting one worker leave it (reference/interactions.md, 3 and 5)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from conversations import services as conversations
from interactions.models import Interaction, InteractionChannel, InteractionParticipant, Invite
from interactions.services.progress import TaskNews, follow_tasks
from routing import queries as routing
from routing import services as routing_services

CLOSED_REASON = "The interaction's channel was closed"


def close_channel(*, channel: InteractionChannel, is_wrapped_up: bool, now: datetime) -> None:
    """
    End a contact: the conversation closes, offers are withdrawn, and who works on it goes to wrapping.

    ``is_wrapped_up``: they are done with it at once instead. Closing a closed channel changes nothing else.
    """
    with transaction.atomic():
        Interaction.objects.select_for_update().get(id=channel.interaction_id)
        if channel.conversation_id is not None:
            conversations.close_conversation(conversation_id=channel.conversation_id, reason="API", now=now)
        InteractionChannel.objects.filter(id=channel.id).update(status=InteractionChannel.Status.CLOSED, updated_at=now)
    # Not in the same transaction: tasks are locked before interactions, never after.
    for task_id in channel.invites.exclude(status__in=Invite.ENDED).order_by("id").values_list("task_id", flat=True):
        end_task(account_id=channel.account_id, task_id=task_id, is_wrapped_up=is_wrapped_up, now=now)


def leave_channel(*, participant: InteractionParticipant, is_wrapped_up: bool, now: datetime) -> bool:
    """
    Let a worker leave; the channel and its conversation stay open, even where nobody else is there.

    ``is_wrapped_up``: their task is completed, else it goes to wrapping. Returns whether they had a task to leave.
    """
    if participant.task_id is None or participant.left_at is not None:
        return False
    Invite.objects.filter(task_id=participant.task_id).update(left_open=True, updated_at=now)
    end_task(account_id=participant.account_id, task_id=participant.task_id, is_wrapped_up=is_wrapped_up, now=now)
    return True


def end_task(*, account_id: UUID, task_id: UUID, is_wrapped_up: bool, now: datetime) -> None:
    """Take a task as far towards its end as its status allows, and its conversation with it."""
    task = routing.task(account_id, task_id)
    if task is None:
        follow_tasks([TaskNews(task_id=task_id, status=Invite.Status.CANCELED, reason=CLOSED_REASON)], now=now)
        return
    match task.status:
        case "pending" | "reserved":
            status = Invite.Status.CANCELED
        case "assigned" if not is_wrapped_up:
            status = Invite.Status.WRAPPING
        case "assigned" | "wrapping" if is_wrapped_up:
            status = Invite.Status.COMPLETED
        case _:
            return
    routing_services.update_task(task_id=task_id, status=status, reason=CLOSED_REASON, now=now)
    follow_tasks([TaskNews(task_id=task_id, status=status, reason=CLOSED_REASON)], now=now)
