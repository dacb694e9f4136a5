"""Reports equal a recount of the events, whatever happened."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from common import clock, ids, outbox
from common.errors import ApiError
from reports import figures, timelines
from reports.figures import Filters
from reports.goals import complete
from reports.models import ActivityStay, Offer, TaskLeg
from reports.period import Period, read_period
from routing import services
from routing.models import Reservation, RoutingEvent, Task, Worker
from tests.routing.conftest import START, House, sid

pytestmark = pytest.mark.django_db

WHOLE = Period(START - timedelta(days=1), START + timedelta(days=400), ZoneInfo("UTC"), "month")
GOALS = complete({"service_level_seconds": 20})
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ("task", "task", "accept", "accept", "reject", "wrap", "end", "cancel", "delete", "activity", "seize")
        ),
        st.integers(0, 5),
        st.sampled_from((0, 3, 17, 45, 130)),
    ),
    min_size=4,
    max_size=28,
)


def open_house() -> House:
    house = by_default(House(services.create_workspace(account_id=ids.uuid7(), friendly_name="House", now=START)))
    sales, everyone = house.queue("Sales", target_workers="skills HAS 'sales'"), house.queue("Everyone")
    steps = [{"queue": sid(sales), "timeout": 40}, {"queue": sid(everyone), "timeout": 600}]
    house.workflow({"expression": "1==1", "targets": steps}, friendly_name="A", task_reservation_timeout=30)
    for number in range(3):
        house.worker(f"W{number}", {"skills": ["sales"] if number else []}, capacity=2)
    return house


def record() -> None:
    """Do what the workers of reports do. Routing's own timers are the house's: its clock stands in the past."""
    for topic in outbox.topics():
        if topic.name.startswith("reports."):
            while topic.drain(clock.now()):
                pass


def by_default(house: House) -> House:
    house.workspace.is_default = True
    house.workspace.save(update_fields=("is_default",))
    return house


def play(house: House, steps: list[tuple[str, int, int]]) -> None:
    for kind, pick, seconds in steps:
        try:
            with transaction.atomic():
                act(house, kind, pick)
        except ApiError:
            pass  # it does not fit: the next one may
        house.wait(seconds)


def act(house: House, kind: str, pick: int) -> None:
    tasks = Task.objects.filter(workspace=house.workspace).order_by("id")
    held = Reservation.objects.filter(workspace=house.workspace).order_by("id")
    workers = list(Worker.objects.filter(workspace=house.workspace).order_by("name_key"))
    match kind:
        case "task":
            house.task()
        case "accept":
            if row := choose(held.filter(status="pending"), pick):
                house.accept(row)
        case "reject":
            if row := choose(held.filter(status="pending"), pick):
                house.reject(row)
        case "wrap":
            if row := choose(held.filter(status="accepted"), pick):
                services.wrap_reservation(reservation_id=row.id, worker_id=None, now=house.now)
        case "end":
            if row := choose(held.filter(status__in=("accepted", "wrapping")), pick):
                services.complete_reservation(reservation_id=row.id, worker_id=None, now=house.now)
        case "cancel":
            if row := choose(tasks.filter(status__in=Task.OPEN), pick):
                services.cancel_task(task_id=row.id, reason="gone", now=house.now)
        case "delete":
            if row := choose(tasks, pick):
                services.delete_task(task_id=row.id, now=house.now)
        case "activity":
            house.go(workers[pick % 3], ("Available", "Offline", "Available", "Unavailable")[pick % 4])
        case "seize":
            if row := choose(tasks.filter(status__in=Task.OPEN), pick):
                services.seize_task(task_id=row.id, worker_id=workers[pick % 3].id, now=house.now)


def choose(rows: Any, pick: int) -> Any:
    found = list(rows)
    return found[pick % len(found)] if found else None


def recount(house: House) -> dict[str, Any]:
    """Count by reading each task's events, the plain way."""
    by_task: dict[Any, list[RoutingEvent]] = defaultdict(list)
    for event in RoutingEvent.objects.filter(workspace=house.workspace, task_id__isnull=False).order_by(
        "occurred_at", "id"
    ):
        by_task[event.task_id].append(event)
    queues: dict[Any, Counter[str]] = defaultdict(Counter)
    agents: dict[Any, Counter[str]] = defaultdict(Counter)
    for events in by_task.values():
        ends = [
            each
            for each in events
            if each.event_type in ("task.completed", "task.canceled", "task.deleted", "task.system-deleted")
        ]
        if not ends:
            continue
        for each in events:
            if each.event_type == "task-queue.moved":
                queues[each.queue_id]["moved"] += 1
            if each.event_type.startswith("reservation."):
                name = {"created": "offers", "rejected": "rejected", "timeout": "missed"}.get(each.event_type[12:])
                if name:
                    agents[each.worker_id][name] += 1
        taken = [each for each in events if each.event_type == "reservation.accepted"]
        if not taken:
            queues[ends[0].queue_id]["abandoned"] += 1
            continue
        (accepted,) = taken
        wrapped = [each.occurred_at for each in events if each.event_type == "reservation.wrapup"]
        for counted in (queues[accepted.queue_id], agents[accepted.worker_id]):
            counted["accepted"] += 1
            counted["in_time"] += accepted.queue_wait_seconds <= 20
            counted["wait"] += round(accepted.queue_wait_seconds)
            counted["handle"] += round((ends[0].occurred_at - accepted.occurred_at).total_seconds())
            counted["wrap"] += round((ends[0].occurred_at - wrapped[0]).total_seconds()) if wrapped else 0
    return {"queue": queues, "agent": agents}


