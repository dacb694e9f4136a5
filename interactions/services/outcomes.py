"""What a worker says came of a contact."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from common.errors import BadParameter
from interactions.models import Invite

MAX_OUTCOME = 200  # characters


def record_outcome(*, task_id: UUID, outcome: str, now: datetime) -> bool:
    """
    Keep what the worker named as the result; it is told with the end of the hand-over.

    Returns whether the task belongs to an interaction.

    :raises BadParameter: longer than 200 characters.
    """
    if len(outcome) > MAX_OUTCOME:
        raise BadParameter(f"The outcome must have at most {MAX_OUTCOME} characters")
    return bool(Invite.objects.filter(task_id=task_id).update(outcome=outcome, updated_at=now))
