"""What every test stands on: the back end it runs on, and ``drain`` in place of Celery's workers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import hypothesis
import psycopg
import pytest
from xdist.scheduler import LoadScopeScheduling

from tests import backends
from tests import settings as test_settings

# The back end does not matter to what is below: one run says all.
PURE = (
    "bench",
    "channels_app/adapters",
    "flows/engine",
    "flows/stories",
    "flows/widgets",
    "processes/test_refusals.py",
    "routing/matching",
    "standins",
)
# Tests of pages, which do not see what is behind the API.
PAGES = (
    "browser/test_access.py",
    "browser/test_around_the_chat.py",
    "browser/test_builder.py",
    "browser/test_builder_hands.py",
    "browser/test_builder_tools.py",
    "browser/test_builder_ways.py",
    "browser/test_console.py",
    "browser/test_dialogs.py",
    "browser/test_hostile_texts.py",
    "browser/test_log_in.py",
    "browser/test_routing.py",
    "browser/test_settings.py",
    "browser/test_webchat.py",
)
# Long ones that say more on PostgreSQL and Redis, with processes of their own. Where these answer (scripts/test.sh says
# so by FLOWDESK_TEST_ALSO), one run of them is enough; a story from the customer to the agent is played on both.
LONG = (
    "browser/test_desk.py",
    "browser/test_supervisor.py",
    "browser/test_work.py",
    "processes/test_hanging.py",
    "security/test_openapi.py",
    "security/test_tenants.py",
)
# Half of the browser's time, on either back end.
FIRST_HALF = tuple(f"tests/browser/test_{name}" for name in ("builder", "access", "dialogs", "supervisor", "work"))
MOST_ROUNDS = 2_000

# For the dearest of the random tests: --hypothesis-profile=thorough makes many more examples.
hypothesis.settings.register_profile("thorough", hypothesis.settings.default)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files; read the diff")


def pytest_report_header() -> str:
    return f"back end: {test_settings.BACKEND}"


class ByFile(LoadScopeScheduling):
    """
    Shares the tests between processes (``-n 3``: two cores, and a browser test waits half of its time).

    Those of one file stay together, since some end by asking what the others covered; the browser's share two servers.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        if not path.startswith("tests/browser/"):
            return path
        return "browser: first half" if path.startswith(FIRST_HALF) else "browser: second half"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Run what starts servers first, and leave out what another run of the same `make test` says on the other back end.

    What takes long begins early, so that neither of the two processes waits for the other at the end.
    """
    root = Path(__file__).parent
    elsewhere: tuple[str, ...] = ()
    if test_settings.BACKEND == "postgres":
        elsewhere = PURE + PAGES
    elif os.environ.get("FLOWDESK_TEST_ALSO") == "postgres":
        elsewhere = LONG
    left = [item for item in items if str(item.path.relative_to(root)).startswith(elsewhere)] if elsewhere else []
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in set(left)]
    slow = ("browser", "soak", "processes", "operate")
    items.sort(key=lambda item: not str(item.path.relative_to(root)).startswith(slow))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Make the test database; at the end hang up on what threads of their own still hold open, which delays its end."""
    yield
    if test_settings.BACKEND == "postgres":
        with psycopg.connect(backends.POSTGRES_URL, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE %s",
                (f"flowdesk_test_{os.getpid()}%",),
            )


@pytest.fixture(autouse=True)
def fresh_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw keys from the test's own clock: they never go back, not even when an earlier test comes back from later."""
    monkeypatch.setattr("common.ids._last", 0)


@pytest.fixture(autouse=True)
def silent_doorbells(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keep doorbells from Celery; the list of topics that were rung, for tests that are about bells."""
    rung: list[str] = []
    monkeypatch.setattr("common.outbox.ring", rung.append)
    return rung


@pytest.fixture(autouse=True)
def no_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep read and typing marks from being shown to customers on threads of their own."""
    monkeypatch.setattr("channels_app.signals.later", lambda what: None)


@pytest.fixture(autouse=True)
def no_traffic_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the log of providers' requests from writing by itself; tests call ``traffic.recorder.flush()``."""
    monkeypatch.setattr("channels_app.traffic.Recorder._begin", lambda self: None)


@pytest.fixture
def drain(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """
    Return a function that does what workers would: handles all that is due, until nothing is.

    It asks ``clock.now()``, so with time-machine the timers due by then go off. It works from the database, bells
    or not. Returns how many entries were handled; entries that nobody manages to handle fail the test.
    """
    from channels_app import fetching
    from common import clock, outbox
    from conversations.webhooks import sender
    from flows.runtime import http

    # Flows' HTTP calls and webhooks are made on threads of their own; here they are over when the drain returns.
    monkeypatch.setattr(http.caller, "begin", http.make_due_calls)
    monkeypatch.setattr(sender.sender, "begin", sender.send_due)
    monkeypatch.setattr(fetching.fetcher, "begin", fetching.fetch_due)

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
def asgi() -> ModuleType:
    """``config.asgi``; web processes close their connections after each request, the tests of this one keep theirs."""
    from django.core.signals import request_finished

    from config import asgi

    request_finished.disconnect(asgi.close_connections)
    return asgi


@pytest.fixture
def inline_ingress(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the ingress, called by ``async_to_sync``, write on the test's own connection instead of its own threads."""

    from asgiref.sync import sync_to_async

    from channels_app import ingress, queries

    async def submit(self: Any, item: Any) -> Any:
        (result,) = await sync_to_async(self._commit)([item])
        return result

    monkeypatch.setattr("common.groupcommit.GroupCommit.submit", submit)
    monkeypatch.setattr(ingress, "_receiver", sync_to_async(queries.receiver))
