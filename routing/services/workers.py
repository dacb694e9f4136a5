"""Writes of workers and their channels."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from common.errors import BadParameter, NotFound
from routing.errors import InUse
from routing.models import (
    Activity,
    Reservation,
    TaskChannel,
    TaskQueue,
    Worker,
    WorkerChannel,
    Workspace,
)
from routing.services import activities
from routing.services.log import Log
from routing.services.seats import Seats
from routing.services.tasks import attributes_text, require_version

DUPLICATE = "Worker with the same friendly name already exists"


def lock_workspace(workspace_id: UUID) -> Workspace:
    """
    Lock a workspace against other changes of what queue memberships are made of, and against assigning.

    :raises NotFound: no such workspace.
    """
    workspace = Workspace.objects.select_for_update().filter(id=workspace_id).first()
    if workspace is None:
        raise NotFound("workspace")
    return workspace


@transaction.atomic
def create_worker(
    *,
    account_id: UUID,
    friendly_name: str,
    attributes: dict[str, Any] | str | None = None,
    now: datetime,
    workspace_id: UUID | None = None,
    activity_id: UUID | None = None,
    capacity_units: int = 0,
    source: str = "system",
) -> Worker:
    """
    Create a worker, in the account's default workspace and the workspace's default activity unless told otherwise.

    :raises NotFound: the workspace is unknown in this account.
    :raises BadParameter: the name is empty, too long or taken (in any case); the activity is unknown.
    """
    mine = Workspace.objects.filter(account_id=account_id)
    workspace = (mine.filter(id=workspace_id) if workspace_id else mine.filter(is_default=True)).first()
    if workspace is None:
        raise NotFound("workspace")
    workspace = lock_workspace(workspace.id)
    activity = _activity(workspace, activity_id or workspace.default_activity_id)
    worker = Worker(
        account_id=account_id,
        workspace=workspace,
        attributes=attributes_text(attributes or {}),
        activity=activity,
        available=activity.available,
        status_changed_at=now,
        idle_since=now,
        is_stirred=activity.available,
        capacity_units=capacity_units,
        created_at=now,
        updated_at=now,
    )
    _rename(worker, friendly_name)
    worker.save(force_insert=True)
    WorkerChannel.objects.bulk_create(
        new_channel(worker, channel, now) for channel in workspace.task_channels.order_by("id")
    )
    activities.update_memberships([worker], TaskQueue.objects.filter(workspace=workspace))
    log = Log.of(workspace, now, source=source)
    log.add("worker.created", worker=worker)
    if worker.available:
        log.bell()
    log.flush()
    return worker


@transaction.atomic
def update_worker(
    *,
    worker_id: UUID,
    now: datetime,
    friendly_name: str | None = None,
    attributes: dict[str, Any] | str | None = None,
    activity_id: UUID | None = None,
    capacity_units: int | None = None,
    reject_pending: bool = False,
    if_match: str | None = None,
    source: str = "system",
) -> Worker:
    """
    Change a worker; its queue memberships follow its attributes and name.

    :raises NotFound: unknown.
    :raises BadParameter: the name is taken, the attributes are no object, the activity is unknown.
    :raises PreconditionFailed: ``if_match`` is not the stored version.
    """
    found = Worker.objects.filter(id=worker_id).values_list("workspace_id", "version").first()
    if found is None:
        raise NotFound("worker")
    if friendly_name is not None or attributes is not None:
        lock_workspace(found[0])
    elif if_match is not None:
        require_version(found[1], if_match)
    if activity_id is not None:
        # First, because it locks tasks, which come before workers.
        if if_match is not None:
            require_version(Worker.objects.values_list("version", flat=True).get(id=worker_id), if_match)
        activities.set_activity(
            worker_id=worker_id,
            activity_id=activity_id,
            now=now,
            reject_pending=reject_pending,
            source=source,
        )
    if capacity_units is not None:
        _bound(worker_id, capacity_units, now, source)
    worker = Worker.objects.select_for_update(of=("self",)).select_related("activity").filter(id=worker_id).first()
    if worker is None:
        raise NotFound("worker")
    if if_match is not None and activity_id is None:
        require_version(worker.version, if_match)
    if friendly_name is None and attributes is None:
        return worker
    if friendly_name is not None:
        _rename(worker, friendly_name)
    if attributes is not None:
        worker.attributes = attributes_text(attributes)
    worker.version += 1
    worker.updated_at = now
    worker.is_stirred = worker.is_stirred or worker.available
    worker.save(update_fields=["friendly_name", "name_key", "attributes", "version", "updated_at", "is_stirred"])
    activities.update_memberships([worker], TaskQueue.objects.filter(workspace_id=worker.workspace_id))
    log = Log(worker.workspace_id, worker.account_id, now, source=source)
    if attributes is not None:
        log.add("worker.attributes.update", worker=worker)
    if worker.available:
        log.bell()
    log.flush()
    return worker


@transaction.atomic
def delete_worker(*, worker_id: UUID, now: datetime, if_match: str | None = None, source: str = "system") -> None:
    """
    Delete a worker.

    :raises NotFound: unknown.
    :raises InUse: it holds reservations.
    """
    worker = Worker.objects.select_for_update().filter(id=worker_id).first()
    if worker is None:
        raise NotFound("worker")
    require_version(worker.version, if_match)
    held = worker.reservations.filter(status__in=Reservation.HELD).count()
    if held:
        raise InUse(f"Worker {worker.friendly_name} cannot be deleted while it has {held} open reservations")
    log = Log(worker.workspace_id, worker.account_id, now, source=source)
    log.add("worker.deleted", worker=worker)
    worker.delete()
    log.flush()


@transaction.atomic
def update_worker_channel(
    *,
    worker_channel_id: UUID,
    now: datetime,
    capacity: int | None = None,
    available: bool | None = None,
    source: str = "system",
) -> WorkerChannel:
    """
    Change a worker's capacity on a channel, or switch the channel on or off for it.

    A capacity below what is assigned now is allowed: nothing new comes until it has gone down.

    :raises NotFound: unknown.
    """
    worker_id = WorkerChannel.objects.filter(id=worker_channel_id).values_list("worker_id", flat=True).first()
    if worker_id is None:
        raise NotFound("worker channel")
    seats = Seats([worker_id])
    channel = next((each for each in seats.channels.values() if each.id == worker_channel_id), None)
    if channel is None:
        raise NotFound("worker channel")
    worker = seats.workers[worker_id]
    log = Log(worker.workspace_id, worker.account_id, now, source=source)
    before = channel.configured_capacity
    if available is not None and available != channel.available:
        channel.available = available
        log.add("worker.channel.availability.update", worker=worker, data=_told(channel, before))
    if capacity is not None and capacity != before:
        channel.configured_capacity = capacity
        log.add("worker.capacity.update", worker=worker, data=_told(channel, before))
    channel.updated_at = now
    seats.refresh(worker_id)
    if worker.available:
        seats.stir([worker_id])
        log.bell()
    seats.save()
    log.flush()
    return channel


def _bound(worker_id: UUID, units: int, now: datetime, source: str) -> None:
    """Change what a worker may hold on all channels together; 0 is no bound."""
    seats = Seats([worker_id])
    worker = seats.workers.get(worker_id)
    if worker is None:
        raise NotFound("worker")
    if worker.capacity_units == units:
        return
    Worker.objects.filter(id=worker_id).update(capacity_units=units, updated_at=now)
    worker.capacity_units, worker.updated_at = units, now
    worker.version += 1
    seats.refresh(worker_id)
    seats.stir([worker_id])
    seats.save()
    log = Log(worker.workspace_id, worker.account_id, now, source=source)
    log.bell()
    log.flush()


def change_units(channel: TaskChannel, now: datetime) -> None:
    """Have every worker's seat on a channel count its tasks by the channel's units; the workspace is locked."""
    WorkerChannel.objects.filter(task_channel=channel).update(units=channel.units)
    bounded = Worker.objects.filter(workspace_id=channel.workspace_id, capacity_units__gt=0)
    seats = Seats(bounded.values_list("id", flat=True))
    log = Log(channel.workspace_id, channel.account_id, now)
    for worker_id, worker in seats.workers.items():
        seats.refresh(worker_id)
        if worker.available:
            seats.stir([worker_id])
            log.bell()
    seats.save()
    log.flush()


def new_channel(worker: Worker, channel: TaskChannel, now: datetime) -> WorkerChannel:
    """Return a worker's seat on a channel, unsaved."""
    return WorkerChannel(
        account_id=worker.account_id,
        worker=worker,
        task_channel=channel,
        configured_capacity=channel.default_capacity,
        units=channel.units,
        is_free=worker.available and channel.default_capacity > 0 and _fits(worker, channel),
        idle_since=worker.idle_since,
        created_at=now,
        updated_at=now,
    )


