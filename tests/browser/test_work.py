"""
Two agents and a customer: a warm transfer that is declined and then accepted, leaving, parking and waking, and a
wrap-up with what the queue asks for.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.hands import choose_activity
from tests.browser.test_story import say


def test_agents_hand_a_customer_on_park_and_wrap_up(people: Callable[..., Page]) -> None:
    admin = people("admin", log_in=True, path="/routing/wrap-up")
    ask_for_a_disposition(admin)
    ana = people("ana", log_in=True, path="/console")
    ben = people("ben", log_in=True, path="/console")
    choose_activity(ana, "Available")
    customer = people("customer", path="/demo")
    customer.get_by_role("button", name=re.compile("Open chat")).click()
    ask_for_a_person(customer)
    ana.get_by_role("button", name="Accept").click()
    say(ana, "Ana here.")
    choose_activity(ben, "Available")

    # Ben declines, and Ana sees it; then he comes.
    ask_to_join(ana, "Ben", "Knows all about tents")
    ben.get_by_role("button", name="Reject").click()
    expect(ana.get_by_text(re.compile(r"Ben.* declined\. You still have the conversation"))).to_be_visible()
    ask_to_join(ana, "Ben", "Please, he waits for you")
    ben.get_by_role("button", name="Accept").click()
    # Over the chat; between the messages it stands, too.
    expect(ben.get_by_role("status").filter(has_text="Please, he waits for you")).to_be_visible()
    expect(ana.get_by_text(re.compile("Ben.* is in this conversation too"))).to_be_visible()
    say(ben, "And Ben.")

    # Ana leaves and notes what came of it; the customer stays with Ben.
    ana.get_by_role("button", name="Leave").click()
    wrap_up = ana.get_by_role("form", name="Wrap-up")
    wrap_up.get_by_role("button", name="Complete").click()
    expect(wrap_up.get_by_text("Choose one.")).to_be_visible()
    wrap_up.get_by_label("Notes").fill("Ben goes on")
    choose(wrap_up.get_by_role("combobox", name="Disposition"), ana, "Passed on")
    wrap_up.get_by_role("button", name="Complete").click()
    expect(ana.get_by_role("list", name="Tasks").get_by_role("listitem")).to_have_count(0)
    choose_activity(ana, "Offline")

    # Ben parks; the customer's next message brings them back to him.
    ben.get_by_role("button", name="More for this conversation").click()
    ben.get_by_role("menuitem", name=re.compile("Park")).click()
    ben.get_by_role("textbox", name="Note").fill("Measures the garden")
    ben.get_by_role("dialog").get_by_role("button", name="Park").click()
    expect(ben.get_by_role("list", name="Tasks").get_by_role("listitem")).to_have_count(0)
    ben.get_by_role("button", name=re.compile("Parked")).click()
    expect(ben.get_by_role("region", name="Parked conversations").get_by_text("Measures the garden")).to_be_visible()
    write(customer, "Ten metres")
    ben.get_by_role("button", name="Accept").click()
    expect(ben.get_by_role("log", name="Conversation").get_by_text("Ten metres")).to_be_visible()
    expect(ben.get_by_role("region", name="Parked conversations")).to_have_count(0)

    # The end: the customer's side closes, and Ben's wrap-up is kept over a reload.
    ben.get_by_role("button", name="End", exact=True).click()
    ben.get_by_role("dialog").get_by_role("button", name="End and wrap up").click()
    expect(customer.get_by_role("button", name="Start a new chat")).to_be_visible()
    wrap_up = ben.get_by_role("form", name="Wrap-up")
    wrap_up.get_by_label("Order number").fill("4711")
    choose(wrap_up.get_by_role("combobox", name="Disposition"), ben, "Sold")
    ben.wait_for_timeout(1200)
    ben.reload()
    expect(wrap_up.get_by_label("Order number")).to_have_value("4711")
    wrap_up.get_by_role("button", name="Complete").click()
    expect(ben.get_by_role("list", name="Tasks").get_by_role("listitem")).to_have_count(0)
    choose_activity(ben, "Offline")
    admin.goto("/routing/wrap-up")
    set_mode(admin, "Optional")


def ask_for_a_disposition(admin: Page) -> None:
    admin.get_by_role("button", name="Edit the rules of All other queues").click()
    drawer = admin.get_by_role("dialog")
    drawer.get_by_label("Mandatory", exact=True).check()
    names = drawer.get_by_role("combobox", name="Dispositions")
    for name in ("Sold", "Passed on"):
        names.fill(name)
        names.press("Enter")
    drawer.get_by_label("One must be chosen").check(force=True)
    # A second try finds what the first one saved.
    if drawer.get_by_label("Label of field 1").count() == 0:
        drawer.get_by_role("button", name="Add a field").click()
    drawer.get_by_label("Label of field 1").fill("Order number")
    drawer.get_by_role("button", name="Save rules").click()
    expect(drawer).to_be_hidden()
    expect(admin.get_by_role("row", name=re.compile("All other queues.*Mandatory"))).to_be_visible()


def set_mode(admin: Page, name: str) -> None:
    admin.get_by_role("button", name="Edit the rules of All other queues").click()
    drawer = admin.get_by_role("dialog")
    drawer.get_by_label(name, exact=True).check()
    drawer.get_by_role("button", name="Save rules").click()
    expect(drawer).to_be_hidden()


def ask_to_join(agent: Page, name: str, note: str) -> None:
    agent.get_by_role("button", name="Transfer", exact=True).click()
    dialog = agent.get_by_role("dialog")
    dialog.get_by_role("radio", name=re.compile(name)).check()
    dialog.get_by_label("Note for the colleague").fill(note)
    dialog.get_by_role("button", name="Ask to join").click()
    expect(dialog).to_be_hidden()
    expect(agent.get_by_text(re.compile(f"Waiting for {name}"))).to_be_visible()


def ask_for_a_person(customer: Page) -> None:
    chat = customer.get_by_role("log", name="Messages", exact=True)
    write(customer, "Hi there!")
    expect(chat.get_by_text(re.compile("sales or support|Welcome", re.IGNORECASE)).first).to_be_visible()
    write(customer, "I would like to buy a tent")


def write(customer: Page, text: str) -> None:
    box = customer.get_by_role("textbox", name="Message", exact=True)
    box.fill(text)
    box.press("Enter")


def choose(field: object, page: Page, option: str) -> None:
    field.click()  # type: ignore[attr-defined]
    page.get_by_role("option", name=option, exact=True).click()
