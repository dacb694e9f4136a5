"""How long agents were in which activity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from common import ids
from common.clock import to_iso
from reports.models import ActivityStay
from reports.period import Period
from reports.queries import names_of_agents
from routing import histories

Stretch = tuple[UUID, UUID, datetime, datetime]
MAX_STRETCHES = 2_000


def hours(account_id: UUID, period: Period, now: datetime, only: UUID | None = None) -> dict[str, Any]:
    """Return for each agent, or only for one, the seconds in each activity within a period; four statements."""
    activities = histories.activities_of(account_id)
    names = names_of_agents(account_id)
    seconds: dict[UUID, dict[UUID, float]] = defaultdict(lambda: defaultdict(float))
    for worker_id, activity_id, begin, end in _stretches(account_id, period, now, only):
        seconds[worker_id][activity_id] += (end - begin).total_seconds()
    known = list(activities)
    gone = sorted({key for mine in seconds.values() for key in mine} - activities.keys(), key=str)
    columns = [
        {
            "sid": ids.sid("WA", key),
            "name": activities[key][0] if key in activities else "Deleted activity",
            "available": activities[key][1] if key in activities else False,
        }
        for key in (*known, *gone)
    ]
    agents = [
        {
            "sid": ids.sid("WK", worker_id),
            "name": names.get(worker_id, "Deleted agent"),
            "seconds": {ids.sid("WA", key): round(value) for key, value in mine.items()},
            "available_seconds": round(
                sum(value for key, value in mine.items() if activities.get(key, ("", False))[1])
            ),
        }
        for worker_id, mine in seconds.items()
    ]
    return {
        "from": to_iso(period.start),
        "to": to_iso(period.end),
        "time_zone": period.zone.key,
        "activities": columns,
        "agents": sorted(agents, key=lambda one: (str(one["name"]).casefold(), str(one["sid"]))),
    }


def stretches(account_id: UUID, worker_id: UUID, period: Period, now: datetime) -> list[dict[str, Any]]:
    """Return one agent's activities within a period, oldest first, the newest ``MAX_STRETCHES`` of them."""
    activities = histories.activities_of(account_id)
    found = sorted(_stretches(account_id, period, now, worker_id), key=lambda one: one[2])[-MAX_STRETCHES:]
    return [
        {
            "activity_sid": ids.sid("WA", activity_id),
            "name": activities.get(activity_id, ("Deleted activity", False))[0],
            "available": activities.get(activity_id, ("", False))[1],
            "from": to_iso(begin),
            "to": to_iso(end),
            "seconds": round((end - begin) / timedelta(seconds=1)),
        }
        for _, activity_id, begin, end in found
    ]


def _stretches(account_id: UUID, period: Period, now: datetime, worker_id: UUID | None = None) -> Iterator[Stretch]:
    """Yield stays cut to the period: those that have ended, and the present ones up to now."""
    ended = ActivityStay.objects.filter(account_id=account_id, ended_at__gt=period.start, began_at__lt=period.end)
    if worker_id is not None:
        ended = ended.filter(worker_id=worker_id)
    present = [row for row in histories.present_activities(account_id) if worker_id in (None, row[0])]
    rows = [
        *ended.values_list("worker_id", "activity_id", "began_at", "ended_at").iterator(),
        *((worker, activity, since, now) for worker, activity, since in present),
    ]
    for worker, activity, begin, end in rows:
        since, until = max(begin, period.start), min(end, period.end, now)
        if until > since:
            yield worker, activity, since, until
