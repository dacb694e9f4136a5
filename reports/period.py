"""The period of a report, and how it is cut. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from common.errors import BadParameter

MAX_DAYS = 400
INTERVALS = ("hour", "day", "week", "month")
# So that a year is not drawn hour by hour.
MAX_POINTS = 800
_HOURS = {"hour": 1, "day": 24, "week": 168, "month": 672}


@dataclass(frozen=True, slots=True)
class Period:
    """From ``start`` up to, and not with, ``end``; days begin at midnight of ``zone``."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    interval: str = "day"


def read_zone(name: str) -> ZoneInfo:
    """:raises BadParameter: there is no such time zone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadParameter(f"There is no time zone {name!r}") from error


def read_period(first: str | None, last: str | None, zone: ZoneInfo, interval: str | None, now: datetime) -> Period:
    """
    Return the period from the first day to the last one, both with; the last seven days where none are given.

    :raises BadParameter: malformed, the wrong way round, too long, or cut too finely.
    """
    today = now.astimezone(zone).date()
    until = _day("to", last) if last else today
    since = _day("from", first) if first else until - timedelta(days=6)
    if since > until:
        raise BadParameter("from must not be after to")
    if (until - since).days >= MAX_DAYS:
        raise BadParameter(f"A report covers at most {MAX_DAYS} days")
    chosen = interval or ("hour" if since == until else "day")
    if chosen not in INTERVALS:
        raise BadParameter(f"interval must be one of {', '.join(INTERVALS)}")
    if ((until - since).days + 1) * 24 / _HOURS[chosen] > MAX_POINTS:
        raise BadParameter("The period is too long for this interval")
    try:
        return Period(_midnight(since, zone), _midnight(until + timedelta(days=1), zone), zone, chosen)
    except (OverflowError, ValueError) as error:
        raise BadParameter("from and to must be days between the years 1 and 9999") from error


def starts(period: Period) -> list[datetime]:
    """Return where each interval of a period begins, in its zone; the first may begin before the period."""
    at = period.start.astimezone(period.zone)
    if period.interval == "hour":
        hours = int((period.end - period.start) / timedelta(hours=1))
        return [(period.start + timedelta(hours=number)).astimezone(period.zone) for number in range(hours)]
    day = at.date()
    if period.interval == "week":
        day -= timedelta(days=day.weekday())
    if period.interval == "month":
        day = day.replace(day=1)
    found = []
    while (begin := _midnight(day, period.zone)) < period.end:
        found.append(begin.astimezone(period.zone))
        if period.interval == "month":
            day = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        else:
            day += timedelta(days=7 if period.interval == "week" else 1)
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadParameter(f"{name} must be a day, as in 2026-03-31") from error
