"""
Everybody can work here: no screen has what axe finds wrong, in light and in dark, and all of it is done by keys alone.

What is looked at does not depend on the back end, so one has to do.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests import settings as test_settings
from tests.browser.crowd import Visitor
from tests.browser.hands import axe, choose_activity

pytestmark = pytest.mark.skipif(test_settings.BACKEND != "sqlite", reason="screens are the same on every back end")

SCREENS = (
    *(f"/supervisor/{part}" for part in ("agents",)),
    *(f"/reports/{part}" for part in ("figures", "activities", "surveys", "export")),
    *(f"/settings/{part}" for part in ("webchat", "console", "canned-replies", "account")),
    "/routing/wrap-up",
    "/contacts",
    "/history",
)
# What only a mouse would find: it looks like something to press, and no key gets there.
ONLY_FOR_THE_MOUSE = """() => [...document.querySelectorAll("body *")].filter(element =>
    getComputedStyle(element).cursor === "pointer" && element.checkVisibility()
    && !element.closest("a[href], button, input, select, textarea, label, summary, [tabindex], [role=option]")
    && !element.querySelector("input, button, a[href]")
).map(element => element.outerHTML.slice(0, 200))"""


def faults_of(page: Page) -> list[str]:
    """Look at a page in both colours; contrast is all that differs."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found = [*axe(page), *page.evaluate(ONLY_FOR_THE_MOUSE)]
    page.emulate_media(color_scheme="dark")
    # Colours fade into each other.
    page.wait_for_timeout(300)
    return [*found, *(f"dark {fault}" for fault in axe(page, "color-contrast"))]


def opens_by_key(page: Page, open_it: Callable[[], None], back: Locator | None = None) -> list[str]:
    """Open a dialog by key, look at it, and close it by Escape; the focus goes in, stays in, and comes back."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    open_it()
    dialog = page.get_by_role("dialog").last
    expect(dialog).to_be_visible()
    focused = page.locator("[role=dialog]:focus, [role=dialog] :focus")
    expect(focused).to_have_count(1)
    page.keyboard.press("Shift+Tab")
    expect(focused).to_have_count(1)
    # In light alone: over a dark page axe takes the canvas for a dialog's ground.
    found = [*axe(page), *page.evaluate(ONLY_FOR_THE_MOUSE)]
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    if back is not None:
        expect(back).to_be_focused()
    return found


def test_screens_are_accessible(people: Callable[..., Page]) -> None:
    admin = people("admin", log_in=True)
    faults = {}
    for path in SCREENS:
        admin.goto(path)
        expect(admin.get_by_role("heading", level=1)).to_be_visible()
        admin.wait_for_load_state("networkidle")
        if found := faults_of(admin):
            faults[path] = found
    for path, button in (
        ("/settings/people", "New person"),
        ("/settings/addresses", "Edit Demo web chat"),
        ("/routing/wrap-up", "Edit the rules of All other queues"),
    ):
        admin.goto(path)
        opener = admin.get_by_role("button", name=button, exact=True)
        if found := opens_by_key(admin, lambda opener=opener: opener.press("Enter"), opener):  # type: ignore[misc]
            faults[f"{path}: {button}"] = found
    assert faults == {}


def test_an_agent_works_by_keys(people: Callable[..., Page], visit: Callable[[str], Visitor]) -> None:
    page = people("ana", log_in=True, path="/console")
    faults = {"console, nothing to do": faults_of(page)}
    choose_activity(page, "Available")
    visitor = visit("Zoe")
    offer = page.get_by_role("article", name="Offer: Zoe")
    expect(offer).to_be_visible()
    faults["an offer"] = faults_of(page)
    page.keyboard.press("Alt+KeyA")
    expect(page.get_by_role("log", name="Conversation").get_by_text("Which desk?")).to_be_visible()
    page.keyboard.press("Alt+KeyM")
    page.keyboard.type("Good morning.")
    page.keyboard.press("Enter")
    visitor.told("Good morning.")
    faults["a conversation"] = faults_of(page)
    for key, what in (
        ("Alt+KeyT", "transfer"),
        ("Alt+KeyZ", "park"),
        ("Alt+KeyB", "hand back"),
        ("Alt+KeyE", "end"),
        ("Alt+KeyO", "start a conversation"),
        ("Control+KeyK", "palette"),
    ):
        faults[what] = opens_by_key(page, lambda key=key: page.keyboard.press(key))  # type: ignore[misc]
    page.keyboard.press("Alt+KeyE")
    page.get_by_role("dialog").get_by_role("button", name="End and wrap up").press("Enter")
    expect(page.get_by_role("form", name="Wrap-up")).to_be_visible()
    faults["wrap-up"] = faults_of(page)
    page.keyboard.press("Alt+KeyE")
    expect(page.get_by_role("list", name="Tasks").get_by_role("listitem")).to_have_count(0)
    choose_activity(page, "Offline")
    assert {what: found for what, found in faults.items() if found} == {}
