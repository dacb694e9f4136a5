"""
What a worker notes when the talk is over, within the rules of the task's queue.

The rules are kept with the wrap-up when it begins: what an admin changes meanwhile holds for the next one. The end of
a timed one is a timer entry, so it comes with the browser closed and after a downtime too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from common import outbox
from common.errors import ApiError, BadParameter, Conflict, NotFound
from interactions.errors import WrapUpMissing
from interactions.models import DeskPolicy, InteractionChannel, Invite, WrapUp
from interactions.services import policies
from routing import queries as routing
from routing import services as routing_services

TOPIC = "interactions.wrapup"
TIMER = "wrap-up"
OVER = "The time to wrap up is over"
MAX_DISPOSITION, MAX_NOTES, MAX_VALUE = 200, 10_000, 2_000
Mode = DeskPolicy.Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What the worker has written; None leaves a thing as it is. ``values`` are those of the policy's fields."""

    disposition: str | None = None
    notes: str | None = None
    values: Mapping[str, Any] | None = None


def follow(channel: InteractionChannel, invite: Invite, now: datetime) -> None:
    """Begin the wrap-up of an invite that is wrapping; end that of one that is done."""
    if invite.status == Invite.Status.WRAPPING:
        _begin(channel, invite, now)
    elif invite.status == Invite.Status.COMPLETED:
        _end(invite.task_id, "other", now)


def _begin(channel: InteractionChannel, invite: Invite, now: datetime) -> None:
    task = routing.task(channel.account_id, invite.task_id)
    queue_id = None if task is None else task.queue_id
    rules = policies.rules_of(channel.account_id, queue_id)
    due_at = now + timedelta(seconds=rules.seconds) if rules.is_timed else None
    row, is_new = WrapUp.objects.get_or_create(
        task_id=invite.task_id,
        defaults={
            "account_id": channel.account_id,
            "reservation_id": invite.reservation_id,
            "conversation_id": channel.conversation_id,
            "worker_id": invite.worker_id,
            "queue_id": queue_id,
            "rules": rules.to_json(),
            "started_at": now,
            "due_at": due_at,
        },
    )
    if is_new and due_at is not None:
        outbox.put(outbox.Entry(TOPIC, row.task_id, {}, due_at=due_at, name=TIMER))


@transaction.atomic
def save_notes(*, task_id: UUID, notes: Notes, now: datetime) -> WrapUp:
    """
    Keep what the worker has written so far; nothing is required yet.

    :raises NotFound: the task is not being wrapped up.
    :raises Conflict: its wrap-up is over.
    :raises BadParameter: a text is too long, or a value fits no field.
    """
    row = _open(task_id)
    _write(row, notes)
    row.save(update_fields=("disposition", "notes", "values"))
    return row


@transaction.atomic
def extend(*, task_id: UUID, now: datetime) -> WrapUp:
    """
    Add the time that the rules allow, once.

    :raises NotFound: the task is not being wrapped up.
    :raises Conflict: it is over, has no time to extend, or was extended already.
    """
    row = _open(task_id)
    more = int(row.rules.get("extension_seconds") or 0)
    if row.due_at is None or not more:
        raise Conflict("This wrap-up has no time that could be extended")
    if row.is_extended:
        raise Conflict("This wrap-up was extended already")
    row.due_at, row.is_extended = row.due_at + timedelta(seconds=more), True
    row.save(update_fields=("due_at", "is_extended"))
    outbox.put(outbox.Entry(TOPIC, row.task_id, {}, due_at=row.due_at, name=TIMER))
    return row


def finish(*, account_id: UUID, task_id: UUID, queue_id: UUID | None, notes: Notes | None, now: datetime) -> None:
    """
    Judge whether a worker may complete a task now, and keep their notes; called in the completing transaction.

    :raises WrapUpMissing: the rules ask for something that is not there; ``details`` names it.
    :raises Conflict: the wrap-up cannot be ended before its time.
    :raises BadParameter: a text is too long, or a value fits no field.
    """
    row = WrapUp.objects.select_for_update().filter(task_id=task_id).first()
    if row is None:
        if policies.rules_of(account_id, queue_id).mode != Mode.OPTIONAL:
            raise WrapUpMissing("This queue asks for a wrap-up: end the conversation first", details={"missing": []})
        return
    if row.ended_at is not None:
        return
    if notes is not None:
        _write(row, notes)
    mode = row.rules.get("mode")
    if mode != Mode.OPTIONAL:
        missing = _missing(row)
        if missing:
            raise WrapUpMissing(f"Still missing: {', '.join(missing)}", details={"missing": missing})
    if mode == Mode.TIMED_STRICT and row.due_at is not None and now < row.due_at:
        seconds = int((row.due_at - now).total_seconds()) + 1
        raise Conflict(f"This wrap-up ends by itself in {seconds} s, and not before")
    row.ended_at, row.ended_by = now, "agent"
    row.save()
    outbox.cancel(topic=TOPIC, key=row.task_id, name=TIMER)
    _tell_task(row, now)


