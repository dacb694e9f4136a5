"""What a supervisor does to somebody's conversation or task. Everything is in the audit log."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from common import ids
from common.errors import BadParameter, Conflict
from conversations import queries as conversations
from conversations import services as conversation_services
from conversations.errors import ConversationClosed
from conversations.services import Kind
from interactions import services as interactions
from supervision.services.actors import Actor
from supervision.services.help import close_help

MAX_OUTCOME = 200  # characters


@transaction.atomic
def barge_in(*, actor: Actor, conversation_id: UUID, now: datetime) -> None:
    """
    Let a supervisor take part visibly, beside the agent.

    :raises Conflict: the conversation is closed; no agent takes part, so that a flow would go on answering.
    """
    people = conversations.participants(conversation_id)
    if any(each.identity == actor.identity for each in people):
        return
    if not any(each.kind == Kind.AGENT for each in people):
        raise Conflict("No agent has this conversation: take it over instead")
    try:
        conversation_services.add_participant(
            conversation_id=conversation_id, kind=Kind.SUPERVISOR, identity=actor.identity, name=actor.name, now=now
        )
    except ConversationClosed as error:
        raise Conflict("The conversation is closed", code=error.code) from error
    interactions.note_supervisor(
        account_id=actor.account_id, conversation_id=conversation_id, identity=actor.identity, name=actor.name, now=now
    )
    actor.note("conversation.barged_in", ids.sid("CH", conversation_id), now)


@transaction.atomic
def leave(*, actor: Actor, conversation_id: UUID, now: datetime) -> bool:
    """Let a supervisor who barged in leave again. Returns whether they were there."""
    was_there = conversation_services.remove_participant(conversation_id=conversation_id, identity=actor.identity)
    if was_there:
        interactions.note_supervisor_left(
            account_id=actor.account_id, conversation_id=conversation_id, identity=actor.identity, now=now
        )
        actor.note("conversation.left", ids.sid("CH", conversation_id), now)
    return was_there


def take_over(*, actor: Actor, conversation_id: UUID, now: datetime) -> UUID:
    """
    Let a supervisor have the conversation instead of whoever has it; returns their task.

    :raises Conflict: the supervisor takes no tasks, or the conversation is closed.
    """
    if actor.worker_id is None:
        raise Conflict("You take no tasks: an admin can change that under Settings, People")
    task_id = interactions.take_over(
        account_id=actor.account_id,
        conversation_id=conversation_id,
        worker_id=actor.worker_id,
        reason=f"Taken over by {actor.name}",
        now=now,
    )
    leave(actor=actor, conversation_id=conversation_id, now=now)
    close_help(account_id=actor.account_id, conversation_id=conversation_id, now=now)
    actor.note("conversation.taken_over", ids.sid("CH", conversation_id), now, task=ids.sid("WT", task_id))
    return task_id


def put_back(*, actor: Actor, task_id: UUID, queue_id: UUID | None, outcome: str, now: datetime) -> UUID:
    """
    Put a task that somebody has back into a queue; returns the new task.

    :raises BadParameter: no outcome, or a too long one.
    """
    said = _outcome(outcome)
    new = interactions.requeue(account_id=actor.account_id, task_id=task_id, queue_id=queue_id, outcome=said, now=now)
    actor.note("task.requeued", ids.sid("WT", task_id), now, outcome=said, new_task=ids.sid("WT", new))
    return new


def cancel_or_complete(*, actor: Actor, task_id: UUID, outcome: str, now: datetime) -> None:
    """
    End a stuck task, with a reason on record.

    :raises BadParameter: no outcome, or a too long one.
    """
    said = _outcome(outcome)
    interactions.end_task_by_hand(account_id=actor.account_id, task_id=task_id, outcome=said, now=now)
    actor.note("task.ended", ids.sid("WT", task_id), now, outcome=said)


def _outcome(text: str) -> str:
    said = text.strip()
    if not said:
        raise BadParameter("Say why: the outcome is kept with the task")
    if len(said) > MAX_OUTCOME:
        raise BadParameter(f"The outcome must have at most {MAX_OUTCOME} characters")
    return said
