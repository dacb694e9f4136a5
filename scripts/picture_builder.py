"""
The builder's pictures: the demo's flow with customers on their way through it, drawn on, tried, compared and replayed.

What stands on them is made the way people make it: by the simulated phone and by the screens.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

Take = Callable[[Page, str], None]

TALKS = (
    "I would like to buy two tents",
    "My order is broken, can you help?",
    "How much is the Fjell 2? I want to buy it",
    "hello",
    "What is the price of the stove?",
    "There is a problem with my sleeping bag",
    "Do you have a shop in Bergen?",
    "I need help with a return",
    "I want to order a backpack",
)
NOTES: list[dict[str, Any]] = [
    {
        "id": "note1",
        "text": "## By topic\nWords are in the conditions; *Ben* keeps the list.",
        "x": -40,
        "y": 700,
        "width": 1010,
        "height": 216,
        "color": "teal",
    },
    {
        "id": "note2",
        "text": "# Welcome\nEverything that customers write first comes here.\n\n- [x] opening text agreed\n"
        "- [ ] ask for the **order number**",
        "x": 735,
        "y": 5,
        "width": 240,
        "height": 150,
        "color": "amber",
    },
]


def call(page: Page, method: str, path: str, body: Any = None) -> Any:
    """Call the browser's API as the page's user."""
    token = page.request.get("/app/v1/session").json()["csrf_token"]
    answer = page.request.fetch(
        f"/app/v1/{path}",
        method=method,
        data=None if body is None else json.dumps(body),
        headers={"X-CSRFToken": token, "Content-Type": "application/json"},
    )
    assert answer.ok, answer.text()
    return answer.json()


def talk(page: Page, customers: int = 24) -> None:
    """Let customers write by SMS: some answer the question, some do not."""
    phones = page.request.get("/demo/api/setup").json()["phones"]
    phone = next(row for row in phones if row["type"] == "sms")["connection_sid"]

    def say(number: int, body: str, ref: str) -> None:
        sender = f"+1555020{number:04d}"
        data = {"connection_sid": phone, "from": sender, "body": body, "ref": f"{ref}{number}"}
        while page.request.post("/demo/api/phone", data=data).status == 429:
            page.wait_for_timeout(600)

    for number in range(customers):
        say(number, "hello", "first")
    page.wait_for_timeout(2500)
    for number in range(customers):
        if number % 5 != 4:
            say(number, TALKS[number % len(TALKS)], "second")
    page.wait_for_timeout(3500)


def prepare(page: Page) -> str:
    """Give the demo's flow notes and a change that is not published yet; returns its SID."""
    flow = next(row for row in call(page, "GET", "flows")["flows"] if row["friendly_name"] == "Welcome")
    sid = str(flow["sid"])
    whole = call(page, "GET", f"flows/{sid}")
    content = whole["definition"]
    content["notes"] = NOTES
    states = {state["name"]: state for state in content["states"]}
    states["say_found"]["properties"]["body"] = (
        "Thank you! Our {{flow.variables.topic | default: 'whole'}} team has read: "
        "“{{widgets.ask_topic.inbound.Body | strip}}”. An agent will be with you in a moment."
    )
    # The way for what matches nothing is asked about instead of guessed.
    states["topic_general"]["type"] = "send-and-wait-for-reply"
    states["topic_general"]["name"] = "ask_again"
    states["topic_general"]["properties"] = {
        "body": "I am not sure I understand. Is it sales or support?",
        "from": "{{flow.channel.address}}",
        "timeout": "900",
        "offset": states["topic_general"]["properties"]["offset"],
    }
    states["topic_general"]["transitions"] = [
        {"event": "incomingMessage", "next": "look_up"},
        {"event": "timeout", "next": "look_up"},
        {"event": "deliveryFailure"},
    ]
    states["branch_topic"]["transitions"][0]["next"] = "ask_again"
    call(
        page,
        "PUT",
        f"flows/{sid}/draft",
        {
            "definition": content,
            "base_revision": whole["revision"],
            "commit_message": "Ask again instead of guessing; say whose team reads",
        },
    )
    return sid


