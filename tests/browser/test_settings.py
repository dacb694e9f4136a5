"""
The settings as an admin meets them: a channel from its keys to the first message, and people and programs let in.

Each part is looked at in light and in dark while something is in it (dialogs in light alone: over a dark page axe takes
the canvas for their ground). What is refused is said in the form.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests import settings as test_settings
from tests.browser.crowd import lead_to
from tests.browser.hands import axe
from tests.browser.test_access import faults_of
from tests.channels_app.providers import KEYS, Channel
from tests.servers import Installation
from tests.standins import running
from tests.standins.listener import listening

pytestmark = pytest.mark.skipif(test_settings.BACKEND != "sqlite", reason="screens are the same on every back end")

CUSTOMER = "+15558675310"
# A second try finds what the first one left.
_tries = itertools.count(1)


@pytest.fixture
def api(desk: Installation) -> Iterator[httpx.Client]:
    found = desk.credentials()
    keys = (found["account_sid"], found["auth_token"])
    with httpx.Client(base_url=desk.base_url, auth=keys, trust_env=False, timeout=30) as client:
        yield client


def go(page: Page, part: str) -> None:
    """Go to a part of the settings by its link, by key."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.get_by_role("navigation", name="Settings").get_by_role("link", name=part, exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1, name=part)).to_be_visible()


def dialog_faults(page: Page) -> list[str]:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    return axe(page)


def choose(page: Page, within: Page | Locator, label: str, option: str) -> None:
    within.get_by_role("combobox", name=label).or_(within.get_by_role("textbox", name=label)).first.click()
    page.get_by_role("option", name=option, exact=True).click()


def open_more(page: Page, of: str, item: str) -> None:
    page.get_by_role("button", name=f"More of {of}").press("Enter")
    page.get_by_role("menuitem", name=item).press("Enter")


def until_shown(page: Page, wanted: Locator) -> None:
    """Look again until something has come: these pages are read when they are opened."""
    for _ in range(20):
        try:
            wanted.first.wait_for(timeout=1_000)
            return
        except PlaywrightTimeout:
            page.reload()
    expect(wanted.first).to_be_visible()


