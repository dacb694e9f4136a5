"""The wallboard and the agents: right, bounded, and supervisors' alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import AuditEntry
from common import clock
from conversations.models import Conversation
from interactions import services as interactions
from routing import services as routing
from routing.models import Task, TaskQueue, Worker, WorkerChannel
from supervision import wallboard
from tests.interactions.world import Desk, make_desk

pytestmark = pytest.mark.django_db


def taken(desk: Desk, **given: Any) -> tuple[Conversation, Any]:
    """Return a conversation that an agent has accepted, and the reservation."""
    conversation = desk.conversation(**given)
    reservation = desk.offer(conversation)
    interactions.answer_reservation(
        reservation_id=reservation.id, worker_id=reservation.worker_id, status="accepted", now=clock.now()
    )
    return conversation, reservation


READS = ("supervisor/wallboard", "supervisor/settings", "supervisor/agents", "supervisor/chats", "supervisor/help")


@pytest.mark.parametrize("path", READS)
def test_agents_are_kept_out(desk: Desk, by: Any, path: str) -> None:
    _, user = desk.agent()
    assert by(user)("get", path)[0] == 403


@pytest.mark.parametrize("path", READS)
def test_an_empty_floor_is_told(supervisor: Any, path: str) -> None:
    assert supervisor("get", path)[0] == 200


def test_the_wallboard_counts_what_there_is(desk: Desk, supervisor: Any) -> None:
    with time_machine.travel("2026-05-04 10:00:00+00:00", tick=False) as moment:
        desk.agent("Ana Agent")
        desk.agent("Ben Agent", available=False)
        taken(desk)
        desk.hand_over(desk.conversation())
        moment.shift(timedelta(seconds=200))
        status, told = supervisor("get", "supervisor/wallboard", {"window": "1h"})
    assert status == 200
    totals = told["totals"]
    assert (totals["waiting"], totals["assigned"], totals["longest_wait"], totals["accepted"]) == (1, 1, 200, 1)
    assert totals["service_level"] == 100.0
    assert totals["states"] == {"waiting": "good", "longest_wait": "alarm", "service_level": "good"}
    (queue,) = told["queues"]
    assert (queue["name"], queue["waiting"], queue["available_agents"], queue["idle_agents"]) == ("Everyone", 1, 1, 0)
    assert {each["name"]: (each["agents"], each["busy"]) for each in told["activities"]} == {
        "Available": (1, 1),
        "Offline": (1, 0),
        "Unavailable": (0, 0),
    }
    assert {each["name"]: each["waiting"] for each in told["channels"]}["sms"] == 1


def test_thresholds_decide_the_colours_and_hold_for_a_queue(desk: Desk, by: Any) -> None:
    admin = by(desk.user("admin"))
    queue = TaskQueue.objects.get(workspace=desk.workspace)
    desk.hand_over(desk.conversation())
    assert admin("put", "supervisor/settings", {"waiting_warning": 1, "waiting_alarm": 9})[0] == 200
    states = admin("get", "supervisor/wallboard")[1]["queues"][0]["states"]
    assert states["waiting"] == "warning"
    admin("put", "supervisor/settings", {"queues": {queue.sid: {"waiting_alarm": 1}}})
    told = admin("get", "supervisor/wallboard")[1]
    assert told["queues"][0]["states"]["waiting"] == "alarm"
    assert told["totals"]["states"]["waiting"] == "warning"
    assert AuditEntry.objects.filter(action="floor.settings_changed").count() == 2


@pytest.mark.parametrize(
    "body",
    [
        {"waiting_warning": -1},
        {"waiting_warning": "many"},
        {"service_level_warning": 101},
        {"colours": {"good": "pink"}},
        {"nothing": 1},
        {"queues": {"x": {"no": 1}}},
        {"is_monitoring_private": "yes"},
        [],
    ],
)
def test_settings_that_make_no_sense_are_refused(desk: Desk, by: Any, body: Any) -> None:
    assert by(desk.user("admin"))("put", "supervisor/settings", body or "x")[0] == 400


def test_supervisors_read_the_settings_and_admins_write_them(supervisor: Any) -> None:
    assert supervisor("get", "supervisor/settings")[1]["service_level_seconds"] == 60
    assert supervisor("put", "supervisor/settings", {"service_level_seconds": 30})[0] == 403


def many_agents(desk: Desk, count: int) -> None:
    now = clock.now()
    first = routing.create_worker(account_id=desk.account.id, friendly_name="w0", now=now)
    Worker.objects.bulk_create(
        Worker(
            account_id=desk.account.id,
            workspace=desk.workspace,
            friendly_name=f"w{number}",
            name_key=f"w{number}",
            attributes=f'{{"team": "T{number % 7}", "skills": ["s{number % 3}"]}}',
            activity=first.activity,
            status_changed_at=now,
            idle_since=now,
            created_at=now,
            updated_at=now,
        )
        for number in range(1, count)
    )


def test_a_thousand_agents_cost_no_more_statements(
    desk: Desk, supervisor: Any, django_assert_max_num_queries: Any
) -> None:
    many_agents(desk, 1000)
    for _ in range(3):
        desk.hand_over(desk.conversation())
    with django_assert_max_num_queries(11):
        wallboard.build(desk.account.id, "today", clock.now())
    # Two for the log-in.
    with django_assert_max_num_queries(11):
        told = supervisor("get", "supervisor/agents", {"offset": 500, "limit": 100})[1]
    assert (told["total"], len(told["agents"])) == (1000, 100)
    assert {each["name"]: each["agents"] for each in told["facets"]["skills"]} == {"s0": 333, "s1": 333, "s2": 333}
    with django_assert_max_num_queries(16):
        supervisor("get", "supervisor/chats")


def test_all_who_look_share_one_reading(desk: Desk, django_assert_max_num_queries: Any) -> None:
    wallboard.read(desk.account.id, "today", clock.now())
    with django_assert_max_num_queries(0):
        wallboard.read(desk.account.id, "today", clock.now())


def test_agents_are_found_by_what_they_are(desk: Desk, supervisor: Any) -> None:
    desk.agent("Ana Agent", attributes={"team": ["North", "VIP"], "skills": ["sales"]})
    desk.agent("Ben Agent", attributes={"team": "South", "routing": {"skills": ["support"]}}, available=False)

    def found(**wanted: str) -> list[str]:
        return [each["name"] for each in supervisor("get", "supervisor/agents", wanted)[1]["agents"]]

    assert found() == ["Ana Agent", "Ben Agent"]
    assert found(team="VIP") == found(skill="sales") == found(text="ana a") == found(text="north") == ["Ana Agent"]
    assert found(skill="support") == found(activity_sid=desk.activity("Offline").sid) == ["Ben Agent"]
    assert found(sort="activity") == ["Ana Agent", "Ben Agent"]
    assert found(queue_sid="WQ" + "0" * 32) == []
    assert supervisor("get", "supervisor/agents", {"activity_sid": "x"})[0] == 400
    assert supervisor("get", "supervisor/agents", {"sort": "size"})[0] == 400


def test_an_agents_work_is_shown_with_its_handle_time(desk: Desk, supervisor: Any) -> None:
    with time_machine.travel("2026-05-04 10:00:00+00:00", tick=False) as moment:
        desk.agent("Ana Agent")
        conversation, reservation = taken(desk)
        moment.shift(timedelta(seconds=181))
        (agent,) = supervisor("get", "supervisor/agents")[1]["agents"]
        (chat,) = supervisor("get", "supervisor/chats")[1]["chats"]
    assert (agent["handle_seconds"], agent["handle_state"]) == (181, "warning")
    assert agent["tasks"][0]["conversation_sid"] == conversation.sid
    assert agent["tasks"][0]["customer"] == "Carl Customer"
    assert (chat["agent"], chat["status"], chat["state"]) == ("Ana Agent", "assigned", "warning")


def test_a_customer_is_called_what_the_agent_sees_too(desk: Desk, supervisor: Any) -> None:
    desk.agent("Ana Agent")
    conversation, reservation = taken(desk)

    def called(name: str, attributes: str) -> set[str]:
        Conversation.objects.filter(id=conversation.id).update(customer_name=name)
        Task.objects.filter(id=reservation.task_id).update(attributes=attributes)
        (agent,) = supervisor("get", "supervisor/agents")[1]["agents"]
        (chat,) = supervisor("get", "supervisor/chats")[1]["chats"]
        return {agent["tasks"][0]["customer"], chat["customer"]}

    assert called("Carl", '{"customerName": "Cid"}') == {"Carl"}
    assert called("", '{"customerName": "Cid", "name": "x"}') == called("", '{"name": "Cid"}') == {"Cid"}
    assert called("", '{"name": 5}') == called("", "[]") == {conversation.customer_address}


def test_an_agent_is_changed_and_it_is_on_record(desk: Desk, supervisor: Any) -> None:
    worker, _ = desk.agent("Ana Agent", attributes={"skills": ["sales"], "level": 3})
    offline = desk.activity("Offline").sid
    status, told = supervisor(
        "put",
        f"supervisor/agents/{worker.sid}",
        {
            "activity_sid": offline,
            "skills": ["sales", "vip"],
            "channels": {"chat": {"capacity": 4, "available": False}},
        },
    )
    assert status == 200
    assert (told["activity"], told["skills"]) == ("Offline", ["sales", "vip"])
    seat = WorkerChannel.objects.get(worker=worker, task_channel__unique_name="chat")
    assert (seat.configured_capacity, seat.available) == (4, False)
    worker.refresh_from_db()
    assert worker.attributes == '{"skills": ["sales", "vip"], "level": 3}'
    entry = AuditEntry.objects.get(action="worker.changed")
    assert entry.subject == worker.sid
    assert entry.changes == {
        "activity": ["Available", "Offline"],
        "capacity.chat": [3, 4],
        "available.chat": [True, False],
        "skills": [["sales"], ["sales", "vip"]],
    }


@pytest.mark.parametrize(
    "body",
    [
        {"activity_sid": "WA" + "0" * 32},
        {"skills": "sales"},
        {"skills": [1]},
        {"channels": {"pigeon": {"capacity": 1}}},
        {"channels": {"chat": {"capacity": -1}}},
        {"channels": {"chat": 3}},
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(desk: Desk, supervisor: Any, body: Any) -> None:
    worker, _ = desk.agent()
    assert supervisor("put", f"supervisor/agents/{worker.sid}", body)[0] == 400
    assert not AuditEntry.objects.filter(action="worker.changed").exists()


def test_an_agent_with_an_offer_does_not_become_unavailable_by_accident(desk: Desk, supervisor: Any) -> None:
    worker, _ = desk.agent()
    desk.offer(desk.conversation())
    body = {"activity_sid": desk.activity("Offline").sid}
    assert supervisor("put", f"supervisor/agents/{worker.sid}", body)[0] == 409
    assert supervisor("put", f"supervisor/agents/{worker.sid}", {**body, "reject_pending_reservations": True})[0] == 200


def test_another_accounts_agents_are_not_there(supervisor: Any) -> None:
    other, _ = make_desk("Other").agent()
    assert supervisor("put", f"supervisor/agents/{other.sid}", {"skills": []})[0] == 404
    assert supervisor("get", "supervisor/agents")[1]["total"] == 0
