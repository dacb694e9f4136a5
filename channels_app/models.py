"""An account's senders, and what was sent through them."""

from __future__ import annotations

from django.db import models

from common import ids
from common.fields import JsonTextField


class Connection(models.Model):
    """One sender of an account: an address on a channel, the provider that carries it, and the keys for it."""

    class Type(models.TextChoices):
        SMS = "sms"
        WHATSAPP = "whatsapp"
        MESSENGER = "messenger"
        GBM = "gbm"
        RCS = "rcs"
        CHAT = "chat"

    class Provider(models.TextChoices):
        SANDBOX = "sandbox"
        TWILIO = "twilio"
        META = "meta"
        GOOGLE = "google"
        WEB = "web"

    class Status(models.TextChoices):
        ACTIVE = "active"
        DISABLED = "disabled"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    type = models.CharField(max_length=12, choices=Type.choices)
    provider = models.CharField(max_length=12, choices=Provider.choices)
    address = models.CharField(max_length=256)
    friendly_name = models.CharField(max_length=256, default="")
    # An encrypted JSON object; written by admins, never shown again.
    sealed_credentials = models.TextField(default="")
    api_base_url = models.CharField(max_length=512, default="")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    # Of web chat: names this connection on a public page, so it is an identifier and no secret.
    deployment_key = models.CharField(max_length=64, null=True, unique=True)
    # Of web chat: what its admin set (channels_app.webchat.Settings).
    webchat = JsonTextField(default=dict)
    # Messages a second; null: what the adapter says.
    rate_per_second = models.FloatField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account_id", "type", "address"), name="connection_once"),)

    @property
    def sid(self) -> str:
        return ids.sid("CN", self.id)


class SenderPace(models.Model):
    """
    When a sender may send again, kept where all workers see it.

    ``next_at`` is the theoretical arrival time of the generic cell rate algorithm; a provider that
    throttles moves it into the future.
    """

    connection_id = models.UUIDField(primary_key=True)
    next_at = models.DateTimeField()


class Delivery(models.Model):
    """One provider request that was taken: a part (mostly the only one) of a message to one participant."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    connection_id = models.UUIDField()
    message_id = models.UUIDField()
    participant_id = models.UUIDField()
    part = models.SmallIntegerField(default=0)
    # How many parts the message has; its receipt says "delivered" when all of them are.
    parts = models.SmallIntegerField(default=1)
    customer = models.CharField(max_length=256)
    external_id = models.CharField(max_length=200)
    status = models.CharField(max_length=12, default="sent")
    # When the request began: not later than the provider's own time of the message, which watermarks are in.
    sent_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("message_id", "participant_id", "part"), name="delivery_one_each"),
        )
        indexes = (
            models.Index(fields=("connection_id", "external_id"), name="delivery_external"),
            models.Index(fields=("connection_id", "customer", "-sent_at"), name="delivery_customer"),
        )


class ParkedDelivery(models.Model):
    """A message that did not reach a participant: the provider refused it, or every try failed."""

    class Reason(models.TextChoices):
        REFUSED = "refused"
        EXHAUSTED = "exhausted"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    connection_id = models.UUIDField(null=True)
    conversation_id = models.UUIDField()
    message_id = models.UUIDField()
    participant_id = models.UUIDField()
    sender = models.CharField(max_length=256)
    recipient = models.CharField(max_length=256)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    error_code = models.IntegerField()
    error_message = models.CharField(max_length=500)
    attempts = models.IntegerField()
    # What is needed to send it again; the same as the outbox entry's.
    payload = JsonTextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("message_id", "participant_id"), name="parked_once"),)
        indexes = (models.Index(fields=("account_id", "-id"), name="parked_newest"),)

    @property
    def sid(self) -> str:
        return ids.sid("PD", self.id)


class TrafficEntry(models.Model):
    """One exchange with a provider, as an operator reads it; only the newest of each connection are kept."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    connection_id = models.UUIDField()
    message_id = models.UUIDField(null=True)
    direction = models.CharField(max_length=3)  # in or out
    method = models.CharField(max_length=8)
    url = models.TextField()  # without its query where that holds a token
    request = models.TextField(default="")
    status = models.IntegerField(null=True)
    response = models.TextField(default="")
    error = models.TextField(default="")
    duration_ms = models.IntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("connection_id", "-id"), name="traffic_newest"),)


class SandboxMessage(models.Model):
    """What the simulated network carried; ``direction`` is the customer's: "in" came to their phone."""

    class Direction(models.TextChoices):
        IN = "in"
        OUT = "out"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    connection_id = models.UUIDField()
    customer = models.CharField(max_length=256)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    external_id = models.CharField(max_length=200)
    message_id = models.UUIDField(null=True)
    body = models.TextField(default="")
    media = JsonTextField(default=list)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("connection_id", "external_id"), name="sandbox_once"),)
        indexes = (models.Index(fields=("connection_id", "customer", "id"), name="sandbox_phone"),)


class ApiMessage(models.Model):
    """
    What the Messages API (2010-04-01) has to remember of a message it made, beside the message itself.

    ``id`` is the message's own. While it is scheduled, or after it was cancelled, there is no other message.
    """

    class State(models.TextChoices):
        SCHEDULED = "scheduled"
        CANCELED = "canceled"
        ADDED = "added"

    id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField()
    state = models.CharField(max_length=10, choices=State.choices)
    sender = models.CharField(max_length=256)
    recipient = models.CharField(max_length=256)
    # What the message is to be: body, media, content_sid, content_variables.
    content = JsonTextField(default=dict)
    status_callback = models.TextField(default="")
    send_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("account_id", "-id"), name="api_message_pending", condition=~models.Q(state="added")),
        )