def test_a_channel_is_set_up_watched_and_mended(
    people: Callable[..., Page], desk: Installation, api: httpx.Client
) -> None:
    number = next(_tries)
    ours, name = f"+15557774{number:03}", f"New number {number}"
    flow = f"Ask at {ours}"
    lead_to(api, flow, desk.credentials()["workflow_sid"])
    faults: dict[str, list[str]] = {}
    page = people("admin", log_in=True, path="/settings/connections")
    with running(replace(KEYS, twilio_numbers=(ours,))) as standin, listening() as listener:
        # The form says what is missing, field by field.
        page.get_by_role("button", name="New connection").press("Enter")
        dialog = page.get_by_role("dialog", name="New connection")
        save = dialog.get_by_role("button", name="Save connection")
        save.press("Enter")
        expect(dialog.get_by_text("Choose the channel and who carries it.")).to_be_visible()
        choose(page, dialog, "Channel and carrier", "SMS by Twilio")
        save.press("Enter")
        for missing in ("Fill in our address, such as +15557771212.", "Auth token is needed."):
            expect(dialog.get_by_text(missing)).to_be_visible()
        dialog.get_by_label("Our address").fill(ours)
        dialog.get_by_label("Name").fill(name)
        dialog.get_by_label("Account SID").fill(KEYS.twilio_account_sid)
        dialog.get_by_label("Auth token").fill("not this one")
        dialog.get_by_label("Other API address").fill(standin.url)
        faults["new connection"] = dialog_faults(page)
        save.press("Enter")
        told = page.get_by_role("status").filter(has_text="One thing is left")
        webhook_url = told.locator("code").inner_text()
        expect(told.get_by_role("button", name="Copy the webhook address")).to_be_visible()

        # Keys that are wrong are told by the test; they are written anew, and never shown.
        page.get_by_role("button", name=f"Test {name}").press("Enter")
        expect(page.get_by_text(f"{name} does not work")).to_be_visible()
        open_more(page, name, "Change")
        dialog = page.get_by_role("dialog", name="Connection")
        token = dialog.get_by_label("Auth token")
        expect(token).to_have_value("")
        expect(token).to_have_attribute("placeholder", "Kept as it is")
        token.fill(KEYS.twilio_auth_token)
        dialog.get_by_role("button", name="Save connection").press("Enter")
        expect(dialog).to_be_hidden()
        page.get_by_role("button", name=f"Test {name}").press("Enter")
        expect(page.get_by_text(f"{name} works")).to_be_visible()
        assert KEYS.twilio_auth_token not in page.content()
        faults["connections"] = faults_of(page)

        # The same sender again is refused in the form.
        page.get_by_role("button", name="New connection").press("Enter")
        dialog = page.get_by_role("dialog", name="New connection")
        choose(page, dialog, "Channel and carrier", "SMS by Twilio")
        for label, value in (("Our address", ours), ("Account SID", "AC1"), ("Auth token", "x")):
            dialog.get_by_label(label).fill(value)
        dialog.get_by_role("button", name="Save connection").press("Enter")
        expect(dialog.get_by_role("alert", name="Not saved")).to_be_visible()
        page.keyboard.press("Escape")

        go(page, "Addresses")
        page.get_by_role("button", name=f"Choose what answers {ours}").press("Enter")
        dialog = page.get_by_role("dialog", name="New address")
        dialog.get_by_role("button", name="Save address").press("Enter")
        expect(dialog.get_by_text("Choose the flow that answers.")).to_be_visible()
        faults["new address"] = dialog_faults(page)
        choose(page, dialog, "Flow", flow)
        dialog.get_by_role("button", name="Save address").press("Enter")
        expect(page.get_by_role("row").filter(has_text=ours)).to_contain_text(flow)
        faults["addresses"] = faults_of(page)

        go(page, "Webhooks")
        page.get_by_role("textbox", name="Told afterwards").fill("nonsense")
        page.get_by_role("button", name="Save webhooks").press("Enter")
        expect(page.get_by_role("alert", name="Not saved")).to_be_visible()
        page.get_by_role("textbox", name="Told afterwards").fill(f"{listener.url}/told")
        expect(page.get_by_text("An address without events hears nothing")).to_be_visible()
        choose(page, page, "Events", "onConversationAdded")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Save webhooks").press("Enter")
        expect(page.get_by_text("It holds from now on.")).to_be_visible()

        # The first message comes; its answer is refused, waits, and is sent once the cause is mended.
        standin.ledger.opted_out.add(CUSTOMER)
        webhook = Channel("sms", "twilio", ours, CUSTOMER).said(webhook_url, 1, "Good morning")
        taken = httpx.post(webhook.url, content=webhook.body, headers=webhook.headers, trust_env=False, timeout=30)
        assert taken.status_code == 200
        go(page, "Undelivered")
        row = page.get_by_role("row").filter(has_text=CUSTOMER)
        until_shown(page, row)
        expect(row).to_contain_text("Which desk?")
        expect(row).to_contain_text("Refused")
        faults["undelivered"] = faults_of(page)
        standin.ledger.opted_out.clear()
        row.get_by_role("button", name=f"Send again to {CUSTOMER}").press("Enter")
        expect(row).to_have_count(0)

        go(page, "Connections")
        open_more(page, name, "Traffic")
        traffic = page.get_by_role("dialog", name=f"Traffic of {name}")
        expect(traffic.get_by_role("img", name="Went out").nth(1)).to_be_visible()
        traffic.get_by_role("button").filter(has=page.get_by_role("img", name="Came in")).press("Enter")
        expect(traffic.get_by_text("Good+morning")).to_be_visible()
        assert KEYS.twilio_auth_token not in page.content()
        faults["traffic"] = dialog_faults(page)
        page.keyboard.press("Escape")
        assert standin.ledger.bodies(CUSTOMER) == ["Which desk?"]

        go(page, "Webhooks")
        delivery = page.get_by_role("button").filter(has_text="onConversationAdded").first
        until_shown(page, delivery)
        delivery.press("Enter")
        faults["webhooks"] = faults_of(page)
        page.get_by_role("button", name="Send again").press("Enter")
        expect(page.get_by_text("onConversationAdded is on its way.")).to_be_visible()

        # Everything is as it was.
        page.get_by_role("textbox", name="Told afterwards").fill("")
        page.get_by_role("button", name="Save webhooks").press("Enter")
        expect(page.get_by_text("It holds from now on.")).to_be_visible()
        assert set(listener.events("/told")) == {"onConversationAdded"}
        go(page, "Connections")
        open_more(page, name, "Delete")
        page.get_by_role("dialog").get_by_role("button", name=re.compile("^Delete")).press("Enter")
        expect(page.get_by_role("button", name=f"Test {name}")).to_have_count(0)
    assert {what: found for what, found in faults.items() if found} == {}


