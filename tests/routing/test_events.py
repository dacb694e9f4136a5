"""The events list: every documented type is written, with the data documented for its group (taskrouter.md, 8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from routing import services
from routing.models import RoutingEvent
from routing.services import standing
from tests.routing.conftest import House, fresh, sid

pytestmark = pytest.mark.django_db

TASK = {"task_sid", "task_attributes", "task_age", "task_priority", "task_assignment_status"}
WORKER = {
    "worker_sid",
    "worker_name",
    "worker_attributes",
    "worker_activity_sid",
    "worker_activity_name",
    "worker_version",
}
QUEUE = {"task_queue_sid", "task_queue_name", "task_queue_target_expression"}
CHANNEL = {"task_channel_sid", "task_channel_name", "task_channel_unique_name", "task_channel_optimized_routing"}
SEAT = {"task_channel_sid", "task_channel_unique_name", "worker_channel_available", "worker_channel_available_capacity"}
RESERVATION = {*TASK, *WORKER, "task_queue_sid", "reservation_sid", "workflow_sid"}
GROUPS: list[tuple[str, set[str]]] = [
    ("workspace.created workspace.updated", {"workspace_sid", "workspace_name"}),
    ("activity.created activity.updated activity.deleted", {"activity_sid", "activity_name", "activity_available"}),
    ("workflow.created workflow.updated workflow.deleted", {"workflow_sid", "workflow_name"}),
    ("workflow.target-matched workflow.entered workflow.timeout workflow.skipped", {*TASK, "workflow_sid"}),
    ("task-queue.created task-queue.deleted task-queue.expression.updated", QUEUE),
    ("task-queue.entered task-queue.timeout task-queue.moved", {*TASK, "task_queue_sid", "workflow_sid"}),
    ("task-channel.created task-channel.updated task-channel.deleted", CHANNEL),
    ("task.created task.updated task.wrapup task.deleted task.system-deleted", {*TASK, "workflow_sid"}),
    ("task.canceled", {*TASK, "task_canceled_reason"}),
    ("task.completed", {*TASK, "task_completed_reason"}),
    ("reservation.created reservation.accepted reservation.rejected reservation.timeout", RESERVATION),
    ("reservation.canceled reservation.rescinded reservation.completed reservation.wrapup", RESERVATION),
    ("worker.created worker.deleted worker.attributes.update", WORKER),
    (
        "worker.activity.update",
        {
            *WORKER,
            "worker_time_in_previous_activity",
            "worker_time_in_previous_activity_ms",
            "worker_previous_activity_sid",
        },
    ),
    ("worker.capacity.update", {*WORKER, *SEAT, "worker_channel_previous_capacity"}),
    ("worker.channel.availability.update", {*WORKER, *SEAT}),
]
DOCUMENTED = {event_type: data for names, data in GROUPS for event_type in names.split()}


def things(house: House) -> None:
    """Make, change and delete one of each."""
    now, workspace = house.now, house.workspace.id
    services.update_workspace(workspace_id=workspace, friendly_name="Home", now=now)
    lunch = services.create_activity(workspace_id=workspace, friendly_name="Lunch", available=False, now=now)
    services.update_activity(activity_id=lunch.id, friendly_name="Break", now=now)
    services.delete_activity(activity_id=lunch.id, now=now)
    fax = services.create_task_channel(workspace_id=workspace, friendly_name="Fax", unique_name="fax", now=now)
    services.update_task_channel(task_channel_id=fax.id, friendly_name="Telefax", now=now)
    services.delete_task_channel(task_channel_id=fax.id, now=now)
    queue = house.queue("Short", target_workers="level > 1")
    services.update_queue(queue_id=queue.id, target_workers="level > 2", now=now)
    workflow = house.workflow(default=queue, friendly_name="Short")
    services.update_workflow(workflow_id=workflow.id, friendly_name="Shorter", now=now)
    services.delete_workflow(workflow_id=workflow.id, now=now)
    services.delete_queue(queue_id=queue.id, now=now)
    worker = house.worker("Passing", available=False, capacity=3)
    services.update_worker(worker_id=worker.id, attributes={"level": 1}, now=now)
    seat = worker.channels.get(task_channel__unique_name="chat")
    services.update_worker_channel(worker_channel_id=seat.id, available=False, now=now)
    services.delete_worker(worker_id=worker.id, now=now)


def work(house: House) -> None:
    """Lead tasks to each of their ends."""
    everyone, race = house.queue("All", target_workers="1==1"), house.queue("Race", max_reserved_workers=2)
    nobody = house.queue("Nobody", target_workers="1==2")
    steps = [{"queue": sid(nobody), "timeout": 5}, {"queue": sid(everyone), "timeout": 5, "expression": "1==2"}]
    skipped = [{"queue": sid(nobody), "skip_if": "1==1"}]
    flow = house.workflow(
        {"expression": "kind == 'late'", "targets": steps},
        {"expression": "kind == 'skipped'", "targets": skipped},
        {"expression": "kind == 'race'", "targets": [{"queue": sid(race)}]},
        default=None,
        friendly_name="Ends",
    )
    plain = house.workflow(default=everyone, friendly_name="Plain")
    house.task({"kind": "late"}, workflow=flow)
    house.task({"kind": "skipped"}, workflow=flow)
    house.settle()
    house.wait(5)
    house.wait(5)
    ann, bob = house.worker("Ann"), house.worker("Bob")
    both = house.task({"kind": "race"}, workflow=flow)
    house.settle()
    house.accept(house.reservation(both, ann))
    services.wrap_reservation(reservation_id=house.reservation(both).id, worker_id=ann.id, now=house.now)
    services.complete_reservation(reservation_id=house.reservation(both).id, worker_id=ann.id, now=house.now)
    house.go(ann, "Offline")
    task = house.task({}, workflow=plain)
    house.settle()
    services.update_task(task_id=task.id, priority=3, now=house.now)
    house.settle()
    house.reject(house.reservation(task, bob))
    house.wait(6)
    house.wait(121)
    house.go(fresh(bob), "Available")
    house.settle()
    services.cancel_task(task_id=task.id, reason="enough", now=house.now)
    services.delete_task(task_id=house.task({}, workflow=plain).id, now=house.now)
    forgotten = house.task({}, workflow=plain)
    house.settle()
    house.accept(house.reservation(forgotten))
    house.wait(timedelta(hours=24).total_seconds() + 1)


def test_every_documented_event_is_written_with_its_data(house: House) -> None:
    things(house)
    work(house)

    lacking = {}
    seen = set()
    for row in RoutingEvent.objects.filter(workspace=house.workspace).order_by("id"):
        seen.add(row.event_type)
        missing = DOCUMENTED.get(row.event_type, set()) - set(row.data)
        if missing:
            lacking[row.event_type] = sorted(missing)
        assert all(isinstance(value, str) for value in row.data.values())
    assert (lacking, sorted(set(DOCUMENTED) - seen), sorted(seen - set(DOCUMENTED))) == ({}, [], [])


def test_gives_a_task_up_that_was_offered_too_often(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "MAX_ROUNDS", 2)
    house.workflow(default=house.queue("All", target_workers="1==1"))
    house.worker("Ann")
    task = house.task()
    house.settle()

    for _ in range(2):
        house.reject(house.reservation(task))
        house.wait(6)

    assert (fresh(task).status, fresh(task).reason) == ("canceled", standing.ROUNDS_REASON)
