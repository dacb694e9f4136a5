"""
The wallboard: ten statements, whatever the number of agents and tasks, and one reading for all who look.

What colour a figure has is decided here, so that every screen and every test sees the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.cache import cache

from accounts import queries as accounts
from common import ids
from common.clock import to_iso
from common.errors import BadParameter
from reports import queries as reports
from reports.goals import Goals
from routing import live
from routing import queries as routing
from supervision import queries

WINDOWS = {"15m": 15, "30m": 30, "1h": 60, "4h": 240, "today": 0}
CACHE_SECONDS = 2
WAITING = ("pending", "reserved")


def read(account_id: UUID, window: str, now: datetime) -> dict[str, Any]:
    """
    Return the wallboard, at most two seconds old.

    :raises BadParameter: no such window.
    """
    if window not in WINDOWS:
        raise BadParameter(f"window must be one of {', '.join(WINDOWS)}")
    key = f"wallboard.{account_id.hex}.{window}"
    found: dict[str, Any] | None = cache.get(key)
    if found is None:
        found = build(account_id, window, now)
        cache.set(key, found, CACHE_SECONDS)
    return found


def forget(account_id: UUID) -> None:
    """Have the next reading be a fresh one: settings were changed."""
    cache.delete_many([f"wallboard.{account_id.hex}.{window}" for window in WINDOWS])


def build(account_id: UUID, window: str, now: datetime) -> dict[str, Any]:
    workspace = routing.default_workspace(account_id)
    goals = reports.goals(account_id)
    since = _since(account_id, window, now)
    told: dict[str, Any] = {"now": to_iso(now), "window": window, "since": to_iso(since), "goals": dict(goals.values)}
    if workspace is None:
        empty = _figures([], [], goals.of(), now)
        return {**told, "totals": empty, "queues": [], "channels": [], "activities": [], "agents": 0, "help": []}
    queues = {row.id: row for row in routing.task_queues(account_id)}
    channels = {row.id: row for row in routing.task_channels(account_id)}
    by_name = {row.unique_name: key for key, row in channels.items()}
    loads = live.loads(workspace.id)
    served = live.served(
        workspace.id,
        since,
        seconds=goals.service_level_seconds,
        by_queue={
            key: goals.of(queue=row.sid)["service_level_seconds"]
            for key, row in queues.items()
            if row.sid in goals.queue_seconds()
        },
        by_channel=_channel_seconds(goals, by_name),
    )
    staffing = live.staffing(workspace.id)
    activities = [(row.id, row.friendly_name, row.available) for row in routing.activities(workspace.id)]
    presences = {each.activity_id: each for each in live.presences(workspace.id)}
    return {
        **told,
        "totals": _figures(loads, served, goals.of(), now),
        "queues": [
            {
                "sid": row.sid,
                "name": row.friendly_name,
                "available_agents": staffing.get(key, (0, 0))[0],
                "idle_agents": staffing.get(key, (0, 0))[1],
                **_figures(
                    [each for each in loads if each.queue_id == key],
                    [each for each in served if each.queue_id == key],
                    goals.of(queue=row.sid),
                    now,
                ),
            }
            for key, row in sorted(queues.items(), key=lambda one: one[1].friendly_name.casefold())
        ],
        "channels": [
            {
                "name": row.unique_name,
                "friendly_name": row.friendly_name,
                **_figures(
                    [each for each in loads if each.channel_id == key],
                    [each for each in served if each.channel_id == key],
                    goals.of(channel=row.unique_name),
                    now,
                ),
            }
            for key, row in channels.items()
        ],
        "activities": [
            {
                "sid": ids.sid("WA", key),
                "name": name,
                "available": available,
                "agents": presences[key].number if key in presences else 0,
                "busy": presences[key].busy if key in presences else 0,
            }
            for key, name, available in activities
        ],
        "agents": sum(each.number for each in presences.values()),
        "help": [help_json(row) for row in queries.open_help(account_id)],
    }


def help_json(row: Any) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "conversation_sid": ids.sid("CH", row.conversation_id),
        "agent": row.agent_name,
        "worker_sid": ids.sid("WK", row.worker_id),
        "note": row.note,
        "accepted_by": row.accepted_by_name or None,
        "date_created": to_iso(row.created_at),
    }


def judge(measure: str, value: float | None, limits: Mapping[str, int]) -> str:
    """Return good, warning, alarm, or "" where there is nothing to judge."""
    if value is None:
        return ""
    warning, alarm = limits[f"{measure}_warning"], limits[f"{measure}_alarm"]
    if measure == "service_level":
        return "alarm" if value < alarm else "warning" if value < warning else "good"
    return "alarm" if value >= alarm else "warning" if value >= warning else "good"


def _figures(
    loads: Iterable[live.Load], served: Iterable[live.Served], limits: Mapping[str, int], now: datetime
) -> dict[str, Any]:
    by_status: dict[str, int] = defaultdict(int)
    oldest: datetime | None = None
    for load in loads:
        by_status[load.status] += load.number
        if load.status in WAITING:
            oldest = load.oldest if oldest is None else min(oldest, load.oldest)
    accepted = in_time = lost = 0
    for each in served:
        if each.is_accepted:
            accepted, in_time = accepted + each.number, in_time + each.in_time
        else:
            lost += each.number
    ended = accepted + lost
    waiting = by_status["pending"] + by_status["reserved"]
    longest = None if oldest is None else max(0, int((now - oldest).total_seconds()))
    level = round(100 * in_time / ended, 1) if ended else None
    return {
        "waiting": waiting,
        "offered": by_status["reserved"],
        "assigned": by_status["assigned"],
        "wrapping": by_status["wrapping"],
        "longest_wait": longest,
        "accepted": accepted,
        "abandoned": lost,
        "service_level": level,
        "service_level_seconds": limits["service_level_seconds"],
        "states": {
            "waiting": judge("waiting", waiting, limits),
            "longest_wait": judge("longest_wait", longest, limits),
            "service_level": judge("service_level", level, limits),
        },
    }


def _since(account_id: UUID, window: str, now: datetime) -> datetime:
    if WINDOWS[window]:
        return now - timedelta(minutes=WINDOWS[window])
    zone = ZoneInfo(accounts.time_zones([account_id]).get(account_id, "UTC"))
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)


def _channel_seconds(goals: Goals, by_name: Mapping[str, UUID]) -> dict[UUID, int]:
    own = goals.values["channels"]
    return {
        by_name[name]: mine["service_level_seconds"]
        for name, mine in own.items()
        if name in by_name and "service_level_seconds" in mine
    }
