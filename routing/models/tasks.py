"""The work itself, the lines it waits in, and to whom it is offered."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from common import ids
from common.fields import JsonTextField
from routing.models.setup import Row, TaskChannel, TaskQueue, Workflow, Workspace
from routing.models.workers import Worker


class WaitingLine(models.Model):
    """
    What waiting tasks ask of a worker; tasks of one line are interchangeable but for their order.

    So only the first task of a line need be looked at. ``demand`` is the whole of it:
    ``{expression, task, order_by: [[path, descending]], only_worker, ignore_capacity, refused: [ids]}``;
    ``digest`` is its hash together with queue and channel. ``is_volatile``: its expression looks at workloads,
    so that an assignment may change who matches.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="lines")
    queue = models.ForeignKey(TaskQueue, on_delete=models.CASCADE, null=True, related_name="lines")
    channel = models.ForeignKey(TaskChannel, on_delete=models.CASCADE, related_name="+")
    only_worker_id = models.UUIDField(null=True)
    demand = JsonTextField()
    digest = models.CharField(max_length=64)
    is_volatile = models.BooleanField(default=False, db_default=False)
    used_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("workspace",), name="line_volatile", condition=Q(is_volatile=True)),
            models.Index(
                fields=("only_worker_id",),
                name="line_of_one_worker",
                condition=Q(only_worker_id__isnull=False),
            ),
        )
        constraints = (models.UniqueConstraint(fields=("workspace", "digest"), name="line_once"),)


class Task(Row):
    """
    A unit of work.

    ``is_waiting``: may be offered to somebody (pending, or reserved by fewer workers than its
    queue allows). ``is_fresh``: has not been judged since it began to wait.
    ``is_entering``: the same, in a target it has just entered, whose ``skip_if`` is still to be asked.
    ``is_solo``: is not interchangeable with others of its line, because of who holds or refused it.
    ``rank`` orders tasks of one priority, smallest first: microseconds of ``virtual_start_at``, negated
    in a LIFO queue. ``due_at`` is the next moment at which time alone changes something.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        RESERVED = "reserved"
        ASSIGNED = "assigned"
        WRAPPING = "wrapping"
        COMPLETED = "completed"
        CANCELED = "canceled"

    OPEN = (Status.PENDING, Status.RESERVED)
    ENDED = (Status.COMPLETED, Status.CANCELED)

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="tasks")
    workflow = models.ForeignKey(Workflow, on_delete=models.SET_NULL, null=True, related_name="tasks")
    queue = models.ForeignKey(TaskQueue, on_delete=models.SET_NULL, null=True, related_name="tasks")
    channel = models.ForeignKey(TaskChannel, on_delete=models.RESTRICT, related_name="tasks")
    attributes = models.TextField(default="{}")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PENDING)
    priority = models.IntegerField(default=0)
    timeout_seconds = models.IntegerField(default=86_400)
    reason = models.TextField(default="")
    virtual_start_at = models.DateTimeField()
    queue_entered_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    routing_target = models.CharField(max_length=34, default="")
    ignore_capacity = models.BooleanField(default=False)
    only_worker_id = models.UUIDField(null=True)

    # Where it stands in its workflow; step_filter None: nowhere (put into a queue or to a worker directly)
    step_filter = models.IntegerField(null=True)
    step_target = models.IntegerField(default=0)
    step_base_seconds = models.IntegerField(default=0)
    step_timed_out = models.BooleanField(default=False)
    step_due_at = models.DateTimeField(null=True)
    # When the opening hours that its target asks about change next
    hours_change_at = models.DateTimeField(null=True)

    line = models.ForeignKey(WaitingLine, on_delete=models.SET_NULL, null=True, related_name="tasks")
    rank = models.BigIntegerField(default=0)
    is_waiting = models.BooleanField(default=False)
    is_fresh = models.BooleanField(default=False)
    is_entering = models.BooleanField(default=False)
    is_solo = models.BooleanField(default=False)
    open_reservations = models.IntegerField(default=0)
    rounds = models.IntegerField(default=0)
    # {worker id: ISO time until which the worker is not asked again}
    refusals = JsonTextField(default=dict)
    due_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(
                "line",
                F("priority").desc(),
                "rank",
                "id",
                name="task_first_in_line",
                condition=Q(is_waiting=True, is_solo=False),
            ),
            models.Index(fields=("line",), name="task_solo", condition=Q(is_waiting=True, is_solo=True)),
            models.Index(
                "workspace",
                F("priority").desc(),
                "virtual_start_at",
                name="task_fresh",
                condition=Q(is_fresh=True),
            ),
            models.Index(fields=("workspace", "due_at"), name="task_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=("workspace", "status", "priority"), name="task_by_status"),
            models.Index(fields=("queue", "status", "priority"), name="task_by_queue"),
            models.Index(fields=("workflow", "status", "priority"), name="task_by_workflow"),
            models.Index(fields=("workspace", "id"), name="task_newest"),
        )

    @property
    def sid(self) -> str:
        return ids.sid("WT", self.id)


class Reservation(Row):
    """The offer of one task to one worker; ``expires_at`` counts while it is pending."""

    class Status(models.TextChoices):
        PENDING = "pending"
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        TIMEOUT = "timeout"
        CANCELED = "canceled"
        RESCINDED = "rescinded"
        WRAPPING = "wrapping"
        COMPLETED = "completed"

    HELD = (Status.PENDING, Status.ACCEPTED, Status.WRAPPING)  # these use capacity

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="reservations")
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="reservations")
    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="reservations")
    queue = models.ForeignKey(TaskQueue, on_delete=models.SET_NULL, null=True, related_name="+")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PENDING)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=0)

    class Meta:
        indexes = (
            models.Index(
                fields=("workspace", "expires_at"),
                name="reservation_due",
                condition=Q(status="pending"),
            ),
            models.Index(fields=("worker", "status"), name="reservation_of_worker"),
        )
        constraints = (
            # The database itself refuses what must never happen.
            models.UniqueConstraint(
                fields=("task",),
                condition=Q(status__in=("accepted", "wrapping")),
                name="reservation_one_accepted",
            ),
        )

    @property
    def sid(self) -> str:
        return ids.sid("WR", self.id)
