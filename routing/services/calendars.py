"""Writes of opening hours."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from common.errors import BadParameter, Conflict, NotFound
from routing import calendars
from routing.errors import InUse
from routing.matching.hours import HoursError, read_hours
from routing.models import Calendar, Task, Workflow
from routing.services import standing
from routing.services.log import Log

FIELDS = ("time_zone", "weekly", "country", "subdivision", "dates")
MOST_CALENDARS = 100  # of an account: flows are told of all of them
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)


@transaction.atomic
def create_calendar(*, account_id: UUID, name: str, now: datetime, values: Mapping[str, Any]) -> Calendar:
    """
    Create opening hours; ``values`` are those of ``FIELDS``, as the API gives them.

    :raises BadParameter: a value cannot be used (``details.path`` names the place), or there are too many.
    :raises Conflict: the name is taken.
    """
    if Calendar.objects.filter(account_id=account_id).count() >= MOST_CALENDARS:
        raise BadParameter(f"An account has at most {MOST_CALENDARS} calendars")
    row = Calendar(account_id=account_id, created_at=now, updated_at=now, time_zone="UTC")
    return _write(row, name, values, now)


@transaction.atomic
def update_calendar(
    *, account_id: UUID, calendar_id: UUID, now: datetime, values: Mapping[str, Any], name: str | None = None
) -> Calendar:
    """
    Change opening hours; tasks that wait by them are looked at again.

    :raises NotFound: unknown in this account.
    :raises BadParameter, Conflict: as for a new one.
    :raises InUse: it would be renamed while a workflow names it.
    """
    row = Calendar.objects.select_for_update().filter(id=calendar_id, account_id=account_id).first()
    if row is None:
        raise NotFound("calendar")
    if name is not None and name != row.name:
        _refuse_named(row)
    return _write(row, row.name if name is None else name, values, now)


@transaction.atomic
def delete_calendar(*, account_id: UUID, calendar_id: UUID, now: datetime) -> None:
    """
    Delete opening hours.

    :raises NotFound: unknown in this account.
    :raises InUse: a workflow names it.
    """
    row = Calendar.objects.select_for_update().filter(id=calendar_id, account_id=account_id).first()
    if row is None:
        raise NotFound("calendar")
    _refuse_named(row)
    row.delete()
    _tell(account_id, now)


def _write(row: Calendar, name: str, values: Mapping[str, Any], now: datetime) -> Calendar:
    if _NAME.fullmatch(name) is None:
        raise BadParameter("name must have 1 to 64 letters, digits and '_' and begin with a letter")
    row.name = name
    given = {field: values.get(field, getattr(row, field)) for field in FIELDS}
    try:
        read_hours(**given)
    except HoursError as error:
        raise BadParameter(str(error), details={"path": error.path, "line": None, "column": None}) from error
    for field, value in given.items():
        setattr(row, field, value)
    row.updated_at = now
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(f"A calendar with the name {name!r} already exists") from error
    _tell(row.account_id, now)
    return row


def _refuse_named(row: Calendar) -> None:
    for workflow in Workflow.objects.filter(account_id=row.account_id):
        plan = standing.plan_of(workflow)
        if plan is not None and row.name in plan.calendars:
            raise InUse(f"The calendar is named by the workflow {workflow.friendly_name!r}")


def _tell(account_id: UUID, now: datetime) -> None:
    """Have everything that goes by the account's hours look again."""
    transaction.on_commit(lambda: calendars.forget(account_id))
    asking = Task.objects.filter(account_id=account_id, is_waiting=True, hours_change_at__isnull=False)
    by_workspace: dict[UUID, list[Task]] = defaultdict(list)
    for task in asking.select_for_update(of=("self",)).select_related("workflow", "queue").order_by("id"):
        by_workspace[task.workspace_id].append(task)
    for workspace_id, tasks in by_workspace.items():
        log = Log(workspace_id, account_id, now)
        for task in tasks:
            standing.wait_again(task, now, log)
            task.updated_at = now
            task.save()
        log.flush()
