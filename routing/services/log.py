"""Collects what one change does, and writes it at once: event rows for the list, domain events for the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from common import events, ids, outbox
from routing.callbacks import owed
from routing.models import Activity, Reservation, RoutingEvent, Task, Worker, Workspace

ASSIGN = "routing.assign"
TIMER = "routing.timer"

DESCRIPTIONS: Mapping[str, str] = {
    "workflow.entered": "Task entered the workflow",
    "workflow.target-matched": "Task matched a workflow target",
    "workflow.timeout": "Task timed out in the workflow",
    "workflow.skipped": "Task skipped past the end of the workflow",
    "task-queue.entered": "Task entered the task queue",
    "task-queue.moved": "Task moved to another task queue",
    "task-queue.timeout": "Task timed out in the task queue",
    "task.system-deleted": "Task was assigned for too long and was deleted",
}


class Log:
    """
    The events of one transaction in one workspace, in order.

    ``flush`` writes them; ``bell`` asks for an assignment; ``wake_at`` for a look at what is due then.
    """

    def __init__(self, workspace_id: UUID, account_id: UUID, now: datetime, *, source: str = "system") -> None:
        self.workspace_id = workspace_id
        self.account_id = account_id
        self.now = now
        self.source = source
        self.rows: list[RoutingEvent] = []
        self.announcements: list[events.DomainEvent] = []
        self.is_bell_wanted = False
        self.alarms: set[datetime] = set()
        self.owed: list[outbox.Entry] = []
        self.workspace: Workspace | None = None

    @classmethod
    def of(cls, workspace: Workspace, now: datetime, *, source: str = "system") -> Log:
        log = cls(workspace.id, workspace.account_id, now, source=source)
        log.workspace = workspace
        return log

    def add(
        self,
        event_type: str,
        *,
        task: Task | None = None,
        reservation: Reservation | None = None,
        worker: Worker | None = None,
        resource: tuple[str, UUID] | None = None,
        queue_id: UUID | None = None,
        waited: bool = False,
        data: Mapping[str, object] | None = None,
    ) -> None:
        """Note one event; what it is about is told by the rows given. ``waited`` notes how long the task waited."""
        kind, resource_id = resource or _resource(event_type, task, reservation, worker)
        told: dict[str, object] = {"workspace_sid": ids.sid("WS", self.workspace_id)}
        if task is not None:
            told.update(_task_data(task, self.now))
        if worker is not None:
            told.update(_worker_data(worker))
        if reservation is not None:
            told["reservation_sid"] = reservation.sid
        if queue_id is not None:
            told["task_queue_sid"] = ids.sid("WQ", queue_id)
        told.update(data or {})
        entered = task.queue_entered_at if task is not None else None
        self.rows.append(
            RoutingEvent(
                account_id=self.account_id,
                workspace_id=self.workspace_id,
                event_type=event_type,
                description=DESCRIPTIONS.get(event_type, _describe(event_type)),
                resource_type=kind,
                resource_id=resource_id,
                actor_id=self.workspace_id,
                source=self.source,
                occurred_at=self.now,
                task_id=task.id if task else None,
                reservation_id=reservation.id if reservation else None,
                worker_id=worker.id if worker else (reservation.worker_id if reservation else None),
                queue_id=queue_id or (task.queue_id if task else None),
                workflow_id=task.workflow_id if task else None,
                channel_id=task.channel_id if task else None,
                wait_seconds=(self.now - task.created_at).total_seconds() if task and waited else None,
                queue_wait_seconds=(self.now - entered).total_seconds() if entered and waited else None,
                data={name: _text(value) for name, value in told.items()},
            )
        )

    def announce(self, kind: type[Any], *, task: Task | None = None, **more: Any) -> None:
        """Publish a domain event with the flush."""
        attributes = json.loads(task.attributes) if task is not None else {}
        self.announcements.append(
            kind(
                account_id=self.account_id,
                workspace_id=self.workspace_id,
                task_id=task.id if task is not None else None,
                attributes=attributes,
                occurred_at=self.now,
                **more,
            )
        )

    def bell(self) -> None:
        self.is_bell_wanted = True

    def wake_at(self, moment: datetime | None) -> None:
        if moment is not None:
            self.alarms.add(moment)

    def flush(self) -> None:
        """Write everything; call it once, at the end of the transaction."""
        self._name_activities()
        for row in self.rows:
            row.id = ids.uuid7()  # so that the list by id is in the order of ``rows``
        RoutingEvent.objects.bulk_create(self.rows)
        entries = [outbox.Entry(TIMER, self.workspace_id, {}, due_at=moment) for moment in sorted(self.alarms)]
        if self.is_bell_wanted:
            entries.append(outbox.Entry(ASSIGN, self.workspace_id, {}, due_at=self.now))
        outbox.put(*entries, *self._callbacks())
        events.publish(*self.announcements)

    def _name_activities(self) -> None:
        """Add the names of the workers' activities where the rows that were told of did not have them at hand."""
        unnamed = [row.data for row in self.rows if "worker_activity_sid" in row.data]
        unnamed = [data for data in unnamed if "worker_activity_name" not in data]
        if unnamed:
            rows = Activity.objects.filter(workspace_id=self.workspace_id).values_list("id", "friendly_name")
            names = {ids.sid("WA", key): name for key, name in rows}
            for data in unnamed:
                data["worker_activity_name"] = names.get(data["worker_activity_sid"], "")

    def owe(self, entry: outbox.Entry | None) -> None:
        """Have a to-do written with the flush."""
        if entry is not None:
            self.owed.append(entry)

    def _callbacks(self) -> list[outbox.Entry]:
        if not self.rows:
            return self.owed
        workspace = self.workspace
        if workspace is None:
            known = Workspace.objects.only("event_callback_url", "events_filter")
            workspace = known.filter(id=self.workspace_id).first()
        if workspace is None:
            return self.owed
        told = owed.events(
            callback_url=workspace.event_callback_url, events_filter=workspace.events_filter, rows=self.rows
        )
        return [*self.owed, *told]


