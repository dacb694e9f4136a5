"""A short soak on each back end, and the proof that its checker finds what it looks for."""

from __future__ import annotations

import os

import pytest

from tests import settings as test_settings
from tests.soak.run import Plan, soak
from tests.soak.stores import missing

pytestmark = [pytest.mark.processes, pytest.mark.timeout(600)]


def test_loses_doubles_and_swaps_nothing_while_everything_is_killed() -> None:
    if test_settings.BACKEND == "postgres" and (problem := missing()):
        if os.environ.get("CI") == "true":
            pytest.fail(f"The soak needs {problem}")
        pytest.skip(f"The soak needs {problem}")

    verdict = soak(
        Plan(
            backend=test_settings.BACKEND,
            customers=80,
            kills=6 if test_settings.BACKEND == "postgres" else 3,
            database_restarts=1,
            seed=11,
        )
    )

    print(verdict.summary())
    assert verdict.faults == [], verdict.log
    assert verdict.repeated > 0
    assert {429, 500} <= set(verdict.refused)


@pytest.mark.parametrize(
    ("fault", "found"),
    [("no-bells", "was not taken|no 1 replies|lost"), ("doubled", "no idempotency key")],
)
def test_the_checker_finds_a_planted_fault(fault: str, found: str) -> None:
    if test_settings.BACKEND == "postgres":
        pytest.skip("One back end says whether the checker checks")

    verdict = soak(
        Plan(
            backend="sqlite",
            customers=4,
            kills=0,
            patience_seconds=5,
            program=("-m", "tests.soak.faulty", fault),
        )
    )

    assert verdict.faults
    assert any(word in fault for fault in verdict.faults for word in found.split("|")), verdict.faults
