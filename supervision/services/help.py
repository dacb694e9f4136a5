"""Asking for help, and giving it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from common import events
from common.errors import BadParameter, Conflict, NotFound
from supervision.events import HelpChanged
from supervision.models import HelpRequest
from supervision.services.actors import Actor

MAX_NOTE = 500  # characters


@transaction.atomic
def ask_for_help(
    *,
    account_id: UUID,
    conversation_id: UUID,
    worker_id: UUID,
    agent_name: str,
    note: str,
    now: datetime,
    task_id: UUID | None = None,
) -> HelpRequest:
    """
    Tell the supervisors that an agent needs help; asked again, the open request gets the new note.

    :raises BadParameter: the note is too long.
    """
    if len(note) > MAX_NOTE:
        raise BadParameter(f"The note must have at most {MAX_NOTE} characters")
    row = _open(account_id, conversation_id, worker_id)
    if row is None:
        row = HelpRequest(
            account_id=account_id,
            conversation_id=conversation_id,
            worker_id=worker_id,
            task_id=task_id,
            agent_name=agent_name[:256],
            note=note,
            created_at=now,
        )
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            # The other tab was faster.
            found = _open(account_id, conversation_id, worker_id)
            if found is None:
                raise
            return found
    elif note and note != row.note:
        row.note = note
        row.save(update_fields=("note",))
    _announce(row)
    return row


@transaction.atomic
def accept_help(*, actor: Actor, help_id: UUID, now: datetime) -> HelpRequest:
    """
    Take a request on.

    :raises NotFound: unknown.
    :raises Conflict: it is over, or a colleague was faster.
    """
    row = HelpRequest.objects.select_for_update().filter(id=help_id, account_id=actor.account_id).first()
    if row is None:
        raise NotFound("help request")
    if row.closed_at is not None:
        raise Conflict("The agent needs no help any more")
    if row.accepted_by_id not in (None, actor.user_id):
        raise Conflict(f"{row.accepted_by_name} is helping already")
    if row.accepted_by_id is None:
        row.accepted_by_id, row.accepted_by_name, row.accepted_at = actor.user_id, actor.name[:256], now
        row.save(update_fields=("accepted_by_id", "accepted_by_name", "accepted_at"))
        actor.note("help.accepted", row.sid, now, agent=row.agent_name)
        _announce(row)
    return row


@transaction.atomic
def close_help(*, account_id: UUID, conversation_id: UUID, now: datetime, worker_id: UUID | None = None) -> bool:
    """End the open requests of a conversation, or of one agent in it. Returns whether there was one."""
    rows = HelpRequest.objects.filter(account_id=account_id, conversation_id=conversation_id, closed_at=None)
    if worker_id is not None:
        rows = rows.filter(worker_id=worker_id)
    return _close(rows.select_for_update(), now)


@transaction.atomic
def close_help_of_tasks(*, task_ids: Iterable[UUID], now: datetime) -> bool:
    """End the requests about work that is over."""
    return _close(HelpRequest.objects.filter(task_id__in=list(task_ids), closed_at=None).select_for_update(), now)


def _close(rows: Iterable[HelpRequest], now: datetime) -> bool:
    found = list(rows)
    for row in found:
        row.closed_at = now
        row.save(update_fields=("closed_at",))
        _announce(row)
    return bool(found)


def _open(account_id: UUID, conversation_id: UUID, worker_id: UUID) -> HelpRequest | None:
    rows = HelpRequest.objects.select_for_update().filter(account_id=account_id, closed_at=None)
    return rows.filter(conversation_id=conversation_id, worker_id=worker_id).first()


def _announce(row: HelpRequest) -> None:
    events.publish(HelpChanged(account_id=row.account_id, help_id=row.id, conversation_id=row.conversation_id))
