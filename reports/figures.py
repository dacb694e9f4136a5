"""
The figures of a period, counted from the facts: a fixed number of statements, whatever the period holds.

A contact counts where it ended. In all but the queues' rows it counts once; a queue counts whatever was in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncDay, TruncHour, TruncMonth, TruncWeek

from common import ids
from common.clock import to_iso
from flows import queries as flows
from reports.goals import Goals
from reports.models import Offer, Survey, TaskLeg
from reports.period import Period, starts
from reports.queries import names_of_agents
from routing import histories

BY = {"queue": "queue_id", "agent": "worker_id", "flow": "flow_id", "channel": "channel"}
PREFIXES = {"queue": "WQ", "agent": "WK", "flow": "FW"}
_CUTS = {"hour": TruncHour, "day": TruncDay, "week": TruncWeek, "month": TruncMonth}
# What a customer is content with, of ratings from 1 to 5.
SATISFIED = 4


@dataclass(frozen=True, slots=True)
class Filters:
    """What a report is narrowed to; None: not narrowed."""

    queue_id: UUID | None = None
    worker_id: UUID | None = None
    flow_id: UUID | None = None
    channel: str | None = None

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        given = {
            "queue_id": self.queue_id,
            "worker_id": self.worker_id,
            "flow_id": self.flow_id,
            "channel": self.channel,
        }
        have = {field.attname for field in rows.model._meta.concrete_fields}
        return rows.filter(**{name: value for name, value in given.items() if value is not None and name in have})


def report(account_id: UUID, period: Period, by: str, goals: Goals, filters: Filters) -> dict[str, Any]:
    """Return totals, a row for each queue, agent, flow or channel, and the totals of each interval."""
    legs = filters.narrow(_within(TaskLeg, account_id, period))
    surveys = filters.narrow(_within(Survey, account_id, period))
    in_time = _in_time(goals)
    # A queue counts all that was in it: the contact's other queues too.
    counted = legs if filters.queue_id is not None else legs.filter(is_last=True)
    # It came to the first of its queues; where each contact is counted once, that is its one row.
    measures = _measures(in_time, Q(number=0) if filters.queue_id is not None else Q())
    by_row = _measures(in_time, Q(number=0)) if by == "queue" else measures
    cut = _CUTS[period.interval]("ended_at", tzinfo=period.zone)
    total = _written(counted.aggregate(**measures), surveys.aggregate(**_RATINGS))
    series = {
        row.pop("start"): row for row in counted.annotate(start=cut).values("start").order_by().annotate(**measures)
    }
    rated = {
        row.pop("start"): row for row in surveys.annotate(start=cut).values("start").order_by().annotate(**_RATINGS)
    }
    return {
        "from": to_iso(period.start),
        "to": to_iso(period.end),
        "time_zone": period.zone.key,
        "interval": period.interval,
        "by": by,
        "service_level_seconds": goals.service_level_seconds,
        "totals": total,
        "rows": _rows(account_id, period, by, legs if by == "queue" else counted, surveys, by_row, filters),
        "series": [
            {"start": begin.isoformat(), **_written(series.get(begin, {}), rated.get(begin, {}))}
            for begin in starts(period)
        ],
    }


def of_agent(account_id: UUID, period: Period, goals: Goals, worker_id: UUID) -> dict[str, Any]:
    """Return one agent's own row of a report: zero where there was nothing."""
    told = report(account_id, period, "agent", goals, Filters(worker_id=worker_id))
    nothing = {**told["totals"], **dict.fromkeys(_ANSWERS, 0)}
    row = next((each for each in told["rows"] if each["sid"] == ids.sid("WK", worker_id)), nothing)
    return {name: row[name] for name in nothing}


def _within(model: Any, account_id: UUID, period: Period) -> QuerySet[Any]:
    return model.objects.filter(account_id=account_id, ended_at__gte=period.start, ended_at__lt=period.end)


def _in_time(goals: Goals) -> Q:
    """Return the condition that an accepted leg was accepted within its queue's time."""
    own = {ids.parse_or_none("WQ", sid): seconds for sid, seconds in goals.queue_seconds().items()}
    others = {key: seconds for key, seconds in own.items() if key is not None}
    condition = Q(wait_ms__lte=goals.service_level_seconds * 1000)
    if others:
        # A leg without a queue is in none of them: NOT IN would say neither yes nor no of it.
        condition &= Q(queue_id__isnull=True) | ~Q(queue_id__in=list(others))
    for key, seconds in others.items():
        condition |= Q(queue_id=key, wait_ms__lte=seconds * 1000)
    return condition


