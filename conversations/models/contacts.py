"""Customers as persons, and the addresses they write from."""

from __future__ import annotations

from django.db import models

from common import ids
from conversations.models.threads import ChannelType


class Contact(models.Model):
    """
    A customer as a person, whichever addresses they write from; ``merged_into``: is told by another contact now.

    ``attributes`` is a JSON object as text.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    name = models.CharField(max_length=256, default="")
    attributes = models.TextField(default="{}")
    merged_into = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="merged")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("account_id", "-id"), name="contact_newest"),)

    @property
    def sid(self) -> str:
        return ids.sid("CT", self.id)


class ContactAddress(models.Model):
    """One address of a contact: a number, a channel's user, or the identity of a web chat."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="addresses")
    channel_type = models.CharField(max_length=12, choices=ChannelType.choices)
    address = models.CharField(max_length=256)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("account_id", "address"), name="contact_address_once"),)
