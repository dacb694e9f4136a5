"""
The facts anew, from the events that are stored: of what ended before there were facts, or after they were lost.

A fact that is there stays as it is. What customers answered to surveys is no event, and is not made up.
"""

from __future__ import annotations

from itertools import islice
from uuid import UUID

from django.db import transaction

from reports import stories
from reports.services.record import EndedTask, Stay, record_stays, record_tasks
from routing import histories

BATCH = 200


def rebuild_facts() -> tuple[int, int]:
    """Keep the facts of all that has ended; returns how many ended tasks and left activities were looked at."""
    return _tasks(), _stays()


def _tasks() -> int:
    seen: set[UUID] = set()
    after: UUID | None = None
    while found := histories.tasks_with(sorted(stories.ENDS), after=after, limit=BATCH):
        after = found[-1][0]
        # A task that was completed is deleted later: two events of one end.
        ended = {task_id: account_id for _, account_id, task_id in found if task_id not in seen}
        seen.update(ended)
        with transaction.atomic():
            record_tasks([EndedTask(account_id, task_id) for task_id, account_id in ended.items()])
    return len(seen)


def _stays() -> int:
    count = 0
    left = histories.left_activities()
    while batch := list(islice(left, BATCH)):
        record_stays(
            Stay(each.account_id, each.worker_id, each.activity_id, each.began_at, each.ended_at) for each in batch
        )
        count += len(batch)
    return count
