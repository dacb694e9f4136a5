"""Who takes tasks, how much of each kind, and by which queues."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common import ids
from routing.models.setup import Activity, Row, TaskChannel, TaskQueue, Workspace


class Worker(Row):
    """
    Someone who takes tasks.

    ``open_count`` counts reservations that are pending, accepted or wrapping.
    ``is_stirred`` asks for an assignment: the worker may now take what it could not before.
    ``capacity_units`` bounds what it holds on all channels together, in their units; 0 is no such bound.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="workers")
    friendly_name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=120)
    attributes = models.TextField(default="{}")
    activity = models.ForeignKey(Activity, on_delete=models.RESTRICT, related_name="workers")
    available = models.BooleanField(default=False)
    status_changed_at = models.DateTimeField()
    idle_since = models.DateTimeField()
    open_count = models.IntegerField(default=0)
    capacity_units = models.IntegerField(default=0)
    is_stirred = models.BooleanField(default=False)
    version = models.IntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(fields=("workspace", "id"), name="worker_stirred", condition=Q(is_stirred=True)),
            models.Index(
                fields=("workspace", "open_count", "idle_since"),
                name="worker_idlest",
                condition=Q(available=True),
            ),
        )
        constraints = (models.UniqueConstraint(fields=("workspace", "name_key"), name="worker_unique_name"),)

    @property
    def sid(self) -> str:
        return ids.sid("WK", self.id)


class WorkerChannel(Row):
    """
    A worker's seat on a task channel; ``is_free`` is kept: may take one more task now.

    ``units`` are the channel's, kept here too, so that whoever has a worker's seats knows them.
    """

    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="channels")
    task_channel = models.ForeignKey(TaskChannel, on_delete=models.CASCADE, related_name="+")
    configured_capacity = models.IntegerField(default=1)
    units = models.IntegerField(default=1)
    assigned_tasks = models.IntegerField(default=0)
    available = models.BooleanField(default=True)
    is_free = models.BooleanField(default=False)
    idle_since = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("task_channel", "worker"), name="worker_channel_free", condition=Q(is_free=True)),
        )
        constraints = (
            models.UniqueConstraint(fields=("worker", "task_channel"), name="worker_channel_once"),
            models.CheckConstraint(condition=Q(assigned_tasks__gte=0), name="worker_channel_counts_up"),
        )

    @property
    def sid(self) -> str:
        return ids.sid("WC", self.id)


class WorkerQueueMembership(models.Model):
    """The queue's expression matches the worker; kept up to date when either changes."""

    queue = models.ForeignKey(TaskQueue, on_delete=models.CASCADE, related_name="memberships")
    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("queue", "worker"), name="membership_once"),)
