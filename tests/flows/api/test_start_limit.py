"""How many executions an account may start by REST."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import override_settings

from common import clock
from conversations.services import receive_messages
from flows.models import Execution
from flows.runtime import batch
from tests.factories import inbound, make_account, publish_flow
from tests.flows.api.test_bad_input import Integrator
from tests.flows.definitions import greeting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_starts() -> Iterator[None]:
    # The clock stands: however slow the machine, all of a test's starts are of one second.
    with override_settings(STARTS_PER_SECOND=2), time_machine.travel(clock.now(), tick=False):
        yield


def test_refuses_the_starts_beyond_the_limit_of_the_account_alone() -> None:
    account, other = make_account("One"), make_account("Two")
    path = f"Flows/{publish_flow(account, greeting()).sid}/Executions"
    elsewhere = f"Flows/{publish_flow(other, greeting()).sid}/Executions"

    answers = [Integrator(account).post(path, To=f"+1555000000{number}", From="+15550100001") for number in range(3)]

    assert [status for status, _ in answers] == [201, 201, 429]
    assert (answers[2][1]["code"], answers[2][1]["status"]) == (20429, 429)
    assert Integrator(other).post(elsewhere, To="+15550000009", From="+15550100001")[0] == 201
    assert Execution.objects.filter(account_id=account.id).count() == 2


def test_lets_the_account_start_again_a_second_later_in_every_process() -> None:
    account = make_account()
    path = f"Flows/{publish_flow(account, greeting()).sid}/Executions"

    def start(number: int) -> int:
        # Nothing but the database is shared by two web processes.
        return Integrator(account).post(path, To=f"+155500000{number:02}", From="+15550100001")[0]

    first = [start(number) for number in range(3)]
    with time_machine.travel(clock.now() + timedelta(seconds=1.1), tick=False):
        later = [start(number) for number in range(3, 6)]

    assert (first, later) == ([201, 201, 429], [201, 201, 429])


def test_counts_no_start_that_was_refused_for_what_it_said() -> None:
    account = make_account()
    path = f"Flows/{publish_flow(account, greeting()).sid}/Executions"
    api = Integrator(account)

    assert [api.post(path, To="", From="+15550100001")[0] for _ in range(3)] == [400, 400, 400]
    assert api.post(path, To="+15550000001", From="+15550100001")[0] == 201


def test_refuses_nothing_that_customers_write() -> None:
    account = make_account()
    publish_flow(account, greeting())

    receive_messages([inbound(account, "hi", sender=f"+1555000{number:04}") for number in range(150)], now=clock.now())
    while batch.drain(clock.now()):
        pass

    assert Execution.objects.filter(account_id=account.id, status="ended").count() == 150
