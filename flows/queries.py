"""Reads of flows, revisions and executions, filtered by account."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from common import ids
from flows.models import Execution, ExecutionStep, Flow, FlowRevision, FlowTest, HttpExchange
from flows.revisions import find_revision, newest_revision
from flows.runtime.history import context_after, context_of

__all__ = (
    "context_after",
    "context_of",
    "execution",
    "executions",
    "executions_of_conversations",
    "find_execution",
    "flow",
    "flow_names",
    "flow_with_newest",
    "flows",
    "flows_run",
    "http_exchanges",
    "retries_of",
    "revision",
    "revisions",
    "step",
    "step_sids",
    "steps",
    "test",
    "tests",
)


def flow(account_id: UUID, flow_id: UUID) -> Flow:
    """
    Return one flow.

    :raises Flow.DoesNotExist: unknown in this account.
    """
    return Flow.objects.get(account_id=account_id, id=flow_id)


def flow_with_newest(account_id: UUID, flow_id: UUID) -> tuple[Flow, FlowRevision]:
    """
    Return one flow with the revision saved last.

    :raises Flow.DoesNotExist: unknown in this account.
    """
    found = flow(account_id, flow_id)
    return found, newest_revision(found)


def flows(account_id: UUID) -> QuerySet[Flow]:
    """
    Return an account's flows, newest first.

    Each carries ``commit_message``, ``widget_count`` and ``valid`` of its newest revision.
    """
    newest = FlowRevision.objects.filter(flow=OuterRef("pk"), revision=OuterRef("revision"))
    return (
        Flow.objects.filter(account_id=account_id)
        .annotate(
            commit_message=Subquery(newest.values("commit_message")[:1]),
            widget_count=Subquery(newest.values("widget_count")[:1]),
            valid=Subquery(newest.values("valid")[:1]),
        )
        .order_by("-id")
    )


def flow_names(account_id: UUID) -> dict[UUID, str]:
    """Return the name of each flow, by name."""
    return dict(Flow.objects.filter(account_id=account_id).order_by("friendly_name").values_list("id", "friendly_name"))


def revisions(flow_id: UUID) -> QuerySet[FlowRevision]:
    """Return a flow's revisions, newest first, without their definitions."""
    return FlowRevision.objects.filter(flow_id=flow_id).defer("definition", "problems").order_by("-revision")


def revision(account_id: UUID, flow_id: UUID, which: str) -> tuple[Flow, FlowRevision]:
    """
    Return a revision by number, ``LatestPublished`` or ``LatestRevision``, with its flow.

    :raises Flow.DoesNotExist: unknown in this account.
    :raises FlowRevision.DoesNotExist: no such revision.
    :raises MalformedRevision: the text names none.
    """
    found = flow(account_id, flow_id)
    return found, find_revision(found, which)


def tests(flow_id: UUID) -> list[FlowTest]:
    """Return the tests kept with a flow, oldest first."""
    return list(FlowTest.objects.filter(flow_id=flow_id).order_by("id"))


def test(account_id: UUID, flow_id: UUID, test_id: UUID) -> FlowTest:
    """
    Return one test.

    :raises FlowTest.DoesNotExist: unknown in this account, or not of this flow.
    """
    return FlowTest.objects.get(account_id=account_id, flow_id=flow_id, id=test_id)


def executions(
    account_id: UUID,
    *,
    flow_id: UUID | None = None,
    conversation_id: UUID | None = None,
    status: str | None = None,
    contact: str | None = None,
    has_error: bool | None = None,
    created_from: datetime | None = None,
    created_to: datetime | None = None,
) -> QuerySet[Execution]:
    """Return executions, newest first, without their sessions; ``contact`` is a part of the customer's address."""
    given: dict[str, Any] = {
        "flow_id": flow_id,
        "conversation_id": conversation_id,
        "status": status,
        "contact_address__icontains": contact,
        "created_at__gte": created_from,
        "created_at__lte": created_to,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    rows = Execution.objects.filter(account_id=account_id, **wanted)
    if has_error is not None:
        rows = rows.exclude(error="") if has_error else rows.filter(error="")
    return rows.defer("session").order_by("-id")


def execution(account_id: UUID, execution_id: UUID, *, flow_id: UUID | None = None) -> Execution:
    """
    Return one execution.

    :raises Execution.DoesNotExist: unknown in this account, or not of this flow.
    """
    rows = Execution.objects.filter(account_id=account_id)
    return (rows if flow_id is None else rows.filter(flow_id=flow_id)).get(id=execution_id)


def find_execution(account_id: UUID, execution_id: UUID) -> Execution | None:
    """Return one execution, or None where the account has none of this id."""
    return Execution.objects.filter(account_id=account_id, id=execution_id).first()


def executions_of_conversations(account_id: UUID, conversation_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Return the SIDs of each conversation's executions, oldest first."""
    found: dict[UUID, list[str]] = {}
    rows = Execution.objects.filter(account_id=account_id, conversation_id__in=list(conversation_ids)).order_by("id")
    for conversation_id, execution_id in rows.values_list("conversation_id", "id"):
        found.setdefault(conversation_id, []).append(ids.sid("FN", execution_id))
    return found


def flows_run(conversation_ids: Iterable[UUID]) -> dict[UUID, list[tuple[datetime, UUID]]]:
    """Return when which flow began in each conversation, oldest first."""
    found: dict[UUID, list[tuple[datetime, UUID]]] = {}
    rows = Execution.objects.filter(conversation_id__in=list(conversation_ids)).order_by("id")
    for conversation_id, began_at, flow_id in rows.values_list("conversation_id", "created_at", "flow_id"):
        found.setdefault(conversation_id, []).append((began_at, flow_id))
    return found


def retries_of(execution: Execution) -> list[str]:
    """Return the SIDs of the executions that ran the rest of one again, oldest first."""
    rows = Execution.objects.filter(conversation_id=execution.conversation_id, initiated_by=execution.sid)
    return [ids.sid("FN", key) for key in rows.order_by("id").values_list("id", flat=True)]


def steps(execution_id: UUID) -> QuerySet[ExecutionStep]:
    """Return the steps of an execution in the order of entering."""
    return ExecutionStep.objects.filter(execution_id=execution_id).order_by("seq")


def step(execution_id: UUID, step_id: UUID) -> ExecutionStep:
    """
    Return one step.

    :raises ExecutionStep.DoesNotExist: not of this execution.
    """
    return ExecutionStep.objects.get(execution_id=execution_id, id=step_id)


def step_sids(execution_id: UUID) -> dict[int, str]:
    """Return the SID of each step by its number."""
    rows = ExecutionStep.objects.filter(execution_id=execution_id).values_list("seq", "id")
    return {seq: ids.sid("FT", key) for seq, key in rows}


def http_exchanges(execution_id: UUID) -> list[HttpExchange]:
    """Return the HTTP calls of an execution, in the order they were asked for."""
    return list(HttpExchange.objects.filter(execution_id=execution_id).order_by("ref", "hop"))


def count_active() -> int:
    """Return how many executions of the installation have not ended; for those who operate it."""
    return Execution.objects.filter(status=Execution.Status.ACTIVE).count()
