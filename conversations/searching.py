"""Finding conversations by what was said in them, by who said it, and by their properties."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from conversations.models import Conversation, Message

# Looked through in one go; then the caller is told where to go on, so that no question reads a whole installation.
MOST_LOOKED_THROUGH = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """Conversations, newest first; of each the newest message with the words. ``go_on_before``: None at the end."""

    conversations: list[Conversation]
    messages: dict[UUID, Message]
    go_on_before: UUID | None


def search_conversations(
    account_id: UUID,
    *,
    words: str = "",
    channel_type: str | None = None,
    state: str | None = None,
    among: Iterable[UUID] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: UUID | None = None,
    limit: int = 50,
    look_through: int = MOST_LOOKED_THROUGH,
) -> Found:
    """
    Return an account's conversations with ``words`` (in any case, as they stand) in a message, or in the customer's
    name or address. ``among``: only these; ``since`` and ``until`` are of the beginning; ``before``: older ones.
    """
    given: dict[str, Any] = {
        "channel_type": channel_type,
        "state": state,
        "id__in": among,
        "created_at__gte": since,
        "created_at__lt": until,
        "id__lt": before,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    rows = Conversation.objects.filter(account_id=account_id, **wanted).order_by("-id")
    edge = None
    if words:
        edge = rows.values_list("id", flat=True)[look_through : look_through + 1].first()
        rows = _with(words, rows if edge is None else rows.filter(id__gt=edge))
    page = list(rows[: limit + 1])
    has_more = len(page) > limit
    page = page[:limit]
    # The edge itself was not looked at: ``before`` it would be skipped.
    edge_next = None if edge is None else UUID(int=edge.int + 1)
    return Found(page, _messages(page) if words else {}, page[-1].id if has_more else edge_next)


def _with(words: str, rows: QuerySet[Conversation]) -> QuerySet[Conversation]:
    # Unlike LIKE, a pattern knows all letters' cases on SQLite too.
    pattern = re.escape(words)
    said = Message.objects.filter(conversation_id=OuterRef("id"), body__iregex=pattern).order_by("-index")
    rows = rows.annotate(said_in=Subquery(said.values("id")[:1]))
    return rows.filter(
        Q(said_in__isnull=False) | Q(customer_name__iregex=pattern) | Q(customer_address__iregex=pattern)
    )


def _messages(rows: Iterable[Any]) -> dict[UUID, Message]:
    by_id = {row.said_in: row.id for row in rows if row.said_in is not None}
    return {by_id[key]: message for key, message in Message.objects.in_bulk(list(by_id)).items()}