def _resource(
    event_type: str, task: Task | None, reservation: Reservation | None, worker: Worker | None
) -> tuple[str, UUID]:
    if reservation is not None and event_type.startswith("reservation."):
        return "reservation", reservation.id
    if task is not None:
        return "task", task.id
    if worker is not None:
        return "worker", worker.id
    raise ValueError(f"{event_type} is about nothing")


def _describe(event_type: str) -> str:
    subject, _, action = event_type.rpartition(".")
    return f"{subject.replace('-', ' ').replace('.', ' ').capitalize()} {action}"


def _task_data(task: Task, now: datetime) -> dict[str, object]:
    told: dict[str, object] = {
        "task_sid": task.sid,
        "task_attributes": task.attributes,
        "task_age": int((now - task.created_at).total_seconds()),
        "task_priority": task.priority,
        "task_assignment_status": task.status,
        "task_channel_sid": ids.sid("TC", task.channel_id),
    }
    if task.queue_id:
        told["task_queue_sid"] = ids.sid("WQ", task.queue_id)
    if task.workflow_id:
        told["workflow_sid"] = ids.sid("WW", task.workflow_id)
    if task.status == Task.Status.CANCELED:
        told["task_canceled_reason"] = task.reason
    if task.status == Task.Status.COMPLETED:
        told["task_completed_reason"] = task.reason
    return told


def _worker_data(worker: Worker) -> dict[str, object]:
    known = {"worker_activity_name": worker.activity.friendly_name} if Worker.activity.is_cached(worker) else {}
    return {
        **known,
        "worker_sid": worker.sid,
        "worker_name": worker.friendly_name,
        "worker_attributes": worker.attributes,
        "worker_activity_sid": ids.sid("WA", worker.activity_id),
        "worker_version": worker.version,
    }


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
