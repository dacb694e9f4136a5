"""
The main job, played by hand: an admin imports a flow, publishes it and lets it answer an address; a customer writes,
talks to the flow and asks for a person; an agent accepts and answers; the customer reads it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import choose_activity
from tests.factories import definition, state
from tests.servers import Installation

CHANNEL = {"from": "{{flow.channel.address}}"}


def flow(workflow_sid: str) -> dict[str, Any]:
    """Ask for the name, greet with it, hand over."""
    exits = {"incomingMessage": "greet", "timeout": None, "deliveryFailure": None}
    return definition(
        state("ask", "send-and-wait-for-reply", exits, body="Welcome! What is your name?", timeout="3600", **CHANNEL),
        state(
            "greet",
            "send-message",
            {"sent": "agent", "failed": None},
            body="Nice to meet you, {{widgets.ask.inbound.Body}}. Somebody will be with you soon.",
            **CHANNEL,
        ),
        state(
            "agent",
            "send-to-flex",
            {"callComplete": None, "failedToEnqueue": None},
            workflow=workflow_sid,
            channel="chat",
            attributes='{"name": "{{widgets.ask.inbound.Body}}", "customerName": "{{widgets.ask.inbound.Body}}"}',
        ),
        trigger={"incomingMessage": "ask", "incomingConversationMessage": "ask", "incomingRequest": "ask"},
    )


@pytest.fixture
def admin(people: Callable[..., Page], desk: Installation) -> Page:
    """An admin who has imported the flow, published it, and lets it answer the web chat and the SMS number."""
    page = people("admin", log_in=True, path="/flows")
    name = "Story"
    if page.get_by_role("link", name=re.compile(f"^{name}")).count() == 0:
        page.get_by_role("button", name="Import").first.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name").fill(name)
        dialog.get_by_label("Definition").fill(json.dumps(flow(desk.credentials()["workflow_sid"])))
        dialog.get_by_role("button", name="Import").click()
        expect(dialog.get_by_text("has been imported")).to_be_visible()
        dialog.get_by_role("button", name=re.compile("Open|Done|Close")).first.click()
    if "/flows/" not in page.url:
        page.get_by_role("link", name=re.compile(name)).first.click()
    page.wait_for_url("**/flows/FW*")
    expect(page.get_by_text("Welcome! What is your name?")).to_be_visible()
    return page


def test_a_customer_talks_to_a_flow_and_then_to_a_person(
    admin: Page, people: Callable[..., Page], desk: Installation
) -> None:
    admin.get_by_role("button", name="Publish").click()
    admin.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(admin.get_by_text("Published", exact=True).first).to_be_visible()
    for address in ("+15550100001", "Demo web chat"):
        answer_with_story(admin, address)

    agent = people("ana", log_in=True, path="/console")
    choose_activity(agent, "Available")
    customer = people("customer", path="/demo")

    # On the web chat.
    customer.get_by_role("button", name="Open chat").click()
    talk_on_web_chat(customer, agent)

    # On the simulated phone.
    write = customer.get_by_label("SMS message", exact=True)
    phone = customer.get_by_role("log", name="SMS messages", exact=True)
    write.fill("hello")
    write.press("Enter")
    expect(phone.get_by_text("Welcome! What is your name?")).to_be_visible()
    write.fill("Bo")
    write.press("Enter")
    expect(phone.get_by_text("Nice to meet you, Bo.")).to_be_visible()
    agent.get_by_role("button", name="Accept").click()
    say(agent, "Hello Bo, Ana here.")
    expect(phone.get_by_text("Hello Bo, Ana here.")).to_be_visible()
    complete(agent)
    choose_activity(agent, "Offline")


def talk_on_web_chat(customer: Page, agent: Page) -> None:
    write = customer.get_by_role("textbox", name="Message", exact=True)
    chat = customer.get_by_role("log", name="Messages", exact=True)
    write.fill("hi")
    write.press("Enter")
    expect(chat.get_by_text("Welcome! What is your name?")).to_be_visible()
    write.fill("Ada")
    write.press("Enter")
    expect(chat.get_by_text("Nice to meet you, Ada.")).to_be_visible()

    agent.get_by_role("button", name="Accept").click()
    transcript = agent.get_by_role("log", name="Conversation")
    expect(transcript.get_by_text("Nice to meet you, Ada.")).to_be_visible()
    say(agent, "Hello Ada, I am Ana. How can I help?")
    expect(chat.get_by_text("Hello Ada, I am Ana. How can I help?")).to_be_visible()
    write.fill("Just testing <b>you</b>")
    write.press("Enter")
    expect(transcript.get_by_text("Just testing <b>you</b>")).to_be_visible()

    # A reload loses nothing and doubles nothing, on either side.
    agent.reload()
    customer.reload()
    customer.get_by_role("button", name=re.compile("Open chat")).click()
    expect(agent.get_by_role("log", name="Conversation").get_by_text("Just testing <b>you</b>")).to_have_count(1)
    expect(chat.get_by_text("Hello Ada, I am Ana. How can I help?")).to_have_count(1)
    complete(agent)
    expect(customer.get_by_role("button", name="Start a new chat")).to_be_visible()


def say(agent: Page, text: str) -> None:
    message = agent.get_by_role("textbox", name="Message")
    message.fill(text)
    message.press("Enter")
    expect(agent.get_by_role("log", name="Conversation").get_by_text(text)).to_have_count(1)


def complete(agent: Page) -> None:
    agent.get_by_role("button", name="End", exact=True).click()
    agent.get_by_role("dialog").get_by_role("button", name="End and complete").click()
    expect(agent.get_by_role("list", name="Tasks").get_by_role("listitem")).to_have_count(0)


def answer_with_story(admin: Page, address: str) -> None:
    """Let the flow answer one of our addresses, on the settings page."""
    admin.goto("/settings")
    admin.get_by_role("button", name=f"Edit {address}").click()
    dialog = admin.get_by_role("dialog")
    dialog.get_by_role("combobox", name="Flow").click()
    admin.get_by_role("option", name="Story").click()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
