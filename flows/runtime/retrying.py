"""Trying again from a step: a new execution that begins in the middle of the flow, with what the old one knew there."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from common.errors import BadParameter, Conflict
from conversations import services as conversations
from flows.errors import ContactBusy
from flows.models import Execution, ExecutionStep
from flows.runtime.batch import write
from flows.runtime.history import context_at_halt, context_before
from flows.runtime.turn import Turn


def retry(*, execution_id: UUID, step_seq: int | None, now: datetime) -> Execution:
    """
    Run the rest of an ended execution again, in a new execution of the same revision and conversation.

    It begins at the widget of the step ``step_seq``, with the context as it was before that step; without one at the
    widget where the execution failed. What that widget and later ones do is done again, messages and calls included.
    ``initiated_by`` of the new execution names the old one.

    :raises Execution.DoesNotExist: unknown.
    :raises ExecutionStep.DoesNotExist: it has no such step.
    :raises BadParameter: no step was named, and it did not fail; or the step is inside a subflow.
    :raises Conflict: it is still active, the conversation is closed or an agent's, or its revision is gone.
    :raises ContactBusy: an execution of this flow is active for this contact.
    """
    with transaction.atomic():
        conversation_id = Execution.objects.values_list("conversation_id", flat=True).get(id=execution_id)
        held = conversations.lock_conversations([conversation_id])
        ended = Execution.objects.get(id=execution_id)
        if ended.status == Execution.Status.ACTIVE:
            raise Conflict("The execution is still active; end it first")
        widget, context = _place(ended, step_seq)
        conversation = held.get(conversation_id)
        if conversation is None or conversation.is_closed:
            raise Conflict("The conversation is closed, so nothing can be said in it any more")
        if conversation.agents > 0:
            raise Conflict("An agent has the conversation; flows are silent meanwhile")
        active = list(Execution.objects.filter(conversation_id=conversation_id, status=Execution.Status.ACTIVE))
        busy = next((row for row in active if row.flow_id == ended.flow_id), None)
        if busy is not None:
            raise ContactBusy(busy.sid)
        turn = Turn(conversation, active, now=now)
        try:
            execution = turn.begin_at(widget, context, retried=ended, messaged=bool(ended.session.get("messaged")))
        except LookupError as error:
            raise Conflict(f"It cannot be run again: {error}") from error
        write(turn.effects, held, now=now)
    return execution


def _place(ended: Execution, step_seq: int | None) -> tuple[str, dict[str, Any]]:
    """Return the widget to begin at, and what was known before it."""
    if step_seq is not None:
        step = ExecutionStep.objects.get(execution_id=ended.id, seq=step_seq)
        if step.parent_seq is not None:
            parent = ExecutionStep.objects.filter(execution_id=ended.id, seq=step.parent_seq).first()
            where = f"{parent.name!r}" if parent is not None else "the widget that ran it"
            raise BadParameter(f"The step is inside a subflow: retry from {where}, which runs the subflow anew")
        return step.name, context_before(ended, step)
    if not ended.error:
        raise BadParameter("The execution did not fail: name the step to begin at")
    frames = ended.session.get("frames") or []
    widget = frames[0]["widget"] if frames else ended.session.get("current")
    if not widget:
        raise BadParameter("The execution failed before its first step")
    own = ExecutionStep.objects.filter(execution_id=ended.id, parent_seq=None)
    last = own.order_by("-seq").first()
    if last is not None and last.name == widget and last.transitioned_to == "Ended":
        return widget, context_before(ended, last)
    # It was in the widget when it failed: there is no step of that visit, and nothing after it.
    return widget, context_at_halt(ended)
