"""
The builder, with a mouse and with a keyboard alone: drawing, publishing, copying, history, conflicts, imports, the
simulator with its tests, and a past execution on the canvas.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.builder import (
    CHANNEL,
    SENT,
    asking,
    canvas,
    drag,
    inspector,
    open_flow,
    target,
    widget,
    write_greeting,
)
from tests.factories import definition, state


@pytest.fixture
def admin(people: Callable[..., Page]) -> Page:
    return people("admin", log_in=True)


def begin_flow(page: Page, name: str) -> None:
    """Make an empty flow as a person would."""
    page.goto("/flows")
    page.get_by_role("button", name="New flow").first.click()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Name").press("Enter")
    expect(widget(page, "Trigger")).to_be_visible()


def test_draws_a_flow_with_the_mouse_and_publishes_it_once_it_is_sound(admin: Page) -> None:
    begin_flow(admin, "By mouse")
    widget(admin, "Trigger").click()
    admin.get_by_role("button", name="Add widget Send & Wait for Reply").click()
    expect(inspector(admin).get_by_role("textbox", name="Name")).to_have_value("ask")

    # Errors keep it from being published; they are told, and shown at the widget.
    admin.get_by_role("button", name="Publish", exact=True).click()
    publish = admin.get_by_role("button", name="Publish flow")
    expect(publish).to_be_disabled()
    expect(publish).to_have_accessible_description(re.compile("Errors have to be repaired first"))
    publish.click(force=True)
    expect(admin.get_by_role("alert")).to_contain_text("Not published")
    admin.get_by_role("button", name="Show them at the widgets").click()
    problems = admin.get_by_role("region", name="Problems")
    widget(admin, "Trigger").click()
    problems.get_by_role("button", name=re.compile("Error ask .*Message")).click()
    message = inspector(admin).get_by_role("textbox", name="Message")
    expect(message).to_be_focused()
    message.fill("What is your name?")
    expect(widget(admin, "ask")).to_contain_text("What is your name?")
    expect(problems.get_by_label("Error", exact=True)).to_have_count(0)

    # A plus on an exit adds a widget there; a line is drawn by dragging from an exit to a widget.
    canvas(admin).get_by_label("Exit Reply of ask").click()
    admin.get_by_label("Search widgets to add").fill("send message")
    admin.get_by_role("option", name=re.compile("^Send Message")).click()
    expect(inspector(admin).get_by_role("textbox", name="Name")).to_have_value(re.compile("message"))
    inspector(admin).get_by_role("textbox", name="Message").fill("Hello {{widgets.ask.inbound.Body}}")
    drag(admin, canvas(admin).get_by_label("Exit No Reply of ask"), widget(admin, r"\w*message\w*"))
    widget(admin, "ask").get_by_text("What is your name?").click()
    expect(target(admin, "No Reply")).to_have_value(re.compile("message"))

    admin.get_by_role("button", name="Publish", exact=True).click()
    admin.get_by_role("button", name="Publish flow").click()
    expect(admin.get_by_text("Published", exact=True).first).to_be_visible()


def test_draws_a_flow_with_the_keyboard_alone(admin: Page) -> None:
    begin_flow(admin, "By keyboard")
    keys = admin.keyboard
    canvas(admin).focus()
    keys.press("ArrowDown")
    keys.press("Tab")
    keys.type("send & wait")
    keys.press("Enter")
    expect(inspector(admin).get_by_role("textbox", name="Name")).to_have_value("ask")
    keys.press("F2")
    expect(inspector(admin).get_by_role("textbox", name="Name")).to_be_focused()
    keys.press("ControlOrMeta+A")
    keys.type("name")
    keys.press("Enter")
    expect(widget(admin, "name")).to_be_visible()
    message = inspector(admin).get_by_role("textbox", name="Message")
    message.focus()
    keys.type("Your name?")
    canvas(admin).focus()
    keys.press("Tab")
    keys.type("set variables")
    keys.press("Enter")
    expect(canvas(admin).get_by_role("article")).to_have_count(3)

    # Any exit can be led anywhere by its picker.
    canvas(admin).focus()
    keys.press("ArrowUp")
    expect(target(admin, "No Reply")).to_be_visible()
    target(admin, "No Reply").focus()
    keys.type("name")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(target(admin, "No Reply")).to_have_value("name")

    canvas(admin).focus()
    keys.press("ControlOrMeta+Z")
    expect(target(admin, "No Reply")).to_have_value("")
    keys.press("ControlOrMeta+Shift+Z")
    expect(target(admin, "No Reply")).to_have_value("name")
    keys.press("ControlOrMeta+S")
    expect(admin.get_by_text("Saved", exact=True)).to_be_visible()
    admin.reload()
    expect(widget(admin, "name")).to_contain_text("Your name?")


def test_copies_widgets_from_one_flow_to_another(admin: Page) -> None:
    admin.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_flow(admin, "Source", asking())
    widget(admin, "greet").click()
    canvas(admin).focus()
    admin.keyboard.press("ControlOrMeta+C")
    open_flow(admin, "Destination", definition(state("greet", "send-message", SENT, body="Hi", **CHANNEL)))
    canvas(admin).focus()
    admin.keyboard.press("ControlOrMeta+V")

    expect(canvas(admin).get_by_role("article")).to_have_count(3)
    expect(canvas(admin).get_by_text("Hello {{widgets.look_up.parsed.name}}!")).to_be_visible()


def test_brings_an_old_revision_back(admin: Page) -> None:
    open_flow(admin, "With a past", asking())
    widget(admin, "late").click()
    canvas(admin).focus()
    admin.keyboard.press("Delete")
    expect(widget(admin, "late")).to_have_count(0)
    admin.keyboard.press("ControlOrMeta+S")
    expect(admin.get_by_text("revision 2")).to_be_visible()

    admin.get_by_role("button", name="History").click()
    admin.get_by_role("button", name=re.compile("^1 ")).click()
    admin.get_by_role("button", name="Restore to the canvas").click()
    expect(widget(admin, "late")).to_be_visible()


def test_imports_what_can_be_read_and_fills_placeholders_in(admin: Page) -> None:
    content = asking()
    content["states"][2]["properties"]["url"] = "https://${API_HOST}/people"
    admin.goto("/flows")
    admin.get_by_role("button", name="Import").first.click()
    dialog = admin.get_by_role("dialog", name="Import a flow")
    dialog.get_by_label("Name").fill("Imported here")
    dialog.get_by_label("Definition").fill('{"states": [')
    dialog.get_by_role("button", name="Import flow").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Not imported")

    dialog.get_by_label("Definition").fill(json.dumps(content))
    dialog.get_by_role("button", name="Import flow").click()
    dialog.get_by_role("textbox", name="${API_HOST}").fill("api.example")
    dialog.get_by_role("button", name="Open flow").click()
    expect(widget(admin, "look_up")).to_contain_text("https://api.example/people")


def test_talks_to_a_flow_and_keeps_the_talk_as_a_test(admin: Page) -> None:
    open_flow(admin, "Simulated", asking())
    canvas(admin).focus()
    admin.keyboard.press("t")
    simulator = admin.get_by_role("region", name="Simulator")
    log = simulator.get_by_role("log", name="Simulated messages")
    start_talk(simulator, "Bo")
    endpoint = simulator.get_by_role("form", name="Answer of the endpoint")
    expect(endpoint).to_contain_text("https://api.example/people/Bo")
    endpoint.get_by_label("Body").fill('{"name": "Bo Diddley"}')
    endpoint.get_by_role("button", name="Answer", exact=True).click()
    expect(log.get_by_text("Hello Bo Diddley!")).to_be_visible()
    expect(admin.locator(".react-flow__node.trace--seen")).to_have_count(3)

    simulator.get_by_role("button", name="Save as test").click()
    dialog = admin.get_by_role("dialog", name="Save as test")
    dialog.get_by_label("Name").fill("Greets by the full name")
    dialog.get_by_role("button", name="Save test").click()
    expect(dialog).to_be_hidden()

    # The next conversation needs no answer for the call; its time runs out at once.
    simulator.get_by_role("button", name="Start anew").click()
    simulator.get_by_role("button", name="Start conversation", exact=True).click()
    simulator.get_by_role("button", name="Let time run out").click()
    expect(log.get_by_text("Are you still there?")).to_be_visible()

    simulator.get_by_role("tab", name="Tests").click()
    simulator.get_by_role("button", name="Run all").click()
    expect(simulator.get_by_text("1 passed, 0 failed")).to_be_visible()
    expect(admin.locator(".react-flow__node.trace--missed")).to_have_attribute("data-id", "late")

    # What the flow says changes: the test says so.
    write_greeting(admin, "Bye")
    simulator.get_by_role("button", name="Run all").click()
    expect(simulator.get_by_text("0 passed, 1 failed")).to_be_visible()
    expect(simulator.get_by_role("list", name="Tests")).to_contain_text("Hello Bo Diddley!")


def start_talk(simulator: Locator, answer: str) -> None:
    simulator.get_by_role("button", name="Start conversation", exact=True).click()
    message = simulator.get_by_label("Message to the flow")
    message.fill(answer)
    message.press("Enter")


def test_shows_a_past_execution_on_the_canvas(admin: Page, people: Callable[..., Page]) -> None:
    customer = people("customer", path="/demo")
    write = customer.get_by_label("SMS message", exact=True)
    write.fill("hello")
    write.press("Enter")
    phone = customer.get_by_role("log", name="SMS messages", exact=True)
    expect(phone).to_contain_text("sales or support")
    # An answer leads on, so that there are steps to go through.
    write.fill("I would like to buy a tent")
    write.press("Enter")
    expect(phone.get_by_text(re.compile("Our sales team has read"))).to_be_visible()

    admin.goto("/executions")
    admin.get_by_role("row").nth(1).get_by_role("link").click()
    expect(admin.get_by_role("listitem", name=re.compile("^Step 1, Trigger"))).to_contain_text("ask_topic")
    admin.get_by_role("tab", name="Conversation").click()
    expect(admin.get_by_role("list", name="Messages").get_by_text("hello", exact=True)).to_be_visible()
    admin.get_by_role("link", name="Show on the canvas").click()
    steps = admin.get_by_role("region", name="Steps")
    steps.get_by_role("button", name=re.compile("^Trigger ")).click()
    expect(steps.get_by_role("status")).to_have_text(re.compile("^Step 1 of"))
    expect(admin.locator(".react-flow__node.trace--current")).to_have_attribute("data-id", "Trigger")
    expect(steps.get_by_role("region", name="Received")).to_contain_text("hello")
    steps.get_by_role("button", name="Step forward").click()
    expect(steps.get_by_role("status")).to_have_text(re.compile("^Step 2 of"))
    admin.get_by_role("link", name="Back to the execution").click()
    expect(admin.get_by_role("tab", name="Conversation")).to_be_visible()
