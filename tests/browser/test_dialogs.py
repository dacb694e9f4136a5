"""What opens over the console and the supervisor's page: axe finds nothing in it, and Escape closes it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.crowd import Visitor
from tests.browser.files import bring
from tests.browser.hands import accept, app_api, axe, choose_activity
from tests.servers import Installation

MACRO = {"shortcode": "over", "body": "Bye {{ customer.name }}", "steps": [{"do": "end"}], "scope": "account"}
TEMPLATE = {"name": "Ready", "channel_type": "chat", "content_sid": "ready:en", "body": "Hello {{1}}"}
DIALOGS = {
    "the keys": "show the keys",
    "changing the keys": "change the keys",
    "sounds": "sounds and notifications",
    "canned replies": "my canned replies",
    "a macro": "macro /over",
    "transfer": "transfer the",
    "park": "park the",
    "hand back": "hand back",
    "end": "end and wrap up",
    "start": "start a conversation",
}


def look(page: Page, opened: Locator) -> list[str]:
    """Look at what has opened, and close it by Escape."""
    expect(opened).to_be_visible()
    page.wait_for_load_state("networkidle")
    found = axe(page)
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    return found


def test_nothing_is_wrong_with_what_opens(
    people: Callable[..., Page], desk: Installation, visit: Callable[[str], Visitor]
) -> None:
    with app_api(desk, "admin") as api:
        # A second try finds them.
        api.post("/app/v1/canned-replies", json=MACRO)
        api.post("/app/v1/message-templates", json=TEMPLATE)
    # No network, no wait: a menu or a dialog is whole when it can be seen.
    page = people("ana", log_in=True, path="/console", reduced_motion="reduce")
    choose_activity(page, "Available")
    zoe = visit("Zoe")
    accept(page, "Zoe")
    bring(page, "paste", "map.png")
    page.get_by_role("textbox", name="Message", exact=True).fill("A map")
    page.keyboard.press("Enter")
    zoe.told("A map")

    faults = {}
    dialog, menu = page.get_by_role("dialog"), page.get_by_role("menu")
    for what, words in DIALOGS.items():
        page.keyboard.press("Control+KeyK")
        palette = page.get_by_role("combobox", name="Find a command")
        palette.fill(words)
        expect(page.get_by_role("option", selected=True)).to_contain_text(words.split()[-1])
        page.keyboard.press("Enter")
        expect(palette).to_have_count(0)
        faults[what] = look(page, dialog)
    page.get_by_role("button", name="Open map.png").press("Enter")
    faults["the media viewer"] = look(page, dialog)
    page.keyboard.press("Alt+Period")
    expect(page.locator("emoji-picker")).to_be_visible()
    faults["emoji"] = look(page, dialog)
    page.keyboard.press("Alt+KeyP")
    faults["a template"] = look(page, dialog)
    page.get_by_role("button", name="Ask for help").press("Enter")
    faults["a call for help"] = look(page, dialog)
    for name in ("Console settings", re.compile("^Activity:"), "More for this conversation", re.compile("Account of")):
        page.get_by_role("button", name=name).press("Enter")
        faults[f"the menu {name}"] = look(page, menu)

    boss = people("supervisor", log_in=True, path="/supervisor/chats", reduced_motion="reduce")
    boss.get_by_role("button", name="More for Zoe").press("Enter")
    faults["the menu of a task"] = look(boss, boss.get_by_role("menu"))
    boss.get_by_role("combobox", name="Show").or_(boss.get_by_role("textbox", name="Show")).first.click()
    faults["a choice"] = look(boss, boss.get_by_role("listbox"))
    assert {what: found for what, found in faults.items() if found} == {}
