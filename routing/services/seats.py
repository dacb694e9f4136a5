"""The workers touched by one change: locked together, changed together, written at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from common.bulk import update_many
from routing.models import Activity, Worker, WorkerChannel


class Seats:
    """
    Locked workers and their channels.

    Locks in the order of ids, so two changes never wait for each other. With
    ``wait`` false, workers that somebody else holds are left out.
    """

    def __init__(self, worker_ids: Iterable[UUID], *, wait: bool = True) -> None:
        wanted = Worker.objects.filter(id__in=set(worker_ids)).order_by("id")
        locked = wanted.select_for_update(skip_locked=not wait)
        self.workers = {worker.id: worker for worker in locked}
        found = WorkerChannel.objects.filter(worker_id__in=self.workers)
        self.channels = {(each.worker_id, each.task_channel_id): each for each in found}
        self._changed: set[UUID] = set()
        self._changed_channels: set[tuple[UUID, UUID]] = set()

    def take(self, worker_id: UUID, channel_id: UUID) -> None:
        """Count one more open reservation."""
        self.workers[worker_id].open_count += 1
        self._changed.add(worker_id)
        channel = self.channels.get((worker_id, channel_id))
        if channel is not None:
            channel.assigned_tasks += 1
            self._touch(channel)

    def free(self, worker_id: UUID, channel_id: UUID, now: datetime, *, worked: bool) -> None:
        """Count one less; ``worked`` tells that it had been accepted, so that idleness begins anew."""
        worker = self.workers.get(worker_id)
        if worker is None:
            return
        worker.open_count = max(0, worker.open_count - 1)
        worker.is_stirred = True
        self._changed.add(worker_id)
        channel = self.channels.get((worker_id, channel_id))
        if channel is not None:
            channel.assigned_tasks = max(0, channel.assigned_tasks - 1)
            self._touch(channel)
        if worked:
            self.note_work(worker_id, channel_id, now)

    def note_work(self, worker_id: UUID, channel_id: UUID, now: datetime) -> None:
        """Begin the worker's idleness anew."""
        self.workers[worker_id].idle_since = now
        self._changed.add(worker_id)
        channel = self.channels.get((worker_id, channel_id))
        if channel is not None:
            channel.idle_since = now
            self._touch(channel)

    def set_activity(self, worker_id: UUID, activity: Activity, now: datetime) -> None:
        worker = self.workers[worker_id]
        worker.activity = activity
        worker.available = activity.available
        worker.status_changed_at = now
        worker.updated_at = now
        worker.version += 1
        worker.is_stirred = worker.is_stirred or activity.available
        self._changed.add(worker_id)
        self.refresh(worker_id)

    def refresh(self, worker_id: UUID) -> None:
        """Recompute which channels of a worker are free."""
        for (owner, _), channel in self.channels.items():
            if owner == worker_id:
                self._touch(channel)

    def stir(self, worker_ids: Iterable[UUID], *, stirred: bool = True) -> None:
        for worker_id in worker_ids:
            self.workers[worker_id].is_stirred = stirred
            self._changed.add(worker_id)

    def save(self) -> None:
        """Write what has changed."""
        update_many(
            Worker,
            (
                "activity",
                "available",
                "status_changed_at",
                "idle_since",
                "open_count",
                "is_stirred",
                "version",
                "updated_at",
            ),
            {
                worker_id: (
                    worker.activity_id,
                    worker.available,
                    worker.status_changed_at,
                    worker.idle_since,
                    worker.open_count,
                    worker.is_stirred,
                    worker.version,
                    worker.updated_at,
                )
                for worker_id, worker in ((key, self.workers[key]) for key in sorted(self._changed))
            },
        )
        changed = [self.channels[key] for key in sorted(self._changed_channels)]
        update_many(
            WorkerChannel,
            ("assigned_tasks", "configured_capacity", "available", "is_free", "idle_since", "updated_at"),
            {
                each.id: (
                    each.assigned_tasks,
                    each.configured_capacity,
                    each.available,
                    each.is_free,
                    each.idle_since,
                    each.updated_at,
                )
                for each in changed
            },
        )
        self._changed.clear()
        self._changed_channels.clear()

    def has_room(self, channel: WorkerChannel) -> bool:
        """Tell whether a worker may take one more task on a channel: its own capacity, and the shared one."""
        worker = self.workers[channel.worker_id]
        if not (worker.available and channel.available and channel.assigned_tasks < channel.configured_capacity):
            return False
        return worker.capacity_units == 0 or self._used(worker.id) + channel.units <= worker.capacity_units

    def _used(self, worker_id: UUID) -> int:
        mine = (seat for (owner, _), seat in self.channels.items() if owner == worker_id)
        return sum(seat.assigned_tasks * seat.units for seat in mine)

    def _touch(self, channel: WorkerChannel) -> None:
        worker_id = channel.worker_id
        touched = [channel]
        if self.workers[worker_id].capacity_units:
            # What one channel takes, the others do not have.
            touched = [seat for (owner, _), seat in self.channels.items() if owner == worker_id]
        for seat in touched:
            seat.is_free = self.has_room(seat)
            self._changed_channels.add((worker_id, seat.task_channel_id))
