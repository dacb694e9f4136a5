"""
The builder's tools, each with the mouse or the keyboard as people would: moving about, notes, previews, quick fixes,
merging, differences, counts, the simulator from the middle and a past execution run again; large real flows; axe.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from bench.builder import build
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
    widget,
    write_greeting,
)
from tests.browser.hands import log_in_as
from tests.factories import definition, state
from tests.shared_files import shared_file

People = Callable[..., Page]


@pytest.fixture
def admin(people: People) -> Page:
    return people("admin", log_in=True)


def test_moves_about_and_edits_with_keys_and_mouse(admin: Page) -> None:
    admin.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sid = open_flow(admin, "Moving about", asking())
    name = inspector(admin).get_by_role("textbox", name="Name")

    # The keys walk along the connections, select what follows, and nudge in steps that are undone together.
    press(admin, "ArrowDown", "ArrowDown", "ArrowDown")
    expect(name).to_have_value("look_up")
    press(admin, "Shift+ArrowDown")
    expect(inspector(admin).get_by_text("2 widgets selected")).to_be_visible()
    before = middle(widget(admin, "greet"))
    press(admin, "Alt+Shift+ArrowRight")
    admin.wait_for_timeout(150)
    assert middle(widget(admin, "greet"))[0] > before[0] + 20
    press(admin, "ControlOrMeta+Z")
    press(admin, "Escape")

    # Cut, undo; delete and reconnect: who led to the call leads to what followed it.
    widget(admin, "late").click()
    press(admin, "ControlOrMeta+X")
    expect(widget(admin, "late")).to_have_count(0)
    press(admin, "ControlOrMeta+Z")
    expect(widget(admin, "late")).to_be_visible()
    widget(admin, "look_up").click()
    press(admin, "ControlOrMeta+Delete")
    widget(admin, "ask").get_by_text("What is your name?").click()
    expect(target(admin, "Reply")).to_have_value("greet")
    press(admin, "ControlOrMeta+Z")
    expect(target(admin, "Reply")).to_have_value("look_up")

    # A connector dropped on empty space asks what shall be there; a connection takes a widget in.
    box = canvas(admin).bounding_box()
    assert box is not None
    drag(
        admin, canvas(admin).get_by_label("Exit Delivery Fails of ask"), (box["x"] + box["width"] - 430, box["y"] + 90)
    )
    admin.get_by_label("Search widgets to add").fill("set var")
    admin.keyboard.press("Enter")
    expect(widget(admin, "set_variables")).to_be_visible()
    press(admin, "Escape")
    admin.locator(".react-flow__edge[data-id='ask/t0'] .react-flow__edge-interaction").click(force=True)
    admin.get_by_role("button", name="Insert a widget from ask to look_up").click()
    admin.keyboard.type("send message")
    admin.keyboard.press("Enter")
    expect(name).to_have_value("send_message")
    expect(target(admin, "Sent")).to_have_value("look_up")

    # Replaced by another type it keeps its name and what leads to it.
    press(admin, "r")
    admin.keyboard.type("send & wait")
    admin.keyboard.press("Enter")
    expect(target(admin, "Reply")).to_have_value("look_up")

    # Find goes from hit to hit; the palette has every command; the sheet lists the keys.
    press(admin, "ControlOrMeta+F")
    admin.keyboard.type("api.example")
    admin.keyboard.press("Enter")
    expect(name).to_have_value("look_up")
    admin.keyboard.press("Escape")
    admin.keyboard.press("ControlOrMeta+K")
    search = admin.get_by_label("Search commands and widgets")
    search.fill("Tidy up")
    search.press("Enter")
    expect(admin.get_by_role("button", name="Undo")).to_be_enabled()
    assert overlaps(admin) == []
    press(admin, "Shift+?")
    expect(admin.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Delete and reconnect")
    admin.keyboard.press("Escape")

    # What was done can be undone after a reload, one step at a time.
    save(admin)
    admin.wait_for_timeout(900)
    admin.reload()
    expect(widget(admin, "send_message")).to_be_visible()
    press(admin, "ControlOrMeta+Z", "ControlOrMeta+Z", "ControlOrMeta+Z")
    expect(widget(admin, "send_message")).to_have_count(0)
    press(admin, "ControlOrMeta+Y")
    expect(widget(admin, "send_message")).to_be_visible()
    save(admin)
    assert any(row["name"] == "send_message" for row in call(admin, "GET", f"flows/{sid}")["definition"]["states"])


def test_notes_and_frames_go_with_the_flow_and_not_into_the_runtime(admin: Page) -> None:
    sid = open_flow(admin, "Noted", asking())
    press(admin, "n")
    expect(inspector(admin).get_by_label("Text")).to_be_focused()
    admin.keyboard.type("# Opening hours\nAsk **Bo** first")
    note = canvas(admin).get_by_role("article", name="Note Opening hours")
    expect(note.get_by_text("Bo", exact=True)).to_be_visible()
    inspector(admin).get_by_role("button", name="Colour blue").click()
    press(admin, "ControlOrMeta+D")
    expect(canvas(admin).get_by_role("article", name="Note Opening hours")).to_have_count(2)
    press(admin, "Delete")
    expect(note).to_have_count(1)

    # A frame around two widgets takes them along.
    widget(admin, "look_up").click()
    widget(admin, "greet").get_by_text("Send Message").click(modifiers=["Shift"])
    inspector(admin).get_by_role("button", name="Frame").click()
    frame = canvas(admin).get_by_role("article", name="Note Heading")
    x, _ = middle(widget(admin, "greet"))
    corner = frame.bounding_box()
    assert corner is not None
    admin.mouse.move(corner["x"] + 12, corner["y"] + 8)
    admin.mouse.down()
    admin.mouse.move(corner["x"] + 62, corner["y"] + 8, steps=6)
    admin.mouse.up()
    assert middle(widget(admin, "greet"))[0] > x + 20

    save(admin)
    exported = call(admin, "GET", f"flows/{sid}/export")
    assert [note["text"].split("\n")[0] for note in exported["notes"]] == ["# Opening hours", "## Heading"]
    begun = call(admin, "POST", "flows/simulate", {"definition": exported})
    assert begun["session"]["current"] == "ask"


def test_inspects_with_previews_samples_fixes_and_renames(admin: Page, people: People) -> None:
    customer = people("customer", path="/demo")
    write = customer.get_by_label("SMS message", exact=True)
    write.fill("hello there")
    write.press("Enter")
    expect(customer.get_by_role("log", name="SMS messages", exact=True)).to_contain_text("sales or support")
    welcome = next(row for row in call(admin, "GET", "flows")["flows"] if row["friendly_name"] == "Welcome")
    content = call(admin, "GET", f"flows/{welcome['sid']}")["definition"]

    # With the values of the last execution: in the preview and beside the names that are offered.
    admin.goto(f"/flows/{welcome['sid']}?widget=ask_topic")
    message = inspector(admin).get_by_role("textbox", name="Message")
    message.fill("You wrote {{trigger.conversation.Body | upcase}}{{trigger.message.Body | upcase}}")
    preview = inspector(admin).get_by_role("group", name="Preview").first
    expect(preview).to_contain_text("You wrote HELLO THERE")
    message.fill("{% if %}")
    expect(preview.get_by_role("alert")).to_be_visible()
    message.fill("")
    message.press_sequentially("{{ contact.")
    expect(admin.locator(".cm-tooltip-autocomplete")).to_contain_text(re.compile(r"contact\.channel\.address\s*\S*\+"))
    admin.keyboard.press("Escape")
    message.fill("Back to what it was")
    press(admin, "ControlOrMeta+Z")
    call(
        admin,
        "PUT",
        f"flows/{welcome['sid']}/draft",
        {"definition": content, "base_revision": revision(admin, welcome["sid"])},
    )

    # A misspelt reference is repaired by one click, a variable renamed wherever it is read.
    misspelt = definition(
        state("greet", "set-variables", {"next": "say"}, variables=[{"key": "name", "value": "Ada"}]),
        state("say", "send-message", SENT, body="Hello {{flow.variables.nmae}}", **CHANNEL),
    )
    open_flow(admin, "Misspelt", misspelt)
    press(admin, "e")
    problems = admin.get_by_role("region", name="Problems")
    problems.get_by_role("button", name=re.compile("^Read name")).click()
    expect(widget(admin, "say")).to_contain_text("{{flow.variables.name}}")
    widget(admin, "greet").click()
    inspector(admin).get_by_role("button", name="Rename name everywhere").click()
    admin.get_by_label("New name of name").fill("customer")
    admin.keyboard.press("Enter")
    expect(widget(admin, "say")).to_contain_text("{{flow.variables.customer}}")
    inspector(admin).get_by_role("button", name="Find the uses of customer").click()
    expect(admin.get_by_role("search", name="Find in this flow")).to_contain_text("say")


def revision(page: Page, sid: str) -> int:
    return int(call(page, "GET", f"flows/{sid}")["revision"])


def test_two_admins_see_each_other_and_lose_nothing(admin: Page, people: People) -> None:
    sid = open_flow(admin, "Shared", asking())
    other = people("other")
    log_in_as(other, "admin")
    other.goto(f"/flows/{sid}")
    expect(widget(other, "ask")).to_be_visible()
    widget(other, "ask").click()
    expect(admin.get_by_role("button", name=re.compile("is at ask$"))).to_be_visible()

    # Who has nothing of their own follows at once.
    write_greeting(admin, "First")
    save(admin)
    expect(widget(other, "greet")).to_contain_text("First")

    # Changes of different things are put together without a question.
    widget(other, "late").click()
    inspector(other).get_by_role("textbox", name="Message").fill("Hello?")
    write_greeting(admin, "Second")
    save(admin)
    press(other, "ControlOrMeta+S")
    expect(other.get_by_text("revision 4")).to_be_visible()
    expect(widget(other, "greet")).to_contain_text("Second")
    expect(widget(admin, "late")).to_contain_text("Hello?")

    # Of a contradiction somebody chooses.
    write_greeting(other, "Mine")
    write_greeting(admin, "Theirs")
    save(admin)
    press(other, "ControlOrMeta+S")
    dialog = other.get_by_role("dialog", name="Somebody else saved this flow")
    expect(dialog.get_by_role("radiogroup", name="greet: body")).to_contain_text("Theirs")
    dialog.get_by_label(re.compile("^Mine")).check()
    dialog.get_by_role("button", name="Combine and save").click()
    expect(dialog).to_be_hidden()
    expect(widget(admin, "greet")).to_contain_text("Mine")


def test_compares_revisions_on_the_canvas_and_as_a_list(admin: Page) -> None:
    open_flow(admin, "Compared", asking())
    widget(admin, "late").click()
    press(admin, "Delete")
    write_greeting(admin, "Hi!")
    press(admin, "Alt+ArrowRight")
    save(admin)
    press(admin, "Alt+h")
    admin.get_by_role("button", name=re.compile("^1 ")).click()
    admin.get_by_role("button", name="Show on the canvas").click()

    list_of = admin.get_by_role("region", name="Differences")
    expect(list_of.get_by_role("status")).to_have_text("1 removed, 2 changed")
    expect(list_of).to_contain_text("Hello {{widgets.look_up.parsed.name}}!")
    expect(admin.locator(".react-flow__node.diff--removed")).to_have_attribute("data-id", "late")
    expect(admin.locator(".react-flow__node.diff--changed")).to_have_count(2)
    expect(admin.locator(".react-flow__edge.diff--removed")).to_have_count(1)
    admin.keyboard.press("j")
    expect(list_of.locator("[aria-current]")).to_have_text("ask")
    list_of.get_by_role("button", name="late").click()
    expect(admin.locator(".react-flow__node.selected")).to_have_attribute("data-id", "late")
    expect_accessible(admin)
    admin.get_by_role("button", name="Swap the two").click()
    expect(list_of.get_by_role("status")).to_have_text("1 added, 2 changed")
    admin.get_by_role("link", name="Back to the flow").click()
    expect(admin.get_by_role("button", name="Publish", exact=True)).to_be_visible()


def test_counts_starts_in_the_middle_and_runs_an_execution_again(admin: Page, people: People) -> None:
    customer = people("customer", path="/demo")
    write = customer.get_by_label("SMS message", exact=True)
    write.fill("hello")
    write.press("Enter")
    log = customer.get_by_role("log", name="SMS messages", exact=True)
    expect(log).to_contain_text("sales or support")
    admin.goto("/executions")
    admin.get_by_role("row").nth(1).get_by_role("link").click()
    admin.get_by_role("link", name="Show on the canvas").click()
    steps = admin.get_by_role("region", name="Steps")
    expect(steps.get_by_role("status")).to_have_text(re.compile("^Step"))
    admin.keyboard.press("Home")
    expect(steps.get_by_role("status")).to_have_text(re.compile("^Step 1 of"))
    expect_accessible(admin)

    # Its inputs again, on what is drawn now: the same way.
    admin.get_by_role("link", name="Run again on the draft").click()
    simulator = admin.get_by_role("region", name="Simulator")
    expect(simulator.get_by_text(re.compile("^The same way as then"))).to_be_visible()
    expect(simulator.get_by_role("log", name="Simulated messages")).to_contain_text("hello")

    # From a widget on, with what the last execution knew.
    press(admin, "t")
    widget(admin, "branch_topic").click()
    press(admin, "Shift+R")
    expect(simulator.get_by_label("Begins at")).to_have_value("branch_topic")
    simulator.get_by_role("button", name="Start conversation").click()
    expect(simulator.get_by_role("log", name="Simulated messages")).to_contain_text("Begins at branch_topic")
    expect(admin.locator(".react-flow__node.trace--seen[data-id='branch_topic']")).to_have_count(1)
    expect_accessible(admin)
    simulator.get_by_role("button", name="Close the simulator").click()

    press(admin, "Escape", "c")
    counts = admin.get_by_role("region", name="Counts")
    expect(counts.get_by_role("status")).to_have_text(re.compile(r"\d+ executions?"))
    expect(admin.locator(".link-count").first).to_be_visible()
    counts.get_by_text("Hour").click()
    expect(admin.locator(".link-count").first).to_be_visible()
    press(admin, "c")
    expect(admin.locator(".link-count")).to_have_count(0)


def test_is_readable_without_a_mouse_or_eyes(admin: Page) -> None:
    content = asking()
    content["states"][2]["transitions"][0]["next"] = "nowhere"
    open_flow(admin, "Readable", content)
    press(admin, "o")
    outline = admin.get_by_role("list", name="Widgets of this flow")
    row = outline.get_by_role("button", name=re.compile("^ask Send & Wait for Reply, Reply to look_up"))
    row.focus()
    admin.keyboard.press("Enter")
    expect(inspector(admin).get_by_role("textbox", name="Name")).to_have_value("ask")
    expect(
        admin.get_by_role("status").filter(has_text="ask, Send & Wait for Reply, 2 of 3 exits connected")
    ).to_have_count(1)
    press(admin, "e", "t")
    expect(admin.get_by_role("region", name="Problems")).to_contain_text("nowhere")
    expect_accessible(admin)
    press(admin, "t", "p")
    widget(admin, "look_up").click()
    for scheme in ("light", "dark"):
        admin.emulate_media(color_scheme="light" if scheme == "light" else "dark")
        admin.evaluate("(scheme) => document.documentElement.setAttribute('data-mantine-color-scheme', scheme)", scheme)
        expect_accessible(admin)


LARGEST = (
    "techmatters__flex-plugins__usnm_voice",
    "mgmuscari__accfb-foodnow__flow",
    "techmatters__flex-plugins__ca_khp_main",
    "techmatters__flex-plugins__ca_webchat-v2",
    "techmatters__flex-plugins__ca_g2ton",
    "techmatters__flex-plugins__ca_ab211",
    "techmatters__flex-plugins__ca_khp-english-post-call-survey",
    "techmatters__flex-plugins__co_messaging-flow",
    "techmatters__flex-plugins__mt_messaging-whatsapp-lex-conv-lambda",
    "JeanLuis2010__UltimaDefensaLegal__twilio-studio-flow",
)


def test_the_largest_real_flows_are_laid_out_edited_published_and_compared(admin: Page) -> None:
    published = 0
    for name in LARGEST:
        text = shared_file(f"flows/{name}.json").read_text()
        flow = call(admin, "POST", "flows/import", {"text": text, "friendly_name": name[-40:]})["flow"]
        sid, count = flow["sid"], len(flow["definition"]["states"])
        admin.goto(f"/flows/{sid}")
        cards = admin.locator(".react-flow__node-widget")
        expect(cards).to_have_count(count)
        press(admin, "Shift+T")
        expect(admin.get_by_role("button", name="Undo")).to_be_enabled()
        assert overlaps(admin) == [], name

        # Edited, undone, edited again, saved.
        first = next(row["name"] for row in flow["definition"]["states"] if row["type"] != "trigger")
        press(admin, "ControlOrMeta+K")
        search = admin.get_by_label("Search commands and widgets")
        search.fill(first)
        search.press("Enter")
        press(admin, "ControlOrMeta+D")
        expect(cards).to_have_count(count + 1)
        press(admin, "ControlOrMeta+Z")
        expect(cards).to_have_count(count)
        press(admin, "ControlOrMeta+Shift+Z")
        expect(cards).to_have_count(count + 1)
        save(admin)

        # Published, or kept back by its errors.
        press(admin, "ControlOrMeta+Enter")
        dialog = admin.get_by_role("dialog", name="Publish this flow")
        publish = dialog.get_by_role("button", name="Publish flow")
        if call(admin, "GET", f"flows/{sid}")["valid"]:
            publish.click()
            expect(admin.get_by_text("answers customers from now on").last).to_be_visible()
            published += 1
        else:
            expect(publish).to_be_disabled()
            expect(publish).to_have_accessible_description(re.compile("Errors have to be repaired first"))
        admin.goto(f"/flows/{sid}?compare=1..")
        expect(admin.get_by_role("region", name="Differences").get_by_role("status")).to_have_text("1 added")
        # Wherever it is in the flow.
        expect(admin.locator(".diff--added").first).to_be_in_viewport()
    assert published > 0


def test_draws_of_a_large_flow_only_what_is_in_view(admin: Page) -> None:
    open_flow(admin, "Large", build(500))
    press(admin, "0")
    expect(admin.locator(".react-flow__node")).not_to_have_count(0)
    admin.wait_for_timeout(400)
    assert admin.locator(".react-flow__node").count() < 60
    press(admin, "ControlOrMeta+F")
    admin.keyboard.type("Question 80:")
    admin.keyboard.press("Enter")
    expect(widget(admin, "ask_80")).to_be_visible()
