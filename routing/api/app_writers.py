"""The JSON of the routing administration (docs/contracts.md, "Routing admin")."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common import ids
from common.clock import iso_or_none, to_iso
from routing import calendars
from routing.matching.hours import is_open, next_change
from routing.models import Activity, Calendar, Task, TaskChannel, TaskQueue, Worker, WorkerChannel, Workflow, Workspace

if TYPE_CHECKING:
    from accounts.models import User


def workspace_json(row: Workspace) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "friendly_name": row.friendly_name,
        "default_activity_sid": _sid("WA", row.default_activity_id),
        "timeout_activity_sid": _sid("WA", row.timeout_activity_id),
        "prioritize_queue_order": row.prioritize_queue_order,
        "channel_fairness": row.channel_fairness,
        "event_callback_url": row.event_callback_url,
        "events_filter": row.events_filter,
    }


def queue_json(row: TaskQueue, *, workers: int, waiting: int) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "friendly_name": row.friendly_name,
        "target_workers": row.target_workers,
        "task_order": row.task_order,
        "max_reserved_workers": row.max_reserved_workers,
        "worker_count": workers,
        "waiting": waiting,
        "date_updated": to_iso(row.updated_at),
    }


def workflow_json(row: Workflow, *, waiting: int) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "friendly_name": row.friendly_name,
        "configuration": json.loads(row.configuration),
        "assignment_callback_url": row.assignment_callback_url,
        "fallback_assignment_callback_url": row.fallback_assignment_callback_url,
        "task_reservation_timeout": row.task_reservation_timeout,
        "waiting": waiting,
        "date_updated": to_iso(row.updated_at),
    }


def worker_json(row: Worker, seats: list[WorkerChannel], user: User | None) -> dict[str, Any]:
    """``row`` with its activity, ``seats`` with their task channels."""
    return {
        "sid": row.sid,
        "friendly_name": row.friendly_name,
        "attributes": json.loads(row.attributes),
        "activity_sid": ids.sid("WA", row.activity_id),
        "activity_name": row.activity.friendly_name,
        "available": row.available,
        "capacity_units": row.capacity_units,
        "channels": [
            {
                "task_channel_sid": ids.sid("TC", seat.task_channel_id),
                "unique_name": seat.task_channel.unique_name,
                "capacity": seat.configured_capacity,
                "available": seat.available,
                "assigned": seat.assigned_tasks,
            }
            for seat in seats
        ],
        "open_reservations": row.open_count,
        "user": None if user is None else {"sid": user.sid, "username": user.username, "name": user.display_name},
        "date_updated": to_iso(row.updated_at),
    }


def activity_json(row: Activity, *, workers: int) -> dict[str, Any]:
    return {"sid": row.sid, "friendly_name": row.friendly_name, "available": row.available, "worker_count": workers}


def task_channel_json(row: TaskChannel) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "unique_name": row.unique_name,
        "friendly_name": row.friendly_name,
        "default_capacity": row.default_capacity,
        "units": row.units,
        "channel_optimized_routing": row.channel_optimized_routing,
        "is_built_in": row.is_built_in,
    }


def calendar_json(row: Calendar, now: datetime) -> dict[str, Any]:
    hours = calendars.hours_of(row)
    return {
        "sid": row.sid,
        "name": row.name,
        "time_zone": row.time_zone,
        "weekly": row.weekly,
        "country": row.country,
        "subdivision": row.subdivision,
        "dates": row.dates,
        "open": is_open(hours, now),
        "next_change": iso_or_none(next_change(hours, now)),
        "date_updated": to_iso(row.updated_at),
    }


def task_json(row: Task, now: datetime, worker_name: str | None) -> dict[str, Any]:
    queue, workflow = row.queue, row.workflow
    return {
        "sid": row.sid,
        "status": row.status,
        "priority": row.priority,
        "age": max(0, int((now - row.created_at).total_seconds())),
        "attributes": json.loads(row.attributes),
        "channel": row.channel.unique_name,
        "queue": {"sid": queue.sid, "friendly_name": queue.friendly_name} if queue else None,
        "workflow": {"sid": workflow.sid, "friendly_name": workflow.friendly_name} if workflow else None,
        "worker_name": worker_name,
        "reason": row.reason,
        "is_waiting": row.is_waiting,
        "date_created": to_iso(row.created_at),
    }


def _sid(prefix: str, key: Any) -> str | None:
    return None if key is None else ids.sid(prefix, key)
