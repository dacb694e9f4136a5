"""Reads of interactions for the parts further left."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from interactions.models import Interaction, InteractionChannel, InteractionParticipant, Invite


def interaction(account_id: UUID, interaction_id: UUID) -> Interaction:
    """
    Return one interaction with its channel.

    :raises Interaction.DoesNotExist: unknown in this account.
    """
    return Interaction.objects.select_related("channel").get(account_id=account_id, id=interaction_id)


def interactions(account_id: UUID) -> list[Interaction]:
    """Return an account's interactions with their channels, oldest first."""
    return list(Interaction.objects.filter(account_id=account_id).select_related("channel").order_by("id"))


def conversations_of_tasks(task_ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Return the conversation that each task is about; of tasks that belong to an interaction."""
    rows = Invite.objects.filter(task_id__in=list(task_ids), channel__conversation_id__isnull=False)
    return dict(rows.values_list("task_id", "channel__conversation_id"))


def tasks_of_conversation(conversation_id: UUID) -> list[UUID]:
    """Return the tasks that a conversation had, oldest first."""
    rows = Invite.objects.filter(channel__conversation_id=conversation_id)
    return list(rows.order_by("id").values_list("task_id", flat=True))


def outcomes(task_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return what the worker named as the result of each task, where one was named."""
    rows = Invite.objects.filter(task_id__in=list(task_ids)).exclude(outcome="")
    return dict(rows.values_list("task_id", "outcome"))


def names_of_agents(conversation_ids: Iterable[UUID]) -> dict[tuple[UUID, str], str]:
    """Return the names of those who take or took part as agents, by (conversation, identity)."""
    rows = InteractionParticipant.objects.filter(
        channel__conversation_id__in=list(conversation_ids), type=InteractionParticipant.Type.AGENT
    )
    return {
        (conversation_id, identity): name
        for conversation_id, identity, name in rows.values_list("channel__conversation_id", "identity", "name")
    }


def has_worked_on(worker_id: UUID, conversation_id: UUID) -> bool:
    """Tell whether a worker takes or took part in a conversation."""
    rows = InteractionParticipant.objects.filter(channel__conversation_id=conversation_id, worker_id=worker_id)
    return rows.exists()


def channel(account_id: UUID, channel_id: UUID) -> InteractionChannel:
    """
    Return one channel with its interaction.

    :raises InteractionChannel.DoesNotExist: unknown in this account.
    """
    return InteractionChannel.objects.select_related("interaction").get(account_id=account_id, id=channel_id)
