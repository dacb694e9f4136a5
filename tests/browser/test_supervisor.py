"""The floor in a browser: help, monitoring, whispering, barging in, and what the customer notices of it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.hands import axe, choose_activity
from tests.browser.test_access import faults_of
from tests.servers import Installation

# Well before the page would have looked by itself.
SOON_MS = 12_000


def hand_over(agent: Page, customer: Page) -> None:
    """Bring a customer's chat to the agent, accepted."""
    choose_activity(agent, "Available")
    customer.get_by_role("button", name="Open chat").click()
    box = customer.get_by_role("textbox", name="Message", exact=True)
    chat = customer.get_by_role("log", name="Messages", exact=True)
    box.fill("Hi there!")
    box.press("Enter")
    # Whichever flow answers this chat asks one thing, and hands over after it.
    expect(chat.get_by_text(re.compile("sales or support|your name")).first).to_be_visible()
    box.fill("I would like to buy two tents")
    box.press("Enter")
    agent.get_by_role("button", name="Accept").click()
    expect(agent.get_by_role("log", name="Conversation")).to_be_visible()


def let_take_tasks(admin: Page, name: str) -> None:
    """Give somebody a worker, where they have none yet."""
    admin.get_by_role("button", name=f"Edit {name}").click()
    dialog = admin.get_by_role("dialog", name="Person")
    takes = dialog.get_by_label("Takes tasks")
    if not takes.is_checked():
        takes.press("Space")
    dialog.get_by_role("button", name="Save person").click()
    expect(dialog).to_be_hidden()


def test_a_supervisor_helps_unseen_then_speaks_and_takes_over(people: Callable[..., Page]) -> None:
    let_take_tasks(people("admin", log_in=True, path="/settings/people"), "supervisor")
    boss = people("supervisor", log_in=True, path="/supervisor")
    expect(boss.get_by_role("region", name="All queues")).to_be_visible()
    agent = people("ana", log_in=True, path="/console")
    customer = people("customer", path="/demo")
    hand_over(agent, customer)
    chat = customer.get_by_role("log", name="Messages", exact=True)
    # The socket brings it: to look by itself, the page would take its time.
    expect(boss.get_by_role("region", name="All queues").get_by_text("1", exact=True).first).to_be_visible(
        timeout=SOON_MS
    )

    agent.get_by_role("button", name="Ask for help").click()
    agent.get_by_label("What is it about?").fill("May I give a discount?")
    agent.get_by_role("button", name="Call a supervisor").click()
    help_ana = boss.get_by_role("button", name=re.compile("^Help Ana"))
    expect(help_ana).to_be_visible(timeout=SOON_MS)
    faults = {"wallboard": faults_of(boss)}
    boss.get_by_role("tab", name="Conversations").click()
    expect(boss.get_by_role("region", name="Conversations").get_by_text("Help", exact=True)).to_be_visible()
    faults["conversations"] = faults_of(boss)
    help_ana.click()
    talk = boss.get_by_role("log", name="Conversation")
    expect(talk.get_by_text("I would like to buy two tents", exact=True)).to_be_visible()
    expect(agent.get_by_text(re.compile("is helping"))).to_be_visible(timeout=SOON_MS)
    expect(agent.get_by_text(re.compile("looking on"))).to_be_visible(timeout=SOON_MS)
    boss.emulate_media(color_scheme="light", reduced_motion="reduce")
    faults["monitor"] = axe(boss)

    boss.get_by_label("Whisper to the agent").fill("Ten percent is fine")
    boss.get_by_role("button", name="Whisper", exact=True).click()
    expect(talk.get_by_text("Ten percent is fine")).to_be_visible()
    expect(agent.get_by_text("Ten percent is fine").first).to_be_visible()
    agent.get_by_role("textbox", name="Message", exact=True).fill("One moment, please")
    agent.keyboard.press("Enter")
    expect(talk.get_by_text("One moment, please")).to_be_visible(timeout=SOON_MS)

    boss.get_by_role("button", name="Barge in").click()
    boss.get_by_text("Write to the customer", exact=True).click()
    boss.get_by_label("Write to the customer").last.fill("Sue here: we can do nine hundred")
    boss.get_by_role("button", name="Send", exact=True).click()
    expect(chat.get_by_text("we can do nine hundred")).to_be_visible()
    assert "Ten percent" not in customer.content()

    boss.get_by_role("button", name="Take over").click()
    boss.get_by_role("button", name="Yes, take over").click()
    expect(agent.get_by_role("list", name="Tasks").get_by_role("listitem")).to_have_count(0)
    boss.wait_for_url("**/console/WR*")
    expect(boss.get_by_role("log", name="Conversation").get_by_text("we can do nine hundred")).to_be_visible()
    boss.get_by_role("textbox", name="Message", exact=True).fill("It is you and me now")
    boss.keyboard.press("Enter")
    expect(chat.get_by_text("It is you and me now")).to_be_visible()
    assert "Ten percent" not in customer.content()
    boss.goto("/supervisor/agents")
    boss.get_by_role("button", name="Sam Supervisor", exact=True).click()
    expect(boss.get_by_role("dialog").get_by_role("button", name="Save the changes")).to_be_visible()
    faults["agent"] = axe(boss)
    what_was_said_is_found_again(boss)
    faults["history"] = axe(boss)
    assert {what: found for what, found in faults.items() if found} == {}


def what_was_said_is_found_again(boss: Page) -> None:
    """By its words, with the keyboard; and what happened around it stands there."""
    boss.goto("/history")
    boss.get_by_label("Search what was said, names and addresses").press_sequentially("DO NINE HUNDRED")
    found = boss.get_by_role("region", name="Conversations").get_by_role("row").filter(has=boss.locator("mark"))
    expect(found).to_have_count(1)
    expect(found.locator("mark")).to_have_text("do nine hundred")
    found.get_by_role("button").press("Enter")
    dialog = boss.get_by_role("dialog")
    expect(dialog.locator("mark")).to_have_text("do nine hundred")
    for happened in (
        "Ana Almeida joined",
        "Sam Supervisor joined to help",
        "Ana Almeida handed over to Sam Supervisor",
    ):
        expect(dialog.get_by_text(happened).first).to_be_visible()
    boss.wait_for_url("**/history/CH*?q=DO+NINE+HUNDRED")


def test_reports_count_what_has_ended(people: Callable[..., Page], desk: Installation) -> None:
    boss = people("supervisor", log_in=True, path="/reports")
    expect(boss.get_by_role("tab", name="Figures")).to_be_visible()
    boss.get_by_role("tab", name="Export").click()
    with boss.expect_download() as download:
        boss.get_by_role("link", name="Download CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert text.startswith("Conversation,Began,Closed")
