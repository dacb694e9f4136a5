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
