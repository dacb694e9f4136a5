"""How much the outbox still holds, for those who watch the installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from common import outbox
from common.models import OutboxEntry


@dataclass(frozen=True, slots=True)
class TopicBacklog:
    """One topic's entries: due and not done, given up, and the age of the oldest due one in seconds."""

    topic: str
    due: int
    parked: int
    oldest_seconds: float


def backlog(now: datetime) -> list[TopicBacklog]:
    """Count every registered topic's entries; topics without any are included."""
    is_due = Q(parked_at=None, due_at__lte=now)
    rows = {
        row["topic"]: row
        for row in OutboxEntry.objects.filter(is_due | ~Q(parked_at=None))
        .values("topic")
        .annotate(
            due=Count("id", filter=is_due),
            parked=Count("id", filter=~Q(parked_at=None)),
            oldest=Min("due_at", filter=is_due),
        )
    }
    names = sorted({topic.name for topic in outbox.topics()} | set(rows))
    return [_counted(name, rows.get(name, {}), now) for name in names]


def _counted(name: str, row: dict[str, object], now: datetime) -> TopicBacklog:
    oldest = row.get("oldest")
    age = (now - oldest).total_seconds() if isinstance(oldest, datetime) else 0.0
    return TopicBacklog(name, int(str(row.get("due", 0))), int(str(row.get("parked", 0))), age)
