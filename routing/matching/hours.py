"""
Opening hours: a week of periods in a time zone, a country's holidays, and dates of one's own.

Pure: the same hours and moment give the same answer. A date of one's own wins over a holiday, a holiday over the
week. A period ends before its ``until``; one that is to go on after midnight is two periods.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import holidays

from routing.matching.errors import RuleError

MINUTES_A_DAY = 24 * 60
MOST_PERIODS = 200  # in a week
MOST_DATES = 500
FARTHEST_DAYS = 400  # in which the next change is looked for
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|24:00")


class HoursError(RuleError):
    """Opening hours that cannot be used; ``path`` names the place, as ``weekly[2].to``."""

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.detail = message
        self.path = path


@dataclass(frozen=True, slots=True)
class Period:
    """Minutes of a day, as its clocks show them: from ``start`` to before ``until`` (at most 1440)."""

    start: int
    until: int


@dataclass(frozen=True, slots=True)
class SpecialDate:
    """One date that is unlike its weekday; without periods it is closed."""

    name: str
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class Hours:
    """When something is open. ``weekly`` has seven entries, Monday first; ``country`` empty: no holidays."""

    time_zone: str
    weekly: tuple[tuple[Period, ...], ...]
    country: str = ""
    subdivision: str = ""
    dates: Mapping[date, SpecialDate] = field(default_factory=dict)


def is_open(hours: Hours, at: datetime) -> bool:
    """Tell whether it is open at a moment (aware, any zone)."""
    local = at.astimezone(ZoneInfo(hours.time_zone))
    minute = local.hour * 60 + local.minute
    return any(period.start <= minute < period.until for period in periods_of(hours, local.date())[0])


def periods_of(hours: Hours, day: date) -> tuple[tuple[Period, ...], str]:
    """Return when it is open on a date, and the name of the holiday or own date that says so ("" for the week)."""
    own = hours.dates.get(day)
    if own is not None:
        return own.periods, own.name
    if hours.country:
        name = holidays_of(hours.country, hours.subdivision, day.year).get(day)
        if name is not None:
            return (), name
    return hours.weekly[day.weekday()], ""


def next_change(hours: Hours, after: datetime) -> datetime | None:
    """Return when it opens or closes next after a moment, in UTC; None if it does not within 400 days."""
    now_open = is_open(hours, after)
    zone = ZoneInfo(hours.time_zone)
    first = after.astimezone(zone).date()
    for day in range(FARTHEST_DAYS):
        for moment in _edges(hours, first + timedelta(days=day), zone):
            if moment > after and is_open(hours, moment) != now_open:
                return moment
    return None


def read_hours(
    *,
    time_zone: object,
    weekly: object = (),
    country: object = "",
    subdivision: object = "",
    dates: object = (),
) -> Hours:
    """
    Read opening hours as the API gives them (docs/contracts.md, "Routing admin").

    :raises HoursError: a value cannot be used; names the place.
    """
    if not isinstance(time_zone, str) or time_zone not in zone_names():
        raise HoursError("must be the name of a time zone, as Europe/Berlin", path="time_zone")
    if not isinstance(country, str) or not isinstance(subdivision, str):
        raise HoursError("must be text", path="country")
    if country and country not in countries():
        raise HoursError(f"no holidays are known of {country!r}", path="country")
    if subdivision and subdivision not in countries().get(country, ()):
        raise HoursError(f"{subdivision!r} is no part of {country!r}", path="subdivision")
    days: list[list[Period]] = [[] for _ in range(7)]
    for number, item in enumerate(_listed(weekly, "weekly", MOST_PERIODS)):
        path = f"weekly[{number}]"
        day = item.get("day")
        if isinstance(day, bool) or not isinstance(day, int) or not 0 <= day <= 6:
            raise HoursError("must be 0 (Monday) to 6 (Sunday)", path=f"{path}.day")
        days[day].append(_period(item, path))
    own: dict[date, SpecialDate] = {}
    for number, item in enumerate(_listed(dates, "dates", MOST_DATES)):
        path = f"dates[{number}]"
        moment = _date(item.get("date"), f"{path}.date")
        if moment in own:
            raise HoursError("the date is there twice", path=f"{path}.date")
        name = item.get("name", "")
        if not isinstance(name, str) or len(name) > 120:
            raise HoursError("must be text of at most 120 characters", path=f"{path}.name")
        listed = _listed(item.get("periods", []), f"{path}.periods", MOST_PERIODS)
        periods = [_period(each, f"{path}.periods[{at}]") for at, each in enumerate(listed)]
        own[moment] = SpecialDate(name or "own date", _sorted(periods, path))
    week = tuple(_sorted(periods, f"weekly (day {day})") for day, periods in enumerate(days))
    return Hours(time_zone, week, country, subdivision, own)


def clock_text(minute: int) -> str:
    """Write a minute of the day as ``09:30``."""
    return f"{minute // 60:02}:{minute % 60:02}"


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Return the names of all time zones."""
    return frozenset(available_timezones())


