"""What people do on every page, and what axe finds there; needs no Django, so that scripts use it, too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from playwright.sync_api import Page, expect

from tests.servers import PASSWORD, ROOT, Installation

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """async ({ exclude, options }) => {
    // A colour on its way from one to another is neither, and what a changed medium sets off begins some frames later.
    for (let still = 0; still < 3; still += 1) {
        await new Promise(done => setTimeout(done, 60));
        const passing = document.getAnimations().filter(each => each.effect?.getComputedTiming().endTime !== Infinity);
        if (passing.length > 0) still = -1;
        await Promise.allSettled(passing.map(each => each.finished));
    }
    const { violations } = await axe.run(exclude.length ? { exclude } : document, options);
    return JSON.stringify(violations.map(({ id, nodes }) => `${id}: ${nodes.map(n => n.target + n.failureSummary)}`));
}"""


def log_in_as(page: Page, username: str) -> None:
    """Log a demo user in by the log-in page, as a person would."""
    page.goto("/login")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: not url.split("?")[0].endswith("/login"))


@contextmanager
def app_api(desk: Installation, username: str) -> Iterator[httpx.Client]:
    """Give a client of ``/app/v1`` that a demo user is logged in with."""
    origin = {"Origin": desk.base_url}
    with httpx.Client(base_url=desk.base_url, trust_env=False, timeout=30, headers=origin) as client:
        client.headers["X-CSRFToken"] = client.get("/app/v1/session").json()["details"]["csrf_token"]
        told = client.post("/app/v1/session", json={"username": username, "password": PASSWORD}).raise_for_status()
        client.headers["X-CSRFToken"] = told.json()["csrf_token"]
        yield client


def choose_activity(agent: Page, name: str) -> None:
    """Let an agent choose an activity in the console."""
    picker = agent.get_by_role("button", name=re.compile("^Activity:"))
    picker.click()
    agent.get_by_role("menuitem", name=name, exact=True).click()
    expect(agent.get_by_role("button", name=re.compile(f"^Activity: {name} "))).to_be_visible()


def accept(agent: Page, name: str) -> None:
    """Accept the only offer, of this customer, by key."""
    expect(agent.get_by_role("article", name=f"Offer: {name}")).to_be_visible()
    agent.keyboard.press("Alt+KeyA")
    expect(agent.get_by_role("region", name=f"Task: {name}")).to_be_visible()


def axe(page: Page, *rules: str, exclude: tuple[str, ...] = ()) -> list[str]:
    """Return what axe finds wrong, by some rules or all; run in a world of its own, which no page's policy reaches."""
    session = page.context.new_cdp_session(page)
    frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})["executionContextId"]
    session.send("Runtime.evaluate", {"expression": AXE.read_text(), "contextId": world})
    options = {"resultTypes": ["violations"], **({"runOnly": list(rules)} if rules else {})}
    given = json.dumps({"exclude": exclude, "options": options})
    asked = {"expression": f"({RUN_AXE})({given})", "contextId": world, "awaitPromise": True}
    answer = session.send("Runtime.evaluate", asked)
    session.detach()
    return list(json.loads(answer["result"]["value"]))