def _measures(in_time: Q, came: Q) -> dict[str, Any]:
    accepted, abandoned = Q(result="accepted"), Q(result="abandoned")
    return {
        "contacts": Count("id"),
        "accepted": Count("id", filter=accepted),
        "abandoned": Count("id", filter=abandoned),
        "moved": Count("id", filter=Q(result="moved")),
        "in_time": Count("id", filter=accepted & in_time),
        "wait_sum": Sum("wait_ms", filter=accepted),
        "wait_max": Max("wait_ms", filter=accepted),
        "lost_sum": Sum("wait_ms", filter=abandoned),
        "talk_sum": Sum("talk_ms", filter=accepted),
        "wrap_sum": Sum("wrap_ms", filter=accepted),
        "transfers_in": Count("id", filter=Q(is_transfer=True) & came),
        "transfers_out": Count("id", filter=Q(was_transferred=True)),
    }


_RATINGS = {
    "asked": Count("id", filter=Q(asked_at__isnull=False)),
    "rated": Count("rating"),
    "mean": Avg("rating"),
    "satisfied": Count("id", filter=Q(rating__gte=SATISFIED)),
}
_ANSWERS = {
    "offers": Count("id"),
    "rejected": Count("id", filter=Q(result="rejected")),
    "missed": Count("id", filter=Q(result="missed")),
}


def _written(found: Mapping[str, Any], ratings: Mapping[str, Any]) -> dict[str, Any]:
    """Return measures as they are told: seconds, shares in percent, null where there is nothing to divide by."""
    accepted, abandoned = found.get("accepted", 0), found.get("abandoned", 0)
    talk, wrap = found.get("talk_sum") or 0, found.get("wrap_sum") or 0
    rated = ratings.get("rated", 0)
    return {
        **{name: found.get(name, 0) for name in ("contacts", "accepted", "abandoned", "moved", "in_time")},
        "abandoned_percent": _percent(abandoned, accepted + abandoned),
        "service_level_percent": _percent(found.get("in_time", 0), accepted + abandoned),
        "wait_avg": _mean(found.get("wait_sum"), accepted),
        "wait_max": _seconds(found.get("wait_max")),
        "abandoned_wait_avg": _mean(found.get("lost_sum"), abandoned),
        "handle_avg": _mean(talk + wrap, accepted),
        "talk_avg": _mean(talk, accepted),
        "wrap_avg": _mean(wrap, accepted),
        "handle_total": _seconds(talk + wrap),
        "transfers_in": found.get("transfers_in", 0),
        "transfers_out": found.get("transfers_out", 0),
        "csat_asked": ratings.get("asked", 0),
        "csat_answers": rated,
        "csat_avg": None if not rated else round(float(ratings["mean"]), 2),
        "csat_percent": _percent(ratings.get("satisfied", 0), rated),
    }


def _rows(
    account_id: UUID,
    period: Period,
    by: str,
    legs: QuerySet[Any],
    surveys: QuerySet[Any],
    measures: Mapping[str, Any],
    filters: Filters,
) -> list[dict[str, Any]]:
    column = BY[by]
    found = {row.pop(column): row for row in legs.values(column).order_by().annotate(**measures)}
    ratings = {row.pop(column): row for row in surveys.values(column).order_by().annotate(**_RATINGS)}
    answers: dict[Any, dict[str, Any]] = {}
    if by == "agent":
        offers = filters.narrow(_within(Offer, account_id, period))
        answers = {row.pop(column): row for row in offers.values(column).order_by().annotate(**_ANSWERS)}
        # Who accepted nothing was not there: contacts nobody had are no agent's.
        found.pop(None, None)
        ratings.pop(None, None)
    keys = found.keys() | ratings.keys() | answers.keys()
    names = _names(account_id, by, keys, legs)
    rows = [
        {
            "sid": ids.sid(PREFIXES[by], key) if by in PREFIXES and key is not None else None,
            "name": names.get(key) or _nameless(by, key),
            **_written(found.get(key, {}), ratings.get(key, {})),
            **({name: answers.get(key, {}).get(name, 0) for name in _ANSWERS} if by == "agent" else {}),
        }
        for key in keys
    ]
    return sorted(rows, key=lambda row: (row["name"].casefold(), row["sid"] or ""))


def _names(account_id: UUID, by: str, keys: Iterable[Any], legs: QuerySet[Any]) -> dict[Any, str]:
    """Return the present names; of what was deleted, the last one that was kept."""
    if by == "channel":
        return {key: str(key) for key in keys}
    if by == "queue":
        names = histories.names_of_queues(account_id)
    elif by == "agent":
        names = names_of_agents(account_id)
    else:
        names = flows.flow_names(account_id)
    missing = [key for key in keys if key is not None and key not in names]
    if missing:
        column, name = BY[by], BY[by].replace("_id", "_name")
        kept = legs.filter(**{f"{column}__in": missing}).values_list(column).order_by().annotate(Max(name))
        names = {**names, **dict(kept)}
    return names


def _nameless(by: str, key: Any) -> str:
    if key is None:
        return {"queue": "No queue", "flow": "No flow"}.get(by, "None")
    return f"Deleted {by}"


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _mean(total_ms: float | None, count: int) -> float | None:
    return round((total_ms or 0) / count / 1000, 1) if count else None


def _seconds(ms: float | None) -> float | None:
    return None if ms is None else round(ms / 1000, 1)
