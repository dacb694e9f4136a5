"""
Takes the pictures of README.md and docs/ from a real server: ``.venv/bin/python -m scripts.pictures``.

Customers talk to the demo's flow, an admin draws on it, an agent accepts and answers; each screen is photographed on
the way. With names (``… builder console``) only those pictures are stored; the way there is the same.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from scripts import picture_builder
from tests.browser.chromium import CHROMIUM
from tests.browser.hands import choose_activity
from tests.servers import PASSWORD, Installation, installation

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
SIZE = {"width": 1440, "height": 900}
WANTED = frozenset(sys.argv[1:])


QUALITY = 84
MOST_BYTES = 200_000


def take(page: Page, name: str) -> None:
    """Store a picture; JPEG keeps the repository small, and a crowded one is stored a little coarser."""
    if WANTED and name not in WANTED:
        return
    # Nothing that only passes by: hints under the pointer, notifications.
    page.mouse.move(2, 2)
    page.wait_for_timeout(900)
    for quality in range(QUALITY, 40, -6):
        data = page.screenshot(type="jpeg", quality=quality)
        if len(data) <= MOST_BYTES:
            break
    (IMAGES / f"{name}.jpg").write_bytes(data)


def open_page(browser: Browser, desk: Installation, path: str, user: str = "", **options: object) -> Page:
    page = browser.new_context(base_url=desk.base_url, viewport=SIZE, **options).new_page()
    if user:
        page.goto("/login")
        page.get_by_label("User name").fill(user)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url(lambda url: not url.split("?")[0].endswith("/login"))
    page.goto(path)
    return page


def write(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Message", exact=True)
    box.fill(text)
    box.press("Enter")


def shoot(browser: Browser, desk: Installation) -> None:
    admin = open_page(browser, desk, "/flows", "admin")
    expect(admin.get_by_role("list", name="Flows")).to_be_visible()
    take(admin, "flows")

    agent = open_page(browser, desk, "/console", "ana")
    choose_activity(agent, "Available")
    customer = open_page(browser, desk, "/demo")
    customer.get_by_role("button", name="Open chat").click()
    chat = customer.get_by_role("log", name="Messages", exact=True)
    write(customer, "Hi there!")
    expect(chat.get_by_text(re.compile("sales or support")).first).to_be_visible()
    write(customer, "I would like to buy two tents for a trip in May")
    expect(agent.get_by_role("button", name="Accept")).to_be_visible()
    take(agent, "offer")
    agent.get_by_role("button", name="Accept").click()
    expect(agent.get_by_role("log", name="Conversation")).to_be_visible()
    write(agent, "Hello, Ana here! Two of the Fjell 2, or one for four people?")
    expect(chat.get_by_text("Ana here!")).to_be_visible()
    write(customer, "Two of the Fjell 2, please. Do you ship to Norway?")
    expect(agent.get_by_text("Do you ship to Norway?").first).to_be_visible()
    write(agent, "We do, and it takes four days. Shall I reserve them for you?")
    expect(chat.get_by_text("four days")).to_be_visible()
    agent.get_by_role("textbox", name="Message").fill("I can also add the footprint, it is on")
    take(agent, "console")
    take(customer, "demo")
    admin.goto("/executions")
    admin.wait_for_timeout(800)
    take(admin, "executions")
    # Last: its many customers would wait for the agent, too.
    picture_builder.shoot(admin, take)


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with installation("sqlite") as desk, sync_playwright() as playwright:
        desk.manage("prepare")
        desk.start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        shoot(browser, desk)
        browser.close()


if __name__ == "__main__":
    main()
