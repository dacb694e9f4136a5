"""A worker's answer to an offer, and what follows from it for the conversation, at once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from common.errors import ApiError, BadParameter
from interactions.models import Invite
from interactions.services import transfer_states, wrapup
from interactions.services.outcomes import record_outcome
from interactions.services.policies import rules_of
from interactions.services.progress import TaskNews, follow_tasks
from routing import queries as routing_queries
from routing import services as routing

_ACTS = {
    "accepted": routing.accept_reservation,
    "rejected": routing.reject_reservation,
    "wrapping": routing.wrap_reservation,
    "completed": routing.complete_reservation,
}
ANSWERS = tuple(_ACTS)


def answer_reservation(
    *,
    reservation_id: UUID,
    worker_id: UUID,
    status: str,
    now: datetime,
    outcome: str | None = None,
    notes: wrapup.Notes | None = None,
) -> None:
    """
    Bring the worker's own reservation to ``status``, one of ``ANSWERS``; ``outcome`` is kept with the task.

    The conversation follows before this returns, so that the worker can write at once. A crash in between leaves it to
    the outbox, which finds the same news there. Completing obeys the wrap-up rules of the task's queue.

    :raises NotFound: unknown, or another worker's.
    :raises ReservationNotPending, TransitionRefused: it is not in a state that allows this.
    :raises BadParameter: unknown status; the outcome or a note is no good.
    :raises WrapUpMissing, Conflict: the queue's wrap-up is not done, or must not end yet.
    """
    act = _ACTS.get(status)
    if act is None:
        raise BadParameter(f"status must be one of {', '.join(ANSWERS)}")
    # One commit: whoever follows the task finds its outcome.
    with transaction.atomic():
        if status == "completed":
            _finish(reservation_id, worker_id, notes, now)
        row = act(reservation_id=reservation_id, worker_id=worker_id, now=now)
        if outcome is not None:
            record_outcome(task_id=row.task_id, outcome=outcome, now=now)
    if status == "rejected":
        withdraw_declined(task_id=row.task_id, worker_id=worker_id, reason=transfer_states.DECLINED, now=now)
        return
    news = TaskNews(
        task_id=row.task_id, status=Invite.Status(status), worker_id=worker_id, reservation_id=reservation_id
    )
    follow_tasks([news], now=now)


def withdraw_declined(*, task_id: UUID, worker_id: UUID | None, reason: str, now: datetime) -> bool:
    """
    End the task of an invite that was meant for one worker, who declined or did not answer. Returns whether it did.

    Tasks for anybody go on to the next worker by themselves.
    """
    meant = Invite.objects.filter(task_id=task_id, status=Invite.Status.PENDING, target_worker_id__isnull=False)
    invite = meant.filter(target_worker_id=worker_id).first()
    if invite is None:
        return False
    try:
        routing.cancel_task(task_id=task_id, reason=reason, now=now)
    except ApiError:
        # It was offered once more and accepted at this moment, or is gone: what became of it is told elsewhere.
        return False
    follow_tasks([TaskNews(task_id=task_id, status=Invite.Status.CANCELED, reason=reason)], now=now)
    return True


def accept_by_itself(*, reservation_id: UUID, now: datetime) -> bool:
    """
    Accept an offer on behalf of its worker where the task says ``auto_answer``, or its queue does.

    Returns whether it was accepted; an offer that is over stays as it is.
    """
    row = routing_queries.reservation(reservation_id)
    if row is None or row.status != "pending":
        return False
    if not transfer_states.answers_itself(row.task.attributes):
        queue_id = row.queue_id or row.task.queue_id
        if not rules_of(row.account_id, queue_id).auto_accept:
            return False
    try:
        answer_reservation(reservation_id=row.id, worker_id=row.worker_id, status="accepted", now=now)
    except ApiError:
        return False
    return True


def end_wrap_up(*, task_id: UUID, now: datetime) -> bool:
    """Complete a task whose wrap-up's time is over. Returns whether it did."""
    if not wrapup.is_over(task_id, now):
        return False
    try:
        with transaction.atomic():
            routing.lock_task(task_id)
            wrapup.end_by_timer(task_id, now)
            routing.complete_task(task_id=task_id, reason=wrapup.OVER, now=now)
    except ApiError:
        # Somebody ended the task otherwise: nothing is left to wrap up.
        wrapup.end_by_timer(task_id, now)
    follow_tasks([TaskNews(task_id=task_id, status=Invite.Status.COMPLETED, reason=wrapup.OVER)], now=now)
    return True


def _finish(reservation_id: UUID, worker_id: UUID, notes: wrapup.Notes | None, now: datetime) -> None:
    found = routing_queries.reservations_of(worker_id, [reservation_id])
    if not found:
        return
    (row,) = found
    # The task first, as everywhere: then what is noted about it.
    routing.lock_task(row.task_id)
    if row.status not in ("accepted", "wrapping"):
        return
    if not Invite.objects.filter(task_id=row.task_id).exists():
        return
    queue_id = row.queue_id or row.task.queue_id
    wrapup.finish(account_id=row.account_id, task_id=row.task_id, queue_id=queue_id, notes=notes, now=now)
