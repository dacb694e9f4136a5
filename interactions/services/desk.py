"""A worker's answer to an offer, and what follows from it for the conversation, at once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from common.errors import BadParameter
from interactions.models import Invite
from interactions.services.outcomes import record_outcome
from interactions.services.progress import TaskNews, follow_tasks
from routing import services as routing

_ACTS = {
    "accepted": routing.accept_reservation,
    "rejected": routing.reject_reservation,
    "wrapping": routing.wrap_reservation,
    "completed": routing.complete_reservation,
}
ANSWERS = tuple(_ACTS)


def answer_reservation(
    *, reservation_id: UUID, worker_id: UUID, status: str, now: datetime, outcome: str | None = None
) -> None:
    """
    Bring the worker's own reservation to ``status``, one of ``ANSWERS``; ``outcome`` is kept with the task.

    The conversation follows before this returns, so that the worker can write at once. A crash in between leaves it to
    the outbox, which finds the same news there.

    :raises NotFound: unknown, or another worker's.
    :raises ReservationNotPending, TransitionRefused: it is not in a state that allows this.
    :raises BadParameter: unknown status; the outcome is too long.
    """
    act = _ACTS.get(status)
    if act is None:
        raise BadParameter(f"status must be one of {', '.join(ANSWERS)}")
    # One commit: whoever follows the task finds its outcome.
    with transaction.atomic():
        row = act(reservation_id=reservation_id, worker_id=worker_id, now=now)
        if outcome is not None:
            record_outcome(task_id=row.task_id, outcome=outcome, now=now)
    if status == "rejected":
        return
    news = TaskNews(
        task_id=row.task_id, status=Invite.Status(status), worker_id=worker_id, reservation_id=reservation_id
    )
    follow_tasks([news], now=now)