def _fits(worker: Worker, channel: TaskChannel) -> bool:
    if worker.capacity_units == 0:
        return True
    used = sum(seat.assigned_tasks * seat.units for seat in worker.channels.all())
    return used + channel.units <= worker.capacity_units


def _rename(worker: Worker, friendly_name: str) -> None:
    name = friendly_name.strip()
    if not name or len(name) > 120:
        raise BadParameter("FriendlyName must have 1 to 120 characters")
    worker.friendly_name, worker.name_key = name, name.lower()
    same = Worker.objects.filter(workspace_id=worker.workspace_id, name_key=worker.name_key)
    # The workspace is locked, so nobody takes the name between this look and the write.
    if same.exclude(id=worker.id).exists():
        raise BadParameter(DUPLICATE)


def _activity(workspace: Workspace, activity_id: UUID | None) -> Activity:
    found = Activity.objects.filter(id=activity_id, workspace=workspace).first()
    if found is None:
        raise BadParameter("The activity does not exist in this workspace")
    return found


def _told(channel: WorkerChannel, before: int) -> dict[str, object]:
    return {
        "worker_channel_available": channel.available,
        "worker_channel_available_capacity": max(0, channel.configured_capacity - channel.assigned_tasks),
        "worker_channel_previous_capacity": before,
        "worker_channel_task_count": channel.assigned_tasks,
        "task_channel_sid": f"TC{channel.task_channel_id.hex}",
        "task_channel_unique_name": channel.task_channel.unique_name,
    }
