"""What every test stands on: the back end it runs on, and ``drain`` in place of Celery's workers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import settings as test_settings

# The back end does not matter to what is below: one run says all.
PURE = (
    "channels_app/adapters",
    "flows/engine",
    "flows/stories",
    "flows/widgets",
    "processes/test_refusals.py",
    "routing/matching",
    "standins",
)
MOST_ROUNDS = 2_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files; read the diff")


def pytest_report_header() -> str:
    return f"back end: {test_settings.BACKEND}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the slow kinds last, and on PostgreSQL leave out what never touches a database."""
    root = Path(__file__).parent
    if test_settings.BACKEND == "postgres":
        pure = [item for item in items if str(item.path.relative_to(root)).startswith(PURE)]
        config.hook.pytest_deselected(items=pure)
        items[:] = [item for item in items if item not in set(pure)]
    items.sort(key=lambda item: ("processes" in item.keywords, "browser" in item.keywords))


@pytest.fixture(autouse=True)
def silent_doorbells(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keep doorbells from Celery; the list of topics that were rung, for tests that are about bells."""
    rung: list[str] = []
    monkeypatch.setattr("common.outbox.ring", rung.append)
    return rung


@pytest.fixture
def drain(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """
    Return a function that does what workers would: handles all that is due, until nothing is.

    It asks ``clock.now()``, so with time-machine the timers due by then go off. It works from the database, bells
    or not. Returns how many entries were handled; entries that nobody manages to handle fail the test.
    """
    from common import clock, outbox
    from conversations.webhooks import sender
    from flows.runtime import http

    # Flows' HTTP calls and webhooks are made on threads of their own; here they are over when the drain returns.
    monkeypatch.setattr(http.caller, "begin", http.make_due_calls)
    monkeypatch.setattr(sender.sender, "begin", sender.send_due)

    def drain_all() -> int:
        handled = 0
        topics = {topic.name: topic for topic in outbox.topics()}
        for _ in range(MOST_ROUNDS):
            names = outbox.due_topics(clock.now())
            if not names:
                return handled
            done = sum(topics[name].drain(clock.now()) for name in names)
            if done == 0 and outbox.due_topics(clock.now()):
                pytest.fail(f"Due entries stay where they are: {names}")
            handled += done
        pytest.fail(f"Still not done after {MOST_ROUNDS} rounds: {names}")

    return drain_all


@pytest.fixture
def inline_ingress(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the ingress, called by ``async_to_sync``, write on the test's own connection instead of its own threads."""
    from typing import Any

    from asgiref.sync import sync_to_async

    from channels_app import ingress, queries

    async def submit(self: Any, item: Any) -> Any:
        (result,) = await sync_to_async(self._commit)([item])
        return result

    monkeypatch.setattr("common.groupcommit.GroupCommit.submit", submit)
    monkeypatch.setattr(ingress, "_receiver", sync_to_async(queries.receiver))
