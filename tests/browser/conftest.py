"""Chromium against a server of its own, by Playwright's synchronous interface."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from tests import settings as test_settings
from tests.browser.chromium import CHROMIUM
from tests.browser.crowd import Visitor, lead_to, open_line
from tests.browser.hands import log_in_as
from tests.servers import ROOT, Installation, installation

RESULTS = ROOT / "test-results"
# Generous: two cores serve, work and draw at once.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
# Without these Chromium looks for its maker's servers at every start.
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            # Two cores serve, work, draw and run the other half of the suite: a key may be pressed before its field is
            # there. What fails three times in a row is wrong.
            if item.get_closest_marker("flaky") is None and item.config.pluginmanager.hasplugin("rerunfailures"):
                item.add_marker(pytest.mark.flaky(reruns=2))


@pytest.fixture(scope="package")
def desk() -> Iterator[Installation]:
    """One server with the demo data, for all browser tests of this back end."""
    with installation(test_settings.BACKEND) as made:
        made.manage("prepare")
        made.start()
        yield made


@pytest.fixture(scope="package")
def clerk(desk: Installation) -> Iterator[Callable[[], None]]:
    """Return a function that clears the desk: no task is open, and nobody is available."""
    made = desk.credentials()
    workspace = f"/taskrouter/v1/Workspaces/{made['workspace_sid']}"
    with httpx.Client(
        base_url=desk.base_url, auth=(made["account_sid"], made["auth_token"]), trust_env=False, timeout=30
    ) as api:

        def listed(what: str, key: str) -> list[dict[str, Any]]:
            answer = api.get(f"{workspace}/{what}", params={"PageSize": 100})
            assert answer.status_code == 200, answer.text
            found: list[dict[str, Any]] = answer.json()[key]
            return found

        offline = next(each for each in listed("Activities", "activities") if each["friendly_name"] == "Offline")

        def clear() -> None:
            for worker in listed("Workers", "workers"):
                if worker["activity_sid"] != offline["sid"]:
                    leave = {"ActivitySid": offline["sid"], "RejectPendingReservations": "true"}
                    left = api.post(f"{workspace}/Workers/{worker['sid']}", data=leave)
                    assert left.status_code == 200, left.text
            for task in listed("Tasks", "tasks"):
                end = {"pending": "canceled", "reserved": "canceled", "assigned": "completed", "wrapping": "completed"}
                if task["assignment_status"] in end:
                    status = {"AssignmentStatus": end[task["assignment_status"]], "Reason": "The test is over"}
                    ended = api.post(f"{workspace}/Tasks/{task['sid']}", data=status)
                    assert ended.status_code == 200, ended.text

        yield clear


@pytest.fixture(autouse=True)
def cleared_desk(clerk: Callable[[], None]) -> None:
    """Begin each test at an empty desk, also after one that failed in the middle of a talk."""
    clerk()


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The browser. Package scope: its event loop must have ended before tests that bring one of their own."""
    if not Path(CHROMIUM).exists():
        message = f"{CHROMIUM} is missing: install Debian's chromium, or name one in FLOWDESK_CHROMIUM"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def people(chromium: Browser, desk: Installation, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """
    Return a function that gives somebody a browser of their own: ``people("customer")``, ``people("ana")``.

    ``log_in=True`` logs the demo user of that name in. What a page wrote to its console as an error, and requests
    that answered 5xx, fail the test at its end; a failed test leaves a picture of each page in test-results/.
    """
    opened: dict[str, tuple[BrowserContext, Page]] = {}
    faults: list[str] = []

    def open_page(name: str, *, log_in: bool = False, path: str = "", **options: Any) -> Page:
        context = chromium.new_context(base_url=desk.base_url, viewport={"width": 1360, "height": 860}, **options)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        opened[name] = (context, page)
        page.on("pageerror", lambda error: faults.append(f"{name}: {error}"))
        page.on(
            "response",
            lambda answer: faults.append(f"{name}: {answer.status} {answer.url}") if answer.status >= 500 else None,
        )
        if log_in:
            log_in_as(page, name)
        if path:
            page.goto(path)
        return page

    yield open_page

    if request.node.stash.get(FAILED, False):
        _take_pictures(request.node.name, opened)
    for context, _ in opened.values():
        context.close()
    assert faults == []


@pytest.fixture
def visit(desk: Installation) -> Iterator[Callable[[str], Visitor]]:
    """Return a function that lets somebody come by a web chat which leads to an agent."""
    found = desk.credentials()
    keys = (found["account_sid"], found["auth_token"])
    with httpx.Client(base_url=desk.base_url, auth=keys, trust_env=False, timeout=30) as api, ExitStack() as sockets:
        flow = lead_to(api, "To any agent", found["workflow_sid"])
        # A second try has a line of its own, too.
        line = open_line(api, "chat", "web", f"To any agent {secrets.token_hex(4)}", flow)

        def come(name: str) -> Visitor:
            visitor = Visitor(name, desk.base_url, line["deployment_key"], sockets)
            visitor.ask_for("any", "any")
            return visitor

        yield come


def _take_pictures(test: str, opened: dict[str, tuple[BrowserContext, Page]]) -> None:
    RESULTS.mkdir(exist_ok=True)
    for name, (_, page) in opened.items():
        file = re.sub(r"[^\w.-]+", "-", f"{test_settings.BACKEND}-{test}-{name}.png")
        try:
            page.screenshot(path=RESULTS / file, timeout=5000)
        except Error as error:
            print(f"no picture of {name}: {error}")
