"""The to-dos: an assignment callback for each new reservation, an event callback for each event of the filter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from common import ids, outbox
from routing.models import Reservation, RoutingEvent, Task, Worker, Workspace

ASSIGNMENTS = "routing.assignments"
EVENTS = "routing.events"

PREFIXES = {
    "workspace": "WS",
    "activity": "WA",
    "workflow": "WW",
    "task-queue": "WQ",
    "task-channel": "TC",
    "task": "WT",
    "worker": "WK",
    "reservation": "WR",
}


def assignment(
    *, task: Task, reservation: Reservation, worker: Worker, channel_name: str, now: datetime
) -> outbox.Entry | None:
    """Return the to-do of a new reservation; None where its workflow has no assignment callback."""
    workflow = task.workflow
    if workflow is None or not workflow.assignment_callback_url:
        return None
    parameters = {
        "Timestamp": str(int(now.timestamp())),
        "AccountSid": ids.sid("AC", task.account_id),
        "WorkspaceSid": ids.sid("WS", task.workspace_id),
        "WorkflowSid": workflow.sid,
        "TaskQueueSid": ids.sid("WQ", task.queue_id) if task.queue_id else "",
        "WorkerSid": worker.sid,
        "WorkerName": worker.friendly_name,
        "WorkerAttributes": worker.attributes,
        "TaskSid": task.sid,
        "TaskAttributes": task.attributes,
        "TaskAge": str(max(0, int((now - task.created_at).total_seconds()))),
        "TaskPriority": str(task.priority),
        "TaskChannelSid": ids.sid("TC", task.channel_id),
        "TaskChannelUniqueName": channel_name,
        "ReservationSid": reservation.sid,
    }
    payload = {
        "account": task.account_id.hex,
        "url": workflow.assignment_callback_url,
        "fallback_url": workflow.fallback_assignment_callback_url,
        "parameters": parameters,
    }
    return outbox.Entry(ASSIGNMENTS, reservation.id, payload)


def events(*, callback_url: str, events_filter: str, rows: Iterable[RoutingEvent]) -> list[outbox.Entry]:
    """
    Return the to-dos of events, keyed by workspace so that they are told in order.

    ``events_filter`` is a comma-separated list of event types; empty lets all pass.
    """
    if not callback_url:
        return []
    wanted = {name.strip().lower() for name in events_filter.split(",") if name.strip()}
    return [
        outbox.Entry(EVENTS, row.workspace_id, {"event": row.id.hex})
        for row in rows
        if not wanted or row.event_type in wanted
    ]


def event_parameters(row: RoutingEvent, workspace: Workspace) -> dict[str, str]:
    """Return the form of an event callback: the common parameters, and the event's own data in CamelCase."""
    own = {"".join(part.capitalize() for part in name.split("_")): str(value) for name, value in row.data.items()}
    return {
        **own,
        "EventType": row.event_type,
        "AccountSid": ids.sid("AC", row.account_id),
        "WorkspaceSid": workspace.sid,
        "WorkspaceName": workspace.friendly_name,
        "EventDescription": row.description,
        "ResourceType": row.resource_type,
        "ResourceSid": ids.sid(PREFIXES[row.resource_type], row.resource_id),
        "Timestamp": str(int(row.occurred_at.timestamp())),
        "TimestampMs": str(int(row.occurred_at.timestamp() * 1000)),
        "Sid": ids.sid("EV", row.id),
    }