def is_over(task_id: UUID, now: datetime) -> bool:
    """Tell whether a wrap-up's time is up, and nobody has ended it."""
    return WrapUp.objects.filter(task_id=task_id, ended_at=None, due_at__lte=now).exists()


def end_by_timer(task_id: UUID, now: datetime) -> None:
    """Note that the time ended it; the caller completes the task."""
    row = WrapUp.objects.filter(task_id=task_id).first()
    if row is not None:
        _tell_task(row, now)
    _end(task_id, "timer", now)


def _end(task_id: UUID, by: str, now: datetime) -> None:
    if WrapUp.objects.filter(task_id=task_id, ended_at=None).update(ended_at=now, ended_by=by):
        outbox.cancel(topic=TOPIC, key=task_id, name=TIMER)


def _open(task_id: UUID) -> WrapUp:
    row = WrapUp.objects.select_for_update().filter(task_id=task_id).first()
    if row is None:
        raise NotFound("wrap-up")
    if row.ended_at is not None:
        raise Conflict("This wrap-up is over")
    return row


def _write(row: WrapUp, notes: Notes) -> None:
    if notes.disposition is not None:
        if notes.disposition and notes.disposition not in row.rules.get("dispositions", ()):
            raise BadParameter(f"disposition: there is none called {notes.disposition[:80]!r}")
        row.disposition = notes.disposition
    if notes.notes is not None:
        if len(notes.notes) > MAX_NOTES:
            raise BadParameter(f"notes must have at most {MAX_NOTES:,} characters")
        row.notes = notes.notes
    if notes.values is not None:
        row.values = {**row.values, **_checked(row, notes.values)}


def _checked(row: WrapUp, values: Mapping[str, Any]) -> dict[str, Any]:
    fields = {each["name"]: each for each in row.rules.get("fields", ())}
    found: dict[str, Any] = {}
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            raise BadParameter(f"values: there is no field {name[:80]!r}")
        kind = field["type"]
        if kind == "checkbox":
            if not isinstance(value, bool):
                raise BadParameter(f"values: {name} must be true or false")
        elif not isinstance(value, str) or len(value) > MAX_VALUE or "\x00" in value:
            raise BadParameter(f"values: {name} must be a text of at most {MAX_VALUE:,} characters")
        elif kind == "select" and value and value not in field["options"]:
            raise BadParameter(f"values: {name} must be one of {', '.join(field['options'])}")
        found[name] = value
    return found


def _missing(row: WrapUp) -> list[str]:
    missing = []
    if row.rules.get("needs_disposition") and row.rules.get("dispositions") and not row.disposition:
        missing.append("Disposition")
    for field in row.rules.get("fields", ()):
        value = row.values.get(field["name"])
        is_empty = value is not True if field["type"] == "checkbox" else not str(value or "").strip()
        if field["required"] and is_empty:
            missing.append(field["label"])
    return missing


def _tell_task(row: WrapUp, now: datetime) -> None:
    """Write the result into the task's attributes, where reports and the flow find it."""
    Invite.objects.filter(task_id=row.task_id).update(outcome=row.disposition or row.notes[:200])
    task = routing.task(row.account_id, row.task_id)
    if task is None or not (row.disposition or row.notes or row.values):
        return
    attributes = json.loads(task.attributes)
    reporting = attributes.get("conversations")
    told = {"outcome": row.disposition, "content": row.notes[:500], "wrap_up": row.values}
    attributes["conversations"] = {**(reporting if isinstance(reporting, dict) else {}), **told}
    try:
        with transaction.atomic():
            routing_services.update_task(task_id=row.task_id, attributes=attributes, now=now)
    except ApiError:
        # No room for it in the attributes: it stands in the wrap-up all the same.
        return
