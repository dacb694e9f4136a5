"""The JSON of each resource, every documented field present."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from common import ids
from common.clock import iso_or_none, to_iso
from routing.api.base import sid_or_none, url
from routing.models import (
    Activity,
    Reservation,
    RoutingEvent,
    Task,
    TaskChannel,
    TaskQueue,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)

REDACTED_AFTER_SECONDS = 30 * 86_400


def write_workspace(row: Workspace) -> dict[str, Any]:
    default, timeout = row.default_activity, row.timeout_activity
    links = {
        "activities": "Activities",
        "statistics": "Statistics",
        "real_time_statistics": "RealTimeStatistics",
        "cumulative_statistics": "CumulativeStatistics",
        "task_queues": "TaskQueues",
        "tasks": "Tasks",
        "workers": "Workers",
        "workflows": "Workflows",
        "task_channels": "TaskChannels",
        "events": "Events",
    }
    return {
        "sid": row.sid,
        "account_sid": ids.sid("AC", row.account_id),
        "friendly_name": row.friendly_name,
        "default_activity_sid": default.sid if default else None,
        "default_activity_name": default.friendly_name if default else None,
        "timeout_activity_sid": timeout.sid if timeout else None,
        "timeout_activity_name": timeout.friendly_name if timeout else None,
        "event_callback_url": row.event_callback_url or None,
        "events_filter": row.events_filter or None,
        "multi_task_enabled": row.multi_task_enabled,
        "prioritize_queue_order": row.prioritize_queue_order,
        **_times(row),
        "url": url(row),
        "links": {name: url(row, part) for name, part in links.items()},
    }


def write_activity(row: Activity) -> dict[str, Any]:
    return {
        **_base(row),
        "friendly_name": row.friendly_name,
        "available": row.available,
        "url": url(row.workspace_id, "Activities", row.sid),
        "links": {"workspace": url(row.workspace_id)},
    }


def write_task_channel(row: TaskChannel) -> dict[str, Any]:
    return {
        **_base(row),
        "friendly_name": row.friendly_name,
        "unique_name": row.unique_name,
        "channel_optimized_routing": row.channel_optimized_routing,
        "url": url(row.workspace_id, "TaskChannels", row.sid),
        "links": {"workspace": url(row.workspace_id)},
    }


def write_task_queue(row: TaskQueue) -> dict[str, Any]:
    reservation, assignment = row.reservation_activity, row.assignment_activity
    own = ("TaskQueues", row.sid)
    return {
        **_base(row),
        "friendly_name": row.friendly_name,
        "target_workers": row.target_workers,
        "max_reserved_workers": row.max_reserved_workers,
        "task_order": row.task_order,
        "reservation_activity_sid": reservation.sid if reservation else None,
        "reservation_activity_name": reservation.friendly_name if reservation else None,
        "assignment_activity_sid": assignment.sid if assignment else None,
        "assignment_activity_name": assignment.friendly_name if assignment else None,
        "url": url(row.workspace_id, *own),
        "links": {
            "assignment_activity": url(row.workspace_id, "Activities", assignment.sid) if assignment else None,
            "reservation_activity": url(row.workspace_id, "Activities", reservation.sid) if reservation else None,
            "workspace": url(row.workspace_id),
            "statistics": url(row.workspace_id, *own, "Statistics"),
            "real_time_statistics": url(row.workspace_id, *own, "RealTimeStatistics"),
            "cumulative_statistics": url(row.workspace_id, *own, "CumulativeStatistics"),
            "list_statistics": url(row.workspace_id, "TaskQueues", "Statistics"),
            "bulk_real_time_statistics": url(row.workspace_id, "TaskQueues", "RealTimeStatistics"),
        },
    }


def write_workflow(row: Workflow) -> dict[str, Any]:
    own = ("Workflows", row.sid)
    return {
        **_base(row),
        "friendly_name": row.friendly_name,
        "configuration": row.configuration,
        "document_content_type": "application/json",
        "assignment_callback_url": row.assignment_callback_url or None,
        "fallback_assignment_callback_url": row.fallback_assignment_callback_url or None,
        "task_reservation_timeout": row.task_reservation_timeout,
        "url": url(row.workspace_id, *own),
        "links": {
            "statistics": url(row.workspace_id, *own, "Statistics"),
            "real_time_statistics": url(row.workspace_id, *own, "RealTimeStatistics"),
            "cumulative_statistics": url(row.workspace_id, *own, "CumulativeStatistics"),
        },
    }


def write_worker(row: Worker) -> dict[str, Any]:
    own = ("Workers", row.sid)
    return {
        **_base(row),
        "friendly_name": row.friendly_name,
        "attributes": row.attributes,
        "activity_sid": ids.sid("WA", row.activity_id),
        "activity_name": row.activity.friendly_name,
        "available": row.available,
        "date_status_changed": to_iso(row.status_changed_at),
        "url": url(row.workspace_id, *own),
        "links": {
            "channels": url(row.workspace_id, *own, "Channels"),
            "activity": url(row.workspace_id, "Activities", ids.sid("WA", row.activity_id)),
            "workspace": url(row.workspace_id),
            "statistics": url(row.workspace_id, "Workers", "Statistics"),
            "real_time_statistics": url(row.workspace_id, "Workers", "RealTimeStatistics"),
            "cumulative_statistics": url(row.workspace_id, "Workers", "CumulativeStatistics"),
            "worker_statistics": url(row.workspace_id, *own, "Statistics"),
            "worker_channels": url(row.workspace_id, *own, "Channels"),
            "reservations": url(row.workspace_id, *own, "Reservations"),
        },
    }


def write_worker_channel(row: WorkerChannel) -> dict[str, Any]:
    capacity, assigned = row.configured_capacity, row.assigned_tasks
    workspace_id = row.worker.workspace_id
    return {
        "sid": row.sid,
        "account_sid": ids.sid("AC", row.account_id),
        "workspace_sid": ids.sid("WS", workspace_id),
        "worker_sid": ids.sid("WK", row.worker_id),
        "task_channel_sid": ids.sid("TC", row.task_channel_id),
        "task_channel_unique_name": row.task_channel.unique_name,
        "assigned_tasks": assigned,
        "configured_capacity": capacity,
        "available_capacity_percentage": max(0, 100 * (capacity - assigned) // capacity) if capacity else 0,
        "available": row.available,
        **_times(row),
        "url": url(workspace_id, "Workers", ids.sid("WK", row.worker_id), "Channels", row.sid),
    }


def write_task(row: Task, now: datetime) -> dict[str, Any]:
    queue, workflow = row.queue, row.workflow
    return {
        **_base(row),
        "age": max(0, int((now - row.created_at).total_seconds())),
        "assignment_status": row.status,
        "attributes": row.attributes,
        "addons": "{}",
        "priority": row.priority,
        "reason": row.reason or None,
        "timeout": row.timeout_seconds,
        "task_queue_entered_date": iso_or_none(row.queue_entered_at),
        "task_queue_sid": queue.sid if queue else None,
        "task_queue_friendly_name": queue.friendly_name if queue else None,
        "task_channel_sid": ids.sid("TC", row.channel_id),
        "task_channel_unique_name": row.channel.unique_name,
        "workflow_sid": workflow.sid if workflow else None,
        "workflow_friendly_name": workflow.friendly_name if workflow else None,
        "virtual_start_time": to_iso(row.virtual_start_at),
        "ignore_capacity": row.ignore_capacity,
        "routing_target": row.routing_target or None,
        "url": url(row.workspace_id, "Tasks", row.sid),
        "links": {
            "task_queue": url(row.workspace_id, "TaskQueues", queue.sid) if queue else None,
            "workflow": url(row.workspace_id, "Workflows", workflow.sid) if workflow else None,
            "workspace": url(row.workspace_id),
            "reservations": url(row.workspace_id, "Tasks", row.sid, "Reservations"),
        },
    }


def write_reservation(row: Reservation, parent: str) -> dict[str, Any]:
    """``parent`` is the collection the reservation was reached by: ``Tasks`` or ``Workers``."""
    task, worker = ids.sid("WT", row.task_id), ids.sid("WK", row.worker_id)
    own = ("Tasks", task) if parent == "Tasks" else ("Workers", worker)
    return {
        **_base(row),
        "reservation_status": row.status,
        "task_sid": task,
        "worker_sid": worker,
        "worker_name": row.worker.friendly_name,
        "url": url(row.workspace_id, *own, "Reservations", row.sid),
        "links": {
            "task": url(row.workspace_id, "Tasks", task),
            "worker": url(row.workspace_id, "Workers", worker),
            "workspace": url(row.workspace_id),
        },
    }


# Prefix and collection of what an event may be about
_RESOURCES = {
    "workspace": ("WS", None),
    "activity": ("WA", "Activities"),
    "workflow": ("WW", "Workflows"),
    "task-queue": ("WQ", "TaskQueues"),
    "task-channel": ("TC", "TaskChannels"),
    "task": ("WT", "Tasks"),
    "worker": ("WK", "Workers"),
    "reservation": ("WR", None),
}


def write_event(row: RoutingEvent, now: datetime) -> dict[str, Any]:
    prefix, collection = _RESOURCES[row.resource_type]
    sid = ids.sid(prefix, row.resource_id)
    resource_url = url(row.workspace_id, collection, sid) if collection else url(row.workspace_id)
    if row.resource_type == "reservation" and row.task_id is not None:
        resource_url = url(row.workspace_id, "Tasks", ids.sid("WT", row.task_id), "Reservations", sid)
    data = dict(row.data)
    if (now - row.occurred_at).total_seconds() > REDACTED_AFTER_SECONDS and "task_attributes" in data:
        data["task_attributes"] = "redacted"
    return {
        "sid": ids.sid("EV", row.id),
        "account_sid": ids.sid("AC", row.account_id),
        "workspace_sid": ids.sid("WS", row.workspace_id),
        "event_type": row.event_type,
        "event_data": data,
        "event_date": to_iso(row.occurred_at),
        "event_date_ms": int(row.occurred_at.timestamp() * 1000),
        "description": row.description,
        "resource_type": row.resource_type,
        "resource_sid": sid,
        "resource_url": resource_url,
        "actor_type": row.actor_type,
        "actor_sid": sid_or_none("WS", row.actor_id),
        "actor_url": url(row.workspace_id),
        "source": row.source,
        "source_ip_address": None,
        "url": url(row.workspace_id, "Events", ids.sid("EV", row.id)),
    }


def _base(row: Any) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "account_sid": ids.sid("AC", row.account_id),
        "workspace_sid": ids.sid("WS", row.workspace_id),
        **_times(row),
    }


def _times(row: Any) -> dict[str, Any]:
    return {"date_created": to_iso(row.created_at), "date_updated": to_iso(row.updated_at)}
