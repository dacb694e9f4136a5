"""The files that people send."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common import ids


class MediaFile(models.Model):
    """
    A file that somebody sent, or uploaded to be sent; its bytes lie in the storage ``media`` under ``path``.

    What a provider keeps is ``pending`` until it was fetched from ``source_url``. A message names its files by SID.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        STORED = "stored"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    # Null until a message names it; a web chat's or an agent's upload belongs to its conversation from the start.
    conversation_id = models.UUIDField(null=True)
    message_id = models.UUIDField(null=True)
    author = models.CharField(max_length=256, default="")
    state = models.CharField(max_length=8, choices=State.choices, default=State.STORED)
    # As sniffed, whatever was declared; of a pending one, as declared.
    content_type = models.CharField(max_length=128, default="application/octet-stream")
    filename = models.CharField(max_length=255, default="")
    size = models.BigIntegerField(null=True)
    path = models.CharField(max_length=200, default="")
    source_url = models.TextField(default="")
    connection_id = models.UUIDField(null=True)
    error = models.CharField(max_length=500, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("message_id",), name="media_message", condition=Q(message_id__isnull=False)),
            models.Index(
                fields=("conversation_id",), name="media_conversation", condition=Q(conversation_id__isnull=False)
            ),
            models.Index(fields=("account_id", "-id"), name="media_newest"),
        )

    @property
    def sid(self) -> str:
        return ids.sid("ME", self.id)
