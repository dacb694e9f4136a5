"""The outbox: what is still to be done, now or at a later time."""

from django.db import models
from django.db.models import Q

from common.fields import JsonTextField


class OutboxEntry(models.Model):
    """
    One thing to do: an event to react to, a command that leaves the house, or a timer (due later).

    Entries of one ``topic`` and ``key`` are handled in the order of ``id`` by one worker at a time. ``id`` comes
    from the database while the writer holds the lock of the thing the key names, so it follows commit order
    per key. A named entry is unique per topic and key: a timer that is set again replaces itself.
    """

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(max_length=40)
    key = models.UUIDField()
    name = models.CharField(max_length=120, null=True)
    payload = JsonTextField()
    due_at = models.DateTimeField()
    leased_until = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    last_error = models.TextField(default="")
    parked_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("topic", "due_at", "id"), name="outbox_due", condition=Q(parked_at=None)),
            models.Index(fields=("topic", "key", "id"), name="outbox_key"),
        )
        constraints = (models.UniqueConstraint(fields=("topic", "key", "name"), name="outbox_one_per_name"),)


class ServerProcess(models.Model):
    """
    A process of the server that runs, or ran a short while ago; it says so every few seconds.

    ``facts`` are what the doctor compares (parts, queues, version, …), ``figures`` the process's own counters in
    Prometheus's text form.
    """

    id = models.CharField(primary_key=True, max_length=120)
    parts = models.CharField(max_length=40)
    host = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    facts = JsonTextField()
    figures = models.TextField(default="")
