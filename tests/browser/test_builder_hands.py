"""
The builder's canvas by hand: all that the mouse does on one page, all that the keyboard does on another, keys of one's
own, and what axe finds on every panel and dialog in both colour schemes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.builder import (
    CHANNEL,
    SENT,
    asking,
    call,
    canvas,
    drag,
    expect_accessible,
    inspector,
    middle,
    open_flow,
    overlaps,
    press,
    save,
    target,
    until,
    widget,
)
from tests.factories import definition, state

People = Callable[..., Page]


@pytest.fixture
def admin(people: People) -> Page:
    page = people("admin", log_in=True)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return page


def name_of(page: Page) -> Locator:
    return inspector(page).get_by_role("textbox", name="Name")


def zoom(page: Page) -> float:
    scale: float = page.evaluate(
        "() => new DOMMatrix(getComputedStyle(document.querySelector('.react-flow__viewport')).transform).a"
    )
    return scale


def places(page: Page) -> dict[str, tuple[int, int]]:
    """Return where each card stands in the flow, whatever is looked at."""
    found: dict[str, list[int]] = page.evaluate("""() => Object.fromEntries(
      [...document.querySelectorAll('.react-flow__node-widget')].map((card) => {
        const at = new DOMMatrix(card.style.transform);
        return [card.dataset.id, [Math.round(at.e), Math.round(at.f)]];
      }))""")
    return {name: (x, y) for name, (x, y) in found.items()}


def choose(page: Page, words: str) -> None:
    """Carry a command out by the command palette."""
    press(page, "ControlOrMeta+K")
    search = page.get_by_label("Search commands and widgets")
    search.fill(words)
    search.press("Enter")
    expect(search).to_be_hidden()


def clipboard(page: Page) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(page.evaluate("() => navigator.clipboard.readText()"))
    return content


def names(page: Page, sid: str) -> list[str]:
    return sorted(row["name"] for row in call(page, "GET", f"flows/{sid}")["definition"]["states"])


def test_does_everything_with_the_mouse(admin: Page) -> None:
    sid = open_flow(admin, "Hands on the mouse", asking())
    many = inspector(admin).get_by_text(re.compile("widgets selected$"))

    # Two more by Ctrl and Shift, however quick the hand; all by a frame; none by a click beside them.
    late, greet = (widget(admin, name).get_by_text("Send Message") for name in ("late", "greet"))
    widget(admin, "ask").get_by_text("What is your name?").click()
    expect(name_of(admin)).to_have_value("ask")
    late.click(modifiers=["Control"])
    expect(many).to_have_text("2 widgets selected")
    greet.click(modifiers=["Shift"])
    expect(many).to_have_text("3 widgets selected")
    greet.click(modifiers=["Control"])
    expect(many).to_have_text("2 widgets selected")
    # A click of which the canvas hears before it hears of the key.
    greet.dispatch_event("click", {"shiftKey": True})
    expect(many).to_have_text("3 widgets selected")
    late.dispatch_event("click", {})
    expect(name_of(admin)).to_have_value("late")
    corner = canvas(admin).bounding_box()
    assert corner is not None
    admin.mouse.click(corner["x"] + 20, corner["y"] + 20)
    expect(inspector(admin)).to_have_count(0)
    box = canvas(admin).bounding_box()
    assert box is not None
    left, top, right, bottom = box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]
    admin.keyboard.down("Shift")
    admin.mouse.move(left + 6, top + 6)
    admin.mouse.down()
    admin.mouse.move(right - 8, bottom - 8, steps=6)
    admin.mouse.up()
    admin.keyboard.up("Shift")
    expect(many).to_have_text("5 widgets selected")

    # Aligned and spread out; one step back each.
    before = places(admin)
    inspector(admin).get_by_role("button", name="Align left edges").click()
    expect(admin.get_by_role("button", name="Undo")).to_be_enabled()
    assert len({x for x, _ in places(admin).values()}) == 1
    admin.get_by_role("button", name="Undo").click()
    expect(admin.get_by_role("button", name="Undo")).to_be_disabled()
    assert places(admin) == before
    inspector(admin).get_by_role("button", name="Close the inspector").click()

    # The wheel zooms at the pointer, a drag and the map move the view, the buttons fit it.
    first = zoom(admin)
    admin.mouse.move((left + right) / 2, (top + bottom) / 2)
    admin.mouse.wheel(0, -400)
    expect(widget(admin, "ask")).to_be_visible()
    until(admin, lambda: zoom(admin) > first * 1.2)
    admin.get_by_role("button", name="Fit View").click()
    expect(canvas(admin).get_by_role("article")).to_have_count(5)
    start = middle(widget(admin, "ask"))
    drag(admin, admin.locator(".react-flow__pane"), (left + 40, top + 40))
    expect(admin.locator(".react-flow__pane")).not_to_have_class(re.compile("dragging"))
    until(admin, lambda: middle(widget(admin, "ask")) != start)
    drag(admin, canvas(admin).get_by_role("img", name="Map of the flow").locator(".."), (right - 60, bottom - 60))
    admin.get_by_role("button", name="Fit View").click()

    # A card is dragged, comes to rest on the grid, and goes back in one step.
    here = places(admin)["late"]
    drag(admin, widget(admin, "late").get_by_text("Send Message"), (right - 330, top + 120))
    expect(admin.get_by_role("button", name="Undo")).to_be_enabled()
    assert places(admin)["late"] != here
    admin.get_by_role("button", name="Undo").click()
    expect(admin.get_by_role("button", name="Undo")).to_be_disabled()
    assert places(admin)["late"] == here

    # Double-clicking free space asks for a widget; a type is dragged from the list onto a connection.
    admin.mouse.dblclick(left + 130, bottom - 60)
    admin.get_by_label("Search widgets to add").fill("run function")
    admin.get_by_role("option").first.click()
    expect(canvas(admin).get_by_role("article")).to_have_count(6)
    admin.get_by_role("button", name="Undo").click()
    expect(canvas(admin).get_by_role("article")).to_have_count(5)
    admin.get_by_role("button", name="Fit View").click()
    admin.mouse.move(left + 10, top + 200)
    line = admin.locator(".react-flow__edge[data-id='ask/t0'] .react-flow__edge-interaction")
    admin.get_by_role("button", name="Add widget Set Variables").drag_to(line, force=True)
    expect(name_of(admin)).to_have_value("set_variables")
    expect(target(admin, "Next")).to_have_value("look_up")

    # The widget's own menu: replaced, then deleted so that its neighbours meet again.
    inspector(admin).get_by_role("button", name="Actions for set_variables").click()
    admin.get_by_role("menuitem", name="Replace by…").click()
    admin.get_by_label("Search widgets to add").fill("send message")
    admin.get_by_role("option", name=re.compile("^Send Message")).click()
    expect(target(admin, "Sent")).to_have_value("look_up")
    inspector(admin).get_by_role("button", name="Actions for set_variables").click()
    admin.get_by_role("menuitem", name="Delete and reconnect").click()
    expect(widget(admin, "set_variables")).to_have_count(0)
    widget(admin, "ask").get_by_text("What is your name?").click()
    expect(target(admin, "Reply")).to_have_value("look_up")

    # Find by its buttons, the outline by a click, commands and keys by the menu.
    admin.get_by_role("button", name="Find", exact=True).click()
    finder = admin.get_by_role("search", name="Find in this flow")
    finder.get_by_label("Find in this flow").fill("send")
    finder.get_by_role("button", name="Next hit").click()
    found = name_of(admin).input_value()
    finder.get_by_role("button", name="Next hit").click()
    expect(name_of(admin)).not_to_have_value(found)
    finder.get_by_role("button", name="Hit before").click()
    expect(name_of(admin)).to_have_value(found)
    finder.get_by_role("button", name="Close find").click()
    admin.get_by_role("button", name="Outline panel").click()
    admin.get_by_role("list", name="Widgets of this flow").get_by_role("button", name=re.compile("^late ")).click()
    expect(name_of(admin)).to_have_value("late")
    admin.get_by_role("button", name="More", exact=True).click()
    admin.get_by_role("menuitem", name="All commands").click()
    admin.get_by_text("Tidy up (all, or the selection)").click()
    new_layout = admin.get_by_role("region", name="New layout")
    new_layout.get_by_role("button", name="Discard").click()
    expect(new_layout).to_have_count(0)
    assert places(admin) == before
    admin.get_by_role("button", name="More", exact=True).click()
    admin.get_by_role("menuitem", name="Keyboard shortcuts").click()
    expect(admin.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Double- or right-click")
    admin.keyboard.press("Escape")
    expect(admin.get_by_text("Saved", exact=True)).to_be_visible()
    assert names(admin, sid) == ["Trigger", "ask", "greet", "late", "look_up"]


def test_does_everything_with_the_keyboard_alone(admin: Page) -> None:
    sid = open_flow(admin, "Hands on the keys", asking())
    name = name_of(admin)
    many = inspector(admin).get_by_text(re.compile("widgets selected$"))

    # All, what is before, after and around; from neighbour to neighbour.
    press(admin, "ControlOrMeta+A")
    expect(many).to_have_text("5 widgets selected")
    press(admin, "Escape", "ArrowDown", "ArrowDown", "ArrowDown")
    expect(name).to_have_value("look_up")
    press(admin, "Shift+ArrowUp")
    expect(many).to_have_text("3 widgets selected")
    press(admin, "Escape", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight")
    expect(name).to_have_value("late")
    press(admin, "ArrowLeft")
    expect(name).to_have_value("look_up")

    # Aligned by the palette; the selection tidied up alone, kept, and undone as one step.
    press(admin, "ControlOrMeta+A")
    before = places(admin)
    choose(admin, "Align left edges")
    expect(admin.get_by_role("button", name="Undo")).to_be_enabled()
    assert len({x for x, _ in places(admin).values()}) == 1
    press(admin, "Escape", "ArrowDown", "ArrowDown", "Shift+ArrowDown")
    expect(many).to_have_text("4 widgets selected")
    aligned = places(admin)
    press(admin, "Shift+T")
    new_layout = admin.get_by_role("region", name="New layout")
    new_layout.get_by_role("button", name="Keep").press("Enter")
    expect(new_layout).to_have_count(0)
    assert places(admin)["Trigger"] == aligned["Trigger"]
    assert places(admin) != aligned
    assert overlaps(admin) == []
    press(admin, "ControlOrMeta+Z")
    expect(admin.get_by_role("status").filter(has_text="Undone: Tidy up the selection")).to_have_count(1)
    assert places(admin) == aligned
    press(admin, "ControlOrMeta+Z")
    expect(admin.get_by_role("button", name="Undo")).to_be_disabled()
    assert places(admin) == before

    # Between two widgets, without a line to click on.
    press(admin, "Escape", "ArrowDown", "ArrowDown")
    inspector(admin).get_by_role("button", name="Insert a widget between Reply and look_up").press("Enter")
    admin.keyboard.type("set variables")
    admin.keyboard.press("Enter")
    expect(name).to_have_value("set_variables")
    expect(target(admin, "Next")).to_have_value("look_up")
    press(admin, "ControlOrMeta+Z")
    expect(widget(admin, "set_variables")).to_have_count(0)

    # Readable JSON; pasted again what led to the original leads to the copy, and stays with it after a cut.
    press(admin, "Escape", "ArrowDown", "ArrowDown", "ArrowDown")
    expect(name).to_have_value("look_up")
    press(admin, "ControlOrMeta+C")
    copied = clipboard(admin)
    assert [row["name"] for row in copied["states"]] == ["look_up"]
    assert copied["incoming"] == [{"source": "ask", "exit": "t0", "target": "look_up"}]
    press(admin, "ControlOrMeta+V")
    expect(name).to_have_value("look_up_2")
    press(admin, "ControlOrMeta+Z", "ControlOrMeta+Shift+V")
    expect(name).to_have_value("look_up_2")
    press(admin, "Escape", "ArrowDown", "ArrowDown")
    expect(target(admin, "Reply")).to_have_value("look_up_2")
    press(admin, "ControlOrMeta+Z")
    expect(target(admin, "Reply")).to_have_value("look_up")
    press(admin, "ArrowDown", "ControlOrMeta+X")
    expect(widget(admin, "look_up")).to_have_count(0)
    press(admin, "ControlOrMeta+Shift+V", "Escape", "ArrowDown", "ArrowDown")
    expect(target(admin, "Reply")).to_have_value("look_up")

    # A whole Studio definition, as text from anywhere: its trigger stays away.
    whole = definition(
        state("greet", "send-message", {"sent": "bye", "failed": None}, body="Hi", **CHANNEL),
        state("bye", "send-message", SENT, body="Bye", **CHANNEL),
    )
    admin.evaluate("(text) => navigator.clipboard.writeText(text)", json.dumps(whole))
    press(admin, "ControlOrMeta+V")
    expect(many).to_have_text("2 widgets selected")
    expect(widget(admin, "bye")).to_be_visible()
    admin.evaluate("() => navigator.clipboard.writeText('no widgets at all')")
    press(admin, "ControlOrMeta+V")
    expect(admin.get_by_role("status").filter(has_text="The clipboard holds no widgets.")).to_have_count(1)
    save(admin)
    assert names(admin, sid) == ["Trigger", "ask", "bye", "greet", "greet_2", "late", "look_up"]


def test_takes_keys_of_ones_own(admin: Page) -> None:
    sid = open_flow(admin, "Keys of my own", asking())
    choose(admin, "Change the keys")
    dialog = admin.get_by_role("dialog", name="Change the keys")
    dialog.get_by_role("button", name=re.compile("^Change the keys for: Tidy up")).press("Enter")
    admin.keyboard.press("n")
    expect(dialog.get_by_role("alert")).to_contain_text("“Add a note (a frame around the selection)” has these keys.")
    admin.keyboard.press("y")
    expect(dialog.get_by_role("button", name=re.compile("^Change the keys for: Tidy up"))).to_have_text(
        re.compile(" Y$")
    )
    expect_accessible(admin)
    dialog.get_by_role("button", name="Done").click()
    press(admin, "?")
    expect(admin.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text(re.compile(r"Tidy up[^A-Z]*Y"))
    admin.keyboard.press("Escape")

    # They are the user's, not the page's.
    admin.goto(f"/flows/{sid}")
    expect(widget(admin, "ask")).to_be_visible()
    expect(admin.get_by_role("button", name="Undo")).to_be_disabled()
    press(admin, "Shift+T")
    expect(admin.get_by_role("region", name="New layout")).to_have_count(0)
    press(admin, "y")
    expect(admin.get_by_role("button", name="Undo")).to_be_enabled()
    choose(admin, "Change the keys")
    dialog.get_by_role("button", name="All as they were").click()
    dialog.get_by_role("button", name="Done").click()
    assert call(admin, "GET", "console/preferences")["builder_keymap"] == {}


def test_is_accessible_with_everything_open_in_both_schemes(admin: Page) -> None:
    content = asking()
    content["states"][2]["transitions"][0]["next"] = "nowhere"
    content["notes"] = [{"id": "n1", "text": "# Note", "x": -320, "y": 0, "width": 190, "height": 110, "color": "teal"}]
    open_flow(admin, "Everything open", content)
    admin.emulate_media(reduced_motion="reduce")
    moving = """() => document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime > 50).length"""
    opened: list[tuple[str, Callable[[], None], Locator]] = [
        ("split", lambda: _add(admin, "split based on"), inspector(admin)),
        ("several", lambda: press(admin, "ControlOrMeta+A"), inspector(admin).get_by_text("selected")),
        ("publish", lambda: press(admin, "ControlOrMeta+Enter"), admin.get_by_role("dialog", name="Publish this flow")),
        (
            "history",
            lambda: press(admin, "Alt+h"),
            admin.get_by_role("dialog").get_by_role("button", name=re.compile("^1 ")),
        ),
        ("settings", lambda: choose(admin, "Flow settings"), admin.get_by_role("dialog", name="Flow settings")),
        ("json", lambda: choose(admin, "Definition as JSON"), admin.get_by_role("dialog", name="Definition as JSON")),
        ("sheet", lambda: press(admin, "?"), admin.get_by_role("dialog", name="Keyboard shortcuts")),
        ("palette", lambda: press(admin, "ControlOrMeta+K"), admin.get_by_label("Search commands and widgets")),
        ("picker", lambda: press(admin, "Tab"), admin.get_by_label("Search widgets to add")),
    ]
    for scheme in ("light", "dark"):
        admin.evaluate("(scheme) => document.documentElement.setAttribute('data-mantine-color-scheme', scheme)", scheme)
        for name, show, seen in opened:
            press(admin, "Escape")
            show()
            expect(seen.first, name).to_be_visible()
            assert admin.evaluate(moving) == 0, name
            expect_accessible(admin)
            admin.keyboard.press("Escape")


def _add(page: Page, words: str) -> None:
    press(page, "Tab")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(target(page, "No condition matches")).to_be_visible()
