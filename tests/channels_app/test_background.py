"""The sender of a worker process, on its own thread: nobody waits for somebody else's provider."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import pytest
from django.db import OperationalError, connections

from channels_app.delivery import drain as delivery
from channels_app.delivery import results
from channels_app.delivery.jobs import Outcome
from channels_app.delivery.sender import MOST_IN_FLIGHT_A_CONNECTION, BackgroundSender
from channels_app.delivery.topic import TOPIC
from common.models import OutboxEntry
from conversations.models import Receipt
from tests.channels_app.conftest import House, connect
from tests.factories import make_account
from tests.standins import RunningStandin

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lines(standin: RunningStandin) -> Iterator[tuple[House, House]]:
    """Two senders of one account, and a background sender as workers have it."""
    account = make_account()
    houses = (
        House(account, connect(account, "twilio", standin)),
        House(account, connect(account, "twilio", standin, address="+15557779999")),
    )

    def record(outcomes: Sequence[Outcome]) -> None:
        try:
            delivery.record_and_go_on(outcomes)
        finally:
            # The thread outlives the test; an open connection would keep the database from being dropped.
            connections.close_all()

    sender = BackgroundSender(record)
    delivery.use(sender)
    yield houses
    standin.ledger.is_released = True
    until(sender.is_idle)
    delivery.use(None)


def until(is_so: Callable[[], bool]) -> None:
    """Wait for something that happens on another thread; the test's own time limit ends it."""
    while not is_so():
        time.sleep(0.01)


def test_goes_on_with_a_conversation_without_another_bell(lines: tuple[House, House], standin: RunningStandin) -> None:
    house, _ = lines
    conversation_id = house.hear()
    house.say(conversation_id, "one", "two", "three")

    delivery.drain(house.now)

    until(lambda: Receipt.objects.filter(status="sent").count() == 3)
    assert standin.ledger.bodies() == ["one", "two", "three"]
    assert not OutboxEntry.objects.filter(topic=TOPIC).exists()


def test_answers_others_while_one_provider_hangs(lines: tuple[House, House], standin: RunningStandin) -> None:
    slow, quick = lines
    crowd = [f"+1555444{number:04}" for number in range(MOST_IN_FLIGHT_A_CONNECTION + 10)]
    for customer in crowd:
        standin.ledger.script("hang:60", recipient=customer)
        slow.say(slow.hear(sender=customer), "stuck")
    conversation_id = quick.hear()
    quick.say(conversation_id, "prompt", "and more")

    delivery.drain(quick.now)

    until(lambda: standin.ledger.bodies() == ["prompt", "and more"])
    until(lambda: standin.ledger.hanging > 0)
    assert standin.ledger.hanging <= MOST_IN_FLIGHT_A_CONNECTION
    until(lambda: quick.receipts(conversation_id) == [("sent", 0)] * 2)
    # What hangs, and what was sent back to wait, is all still there.
    assert OutboxEntry.objects.filter(topic=TOPIC).count() == len(crowd)


def test_takes_no_more_than_it_can_have_under_way(lines: tuple[House, House], standin: RunningStandin) -> None:
    slow, _ = lines
    for number in range(MOST_IN_FLIGHT_A_CONNECTION + 10):
        customer = f"+1555444{number:04}"
        standin.ledger.script("hang:60", recipient=customer)
        slow.say(slow.hear(sender=customer), "later")

    while delivery.drain(slow.now):
        continue
    until(lambda: standin.ledger.hanging == MOST_IN_FLIGHT_A_CONNECTION)

    postponed = OutboxEntry.objects.filter(topic=TOPIC, leased_until=None)
    assert postponed.count() == 10
    assert set(postponed.values_list("attempts", flat=True)) == {0}


def test_stores_what_was_sent_though_the_database_fails_for_a_while(
    lines: tuple[House, House], standin: RunningStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, _ = lines
    failures = iter([OperationalError("gone"), OperationalError("gone")])
    real = results.record

    def record(outcomes: Sequence[Outcome], *, now: datetime) -> None:
        for failure in failures:
            raise failure
        real(outcomes, now=now)

    conversation_id = house.hear()
    house.say(conversation_id, "one")
    monkeypatch.setattr(delivery, "record", lambda outcomes, now: record(outcomes, now=now) if outcomes else None)

    delivery.drain(house.now)

    until(lambda: house.receipts(conversation_id) == [("sent", 0)])
    assert standin.ledger.statuses_answered == [201]
