"""A recorded period against a changed workflow."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

import pytest

from common import clock
from common.errors import BadParameter
from common.models import OutboxEntry
from routing import services, whatif
from routing.models import Reservation, RoutingEvent, Task, Workflow
from routing.whatif import what_if
from tests.interactions.world import Desk, make_desk
from tests.routing.conftest import START, House, sid
from tests.routing.test_app_admin import Admin

pytestmark = pytest.mark.django_db


def ask(house: House, workflow: Workflow, configuration: str | None = None, **more: Any) -> dict[str, Any]:
    return what_if(
        workflow=Workflow.objects.select_related("workspace").get(id=workflow.id),
        configuration=configuration or workflow.configuration,
        start=more.pop("start", START),
        end=more.pop("end", house.now),
        now=house.now,
        **more,
    )


def pass_time(house: House, seconds: int) -> None:
    """Let time go by, everything that is due in between done at its very moment."""
    until = house.now + timedelta(seconds=seconds)
    while True:
        due = OutboxEntry.objects.filter(due_at__gt=house.now, due_at__lte=until).order_by("due_at").first()
        house.now = until if due is None else due.due_at
        house.settle()
        if due is None:
            return


def live_through(house: House, workflow: Workflow, seed: int) -> None:
    """Play tasks, answers, completions and changes of activity, one a moment, as chance has it."""
    chance = random.Random(seed)
    for _ in range(60):
        pass_time(house, chance.randint(1, 15))
        pending = list(Reservation.objects.filter(status="pending").order_by("id"))
        working = list(Reservation.objects.filter(status="accepted").order_by("id"))
        move = chance.random()
        if move < 0.4:
            house.task({"topic": chance.choice(["sales", "help"])}, workflow=workflow, priority=chance.randint(0, 1))
        elif move < 0.7 and pending:
            house.accept(chance.choice(pending))
        elif move < 0.75 and pending:
            house.reject(chance.choice(pending))
        elif working:
            one = chance.choice(working)
            services.complete_reservation(reservation_id=one.id, worker_id=one.worker_id, now=house.now)
        house.settle()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_present_workflow_gives_what_was_recorded(house: House, seed: int) -> None:
    sales = house.queue("Sales", target_workers="skills HAS 'sales'")
    rule = {
        "expression": "topic == 'sales'",
        "targets": [{"queue": sid(sales), "timeout": 40}, {"queue": sid(house.queue())}],
    }
    workflow = house.workflow(rule, default=house.queue(), friendly_name="Played", task_reservation_timeout=600)
    house.worker("ada", {"skills": ["sales"]}, capacity=2)
    house.wait(1)
    house.worker("bo", {"skills": []})
    live_through(house, workflow, seed)

    told = ask(house, workflow)

    heard = RoutingEvent.objects.filter(workspace=house.workspace)
    assert told["recorded"]["tasks"] == heard.filter(event_type="task.created").count() > 10
    assert told["recorded"]["accepted"] == heard.filter(event_type="reservation.accepted").count() > 5
    assert told["present"] == told["recorded"]
    assert told["changed"] == told["present"]


def test_compares_a_changed_workflow(house: House) -> None:
    sales = house.queue("Sales", target_workers="skills HAS 'sales'")
    workflow = house.workflow(default=sales, friendly_name="Sales only")
    house.worker("ada", {"skills": ["sales"]})
    house.worker("bo", {"skills": []})
    for _ in range(4):
        task = house.task(workflow=workflow)
        house.settle()
        house.wait(10)
        if Reservation.objects.filter(task=task, status="pending").exists():
            house.accept(house.reservation(task))
    held = Reservation.objects.get(status="accepted")
    house.wait(60)
    services.complete_reservation(reservation_id=held.id, worker_id=None, now=house.now)
    house.wait(40)
    wide = json.dumps({"task_routing": {"filters": [], "default_filter": {"queue": sid(house.queue())}}})

    told = ask(house, workflow, wide, service_level_seconds=30)

    assert told["recorded"]["tasks"] == told["present"]["tasks"] == told["changed"]["tasks"] == 4
    assert told["recorded"]["accepted"] == 1
    assert told["present"]["wait"]["p50"] == told["recorded"]["wait"]["p50"] == 10.0
    assert told["changed"]["accepted"] > told["present"]["accepted"]
    loads = {each["name"]: each["tasks"] for each in told["changed"]["by_worker"]}
    assert loads["bo"] > 0
    assert [each["name"] for each in told["changed"]["by_queue"]] == [house.queue().friendly_name]
    assert told["changed"]["service_level"]["seconds"] == 30
    assert Task.objects.filter(workflow=workflow).count() == 4


def test_refuses_what_is_too_much_or_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    workflow = house.workflow(default=house.queue())
    for _ in range(3):
        house.task(workflow=workflow)
    house.wait(5)
    monkeypatch.setattr(whatif, "MOST_TASKS", 2)

    with pytest.raises(BadParameter, match="more than 2 tasks"):
        ask(house, workflow)
    with pytest.raises(BadParameter, match="before end"):
        ask(house, workflow, start=house.now, end=START)
    with pytest.raises(BadParameter, match="31 days"):
        ask(house, workflow, start=START - timedelta(days=40))


def test_answers_the_browser() -> None:
    desk: Desk = make_desk()
    desk.agent("Ana Agent")
    reservation = desk.offer(desk.conversation())
    services.accept_reservation(reservation_id=reservation.id, worker_id=None, now=clock.now())
    workflow = desk.workspace.workflows.get()
    body = {
        "workflow_sid": workflow.sid,
        "configuration": json.loads(workflow.configuration),
        "start": (clock.now() - timedelta(hours=1)).isoformat(),
        "end": (clock.now() + timedelta(hours=1)).isoformat(),
    }

    told = Admin(desk, "supervisor").call("post", "/what-if", body)
    wrong = {**body, "configuration": {"task_routing": {"filters": [{"expression": "a b", "targets": []}]}}}
    refused = Admin(desk, "admin").call("post", "/what-if", wrong, status=400)

    assert told["recorded"]["accepted"] == 1
    assert told["notes"]
    assert refused["details"]["path"].startswith("task_routing.filters[0]")
    Admin(desk, "admin").call("post", "/what-if", {**body, "start": "soon"}, status=400)
