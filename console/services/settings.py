"""How the consoles of an account behave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts import services as accounts
from common.errors import BadParameter
from console.models import ConsoleSettings
from conversations.services import ChannelType

MAX_SECONDS = 7 * 24 * 3600
SWITCHES = ("tells_typing", "shows_text", "personal_replies")


@transaction.atomic
def change_settings(*, account_id: UUID, actor: str, now: datetime, **changes: Any) -> ConsoleSettings:
    """
    Change what is named: ``warn_after``, ``late_after`` (seconds), ``by_channel``, and the switches.

    :raises BadParameter: a threshold out of bounds, or yellow that does not come before red.
    """
    ConsoleSettings.objects.get_or_create(account_id=account_id, defaults={"updated_at": now})
    row = ConsoleSettings.objects.select_for_update().get(account_id=account_id)
    for name in ("warn_after", "late_after", *SWITCHES):
        if changes.get(name) is not None:
            setattr(row, name, changes[name])
    if changes.get("by_channel") is not None:
        row.by_channel = {
            channel: _thresholds(channel, values) for channel, values in _items(changes["by_channel"]) if values
        }
    _check(row.warn_after, row.late_after)
    row.updated_at = now
    row.save()
    accounts.record_audit(
        account_id=account_id,
        actor=actor,
        action="console.settings_changed",
        subject="console",
        changes={name: value for name, value in changes.items() if value is not None},
        now=now,
    )
    return row


def _items(by_channel: Any) -> list[tuple[str, Any]]:
    if not isinstance(by_channel, Mapping) or any(channel not in ChannelType.values for channel in by_channel):
        raise BadParameter(f"by_channel must be an object by {', '.join(ChannelType.values)}")
    return list(by_channel.items())


def _thresholds(channel: str, values: Any) -> dict[str, int]:
    names = ("warn_after", "late_after")
    if not isinstance(values, Mapping) or any(type(values.get(name)) is not int for name in names):
        raise BadParameter(f"by_channel.{channel} must have warn_after and late_after in whole seconds")
    _check(values["warn_after"], values["late_after"])
    return {name: values[name] for name in names}


def _check(warn_after: int, late_after: int) -> None:
    if not 0 < warn_after < late_after <= MAX_SECONDS:
        raise BadParameter("warn_after must come before late_after, and both lie within seven days")
