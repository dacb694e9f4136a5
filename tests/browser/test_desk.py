"""
A day at the desk: two agents and a supervisor in browsers of their own, ten customers on four channels.

At its end every transcript, in the API, in the database, at the providers and on the customers' own screens, equals
what every party said: once, and in order.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.crowd import Customer, Telephone, Visitor, close_line, lead_to, open_line, post
from tests.browser.hands import app_api
from tests.browser.strict_site import strict_site
from tests.channels_app.providers import KEYS, Channel
from tests.servers import Installation
from tests.standins import running

MODES = {
    "optional": {"mode": "optional"},
    "mandatory": {"mode": "mandatory", "dispositions": ["Sold", "Passed on"], "needs_disposition": True},
    "timed": {"mode": "timed", "seconds": 600},
    "strict": {"mode": "timed_strict", "seconds": 5},
}
# Long enough to be accepted on a busy machine, short enough to be waited for.
SOON = 8
_tries = itertools.count(1)
CUT_SECONDS = 20
READ_ALL = """
import json
from conversations.models import Conversation, Message
rows = Message.objects.order_by("conversation_id", "index").values_list("conversation_id", "index", "source", "body")
said = {}
for key, index, source, body in rows:
    said.setdefault("CH" + key.hex, []).append([index, source, body])
print(json.dumps(said))
"""


@dataclass
class Town:
    """The customers, by name, and the page on which one of them finds the chat."""

    api: httpx.Client
    customers: dict[str, Customer]
    site: str


@pytest.fixture
def town(desk: Installation) -> Iterator[Town]:
    """Queues with a wrap-up mode each, four channels that lead to them, and nine customers who have not come yet."""
    found = desk.credentials()
    api = httpx.Client(base_url=desk.base_url, auth=(found["account_sid"], found["auth_token"]), timeout=30)
    # A second try finds what the first one left: it has queues, customers and a chat of its own.
    number = next(_tries)
    patient, hasty = set_up_routing(api, desk, found, number)
    numbers = ("+15557771212", "+15557771213")
    with running() as standin, ExitStack() as sockets:
        hooks: dict[str, str] = {}
        for type, provider, address, workflow in (
            ("sms", "twilio", numbers[0], patient),
            ("sms", "twilio", numbers[1], hasty),
            ("whatsapp", "meta", "whatsapp:+15556459128", patient),
            ("messenger", "meta", f"messenger:{KEYS.meta_page_id}", patient),
        ):
            made = open_line(api, type, provider, address, lead_to(api, address, workflow), standin.url)
            sockets.callback(close_line, api, made)
            hooks[address] = made["webhook_url"]
        chat = open_line(api, "chat", "web", f"Town chat {number}", lead_to(api, "Town chat", patient))
        key = chat["deployment_key"]

        def phone(name: str, type: str, provider: str, ours: str, theirs: str) -> Customer:
            return Telephone(name, Channel(type, provider, ours, theirs), hooks[ours], standin)

        everybody = [
            phone("Bea", "sms", "twilio", numbers[0], f"+155586{number}0011"),
            phone("Cid", "sms", "twilio", numbers[1], f"+155586{number}0012"),
            phone("Hal", "sms", "twilio", numbers[0], f"+155586{number}0013"),
            phone("Dot", "whatsapp", "meta", "whatsapp:+15556459128", f"whatsapp:+155586{number}0014"),
            phone("Fay", "whatsapp", "meta", "whatsapp:+15556459128", f"whatsapp:+155586{number}0015"),
            phone("Eli", "messenger", "meta", f"messenger:{KEYS.meta_page_id}", f"messenger:620000000000{number:02}16"),
            phone("Gus", "messenger", "meta", f"messenger:{KEYS.meta_page_id}", f"messenger:620000000000{number:02}17"),
            Visitor("Ida", desk.base_url, key, sockets),
            Visitor("Jon", desk.base_url, key, sockets),
        ]
        tag = f'<script src="{desk.base_url}/webchat.js" data-deployment-key="{key}" async></script>'
        with strict_site(desk.base_url, tag) as site:
            yield Town(api, {each.name: each for each in everybody}, site)


def set_up_routing(api: httpx.Client, desk: Installation, found: dict[str, Any], number: int) -> tuple[str, str]:
    """Make a queue for each wrap-up mode, and two workflows that lead there; returns the workflows' SIDs."""
    base = f"/taskrouter/v1/Workspaces/{found['workspace_sid']}"
    filters = []
    with app_api(desk, "admin") as admin:
        for mode, policy in MODES.items():
            queue = post(
                api, f"{base}/TaskQueues", FriendlyName=f"Town {mode} {number}", TargetWorkers="skills HAS 'general'"
            )
            admin.put(f"/app/v1/desk-policies/{queue['sid']}", json=policy).raise_for_status()
            target = {"queue": queue["sid"], "expression": "worker.skills HAS task.skill"}
            filters.append({"filter_friendly_name": mode, "expression": f"desk == '{mode}'", "targets": [target]})
    configuration = json.dumps({"task_routing": {"filters": filters}})
    for user in found["users"]:
        if user["username"] in ("ana", "ben"):
            post(api, f"{base}/Workers/{user['worker_sid']}/Channels/chat", Capacity="10")
    patient, hasty = (
        post(
            api,
            f"{base}/Workflows",
            FriendlyName=f"Town {seconds} {number}",
            Configuration=configuration,
            TaskReservationTimeout=str(seconds),
        )["sid"]
        for seconds in (300, SOON)
    )
    return patient, hasty


