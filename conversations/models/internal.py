"""What colleagues say among themselves about a conversation."""

from __future__ import annotations

from django.db import models

from common import ids
from common.fields import JsonTextField
from conversations.models.threads import Conversation


class InternalMessage(models.Model):
    """
    Something said among colleagues about a conversation.

    A table of its own, so that no way out of the house (channels, web chat, REST, webhooks, flows) can meet it.
    """

    class Kind(models.TextChoices):
        # For whoever works on the conversation, now and later.
        NOTE = "note"
        # From a supervisor to the agents, or to one of them, while they talk.
        WHISPER = "whisper"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="internal_messages")
    # Counts from 0 in the conversation: who knows the last number knows what is missing.
    number = models.IntegerField()
    # The newest message when it was written: it stands behind that one (-1: before all).
    after_index = models.IntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    user_id = models.UUIDField()
    worker_id = models.UUIDField(null=True)
    author_name = models.CharField(max_length=256)
    # The one agent whom a whisper is for; null: all.
    to_worker_id = models.UUIDField(null=True)
    body = models.TextField(default="")
    media = JsonTextField(default=list)
    source_key = models.CharField(max_length=200, null=True, unique=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("conversation", "number"), name="internal_message_number"),)

    @property
    def sid(self) -> str:
        return ids.sid("NT", self.id)
