"""Giving a waiting task to a worker by hand, past all rules."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from common.errors import NotFound
from routing import events
from routing.errors import TransitionRefused
from routing.models import Reservation, Task
from routing.services import standing
from routing.services.log import Log
from routing.services.seats import Seats


@transaction.atomic
def seize_task(*, task_id: UUID, worker_id: UUID, now: datetime, source: str = "system") -> Reservation:
    """
    Let a worker have a task that waits, at once: accepted, whatever their activity, capacity and queues.

    Offers to others are rescinded; of simultaneous accepts exactly one wins, as ever.

    :raises NotFound: the task is unknown, or the worker is not of its workspace.
    :raises TransitionRefused: the task does not wait any more.
    """
    locked = Task.objects.select_for_update(of=("self",)).select_related("workflow", "queue")
    task = locked.filter(id=task_id).first()
    if task is None:
        raise NotFound("task")
    held = task.reservations.filter(status__in=Reservation.HELD).values_list("worker_id", flat=True)
    seats = Seats({*held, worker_id})
    worker = seats.workers.get(worker_id)
    if worker is None or worker.workspace_id != task.workspace_id:
        raise NotFound("worker")
    if task.status not in Task.OPEN:
        raise TransitionRefused(f"A task that is {task.status} cannot be taken")
    log = Log(task.workspace_id, task.account_id, now, source=source)
    mine = task.reservations.filter(status=Reservation.Status.PENDING, worker_id=worker_id).first()
    if mine is None:
        mine = Reservation(
            account_id=task.account_id,
            workspace_id=task.workspace_id,
            task=task,
            worker=worker,
            queue_id=task.queue_id,
            expires_at=now,
            created_at=now,
        )
        seats.take(worker_id, task.channel_id)
        task.open_reservations += 1
        log.add("reservation.created", task=task, reservation=mine, worker=worker)
        log.announce(events.ReservationCreated, task=task, reservation_id=mine.id, worker_id=worker_id, expires_at=now)
    standing.end_offers(task, Reservation.Status.RESCINDED, now, log, seats, but=mine.id)
    mine.status = Reservation.Status.ACCEPTED
    mine.accepted_at = mine.updated_at = now
    mine.version += 1
    mine.save()
    task.status = Task.Status.ASSIGNED
    task.assigned_at = now
    task.refusals = {}
    standing.stop_waiting(task)
    seats.note_work(worker_id, task.channel_id, now)
    log.add("reservation.accepted", task=task, reservation=mine, worker=worker, waited=True)
    log.announce(events.ReservationAccepted, task=task, reservation_id=mine.id, worker_id=worker_id)
    standing.refresh_due(task, log)
    task.version += 1
    task.updated_at = now
    task.save()
    seats.save()
    log.flush()
    return mine
