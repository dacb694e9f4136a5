"""Accounts (tenants), their users, API keys, and the log of what admins changed."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from common import crypto, ids
from common.fields import JsonTextField


class SecondFactorRule(models.TextChoices):
    NONE = "none", "Whoever wants to"
    ADMINS = "admins", "Admins and supervisors"
    ALL = "all", "Everybody"


class Account(models.Model):
    """A tenant: all data belongs to one, and nobody sees another's."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="UTC")
    # Encrypted, not hashed: it is also the key that signs webhooks.
    sealed_auth_token = models.TextField()
    is_demo = models.BooleanField(default=False)
    # Who has to log in with a second factor besides the password.
    second_factor = models.CharField(
        max_length=6, choices=SecondFactorRule.choices, default=SecondFactorRule.NONE, db_default=SecondFactorRule.NONE
    )
    created_at = models.DateTimeField()

    @property
    def sid(self) -> str:
        return ids.sid("AC", self.id)

    @property
    def auth_token(self) -> str:
        return crypto.decrypt(self.sealed_auth_token)


class Team(models.Model):
    """People who work together: supervisors filter by it, expressions of queues see it as ``worker.team``."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="teams")
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account", "name"), name="team_name"),)

    @property
    def sid(self) -> str:
        return ids.sid("TM", self.id)


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
    teams = models.ManyToManyField(Team, related_name="members")

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
    # What it may do, as ``taskrouter:read``; empty: everything. See accounts.scopes.
    scopes = models.JSONField(default=list, db_default=[])
    last_used_at = models.DateTimeField(null=True)
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


class SecondFactor(models.Model):
    """
    A user's one-time codes (RFC 6238), made by an app on their phone.

    It counts from ``confirmed_at`` on. ``last_step`` is the newest time step a code was taken for: a code works once.
    ``recovery_codes`` are SHA-256 hashes of codes that work once each.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="second_factor")
    sealed_secret = models.TextField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)
    recovery_codes = models.JSONField(default=list)
    created_at = models.DateTimeField()

    @property
    def secret(self) -> str:
        return crypto.decrypt(self.sealed_secret)


class IdentityProvider(models.Model):
    """An OpenID Connect provider whose people may log in to an account."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="identity_providers")
    # Part of its addresses here, so unique in the installation.
    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    issuer = models.CharField(max_length=500)
    client_id = models.CharField(max_length=255)
    sealed_client_secret = models.TextField()
    # Strangers it vouches for become users with this role; empty: only those who are known by their e-mail may log in.
    new_user_role = models.CharField(max_length=12, choices=User.Role.choices, blank=True, default="")
    # Only e-mails of these domains; empty: any.
    domains = models.JSONField(default=list)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    @property
    def sid(self) -> str:
        return ids.sid("ID", self.id)

    @property
    def client_secret(self) -> str:
        return crypto.decrypt(self.sealed_client_secret)


class ExternalIdentity(models.Model):
    """Who a user is for an identity provider: ``subject`` is the provider's unchanging id of the person."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    provider = models.ForeignKey(IdentityProvider, on_delete=models.CASCADE, related_name="identities")
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("provider", "subject"), name="identity_once"),)
