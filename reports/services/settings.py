"""Changing what a floor measures itself against."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.services import record_audit
from common import ids
from reports import goals
from reports.models import FloorSettings


@transaction.atomic
def change_goals(*, account_id: UUID, given: Mapping[str, Any], actor: str, now: datetime) -> goals.Goals:
    """
    Change the settings that are named; the others stay.

    :raises BadParameter: an unknown name, or a value of the wrong kind.
    """
    checked = goals.check(given)
    FloorSettings.objects.get_or_create(account_id=account_id, defaults={"updated_at": now})
    row = FloorSettings.objects.select_for_update().get(account_id=account_id)
    row.values = {**row.values, **checked}
    row.updated_at = now
    row.save()
    record_audit(
        account_id=account_id,
        actor=actor,
        action="floor.settings_changed",
        subject=ids.sid("AC", account_id),
        changes=checked,
        now=now,
    )
    return goals.complete(row.values)
