"""
What a task's progress does to its conversation.

The news of a task may come late, twice or in another order, so nothing is concluded from the order: an invite's
status goes forward only, and what follows is a function of all invites' statuses (``_settle``). Tested with
arbitrary interleavings in tests/interactions/test_progress.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from accounts import queries as accounts
from common import events, ids
from conversations import services as conversations
from conversations.errors import ConversationClosed
from interactions.events import HandOffEnded
from interactions.models import Interaction, InteractionChannel, InteractionParticipant, Invite
from interactions.services import transfer_states, wrapup
from interactions.services.webhooks import tell, tell_participant
from routing import queries as routing

_RANK = {
    Invite.Status.PENDING: 0,
    Invite.Status.ACCEPTED: 1,
    Invite.Status.WRAPPING: 2,
    # Both are final.
    Invite.Status.COMPLETED: 3,
    Invite.Status.CANCELED: 3,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskNews:
    """How far a task got: ``status`` is one of ``Invite.Status``; worker and reservation where there are any."""

    task_id: UUID
    status: str
    worker_id: UUID | None = None
    reservation_id: UUID | None = None
    reason: str = ""


@transaction.atomic
def follow_tasks(batch: Sequence[TaskNews], *, now: datetime) -> int:
    """
    Bring interactions up to date with their tasks; returns how many invites moved.

    Accepted: the worker joins the conversation. Wrapping: the worker leaves, and with the last one the conversation
    closes. Completed: the same, and the hand-over is answered. Canceled: the conversation stays open, and the
    hand-over is answered. Tasks that belong to no interaction are passed over.
    """
    held = _lock(item.task_id for item in batch)
    moved = 0
    for item in batch:
        channel = held.get(item.task_id)
        if channel is None:
            continue
        invite = channel.by_task[item.task_id]
        moved += _follow(channel, invite, item, now)
    return moved


@transaction.atomic
def settle(*, task_id: UUID, now: datetime) -> None:
    """Draw the conclusion from where the invites of a task's channel are, without any news."""
    held = _lock([task_id]).get(task_id)
    if held is not None:
        _settle(held, held.by_task[task_id], now)


def close_thread(*, conversation_id: UUID, now: datetime) -> None:
    """Close a contact's conversation; one that was deleted meanwhile is as good as closed."""
    with suppress(ObjectDoesNotExist):
        conversations.close_conversation(conversation_id=conversation_id, reason="API", now=now)


@dataclass(slots=True)
class _Held:
    """A locked interaction with its channel and all of its invites, by task."""

    interaction: Interaction
    channel: InteractionChannel
    by_task: dict[UUID, Invite]

    def read_invites(self) -> None:
        """Read the invites again: there may be one more."""
        for invite in Invite.objects.filter(channel=self.channel).order_by("id"):
            self.by_task.setdefault(invite.task_id, invite)

    @property
    def statuses(self) -> set[str]:
        return {invite.status for invite in self.by_task.values()}


def _lock(task_ids: Iterable[UUID]) -> dict[UUID, _Held]:
    """
    Lock the interactions of tasks and their conversations; returned by task.

    Interactions first, then conversations, each in the order of ids: whoever locks several of them does the same,
    so nobody waits in a circle.
    """
    wanted = list(Invite.objects.filter(task_id__in=set(task_ids)).values_list("task_id", "channel__interaction_id"))
    if not wanted:
        return {}
    locked = Interaction.objects.filter(id__in={key for _, key in wanted}).order_by("id").select_for_update()
    interactions = {row.id: row for row in locked}
    channels = InteractionChannel.objects.filter(interaction__in=interactions.values())
    held = {row.interaction_id: _Held(interactions[row.interaction_id], row, {}) for row in channels}
    by_channel = {each.channel.id: each for each in held.values()}
    for each in held.values():
        each.channel.interaction = each.interaction
    for invite in Invite.objects.filter(channel_id__in=by_channel).order_by("id"):
        by_channel[invite.channel_id].by_task[invite.task_id] = invite
    conversations.lock_conversations(
        {each.channel.conversation_id for each in held.values() if each.channel.conversation_id is not None}
    )
    return {task_id: held[key] for task_id, key in wanted}


def _follow(held: _Held, invite: Invite, news: TaskNews, now: datetime) -> bool:
    """Apply one piece of news; returns whether the invite moved."""
    if news.status == Invite.Status.ACCEPTED:
        _join(held, invite, news, now)
    if _RANK[news.status] <= _RANK[invite.status]:
        return False
    invite.status = news.status
    invite.worker_id = invite.worker_id or news.worker_id
    invite.reservation_id = invite.reservation_id or news.reservation_id
    invite.reason = invite.reason or news.reason[:500]
    invite.updated_at = now
    invite.save(update_fields=("status", "worker_id", "reservation_id", "reason", "updated_at"))
    if news.status == Invite.Status.ACCEPTED:
        transfer_states.note_joined(held.channel, invite, now)
        _await_agent(held)
        return True
    _leave(held, invite, now)
    if news.status == Invite.Status.CANCELED:
        transfer_states.note_canceled(held.channel, invite, now)
        held.read_invites()
    else:
        transfer_states.note_left(held.channel, invite, now)
        wrapup.follow(held.channel, invite, now)
    _settle(held, invite, now)
    _await_agent(held)
    transfer_states.announce(held.channel)
    return True


