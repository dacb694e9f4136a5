"""Answers to reservations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from common import ids
from common.errors import BadParameter, NotFound
from routing import events
from routing.errors import ReservationNotPending, TransitionRefused
from routing.models import Activity, Reservation, Task
from routing.services import standing, tasks
from routing.services.activities import change_activity
from routing.services.log import Log
from routing.services.seats import Seats

Status = Reservation.Status


class Answer:
    """A reservation being answered: its task and the workers around it are locked."""

    def __init__(self, reservation_id: UUID, worker_id: UUID | None, now: datetime, source: str) -> None:
        mine = Reservation.objects.filter(id=reservation_id)
        if worker_id is not None:
            mine = mine.filter(worker_id=worker_id)
        task_id = mine.values_list("task_id", flat=True).first()
        if task_id is None:
            raise NotFound("reservation")
        self.task, self.seats = tasks.lock_task(task_id)
        reservation = mine.select_related("worker").first()
        if reservation is None:
            raise NotFound("reservation")
        self.reservation = reservation
        self.now = now
        self.log = Log(self.task.workspace_id, self.task.account_id, now, source=source)

    def require_pending(self, wanted: str) -> None:
        if self.reservation.status != Status.PENDING:
            raise ReservationNotPending(self.reservation.status, wanted)

    def note(self, event_type: str, kind: type[events.RoutingHappened], *, waited: bool = False) -> None:
        worker = self.seats.workers.get(self.reservation.worker_id)
        self.log.add(event_type, task=self.task, reservation=self.reservation, worker=worker, waited=waited)
        self.log.announce(
            kind, task=self.task, reservation_id=self.reservation.id, worker_id=self.reservation.worker_id
        )

    def save(self) -> Reservation:
        self.task.version += 1
        self.task.updated_at = self.now
        self.task.save()
        self.seats.save()
        self.log.flush()
        return self.reservation


@transaction.atomic
def accept_reservation(
    *,
    reservation_id: UUID,
    worker_id: UUID | None,
    now: datetime,
    if_match: str | None = None,
    source: str = "system",
) -> Reservation:
    """
    Accept a pending reservation on behalf of the worker it was offered to.

    Locks the task, so of simultaneous accepts, of one reservation or of several for one task, exactly one
    succeeds; the other workers' offers are rescinded. ``worker_id`` None: whoever's it is.

    :raises NotFound: unknown, or offered to another worker.
    :raises ReservationNotPending: already answered, rescinded, canceled or timed out.
    """
    answer = Answer(reservation_id, worker_id, now, source)
    reservation, task = answer.reservation, answer.task
    tasks.require_version(reservation.version, if_match)
    answer.require_pending(Status.ACCEPTED)
    if reservation.expires_at <= now:
        # Its time-out is due and only not yet written.
        raise ReservationNotPending(Status.TIMEOUT, Status.ACCEPTED)
    reservation.status = Status.ACCEPTED
    reservation.accepted_at = reservation.updated_at = now
    reservation.version += 1
    reservation.save(update_fields=["status", "accepted_at", "updated_at", "version"])
    task.status = Task.Status.ASSIGNED
    task.assigned_at = now
    task.refusals = {}
    standing.stop_waiting(task)
    answer.seats.note_work(reservation.worker_id, task.channel_id, now)
    answer.note("reservation.accepted", events.ReservationAccepted, waited=True)
    standing.end_offers(task, Status.RESCINDED, now, answer.log, answer.seats, but=reservation.id)
    standing.refresh_due(task, answer.log)
    return answer.save()


@transaction.atomic
def reject_reservation(
    *,
    reservation_id: UUID,
    worker_id: UUID | None,
    now: datetime,
    activity_id: UUID | None = None,
    if_match: str | None = None,
    source: str = "system",
) -> Reservation:
    """
    Reject a pending reservation; ``activity_id`` moves the worker to that activity.

    The task is offered to another eligible worker first; to the same one after five seconds at the earliest.

    :raises NotFound: unknown, or offered to another worker; or the activity is unknown.
    :raises ReservationNotPending: already answered, rescinded, canceled or timed out.
    """
    answer = Answer(reservation_id, worker_id, now, source)
    tasks.require_version(answer.reservation.version, if_match)
    answer.require_pending(Status.REJECTED)
    give_back(answer, Status.REJECTED, "reservation.rejected", events.ReservationRejected)
    if activity_id is not None:
        activity = Activity.objects.filter(id=activity_id, workspace_id=answer.task.workspace_id).first()
        if activity is None:
            raise BadParameter(f"Activity {ids.sid('WA', activity_id)} does not exist in this workspace")
        change_activity(answer.seats, answer.reservation.worker_id, activity, now, answer.log)
    return answer.save()


def give_back(answer: Answer, status: str, event_type: str, kind: type[events.RoutingHappened]) -> None:
    """End a pending reservation without acceptance, and let its task wait again."""
    reservation, task = answer.reservation, answer.task
    standing.end_reservation(reservation, task, status, answer.now, answer.seats)
    if status == Status.REJECTED:
        standing.refuse(task, reservation.worker_id, answer.now)
    answer.note(event_type, kind)
    if task.open_reservations == 0:
        standing.return_to_pending(task, answer.now, answer.log)
    else:
        standing.wait_again(task, answer.now, answer.log)
    answer.log.bell()


@transaction.atomic
def wrap_reservation(
    *,
    reservation_id: UUID,
    worker_id: UUID | None,
    now: datetime,
    if_match: str | None = None,
    source: str = "system",
) -> Reservation:
    """
    Take an accepted reservation, and its task, to wrapping. It goes on using capacity.

    :raises NotFound: unknown, or another worker's.
    :raises TransitionRefused: not accepted.
    """
    answer = Answer(reservation_id, worker_id, now, source)
    tasks.require_version(answer.reservation.version, if_match)
    _require(answer.reservation, Status.WRAPPING, Status.ACCEPTED)
    tasks.wrap(answer.task, now, answer.log, answer.seats)
    answer.save()
    answer.reservation.refresh_from_db()
    return answer.reservation


@transaction.atomic
def complete_reservation(
    *,
    reservation_id: UUID,
    worker_id: UUID | None,
    now: datetime,
    reason: str = "",
    if_match: str | None = None,
    source: str = "system",
) -> Reservation:
    """
    Complete an accepted or wrapping reservation, and its task.

    :raises NotFound: unknown, or another worker's.
    :raises TransitionRefused: neither accepted nor wrapping.
    """
    answer = Answer(reservation_id, worker_id, now, source)
    tasks.require_version(answer.reservation.version, if_match)
    _require(answer.reservation, Status.COMPLETED, Status.ACCEPTED, Status.WRAPPING)
    answer.task.reason = reason or answer.task.reason
    tasks.complete(answer.task, now, answer.log, answer.seats)
    answer.save()
    answer.reservation.refresh_from_db()
    return answer.reservation


def time_out(task: Task, reservation: Reservation, now: datetime, log: Log, seats: Seats) -> None:
    """End an unanswered reservation; its worker goes to the workspace's time-out activity."""
    standing.end_reservation(reservation, task, Status.TIMEOUT, now, seats)
    worker = seats.workers.get(reservation.worker_id)
    log.add("reservation.timeout", task=task, reservation=reservation, worker=worker)
    log.announce(events.ReservationTimedOut, task=task, reservation_id=reservation.id, worker_id=reservation.worker_id)
    activity = task.workspace.timeout_activity
    if activity is not None and worker is not None:
        change_activity(seats, worker.id, activity, now, log)
    if task.open_reservations == 0:
        standing.return_to_pending(task, now, log)
    else:
        standing.wait_again(task, now, log)
    log.bell()


def _require(reservation: Reservation, wanted: str, *allowed: str) -> None:
    if reservation.status not in allowed:
        raise TransitionRefused(f"A reservation that is {reservation.status} cannot become {wanted}")
