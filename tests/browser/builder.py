"""What the browser tests of the builder share: opening flows, and finding things on the screen."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.hands import axe
from tests.factories import definition, state

SENT: dict[str, str | None] = {"sent": None, "failed": None}
CHANNEL = {"from": "{{flow.channel.address}}"}


def asking() -> dict[str, Any]:
    """Return a flow that asks for a name, calls out with it and greets."""
    return definition(
        state(
            "ask",
            "send-and-wait-for-reply",
            {"incomingMessage": "look_up", "timeout": "late", "deliveryFailure": None},
            body="What is your name?",
            timeout="3600",
            **CHANNEL,
        ),
        state(
            "look_up",
            "make-http-request",
            {"success": "greet", "failed": None},
            method="GET",
            url="https://api.example/people/{{widgets.ask.inbound.Body}}",
            content_type="application/json",
        ),
        state(
            "greet",
            "send-message",
            {"sent": None, "failed": None},
            body="Hello {{widgets.look_up.parsed.name}}!",
            **CHANNEL,
        ),
        state("late", "send-message", SENT, body="Are you still there?", **CHANNEL),
        trigger={"incomingMessage": "ask"},
    )


def call(page: Page, method: str, path: str, body: Any = None) -> Any:
    """Call the browser's API as the page's user; returns the parsed answer."""
    token = page.request.get("/app/v1/session").json()["csrf_token"]
    headers = {"X-CSRFToken": token, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body)
    answer = page.request.fetch(f"/app/v1/{path}", method=method, data=data, headers=headers)
    assert answer.ok, answer.text()
    return answer.json()


def open_flow(page: Page, name: str, content: dict[str, Any]) -> str:
    """Make a flow by the browser's API, open it, and return its SID."""
    sid = str(call(page, "POST", "flows", {"friendly_name": name, "definition": content})["sid"])
    page.goto(f"/flows/{sid}")
    expect(widget(page, "Trigger")).to_be_visible()
    return sid


def canvas(page: Page) -> Locator:
    return page.get_by_role("region", name="Canvas")


def inspector(page: Page) -> Locator:
    return page.get_by_role("region", name="Inspector")


def widget(page: Page, name: str) -> Locator:
    return canvas(page).get_by_role("article", name=re.compile(rf"^Widget {name},"))


def target(page: Page, exit: str) -> Locator:
    """Return the picker that says where an exit of the selected widget leads."""
    return inspector(page).get_by_role("combobox", name=f"{exit} leads to", exact=True)


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for what the page draws a moment after the hand moved, and fail where it does not."""
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(50)
    assert holds()


def press(page: Page, *keys: str) -> None:
    """Press keys on the canvas, one after the other."""
    canvas(page).focus()
    for key in keys:
        page.keyboard.press(key)


def save(page: Page) -> None:
    """Save by the keyboard and wait until that is done."""
    press(page, "ControlOrMeta+S")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def write_greeting(page: Page, text: str) -> None:
    widget(page, "greet").click()
    inspector(page).get_by_role("textbox", name="Message").fill(text)
    expect(widget(page, "greet")).to_contain_text(text)


def drag(page: Page, start: Locator, end: Locator | tuple[float, float]) -> None:
    """Drag from one thing to another, or to a point, once the canvas stands still."""
    start.hover()
    page.mouse.down()
    page.mouse.move(*(end if isinstance(end, tuple) else middle(end)), steps=8)
    page.mouse.up()


def middle(thing: Locator) -> tuple[float, float]:
    box = thing.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def overlaps(page: Page) -> list[str]:
    """Return which cards on the canvas lie over one another."""
    found: list[str] = page.evaluate("""() => {
      const cards = [...document.querySelectorAll('.react-flow__node-widget')];
      const boxes = cards.map((card) => [card.dataset.id, card.getBoundingClientRect()]);
      return boxes.flatMap(([a, one], i) => boxes.slice(i + 1).flatMap(([b, two]) =>
        one.x < two.right - 1 && two.x < one.right - 1 && one.y < two.bottom - 1 && two.y < one.bottom - 1
          ? [`${a}/${b}`] : []));
    }""")
    return found


def expect_accessible(page: Page) -> None:
    """Let axe look at the page; the canvas library's own attribution is left aside."""
    found = axe(page, exclude=(".react-flow__attribution",))
    assert not found, "\n".join(found)
