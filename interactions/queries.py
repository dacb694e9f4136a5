"""Reads of interactions for the parts further left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from interactions.models import (
    DeskPolicy,
    Interaction,
    InteractionChannel,
    InteractionParticipant,
    Invite,
    Parking,
    Transfer,
    WrapUp,
)


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


def transfers_of_tasks(task_ids: Iterable[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Return which of these tasks came by a transfer, and whose work went on elsewhere by one."""
    wanted = set(task_ids)
    rows = Transfer.objects.filter(Q(invite__task_id__in=wanted) | Q(task_id__in=wanted))
    found = list(rows.exclude(status=Transfer.Status.FAILED).values_list("invite__task_id", "task_id"))
    return {came for came, _ in found} & wanted, {went for _, went in found if went is not None} & wanted


def outcomes(task_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return what the worker named as the result of each task, where one was named."""
    rows = Invite.objects.filter(task_id__in=list(task_ids)).exclude(outcome="")
    return dict(rows.values_list("task_id", "outcome"))


def names_of_agents(conversation_ids: Iterable[UUID]) -> dict[tuple[UUID, str], str]:
    """Return the names of those who take or took part as agents or supervisors, by (conversation, identity)."""
    types = (InteractionParticipant.Type.AGENT, InteractionParticipant.Type.SUPERVISOR)
    rows = InteractionParticipant.objects.filter(channel__conversation_id__in=list(conversation_ids), type__in=types)
    return {
        (conversation_id, identity): name
        for conversation_id, identity, name in rows.values_list("channel__conversation_id", "identity", "name")
    }


def has_worked_on(worker_id: UUID, conversation_id: UUID) -> bool:
    """Tell whether a worker takes or took part in a conversation."""
    rows = InteractionParticipant.objects.filter(channel__conversation_id=conversation_id, worker_id=worker_id)
    return rows.exists()


def worked_on(account_id: UUID, worker_id: UUID) -> Iterable[UUID]:
    """Return the conversations that a worker takes or took part in; a part of a statement where it is used in one."""
    rows = InteractionParticipant.objects.filter(account_id=account_id, worker_id=worker_id)
    return rows.values_list("channel__conversation_id", flat=True)


def agents_of(conversation_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Return the names of the agents and supervisors of conversations, in order of joining, each once."""
    types = (InteractionParticipant.Type.AGENT, InteractionParticipant.Type.SUPERVISOR)
    rows = InteractionParticipant.objects.filter(channel__conversation_id__in=list(conversation_ids), type__in=types)
    found: dict[UUID, dict[str, None]] = {}
    for conversation_id, name in rows.order_by("id").values_list("channel__conversation_id", "name"):
        found.setdefault(conversation_id, {})[name] = None
    return {key: list(names) for key, names in found.items()}


def channel(account_id: UUID, channel_id: UUID) -> InteractionChannel:
    """
    Return one channel with its interaction.

    :raises InteractionChannel.DoesNotExist: unknown in this account.
    """
    return InteractionChannel.objects.select_related("interaction").get(account_id=account_id, id=channel_id)


def participant_of(account_id: UUID, worker_id: UUID, reservation_id: UUID) -> InteractionParticipant | None:
    """Return a worker's participation by the reservation they accepted, with its channel and interaction."""
    rows = InteractionParticipant.objects.select_related("channel__interaction")
    return rows.filter(account_id=account_id, worker_id=worker_id, reservation_id=reservation_id).first()


def invite_of_task(account_id: UUID, task_id: UUID) -> Invite | None:
    """Return the invite of a task, with its channel and interaction."""
    rows = Invite.objects.select_related("channel__interaction")
    return rows.filter(account_id=account_id, task_id=task_id).first()


def agents_present(channel_id: UUID) -> list[InteractionParticipant]:
    """Return the workers who take part in a channel now, in order of joining."""
    rows = InteractionParticipant.objects.filter(channel_id=channel_id, left_at=None, task_id__isnull=False)
    return list(rows.order_by("id"))


def transfers(channel_id: UUID) -> list[Transfer]:
    """Return a channel's transfers, newest first."""
    rows = Transfer.objects.select_related("invite").filter(channel_id=channel_id)
    return list(rows.order_by("-id")[:20])


def transfer(account_id: UUID, transfer_id: UUID) -> Transfer | None:
    """Return one transfer with its channel and invite."""
    rows = Transfer.objects.select_related("channel__interaction", "invite")
    return rows.filter(account_id=account_id, id=transfer_id).first()


def open_invites(channel_id: UUID) -> list[Invite]:
    """Return the invites of a channel that nobody has answered yet."""
    return list(Invite.objects.filter(channel_id=channel_id, status=Invite.Status.PENDING).order_by("id"))


def parked(account_id: UUID, *, worker_id: UUID | None = None, limit: int = 200) -> list[Parking]:
    """Return what is parked, newest first; ``worker_id``: by that worker only."""
    rows = Parking.objects.filter(account_id=account_id, status=Parking.Status.PARKED)
    if worker_id is not None:
        rows = rows.filter(worker_id=worker_id)
    return list(rows.order_by("-id")[:limit])


def parking(account_id: UUID, parking_id: UUID) -> Parking | None:
    """Return one parking."""
    return Parking.objects.filter(account_id=account_id, id=parking_id).first()


def wrap_up(task_id: UUID) -> WrapUp | None:
    """Return the wrap-up of a task, if it has begun."""
    return WrapUp.objects.filter(task_id=task_id).first()


def wrap_ups(conversation_ids: Iterable[UUID]) -> dict[UUID, list[WrapUp]]:
    """Return what was noted about conversations, oldest first."""
    found: dict[UUID, list[WrapUp]] = {}
    for row in WrapUp.objects.filter(conversation_id__in=list(conversation_ids)).order_by("id"):
        found.setdefault(row.conversation_id, []).append(row)
    return found


def desk_policies(account_id: UUID) -> list[DeskPolicy]:
    """Return an account's policies: the general one, and those of queues."""
    return list(DeskPolicy.objects.filter(account_id=account_id).order_by("id"))


def live_channel(account_id: UUID, conversation_id: UUID) -> InteractionChannel | None:
    """Return the channel of a conversation that is parked, or that agents have or are asked for."""
    rows = InteractionChannel.objects.filter(account_id=account_id, conversation_id=conversation_id)
    parked_now = Q(status=InteractionChannel.Status.INACTIVE)
    live = Q(status=InteractionChannel.Status.ACTIVE, invites__status__in=Invite.LIVE)
    return rows.filter(parked_now | live).distinct().first()


def last_handling(conversation_id: UUID) -> tuple[UUID, UUID] | None:
    """Return the task and the worker who had a conversation last; None where no worker ever had it."""
    rows = Invite.objects.filter(channel__conversation_id=conversation_id, worker_id__isnull=False)
    return rows.order_by("-id").values_list("task_id", "worker_id").first()


@dataclass(frozen=True, slots=True)
class Course:
    """All that colleagues did about a conversation besides writing in it, each oldest first."""

    participants: list[InteractionParticipant]
    transfers: list[Transfer]
    parkings: list[Parking]
    wrap_ups: list[WrapUp]


def course(conversation_id: UUID) -> Course:
    """Return what colleagues did about a conversation."""
    ours = (InteractionParticipant.Type.AGENT, InteractionParticipant.Type.SUPERVISOR)
    channel = {"channel__conversation_id": conversation_id}
    return Course(
        participants=list(InteractionParticipant.objects.filter(type__in=ours, **channel).order_by("id")),
        transfers=list(Transfer.objects.select_related("invite").filter(**channel).order_by("id")),
        parkings=list(Parking.objects.filter(conversation_id=conversation_id).order_by("id")),
        wrap_ups=list(WrapUp.objects.filter(conversation_id=conversation_id).order_by("id")),
    )