def open_flow(page: Page, path: str) -> None:
    page.goto(path)
    page.locator(".react-flow__node").nth(2).wait_for()
    page.wait_for_timeout(900)


def press(page: Page, *keys: str) -> None:
    page.get_by_role("region", name="Canvas").focus()
    for key in keys:
        page.keyboard.press(key)


def card(page: Page, name: str) -> Any:
    return page.locator(f".react-flow__node[data-id='{name}'] .widget__head")


def shoot(admin: Page, take: Take) -> None:
    """Photograph the builder's parts."""
    talk(admin)
    sid = prepare(admin)
    flow = f"/flows/{sid}"
    open_flow(admin, flow)
    # Close enough to be read, with the settings of one widget beside it.
    press(admin, "p")
    card(admin, "branch_topic").click()
    # The canvas has its new size once the panels have come and gone.
    admin.get_by_role("region", name="Inspector").wait_for()
    admin.wait_for_timeout(700)
    press(admin, "1")
    admin.wait_for_timeout(500)
    box = admin.locator(".canvas").bounding_box()
    assert box is not None
    admin.mouse.move(box["x"] + box["width"] / 2, box["y"] + 70)
    admin.mouse.wheel(0, -430)
    admin.wait_for_timeout(500)
    take(admin, "builder")

    admin.goto(f"{flow}?widget=say_found")
    admin.get_by_role("group", name="Preview").first.wait_for()
    take(admin, "builder-preview")

    press(admin, "Escape", "1", "c")
    admin.locator(".link-count").first.wait_for()
    take(admin, "builder-counts")
    press(admin, "c")

    press(admin, "ControlOrMeta+Enter")
    admin.get_by_role("dialog").get_by_text("ask_again").first.wait_for()
    take(admin, "builder-publish")
    admin.keyboard.press("Escape")

    open_flow(admin, flow)
    press(admin, "p")
    simulate(admin, take)

    open_flow(admin, f"{flow}?compare=1..2")
    admin.keyboard.press("j")
    admin.keyboard.press("j")
    take(admin, "builder-compare")

    admin.goto("/executions")
    admin.get_by_role("row").nth(2).get_by_role("link").first.click()
    admin.get_by_role("link", name="Show on the canvas").click()
    admin.locator(".react-flow__node").nth(2).wait_for()
    admin.wait_for_timeout(700)
    take(admin, "builder-replay")


def simulate(admin: Page, take: Take) -> None:
    """Talk to the draft, keep the talk as a test, and run it."""
    press(admin, "t")
    simulator = admin.get_by_role("region", name="Simulator")
    simulator.get_by_role("button", name="Start conversation", exact=True).click()
    message = simulator.get_by_label("Message to the flow")
    for text in ("a question about my tent", "Is the repair free?"):
        message.fill(text)
        message.press("Enter")
        admin.wait_for_timeout(700)
    endpoint = simulator.get_by_role("form", name="Answer of the endpoint")
    expect(endpoint).to_be_visible()
    endpoint.get_by_role("button", name="Answer", exact=True).click()
    expect(simulator.get_by_role("log")).to_contain_text("Handed to agents")
    take(admin, "builder-simulator")
    simulator.get_by_role("button", name="Save as test").click()
    dialog = admin.get_by_role("dialog", name="Save as test")
    dialog.get_by_label("Name").fill("Asks again, then hands over")
    dialog.get_by_role("button", name="Save test").click()
    simulator.get_by_role("tab", name="Tests").click()
    simulator.get_by_role("button", name="Run all").click()
    expect(simulator.get_by_text(re.compile("1 passed"))).to_be_visible()
    press(admin, "1")
    take(admin, "builder-tests")
    press(admin, "t")
