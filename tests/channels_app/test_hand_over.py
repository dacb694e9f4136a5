"""Messages that a worker sends right after it wrote them, and what happens when it dies before it does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from django.db import transaction

from channels_app.delivery import drain as delivery
from channels_app.delivery.jobs import Job
from channels_app.delivery.topic import TOPIC
from common import outbox
from common.models import OutboxEntry
from common.outbox import LEASE_SECONDS
from tests.channels_app.conftest import House, connect
from tests.factories import make_account
from tests.standins import RunningStandin

pytestmark = pytest.mark.django_db(transaction=True)


class Holding:
    """A sender that keeps what it is given: a process that dies with it, or is slow."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.space = 10

    def room(self) -> int:
        return self.space

    def has_room_for(self, job: Job, *, beside: Counter[object]) -> bool:
        return True

    def submit(self, jobs: Sequence[Job]) -> None:
        self.jobs += jobs


@pytest.fixture
def house(standin: RunningStandin) -> Iterator[House]:
    """A house in a process that does the work of deliveries itself."""
    account = make_account()
    made = House(account, connect(account, "twilio", standin))
    delivery.use(delivery.inline_sender(lambda: made.now))
    outbox.serve(["deliver"], lambda name: None)
    yield made
    outbox.serve((), None)
    delivery.use(None)


@pytest.fixture
def holding() -> Holding:
    return Holding()


def waiting() -> list[tuple[bool, str]]:
    """Return (is leased, body) of the entries, in order."""
    rows = OutboxEntry.objects.filter(topic=TOPIC).order_by("id")
    return [(row.leased_until is not None, row.payload["body"]) for row in rows]


def test_sends_what_it_wrote_after_the_commit_without_a_bell(
    house: House, standin: RunningStandin, silent_doorbells: list[str]
) -> None:
    conversation_id = house.hear()

    with transaction.atomic():
        house.say(conversation_id, "hello")
        before = standin.ledger.bodies()

    assert before == []
    assert standin.ledger.bodies() == ["hello"]
    assert house.receipts(conversation_id) == [("sent", 0)]
    assert waiting() == []
    assert TOPIC not in silent_doorbells


def test_sends_nothing_of_a_transaction_that_is_undone(house: House, standin: RunningStandin) -> None:
    conversation_id = house.hear()

    with pytest.raises(RuntimeError), transaction.atomic():
        house.say(conversation_id, "never said")
        raise RuntimeError

    assert standin.ledger.bodies() == []
    assert waiting() == []


def test_what_a_dead_process_was_about_to_send_is_sent_once_when_its_lease_has_run_out(
    house: House, standin: RunningStandin, holding: Holding
) -> None:
    conversation_id = house.hear()
    delivery.use(holding)
    (message,) = house.say(conversation_id, "hello")
    delivery.use(delivery.inline_sender(lambda: house.now))

    at_once = house.deliver()
    later = house.deliver(seconds=LEASE_SECONDS + 1)

    assert [job.message_id for job in holding.jobs] == [message.id]
    assert (at_once, later) == (0, 1)
    assert standin.ledger.bodies() == ["hello"]
    assert house.deliver(seconds=LEASE_SECONDS + 1) == 0


def test_a_bell_for_what_was_taken_already_finds_nothing(house: House, holding: Holding) -> None:
    conversation_id = house.hear()
    delivery.use(holding)
    house.say(conversation_id, "hello")

    looks = [delivery.drain(house.now), delivery.drain(house.now)]

    assert looks == [0, 0]
    assert len(holding.jobs) == 1


def test_takes_one_message_of_a_conversation_at_a_time(house: House, holding: Holding) -> None:
    one, other = house.hear(), house.hear(sender="+15551230000")
    delivery.use(holding)

    with transaction.atomic():
        house.say(one, "first", "second")
        house.say(other, "elsewhere")
    house.say(one, "third")

    assert [job.entry.payload["body"] for job in holding.jobs] == ["first", "elsewhere"]
    assert waiting() == [(True, "first"), (False, "second"), (True, "elsewhere"), (False, "third")]


def test_overtakes_nothing_that_waits_for_another_try(house: House, standin: RunningStandin) -> None:
    conversation_id = house.hear()
    standin.ledger.script("500")
    house.say(conversation_id, "first")

    house.say(conversation_id, "second")
    bodies = standin.ledger.bodies()
    house.deliver(seconds=2)
    house.deliver(seconds=2)

    assert bodies == []
    assert standin.ledger.bodies() == ["first", "second"]


def test_rings_instead_where_it_has_no_room(house: House, holding: Holding, silent_doorbells: list[str]) -> None:
    conversation_id = house.hear()
    holding.space = 0
    delivery.use(holding)

    house.say(conversation_id, "hello")

    assert holding.jobs == []
    assert waiting() == [(False, "hello")]
    assert TOPIC in silent_doorbells


def test_gives_back_what_it_fails_to_take(
    house: House, standin: RunningStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation_id = house.hear()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(delivery, "plan", fail)
        house.say(conversation_id, "hello")
    left = waiting()
    house.passed += timedelta(milliseconds=1)
    house.deliver()

    assert left == [(False, "hello")]
    assert standin.ledger.bodies() == ["hello"]


def test_rings_for_the_rest_after_the_simulated_network_has_what_was_first(silent_doorbells: list[str]) -> None:
    account = make_account()
    house = House(account, connect(account, "sandbox"))
    outbox.serve(["deliver"], lambda name: None)
    conversation_id = house.hear()
    waiting_when_rung: list[list[tuple[bool, str]]] = []
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(outbox, "ring", lambda name: waiting_when_rung.append(waiting()))
            with transaction.atomic():
                house.say(conversation_id, "first", "second")
    finally:
        outbox.serve((), None)

    assert waiting_when_rung[-1] == [(False, "second")]
    assert house.receipts(conversation_id) == [("delivered", 0)]
