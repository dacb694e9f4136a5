"""Starting, stopping and deleting executions from outside a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import transaction

from accounts.services import record_audit
from common import ids
from common.errors import BadParameter, TooManyRequests
from flows import runtime
from flows.errors import MalformedAddress
from flows.models import Execution, ExecutionStep, Flow

# Studio's bound on To and From together, in bytes of UTF-8.
MAX_ADDRESS_BYTES = 300
MAX_PARAMETER_BYTES = 64 * 1024

BY_REST = "incomingRequest"
A_SECOND = timedelta(seconds=1)


def start_execution(
    *, account_id: UUID, flow_id: UUID, to: str, from_: str, parameters: Mapping[str, Any], now: datetime
) -> Execution:
    """
    Start a flow at ``incomingRequest`` for the contact ``to``, from our address ``from_``.

    ``parameters`` become ``flow.data`` and ``trigger.request.parameters``.

    :raises Flow.DoesNotExist: unknown in this account.
    :raises MalformedAddress: empty or too long.
    :raises BadParameter: the parameters cannot be stored, or have more than 64 kB.
    :raises NotPublished: the flow has no published revision.
    :raises TooManyRequests: the account starts more than ``settings.STARTS_PER_SECOND``.
    :raises ContactBusy: an execution of this flow is active for the contact.
    """
    to, from_ = to.strip(), from_.strip()
    if not to or not from_ or len(to.encode()) + len(from_.encode()) > MAX_ADDRESS_BYTES:
        raise MalformedAddress(f"To and From must not be empty, and have at most {MAX_ADDRESS_BYTES} bytes together")
    try:
        size = len(orjson.dumps(parameters))
    except (TypeError, RecursionError) as error:
        raise BadParameter(f"Parameters cannot be stored: {error}") from error
    if size > MAX_PARAMETER_BYTES:
        raise BadParameter("Parameters may have 64 kB of text")
    flow = Flow.objects.get(account_id=account_id, id=flow_id)
    if _started_lately(account_id, now) >= settings.STARTS_PER_SECOND:
        raise TooManyRequests(f"An account may start {settings.STARTS_PER_SECOND} executions a second")
    return runtime.start(flow=flow, to=to, from_=from_, parameters=dict(parameters), now=now)


def _started_lately(account_id: UUID, now: datetime) -> int:
    """
    Count the account's starts by REST in the last second, up to the limit, whichever process made them.

    Starts of the same instant do not see each other: as many more may pass as processes answer at once.
    """
    lately = Execution.objects.filter(account_id=account_id, id__gte=ids.first_of(now - A_SECOND), trigger=BY_REST)
    return lately[: settings.STARTS_PER_SECOND].count()


@transaction.atomic
def retry_execution(
    *, account_id: UUID, execution_id: UUID, step_id: UUID | None, author: str, now: datetime
) -> Execution:
    """
    Run the rest of an ended execution again as a new one, from a step or from where it failed.

    ``author`` is the SID of who asks for it.

    :raises Execution.DoesNotExist: unknown in this account.
    :raises ExecutionStep.DoesNotExist: it has no such step.
    :raises BadParameter, Conflict, ContactBusy: see ``flows.runtime.retry``.
    """
    old = Execution.objects.get(account_id=account_id, id=execution_id)
    step = None if step_id is None else ExecutionStep.objects.get(execution_id=old.id, id=step_id)
    execution = runtime.retry(execution_id=old.id, step_seq=None if step is None else step.seq, now=now)
    record_audit(
        account_id=account_id,
        actor=author,
        action="execution.retried",
        subject=old.sid,
        changes={"execution": execution.sid, "step": None if step is None else step.sid},
        now=now,
    )
    return execution


def stop_execution(*, account_id: UUID, execution_id: UUID, now: datetime) -> Execution:
    """
    End an execution; one that has ended stays as it is.

    :raises Execution.DoesNotExist: unknown in this account.
    """
    execution = Execution.objects.get(account_id=account_id, id=execution_id)
    if execution.status == Execution.Status.ACTIVE:
        runtime.stop(execution_id=execution.id, now=now)
        execution.refresh_from_db()
    return execution


@transaction.atomic
def delete_execution(*, account_id: UUID, execution_id: UUID, now: datetime) -> None:
    """
    Delete an execution with its steps; an active one is ended first.

    :raises Execution.DoesNotExist: unknown in this account.
    """
    stop_execution(account_id=account_id, execution_id=execution_id, now=now)
    Execution.objects.select_for_update().get(account_id=account_id, id=execution_id).delete()
