"""What happened, and why."""

from __future__ import annotations

from django.db import models

from common import ids
from common.fields import JsonTextField
from routing.models.setup import Workspace
from routing.models.tasks import Task


class RoutingEvent(models.Model):
    """
    One thing that happened; what ``/Events`` lists and cumulative statistics count.

    ``data`` holds the event's documented fields as strings. Ids stay after their rows are deleted.
    ``wait_seconds`` is the task's age, ``queue_wait_seconds`` its time in the queue.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="events")
    event_type = models.CharField(max_length=40)
    description = models.TextField(default="")
    resource_type = models.CharField(max_length=20)
    resource_id = models.UUIDField()
    actor_type = models.CharField(max_length=20, default="workspace")
    actor_id = models.UUIDField(null=True)
    source = models.CharField(max_length=20, default="system")
    occurred_at = models.DateTimeField()
    task_id = models.UUIDField(null=True)
    reservation_id = models.UUIDField(null=True)
    worker_id = models.UUIDField(null=True)
    queue_id = models.UUIDField(null=True)
    workflow_id = models.UUIDField(null=True)
    channel_id = models.UUIDField(null=True)
    wait_seconds = models.FloatField(null=True)
    queue_wait_seconds = models.FloatField(null=True)
    data = JsonTextField(default=dict)

    class Meta:
        indexes = (
            models.Index(fields=("workspace", "occurred_at", "event_type"), name="event_window"),
            models.Index(fields=("task_id",), name="event_of_task"),
            models.Index(fields=("worker_id", "event_type", "occurred_at"), name="event_of_worker"),
        )


class AssignmentAttempt(models.Model):
    """
    One decision about one task, with its reasons.

    ``outcome``: reserved, waiting (nobody could take it), skipped, timed_out, canceled, callback (an assignment
    callback had no effect, and why).
    ``candidates``: ``[{worker, name, verdict, rank?}]``, at most a bounded number of them;
    ``counts``: how many workers got each verdict, of all that were looked at.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="attempts")
    queue_id = models.UUIDField(null=True)
    step_filter = models.IntegerField(null=True)
    step_target = models.IntegerField(default=0)
    outcome = models.CharField(max_length=12)
    explanation = models.TextField(default="")
    candidates = JsonTextField(default=list)
    counts = JsonTextField(default=dict)
    attempted_at = models.DateTimeField()