@lru_cache(maxsize=1)
def countries() -> Mapping[str, tuple[str, ...]]:
    """Return the countries whose holidays are known, by ISO code, with the codes of their parts."""
    return {
        code: tuple(parts) for code, parts in sorted(holidays.list_supported_countries(include_aliases=False).items())
    }


@lru_cache(maxsize=512)
def holidays_of(country: str, subdivision: str, year: int) -> Mapping[date, str]:
    """Return a year's public holidays by date."""
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    return {day: name for day, name in found.items() if day.year == year}


def _edges(hours: Hours, day: date, zone: ZoneInfo) -> Iterator[datetime]:
    minutes = {0, *(edge for period in periods_of(hours, day)[0] for edge in (period.start, period.until))}
    found: set[datetime] = set()
    for minute in sorted(minutes):
        whole = day + timedelta(days=minute // MINUTES_A_DAY)
        local = datetime.combine(whole, time(minute % MINUTES_A_DAY // 60, minute % 60), tzinfo=zone)
        # Where clocks are put forward or back, a time of day is missing or there twice.
        found.update(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    found.update(_clock_changes(day, zone))
    yield from sorted(found)


def _clock_changes(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    midnight = datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)
    before = midnight.astimezone(zone).utcoffset()
    for quarter in range(1, 26 * 4):
        moment = midnight + timedelta(minutes=15 * quarter)
        offset = moment.astimezone(zone).utcoffset()
        if offset != before:
            yield moment
            before = offset


def _listed(value: object, path: str, most: int) -> list[Mapping[str, Any]]:
    if (
        not isinstance(value, Sequence)
        or isinstance(value, str)
        or not all(isinstance(each, Mapping) for each in value)
    ):
        raise HoursError("must be a list of objects", path=path)
    if len(value) > most:
        raise HoursError(f"has at most {most} entries", path=path)
    return list(value)


def _period(item: Mapping[str, Any], path: str) -> Period:
    start, until = (_minute(item.get(name), f"{path}.{name}") for name in ("from", "to"))
    if start >= until:
        raise HoursError("must be later than 'from'", path=f"{path}.to")
    return Period(start, until)


def _minute(value: object, path: str) -> int:
    if not isinstance(value, str) or _CLOCK.fullmatch(value) is None:
        raise HoursError("must be a time of day, as 09:00", path=path)
    return int(value[:2]) * 60 + int(value[3:])


def _date(value: object, path: str) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as error:
        raise HoursError("must be a date, as 2026-12-24", path=path) from error


def _sorted(periods: Sequence[Period], path: str) -> tuple[Period, ...]:
    ordered = sorted(periods, key=lambda period: period.start)
    for earlier, later in pairwise(ordered):
        if later.start < earlier.until:
            raise HoursError("periods of one day overlap", path=path)
    return tuple(ordered)
