"""Opening hours: the calendar itself, in workflows and in flows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from common import clock
from conversations.models import Message
from conversations.services import receive_messages
from routing import calendars, services
from routing.matching.hours import Hours, is_open, next_change, periods_of, read_hours
from tests.factories import definition, inbound, make_account, publish_flow, state
from tests.routing.conftest import House, fresh, sid

DAYS = [{"day": day, "from": "09:00", "to": "12:00"} for day in range(7)]


def hours(**values: Any) -> Hours:
    return read_hours(**{"time_zone": "Europe/Berlin", "weekly": DAYS, **values})


def test_goes_by_the_clocks_of_its_place() -> None:
    winter, summer = datetime(2026, 1, 7, 8, 0, tzinfo=UTC), datetime(2026, 7, 8, 7, 0, tzinfo=UTC)

    assert is_open(hours(), winter)
    assert not is_open(hours(), winter - timedelta(seconds=1))
    assert is_open(hours(), summer)
    assert not is_open(hours(), summer + timedelta(hours=3))
    assert is_open(hours(), summer + timedelta(hours=3, seconds=-1))


def test_knows_holidays_and_own_dates() -> None:
    own = [
        {"date": "2026-12-25", "name": "Open on Christmas", "periods": [{"from": "10:00", "to": "11:00"}]},
        {"date": "2026-06-03"},
    ]
    house = hours(country="DE", subdivision="BY", dates=own)

    assert is_open(house, datetime(2026, 12, 25, 9, 30, tzinfo=UTC))
    assert periods_of(house, date(2026, 1, 6))[0] == ()  # Epiphany, in Bavaria only
    assert periods_of(hours(country="DE"), date(2026, 1, 6))[0] != ()
    assert periods_of(house, date(2026, 6, 3)) == ((), "own date")


def test_takes_several_periods_a_day_and_the_whole_of_it() -> None:
    shop = hours(
        weekly=[
            {"day": 0, "from": "13:00", "to": "24:00"},
            {"day": 0, "from": "08:00", "to": "12:00"},
            {"day": 1, "from": "00:00", "to": "01:00"},
        ],
        time_zone="UTC",
    )
    monday = datetime(2026, 3, 2, tzinfo=UTC)

    assert [is_open(shop, monday + timedelta(hours=each)) for each in (7, 8, 12, 13, 23.99, 24, 25)] == [
        False, True, False, True, True, True, False,
    ]  # fmt: skip
    # Nothing changes at midnight: it goes on into Tuesday.
    assert next_change(shop, monday + timedelta(hours=14)) == monday + timedelta(hours=25)


def test_finds_the_next_change_across_a_change_of_clocks() -> None:
    saturday = datetime(2026, 3, 28, 11, 0, tzinfo=UTC)  # clocks go forward in the night to Sunday

    assert next_change(hours(), saturday) == datetime(2026, 3, 29, 7, 0, tzinfo=UTC)
    assert next_change(hours(weekly=[]), saturday) is None


def calendar(house: House, *, opens: str = "09:10", to: str = "17:00") -> Any:
    week = [{"day": day, "from": opens, "to": to} for day in range(7)]
    return services.create_calendar(
        account_id=house.account_id, name="desk", now=house.now, values={"time_zone": "UTC", "weekly": week}
    )


@pytest.mark.django_db
def test_a_filter_asks_whether_it_is_open(house: House) -> None:
    calendar(house)
    night = house.queue("Night", target_workers="1==1")
    workflow = house.workflow(
        {"expression": "calendar.desk.open == true", "targets": [{"queue": sid(house.queue())}]}, default=night
    )
    early = house.task(workflow=workflow)
    house.wait(700)
    late = house.task(workflow=workflow)

    assert (fresh(early).queue.friendly_name, fresh(late).queue.friendly_name) == ("Night", "Everyone")


@pytest.mark.django_db
def test_a_target_waits_for_the_opening_to_the_second(house: House) -> None:
    calendar(house)
    house.worker("ada")
    target = {"queue": sid(house.queue()), "expression": "calendar.desk.open == true"}
    workflow = house.workflow({"expression": "1==1", "targets": [target]})
    task = house.task(workflow=workflow)
    house.settle()

    house.wait(599)
    assert house.reserved(task) == []
    house.wait(1)
    assert house.reserved(task) == ["ada"]


@pytest.mark.django_db
def test_tasks_that_wait_for_an_opening_hear_of_new_hours(house: House) -> None:
    desk = calendar(house)
    house.worker("ada")
    target = {"queue": sid(house.queue()), "expression": "calendar.desk.open == true"}
    task = house.task(workflow=house.workflow({"expression": "1==1", "targets": [target]}))
    house.settle()
    assert house.reserved(task) == []

    week = [{"day": day, "from": "08:00", "to": "17:00"} for day in range(7)]
    services.update_calendar(account_id=house.account_id, calendar_id=desk.id, now=house.now, values={"weekly": week})
    house.settle()

    assert house.reserved(task) == ["ada"]


@pytest.mark.django_db
def test_skip_if_asks_too(house: House) -> None:
    calendar(house)
    house.worker("ada")
    closed = house.queue("Nobody", target_workers="")
    first = {"queue": sid(closed), "timeout": 600, "skip_if": "calendar.desk.open == false"}
    workflow = house.workflow({"expression": "1==1", "targets": [first, {"queue": sid(house.queue())}]})
    task = house.task(workflow=workflow)

    house.settle()

    assert house.reserved(task) == ["ada"]


@pytest.mark.django_db
def test_an_attribute_called_calendar_keeps_its_other_members(house: House) -> None:
    calendar(house)

    told = calendars.with_calendars({"calendar": {"week": 3, "desk": 1}, "a": 1}, house.account_id, house.now)

    assert told == {"calendar": {"week": 3, "desk": {"open": False}}, "a": 1}


FLOW = definition(state("tell", "send-message", {"sent": None}, body="Open: {{flow.calendars.desk.open}}"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("at", "told"), [("2026-03-02T10:00:00Z", "Open: true"), ("2026-03-02T20:00:00Z", "Open: false")]
)
def test_flows_ask_for_the_hours_of_the_moment(at: str, told: str, drain: Callable[[], int]) -> None:
    with time_machine.travel(at, tick=False):
        account = make_account()
        week = [{"day": day, "from": "09:00", "to": "17:00"} for day in range(7)]
        services.create_calendar(
            account_id=account.id, name="desk", now=clock.now(), values={"time_zone": "UTC", "weekly": week}
        )
        publish_flow(account, FLOW)
        receive_messages([inbound(account, "Hello")], now=clock.now())

        drain()

    assert list(Message.objects.filter(source="flow").values_list("body", flat=True)) == [told]
