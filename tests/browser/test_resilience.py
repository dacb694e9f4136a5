"""Two tabs, a cut network, reloads: nothing is lost, nothing is doubled, on either side."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import choose_activity
from tests.servers import Installation


@pytest.fixture
def talk(people: Callable[..., Page], desk: Installation) -> tuple[Page, Page]:
    """An agent who has accepted a customer's web chat; (agent, customer)."""
    agent = people("ben", log_in=True, path="/console")
    choose_activity(agent, "Available")
    customer = people("customer", path="/demo")
    customer.get_by_role("button", name="Open chat").click()
    write(customer, "hello")
    log = customer.get_by_role("log", name="Messages", exact=True)
    expect(log.get_by_text(re.compile("sales or support", re.I)).first).to_be_visible()
    write(customer, "support please, an agent")
    agent.get_by_role("button", name="Accept").click()
    expect(agent.get_by_role("log", name="Conversation")).to_be_visible()
    return agent, customer


def write(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Message", exact=True)
    box.fill(text)
    box.press("Enter")


def test_catches_up_without_gaps_or_doubles_after_the_network_was_cut(talk: tuple[Page, Page]) -> None:
    agent, customer = talk
    chat = customer.get_by_role("log", name="Messages", exact=True)
    transcript = agent.get_by_role("log", name="Conversation")

    agent.context.set_offline(True)
    write(customer, "are you there? 1")
    write(customer, "are you there? 2")
    expect(chat.get_by_text("are you there? 2")).to_be_visible()
    write(agent, "written while offline")
    agent.wait_for_timeout(3000)
    agent.context.set_offline(False)

    for text in ("are you there? 1", "are you there? 2", "written while offline"):
        expect(transcript.get_by_text(text, exact=True)).to_have_count(1)
        expect(chat.get_by_text(text, exact=True)).to_have_count(1)

    customer.context.set_offline(True)
    write(agent, "you are gone 1")
    write(customer, "typed in a tunnel")
    customer.wait_for_timeout(2000)
    customer.context.set_offline(False)

    for text in ("you are gone 1", "typed in a tunnel"):
        expect(chat.get_by_text(text, exact=True)).to_have_count(1)
        expect(transcript.get_by_text(text, exact=True)).to_have_count(1)
    finish(agent)


def test_keeps_two_tabs_of_an_agent_and_of_a_customer_in_step(talk: tuple[Page, Page]) -> None:
    agent, customer = talk
    second = agent.context.new_page()
    second.goto("/console")
    second.get_by_role("list", name="Tasks").get_by_role("button").first.click()
    other = customer.context.new_page()
    other.goto("/demo")
    other.get_by_role("button", name=re.compile("Open chat")).click()

    write(second, "from the second tab")
    write(customer, "from the first tab")

    for page in (agent, second):
        log = page.get_by_role("log", name="Conversation")
        for text in ("from the second tab", "from the first tab"):
            expect(log.get_by_text(text, exact=True)).to_have_count(1)
    for page in (customer, other):
        log = page.get_by_role("log", name="Messages", exact=True)
        for text in ("from the second tab", "from the first tab"):
            expect(log.get_by_text(text, exact=True)).to_have_count(1)

    finish(second)
    expect(agent.get_by_role("list", name="Tasks").get_by_role("listitem")).to_have_count(0)
    expect(other.get_by_role("button", name="Start a new chat")).to_be_visible()


def finish(agent: Page) -> None:
    """End the conversation and complete the task."""
    agent.get_by_role("button", name="End", exact=True).click()
    agent.get_by_role("dialog").get_by_role("button", name="End and complete").click()
    tasks = agent.get_by_role("list", name="Tasks").get_by_role("listitem")
    expect(tasks).to_have_count(0)
    choose_activity(agent, "Offline")
