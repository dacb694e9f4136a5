"""Wrap-up in its four modes, and offers that are accepted by the server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from common import clock
from common.errors import BadParameter, Conflict, NotFound
from interactions import services
from interactions.errors import WrapUpMissing
from interactions.models import Invite, WrapUp
from interactions.services import Notes, policies
from routing import services as routing
from routing.models import Reservation, Task
from tests.interactions.test_transfers import agents
from tests.interactions.world import Desk

Drain = Callable[[], int]
START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def travel() -> Iterator[Any]:
    policies._kept.clear()
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def policy(desk: Desk, *, general: bool = False, **values: Any) -> None:
    queue_id = None if general else desk.workspace.task_queues.get().id
    services.save_policy(account_id=desk.account.id, queue_id=queue_id, values=values, actor="US1", now=clock.now())


def answer(reservation: Reservation, status: str, **more: Any) -> None:
    services.answer_reservation(
        reservation_id=reservation.id, worker_id=reservation.worker_id, status=status, now=clock.now(), **more
    )


def wrapping(desk: Desk) -> Reservation:
    desk.agent("Ana Agent")
    reservation = desk.offer(desk.conversation())
    answer(reservation, "accepted")
    answer(reservation, "wrapping")
    return reservation


def status(reservation: Reservation) -> str:
    reservation.refresh_from_db()
    return reservation.status


def test_optional_asks_for_nothing(desk: Desk) -> None:
    policy(desk, mode="optional", dispositions=["Sold"], needs_disposition=True)
    desk.agent("Ana Agent")
    reservation = desk.offer(desk.conversation())
    answer(reservation, "accepted")

    answer(reservation, "completed")

    assert status(reservation) == "completed"
    assert not WrapUp.objects.exists()


def test_mandatory_cannot_be_skipped(desk: Desk) -> None:
    policy(desk, mode="mandatory")
    desk.agent("Ana Agent")
    reservation = desk.offer(desk.conversation())
    answer(reservation, "accepted")

    with pytest.raises(WrapUpMissing):
        answer(reservation, "completed")
    answer(reservation, "wrapping")
    answer(reservation, "completed")

    assert status(reservation) == "completed"


FIELDS = [
    {"label": "Order number", "type": "text", "required": True},
    {"label": "Product", "type": "select", "options": ["Phone", "Tablet"], "required": True},
    {"label": "Customer was told", "type": "checkbox", "required": True},
    {"label": "Remark"},
]


def test_mandatory_wants_what_is_required(desk: Desk) -> None:
    policy(desk, general=True, dispositions=["Spam"])
    policy(desk, mode="mandatory", dispositions=["Sold", "Not sold"], needs_disposition=True, fields=FIELDS)
    reservation = wrapping(desk)
    row = WrapUp.objects.get()
    assert (row.rules["dispositions"], row.due_at) == (["Sold", "Not sold", "Spam"], None)

    with pytest.raises(WrapUpMissing) as refused:
        answer(reservation, "completed", notes=Notes(values={"product": "Phone"}))
    assert refused.value.details == {"missing": ["Disposition", "Order number", "Customer was told"]}
    services.save_notes(
        task_id=reservation.task_id,
        notes=Notes(disposition="Spam", values={"order_number": "7", "product": "Tablet"}),
        now=clock.now(),
    )
    answer(reservation, "completed", notes=Notes(notes="Nice person", values={"customer_was_told": True}))

    row.refresh_from_db()
    assert (row.disposition, row.notes, row.ended_by) == ("Spam", "Nice person", "agent")
    assert row.values == {"order_number": "7", "product": "Tablet", "customer_was_told": True}
    told = json.loads(Task.objects.get().attributes)["conversations"]
    assert (told["outcome"], told["content"], told["wrap_up"]) == ("Spam", "Nice person", row.values)
    assert Invite.objects.get().outcome == "Spam"


@pytest.mark.parametrize("mode", ["timed", "timed_strict"])
def test_time_ends_it_with_the_browser_closed(desk: Desk, drain: Drain, travel: Any, mode: str) -> None:
    policy(desk, mode=mode, seconds=30, dispositions=["Sold"], needs_disposition=True)
    reservation = wrapping(desk)
    services.save_notes(task_id=reservation.task_id, notes=Notes(notes="Half a sen"), now=clock.now())
    drain()
    travel.shift(29)
    drain()
    assert status(reservation) == "wrapping"

    travel.shift(3600)  # the server was down meanwhile
    drain()
    drain()

    row = WrapUp.objects.get()
    assert (status(reservation), row.ended_by, row.notes) == ("completed", "timer", "Half a sen")
    assert Task.objects.filter(status="completed").count() == 1


def test_timed_may_end_early(desk: Desk, drain: Drain, travel: Any) -> None:
    policy(desk, mode="timed", seconds=30)
    reservation = wrapping(desk)

    answer(reservation, "completed")
    travel.shift(31)
    drain()

    assert WrapUp.objects.get().ended_by == "agent"


def test_timed_strict_may_not(desk: Desk, travel: Any) -> None:
    policy(desk, mode="timed_strict", seconds=30)
    reservation = wrapping(desk)
    travel.shift(10)

    with pytest.raises(Conflict, match="21 s"):
        answer(reservation, "completed")

    assert status(reservation) == "wrapping"


def test_is_extended_once(desk: Desk, drain: Drain, travel: Any) -> None:
    policy(desk, mode="timed", seconds=30, extension_seconds=60)
    reservation = wrapping(desk)
    travel.shift(20)

    services.extend(task_id=reservation.task_id, now=clock.now())
    with pytest.raises(Conflict):
        services.extend(task_id=reservation.task_id, now=clock.now())
    travel.shift(69)
    drain()
    assert status(reservation) == "wrapping"
    travel.shift(1)
    drain()

    assert status(reservation) == "completed"


def test_no_extension_without_leave(desk: Desk) -> None:
    policy(desk, mode="timed", seconds=30)

    with pytest.raises(Conflict):
        services.extend(task_id=wrapping(desk).task_id, now=clock.now())


def test_what_an_admin_changes_holds_for_the_next_one(desk: Desk, drain: Drain, travel: Any) -> None:
    policy(desk, mode="timed", seconds=30)
    reservation = wrapping(desk)
    policy(desk, mode="mandatory", dispositions=["Sold"], needs_disposition=True)

    travel.shift(30)
    drain()

    assert status(reservation) == "completed"


def test_somebody_else_may_complete_it(desk: Desk, drain: Drain) -> None:
    policy(desk, mode="mandatory", dispositions=["Sold"], needs_disposition=True)
    reservation = wrapping(desk)

    routing.complete_task(task_id=reservation.task_id, reason="Stuck", now=clock.now())
    drain()

    assert (status(reservation), WrapUp.objects.get().ended_by) == ("completed", "other")
    with pytest.raises(Conflict):
        services.save_notes(task_id=reservation.task_id, notes=Notes(notes="x"), now=clock.now())


@pytest.mark.parametrize(
    "notes",
    [
        Notes(disposition="Stolen"),
        Notes(notes="x" * 10_001),
        Notes(values={"unknown": "x"}),
        Notes(values={"product": "Car"}),
        Notes(values={"customer_was_told": "yes"}),
        Notes(values={"order_number": 7}),
    ],
)
def test_notes_must_fit(desk: Desk, notes: Notes) -> None:
    policy(desk, mode="mandatory", dispositions=["Sold"], fields=FIELDS)
    reservation = wrapping(desk)

    with pytest.raises(BadParameter):
        services.save_notes(task_id=reservation.task_id, notes=notes, now=clock.now())


def test_only_what_is_being_wrapped_up_has_notes(desk: Desk) -> None:
    desk.agent("Ana Agent")
    reservation = desk.offer(desk.conversation())

    with pytest.raises(NotFound):
        services.save_notes(task_id=reservation.task_id, notes=Notes(notes="x"), now=clock.now())


@pytest.mark.parametrize(
    "values",
    [
        {"mode": "sometimes"},
        {"seconds": 4},
        {"seconds": "60"},
        {"extension_seconds": -1},
        {"dispositions": "Sold"},
        {"dispositions": [1]},
        {"fields": [{"label": ""}]},
        {"fields": [{"label": "A", "type": "radio"}]},
        {"fields": [{"label": "A", "type": "select"}]},
        {"fields": [{"label": "A"}, {"label": "a"}]},
        {"auto_accept": "yes"},
        {"needs_disposition": True, "with_general": False},
    ],
)
def test_bad_policies_are_refused(desk: Desk, values: dict[str, Any]) -> None:
    with pytest.raises(BadParameter):
        policy(desk, **values)


def test_the_general_policy_holds_where_a_queue_has_none(desk: Desk) -> None:
    policy(desk, general=True, mode="mandatory", dispositions=["Done"])
    queue = desk.workspace.task_queues.get()
    assert services.rules_of(desk.account.id, queue.id).mode == "mandatory"

    policy(desk, mode="timed", seconds=10, with_general=False)
    assert services.rules_of(desk.account.id, queue.id).dispositions == ()
    services.delete_policy(account_id=desk.account.id, queue_id=queue.id, actor="US1", now=clock.now())

    assert services.rules_of(desk.account.id, queue.id).dispositions == ("Done",)


def test_the_server_accepts_for_queues_that_say_so(desk: Desk, drain: Drain) -> None:
    policy(desk, auto_accept=True)
    desk.agent("Ana Agent")
    conversation = desk.conversation()

    desk.offer(conversation)
    drain()

    assert (Reservation.objects.get().status, agents(conversation)) == ("accepted", ["Ana Agent"])


def test_the_server_accepts_tasks_that_say_so(desk: Desk, drain: Drain) -> None:
    desk.agent("Ana Agent")
    asked, plain = desk.conversation(), desk.conversation()

    desk.offer(asked, attributes={"auto_answer": True})
    drain()
    desk.hand_over(plain, attributes={"auto_answer": "true"})
    drain()

    assert (agents(asked), agents(plain)) == (["Ana Agent"], [])
