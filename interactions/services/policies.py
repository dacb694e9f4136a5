"""How agents work on a queue's tasks: wrap-up, auto-accept, and whether the directory shows the queue."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.services import record_audit
from common import ids
from common.errors import BadParameter
from interactions.models import DeskPolicy

Mode = DeskPolicy.Mode
FIELD_TYPES = ("text", "select", "checkbox")
MOST_DISPOSITIONS, MOST_FIELDS, MOST_OPTIONS = 100, 20, 50
MAX_NAME = 200
MAX_SECONDS = 3600
KEPT_SECONDS = 3.0  # how long a process may go by what it has read of who accepts by itself

_kept: dict[UUID, tuple[float, frozenset[UUID | None]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What holds for one queue; ``dispositions`` with the general ones where they apply."""

    mode: str = Mode.OPTIONAL
    seconds: int = 60
    extension_seconds: int = 0
    dispositions: tuple[str, ...] = ()
    needs_disposition: bool = False
    fields: tuple[Mapping[str, Any], ...] = ()
    auto_accept: bool = False

    @property
    def is_timed(self) -> bool:
        return self.mode in (Mode.TIMED, Mode.TIMED_STRICT)

    def to_json(self) -> dict[str, Any]:
        return {
            "mode": str(self.mode),
            "seconds": self.seconds if self.is_timed else None,
            "extension_seconds": self.extension_seconds if self.is_timed else 0,
            "dispositions": list(self.dispositions),
            "needs_disposition": self.needs_disposition,
            "fields": [dict(each) for each in self.fields],
        }


def rules_of(account_id: UUID, queue_id: UUID | None) -> Rules:
    """Return what holds for a queue: its own policy, else the account's general one, else nothing special."""
    found = {row.queue_id: row for row in DeskPolicy.objects.filter(account_id=account_id, queue_id__in=[queue_id])}
    general = DeskPolicy.objects.filter(account_id=account_id, queue_id=None).first()
    row = found.get(queue_id) or general
    if row is None:
        return Rules()
    dispositions = list(row.dispositions)
    if row.queue_id is not None and row.with_general and general is not None:
        dispositions += general.dispositions
    return Rules(
        mode=row.mode,
        seconds=row.seconds,
        extension_seconds=row.extension_seconds,
        dispositions=tuple(dict.fromkeys(dispositions)),
        needs_disposition=row.needs_disposition,
        fields=tuple(row.fields),
        auto_accept=row.auto_accept,
    )


@transaction.atomic
def save_policy(
    *, account_id: UUID, queue_id: UUID | None, values: Mapping[str, Any], actor: str, now: datetime
) -> DeskPolicy:
    """
    Change the policy of a queue, or (``queue_id`` None) the general one; what ``values`` does not name stays.

    :raises BadParameter: a value is no good; the message names it.
    """
    row = DeskPolicy.objects.select_for_update().filter(account_id=account_id, queue_id=queue_id).first()
    row = row or DeskPolicy(account_id=account_id, queue_id=queue_id)
    checked = {name: _CHECKS[name](name, value) for name, value in values.items() if name in _CHECKS}
    for name, value in checked.items():
        setattr(row, name, value)
    if row.needs_disposition and not row.dispositions and not (queue_id is not None and row.with_general):
        raise BadParameter("needs_disposition: there is no disposition to choose from")
    row.updated_at = now
    row.save()
    _kept.pop(account_id, None)
    subject = "general" if queue_id is None else ids.sid("WQ", queue_id)
    record_audit(
        account_id=account_id, actor=actor, action="desk_policy.changed", subject=subject, changes=checked, now=now
    )
    return row


@transaction.atomic
def delete_policy(*, account_id: UUID, queue_id: UUID, actor: str, now: datetime) -> bool:
    """Let the general policy hold for a queue again. Returns whether it had one of its own."""
    gone, _ = DeskPolicy.objects.filter(account_id=account_id, queue_id=queue_id).delete()
    _kept.pop(account_id, None)
    if gone:
        subject = ids.sid("WQ", queue_id)
        record_audit(
            account_id=account_id, actor=actor, action="desk_policy.deleted", subject=subject, changes={}, now=now
        )
    return bool(gone)


def accepts_itself(account_id: UUID) -> bool:
    """Tell whether an account has a queue whose offers are accepted by the server; a few seconds late at most."""
    until, queues = _kept.get(account_id, (0.0, frozenset()))
    if time.monotonic() >= until:
        rows = DeskPolicy.objects.filter(account_id=account_id, auto_accept=True)
        queues = frozenset(rows.values_list("queue_id", flat=True))
        if len(_kept) > 10_000:
            _kept.clear()
        _kept[account_id] = (time.monotonic() + KEPT_SECONDS, queues)
    return bool(queues)


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadParameter(f"{name} must be true or false")
    return value


def _mode(name: str, value: Any) -> str:
    if value not in Mode.values:
        raise BadParameter(f"{name} must be one of {', '.join(Mode.values)}")
    return str(value)


def _seconds(least: int) -> Any:
    def check(name: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= MAX_SECONDS:
            raise BadParameter(f"{name} must be a whole number between {least} and {MAX_SECONDS}")
        return value

    return check


def _names(name: str, value: Any, most: int = MOST_DISPOSITIONS) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadParameter(f"{name} must be a list of texts")
    found = list(dict.fromkeys(each.strip() for each in value if each.strip()))
    if len(found) > most or any(len(each) > MAX_NAME or "\x00" in each for each in found):
        raise BadParameter(f"{name}: at most {most} of at most {MAX_NAME} characters")
    return found


def _fields(name: str, value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > MOST_FIELDS or not all(isinstance(each, dict) for each in value):
        raise BadParameter(f"{name} must be a list of at most {MOST_FIELDS} objects")
    found: list[dict[str, Any]] = []
    for each in value:
        label, kind = each.get("label"), each.get("type", "text")
        if not isinstance(label, str) or not label.strip() or len(label) > MAX_NAME:
            raise BadParameter(f"{name}: every field needs a label of at most {MAX_NAME} characters")
        if kind not in FIELD_TYPES:
            raise BadParameter(f"{name}: the type of {label!r} must be one of {', '.join(FIELD_TYPES)}")
        options = _names(f"{name}: options of {label!r}", each.get("options") or [], MOST_OPTIONS)
        if kind == "select" and not options:
            raise BadParameter(f"{name}: {label!r} needs options to choose from")
        key = each.get("name") or re.sub(r"[^a-z0-9]+", "_", label.strip().lower()).strip("_") or "field"
        if not isinstance(key, str) or not re.fullmatch(r"[A-Za-z0-9_]{1,64}", key):
            raise BadParameter(f"{name}: names consist of letters, digits and _")
        if any(other["name"] == key for other in found):
            raise BadParameter(f"{name}: two fields are called {key!r}")
        is_required = _flag(f"{name}: required of {label!r}", each.get("required", False))
        found.append(
            {
                "name": key,
                "label": label.strip(),
                "type": kind,
                "required": is_required,
                "options": options if kind == "select" else [],
            }
        )
    return found


_CHECKS: Mapping[str, Any] = {
    "mode": _mode,
    "seconds": _seconds(5),
    "extension_seconds": _seconds(0),
    "dispositions": _names,
    "with_general": _flag,
    "needs_disposition": _flag,
    "fields": _fields,
    "auto_accept": _flag,
    "is_listed": _flag,
}
