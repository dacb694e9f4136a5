"""Tasks find their workers."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from common import ids
from common.errors import ApiError, BadParameter, NotFound
from routing import services
from routing.errors import PendingReservations, ReservationNotPending, TransitionRefused
from routing.models import AssignmentAttempt, Reservation, RoutingEvent, Task, WorkerChannel
from tests.routing.conftest import House, fresh, sid

pytestmark = pytest.mark.django_db


def test_makes_an_accounts_default_workspace_once(house: House) -> None:
    account_id = ids.uuid7()

    first = services.provision_workspace(account_id=account_id, now=house.now)
    second = services.provision_workspace(account_id=account_id, now=house.now)

    assert first.id == second.id
    assert list(first.activities.order_by("id").values_list("friendly_name", "available")) == [
        ("Offline", False),
        ("Available", True),
        ("Unavailable", False),
    ]
    assert dict(first.task_channels.values_list("unique_name", "default_capacity")) == {
        "default": 1,
        "voice": 1,
        "chat": 3,
        "sms": 3,
        "video": 1,
    }
    assert list(first.task_queues.values_list("friendly_name", "target_workers")) == [("Everyone", "1==1")]
    assert list(first.workflows.values_list("friendly_name", "task_reservation_timeout")) == [("Assign to Anyone", 120)]


def test_offers_a_task_to_the_worker_idle_longest(house: House) -> None:
    house.worker("early")
    house.wait(10)
    house.worker("late")
    task = house.task()

    house.settle()

    assert house.reserved(task) == ["early"]
    assert fresh(task).status == Task.Status.RESERVED


def test_gives_the_next_task_to_the_other_worker_although_the_first_has_room(house: House) -> None:
    house.worker("a", capacity=3)
    house.worker("b", capacity=3)
    tasks = [house.task() for _ in range(4)]

    house.settle()

    assert [house.reserved(task) for task in tasks] == [["a"], ["b"], ["a"], ["b"]]


def test_keeps_to_each_channels_capacity(house: House) -> None:
    worker = house.worker("a", capacity=2)
    chats = [house.task() for _ in range(3)]
    call = house.task(task_channel="voice")

    house.settle()

    assert [house.reserved(task) for task in chats] == [["a"], ["a"], []]
    assert house.reserved(call) == ["a"]
    seats = WorkerChannel.objects.filter(worker=worker).order_by("task_channel__unique_name")
    assert list(seats.values_list("task_channel__unique_name", "assigned_tasks", "is_free")) == [
        ("chat", 2, False),
        ("default", 0, True),
        ("sms", 0, True),
        ("video", 0, True),
        ("voice", 1, True),
    ]


def test_gives_a_waiting_task_to_a_worker_who_becomes_available(house: House) -> None:
    worker = house.worker("a", available=False)
    task = house.task()
    house.settle()
    assert house.reserved(task) == []

    house.go(worker, "Available")
    house.settle()

    assert house.reserved(task) == ["a"]


def test_serves_priority_before_age_and_age_within_a_priority(house: House) -> None:
    old = house.task()
    house.wait(5)
    older_urgent = house.task(priority=7)
    house.wait(5)
    urgent = house.task(priority=7)
    served = []
    worker = house.worker("a")
    for _ in range(3):
        house.settle()
        (reservation,) = Reservation.objects.filter(worker=worker, status="pending")
        served.append(reservation.task_id)
        house.accept(reservation)
        services.complete_task(task_id=reservation.task_id, reason="done", now=house.now)

    assert served == [older_urgent.id, urgent.id, old.id]


def test_serves_the_newest_first_in_a_lifo_queue(house: House) -> None:
    queue = house.queue("Stack", task_order="LIFO")
    workflow = house.workflow(default=queue)
    house.task(workflow=workflow)
    house.wait(5)
    newest = house.task(workflow=workflow)
    house.worker("a")

    house.settle()

    assert house.reserved(newest) == ["a"]


def test_counts_a_tasks_age_from_its_virtual_start(house: House) -> None:
    house.task()
    earlier = house.task(virtual_start_at=house.now - timedelta(hours=1))
    house.worker("a")

    house.settle()

    assert house.reserved(earlier) == ["a"]


def test_matches_a_targets_expression_and_orders_by_its_attribute(house: House) -> None:
    queue = house.queue("Support", target_workers="skills HAS 'support'")
    workflow = house.workflow(
        {
            "expression": "type == 'ticket'",
            "targets": [
                {
                    "queue": sid(queue),
                    "expression": "task.language IN worker.languages",
                    "order_by": "worker.level DESC",
                }
            ],
        }
    )
    house.worker("junior", {"skills": ["support"], "languages": ["de"], "level": 1})
    house.worker("senior", {"skills": ["support"], "languages": ["de", "en"], "level": 5})
    house.worker("stranger", {"skills": ["sales"], "languages": ["de"], "level": 9})
    house.worker("frenchman", {"skills": ["support"], "languages": ["fr"], "level": 9})
    task = house.task({"type": "ticket", "language": "de"}, workflow=workflow)

    house.settle()

    assert house.reserved(task) == ["senior"]
    record = AssignmentAttempt.objects.get(task=task)
    assert record.outcome == "reserved"
    assert {each["worker_name"]: each["verdict"] for each in record.candidates} == {
        "senior": "chosen",
        "junior": "behind",
        "stranger": "queue",
        "frenchman": "target_expression",
    }
    assert record.counts == {"chosen": 1, "behind": 1, "queue": 1, "target_expression": 1}


def test_hears_of_a_workload_that_grew(house: House) -> None:
    everyone = house.queue()
    busy_only = house.workflow(
        {
            "expression": "1 == 1",
            "targets": [{"queue": sid(everyone), "expression": "worker.channel.sms.assigned_tasks > 0"}],
        }
    )
    house.worker("ann")
    waiting = house.task(workflow=busy_only, task_channel="chat")
    house.settle()
    assert house.reserved(waiting) == []

    house.task(task_channel="sms")
    house.settle()

    assert house.reserved(waiting) == ["ann"]


def test_writes_down_why_a_task_waits(house: House) -> None:
    house.worker("away", available=False)
    busy = house.worker("busy")
    first = house.task()
    house.settle()
    house.accept(house.reservation(first, busy))
    task = house.task()

    house.settle()

    record = AssignmentAttempt.objects.get(task=task)
    assert record.outcome == "waiting"
    assert [{k: v for k, v in each.items() if k != "worker_sid"} for each in record.candidates] == [
        {"worker_name": "busy", "verdict": "capacity"},
        {"worker_name": "away", "verdict": "activity", "activity": "Offline"},
    ]


def test_follows_a_workers_attributes_into_and_out_of_queues(house: House) -> None:
    queue = house.queue("Sales", target_workers="skills HAS 'sales'")
    workflow = house.workflow(default=queue)
    worker = house.worker("a", {"skills": []})
    task = house.task(workflow=workflow)
    house.settle()
    assert house.reserved(task) == []

    services.update_worker(worker_id=worker.id, attributes={"skills": ["sales"]}, now=house.now)
    house.settle()

    assert house.reserved(task) == ["a"]


def test_follows_a_queues_new_expression(house: House) -> None:
    queue = house.queue("Sales", target_workers="skills HAS 'sales'")
    workflow = house.workflow(default=queue)
    house.worker("a", {"skills": ["support"]})
    task = house.task(workflow=workflow)
    house.settle()

    services.update_queue(queue_id=queue.id, target_workers="skills HAS 'support'", now=house.now)
    house.settle()

    assert house.reserved(task) == ["a"]


def test_follows_an_activity_that_a_queues_expression_names(house: House) -> None:
    services.create_activity(workspace_id=house.workspace.id, friendly_name="Night", available=True, now=house.now)
    queue = house.queue("Night shift", target_workers="activity_name == 'Night'")
    worker = house.worker("a")
    task = house.task(workflow=house.workflow(default=queue))
    house.settle()
    assert house.reserved(task) == []

    house.go(worker, "Night")
    house.settle()

    assert house.reserved(task) == ["a"]


def test_routes_to_one_worker_whatever_its_activity_and_capacity(house: House) -> None:
    worker = house.worker("a", available=False)

    tasks = [house.task(worker_id=worker.id, workflow=None) for _ in range(2)]
    house.settle()

    assert [house.reserved(task) for task in tasks] == [["a"], ["a"]]


def test_waits_for_the_one_worker_if_capacity_counts(house: House) -> None:
    worker = house.worker("a", available=False)
    house.worker("b")
    task = house.task(worker_id=worker.id, ignore_capacity=False)
    house.settle()
    assert house.reserved(task) == []

    house.go(worker, "Available")
    house.settle()

    assert house.reserved(task) == ["a"]


def test_routes_into_a_queue_past_the_workflow(house: House) -> None:
    queue = house.queue("Direct")
    house.worker("a")

    task = house.task(queue_id=queue.id)
    house.settle()

    assert house.reserved(task) == ["a"]
    assert fresh(task).queue_id == queue.id


def test_considers_only_the_known_worker(house: House) -> None:
    house.worker("other")
    known = house.worker("known", available=False)
    queue = house.queue("Sample Queue")
    workflow = house.workflow(
        {
            "expression": "1 == 1",
            "targets": [
                {"queue": sid(queue), "known_worker_sid": "task.agent", "timeout": 30},
                {"queue": sid(queue)},
            ],
        }
    )
    task = house.task({"agent": sid(known)}, workflow=workflow)
    stranger = house.task({"agent": "WK" + "0" * 32}, workflow=workflow)
    house.settle()
    assert (house.reserved(task), house.reserved(stranger)) == ([], ["other"])

    house.go(known, "Available")
    house.settle()

    assert house.reserved(task) == ["known"]


def test_moves_on_by_the_tasks_age_and_leaves_at_the_end(house: House) -> None:
    first, second = house.queue("First", target_workers=""), house.queue("Second", target_workers="")
    workflow = house.workflow(
        {
            "expression": "1 == 1",
            "targets": [
                {"queue": sid(first), "timeout": 10},
                {"queue": sid(second), "timeout": 10, "priority": 9},
            ],
        },
        default=house.queue("Sample Queue"),
    )
    task = house.task(workflow=workflow)
    places = []
    for seconds in (9, 1, 9, 1):
        house.wait(seconds)
        places.append((fresh(task).status, fresh(task).queue.friendly_name, fresh(task).priority))

    assert places == [
        ("pending", "First", 0),
        ("pending", "Second", 9),
        ("pending", "Second", 9),
        ("canceled", "Second", 9),
    ]
    assert fresh(task).reason == "Task canceled on Workflow timeout"


def test_walks_to_the_right_place_after_a_downtime(house: House) -> None:
    queue = house.queue("Nobody", target_workers="")
    targets = [{"queue": sid(queue), "timeout": 10}, {"queue": sid(queue), "timeout": 10}]
    later = {"expression": "1 == 1", "targets": [{"queue": sid(house.queue("Sample Queue")), "timeout": 3600}]}
    workflow = house.workflow({"expression": "1 == 1", "targets": targets}, later)
    task = house.task(workflow=workflow)

    house.wait(600)

    assert (fresh(task).status, fresh(task).queue.friendly_name) == ("pending", "Sample Queue")
    assert fresh(task).step_due_at == task.created_at + timedelta(seconds=3620)


def test_skips_a_target_that_nobody_can_serve_at_once(house: House) -> None:
    nobody, everyone = house.queue("Nobody", target_workers=""), house.queue("Sample Queue")
    workflow = house.workflow(
        {
            "expression": "1 == 1",
            "targets": [{"queue": sid(nobody), "skip_if": "workers.available == 0", "timeout": 50}],
        },
        default=everyone,
    )
    house.worker("a")

    task = house.task(workflow=workflow)
    house.settle()

    assert house.reserved(task) == ["a"]
    assert list(AssignmentAttempt.objects.filter(task=task).order_by("id").values_list("outcome", flat=True)) == [
        "skipped",
        "reserved",
    ]


def test_cancels_what_is_skipped_past_the_end(house: House) -> None:
    nobody = house.queue("Nobody", target_workers="")
    workflow = house.workflow({"expression": "1 == 1", "targets": [{"queue": sid(nobody), "skip_if": "1 == 1"}]})

    task = house.task(workflow=workflow)
    house.settle()

    assert fresh(task).status == "canceled"


def test_cancels_a_task_that_no_filter_takes(house: House) -> None:
    workflow = house.workflow({"expression": "type == 'x'", "queue": sid(house.queue("Sample Queue"))})

    task = house.task({"type": "y"}, workflow=workflow)

    assert fresh(task).status == "canceled"


def test_cancels_at_the_end_of_the_tasks_life(house: House) -> None:
    task = house.task(timeout_seconds=60)

    house.wait(59)
    assert fresh(task).status == "pending"
    house.wait(1)

    assert (fresh(task).status, fresh(task).reason) == ("canceled", "Task TTL Exceeded")


def test_times_a_reservation_out_and_sends_its_worker_away(house: House) -> None:
    worker = house.worker("a")
    task = house.task()
    house.settle()
    reservation = house.reservation(task)

    house.wait(119)
    assert fresh(reservation).status == "pending"
    house.wait(1)

    assert fresh(reservation).status == "timeout"
    assert fresh(worker).activity.friendly_name == "Offline"
    assert fresh(task).status == "pending"
    with pytest.raises(ReservationNotPending):
        house.accept(reservation)


def test_offers_a_rejected_task_to_another_first_and_back_after_a_pause(house: House) -> None:
    first = house.worker("first")
    house.wait(1)
    second = house.worker("second")
    task = house.task()
    house.settle()

    house.reject(house.reservation(task, first))
    house.settle()
    assert house.reserved(task) == ["second"]
    house.reject(house.reservation(task, second))
    house.settle()
    assert house.reserved(task) == []
    house.wait(4.9)
    assert house.reserved(task) == []
    house.wait(0.1)

    assert house.reserved(task) == ["first"]


def test_prefers_who_has_not_refused_even_after_the_pause(house: House) -> None:
    refuser = house.worker("refuser")
    task = house.task()
    house.settle()
    house.reject(house.reservation(task, refuser))
    services.update_task(task_id=task.id, priority=1, now=house.now)
    house.now += timedelta(seconds=60)
    house.worker("newcomer")

    house.settle()

    assert house.reserved(task) == ["newcomer"]


def test_offers_to_several_and_rescinds_when_one_accepts(house: House) -> None:
    queue = house.queue("Race", max_reserved_workers=2)
    task = house.task(workflow=house.workflow(default=queue))
    one, two, three = (house.worker(name) for name in ("one", "two", "three"))
    house.settle()
    assert house.reserved(task) == ["one", "two"]

    house.accept(house.reservation(task, two))
    house.settle()

    assert fresh(task).status == "assigned"
    assert list(Reservation.objects.order_by("worker__friendly_name").values_list("status", flat=True)) == [
        "rescinded",
        "accepted",
    ]
    with pytest.raises(ReservationNotPending):
        services.accept_reservation(
            reservation_id=Reservation.objects.get(worker=one).id, worker_id=one.id, now=house.now
        )
    assert (fresh(one).open_count, fresh(two).open_count, fresh(three).open_count) == (0, 1, 0)


def test_fills_the_places_left_when_more_workers_come(house: House) -> None:
    queue = house.queue("Race", max_reserved_workers=3)
    house.worker("one")
    task = house.task(workflow=house.workflow(default=queue))
    house.settle()
    assert house.reserved(task) == ["one"]

    house.worker("two")
    house.settle()

    assert house.reserved(task) == ["one", "two"]


def test_leads_a_task_to_its_end_and_frees_the_worker(house: House) -> None:
    worker = house.worker("a")
    task = house.task()
    house.settle()
    reservation = house.accept(house.reservation(task))
    services.wrap_reservation(reservation_id=reservation.id, worker_id=worker.id, now=house.now)
    assert (fresh(task).status, fresh(reservation).status, fresh(worker).open_count) == ("wrapping", "wrapping", 1)

    services.complete_reservation(reservation_id=reservation.id, worker_id=worker.id, now=house.now)

    assert (fresh(task).status, fresh(reservation).status, fresh(worker).open_count) == ("completed", "completed", 0)
    assert list(RoutingEvent.objects.filter(task_id=task.id).order_by("id").values_list("event_type", flat=True)) == [
        "workflow.entered",
        "task-queue.entered",
        "task.created",
        "workflow.target-matched",
        "reservation.created",
        "reservation.accepted",
        "task.wrapup",
        "reservation.wrapup",
        "task.completed",
        "reservation.completed",
    ]


@pytest.mark.parametrize("wanted", ["canceled", "pending", "reserved"])
def test_refuses_what_an_assigned_task_cannot_become(house: House, wanted: str) -> None:
    house.worker("a")
    task = house.task()
    house.settle()
    house.accept(house.reservation(task))

    with pytest.raises(TransitionRefused):
        services.update_task(task_id=task.id, status=wanted, reason="no", now=house.now)


def test_cancels_the_offers_of_a_canceled_task(house: House) -> None:
    worker = house.worker("a")
    task = house.task()
    house.settle()
    reservation = house.reservation(task)

    services.cancel_task(task_id=task.id, reason="gone", now=house.now)

    assert (fresh(task).status, fresh(reservation).status, fresh(worker).open_count) == ("canceled", "canceled", 0)


def test_forgets_ended_tasks_and_those_assigned_for_a_day(house: House) -> None:
    house.worker("a")
    done, forgotten = house.task(), house.task(task_channel="voice")
    house.settle()
    house.accept(house.reservation(done))
    house.accept(house.reservation(forgotten))
    services.complete_task(task_id=done.id, reason="done", now=house.now)

    house.wait(299)
    assert Task.objects.filter(id=done.id).exists()
    house.wait(1)
    assert not Task.objects.filter(id=done.id).exists()
    house.wait(86_400 - 300)

    assert not Task.objects.filter(id=forgotten.id).exists()
    assert RoutingEvent.objects.filter(task_id=forgotten.id, event_type="task.system-deleted").exists()


def test_keeps_a_worker_with_pending_reservations_at_the_desk(house: House) -> None:
    worker = house.worker("a")
    task = house.task()
    house.settle()
    offline = house.activity("Offline")

    with pytest.raises(PendingReservations):
        house.go(worker, "Offline")
    services.set_activity(worker_id=worker.id, activity_id=offline.id, reject_pending=True, now=house.now)

    assert fresh(worker).activity_id == offline.id
    assert Reservation.objects.get(task=task).status == "rejected"


def test_sends_a_task_with_new_attributes_through_its_workflow_again(house: House) -> None:
    gold, plain = house.queue("Gold", target_workers=""), house.queue("Plain", target_workers="")
    workflow = house.workflow({"expression": "gold == true", "queue": sid(gold)}, default=plain)
    task = house.task({}, workflow=workflow)
    assert fresh(task).queue.friendly_name == "Plain"

    services.update_task(task_id=task.id, attributes={"gold": True}, now=house.now)

    assert fresh(task).queue.friendly_name == "Gold"


def test_sends_pending_tasks_through_a_changed_workflow_when_told_to(house: House) -> None:
    other = house.queue("Other", target_workers="")
    workflow = house.workflow(default=house.queue("Sample Queue"))
    task = house.task(workflow=workflow)
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": sid(other)}}})

    services.update_workflow(workflow_id=workflow.id, configuration=configuration, now=house.now)
    assert fresh(task).queue.friendly_name == "Sample Queue"
    services.update_workflow(
        workflow_id=workflow.id, configuration=configuration, re_evaluate_tasks=True, now=house.now
    )

    assert fresh(task).queue.friendly_name == "Other"


def test_returns_the_task_that_was_already_made(house: House) -> None:
    task_id = ids.uuid7()

    first = house.task({"a": 1}, task_id=task_id)
    again = house.task({"a": 2}, task_id=task_id)

    assert (first.id, again.attributes) == (task_id, '{"a": 1}')
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"priority": -1}, BadParameter),
        ({"timeout_seconds": 0}, BadParameter),
        ({"timeout_seconds": 1_209_601}, BadParameter),
        ({"task_channel": "fax"}, BadParameter),
        ({"attributes": {"a": "x" * 5000}}, BadParameter),
        ({"queue_id": ids.uuid7()}, NotFound),
        ({"worker_id": ids.uuid7()}, NotFound),
    ],
)
def test_refuses_a_task_out_of_bounds(house: House, values: dict[str, Any], error: type[ApiError]) -> None:
    with pytest.raises(error):
        house.task(**values)

    assert not Task.objects.exists()
