"""``/app/v1/reports``: who may read it, what it refuses, and its files."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from common import clock
from reports import export
from reports.models import ActivityStay, Offer
from reports.period import read_period, read_zone
from tests.interactions.world import Desk, make_desk
from tests.supervision.conftest import Caller

pytestmark = pytest.mark.django_db

READS = ("figures", "figures.csv", "series.csv", "conversations.csv", "timeline", "timeline.csv", "options", "surveys")


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()


@pytest.mark.parametrize("path", READS)
def test_agents_are_kept_out(desk: Desk, path: str) -> None:
    _, user = desk.agent()
    assert Caller(user)("get", f"reports/{path}")[0] == 403


def read_file(client: Client, path: str) -> list[list[str]]:
    answer = client.get(f"/app/v1/reports/{path}")
    assert answer.status_code == 200

    async def all_of() -> bytes:
        return b"".join([chunk async for chunk in answer.streaming_content])

    return list(csv.reader(async_to_sync(all_of)().decode("utf-8-sig").splitlines()))


def test_every_conversation_is_a_row_and_no_cell_a_formula(desk: Desk) -> None:
    desk.say(desk.conversation(name='=HYPERLINK("http://x")'), "Hello")
    make_desk("Other").conversation()
    client = Client()
    client.force_login(desk.user("supervisor"), backend="django.contrib.auth.backends.ModelBackend")
    header, row = read_file(client, "conversations.csv")
    told = dict(zip(header, row, strict=True))
    assert told["Customer"] == '\'=HYPERLINK("http://x")'
    assert (told["Messages of the customer"], told["Channel"], told["Result"]) == ("1", "sms", "")
    assert [line[0] for line in read_file(client, "figures.csv?by=agent")] == ["agent", "All"]
    assert len(read_file(client, "series.csv?interval=day")) == 8
    assert read_file(client, "timeline.csv")[0][0] == "agent"


def test_an_export_costs_the_same_for_each_chunk(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(export, "CHUNK", 2)
    for _ in range(4):
        desk.conversation()
    period = read_period(None, None, read_zone("UTC"), None, clock.now())
    # Names twice, five for each of two chunks, and the look that finds no third.
    with django_assert_num_queries(2 + 2 * 5 + 1):
        assert len(list(export.rows(desk.account.id, period))) == 4


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "2020-01-01", "to": "2026-03-01"},
        {"from": "2026-01-01", "to": "2026-12-31", "interval": "hour"},
        {"time_zone": "Mars/Base"},
        {"time_zone": "../etc/passwd"},
        {"interval": "minute"},
        {"by": "moon"},
        {"queue_sid": "x"},
        {"from": "0001-01-01", "to": "0001-01-01", "time_zone": "Asia/Tokyo"},
        {"from": "9999-12-31", "to": "9999-12-31"},
    ],
)
def test_what_makes_no_sense_is_refused(desk: Desk, query: dict[str, str]) -> None:
    assert Caller(desk.user("supervisor"))("get", "reports/figures", query)[0] == 400


def test_an_agents_course_is_told(desk: Desk) -> None:
    worker, _ = desk.agent()
    call = Caller(desk.user("supervisor"))
    assert call("get", f"reports/timeline/{worker.sid}")[0] == 200
    assert call("get", "reports/timeline/nobody")[0] == 404
    stranger, _ = make_desk("Other").agent()
    assert call("get", f"reports/timeline/{stranger.sid}")[0] == 404


def test_who_takes_tasks_sees_their_own_figures_and_nobody_elses(desk: Desk) -> None:
    _, ana = desk.agent("Ana Agent")
    began = clock.now() - timedelta(hours=1)
    ActivityStay.objects.create(
        account_id=desk.account.id,
        worker_id=ana.worker_id,
        activity_id=desk.activity("Offline").id,
        began_at=began,
        ended_at=began + timedelta(minutes=20),
    )
    ended = {"account_id": desk.account.id, "ended_at": clock.now(), "channel": "sms"}
    for worker_id, result in ((ana.worker_id, "missed"), (uuid4(), "rejected")):
        Offer.objects.create(reservation_id=uuid4(), task_id=uuid4(), worker_id=worker_id, result=result, **ended)
    _, ben = desk.agent("Ben Agent")

    day = {"from": began.date().isoformat(), "to": clock.now().date().isoformat(), "time_zone": "UTC"}
    status, told = Caller(ana)("get", "reports/mine", day)
    assert status == 200
    figures = told["figures"]
    assert [figures[name] for name in ("offers", "missed", "rejected", "accepted", "handle_avg")] == [1, 1, 0, 0, None]
    assert {each["name"]: each["seconds"] for each in told["activities"]}["Offline"] == 1200
    assert Caller(ben)("get", "reports/mine", day)[1]["figures"]["offers"] == 0
    assert Caller(desk.user("supervisor"))("get", "reports/mine", day)[0] == 409
