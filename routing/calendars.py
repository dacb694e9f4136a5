"""Reads of opening hours, for routing's expressions and for flows."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from routing.matching.hours import FARTHEST_DAYS, Hours, is_open, next_change, read_hours
from routing.models import Calendar

KEPT_SECONDS = 5.0  # how long a process may answer flows from what it has read

Named = tuple[tuple[str, Hours], ...]

_kept: dict[UUID, tuple[float, Named]] = {}


def hours_of(row: Calendar) -> Hours:
    """Return a calendar's hours, parsed once as long as they stay as they are."""
    return _parsed(row.time_zone, orjson.dumps(row.weekly), row.country, row.subdivision, orjson.dumps(row.dates))


def open_calendars(account_id: UUID, now: datetime) -> dict[str, dict[str, bool]]:
    """Return ``{name: {"open": bool}}`` of an account's calendars, as expressions see them."""
    return _told(_read(account_id), now)


def change_of(account_id: UUID, names: Iterable[str], now: datetime) -> datetime:
    """Return when one of these calendars opens or closes next; far ahead where none does or there is none."""
    known = dict(_read(account_id))
    found = (next_change(known[name], now) for name in names if name in known)
    return min((moment for moment in found if moment is not None), default=now + timedelta(days=FARTHEST_DAYS))


def calendar_now(account_id: UUID, calendar_id: UUID, now: datetime) -> tuple[bool, datetime | None] | None:
    """Return whether a calendar is open and when that changes next; None where the account has no such calendar."""
    row = Calendar.objects.filter(account_id=account_id, id=calendar_id).first()
    if row is None:
        return None
    hours = hours_of(row)
    return is_open(hours, now), next_change(hours, now)


def flow_calendars(account_id: UUID, now: datetime) -> dict[str, dict[str, bool]]:
    """Return the same for a flow's context, at most ``KEPT_SECONDS`` behind what another process has written."""
    until, named = _kept.get(account_id, (0.0, ()))
    if time.monotonic() >= until:
        named = _read(account_id)
        if len(_kept) > 10_000:
            _kept.clear()
        _kept[account_id] = (time.monotonic() + KEPT_SECONDS, named)
    return _told(named, now)


def with_calendars(scope: Mapping[str, Any], account_id: UUID, now: datetime) -> dict[str, Any]:
    """Return a task's attributes with ``calendar`` beside them; an attribute of that name keeps its other members."""
    told = open_calendars(account_id, now)
    own = scope.get("calendar")
    if not told:
        return dict(scope)
    return {**scope, "calendar": {**own, **told} if isinstance(own, Mapping) else told}


def forget(account_id: UUID) -> None:
    """Have the next flow read the account's calendars again."""
    _kept.pop(account_id, None)


def _read(account_id: UUID) -> Named:
    return tuple((row.name, hours_of(row)) for row in Calendar.objects.filter(account_id=account_id).order_by("name"))


def _told(named: Named, now: datetime) -> dict[str, dict[str, bool]]:
    return {name: {"open": is_open(hours, now)} for name, hours in named}


@lru_cache(maxsize=512)
def _parsed(time_zone: str, weekly: bytes, country: str, subdivision: str, dates: bytes) -> Hours:
    return read_hours(
        time_zone=time_zone,
        weekly=orjson.loads(weekly),
        country=country,
        subdivision=subdivision,
        dates=orjson.loads(dates),
    )
