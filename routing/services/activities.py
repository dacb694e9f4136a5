"""Workers' activities, and the queue memberships that depend on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from common.errors import BadParameter, NotFound
from routing import events
from routing.errors import PendingReservations
from routing.matching.errors import ExpressionError
from routing.matching.expressions import compile_expression
from routing.matching.matching import is_member, worker_scope
from routing.models import Activity, Reservation, Task, TaskQueue, Worker, WorkerQueueMembership
from routing.services import standing
from routing.services.log import Log
from routing.services.seats import Seats

_ACTIVITY_NAMES = frozenset({"activity_sid", "activity_name"})


@transaction.atomic
def set_activity(
    *,
    worker_id: UUID,
    activity_id: UUID,
    now: datetime,
    reject_pending: bool = False,
    source: str = "system",
) -> Worker:
    """
    Put a worker into an activity.

    With ``reject_pending`` the worker's pending reservations are rejected first (only for a non-available
    activity). Accepted reservations stay.

    :raises NotFound: the worker is unknown.
    :raises BadParameter: the activity is unknown in the worker's workspace, or rejecting does not fit it.
    :raises PendingReservations: the activity is not available and reservations are pending.
    """
    pending = Reservation.objects.filter(worker_id=worker_id, status=Reservation.Status.PENDING)
    task_ids = list(pending.values_list("task_id", flat=True)) if reject_pending else []
    locked = Task.objects.select_for_update(of=("self",)).select_related("workflow", "queue")
    tasks = {task.id: task for task in locked.filter(id__in=task_ids).order_by("id")}
    seats = Seats([worker_id])
    worker = seats.workers.get(worker_id)
    if worker is None:
        raise NotFound("worker")
    activity = Activity.objects.filter(id=activity_id, workspace_id=worker.workspace_id).first()
    if activity is None:
        raise BadParameter("The activity does not exist in this workspace")
    if activity.id == worker.activity_id:
        return worker
    if reject_pending and activity.available:
        raise BadParameter("RejectPendingReservations is allowed only for an activity that is not available")
    log = Log(worker.workspace_id, worker.account_id, now, source=source)
    if not activity.available:
        open_now = list(pending)
        if open_now and not all(reservation.task_id in tasks for reservation in open_now):
            raise PendingReservations(worker.friendly_name, len(open_now))
        for reservation in open_now:
            _reject(tasks[reservation.task_id], reservation, now, log, seats)
    change_activity(seats, worker_id, activity, now, log)
    seats.save()
    log.flush()
    return worker


def change_activity(seats: Seats, worker_id: UUID, activity: Activity, now: datetime, log: Log) -> None:
    """Put a locked worker into an activity and keep its memberships true."""
    worker = seats.workers[worker_id]
    previous = worker.activity
    if previous.id == activity.id:
        return
    began_at = worker.status_changed_at
    since = now - began_at
    seats.set_activity(worker_id, activity, now)
    log.add(
        "worker.activity.update",
        worker=worker,
        data={
            "worker_activity_name": activity.friendly_name,
            "worker_previous_activity_sid": f"WA{previous.id.hex}",
            "worker_previous_activity_name": previous.friendly_name,
            "worker_time_in_previous_activity": int(since.total_seconds()),
            "worker_time_in_previous_activity_ms": int(since.total_seconds() * 1000),
        },
    )
    log.announce(
        events.WorkerActivityChanged,
        worker_id=worker_id,
        activity_id=activity.id,
        previous_activity_id=previous.id,
        since=began_at,
    )
    # The text tells which expressions might name the activity; most workspaces have none.
    named = TaskQueue.objects.filter(workspace_id=worker.workspace_id, target_workers__contains="activity_")
    sensitive = [queue for queue in named if _sees_activity(queue)]
    if sensitive:
        update_memberships([worker], sensitive)
    if activity.available:
        log.bell()


def scope_of(worker: Worker) -> dict[str, Any]:
    """Return the names that queue expressions may use of a worker."""
    attributes: Mapping[str, Any] = json.loads(worker.attributes)
    return worker_scope(
        attributes,
        sid=worker.sid,
        friendly_name=worker.friendly_name,
        activity_sid=f"WA{worker.activity_id.hex}",
        activity_name=worker.activity.friendly_name,
    )


def update_memberships(workers: Iterable[Worker], queues: Iterable[TaskQueue]) -> set[UUID]:
    """
    Make the memberships of these workers in these queues true.

    Returns the workers that joined a queue.
    """
    workers, queues = list(workers), list(queues)
    rows = WorkerQueueMembership.objects.filter(queue__in=queues)
    if len(workers) < 100:
        rows = rows.filter(worker__in=workers)
    known = {(row.queue_id, row.worker_id): row.id for row in rows}
    wanted: set[tuple[UUID, UUID]] = set()
    for worker in workers:
        scope = scope_of(worker)
        wanted.update((queue.id, worker.id) for queue in queues if _takes(queue, scope))
    mine = {worker.id for worker in workers}
    gone = [row for key, row in known.items() if key not in wanted and key[1] in mine]
    if gone:
        WorkerQueueMembership.objects.filter(id__in=gone).delete()
    added = sorted(wanted - known.keys())
    WorkerQueueMembership.objects.bulk_create(
        [WorkerQueueMembership(queue_id=queue, worker_id=worker) for queue, worker in added],
        ignore_conflicts=True,
        batch_size=5000,
    )
    return {worker for _, worker in added}


def _takes(queue: TaskQueue, scope: Mapping[str, Any]) -> bool:
    try:
        return is_member(queue.target_workers, scope)
    except ExpressionError:
        return False  # expressions are checked before they are stored


def _sees_activity(queue: TaskQueue) -> bool:
    try:
        references = compile_expression(queue.target_workers).references if queue.target_workers.strip() else ()
    except ExpressionError:
        return False
    return any(_ACTIVITY_NAMES & {str(key) for key in reference.path[:2]} for reference in references)


def _reject(task: Task, reservation: Reservation, now: datetime, log: Log, seats: Seats) -> None:
    standing.end_reservation(reservation, task, Reservation.Status.REJECTED, now, seats)
    standing.refuse(task, reservation.worker_id, now)
    worker = seats.workers[reservation.worker_id]
    log.add("reservation.rejected", task=task, reservation=reservation, worker=worker)
    log.announce(events.ReservationRejected, task=task, reservation_id=reservation.id, worker_id=worker.id)
    if task.open_reservations == 0:
        standing.return_to_pending(task, now, log)
    else:
        standing.wait_again(task, now, log)
    task.version += 1
    task.updated_at = now
    task.save()