def _await_agent(held: _Held) -> None:
    """Flows are silent while somebody is on the way to a conversation that agents had, or while it is parked."""
    channel = held.channel
    if channel.conversation_id is None:
        return
    is_parked = channel.status == InteractionChannel.Status.INACTIVE
    had_agents = any(
        each.worker_id is not None and each.status != Invite.Status.ACCEPTED for each in held.by_task.values()
    )
    is_coming = Invite.Status.PENDING in held.statuses and Invite.Status.ACCEPTED not in held.statuses
    conversations.await_agent(conversation_id=channel.conversation_id, awaited=is_parked or (had_agents and is_coming))


def _join(held: _Held, invite: Invite, news: TaskNews, now: datetime) -> None:
    """
    Let the worker who accepted take part. Accepted news that come after later ones only note who it was.
    """
    if news.worker_id is None or news.reservation_id is None:
        return
    if InteractionParticipant.objects.filter(reservation_id=news.reservation_id).exists():
        return
    name, identity = _who(news.worker_id)
    is_over = _RANK[invite.status] > _RANK[Invite.Status.ACCEPTED]
    if not is_over and held.channel.conversation_id is not None:
        identity = _add_agent(held.channel.conversation_id, identity, name, news.worker_id, now)
    participant = InteractionParticipant.objects.create(
        account_id=held.interaction.account_id,
        channel=held.channel,
        type=InteractionParticipant.Type.AGENT,
        identity=identity,
        name=name,
        worker_id=news.worker_id,
        task_id=invite.task_id,
        reservation_id=news.reservation_id,
        joined_at=now,
        left_at=now if is_over else None,
    )
    if not is_over:
        tell_participant(held.channel, "onParticipantJoined", participant, now=now)


def _add_agent(conversation_id: UUID, identity: str, name: str, worker_id: UUID, now: datetime) -> str:
    """Add the agent to the conversation; returns the identity they have there."""
    # Somebody else, a customer even, may be called the same: then the agent goes by the worker's SID.
    for tried in (identity, ids.sid("WK", worker_id)):
        try:
            participant = conversations.add_participant(
                conversation_id=conversation_id, kind="agent", identity=tried, name=name, worker_id=worker_id, now=now
            )
        except (ConversationClosed, ObjectDoesNotExist):
            # Closed, or deleted, while the offer was out: the worker still has the task, to wrap it up.
            return identity
        if participant.worker_id == worker_id:
            return tried
    return identity


def _who(worker_id: UUID) -> tuple[str, str]:
    """Return a worker's name for customers, and their identity in conversations."""
    worker = routing.worker(worker_id)
    user = accounts.user_of_worker(worker_id)
    if worker is None:
        return (user.display_name if user else "Agent"), ids.sid("WK", worker_id)
    uri = worker.attributes.get("contact_uri")
    identity = uri.removeprefix("client:") if isinstance(uri, str) else ""
    return (user.display_name if user else worker.friendly_name), (identity or worker.friendly_name)[:256]


def _leave(held: _Held, invite: Invite, now: datetime) -> None:
    """Take out who worked on an invite, unless another of their invites keeps them in."""
    present = InteractionParticipant.objects.filter(channel=held.channel, task_id=invite.task_id, left_at=None)
    for participant in present:
        participant.left_at = now
        participant.save(update_fields=("left_at",))
        tell_participant(held.channel, "onParticipantLeft", participant, now=now)
        stays = any(
            other.status == Invite.Status.ACCEPTED and other.worker_id == participant.worker_id
            for other in held.by_task.values()
        )
        if not stays and held.channel.conversation_id is not None:
            conversations.remove_participant(
                conversation_id=held.channel.conversation_id, identity=participant.identity
            )


def _settle(held: _Held, invite: Invite, now: datetime) -> None:
    """Close the conversation and answer the hand-over where the invites' statuses say so."""
    statuses = held.statuses
    was_handled = any(
        each.status in (Invite.Status.WRAPPING, Invite.Status.COMPLETED) and not each.left_open
        for each in held.by_task.values()
    )
    is_wanted = bool(statuses & set(Invite.LIVE))
    if was_handled and not is_wanted and held.channel.status == InteractionChannel.Status.ACTIVE:
        if held.channel.conversation_id is not None:
            close_thread(conversation_id=held.channel.conversation_id, now=now)
        held.channel.status = InteractionChannel.Status.CLOSED
        held.channel.updated_at = now
        held.channel.save(update_fields=("status", "updated_at"))
        tell(held.channel, "onChannelStatusUpdated", now=now, ChannelStatus=held.channel.status)
    # While it is parked the agents are not done with it.
    if statuses <= set(Invite.ENDED) and held.channel.status != InteractionChannel.Status.INACTIVE:
        _answer(held, invite, now)


def _answer(held: _Held, last: Invite, now: datetime) -> None:
    """Announce once that the hand-over is over."""
    interaction, channel = held.interaction, held.channel
    if interaction.answered_at is not None:
        return
    interaction.answered_at = interaction.updated_at = now
    interaction.save(update_fields=("answered_at", "updated_at"))
    if interaction.key is None or channel.conversation_id is None:
        return
    completed = [invite for invite in held.by_task.values() if invite.status == Invite.Status.COMPLETED]
    told = completed[-1] if completed else last
    events.publish(
        HandOffEnded(
            account_id=interaction.account_id,
            conversation_id=channel.conversation_id,
            interaction_id=interaction.id,
            key=interaction.key,
            outcome="completed" if completed else "canceled",
            outputs={
                "interaction_sid": interaction.sid,
                "channel_sid": channel.sid,
                "conversation_sid": ids.sid("CH", channel.conversation_id),
                "task_sid": ids.sid("WT", told.task_id),
                "worker_sid": None if told.worker_id is None else ids.sid("WK", told.worker_id),
                "outcome": told.outcome,
                "reason": told.reason,
            },
        )
    )
