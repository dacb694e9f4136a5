"""What joins a conversation with its tasks. SIDs: interaction KD, channel UO, invite KG, participant UT."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common import ids
from common.fields import JsonTextField


class Interaction(models.Model):
    """One customer contact handled here: its channel, and over time one task or several."""

    class Initiator(models.TextChoices):
        CUSTOMER = "customer"
        AGENT = "agent"
        API = "api"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    # Names the hand-over that asked for it, so that asking twice makes one; null where nobody waits for an answer.
    key = models.UUIDField(null=True, unique=True)
    initiated_by = models.CharField(max_length=8, choices=Initiator.choices)
    # Where the first task went: {workflow, task_channel, priority, timeout_seconds, attributes}. Later invites
    # that name nothing else go there too.
    routing = JsonTextField(default=dict)
    context_sid = models.CharField(max_length=34, null=True)
    webhook_ttid = models.CharField(max_length=64, null=True)
    # The hand-over was answered: HandOffEnded is announced once.
    answered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("account_id", "-id"), name="interaction_newest"),)

    @property
    def sid(self) -> str:
        return ids.sid("KD", self.id)


class InteractionChannel(models.Model):
    """The media channel of an interaction: one conversation."""

    class Status(models.TextChoices):
        SETUP = "setup"
        ACTIVE = "active"
        FAILED = "failed"
        INACTIVE = "inactive"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    interaction = models.OneToOneField(Interaction, on_delete=models.CASCADE, related_name="channel")
    conversation_id = models.UUIDField(null=True)
    type = models.CharField(max_length=12)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.SETUP)
    error_code = models.IntegerField(null=True)
    error_message = models.CharField(max_length=500, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("conversation_id",), name="ichannel_conversation"),)

    @property
    def sid(self) -> str:
        return ids.sid("UO", self.id)


class Invite(models.Model):
    """
    One task of a channel, and how far it got.

    ``status`` only ever goes forward, in the order of ``Status``: events of a task may come late, twice or in
    another order. ``worker_id`` and ``reservation_id`` are those of the worker who accepted.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        ACCEPTED = "accepted"
        WRAPPING = "wrapping"
        COMPLETED = "completed"
        CANCELED = "canceled"

    ENDED = (Status.COMPLETED, Status.CANCELED)
    # While one of these is left, the conversation is somebody's.
    LIVE = (Status.PENDING, Status.ACCEPTED)

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    channel = models.ForeignKey(InteractionChannel, on_delete=models.CASCADE, related_name="invites")
    task_id = models.UUIDField(unique=True)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PENDING)
    worker_id = models.UUIDField(null=True)
    reservation_id = models.UUIDField(null=True)
    # The worker left on purpose without ending the contact: the conversation stays open although nobody is in it.
    left_open = models.BooleanField(default=False)
    # Meant for this worker alone: when they decline, the task is canceled, and where nobody else has the conversation
    # it goes to the fallback queue.
    target_worker_id = models.UUIDField(null=True)
    fallback_queue_id = models.UUIDField(null=True)
    # What the worker named as the result, and why the task ended otherwise.
    outcome = models.CharField(max_length=200, default="")
    reason = models.CharField(max_length=500, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    @property
    def sid(self) -> str:
        return ids.sid("KG", self.id)


class InteractionParticipant(models.Model):
    """Who took part; kept after they left, so that a transcript can name them."""

    class Type(models.TextChoices):
        CUSTOMER = "customer"
        AGENT = "agent"
        SUPERVISOR = "supervisor"
        EXTERNAL = "external"
        UNKNOWN = "unknown"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    channel = models.ForeignKey(InteractionChannel, on_delete=models.CASCADE, related_name="participants")
    type = models.CharField(max_length=10, choices=Type.choices)
    # The participant's identity and name in the conversation.
    identity = models.CharField(max_length=256, default="")
    name = models.CharField(max_length=256, default="")
    worker_id = models.UUIDField(null=True)
    task_id = models.UUIDField(null=True)
    reservation_id = models.UUIDField(null=True)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("reservation_id",), condition=Q(reservation_id__isnull=False), name="iparticipant_once"
            ),
        )

    @property
    def sid(self) -> str:
        return ids.sid("UT", self.id)


class Transfer(models.Model):
    """
    A worker's asking of somebody else into a conversation.

    ``cold``: the worker left at once; ``warm``: both are there until the first leaves. It is ``active`` until the
    target has joined (cold) or one of the two has left (warm); ``reason`` says why one failed: declined, unanswered,
    canceled or ended.
    """

    class Type(models.TextChoices):
        COLD = "cold"
        WARM = "warm"
        EXTERNAL = "external"

    class Status(models.TextChoices):
        ACTIVE = "active"
        COMPLETED = "completed"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    channel = models.ForeignKey(InteractionChannel, on_delete=models.CASCADE, related_name="transfers")
    type = models.CharField(max_length=8, choices=Type.choices)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.ACTIVE)
    participant_id = models.UUIDField()
    worker_id = models.UUIDField(null=True)
    task_id = models.UUIDField(null=True)
    # A worker's, queue's or workflow's SID, and its name at that time.
    to_sid = models.CharField(max_length=34)
    to_name = models.CharField(max_length=256, default="")
    invite = models.ForeignKey(Invite, on_delete=models.CASCADE, related_name="transfers")
    note = models.CharField(max_length=1000, default="")
    reason = models.CharField(max_length=40, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("task_id",), condition=Q(status="active"), name="transfer_one_at_a_time"),
        )

    @property
    def sid(self) -> str:
        return ids.sid("UX", self.id)


