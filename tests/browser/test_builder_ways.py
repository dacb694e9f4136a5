"""
The builder's capabilities by the way that the other tests leave out: settings, problems, publishing, history and the
simulator with the keyboard alone, from Tab to Tab; a large flow with the mouse. docs/builder.md lists them all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.builder import build
from tests.browser.builder import asking, call, canvas, drag, inspector, open_flow, press, save, target, widget
from tests.servers import ROOT


@pytest.fixture
def admin(people: Callable[..., Page]) -> Page:
    return people("admin", log_in=True)


def has_focus(thing: Locator) -> bool:
    return bool(thing.evaluate("(element) => element.contains(document.activeElement)"))


def go_to_part(page: Page, part: Locator) -> None:
    """Press F6 until a part of the screen has the focus."""
    expect(part).to_be_visible()
    for _ in range(8):
        page.keyboard.press("F6")
        if has_focus(part):
            return
    pytest.fail(f"F6 does not lead to {part}")


def go_to(page: Page, thing: Locator, *keys: str) -> None:
    """Press Tab until something has the focus, then these keys."""
    expect(thing).to_be_visible()
    for _ in range(40):
        if has_focus(thing):
            break
        page.keyboard.press("Tab")
    else:
        pytest.fail(f"Tab does not lead to {thing}")
    for key in keys:
        page.keyboard.press(key)


def test_fills_settings_and_conditions_with_the_keyboard_alone(admin: Page) -> None:
    open_flow(admin, "Filled by keys", asking())
    press(admin, "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown")
    expect(inspector(admin).get_by_role("textbox", name="Name")).to_have_value("greet")
    press(admin, "Enter")
    expect(inspector(admin).get_by_role("textbox", name="Message")).to_be_focused()
    admin.keyboard.press("ControlOrMeta+A")
    admin.keyboard.type("Hi {{ widgets.ask.inb")
    expect(admin.locator(".cm-tooltip-autocomplete")).to_contain_text("widgets.ask.inbound.Body")
    # What is offered is not taken by a key that was on its way before it came.
    admin.wait_for_timeout(150)
    admin.keyboard.press("Enter")
    expect(widget(admin, "greet")).to_contain_text("Hi {{ widgets.ask.inbound.")

    press(admin, "Tab")
    admin.keyboard.type("split based on")
    admin.keyboard.press("Enter")
    expect(target(admin, "No condition matches")).to_be_visible()
    go_to_part(admin, inspector(admin))
    go_to(admin, inspector(admin).get_by_role("button", name="Add condition"), "Enter")
    admin.keyboard.press("Shift+F6")
    go_to_part(admin, inspector(admin))
    go_to(admin, inspector(admin).get_by_label("Condition 1: value"))
    admin.keyboard.type("yes")
    go_to(admin, target(admin, "Condition 1"))
    admin.keyboard.type("late")
    admin.keyboard.press("ArrowDown")
    admin.keyboard.press("Enter")
    expect(target(admin, "Condition 1")).to_have_value("late")
    expect(widget(admin, "split")).to_contain_text("yes")


def test_mends_publishes_and_restores_with_the_keyboard_alone(admin: Page) -> None:
    content = asking()
    content["states"][2]["transitions"][0]["next"] = "nowhere"
    sid = open_flow(admin, "Mended by keys", content)
    publish = admin.get_by_role("button", name="Publish flow")

    # Kept back, and the button says why when it has the focus.
    press(admin, "ControlOrMeta+Enter")
    go_to(admin, publish, "Enter")
    expect(publish).to_have_accessible_description(re.compile("1 error.*Errors have to be repaired first"))
    expect(admin.get_by_role("alert")).to_contain_text("Not published")
    admin.keyboard.press("Escape")

    # From the problem to its field.
    press(admin, "e")
    problems = admin.get_by_role("region", name="Problems")
    go_to_part(admin, problems)
    go_to(admin, problems.get_by_role("button", name=re.compile("Error look_up .*nowhere")), "Enter")
    expect(target(admin, "Success")).to_be_focused()
    admin.keyboard.press("ControlOrMeta+A")
    admin.keyboard.type("greet")
    admin.keyboard.press("ArrowDown")
    admin.keyboard.press("Enter")
    expect(target(admin, "Success")).to_have_value("greet")
    expect(problems.get_by_label("Error", exact=True)).to_have_count(0)

    press(admin, "ControlOrMeta+Enter")
    expect(admin.get_by_label("Commit message")).to_be_focused()
    admin.keyboard.type("Lead on to the greeting")
    go_to(admin, publish, "Enter")
    expect(admin.get_by_text("answers customers from now on").last).to_be_visible()
    assert call(admin, "GET", f"flows/{sid}")["status"] == "published"

    # What was published comes back.
    press(admin, "Escape", "ArrowDown", "ArrowDown", "Delete")
    expect(widget(admin, "ask")).to_have_count(0)
    save(admin)
    press(admin, "Alt+h")
    history = admin.get_by_role("dialog", name="History")
    go_to(admin, history.get_by_role("button", name=re.compile("Lead on to the greeting")), "Enter")
    go_to(admin, history.get_by_role("button", name="Restore to the canvas"), "Enter")
    expect(widget(admin, "ask")).to_be_visible()


def test_talks_to_a_flow_and_runs_its_tests_with_the_keyboard_alone(admin: Page) -> None:
    open_flow(admin, "Talked to by keys", asking())
    press(admin, "t")
    simulator = admin.get_by_role("region", name="Simulator")
    log = simulator.get_by_role("log", name="Simulated messages")
    go_to_part(admin, simulator)
    go_to(admin, simulator.get_by_role("button", name="Start conversation", exact=True), "Enter")
    expect(log).to_contain_text("What is your name?")
    go_to(admin, simulator.get_by_label("Message to the flow"))
    admin.keyboard.type("Bo")
    admin.keyboard.press("Enter")
    endpoint = simulator.get_by_role("form", name="Answer of the endpoint")
    expect(endpoint).to_be_visible()
    go_to_part(admin, simulator)
    go_to(admin, endpoint.get_by_label("Body"), "ControlOrMeta+A")
    admin.keyboard.type('{"name": "Bo Diddley"}')
    go_to(admin, endpoint.get_by_role("button", name="Answer", exact=True), "Enter")
    expect(log).to_contain_text("Hello Bo Diddley!")

    go_to_part(admin, simulator)
    go_to(admin, simulator.get_by_role("button", name="Save as test"), "Enter")
    expect(admin.get_by_role("dialog", name="Save as test").get_by_label("Name")).to_be_focused()
    admin.keyboard.type("Greets")
    admin.keyboard.press("Enter")
    expect(admin.get_by_role("dialog", name="Save as test")).to_be_hidden()
    go_to_part(admin, simulator)
    go_to(admin, simulator.get_by_role("tab", name="Chat"), "ArrowRight", "ArrowRight")
    go_to(admin, simulator.get_by_role("button", name="Run all"), "Enter")
    expect(simulator.get_by_text("1 passed, 0 failed")).to_be_visible()


def test_moves_about_in_a_large_flow_with_the_mouse(admin: Page) -> None:
    open_flow(admin, "Large, by mouse", build(500))
    cards = admin.locator(".react-flow__node-widget")
    box = canvas(admin).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    admin.mouse.move(x, y)
    admin.mouse.wheel(0, 4000)
    expect(admin.locator(".canvas")).to_have_attribute("data-far", "distant")

    # Into the middle of the flow by the map, close enough to read, and a card is moved.
    canvas(admin).get_by_role("img", name="Map of the flow").locator("..").click()
    admin.mouse.move(x, y)
    admin.mouse.wheel(0, -1400)
    expect(admin.locator(".canvas[data-far]")).to_have_count(0)
    assert 0 < cards.count() < 60
    first = cards.first.get_attribute("data-id")
    drag(admin, admin.locator(".react-flow__pane"), (x, y + 160))
    expect(cards.first).not_to_have_attribute("data-id", first or "")
    drag(admin, cards.last.locator(".widget__head"), (x, y))
    expect(admin.get_by_role("button", name="Undo")).to_be_enabled()


def test_shows_a_flow_to_those_who_may_not_change_it(admin: Page, people: Callable[..., Page]) -> None:
    sid = open_flow(admin, "Looked at", asking())
    boss = people("supervisor", log_in=True, path=f"/flows/{sid}")
    expect(boss.get_by_text("Only admins change flows")).to_be_visible()
    outline = boss.get_by_role("list", name="Widgets of this flow")
    go_to(boss, outline.get_by_role("button", name=re.compile("^greet ")), "Enter")
    expect(boss.locator(".react-flow__node.selected")).to_have_attribute("data-id", "greet")
    boss.keyboard.press("Delete")
    boss.get_by_role("link", name="Executions").last.click()
    expect(boss).to_have_url(re.compile(rf"/executions\?flow_sid={sid}$"))
    assert len(call(admin, "GET", f"flows/{sid}")["definition"]["states"]) == 5


def test_every_capability_is_shown_with_the_mouse_and_with_the_keyboard_by_tests_that_exist() -> None:
    known = {
        name
        for file in Path(__file__).parent.glob("test_builder*.py")
        for name in re.findall(r"^def test_(\w+)", file.read_text(), re.MULTILINE)
    }
    rows = re.findall(r"^\| \d .*$", (ROOT / "docs" / "builder.md").read_text(), re.MULTILINE)
    shown = [[set(re.findall(r"`(\w+)`", cell)) for cell in row.split("|")[2:4]] for row in rows]

    assert len(shown) == 8
    assert all(mouse and keyboard for mouse, keyboard in shown)
    named = set().union(*(names for row in shown for names in row))
    assert named - known == set()
