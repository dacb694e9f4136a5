"""
Workspaces, workers, queues, workflows, tasks and reservations.

Who locks what: a change locks the tasks it touches (by id), then the workers (by id);
reservations are guarded by their task's lock, worker channels by their worker's.
Assigning holds the workspace's lock and takes task and worker locks only where it
need not wait, so it can be part of no deadlock.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from common import ids
from common.fields import JsonTextField


class Row(models.Model):
    """What all rows have: a time-ordered key, the account, and their times."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True


class Workspace(Row):
    """The container of everything below; an account's default one is made with the account."""

    class Order(models.TextChoices):
        FIFO = "FIFO"
        LIFO = "LIFO"

    class Fairness(models.TextChoices):
        NONE = "none"
        ROUND_ROBIN = "round_robin"

    friendly_name = models.CharField(max_length=120)
    is_default = models.BooleanField(default=False)
    default_activity = models.ForeignKey("Activity", on_delete=models.SET_NULL, null=True, related_name="+")
    timeout_activity = models.ForeignKey("Activity", on_delete=models.SET_NULL, null=True, related_name="+")
    event_callback_url = models.TextField(default="")
    events_filter = models.TextField(default="")
    multi_task_enabled = models.BooleanField(default=True)
    prioritize_queue_order = models.CharField(max_length=4, choices=Order.choices, default=Order.FIFO)
    channel_fairness = models.CharField(max_length=12, choices=Fairness.choices, default=Fairness.NONE)
    # {unique name of a channel: how many turns it has had}; kept while fairness is round_robin
    channel_turns = JsonTextField(default=dict)

    class Meta:
        indexes = (models.Index(fields=("account_id", "id"), name="workspace_of_account"),)
        constraints = (
            models.UniqueConstraint(fields=("account_id",), condition=Q(is_default=True), name="workspace_one_default"),
        )

    @property
    def sid(self) -> str:
        return ids.sid("WS", self.id)


class Calendar(Row):
    """
    Opening hours, an account's; expressions and flows ask for them by ``name``.

    ``weekly`` and ``dates`` are as the API gives them (docs/contracts.md, "Routing admin").
    """

    name = models.CharField(max_length=64)
    time_zone = models.CharField(max_length=64)
    weekly = JsonTextField(default=list)
    country = models.CharField(max_length=8, default="")
    subdivision = models.CharField(max_length=32, default="")
    dates = JsonTextField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account_id", "name"), name="calendar_unique_name"),)

    @property
    def sid(self) -> str:
        return ids.sid("CL", self.id)


class Activity(Row):
    """A worker's declared state; whether it is an available one is fixed at creation."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="activities")
    friendly_name = models.CharField(max_length=64)
    available = models.BooleanField(default=False)

    @property
    def sid(self) -> str:
        return ids.sid("WA", self.id)


class TaskChannel(Row):
    """
    A kind of work with its own capacity; ``default_capacity`` is what a new worker gets.

    ``units`` is how much of a worker's shared capacity one of its tasks takes, where the worker has such a limit.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="task_channels")
    unique_name = models.CharField(max_length=64)
    friendly_name = models.CharField(max_length=120)
    channel_optimized_routing = models.BooleanField(default=False)
    default_capacity = models.IntegerField(default=1)
    units = models.IntegerField(default=1)
    is_built_in = models.BooleanField(default=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("workspace", "unique_name"), name="task_channel_unique_name"),)

    @property
    def sid(self) -> str:
        return ids.sid("TC", self.id)


class TaskQueue(Row):
    """Tasks, and the expression that says which workers may take them."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="task_queues")
    friendly_name = models.CharField(max_length=120)
    target_workers = models.TextField(default="1==1")
    max_reserved_workers = models.IntegerField(default=1)
    task_order = models.CharField(max_length=4, choices=Workspace.Order.choices, default=Workspace.Order.FIFO)
    reservation_activity = models.ForeignKey(Activity, on_delete=models.SET_NULL, null=True, related_name="+")
    assignment_activity = models.ForeignKey(Activity, on_delete=models.SET_NULL, null=True, related_name="+")

    @property
    def sid(self) -> str:
        return ids.sid("WQ", self.id)


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


class Workflow(Row):
    """The rules that place a task in task queues over time."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="workflows")
    friendly_name = models.CharField(max_length=120)
    configuration = models.TextField()
    assignment_callback_url = models.TextField(default="")
    fallback_assignment_callback_url = models.TextField(default="")
    task_reservation_timeout = models.IntegerField(default=120)

    @property
    def sid(self) -> str:
        return ids.sid("WW", self.id)


class WaitingLine(models.Model):
    """
    What waiting tasks ask of a worker; tasks of one line are interchangeable but for their order.

    So only the first task of a line need be looked at. ``demand`` is the whole of it:
    ``{expression, task, order_by: [[path, descending]], only_worker, ignore_capacity, refused: [ids]}``;
    ``digest`` is its hash together with queue and channel.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="lines")
    queue = models.ForeignKey(TaskQueue, on_delete=models.CASCADE, null=True, related_name="lines")
    channel = models.ForeignKey(TaskChannel, on_delete=models.CASCADE, related_name="+")
    only_worker_id = models.UUIDField(null=True)
    demand = JsonTextField()
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField()

    class Meta:
        indexes = (
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
