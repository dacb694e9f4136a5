"""What stands around a chat: what rings, files, an app beside it, macros, conversations that an agent begins."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable

import jwt
import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browser.crowd import Visitor
from tests.browser.files import bring
from tests.browser.hands import accept, app_api, choose_activity, log_in_as
from tests.browser.strict_site import site
from tests.servers import Installation

# Notes down what would be heard and shown, in a browser without ears; the agent looks elsewhere.
LISTENS = """() => {
    window.heard = [];
    window.shown = [];
    const line = { setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
    window.AudioContext = class {
        state = "running";
        currentTime = 0;
        destination = {};
        resume = async () => {};
        createGain = () => ({ gain: line, connect: next => next });
        createOscillator = () => ({
            frequency: {}, connect: next => next, stop() {}, start() { window.heard.push(this.frequency.value); },
        });
    };
    window.Notification = class {
        static permission = "granted";
        constructor(title, { tag }) { window.shown.push(`${title} ${tag}`); }
        close() {}
    };
    document.hasFocus = () => false;
}"""
APP = """<!doctype html><meta charset="utf-8"><title>Shop</title><pre id="told"></pre>
<button onclick="say({ type: 'flowdesk:insert', text: 'Order 4711 has left the house.' })">Insert</button>
<script>
    const say = what => parent.postMessage(what, "*");
    addEventListener("message", ({ data }) => { document.querySelector("#told").textContent = JSON.stringify(data); });
    say({ type: "flowdesk:ready" });
</script>"""


def until(page: Page, expression: str) -> None:
    """Wait for something that is not to be seen; the page's policy lets it evaluate nothing by itself."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(expression)


def test_one_of_two_tabs_rings(people: Callable[..., Page], visit: Callable[[str], Visitor]) -> None:
    first = people("ana")
    first.context.add_init_script(f"({LISTENS})()")
    log_in_as(first, "ana")
    first.goto("/console")
    choose_activity(first, "Available")
    second = first.context.new_page()
    second.goto("/console")
    # Sound is allowed from the first key on that the console hears.
    for tab in (first, second):
        expect(tab.get_by_role("button", name=re.compile("^Activity: Available"))).to_be_visible()
        tab.keyboard.press("Shift")
    visit("Zoe")
    for tab in (first, second):
        expect(tab.get_by_role("article", name="Offer: Zoe")).to_be_visible()
        # Two that have one mark are one on the desktop.
        until(tab, "shown.length === 1")
    assert first.evaluate("shown") == second.evaluate("shown")
    until(first, "heard.length >= 4")
    assert second.evaluate("heard") == []

    # The offer still stands, and the other tab rings on when the first is closed.
    first.close()
    until(second, "heard.length >= 4")


def test_files_are_dropped_and_pasted(people: Callable[..., Page], visit: Callable[[str], Visitor]) -> None:
    agent = people("ana", log_in=True, path="/console")
    choose_activity(agent, "Available")
    zoe = visit("Zoe")
    accept(agent, "Zoe")
    for how, name in (("drop", "map.png"), ("paste", "tent.png")):
        bring(agent, how, name)
    agent.get_by_role("textbox", name="Message", exact=True).fill("Both are here.")
    agent.keyboard.press("Enter")

    zoe.told("Both are here.")
    (message,) = [each for each in zoe.messages() if each["body"] == "Both are here."]
    assert [each["filename"] for each in message["media"]] == ["map.png", "tent.png"]


def test_an_app_beside_the_chat_is_told_who_is_there(
    people: Callable[..., Page], desk: Installation, visit: Callable[[str], Visitor]
) -> None:
    agent = people("ana", log_in=True, path="/console")
    with site(APP) as address, app_api(desk, "admin") as admin:
        values = {"name": "Shop", "url": address, "shares": ["customer"]}
        app = admin.post("/app/v1/panel-apps", json=values).raise_for_status().json()
        try:
            # This page was made before there was an app, and may not show it.
            agent.reload()
            choose_activity(agent, "Available")
            zoe = visit("Zoe")
            accept(agent, "Zoe")
            agent.get_by_role("tab", name="Shop").click()
            frame = agent.frame_locator("iframe[title=Shop]")
            expect(frame.locator("#told")).to_contain_text("flowdesk:context")
            told = json.loads(frame.locator("#told").inner_text())

            signed = jwt.decode(told["token"], app["secret"], algorithms=["HS256"], audience=address.rstrip("/"))
            assert signed["context"]["agent"]["name"] == "Ana Almeida"
            assert signed["context"]["conversation"]["sid"] == zoe.session["conversation_sid"]
            assert signed["context"]["conversation"]["customer"]["name"] == "Zoe"
            assert signed["context"] == told["context"]
            with pytest.raises(jwt.InvalidSignatureError):
                jwt.decode(told["token"], "another app's", algorithms=["HS256"], audience=address.rstrip("/"))

            # It may write into the message, and sends nothing itself.
            frame.get_by_role("button", name="Insert").click()
            box = agent.get_by_role("textbox", name="Message", exact=True)
            expect(box).to_have_value("Order 4711 has left the house.")
            assert "Order 4711 has left the house." not in zoe.heard()
            agent.get_by_role("tab", name="Customer").click()
        finally:
            admin.delete(f"/app/v1/panel-apps/{app['sid']}").raise_for_status()


def test_a_macro_does_several_things(
    people: Callable[..., Page], desk: Installation, visit: Callable[[str], Visitor]
) -> None:
    code = f"bye{secrets.token_hex(3)}"
    steps = [{"do": "note", "text": "{{ customer.name }} was kind"}, {"do": "set", "name": "mood", "value": "good"}]
    with app_api(desk, "ana") as api:
        values = {"shortcode": code, "body": "Goodbye {{ customer.name }}.", "steps": steps}
        api.post("/app/v1/canned-replies", json=values).raise_for_status()
    agent = people("ana", log_in=True, path="/console")
    choose_activity(agent, "Available")
    zoe = visit("Zoe")
    accept(agent, "Zoe")
    agent.get_by_role("textbox", name="Message", exact=True).fill(f"/{code}")
    expect(agent.get_by_role("option", name=f"/{code}")).to_be_visible()
    agent.keyboard.press("Enter")
    dialog = agent.get_by_role("dialog", name=f"Run /{code}")
    expect(dialog.get_by_role("list", name="What it does").get_by_role("listitem")).to_have_count(3)
    dialog.get_by_role("button", name="Run").press("Enter")
    expect(dialog).to_be_hidden()

    zoe.told("Goodbye Zoe.")
    transcript = agent.get_by_role("log", name="Conversation")
    expect(transcript.get_by_role("note", name="Internal note")).to_contain_text("Zoe was kind")
    customer = agent.get_by_role("complementary", name="Customer")
    expect(customer.get_by_text("mood")).to_be_visible()


def test_a_conversation_begins_at_a_contact(people: Callable[..., Page], desk: Installation) -> None:
    number = f"+1555{secrets.randbelow(10**7):07}"
    name = f"Yun {number[-4:]}"
    with app_api(desk, "ana") as api:
        values = {"name": name, "addresses": [{"channel_type": "sms", "address": number}]}
        contact = api.post("/app/v1/contacts", json=values).raise_for_status().json()
    agent = people("ana", log_in=True, path=f"/contacts/{contact['sid']}")
    agent.get_by_role("dialog").get_by_role("button", name="Write").press("Enter")
    dialog = agent.get_by_role("dialog", name="Start a conversation")
    expect(dialog.get_by_label("To", exact=True)).to_have_value(number)
    expect(dialog.get_by_label("Name")).to_have_value(name)
    dialog.get_by_label("First message").fill("Your tent is here.")
    dialog.get_by_role("button", name="Start").press("Enter")

    expect(agent.get_by_role("region", name=f"Task: {name}")).to_be_visible()
    log = agent.get_by_role("log", name="Conversation")
    expect(log.get_by_text("Your tent is here.")).to_be_visible()


def test_an_acceptance_that_is_answered_late_takes_nobody_away(
    people: Callable[..., Page], visit: Callable[[str], Visitor]
) -> None:
    agent = people("ana", log_in=True, path="/console")
    choose_activity(agent, "Available")
    visit("Zoe")
    accept(agent, "Zoe")
    late: list[tuple[Route, APIResponse]] = []
    agent.route(re.compile(r"/console/reservations/WR\w+$"), lambda route: late.append((route, route.fetch())))
    visit("Yun")
    expect(agent.get_by_role("article", name="Offer: Yun")).to_be_visible()
    agent.keyboard.press("Alt+KeyA")
    # The socket says it before the request is answered.
    expect(agent.get_by_role("list", name="Tasks").get_by_role("listitem")).to_have_count(2)
    agent.keyboard.press("Control+KeyK")
    agent.get_by_role("combobox", name="Find a command").fill("go to Zoe")
    agent.keyboard.press("Enter")
    agent.keyboard.press("Alt+KeyM")
    box = agent.get_by_role("textbox", name="Message", exact=True)
    expect(box).to_be_focused()
    agent.keyboard.type("One mo")
    ((route, answer),) = late
    with agent.expect_response(lambda response: "/console/reservations/" in response.url):
        route.fulfill(response=answer)
    agent.wait_for_timeout(300)
    agent.keyboard.type("ment.")

    expect(agent.get_by_role("region", name="Task: Zoe")).to_be_visible()
    expect(box).to_have_value("One moment.")
    box.fill("")
