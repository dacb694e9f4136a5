"""Flows with their revisions and tests; executions with their steps and HTTP exchanges."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from common import ids
from common.fields import JsonTextField


class Flow(models.Model):
    """A diagram that admins draw; what runs is one of its revisions."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    friendly_name = models.CharField(max_length=256)
    # Of the newest revision, which may be a draft newer than the live one.
    status = models.CharField(max_length=9, choices=Status.choices)
    revision = models.IntegerField()
    published_revision = models.IntegerField(null=True)
    test_users = models.JSONField(default=list)
    author = models.CharField(max_length=120, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("account_id", "-id"), name="flow_newest"),)

    @property
    def sid(self) -> str:
        return ids.sid("FW", self.id)


class FlowRevision(models.Model):
    """One immutable numbered version of a flow."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="revisions")
    revision = models.IntegerField()
    status = models.CharField(max_length=9, choices=Flow.Status.choices)
    friendly_name = models.CharField(max_length=256)
    definition = JsonTextField()
    commit_message = models.CharField(max_length=512, default="")
    author = models.CharField(max_length=120, default="")
    valid = models.BooleanField()
    # Problems as flows.engine.problems writes them.
    problems = JsonTextField(default=list)
    widget_count = models.IntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("flow", "revision"), name="revision_once"),)


class FlowTest(models.Model):
    """A story that admins keep with a flow, to be played on whatever it is at the time."""

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="tests")
    name = models.CharField(max_length=200)
    # As flows.engine.stories reads it, without an id: the name stands for it.
    story = JsonTextField()
    author = models.CharField(max_length=120, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("flow", "name"), name="flow_test_name"),)

    @property
    def sid(self) -> str:
        return ids.sid("FX", self.id)


class Execution(models.Model):
    """One run of a revision for one contact."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="executions")
    revision = models.IntegerField()
    # The conversation its messages are said in; it is also the key its events are ordered by.
    conversation_id = models.UUIDField()
    contact_address = models.CharField(max_length=256)
    channel_address = models.CharField(max_length=256)
    trigger = models.CharField(max_length=32)
    # The SID of the message or request that began it, or of the execution that it retries.
    initiated_by = models.CharField(max_length=40, default="")
    is_test = models.BooleanField(default=False)
    status = models.CharField(max_length=6, choices=Status.choices, default=Status.ACTIVE)
    session = JsonTextField()
    current_widget = models.CharField(max_length=256, null=True)
    waits_for = models.CharField(max_length=16, null=True)
    # Why it ended, where that was not the flow's own end.
    error = models.TextField(default="")
    step_count = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("conversation_id",), name="execution_active", condition=Q(status="active")),
            models.Index(fields=("conversation_id", "-id"), name="execution_of_conversation"),
            models.Index(fields=("flow", "-id"), name="execution_newest"),
            models.Index(fields=("account_id", "-id"), name="execution_of_account"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("flow", "conversation_id"), condition=Q(status="active"), name="execution_one_active"
            ),
        )

    @property
    def sid(self) -> str:
        return ids.sid("FN", self.id)


class ExecutionStep(models.Model):
    """
    One visit of a widget.

    ``changes`` is what the step added to the context, ``{dotted path: value}``: the context as it was at a step's
    end is the trigger's context with all changes up to it, so a long execution is not stored once a step.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    execution = models.ForeignKey(Execution, on_delete=models.CASCADE, related_name="steps")
    flow_id = models.UUIDField()
    seq = models.IntegerField()
    parent_seq = models.IntegerField(null=True)
    event = models.CharField(max_length=64)
    name = models.CharField(max_length=256)
    type = models.CharField(max_length=64)
    transitioned_from = models.CharField(max_length=256)
    transitioned_to = models.CharField(max_length=256)
    changes = JsonTextField(default=dict)
    warnings = JsonTextField(default=list)
    entered_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("execution", "seq"), name="step_once"),)

    @property
    def sid(self) -> str:
        return ids.sid("FT", self.id)


class HttpExchange(models.Model):
    """
    One HTTP call of an execution: what was asked, what came back, how long it took.

    ``hop`` counts the addresses that one redirect to TwiML was sent on to, from 0; other calls have one.
    """

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    account_id = models.UUIDField()
    execution = models.ForeignKey(Execution, on_delete=models.CASCADE, related_name="http_exchanges")
    ref = models.IntegerField()
    hop = models.IntegerField(default=0, db_default=0)
    # The step that asked for it; null where it was made before that was noted.
    step_seq = models.IntegerField(null=True)
    method = models.CharField(max_length=8)
    url = models.TextField()
    request_body = models.TextField(default="")
    status_code = models.IntegerField(null=True)
    content_type = models.CharField(max_length=200, default="")
    response_body = models.TextField(default="")
    error = models.TextField(default="")
    duration_ms = models.IntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("execution", "ref", "hop"), name="exchange_once"),)