def counted(row: dict[str, Any]) -> Counter[str]:
    """Return a report's row as the recount counts."""
    names = ("accepted", "abandoned", "moved", "in_time", "offers", "rejected", "missed")
    found = Counter({name: row.get(name, 0) for name in names})
    found["handle"] = round(row["handle_total"])
    if row["accepted"]:
        found["wait"] = round(row["wait_avg"] * row["accepted"])
        found["wrap"] = round(row["wrap_avg"] * row["accepted"])
    return found


def about(one: Counter[str], other: Counter[str]) -> None:
    for name in one.keys() | other.keys():
        # Averages are rounded to a tenth of a second.
        slack = 0.06 * (one["accepted"] + 1) if name in ("wait", "wrap") else 0
        assert abs(one[name] - other[name]) <= slack, name


@given(steps=STEPS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # A history takes too long to be shrunk; its steps are in the report.
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
def test_figures_equal_a_recount_of_the_events(steps: list[tuple[str, int, int]]) -> None:
    with transaction.atomic():
        house = open_house()
        play(house, steps)
        record()
        told = recount(house)
        for by, prefix in (("queue", "WQ"), ("agent", "WK")):
            report = figures.report(house.account_id, WHOLE, by, GOALS, Filters())
            rows = {row["sid"]: counted(row) for row in report["rows"]}
            expected = {ids.sid(prefix, key): value for key, value in told[by].items() if value}
            assert rows.keys() == expected.keys()
            for key, row in rows.items():
                about(row, expected[key])
        totals = figures.report(house.account_id, WHOLE, "channel", GOALS, Filters())
        assert totals["totals"]["contacts"] == sum(row["accepted"] + row["abandoned"] for row in told["queue"].values())
        assert sum(point["contacts"] for point in totals["series"]) == totals["totals"]["contacts"]
        check_activities(house)
        transaction.set_rollback(True)


def check_activities(house: House) -> None:
    """The hours of each activity are those that its events tell."""
    expected: dict[str, Counter[str]] = {}
    for worker in Worker.objects.filter(workspace=house.workspace):
        since, spent = worker.created_at, Counter()
        updates = RoutingEvent.objects.filter(worker_id=worker.id, event_type="worker.activity.update")
        for event in updates.order_by("occurred_at", "id"):
            spent[event.data["worker_previous_activity_sid"]] += round((event.occurred_at - since).total_seconds())
            since = event.occurred_at
        spent[ids.sid("WA", worker.activity_id)] += round((house.now - since).total_seconds())
        expected[worker.sid] = spent
    told = timelines.hours(house.account_id, WHOLE, house.now)
    assert {row["sid"]: Counter(row["seconds"]) for row in told["agents"]} == {
        key: value for key, value in expected.items() if sum(value.values())
    }


def test_recording_twice_changes_nothing(house: House) -> None:
    by_default(house)
    everyone = house.queue("Everyone")
    worker = house.worker("Ana", {})
    task = house.task(queue_id=everyone.id)
    house.settle()
    house.accept(house.reservation(task))
    house.wait(100)
    services.complete_task(task_id=task.id, reason="done", now=house.now)
    record()
    from reports.services.record import EndedTask, record_tasks

    record_tasks([EndedTask(house.account_id, task.id)])
    leg = TaskLeg.objects.get(task_id=task.id)
    assert (leg.result, leg.queue_id, leg.worker_id, leg.talk_ms) == ("accepted", everyone.id, worker.id, 100_000)
    assert Offer.objects.get(task_id=task.id).result == "accepted"


def test_a_stay_is_kept_when_it_is_left(house: House) -> None:
    worker = house.worker("Ana", {}, available=False)
    house.now += timedelta(minutes=10)
    house.go(worker, "Available")
    record()
    stay = ActivityStay.objects.get(worker_id=worker.id)
    assert (stay.began_at, stay.ended_at) == (START, START + timedelta(minutes=10))


def test_a_queue_has_its_own_service_level(house: House) -> None:
    by_default(house)
    slow, quick = house.queue("Slow", target_workers="1==1"), house.queue("Quick", target_workers="1==1")
    for queue in (slow, quick):
        task = house.task(queue_id=queue.id)
        house.now += timedelta(seconds=30)
        services.seize_task(task_id=task.id, worker_id=house.worker(queue.friendly_name, {}).id, now=house.now)
        services.complete_task(task_id=task.id, reason="done", now=house.now)
    record()
    goals = complete({"service_level_seconds": 20, "queues": {sid(slow): {"service_level_seconds": 60}}})
    report = figures.report(house.account_id, WHOLE, "queue", goals, Filters())
    levels = {row["name"]: row["service_level_percent"] for row in report["rows"]}
    assert levels == {"Slow": 100.0, "Quick": 0.0}
    assert report["totals"]["service_level_percent"] == 50.0


def test_days_are_those_of_the_time_zone(house: House) -> None:
    task = house.task(queue_id=house.queue("Everyone").id)
    house.now = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    services.cancel_task(task_id=task.id, reason="gone", now=house.now)
    record()
    found = {}
    for zone in ("UTC", "Europe/Berlin", "America/New_York"):
        period = read_period("2026-03-01", "2026-03-04", ZoneInfo(zone), "day", house.now)
        report = figures.report(house.account_id, period, "queue", GOALS, Filters())
        found[zone] = [point["start"][:10] for point in report["series"] if point["contacts"]]
    assert found == {"UTC": ["2026-03-02"], "Europe/Berlin": ["2026-03-03"], "America/New_York": ["2026-03-02"]}
    # The night in which the clocks change has 23 hours, and its hours are told once each.
    period = read_period("2026-03-29", "2026-03-29", ZoneInfo("Europe/Berlin"), "hour", house.now)
    assert len(figures.report(house.account_id, period, "queue", GOALS, Filters())["series"]) == 23


@pytest.mark.parametrize("by", ["queue", "agent", "flow", "channel"])
def test_a_report_takes_few_statements(house: House, by: str, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(9):
        figures.report(house.account_id, WHOLE, by, GOALS, Filters())
