"""
What is kept for reports: facts of ended tasks, of workers' activities, of surveys; and what the screens are set to.

A fact is written once, after what it is about has ended, and is not changed: reports of the past stay what they were.
Names are kept beside ids, for when the row itself is gone.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common import ids
from common.fields import JsonTextField


class Fact(models.Model):
    """What all facts have. ``ended_at`` is the moment that puts a fact into a period."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    ended_at = models.DateTimeField()

    class Meta:
        abstract = True


class TaskLeg(Fact):
    """
    One queue's part of an ended task: a task has as many legs as queues it was in (or one, where it was in none).

    ``wait_ms`` is the time in this queue until acceptance, abandonment or leaving; ``age_ms`` the task's age then.
    ``talk_ms`` and ``wrap_ms`` are those of the worker who accepted here. ``is_last`` is true of one leg a task.
    ``is_transfer``: it came by a transfer. ``was_transferred``: who had it passed it on.
    """

    class Result(models.TextChoices):
        ACCEPTED = "accepted"
        ABANDONED = "abandoned"
        MOVED = "moved"

    task_id = models.UUIDField()
    number = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    conversation_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=64)
    queue_id = models.UUIDField(null=True)
    queue_name = models.CharField(max_length=120, default="")
    worker_id = models.UUIDField(null=True)
    worker_name = models.CharField(max_length=120, default="")
    flow_id = models.UUIDField(null=True)
    flow_name = models.CharField(max_length=120, default="")
    result = models.CharField(max_length=9, choices=Result.choices)
    wait_ms = models.BigIntegerField(default=0)
    age_ms = models.BigIntegerField(default=0)
    talk_ms = models.BigIntegerField(default=0)
    wrap_ms = models.BigIntegerField(default=0)
    is_last = models.BooleanField(default=True)
    is_transfer = models.BooleanField(default=False)
    was_transferred = models.BooleanField(default=False)
    outcome = models.CharField(max_length=200, default="")

    class Meta:
        indexes = (
            models.Index(fields=("account_id", "ended_at"), name="leg_period"),
            models.Index(
                fields=("conversation_id",), name="leg_conversation", condition=Q(conversation_id__isnull=False)
            ),
        )
        constraints = (models.UniqueConstraint(fields=("task_id", "number"), name="leg_once"),)


class Offer(Fact):
    """One offer of an ended task to a worker, and how it was answered; ``answer_ms`` is how long that took."""

    class Result(models.TextChoices):
        ACCEPTED = "accepted"
        REJECTED = "rejected"
        MISSED = "missed"
        WITHDRAWN = "withdrawn"

    reservation_id = models.UUIDField(unique=True)
    task_id = models.UUIDField()
    worker_id = models.UUIDField()
    queue_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=64)
    result = models.CharField(max_length=9, choices=Result.choices)
    answer_ms = models.BigIntegerField(default=0)

    class Meta:
        indexes = (models.Index(fields=("account_id", "ended_at"), name="offer_period"),)


class ActivityStay(Fact):
    """A worker was in an activity from ``began_at`` to ``ended_at``; the present stay is the worker's own row."""

    worker_id = models.UUIDField()
    activity_id = models.UUIDField()
    began_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("account_id", "ended_at"), name="stay_period"),
            models.Index(fields=("worker_id", "ended_at"), name="stay_of_worker"),
        )
        constraints = (models.UniqueConstraint(fields=("worker_id", "ended_at"), name="stay_once"),)


class SurveyRule(models.Model):
    """
    Whether and how customers are asked after their contact has ended; the most particular rule that fits decides.

    ``channel_type`` "" fits every channel, ``queue_id`` null every queue. ``texts`` is
    ``{language: {question, thanks}}`` with "" for the language that is used where no other fits.
    """

    class Mode(models.TextChoices):
        BUILT_IN = "built_in"
        FLOW = "flow"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    channel_type = models.CharField(max_length=12, default="")
    queue_id = models.UUIDField(null=True)
    enabled = models.BooleanField(default=True)
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.BUILT_IN)
    flow_id = models.UUIDField(null=True)
    delay_seconds = models.IntegerField(default=0)
    expiry_seconds = models.IntegerField(default=86_400)
    texts = JsonTextField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("account_id", "id"), name="survey_rule_of_account"),)

    @property
    def sid(self) -> str:
        return ids.sid("SR", self.id)


class Survey(Fact):
    """
    One customer asked about one ended conversation; ``ended_at`` is when that conversation was closed.

    ``asked_in_id`` is the conversation that the question stands in: the ended one itself in a web chat, elsewhere one
    that is open for the answer.
    """

    class Status(models.TextChoices):
        SCHEDULED = "scheduled"
        ASKED = "asked"
        ANSWERED = "answered"
        EXPIRED = "expired"
        SKIPPED = "skipped"
        PASSED_OVER = "passed_over"  # the customer wrote something else instead

    conversation_id = models.UUIDField(unique=True)
    asked_in_id = models.UUIDField(null=True)
    rule_id = models.UUIDField(null=True)
    mode = models.CharField(max_length=8, choices=SurveyRule.Mode.choices, default=SurveyRule.Mode.BUILT_IN)
    survey_flow_id = models.UUIDField(null=True)
    execution_id = models.UUIDField(null=True)
    channel = models.CharField(max_length=64)
    queue_id = models.UUIDField(null=True)
    worker_id = models.UUIDField(null=True)
    flow_id = models.UUIDField(null=True)
    status = models.CharField(max_length=11, choices=Status.choices, default=Status.SCHEDULED)
    note = models.CharField(max_length=200, default="")
    question = models.TextField(default="")
    thanks = models.TextField(default="")
    expiry_seconds = models.IntegerField(default=86_400)
    asked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    rating = models.IntegerField(null=True)
    comment = models.TextField(default="")

    class Meta:
        indexes = (
            models.Index(fields=("account_id", "ended_at"), name="survey_period"),
            models.Index(fields=("asked_in_id",), name="survey_asked_in", condition=Q(asked_in_id__isnull=False)),
            models.Index(fields=("execution_id",), name="survey_execution", condition=Q(execution_id__isnull=False)),
        )

    @property
    def sid(self) -> str:
        return ids.sid("SV", self.id)


class FloorSettings(models.Model):
    """What an account's wallboard and reports measure against (``reports.goals``); there is one once it was changed."""

    account_id = models.UUIDField(primary_key=True)
    values = JsonTextField(default=dict)
    updated_at = models.DateTimeField()
