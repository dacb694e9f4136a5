"""The web chat on a site with a strict content policy, from another origin: set up by an admin, used by a customer."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.hands import axe, choose_activity
from tests.browser.strict_site import strict_site
from tests.factories import definition, state
from tests.servers import PASSWORD, Installation

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2


@pytest.fixture(scope="module")
def web_chat(desk: Installation) -> dict[str, Any]:
    """A web chat of its own, answered by a flow that offers two answers and then asks for an agent."""
    found = desk.credentials()
    api = httpx.Client(base_url=desk.base_url, auth=(found["account_sid"], found["auth_token"]), timeout=20)
    offered = {"quick_replies": [{"title": "Talk to somebody", "payload": "agent"}, {"title": LONG, "payload": "x"}]}
    exits = {"incomingMessage": "agent", "timeout": None, "deliveryFailure": None}
    body = {"body": "What is it about?", "attributes": json.dumps(offered), "timeout": "3600", "from": "Shop bot"}
    handed = {
        "workflow": found["workflow_sid"],
        "channel": "chat",
        "attributes": '{"picked": "{{widgets.ask.inbound.Body}}"}',
    }
    flow = definition(
        state("ask", "send-and-wait-for-reply", exits, **body),
        state("agent", "send-to-flex", {"callComplete": None, "failedToEnqueue": None}, **handed),
        trigger={"incomingMessage": "ask", "incomingConversationMessage": "ask", "incomingRequest": "ask"},
    )
    made = post(api, "/studio/v2/Flows", FriendlyName="Strict", Status="published", Definition=json.dumps(flow))
    row = post(api, "/channels/v1/Connections", Type="chat", Provider="web", Address="Strict shop")
    post(
        api,
        "/conversations/v1/Configuration/Addresses",
        Type="chat",
        Address="Strict shop",
        **{"AutoCreation.Enabled": "true", "AutoCreation.Type": "studio", "AutoCreation.StudioFlowSid": made["sid"]},
    )
    form = [{"name": "name", "label": "Your name", "required": True}]
    change_settings(desk, row["sid"], {"title": "Strict shop", "form": form})
    return row


def change_settings(desk: Installation, sid: str, settings: dict[str, Any]) -> None:
    """Set up a web chat by the calls of the settings screen."""
    browser = httpx.Client(base_url=desk.base_url, timeout=20, headers={"Origin": desk.base_url})
    token = browser.get("/app/v1/session").json()["details"]["csrf_token"]
    who = {"username": "admin", "password": PASSWORD}
    token = browser.post("/app/v1/session", json=who, headers={"X-CSRFToken": token}).json()["csrf_token"]
    path, headers = f"/app/v1/webchats/{sid}", {"X-CSRFToken": token}
    answer = browser.put(path, json={"settings": settings}, headers=headers)
    assert answer.status_code == 200, answer.text


def post(api: httpx.Client, path: str, **form: str) -> dict[str, Any]:
    answer = api.post(path, data=form)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


@pytest.fixture
def site(desk: Installation, web_chat: dict[str, Any]) -> Iterator[str]:
    tag = f'<script src="{desk.base_url}/webchat.js" data-deployment-key="{web_chat["deployment_key"]}" async></script>'
    with strict_site(desk.base_url, tag) as address:
        yield address


class Watch:
    """What a page must not do: break its policy, ask a third party, write errors."""

    def __init__(self, page: Page, allowed: set[str]) -> None:
        self.faults: list[str] = []
        page.on("console", lambda said: said.type == "error" and self.faults.append(said.text))
        page.on(
            "request",
            lambda request: (
                urlsplit(request.url).netloc in allowed
                or urlsplit(request.url).scheme in ("data", "blob")
                or self.faults.append(request.url)
            ),
        )


def axe_in_every_look(page: Page) -> dict[str, list[str]]:
    """Return what axe finds wrong in the open chat, dark and light, in both directions; ends as it began."""
    found = {}
    # What fades in has no colours of its own yet.
    page.emulate_media(reduced_motion="reduce")
    for theme, direction in (("dark", "rtl"), ("dark", "ltr"), ("light", "rtl"), ("light", "ltr")):
        page.evaluate("look => FlowdeskWebChat.configure(look)", {"theme": theme, "dir": direction})
        # Put on the page anew, it is closed at first.
        host = page.locator(f".flowdesk-webchat[data-theme={theme}][dir={direction}]")
        host.get_by_role("button", name=re.compile("^Open chat")).click()
        expect(host.get_by_role("dialog")).to_be_visible()
        found[f"{theme} {direction}"] = axe(page)
    return {look: faults for look, faults in found.items() if faults}


def write(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Message", exact=True)
    box.fill(text)
    box.press("Enter")


def test_an_admin_sets_it_up_and_sees_it_at_once(people: Callable[..., Page], web_chat: dict[str, Any]) -> None:
    admin = people("admin", log_in=True, path="/settings/webchat")
    admin.get_by_role("combobox", name="Web chat").click()
    admin.get_by_role("option", name="Strict shop").click()
    admin.get_by_label("Title").fill("Strict shop & sons")
    preview = admin.get_by_label("Preview")
    expect(preview.get_by_role("heading", name="Strict shop & sons")).to_be_visible()
    admin.get_by_role("button", name="Questions before the chat").click()
    # By keyboard: the part is still opening, and what is clicked while it moves may be missed.
    admin.get_by_role("button", name="Add a question").press("Enter")
    admin.get_by_role("textbox", name="Question 2").fill("Order number")
    preview.get_by_text("Start", exact=True).click()
    expect(preview.get_by_role("textbox", name="Order number")).to_be_visible()
    expect(admin.get_by_text(web_chat["deployment_key"])).to_be_visible()

    admin.get_by_role("button", name="Save").click()

    expect(admin.get_by_text("Saved. Pages show it within a minute.")).to_be_visible()
    admin.reload()
    admin.get_by_role("combobox", name="Web chat").click()
    admin.get_by_role("option", name="Strict shop").click()
    expect(admin.get_by_label("Title")).to_have_value("Strict shop & sons")
    # What fades in has no colours of its own yet.
    admin.emulate_media(reduced_motion="reduce")
    admin.wait_for_timeout(400)
    assert axe(admin) == []


def test_a_customer_chats_under_a_strict_policy(
    people: Callable[..., Page], desk: Installation, site: str, web_chat: dict[str, Any]
) -> None:
    customer = people("customer", path=site)
    watch = Watch(customer, {urlsplit(site).netloc, urlsplit(desk.base_url).netloc})
    customer.reload()
    customer.get_by_role("button", name="Open chat").click()
    assert axe_in_every_look(customer) == {}

    # The form, by keyboard; its first field has the focus.
    customer.keyboard.press("Enter")
    expect(customer.get_by_text("Please fill in this field.")).to_be_visible()
    assert axe(customer) == []
    customer.keyboard.type("Eva <b>Adams</b>")
    customer.keyboard.press("Enter")
    write(customer, "Hello <img src=x onerror=alert(1)>")
    chat = customer.get_by_role("log", name="Messages", exact=True)
    expect(chat.get_by_text("Hello <img src=x onerror=alert(1)>")).to_be_visible()

    # The flow's suggested answers; one of them leads to the queue.
    offers = customer.get_by_role("group", name="Suggested answers")
    expect(offers.get_by_role("button")).to_have_count(2)
    assert axe(customer) == []
    offers.get_by_role("button", name="Talk to somebody").click()
    expect(customer.get_by_text("You are next.")).to_be_visible()
    expect(offers).to_be_hidden()

    # A file: one that is refused here, one by the server, which looks into it, and one that arrives.
    picker = customer.locator("input[type=file]")
    picker.set_input_files({"name": "run.sh", "mimeType": "application/x-sh", "buffer": b"#!/bin/sh"})
    expect(customer.get_by_text("run.sh: files of this type cannot be sent here.")).to_be_visible()
    evil = {"name": "evil.png", "mimeType": "image/png", "buffer": b"<!doctype html><script>alert(1)</script>"}
    picker.set_input_files(evil)
    expect(customer.get_by_text("evil.png: files of this type cannot be sent here.")).to_be_visible()
    assert ["400" in fault for fault in watch.faults] == [True]
    watch.faults.clear()
    picker.set_input_files({"name": "tent.png", "mimeType": "image/png", "buffer": PNG})
    expect(customer.get_by_role("button", name="Remove tent.png")).to_be_visible()
    expect(customer.get_by_role("progressbar")).to_have_count(0)
    write(customer, "This one")
    picture = chat.get_by_role("img", name="tent.png")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete || new Promise(done => (image.onload = () => done(true)))")

    # An agent takes it, reads it, answers; a second tab and a reload have all of it.
    agent = people("ana", log_in=True, path="/console")
    choose_activity(agent, "Available")
    agent.get_by_role("button", name="Accept").click()
    expect(customer.get_by_text("Chatting with Ana")).to_be_visible()
    expect(customer.get_by_text("You are next.")).to_be_hidden()
    # As an answer that was offered, and as what the customer said.
    expect(agent.get_by_role("log", name="Conversation").get_by_text("Talk to somebody")).to_have_count(2)
    expect(chat.get_by_text("Read", exact=True)).to_be_visible()
    answer = agent.get_by_role("textbox", name="Message")
    answer.fill(f"Hello Eva {LONG}")
    answer.press("Enter")
    expect(chat.get_by_text("Hello Eva")).to_be_visible()
    panel = customer.get_by_role("dialog")
    assert panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth")
    second = customer.context.new_page()
    second.goto(site)
    second.get_by_role("button", name=re.compile("Open chat")).click()
    expect(second.get_by_role("log", name="Messages", exact=True).get_by_text("Hello Eva")).to_be_visible()
    write(second, "From the second tab")
    expect(chat.get_by_text("From the second tab")).to_have_count(1)
    second.close()
    assert axe_in_every_look(customer) == {}
    expect(chat.get_by_text("From the second tab")).to_be_visible()

    # The transcript, in which nothing runs.
    customer.get_by_role("button", name="More").click()
    with customer.expect_download() as saved:
        customer.get_by_role("button", name="Download as web page").click()
    text = saved.value.path().read_text()
    assert "Hello &#60;img src=x onerror=alert(1)&#62;" in text
    assert "<img" not in text

    # On a phone it covers the page, and the keyboard stays in it.
    customer.set_viewport_size({"width": 390, "height": 780})
    for _ in range(12):
        customer.keyboard.press("Tab")
        assert customer.evaluate("document.activeElement.className") == "flowdesk-webchat"
    customer.keyboard.press("Escape")
    expect(customer.get_by_role("button", name="Open chat")).to_be_focused()

    # The end of it.
    customer.get_by_role("button", name="Open chat").click()
    agent.get_by_role("button", name="End", exact=True).click()
    agent.get_by_role("dialog").get_by_role("button", name="End and complete").click()
    expect(customer.get_by_role("button", name="Start a new chat")).to_be_visible()
    assert axe_in_every_look(customer) == {}
    assert watch.faults == []
    choose_activity(agent, "Offline")


def test_a_logged_in_customer_finds_their_chat_in_another_browser(people: Callable[..., Page]) -> None:
    # What an earlier try wrote is found again, too.
    text = f"Written at {time.strftime('%H:%M:%S')}"
    first = people("first", path="/demo")
    second = people("second", path="/demo")

    first.get_by_role("button", name="Logged in as Eva").click()
    expect(first.get_by_role("button", name="Logged in as Eva")).to_have_attribute("aria-pressed", "true")
    first.get_by_role("button", name="Open chat").click()
    write(first, text)
    expect(first.get_by_role("log", name="Messages", exact=True).get_by_text("Sent")).to_be_visible()
    second.get_by_role("button", name="Logged in as Eva").click()
    expect(second.get_by_role("button", name="Logged in as Eva")).to_have_attribute("aria-pressed", "true")
    second.get_by_role("button", name=re.compile("Open chat")).click()

    log = second.get_by_role("log", name="Messages", exact=True)
    expect(log.get_by_text(text, exact=True)).to_be_visible()
    # Who logs out leaves nothing behind for the next visitor.
    second.get_by_role("button", name="Logged in as Eva").click()
    second.get_by_role("button", name="Open chat").click()
    expect(second.get_by_text(text)).to_have_count(0)
