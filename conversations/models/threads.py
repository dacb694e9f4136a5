"""Conversations, who takes part in them, what was said, and where it was delivered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common import ids
from common.fields import JsonTextField


class ChannelType(models.TextChoices):
    """How the customer is reached."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    MESSENGER = "messenger"
    GBM = "gbm"
    RCS = "rcs"
    CHAT = "chat"


class Conversation(models.Model):
    """A thread of messages among participants."""

    class State(models.TextChoices):
        ACTIVE = "active"
        INACTIVE = "inactive"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    friendly_name = models.CharField(max_length=256, null=True)
    unique_name = models.CharField(max_length=256, null=True)
    attributes = models.TextField(default="{}")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    channel_type = models.CharField(max_length=12, choices=ChannelType.choices, default=ChannelType.CHAT)
    # Of the customer who began it; further external participants have their own pairs.
    customer_name = models.CharField(max_length=256, default="")
    customer_address = models.CharField(max_length=256, default="")
    proxy_address = models.CharField(max_length=256, default="")
    connection_id = models.UUIDField(null=True)
    last_message_index = models.IntegerField(default=-1)
    last_message_at = models.DateTimeField(null=True)
    # How many agents take part: while it is not 0, flows do not answer the customer.
    agents = models.IntegerField(default=0)
    # Parked, or on its way from one agent to another: flows do not answer the customer either.
    awaits_agent = models.BooleanField(default=False)
    # What hears the customer instead of flows: "survey", or nothing.
    held_for = models.CharField(max_length=12, default="")
    messaging_service_sid = models.CharField(max_length=34, null=True)
    # Seconds without activity until it becomes inactive or closed; null: never. Both count from the later of the last
    # message and ``timers_from``, so a message moves them without a write.
    inactive_after = models.IntegerField(null=True)
    closed_after = models.IntegerField(null=True)
    timers_from = models.DateTimeField(null=True)
    # Whether addresses (not flows) listen to this conversation: most have none, and then nothing is looked up.
    has_webhooks = models.BooleanField(default=False)
    # Whether what one customer writes goes to others over channels: most conversations have one customer alone.
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("account_id", "-id"), name="conversation_newest"),
            models.Index(
                fields=("account_id", "customer_address", "-id"),
                name="conversation_of_customer",
                condition=~Q(customer_address=""),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("account_id", "unique_name"),
                condition=Q(unique_name__isnull=False) & ~Q(state="closed"),
                name="conversation_unique_name",
            ),
        )

    @property
    def sid(self) -> str:
        return ids.sid("CH", self.id)

    @property
    def is_closed(self) -> bool:
        return self.state == self.State.CLOSED


class Participant(models.Model):
    """One party of a conversation."""

    class Kind(models.TextChoices):
        CUSTOMER = "customer"
        AGENT = "agent"
        BOT = "bot"
        SUPERVISOR = "supervisor"
        EXTERNAL = "external"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="participants")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=256, default="")
    identity = models.CharField(max_length=256, null=True)
    address = models.CharField(max_length=256, null=True)
    proxy_address = models.CharField(max_length=256, null=True)
    # Whether messages of this (address, proxy address) pair come to this conversation: false once it is closed.
    bound = models.BooleanField(default=False)
    worker_id = models.UUIDField(null=True)
    attributes = models.TextField(default="{}")
    last_read_message_index = models.IntegerField(null=True)
    last_read_at = models.DateTimeField(null=True)
    role_id = models.UUIDField(null=True)
    # Of group MMS: the number that a chat participant is seen as; of a member, the one that writes to them.
    projected_address = models.CharField(max_length=256, null=True)
    notification_level = models.CharField(max_length=8, default="default")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (
            # The number-pair rule: one open conversation per pair (reference/conversations.md, 2).
            models.UniqueConstraint(
                fields=("account_id", "address", "proxy_address"), condition=Q(bound=True), name="participant_one_pair"
            ),
            models.UniqueConstraint(
                fields=("conversation", "identity"),
                condition=Q(identity__isnull=False),
                name="participant_one_identity",
            ),
        )
        indexes = (
            models.Index(fields=("worker_id",), name="participant_worker", condition=Q(worker_id__isnull=False)),
            models.Index(
                fields=("account_id", "identity"), name="participant_identity", condition=Q(identity__isnull=False)
            ),
        )

    @property
    def sid(self) -> str:
        return ids.sid("MB", self.id)

    @property
    def is_group_member(self) -> bool:
        """Whether they joined by an address alone (services/groups.py), so that their proxy address is the group's."""
        return bool(self.address) and (not self.proxy_address or bool(self.projected_address))


class Message(models.Model):
    """Something said in a conversation; ``index`` counts from 0 and is never reused."""

    class Source(models.TextChoices):
        CUSTOMER = "customer"
        FLOW = "flow"
        AGENT = "agent"
        API = "api"
        SYSTEM = "system"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages")
    index = models.IntegerField()
    source = models.CharField(max_length=8, choices=Source.choices)
    author = models.CharField(max_length=256)
    participant_id = models.UUIDField(null=True)
    body = models.TextField(default="")
    # [{"sid", "content_type", "filename", "size", "state"?}] of files we keep, [{"url", ...}] of what lies elsewhere
    media = JsonTextField(default=list)
    attributes = models.TextField(default="{}")
    # What the provider sent with it, in the names of Twilio's webhook; becomes trigger.message of a flow.
    fields = JsonTextField(default=dict)
    # Makes a repeated write harmless: the provider's id, an agent's client_ref, a flow's step.
    source_key = models.CharField(max_length=200, null=True, unique=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("conversation", "index"), name="message_index"),)

    @property
    def sid(self) -> str:
        return ids.sid("IM", self.id)


class Receipt(models.Model):
    """How far a message got on its way to one external participant."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        DELIVERED = "delivered"
        READ = "read"
        FAILED = "failed"
        UNDELIVERED = "undelivered"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="receipts")
    conversation_id = models.UUIDField()
    participant_id = models.UUIDField()
    status = models.CharField(max_length=12, choices=Status.choices)
    error_code = models.IntegerField(default=0)
    error_message = models.CharField(max_length=500, default="")
    channel_message_sid = models.CharField(max_length=200, null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("message", "participant_id"), name="receipt_one_each"),)
        indexes = (
            models.Index(
                fields=("account_id", "channel_message_sid"),
                name="receipt_channel_sid",
                condition=Q(channel_message_sid__isnull=False),
            ),
        )

    @property
    def sid(self) -> str:
        return ids.sid("DY", self.id)
