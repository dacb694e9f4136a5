"""Reads of supervision for the parts further left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from routing import live
from supervision.models import HelpRequest, Watch
from supervision.services.watching import FRESH

MOST_OPEN = 200


def open_help(account_id: UUID) -> list[HelpRequest]:
    """Return who needs help now, oldest first; two statements."""
    rows = list(HelpRequest.objects.filter(account_id=account_id, closed_at=None).order_by("id")[:MOST_OPEN])
    at_work = live.worked_on(row.task_id for row in rows if row.task_id is not None) if rows else set()
    return [row for row in rows if row.task_id is None or row.task_id in at_work]


def own_help(worker_id: UUID, conversation_id: UUID) -> HelpRequest | None:
    """Return an agent's open request about a conversation."""
    rows = HelpRequest.objects.filter(worker_id=worker_id, conversation_id=conversation_id, closed_at=None)
    return rows.first()


def help_in(conversation_ids: Iterable[UUID]) -> dict[UUID, HelpRequest]:
    """Return an open request of each conversation that has one."""
    rows = HelpRequest.objects.filter(conversation_id__in=list(conversation_ids), closed_at=None)
    return {row.conversation_id: row for row in rows.order_by("-id")}


def watchers(
    conversation_ids: Iterable[UUID], now: datetime, *, for_agents: bool = False
) -> dict[UUID, list[tuple[UUID, str]]]:
    """Return who looks at each conversation now: users and names; ``for_agents``: without those in private."""
    rows = Watch.objects.filter(conversation_id__in=list(conversation_ids), seen_at__gt=now - FRESH)
    if for_agents:
        rows = rows.filter(is_private=False)
    found: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for row in rows.order_by("began_at"):
        found[row.conversation_id].append((row.user_id, row.name))
    return found
