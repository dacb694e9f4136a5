"""The promise of delivery as a property: whatever happens, every message once and in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels_app.delivery import drain as delivery
from channels_app.delivery.jobs import Job
from channels_app.delivery.sender import InlineSender
from common.models import OutboxEntry
from tests.channels_app.conftest import House
from tests.standins import RunningStandin
from tests.standins.ledger import Ledger

STEPS = st.sampled_from(["ok", "429:1", "500", "lost", "drop", "garbage"])
# What a worker does with a batch: its work; it dies after sending; it dies before.
DEATHS = st.sampled_from(["lives", "lives", "dies after", "dies before"])


class MortalSender(InlineSender):
    """Sends like the real one, until it is told to die: then the outcome of what was sent is lost."""

    def __init__(self, record: Any, now: Any, deaths: list[str]) -> None:
        super().__init__(record, now=now)
        self._deaths = deaths

    def submit(self, jobs: Sequence[Job]) -> None:
        death = self._deaths.pop() if self._deaths and jobs else "lives"
        if death == "dies before":
            return
        if death == "dies after":
            real, self._record = self._record, lambda _: None
            super().submit(jobs)
            self._record = real
            return
        super().submit(jobs)


@pytest.mark.usefixtures("db")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(STEPS, max_size=6),
    deaths=st.lists(DEATHS, max_size=4),
    sizes=st.lists(st.integers(1, 3), min_size=1, max_size=3),
    bells=st.lists(st.integers(0, 300), max_size=4),
)
def test_says_everything_once_and_in_order(
    house: House, standin: RunningStandin, steps: list[str], deaths: list[str], sizes: list[int], bells: list[int]
) -> None:
    standin.standin.ledger = ledger = Ledger()
    ledger.script(*steps)
    OutboxEntry.objects.all().delete()
    sender = delivery.current_sender()
    assert isinstance(sender, InlineSender)
    delivery.use(MortalSender(sender._record, lambda: house.now, list(deaths)))
    said: dict[str, list[str]] = {}
    for customer, size in enumerate(sizes):
        address = f"+1555333{customer:04}"
        conversation_id = house.hear(sender=address, sid=f"{id(ledger)}-{customer}")
        said[address] = [f"{address} {number}" for number in range(size)]
        house.say(conversation_id, *said[address])

    # Doorbells at any time, many at once or none; at the end the sweep, for as long as tries go on.
    for seconds in bells:
        house.deliver(seconds=seconds)
    for _ in range(20):
        house.deliver(seconds=4000)
    delivery.use(sender)

    assert {address: ledger.bodies(address) for address in said} == said
    assert ledger.without_key == 0
