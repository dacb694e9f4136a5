"""What an admin sets up: workspaces, activities, channels, queues, workflows and opening hours."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

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