class Widget(Customer):
    """A customer in a browser."""

    def __init__(self, page: Page) -> None:
        super().__init__("Abe")
        self.page = page
        page.get_by_role("button", name="Open chat").click()
        self.log = page.get_by_role("log", name="Messages", exact=True)

    def send(self, text: str) -> None:
        write(self.page.get_by_role("textbox", name="Message", exact=True), text)
        expect(self.log.get_by_text(text, exact=True)).to_be_visible()

    def everything(self) -> list[str]:
        """Return what stands on the screen, from top to bottom."""
        return self.log.locator(".bubble").all_inner_texts()

    def heard(self) -> list[str]:
        mine = [text for is_mine, text in self.said if is_mine]
        return [text for text in self.everything() if text not in mine]

    def conversation_sid(self, api: httpx.Client) -> str:
        read = "Object.entries(localStorage).find(([key]) => /^flowdesk.webchat.(?!sound)/.test(key))[1]"
        return str(json.loads(self.page.evaluate(read))["conversationSid"])


class Agent:
    """An agent at the keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.tasks = page.get_by_role("list", name="Tasks").get_by_role("listitem")

    def find(self, words: str) -> None:
        """Carry out what the palette finds."""
        # A dialog keeps keys to itself for as long as it is seen to close.
        expect(self.page.get_by_role("dialog")).to_have_count(0)
        self.page.keyboard.press("Control+KeyK")
        palette = self.page.get_by_role("combobox", name="Find a command")
        palette.fill(words)
        self.page.keyboard.press("Enter")
        # As long as it is there, keys are its own.
        expect(palette).to_have_count(0)

    def choose_activity(self, name: str) -> None:
        self.find(f"activity {name}")
        expect(self.page.get_by_role("button", name=re.compile(f"^Activity: {name} "))).to_be_visible()

    def offer(self, name: str = "") -> Locator:
        return self.page.get_by_role("article", name=re.compile(f"^Offer: {name}"))

    def accept(self, *names: str) -> None:
        """Accept what is offered, in whatever order it comes."""
        for name in names:
            expect(self.offer(name)).to_be_visible()
        for left in reversed(range(len(names))):
            self.page.keyboard.press("Alt+KeyA")
            expect(self.offer()).to_have_count(left)
        for name in names:
            expect(self.tasks.filter(has_text=name)).to_be_visible()
        if len(names) == 1:
            expect(self.page.get_by_role("region", name=f"Task: {names[0]}")).to_be_visible()

    def go_to(self, customer: Customer) -> None:
        self.find(f"go to {customer.name}")
        expect(self.page.get_by_role("region", name=f"Task: {customer.name}")).to_be_visible()

    def type(self, text: str) -> None:
        box = self.page.get_by_role("textbox", name="Message")
        expect(box).to_be_visible()
        self.page.keyboard.press("Alt+KeyM")
        expect(box).to_be_focused()
        self.page.keyboard.type(text)

    def say(self, customer: Customer, text: str, *, as_sent: str = "") -> None:
        """Type and send; ``as_sent``: with what was typed before."""
        self.type(text)
        expect(self.page.get_by_role("textbox", name="Message")).to_have_value(as_sent or text)
        self.page.keyboard.press("Enter")
        customer.told(as_sent or text)

    def press(self, button: str) -> None:
        self.page.get_by_role("dialog").get_by_role("button", name=button, exact=True).press("Enter")

    def end(self, customer: Customer, button: str) -> None:
        self.go_to(customer)
        self.page.keyboard.press("Alt+KeyE")
        self.press(button)

    def choose_disposition(self, name: str) -> None:
        field = self.page.get_by_role("form", name="Wrap-up").get_by_role("combobox", name="Disposition")
        option = self.page.get_by_role("option", name=name, exact=True)
        for last in (False, False, True):
            field.fill("")
            field.press_sequentially(name)
            # What is typed is found first; Enter takes what is marked, once the list has settled.
            expect(option).to_have_attribute("data-combobox-selected", "true")
            field.press("Enter")
            try:
                expect(option).to_have_count(0, timeout=20_000 if last else 3_000)
                break
            except AssertionError:
                if last:
                    raise
        expect(field).to_have_value(name)

    def said(self) -> list[str]:
        """Return what the customer and ours said, as the open conversation shows it."""
        rows = self.page.get_by_role("log", name="Conversation").locator(".message:not(.message--note)")
        return rows.locator(".message__bubble").all_inner_texts()


def write(box: Locator, text: str) -> None:
    box.fill(text)
    box.press("Enter")


def test_a_day_at_the_desk(people: Callable[..., Page], desk: Installation, town: Town) -> None:
    ana = Agent(people("ana", log_in=True, path="/console"))
    ben = Agent(people("ben", log_in=True, path="/console"))
    who = town.customers
    who["Abe"] = Widget(people("customer", path=town.site))
    ana.choose_activity("Available")

    offers_are_accepted_rejected_and_missed(ana, ben, who)
    everybody_comes(ana, ben, who)
    abe_is_handed_on(ana, ben, who["Abe"])
    supervisor = people("supervisor", log_in=True, path="/supervisor/chats")
    a_supervisor_helps(ana, supervisor, who["Hal"])
    with the_network_cut(ana, who["Jon"]):
        # The others go on meanwhile.
        fay_is_parked_and_comes_back(ben, who["Fay"])
    an_answer_is_lost(ana, who["Dot"])
    everybody_goes(ana, ben, who)

    check_every_transcript(desk, town)


def offers_are_accepted_rejected_and_missed(ana: Agent, ben: Agent, who: dict[str, Customer]) -> None:
    who["Abe"].ask_for("sales", "mandatory")
    ana.accept("Abe")
    ana.say(who["Abe"], "Ana here, good morning.")
    who["Bea"].ask_for("general", "optional")
    expect(ana.offer("Bea")).to_be_visible()
    ana.page.keyboard.press("Alt+KeyR")
    expect(ana.offer()).to_have_count(0)
    ben.choose_activity("Available")
    ben.accept("Bea")
    ben.say(who["Bea"], "Good morning Bea, this is Ben.")

    # Nobody else can help Cid; whoever misses an offer gets none until they say that they are there.
    who["Cid"].ask_for("sales", "optional")
    expect(ana.offer("Cid")).to_be_visible()
    missed = ana.page.get_by_role("article", name="Missed offer: Cid")
    expect(missed).to_be_visible()
    expect(ana.page.get_by_role("button", name=re.compile("^Activity: Offline"))).to_be_visible()
    missed.get_by_role("button", name="Go back to Available").press("Enter")
    ana.accept("Cid")
    expect(missed).to_have_count(0)
    ana.say(who["Cid"], "Sorry, I was away.")


def everybody_comes(ana: Agent, ben: Agent, who: dict[str, Customer]) -> None:
    for agent, skill, names in (
        (ana, "sales", {"Dot": "timed", "Eli": "strict", "Hal": "optional", "Jon": "optional"}),
        (ben, "support", {"Fay": "optional", "Gus": "optional", "Ida": "mandatory"}),
    ):
        for name, mode in names.items():
            who[name].ask_for(skill, mode)
        agent.accept(*names)
        for name in names:
            agent.go_to(who[name])
            agent.say(who[name], f"Good morning {name}.")
            who[name].write("I am glad that somebody is there")


def abe_is_handed_on(ana: Agent, ben: Agent, abe: Customer) -> None:
    ana.go_to(abe)
    ana.page.keyboard.press("Alt+KeyT")
    dialog = ana.page.get_by_role("dialog")
    dialog.get_by_role("radio", name=re.compile("^Ben")).press("Space")
    dialog.get_by_label("Note for the colleague").fill("Knows all about tents")
    ana.press("Ask to join")
    ben.accept("Abe")
    ben.go_to(abe)
    expect(ben.page.get_by_role("status").filter(has_text="Knows all about tents")).to_be_visible()
    # Each sees that the other is about to answer.
    ben.type("And ")
    writing = ana.page.get_by_text(re.compile("Ben.* is writing an answer"))
    expect(writing).to_be_visible()
    ben.say(abe, "Ben.", as_sent="And Ben.")
    expect(writing).to_have_count(0)
    ana.say(abe, "Ben takes over.")

    ana.page.get_by_role("button", name="Leave", exact=True).press("Enter")
    wrap_up = ana.page.get_by_role("form", name="Wrap-up")
    expect(wrap_up).to_be_visible()
    ana.page.keyboard.press("Alt+KeyE")
    expect(wrap_up.get_by_text("Choose one.")).to_be_visible()
    ana.choose_disposition("Passed on")
    ana.page.keyboard.press("Alt+KeyE")
    expect(ana.tasks.filter(has_text="Abe")).to_have_count(0)
    abe.write("Thank you, Ana")


def fay_is_parked_and_comes_back(ben: Agent, fay: Customer) -> None:
    ben.go_to(fay)
    ben.page.keyboard.press("Alt+KeyZ")
    ben.page.get_by_role("dialog").get_by_label("Note").fill("Measures the garden")
    ben.press("Park")
    expect(ben.tasks.filter(has_text="Fay")).to_have_count(0)
    fay.write("Ten metres")
    ben.accept("Fay")
    ben.go_to(fay)
    ben.say(fay, "Then the large one fits.")


def a_supervisor_helps(ana: Agent, supervisor: Page, hal: Customer) -> None:
    ana.go_to(hal)
    supervisor.get_by_role("button", name="Monitor Hal").press("Enter")
    write(supervisor.get_by_role("textbox", name="Whisper to the agent"), "Ten per cent at most")
    whisper = ana.page.get_by_role("note", name="Whisper").get_by_text("Ten per cent at most")
    expect(whisper).to_be_visible()
    expect(ana.page.get_by_text("Sam Supervisor looking on")).to_be_visible()
    ana.say(hal, "You get ten per cent off.")

    supervisor.get_by_role("button", name="Barge in").press("Enter")
    supervisor.get_by_role("radio", name="Whisper to the agent").press("ArrowRight")
    write(supervisor.get_by_role("textbox", name="Write to the customer"), "And free delivery.")
    hal.told("And free delivery.")
    leave = supervisor.get_by_role("button", name="Leave again")
    # It is busy until the page has read what the barging changed.
    expect(leave).to_be_enabled()
    leave.press("Enter")
    expect(supervisor.get_by_role("button", name="Barge in")).to_be_visible()
    hal.write("What a service")
    expect(ana.page.get_by_role("log", name="Conversation").get_by_text("What a service")).to_be_visible()
    assert ana.said() == [text for _, text in hal.said]


@contextmanager
def the_network_cut(ana: Agent, jon: Customer) -> Iterator[None]:
    """Cut for 20 s while she types and sends; all of it goes out, once, behind what the customer wrote meanwhile."""
    ana.go_to(jon)
    ana.type("I look ")
    ana.page.context.set_offline(True)
    begun = time.monotonic()
    ana.type("that up.")
    ana.page.keyboard.press("Enter")
    ana.type("It takes a moment.")
    ana.page.keyboard.press("Enter")
    expect(ana.page.get_by_text("No connection. What you write is kept")).to_be_visible()
    jon.write("Are you there?")
    ana.type("I am ")
    yield
    jon.write("Hello?")
    ana.type("almost ")
    log = ana.page.get_by_role("log", name="Conversation")
    expect(log.get_by_text("Waiting for the connection")).to_have_count(2)
    expect(log.get_by_text("Are you there?")).to_have_count(0)
    ana.page.wait_for_timeout(max(0.0, begun + CUT_SECONDS - time.monotonic()) * 1000)
    ana.page.context.set_offline(False)
    jon.told("I look that up.")
    jon.told("It takes a moment.")
    ana.type("back.")
    ana.page.keyboard.press("Enter")
    jon.told("I am almost back.")
    expect(log.get_by_text("Hello?")).to_be_visible()
    expect(ana.page.get_by_text("No connection. What you write is kept")).to_have_count(0)
    assert ana.said() == [text for _, text in jon.said]


def an_answer_is_lost(ana: Agent, dot: Customer) -> None:
    """Cut while she sends: the message is stored, but she is not told, and so it is sent again."""
    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort("connectionreset")

    ana.go_to(dot)
    ana.page.route(re.compile(r"/app/v1/conversations/CH\w+/messages$"), lose)
    ana.say(dot, "This goes out once.")
    ana.say(dot, "And this behind it.")
    ana.page.unroute_all(behavior="wait")
    assert lost == [201]


def everybody_goes(ana: Agent, ben: Agent, who: dict[str, Customer]) -> None:
    """Each wrap-up mode once at least; the strict one ends by itself, while the others are ended by hand."""
    ana.end(who["Eli"], "End and wrap up")
    wrap_up = ana.page.get_by_role("form", name="Wrap-up")
    expect(wrap_up.get_by_role("button", name="Complete")).to_be_disabled()
    wrap_up.get_by_label("Notes").fill("Wants a red one")
    ana.end(who["Dot"], "End and wrap up")
    expect(wrap_up.get_by_role("timer")).to_be_visible()
    ana.page.keyboard.press("Alt+KeyE")
    expect(ana.tasks.filter(has_text="Dot")).to_have_count(0)
    for agent, names in ((ana, ("Hal", "Jon", "Cid")), (ben, ("Bea", "Fay", "Gus"))):
        for name in names:
            agent.end(who[name], "End and complete")
            expect(agent.tasks.filter(has_text=name)).to_have_count(0)
    for name in ("Abe", "Ida"):
        ben.end(who[name], "End and wrap up")
        ben.choose_disposition("Sold")
        ben.page.keyboard.press("Alt+KeyE")
        expect(ben.tasks.filter(has_text=name)).to_have_count(0)
    for agent in (ana, ben):
        expect(agent.tasks).to_have_count(0)
        agent.choose_activity("Offline")


def check_every_transcript(desk: Installation, town: Town) -> None:
    stored = json.loads(desk.manage("shell", "--no-imports", "-c", READ_ALL).stdout)
    for customer in town.customers.values():
        sid = customer.conversation_sid(town.api)
        read = town.api.get(f"/conversations/v1/Conversations/{sid}/Messages", params={"PageSize": "100"})
        rows = read.raise_for_status().json()["messages"]
        texts = [text for _, text in customer.said]
        assert [row["body"] for row in rows] == texts, customer.name
        assert [row["index"] for row in rows] == list(range(len(texts))), customer.name
        assert [(source == "customer", body) for _, source, body in stored[sid]] == customer.said, customer.name
        assert customer.heard() == customer.ours, customer.name
        match customer:
            case Widget():
                assert customer.everything() == texts
            case Visitor():
                assert [each["body"] for each in customer.messages()] == texts
                assert "closed" in [each["type"] for each in customer.events]
