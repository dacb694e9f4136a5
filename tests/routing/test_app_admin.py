"""``/app/v1/routing``: the administration of routing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from common import clock, ids
from routing import services
from routing.models import Calendar, Task, Workspace
from tests.interactions.world import Desk, make_desk

pytestmark = pytest.mark.django_db
ROUTING = "/app/v1/routing"


class Admin:
    """A logged-in browser."""

    def __init__(self, desk: Desk, role: str) -> None:
        self.client = Client()
        self.client.force_login(desk.user(role), backend="django.contrib.auth.backends.ModelBackend")

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        extra = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        response = getattr(self.client, method)(f"{ROUTING}{path}", **extra)
        assert response.status_code == status, response.content
        return response.json() if response.content else None


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()


@pytest.fixture
def admin(desk: Desk) -> Admin:
    return Admin(desk, "admin")


def simple(queue_sid: str, *filters: dict[str, Any]) -> dict[str, Any]:
    return {"task_routing": {"filters": list(filters), "default_filter": {"queue": queue_sid}}}


def test_shows_everything_at_once(desk: Desk, admin: Admin) -> None:
    worker, user = desk.agent("Ana Agent", attributes={"skills": ["sales"]})
    desk.offer(desk.conversation())

    told = admin.call("get", "")

    assert told["workspace"]["channel_fairness"] == "none"
    (queue,) = told["queues"]
    assert (queue["friendly_name"], queue["worker_count"], queue["waiting"]) == ("Everyone", 1, 1)
    (workflow,) = told["workflows"]
    assert workflow["configuration"]["task_routing"]["default_filter"] == {"queue": queue["sid"]}
    (one,) = told["workers"]
    assert one["attributes"] == {"skills": ["sales"]}
    assert one["user"] == {"sid": user.sid, "username": user.username, "name": "Ana Agent"}
    assert {"unique_name": "chat", "capacity": 3}.items() <= one["channels"][0].items()
    assert {each["friendly_name"]: each["worker_count"] for each in told["activities"]} == {
        "Available": 1,
        "Offline": 0,
        "Unavailable": 0,
    }
    assert [each["unique_name"] for each in told["task_channels"]] == ["chat", "default", "sms", "video", "voice"]
    assert told["calendars"] == []


@pytest.mark.parametrize(("role", "read", "write"), [("supervisor", 200, 403), ("agent", 403, 403)])
def test_lets_admins_write_and_supervisors_read(desk: Desk, role: str, read: int, write: int) -> None:
    somebody = Admin(desk, role)

    somebody.call("get", "", status=read)
    somebody.call("post", "/queues", {"friendly_name": "Q"}, status=write)
    somebody.call("post", "/expressions/check", {"expression": "1==1", "kind": "queue"}, status=read)


def test_makes_changes_and_deletes_a_queue(desk: Desk, admin: Admin) -> None:
    desk.agent("Ana Agent", attributes={"skills": ["sales"]})

    made = admin.call("post", "/queues", {"friendly_name": "Sales", "target_workers": "skills HAS 'sales'"}, status=201)
    changed = admin.call("put", f"/queues/{made['sid']}", {"target_workers": "skills HAS 'x'", "task_order": "LIFO"})
    admin.call("delete", f"/queues/{made['sid']}", status=204)

    assert (made["worker_count"], changed["worker_count"], changed["task_order"]) == (1, 0, "LIFO")
    assert changed["friendly_name"] == "Sales"
    admin.call("get", f"/queues/{made['sid']}", status=404)


def test_points_at_what_is_wrong_with_an_expression(admin: Admin) -> None:
    refused = admin.call("post", "/queues", {"friendly_name": "Q", "target_workers": "a ==\nb c"}, status=400)

    assert refused["details"] == {"path": "", "line": 2, "column": 3}


def test_points_at_what_is_wrong_with_a_workflow(admin: Admin) -> None:
    (queue,) = admin.call("get", "")["queues"]
    wrong = simple(queue["sid"], {"expression": "a ==", "targets": [{"queue": queue["sid"]}]})
    lost = simple(ids.sid("WQ", ids.uuid7()))

    refused = admin.call("post", "/workflows", {"friendly_name": "F", "configuration": wrong}, status=400)
    unknown = admin.call("post", "/workflows", {"friendly_name": "F", "configuration": lost}, status=400)

    assert refused["details"] == {"path": "task_routing.filters[0].expression", "line": 1, "column": 5}
    assert "does not exist" in unknown["message"]


def test_makes_changes_and_deletes_a_workflow(admin: Admin) -> None:
    (queue,) = admin.call("get", "")["queues"]

    made = admin.call("post", "/workflows", {"friendly_name": "F", "configuration": simple(queue["sid"])}, status=201)
    changed = admin.call(
        "put",
        f"/workflows/{made['sid']}",
        {"task_reservation_timeout": 30, "assignment_callback_url": "https://example.com/a"},
    )
    admin.call("put", f"/workflows/{made['sid']}", {"assignment_callback_url": "ftp://example.com"}, status=400)
    admin.call("delete", f"/workflows/{made['sid']}", status=204)

    assert changed["task_reservation_timeout"] == 30
    assert changed["assignment_callback_url"] == "https://example.com/a"
    assert changed["configuration"] == simple(queue["sid"])
    admin.call("delete", f"/queues/{queue['sid']}", status=400)


def test_makes_and_changes_a_worker_with_its_seats(desk: Desk, admin: Admin) -> None:
    told = admin.call("get", "")
    channel = {each["unique_name"]: each["sid"] for each in told["task_channels"]}
    activity = {each["friendly_name"]: each["sid"] for each in told["activities"]}

    made = admin.call(
        "post",
        "/workers",
        {
            "friendly_name": "bo",
            "attributes": {"level": 3},
            "activity_sid": activity["Available"],
            "channels": [{"task_channel_sid": channel["chat"], "capacity": 5, "available": False}],
        },
        status=201,
    )
    changed = admin.call(
        "put", f"/workers/{made['sid']}", {"attributes": {"level": 4}, "activity_sid": activity["Offline"]}
    )
    seats = {each["unique_name"]: each for each in changed["channels"]}

    assert made["available"] is True
    assert (changed["available"], changed["attributes"]) == (False, {"level": 4})
    assert (seats["chat"]["capacity"], seats["chat"]["available"]) == (5, False)
    wrong = [{"task_channel_sid": "TC0", "capacity": 1}]
    assert "channels[0]" in admin.call("put", f"/workers/{made['sid']}", {"channels": wrong}, status=400)["message"]
    admin.call("delete", f"/workers/{made['sid']}", status=204)


def test_makes_activities_and_task_channels(admin: Admin) -> None:
    pause = admin.call("post", "/activities", {"friendly_name": "Pause", "available": False}, status=201)
    renamed = admin.call("put", f"/activities/{pause['sid']}", {"friendly_name": "Lunch"})
    fax = {"friendly_name": "Fax", "unique_name": "fax", "default_capacity": 2, "units": 3}
    channel = admin.call("post", "/task-channels", fax, status=201)
    again = admin.call("put", f"/task-channels/{channel['sid']}", {"default_capacity": 4})

    assert renamed == {"sid": pause["sid"], "friendly_name": "Lunch", "available": False, "worker_count": 0}
    assert (channel["default_capacity"], channel["units"], again["default_capacity"]) == (2, 3, 4)
    admin.call("delete", f"/activities/{pause['sid']}", status=204)
    admin.call("delete", f"/task-channels/{channel['sid']}", status=204)


def test_changes_the_workspace(desk: Desk, admin: Admin) -> None:
    told = admin.call(
        "put",
        "/workspace",
        {
            "channel_fairness": "round_robin",
            "event_callback_url": "https://example.com/e",
            "events_filter": "task.created",
        },
    )

    assert told["channel_fairness"] == "round_robin"
    stored = Workspace.objects.get(id=desk.workspace.id)
    assert (stored.event_callback_url, stored.events_filter) == ("https://example.com/e", "task.created")
    admin.call("put", "/workspace", {"channel_fairness": "sometimes"}, status=400)


def test_knows_nothing_of_other_accounts(desk: Desk, admin: Admin) -> None:
    other = make_desk("Other")
    queue = services.create_queue(workspace_id=other.workspace.id, friendly_name="Theirs", now=clock.now())

    admin.call("get", f"/queues/{queue.sid}", status=404)
    admin.call("delete", f"/queues/{queue.sid}", status=404)
    admin.call("get", f"/tasks?queue_sid={queue.sid}", status=400)


def test_counts_what_an_expression_matches(desk: Desk, admin: Admin) -> None:
    desk.agent("Ana Agent", attributes={"skills": ["sales"], "team": {"floor": 2}})
    desk.agent("Bo Agent", attributes={"skills": ["help"]})
    for topic in ("sales", "sales", "help", "bills"):
        desk.hand_over(desk.conversation(), attributes={"topic": topic})

    def check(kind: str, expression: str) -> Any:
        return admin.call("post", "/expressions/check", {"kind": kind, "expression": expression})

    queue = check("queue", "skills HAS 'sales'")
    target = check("target", "worker.skills HAS task.topic")

    assert (queue["ok"], queue["workers"], queue["tasks"], queue["tasks_seen"]) == (True, 1, None, 4)
    assert check("queue", "")["workers"] == 0
    assert check("filter", "topic == 'sales'")["tasks"] == 2
    assert (target["workers"], target["tasks"]) == (2, 3)
    assert check("target", "worker.team.floor == 2")["workers"] == 1
    assert check("skip", "workers.available == 0")["ok"] is True
    assert {"skills", "team.floor", "channel.chat.assigned_tasks"} <= set(queue["attributes_seen"]["worker"])
    assert "topic" in queue["attributes_seen"]["task"]
    wrong = check("target", "level > 1")
    assert (wrong["ok"], wrong["error"]["line"], wrong["error"]["column"], wrong["workers"]) == (False, 1, 1, None)


def test_lists_tasks_and_says_why_one_waits(desk: Desk, admin: Admin) -> None:
    desk.agent("Ana Agent", available=False)
    desk.hand_over(desk.conversation(), attributes={"topic": "sales"})
    services.assign(workspace_id=desk.workspace.id, now=clock.now())

    (task,) = admin.call("get", "/tasks?status=open")["tasks"]
    told = admin.call("get", f"/tasks/{task['sid']}/explanation")

    assert (task["status"], task["is_waiting"], task["worker_name"]) == ("pending", True, None)
    assert task["attributes"]["topic"] == "sales"
    assert task["queue"]["friendly_name"] == "Everyone"
    assert admin.call("get", "/tasks?status=assigned")["tasks"] == []
    assert told["counts"] == {"activity": 1}
    assert told["attempts"][0]["outcome"] == "waiting"
    assert told["task"]["sid"] == task["sid"]
    admin.call("get", f"/tasks/{ids.sid('WT', ids.uuid7())}/explanation", status=404)


def test_pages_through_tasks(desk: Desk, admin: Admin) -> None:
    workflow = desk.workspace.workflows.get()
    for _ in range(52):
        services.create_task(account_id=desk.account.id, workflow_id=workflow.id, attributes={}, now=clock.now())

    first = admin.call("get", "/tasks")
    second = admin.call("get", f"/tasks?page_token={first['next_page_token']}")

    assert (len(first["tasks"]), len(second["tasks"]), second["next_page_token"]) == (50, 2, None)
    assert not {each["sid"] for each in first["tasks"]} & {each["sid"] for each in second["tasks"]}
    admin.call("get", "/tasks?page_token=PTxx", status=400)


WEEK = {"time_zone": "Europe/Berlin", "weekly": [{"day": day, "from": "09:00", "to": "17:00"} for day in range(5)]}


def test_keeps_opening_hours(desk: Desk, admin: Admin) -> None:
    made = admin.call("post", "/calendars", {"name": "support", "country": "DE", **WEEK}, status=201)
    changed = admin.call(
        "put",
        f"/calendars/{made['sid']}",
        {"dates": [{"date": "2026-12-24", "name": "Christmas Eve", "periods": [{"from": "09:00", "to": "12:00"}]}]},
    )
    days = admin.call("get", f"/calendars/{made['sid']}/days?from=2026-12-24&days=5")["days"]

    assert made["weekly"] == WEEK["weekly"]
    assert changed["country"] == "DE"
    assert days[0] == {
        "date": "2026-12-24",
        "periods": [{"from": "09:00", "to": "12:00"}],
        "reason": "Christmas Eve",
    }
    assert days[1]["periods"] == []
    assert days[1]["reason"] != ""
    assert days[4] == {"date": "2026-12-28", "periods": [{"from": "09:00", "to": "17:00"}], "reason": ""}
    admin.call("post", "/calendars", {"name": "support", **WEEK}, status=409)
    admin.call("delete", f"/calendars/{made['sid']}", status=204)
    assert not Calendar.objects.filter(account_id=desk.account.id).exists()


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"time_zone": "Mars/Base"}, "time_zone"),
        ({"time_zone": "UTC", "country": "XX"}, "country"),
        ({"time_zone": "UTC", "country": "DE", "subdivision": "XX"}, "subdivision"),
        ({"time_zone": "UTC", "weekly": [{"day": 7, "from": "09:00", "to": "10:00"}]}, "weekly[0].day"),
        ({"time_zone": "UTC", "weekly": [{"day": 1, "from": "10:00", "to": "10:00"}]}, "weekly[0].to"),
        ({"time_zone": "UTC", "weekly": {"day": 1}}, "weekly"),
        ({"time_zone": "UTC", "dates": [{"date": "24.12."}]}, "dates[0].date"),
    ],
)
def test_points_at_what_is_wrong_with_opening_hours(admin: Admin, values: dict[str, Any], path: str) -> None:
    refused = admin.call("post", "/calendars", {"name": "support", **values}, status=400)

    assert refused["details"]["path"] == path


def test_keeps_a_calendar_that_a_workflow_names(admin: Admin) -> None:
    (queue,) = admin.call("get", "")["queues"]
    made = admin.call("post", "/calendars", {"name": "support", **WEEK}, status=201)
    rule = {"expression": "calendar.support.open == true", "targets": [{"queue": queue["sid"]}]}
    admin.call("post", "/workflows", {"friendly_name": "F", "configuration": simple(queue["sid"], rule)}, status=201)

    assert "'F'" in admin.call("delete", f"/calendars/{made['sid']}", status=400)["message"]
    assert "'F'" in admin.call("put", f"/calendars/{made['sid']}", {"name": "other"}, status=400)["message"]


def test_offers_countries_and_time_zones(admin: Admin) -> None:
    told = admin.call("get", "/calendars/options")

    assert "Europe/Berlin" in told["time_zones"]
    assert "BY" in next(each for each in told["countries"] if each["code"] == "DE")["subdivisions"]


def test_says_when_a_task_is_forgotten(desk: Desk, admin: Admin) -> None:
    workflow = desk.workspace.workflows.get()
    now = clock.now() - timedelta(seconds=10)
    task = services.create_task(account_id=desk.account.id, workflow_id=workflow.id, attributes={}, now=now)
    services.cancel_task(task_id=task.id, reason="not needed", now=now)

    told = admin.call("get", f"/tasks/{task.sid}/explanation")

    assert told["summary"] == "The task is canceled: not needed"
    assert [each["what"] for each in told["due"]] == ["the ended task is forgotten"]
    assert Task.objects.get(id=task.id).status == "canceled"
