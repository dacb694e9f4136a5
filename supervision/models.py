"""Who looks at whose conversation, and who asked for help."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common import ids


class Watch(models.Model):
    """
    A supervisor looks at a conversation, as long as ``seen_at`` is fresh. The customer is never told.

    ``is_private``: the agents are not told either, as the setting was when it began.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    conversation_id = models.UUIDField()
    user_id = models.UUIDField()
    name = models.CharField(max_length=256)
    is_private = models.BooleanField(default=False)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("conversation_id", "user_id"), name="watch_once"),)
        indexes = (models.Index(fields=("account_id", "seen_at"), name="watch_of_account"),)


class HelpRequest(models.Model):
    """An agent asks supervisors for help with a conversation; open until it is withdrawn, settled or the work ends."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    conversation_id = models.UUIDField()
    task_id = models.UUIDField(null=True)
    worker_id = models.UUIDField()
    agent_name = models.CharField(max_length=256)
    note = models.CharField(max_length=500, default="")
    created_at = models.DateTimeField()
    accepted_by_id = models.UUIDField(null=True)
    accepted_by_name = models.CharField(max_length=256, default="")
    accepted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("conversation_id", "worker_id"), condition=Q(closed_at__isnull=True), name="help_once"
            ),
        )
        indexes = (models.Index(fields=("account_id", "id"), name="help_open", condition=Q(closed_at__isnull=True)),)

    @property
    def sid(self) -> str:
        return ids.sid("HR", self.id)
