"""Accounts (tenants), their users, API keys, and the log of what admins changed."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from common import crypto, ids
from common.fields import JsonTextField


class Account(models.Model):
    """A tenant: all data belongs to one, and nobody sees another's."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    # Encrypted, not hashed: it is also the key that signs webhooks.
    sealed_auth_token = models.TextField()
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    @property
    def sid(self) -> str:
        return ids.sid("AC", self.id)

    @property
    def auth_token(self) -> str:
        return crypto.decrypt(self.sealed_auth_token)


class User(AbstractUser):
    """Somebody who logs in; belongs to one account."""

    class Role(models.TextChoices):
        ADMIN = "admin", "Admin"
        SUPERVISOR = "supervisor", "Supervisor"
        AGENT = "agent", "Agent"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="users", null=True)
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.AGENT)
    # The routing worker this user takes tasks as; None where the user takes none.
    worker_id = models.UUIDField(null=True, unique=True)

    @property
    def sid(self) -> str:
        return ids.sid("US", self.id)

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username


class ApiKey(models.Model):
    """Credentials of an integrator: SK… and a secret that is shown once."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="api_keys")
    friendly_name = models.CharField(max_length=120)
    secret_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    @property
    def sid(self) -> str:
        return ids.sid("SK", self.id)


class AuditEntry(models.Model):
    """One change by a user or an API key; never updated."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    actor = models.CharField(max_length=120)
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    changes = JsonTextField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("account", "-id"), name="audit_newest"),)
