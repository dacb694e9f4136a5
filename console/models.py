"""What an account and its agents have set up for the console: canned replies, apps in the side panel, preferences."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common import crypto, ids
from common.fields import JsonTextField


class CannedReply(models.Model):
    """A text that agents insert by its shortcode; of the whole account, or of one user."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    # null: everybody's.
    owner_id = models.UUIDField(null=True)
    folder = models.CharField(max_length=80, default="")
    # Lower-case letters, digits, - and _: what is typed behind the slash.
    shortcode = models.CharField(max_length=40)
    body = models.TextField(default="")
    # Items of the media store, which keeps them for this row.
    media = JsonTextField(default=list)
    # What is done after the text was sent (console.macros); empty: the text is only inserted.
    steps = JsonTextField(default=list)
    # Channel types it is offered on; empty: on all.
    channels = models.JSONField(default=list)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("account_id", "shortcode"), condition=Q(owner_id__isnull=True), name="canned_once_account"
            ),
            models.UniqueConstraint(
                fields=("account_id", "owner_id", "shortcode"),
                condition=Q(owner_id__isnull=False),
                name="canned_once_user",
            ),
        )

    @property
    def sid(self) -> str:
        return ids.sid("CR", self.id)


class MessageTemplate(models.Model):
    """A text that a provider has approved, which opens a conversation again when the channel's window has ended."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    name = models.CharField(max_length=80)
    channel_type = models.CharField(max_length=12)
    # What the provider knows it by: HX… at Twilio, name:language at Meta.
    content_sid = models.CharField(max_length=128)
    # As it was approved; {{1}} or {{name}} stand for values.
    body = models.TextField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("account_id", "channel_type", "name"), name="message_template_once"),
        )

    @property
    def sid(self) -> str:
        return ids.sid("MT", self.id)


class PanelApp(models.Model):
    """A page of somebody else's, shown beside the chat in a sandboxed frame."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    name = models.CharField(max_length=60)
    url = models.CharField(max_length=1024)
    enabled = models.BooleanField(default=True)
    # What of the task it is told: "customer", "attributes"; SIDs and the agent always.
    shares = models.JSONField(default=list)
    # Encrypted, not hashed: it signs.
    sealed_secret = models.TextField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("account_id", "id"), name="panel_app_of_account"),)

    @property
    def sid(self) -> str:
        return ids.sid("PA", self.id)

    @property
    def secret(self) -> str:
        return crypto.decrypt(self.sealed_secret)


class ConsoleSettings(models.Model):
    """How the consoles of an account behave; there is a row once somebody has changed something."""

    account_id = models.UUIDField(primary_key=True)
    # Seconds that a customer waits for an answer until a task turns yellow, and red.
    warn_after = models.IntegerField(default=180)
    late_after = models.IntegerField(default=300)
    # {channel type: {"warn_after", "late_after"}} where a channel has its own.
    by_channel = models.JSONField(default=dict)
    # Whether customers see that an agent types, and agents that a customer does.
    tells_typing = models.BooleanField(default=True)
    # Whether desktop notifications show what was written.
    shows_text = models.BooleanField(default=True)
    personal_replies = models.BooleanField(default=True)
    updated_at = models.DateTimeField()


class Preferences(models.Model):
    """One user's own keys, sounds and order of the list."""

    user_id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField()
    values = JsonTextField(default=dict)
    updated_at = models.DateTimeField()
