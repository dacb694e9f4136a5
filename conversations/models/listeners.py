"""Who hears what happens: what answers an address, a conversation, an account; and what they were told."""

from __future__ import annotations

from django.db import models

from common import ids
from common.fields import JsonTextField
from conversations.models.threads import ChannelType, Conversation


class AddressConfiguration(models.Model):
    """What answers a new customer who writes to one of our addresses."""

    class Target(models.TextChoices):
        STUDIO = "studio"
        WEBHOOK = "webhook"
        DEFAULT = "default"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    type = models.CharField(max_length=12, choices=ChannelType.choices)
    address = models.CharField(max_length=256)
    friendly_name = models.CharField(max_length=256, default="")
    enabled = models.BooleanField(default=True)
    target = models.CharField(max_length=8, choices=Target.choices, default=Target.DEFAULT)
    flow_id = models.UUIDField(null=True)
    retry_count = models.IntegerField(default=0)
    webhook_url = models.CharField(max_length=512, default="")
    webhook_method = models.CharField(max_length=4, default="POST")
    webhook_filters = models.JSONField(default=list)
    address_country = models.CharField(max_length=2, null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account_id", "type", "address"), name="address_once"),)

    @property
    def sid(self) -> str:
        return ids.sid("IG", self.id)


class ConversationWebhook(models.Model):
    """A flow or an address that hears what happens in one conversation."""

    class Target(models.TextChoices):
        STUDIO = "studio"
        WEBHOOK = "webhook"
        TRIGGER = "trigger"

    MOST = 5  # a conversation

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="webhooks")
    target = models.CharField(max_length=8, choices=Target.choices)
    flow_id = models.UUIDField(null=True)
    url = models.CharField(max_length=512, default="")
    method = models.CharField(max_length=4, default="POST")
    filters = models.JSONField(default=list)
    replay_after = models.IntegerField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    @property
    def sid(self) -> str:
        return ids.sid("WH", self.id)


class WebhookConfiguration(models.Model):
    """The addresses that hear what happens in all conversations of an account."""

    class Scope(models.TextChoices):
        ACCOUNT = "account"
        SERVICE = "service"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    scope = models.CharField(max_length=8, choices=Scope.choices)
    target = models.CharField(max_length=8, default="webhook")
    pre_url = models.CharField(max_length=512, default="")
    post_url = models.CharField(max_length=512, default="")
    method = models.CharField(max_length=4, default="POST")
    filters = models.JSONField(default=list)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account_id", "scope"), name="webhook_configuration_once"),)


class WebhookDelivery(models.Model):
    """One request to somebody's address: what was sent, what came back, and whether it is done."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        DELIVERED = "delivered"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    conversation_id = models.UUIDField(null=True)
    # What the order is kept for: the deliveries of one address and conversation.
    key = models.UUIDField()
    # The SID of the scoped webhook, or the scope's name.
    webhook = models.CharField(max_length=40)
    event = models.CharField(max_length=60)
    method = models.CharField(max_length=4)
    url = models.TextField()
    parameters = JsonTextField(default=dict)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.QUEUED)
    attempts = models.IntegerField(default=0)
    response_status = models.IntegerField(null=True)
    response = models.TextField(default="")
    error = models.TextField(default="")
    duration_ms = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("account_id", "-id"), name="webhook_delivery_newest"),)

    @property
    def sid(self) -> str:
        return ids.sid("WD", self.id)