class Parking(models.Model):
    """
    A conversation that waits for its customer without using anybody's capacity.

    ``routing`` is the request of the invite that waking makes, JSON as ``services.requests`` writes it.
    """

    class WakeTo(models.TextChoices):
        AGENT = "agent"
        QUEUE = "queue"
        WORKFLOW = "workflow"

    class Status(models.TextChoices):
        PARKED = "parked"
        WOKEN = "woken"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    channel = models.ForeignKey(InteractionChannel, on_delete=models.CASCADE, related_name="parkings")
    conversation_id = models.UUIDField()
    worker_id = models.UUIDField(null=True)
    queue_id = models.UUIDField(null=True)
    wake_to = models.CharField(max_length=8, choices=WakeTo.choices)
    routing = JsonTextField(default=dict)
    note = models.CharField(max_length=1000, default="")
    wake_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.PARKED)
    # reply, timer, agent or closed.
    ended_by = models.CharField(max_length=8, default="")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("channel",), condition=Q(status="parked"), name="parking_one_at_a_time"),
        )
        indexes = (
            models.Index(fields=("account_id", "id"), condition=Q(status="parked"), name="parking_open"),
            models.Index(fields=("conversation_id",), name="parking_conversation"),
        )

    @property
    def sid(self) -> str:
        return ids.sid("PK", self.id)


class InteractionWebhook(models.Model):
    """An address that hears of interactions: of all, or (type ``interaction``) of those that name it."""

    class Type(models.TextChoices):
        GLOBAL = "global"
        INTERACTION = "interaction"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    ttid = models.CharField(max_length=64, unique=True)
    type = models.CharField(max_length=11, choices=Type.choices, default=Type.GLOBAL)
    url = models.CharField(max_length=512)
    method = models.CharField(max_length=4, default="POST")
    events = models.JSONField(default=list)
    friendly_name = models.CharField(max_length=256, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("account_id", "id"), name="iwebhook_account"),)


class DeskPolicy(models.Model):
    """
    How agents work on tasks of one queue; ``queue_id`` null: of all queues that have no policy of their own.

    ``fields``: ``[{name, label, type: text|select|checkbox, required, options}]``. ``seconds`` bound the wrap-up of
    the timed modes, ``extension_seconds`` is what an agent may add to it once (0: nothing).
    """

    class Mode(models.TextChoices):
        OPTIONAL = "optional"
        MANDATORY = "mandatory"
        TIMED = "timed"
        TIMED_STRICT = "timed_strict"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    queue_id = models.UUIDField(null=True)
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.OPTIONAL)
    seconds = models.IntegerField(default=60)
    extension_seconds = models.IntegerField(default=0)
    dispositions = models.JSONField(default=list)
    # Whether those of the account's general policy are offered too.
    with_general = models.BooleanField(default=True)
    needs_disposition = models.BooleanField(default=False)
    fields = models.JSONField(default=list)
    auto_accept = models.BooleanField(default=False)
    # Whether agents find the queue in the directory.
    is_listed = models.BooleanField(default=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account_id", "queue_id"), name="desk_policy_of_queue"),
            models.UniqueConstraint(fields=("account_id",), condition=Q(queue_id=None), name="desk_policy_general"),
        )


class WrapUp(models.Model):
    """
    What a worker notes about a task after the talk; the rules are those that held when it began.

    ``due_at``: when the time is over and the task completes by itself. ``ended_by``: agent, timer, or other (somebody
    else completed the task).
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    task_id = models.UUIDField(unique=True)
    reservation_id = models.UUIDField(null=True)
    conversation_id = models.UUIDField(null=True)
    worker_id = models.UUIDField(null=True)
    queue_id = models.UUIDField(null=True)
    rules = models.JSONField(default=dict)
    disposition = models.CharField(max_length=200, default="")
    notes = models.TextField(default="")
    values = models.JSONField(default=dict)
    is_extended = models.BooleanField(default=False)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=8, default="")

    class Meta:
        indexes = (models.Index(fields=("conversation_id",), name="wrap_up_conversation"),)


class FlexSettings(models.Model):
    """What integrators keep in the Flex configuration of an account; JSON objects of theirs."""

    account_id = models.UUIDField(primary_key=True)
    attributes = models.JSONField(default=dict)
    ui_attributes = models.JSONField(default=dict)
    public_attributes = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
