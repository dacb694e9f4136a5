"""The console by keyboard alone, by what axe says, and with drafts, notes, files and a cut network in two tabs."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.files import PNG
from tests.browser.hands import axe, choose_activity
from tests.browser.test_resilience import finish, write

MAKE_REPLY = """async () => {
    const { csrf_token } = await (await fetch("/app/v1/session")).json();
    const body = JSON.stringify({ shortcode: "eta", body: "It comes on {{ task.day | Monday }}." });
    const headers = { "Content-Type": "application/json", "X-CSRFToken": csrf_token };
    await fetch("/app/v1/canned-replies", { method: "POST", headers, body });
}"""


def begin(people: Callable[..., Page], customer_name: str = "customer") -> Page:
    """Return a customer whose web chat asks for a person."""
    customer = people(customer_name, path="/demo")
    customer.get_by_role("button", name="Open chat").click()
    write(customer, "hello")
    log = customer.get_by_role("log", name="Messages", exact=True)
    expect(log.get_by_text(re.compile("sales or support", re.I)).first).to_be_visible()
    write(customer, "support please, an agent")
    return customer


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the button of this name has the focus."""
    for _ in range(30):
        if page.evaluate("document.activeElement?.textContent?.trim()") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {name}")


def test_works_by_keyboard_alone_from_offer_to_end(people: Callable[..., Page]) -> None:
    agent = people("ana", log_in=True, path="/console")
    press, type_ = agent.keyboard.press, agent.keyboard.type
    agent.evaluate(MAKE_REPLY)
    expect(agent.get_by_role("button", name=re.compile("^Activity:"))).to_be_visible()
    press("Alt+y")
    expect(agent.get_by_role("menuitem").first).to_be_visible()
    expect(agent.get_by_role("menuitem", name="Available", exact=True)).to_be_focused()
    press("Enter")
    expect(agent.get_by_role("button", name=re.compile("^Activity: Available "))).to_be_visible()
    customer = begin(people)
    chat = customer.get_by_role("log", name="Messages", exact=True)
    transcript = agent.get_by_role("log", name="Conversation")

    expect(agent.get_by_role("button", name="Accept")).to_be_visible()
    press("Alt+a")
    expect(transcript).to_be_visible()
    press("Alt+m")
    # Typed faster than a person does: only once the field has taken the focus.
    expect(agent.locator("textarea:focus")).to_be_visible()
    type_("Hello, Ana here.")
    press("Enter")
    expect(chat.get_by_text("Hello, Ana here.")).to_be_visible()

    press("Alt+n")
    expect(agent.get_by_role("radio", name="Note")).to_be_checked()
    expect(agent.locator("textarea:focus")).to_be_visible()
    type_("Sounds upset")
    press("Enter")
    expect(transcript.get_by_role("note", name="Internal note")).to_contain_text("Sounds upset")
    type_("/eta")
    expect(agent.get_by_role("option", name="/eta")).to_contain_text("It comes on Monday.")
    press("Enter")
    press("Enter")
    expect(chat.get_by_text("It comes on Monday.")).to_be_visible()
    # The note came before it on the same way, so it would be here by now.
    expect(customer.get_by_text("Sounds upset")).to_have_count(0)

    press("Control+k")
    expect(agent.get_by_role("dialog", name="Find a command")).to_be_visible()
    type_("search the conv")
    press("Enter")
    expect(agent.get_by_role("textbox", name="Search the conversation")).to_be_focused()
    type_("upset")
    expect(agent.get_by_text("1 of 1")).to_be_visible()
    press("Escape")

    for scheme in ("light", "dark"):
        agent.emulate_media(color_scheme=scheme)
        agent.wait_for_timeout(400)
        assert axe(agent) == []
    for size in ({"width": 390, "height": 844}, {"width": 1360, "height": 860}):
        agent.set_viewport_size(size)
        agent.wait_for_timeout(300)
        assert agent.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    press("Alt+e")
    tab_to(agent, "End and complete")
    press("Enter")
    expect(agent.get_by_role("list", name="Tasks").get_by_role("listitem")).to_have_count(0)
    expect(customer.get_by_role("button", name="Start a new chat")).to_be_visible()
    choose_activity(agent, "Offline")


@pytest.fixture
def talk(people: Callable[..., Page]) -> tuple[Page, Page]:
    """An agent who has accepted a customer's web chat; (agent, customer)."""
    agent = people("ben", log_in=True, path="/console")
    choose_activity(agent, "Available")
    customer = begin(people)
    agent.get_by_role("button", name="Accept").click()
    expect(agent.get_by_role("log", name="Conversation")).to_be_visible()
    return agent, customer


def test_keeps_drafts_and_what_is_on_its_way_in_every_tab_and_over_a_reload(talk: tuple[Page, Page]) -> None:
    agent, customer = talk
    chat = customer.get_by_role("log", name="Messages", exact=True)
    transcript = agent.get_by_role("log", name="Conversation")
    box = agent.get_by_role("textbox", name="Message", exact=True)

    # A draft is the same in the other tab, and is there after a reload.
    box.fill("half a thought")
    second = agent.context.new_page()
    second.goto(agent.url)
    other = second.get_by_role("textbox", name="Message", exact=True)
    expect(other).to_have_value("half a thought")
    second.bring_to_front()
    other.fill("a whole thought")
    agent.reload()
    expect(box).to_have_value("a whole thought")

    # Cut off from the server while typing and sending; the page is reloaded before it comes back.
    def refuse(route: Route) -> None:
        route.abort() if route.request.method == "POST" else route.fallback()

    agent.context.route("**/app/v1/conversations/*/messages", refuse)
    agent.bring_to_front()
    for text in ("a whole thought", "and another"):
        box.fill(text)
        box.press("Enter")
    expect(transcript.get_by_text("Sending…").first).to_be_visible()
    agent.reload()
    expect(transcript.get_by_text("and another", exact=True)).to_have_count(1)
    agent.context.unroute("**/app/v1/conversations/*/messages")

    for text in ("a whole thought", "and another"):
        expect(chat.get_by_text(text, exact=True)).to_have_count(1)
    for page in (agent, second):
        log = page.get_by_role("log", name="Conversation")
        expect(log.get_by_text("Sending…")).to_have_count(0)
        bodies = log.locator(".message--out .message__bubble").all_inner_texts()
        assert bodies == ["a whole thought", "and another"]

    # A file, chosen, sent with a text, and opened large.
    agent.get_by_label("Attach files", exact=True).and_(agent.locator("input")).set_input_files(
        {"name": "map.png", "mimeType": "image/png", "buffer": PNG}
    )
    expect(agent.get_by_role("list", name="Attachments").get_by_text("map.png")).to_be_visible()
    box.fill("Here is the map")
    box.press("Enter")
    expect(chat.get_by_text("Here is the map")).to_be_visible()
    transcript.get_by_role("button", name="Open map.png").click()
    viewer = agent.get_by_role("dialog", name="Media viewer")
    expect(viewer.get_by_role("img", name="map.png")).to_be_visible()
    agent.keyboard.press("Escape")
    expect(viewer).to_be_hidden()

    # One tab answers an offer; in the other it is gone.
    finish(second)
    expect(agent.get_by_role("list", name="Tasks").get_by_role("listitem")).to_have_count(0)
