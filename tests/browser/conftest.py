"""Chromium against a server of its own, by Playwright's synchronous interface."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect, sync_playwright

from tests import settings as test_settings
from tests.servers import PASSWORD, ROOT, Installation, installation

CHROMIUM = os.environ.get("FLOWDESK_CHROMIUM", "/usr/bin/chromium")
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


@pytest.fixture(scope="package")
def desk() -> Iterator[Installation]:
    """One server with the demo data, for all browser tests of this back end."""
    with installation(test_settings.BACKEND) as made:
        made.manage("prepare")
        made.start()
        yield made


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


def log_in_as(page: Page, username: str) -> None:
    """Log a demo user in by the log-in page, as a person would."""
    page.goto("/login")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: not url.split("?")[0].endswith("/login"))


def _take_pictures(test: str, opened: dict[str, tuple[BrowserContext, Page]]) -> None:
    RESULTS.mkdir(exist_ok=True)
    for name, (_, page) in opened.items():
        file = re.sub(r"[^\w.-]+", "-", f"{test_settings.BACKEND}-{test}-{name}.png")
        try:
            page.screenshot(path=RESULTS / file, timeout=5000)
        except Error as error:
            print(f"no picture of {name}: {error}")