def test_people_and_programs_are_let_in(people: Callable[..., Page], desk: Installation) -> None:
    faults: dict[str, list[str]] = {}
    number = next(_tries)
    nina, shift = f"Nina Nowak {number}", f"Night shift {number}"
    page = people("admin", log_in=True, path="/settings/people")

    def saved(dialog: Locator, button: str) -> None:
        dialog.get_by_role("button", name=button).press("Enter")
        expect(dialog).to_be_hidden()

    page.get_by_role("button", name="New person").press("Enter")
    dialog = page.get_by_role("dialog", name="New person")
    dialog.get_by_label("User name").fill(f"nina{number}")
    dialog.get_by_label("Password", exact=True).fill("short")
    dialog.get_by_role("button", name="Save person").press("Enter")
    expect(dialog.get_by_text("At least 10 characters.").last).to_be_visible()
    dialog.get_by_label("Name", exact=True).fill(nina)
    dialog.get_by_label("Password", exact=True).fill("password12")
    dialog.get_by_role("button", name="Save person").press("Enter")
    expect(dialog.get_by_role("alert", name="Not saved")).to_be_visible()
    faults["new person"] = dialog_faults(page)
    dialog.get_by_label("Password", exact=True).fill("seven ducks on a pond")
    saved(dialog, "Save person")
    expect(page.get_by_role("row").filter(has_text=nina)).to_contain_text("Agent")
    faults["people"] = faults_of(page)

    go(page, "Teams")
    for name in (shift, shift):
        page.get_by_role("button", name="New team").press("Enter")
        dialog = page.get_by_role("dialog", name="New team")
        dialog.get_by_label("Name").fill(name)
        choose(page, dialog, "People", nina)
        page.keyboard.press("Tab")
        dialog.get_by_role("button", name="Save team").press("Enter")
        if page.get_by_role("row").filter(has_text=name).count() == 0:
            expect(dialog).to_be_hidden()
    expect(dialog.get_by_role("alert")).to_contain_text(f"There is a team '{shift}' already")
    faults["new team"] = dialog_faults(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("row").filter(has_text=shift)).to_contain_text(nina)
    faults["teams"] = faults_of(page)

    # A key may do what it says, and nothing once it is ended.
    go(page, "API keys")
    page.get_by_label("Name of the new key").fill("Wall display")
    choose(page, page, "What it may do", "taskrouter:read")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Create key").press("Enter")
    secret = page.get_by_role("status").locator("code").inner_text()
    row = page.get_by_role("row").filter(has_text="Wall display")
    expect(row).to_contain_text("taskrouter:read")
    found = desk.credentials()
    path = f"{desk.base_url}/taskrouter/v1/Workspaces/{found['workspace_sid']}/Activities"
    auth = (row.locator("code").inner_text(), secret)
    read = httpx.get(path, auth=auth, trust_env=False, timeout=30)
    write = httpx.post(path, auth=auth, data={"FriendlyName": "Lunch"}, trust_env=False, timeout=30)
    assert (read.status_code, write.status_code) == (200, 403)
    faults["keys"] = faults_of(page)
    row.get_by_role("button", name="End Wall display").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="End the key").press("Enter")
    expect(row).to_have_count(0)
    assert httpx.get(path, auth=auth, trust_env=False, timeout=30).status_code == 401

    go(page, "Templates")
    page.get_by_role("button", name="New template").press("Enter")
    dialog = page.get_by_role("dialog", name="New template")
    dialog.get_by_role("textbox", name="Name", exact=True).fill("Order ready")
    dialog.get_by_label("The provider’s name of it").fill("order_ready:en_US")
    dialog.get_by_label("Text as it was approved").fill("Hello {{first name}}")
    dialog.get_by_role("button", name="Save template").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("A place is a number or a word")
    faults["new template"] = dialog_faults(page)
    dialog.get_by_label("Text as it was approved").fill("Hello {{1}}")
    saved(dialog, "Save template")
    expect(page.get_by_role("row").filter(has_text="Order ready")).to_contain_text("Hello {{1}}")
    faults["templates"] = faults_of(page)
    page.get_by_role("button", name="Delete Order ready").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Delete template").press("Enter")
    expect(page.get_by_role("row").filter(has_text="Order ready")).to_have_count(0)

    go(page, "Side-panel apps")
    page.get_by_role("button", name="New app").press("Enter")
    dialog = page.get_by_role("dialog", name="New app")
    dialog.get_by_role("textbox", name="Name").fill("Shop")
    dialog.get_by_role("textbox", name="Address").fill("http://shop.example/panel")
    dialog.get_by_role("button", name="Save app").press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("must begin with https://")
    faults["new app"] = dialog_faults(page)
    dialog.get_by_role("textbox", name="Address").fill("https://shop.example/panel")
    saved(dialog, "Save app")
    expect(page.get_by_role("status")).to_contain_text("The secret of “Shop”, shown this once")
    faults["apps"] = faults_of(page)
    page.get_by_role("button", name="Delete Shop").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Delete app").press("Enter")
    expect(page.get_by_role("button", name="Delete Shop")).to_have_count(0)

    go(page, "Sign-in")
    page.get_by_role("button", name="New provider").press("Enter")
    dialog = page.get_by_role("dialog", name="New identity provider")
    dialog.get_by_role("button", name="Save provider").press("Enter")
    expect(dialog.get_by_text("An address that begins with https://")).to_be_visible()
    for label, value in (
        ("Name", "Acme"),
        ("Short name", "acme"),
        ("Issuer", "https://login.example/acme"),
        ("Client id", "flowdesk"),
        ("Client secret", "a secret"),
    ):
        dialog.get_by_label(label, exact=True).fill(value)
    expect(dialog.get_by_label("Address to come back to")).to_have_value(f"{desk.base_url}/sso/acme/login/callback/")
    faults["new provider"] = dialog_faults(page)
    saved(dialog, "Save provider")
    faults["sign-in"] = faults_of(page)
    stranger = people("stranger", path="/login")
    expect(
        stranger.get_by_role("link", name=re.compile("Acme")).or_(
            stranger.get_by_role("button", name=re.compile("Acme"))
        )
    ).to_be_visible()
    page.get_by_role("button", name="Delete Acme").press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Delete provider").press("Enter")
    expect(page.get_by_text("No provider yet")).to_be_visible()

    go(page, "Audit log")
    expect(page.get_by_role("row").filter(has_text=nina).first).to_be_visible()
    faults["audit log"] = faults_of(page)

    go(page, "Doctor")
    expect(page.get_by_role("table", name="Findings").get_by_role("row").nth(3)).to_be_visible()
    expect(page.get_by_role("table", name="Processes").get_by_role("row").nth(1)).to_be_visible()
    faults["doctor"] = faults_of(page)
    assert {what: found for what, found in faults.items() if found} == {}
