"""What an account's conversations begin with: settings, roles, and the users behind identities."""

from __future__ import annotations

from django.db import models

from common import ids


class ServiceSettings(models.Model):
    """What an account's conversations begin with; there is one once the account has used it."""

    account_id = models.UUIDField(primary_key=True)
    messaging_service_sid = models.CharField(max_length=34, null=True)
    # As the caller wrote them, ISO 8601 durations.
    inactive_timer = models.CharField(max_length=64, null=True)
    closed_timer = models.CharField(max_length=64, null=True)
    conversation_role_id = models.UUIDField()
    creator_role_id = models.UUIDField()
    service_role_id = models.UUIDField()
    reachability_enabled = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()


class Role(models.Model):
    """What clients of the real-time protocol may do; REST is not restricted by it."""

    class Type(models.TextChoices):
        CONVERSATION = "conversation"
        SERVICE = "service"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    friendly_name = models.CharField(max_length=256)
    type = models.CharField(max_length=12, choices=Type.choices)
    permissions = models.JSONField(default=list)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("account_id", "id"), name="role_of_account"),)

    @property
    def sid(self) -> str:
        return ids.sid("RL", self.id)


class ChatUser(models.Model):
    """Somebody who takes part by an identity, in whichever conversations; not a log-in."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    identity = models.CharField(max_length=256)
    friendly_name = models.CharField(max_length=256, null=True)
    attributes = models.TextField(default="{}")
    role_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account_id", "identity"), name="chat_user_once"),)

    @property
    def sid(self) -> str:
        return ids.sid("US", self.id)
