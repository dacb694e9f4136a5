"""
Time: reservations, targets, tasks and rejections that run out.

When something is due is a column of the task or reservation it happens to; an outbox entry per
moment wakes somebody up then. So an entry too many does nothing, and after a downtime everything
that was due in between happens in the order in which it was due.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from common import outbox
from routing.models import Reservation, Task, Workspace
from routing.services import lines, reservations, standing, tasks
from routing.services.floor import LOOK_AHEAD, lock_one_workspace
from routing.services.log import TIMER, Log
from routing.services.seats import Seats

BATCH = 100  # tasks handled in one transaction
RETRY = timedelta(seconds=1)


def drain(now: datetime) -> int:
    """Do what is due in one workspace; part of the outbox's topic ``routing.timer``."""
    with transaction.atomic():
        alarms = outbox.claim(topic=TIMER, now=now, limit=LOOK_AHEAD, lock=lock_one_workspace)
        if not alarms:
            return 0
        outbox.done([alarm.id for alarm in alarms])
        workspace = Workspace.objects.filter(id=alarms[0].key).first()
        if workspace is not None:
            _run_due(workspace, now)
    return len(alarms)


@transaction.atomic
def run_due(*, workspace_id: UUID, now: datetime) -> int:
    """
    Do what is due in a workspace, up to a bounded number of tasks; return how many were handled.

    What is left over wakes somebody up again.
    """
    workspace = Workspace.objects.select_for_update(skip_locked=True).filter(id=workspace_id).first()
    if workspace is None:
        return 0
    return _run_due(workspace, now)


def _run_due(workspace: Workspace, now: datetime) -> int:
    due_tasks = Task.objects.filter(workspace=workspace, due_at__lte=now).order_by("due_at")
    unanswered = Reservation.objects.filter(
        workspace=workspace, status=Reservation.Status.PENDING, expires_at__lte=now
    ).order_by("expires_at")
    wanted = {*due_tasks.values_list("id", flat=True)[:BATCH], *unanswered.values_list("task_id", flat=True)[:BATCH]}
    if not wanted:
        return 0
    locked = Task.objects.filter(id__in=wanted).select_for_update(skip_locked=True, of=("self",))
    found = list(locked.select_related("workflow", "queue").order_by("id"))
    log = Log.of(workspace, now)
    if len(found) < len(wanted):
        log.wake_at(now + RETRY)  # somebody is busy with the others
    if len(wanted) >= BATCH:
        log.wake_at(now)
    held = Reservation.objects.filter(task__in=found, status__in=Reservation.HELD)
    by_task: dict[UUID, list[Reservation]] = defaultdict(list)
    for reservation in held:
        by_task[reservation.task_id].append(reservation)
    seats = Seats(each.worker_id for each in held)
    has_deleted = False
    for task in found:
        task.workspace = workspace
        if run_task(task, by_task[task.id], now, log, seats):
            task.version += 1
            task.updated_at = now
            task.save()
        else:
            has_deleted = True
    seats.save()
    log.flush()
    if has_deleted:
        lines.drop_unused(workspace_id=workspace.id, now=now)
    return len(found)


def run_task(task: Task, held: list[Reservation], now: datetime, log: Log, seats: Seats) -> bool:
    """Do all that is due to one locked task, oldest first; return False where that was its deletion."""
    while True:
        due = sorted(_due(task, held, now), key=lambda each: each[0])
        if not due:
            standing.refresh_due(task, log)
            return True
        _, kind, reservation = due[0]
        match kind:
            case "reservation" if reservation is not None:
                held.remove(reservation)
                reservations.time_out(task, reservation, now, log, seats)
            case "ttl":
                held.clear()
                standing.cancel(task, standing.TTL_REASON, now, log, seats)
            case "step":
                standing.move_on(task, now, log, skipped=False)
            case "hours":
                standing.wait_again(task, now, log)
            case "hold":
                standing.release_holds(task, now, log)
            case "assigned":
                log.add("task.system-deleted", task=task)
                task.reason = "Task was assigned for more than 24 hours"
                tasks.release_and_delete(task, now, log, seats)
                return False
            case "ended":
                task.delete()
                return False


def _due(task: Task, held: list[Reservation], now: datetime) -> Iterator[tuple[datetime, str, Reservation | None]]:
    for reservation in held:
        if reservation.status == Reservation.Status.PENDING and reservation.expires_at <= now:
            yield reservation.expires_at, "reservation", reservation
    for moment, kind in standing.dues(task):
        # A target that was just entered is tried before its time-out is applied, however late it is.
        if moment <= now and not (kind == "step" and task.is_fresh):
            yield moment, kind, None
