"""A workspace to play in, with a clock that only moves when told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from common import ids
from routing import services
from routing.models import (
    Activity,
    Reservation,
    Task,
    TaskQueue,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)
from routing.services import assigning, timing

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class House:
    """An account's routing, driven as the product drives it: a change, then its doorbells."""

    workspace: Workspace
    now: datetime = START

    @property
    def account_id(self) -> Any:
        return self.workspace.account_id

    def activity(self, name: str) -> Activity:
        return self.workspace.activities.get(friendly_name=name)

    def queue(self, name: str = "Everyone", **values: Any) -> TaskQueue:
        found = TaskQueue.objects.filter(workspace=self.workspace, friendly_name=name).first()
        if found is not None and not values:
            return found
        return services.create_queue(workspace_id=self.workspace.id, friendly_name=name, now=self.now, **values)

    def workflow(self, *filters: dict[str, Any], default: TaskQueue | None = None, **values: Any) -> Workflow:
        import json

        routing: dict[str, Any] = {"filters": list(filters)}
        if default is not None:
            routing["default_filter"] = {"queue": sid(default)}
        return services.create_workflow(
            workspace_id=self.workspace.id,
            friendly_name=values.pop("friendly_name", "Workflow"),
            configuration=json.dumps({"task_routing": routing}),
            now=self.now,
            **values,
        )

    def worker(
        self, name: str, attributes: dict[str, Any] | None = None, *, available: bool = True, capacity: int = 1
    ) -> Worker:
        worker = services.create_worker(
            account_id=self.account_id,
            workspace_id=self.workspace.id,
            friendly_name=name,
            attributes=attributes or {},
            activity_id=self.activity("Available" if available else "Offline").id,
            now=self.now,
        )
        for channel in WorkerChannel.objects.filter(worker=worker).exclude(configured_capacity=capacity):
            services.update_worker_channel(worker_channel_id=channel.id, capacity=capacity, now=self.now)
        return worker

    def task(self, attributes: dict[str, Any] | None = None, **values: Any) -> Task:
        values.setdefault("task_channel", "chat")
        workflow = values.pop("workflow", None)
        if workflow is None and not values.keys() & {"queue_id", "worker_id"}:
            workflow = Workflow.objects.filter(workspace=self.workspace).order_by("id").first()
        return services.create_task(
            account_id=self.account_id,
            workspace_id=self.workspace.id,
            workflow_id=workflow.id if workflow else None,
            attributes=attributes or {},
            now=self.now,
            **values,
        )

    def settle(self) -> None:
        """Do what the doorbells and the sweep would do by now."""
        for _ in range(200):
            if not timing.drain(self.now) + assigning.drain(self.now):
                return
        raise AssertionError("routing does not come to rest")

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.settle()

    def reserved(self, task: Task) -> list[str]:
        """Return the names of the workers a task is offered to now."""
        pending = Reservation.objects.filter(task=task, status=Reservation.Status.PENDING)
        return sorted(pending.values_list("worker__friendly_name", flat=True))

    def reservation(self, task: Task, worker: Worker | None = None) -> Reservation:
        found = Reservation.objects.filter(task=task, status__in=Reservation.HELD)
        return found.get(worker=worker) if worker else found.get()

    def accept(self, reservation: Reservation) -> Reservation:
        return services.accept_reservation(reservation_id=reservation.id, worker_id=reservation.worker_id, now=self.now)

    def reject(self, reservation: Reservation) -> Reservation:
        return services.reject_reservation(reservation_id=reservation.id, worker_id=reservation.worker_id, now=self.now)

    def go(self, worker: Worker, activity: str) -> None:
        services.set_activity(worker_id=worker.id, activity_id=self.activity(activity).id, now=self.now)


def sid(row: Any) -> str:
    prefix = {TaskQueue: "WQ", Worker: "WK", Workflow: "WW", Activity: "WA", Workspace: "WS"}[type(row)]
    return ids.sid(prefix, row.id)


def fresh(row: Any) -> Any:
    """Return a row as it is stored now."""
    return type(row).objects.get(pk=row.pk)


@pytest.fixture
def house(db: None) -> House:
    workspace = services.create_workspace(account_id=ids.uuid7(), friendly_name="House", template="FIFO", now=START)
    return House(workspace)


@pytest.fixture
def status_of() -> Callable[[Task], str]:
    return lambda task: Task.objects.get(id=task.id).status
