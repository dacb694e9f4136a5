"""Routing by hand: a queue with an expression, a workflow that uses it, and why a task waits there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.servers import Installation

QUEUE = "German billing"
EXPRESSION = 'skills HAS "accounting" AND languages HAS "de"'


@pytest.fixture
def workflow(desk: Installation) -> str:
    """A workflow of its own, so that no other story's tasks run through it: its name."""
    credentials = desk.credentials()
    name = "Billing by hand"
    made = routing(desk, "Workflows", FriendlyName=name, Configuration=configuration(queue_sid(desk, "Everyone")))
    assert made["workspace_sid"] == credentials["workspace_sid"]
    return name


def routing(desk: Installation, path: str, **fields: str) -> dict[str, Any]:
    """Read, or create with ``fields``, through the public API."""
    credentials = desk.credentials()
    answer = httpx.request(
        "POST" if fields else "GET",
        f"{desk.base_url}/taskrouter/v1/Workspaces/{credentials['workspace_sid']}/{path}",
        data=fields or None,
        auth=(credentials["account_sid"], credentials["auth_token"]),
        trust_env=False,
    )
    answer.raise_for_status()
    return dict(answer.json())


def queue_sid(desk: Installation, name: str) -> str:
    found = routing(desk, f"TaskQueues?FriendlyName={name}")["task_queues"]
    return str(found[0]["sid"])


def configuration(sid: str) -> str:
    return f'{{"task_routing": {{"filters": [], "default_filter": {{"queue": "{sid}"}}}}}}'


def test_leads_from_a_queues_expression_to_the_reason_why_a_task_waits(
    people: Callable[..., Page], desk: Installation, workflow: str
) -> None:
    page = people("admin", log_in=True, path="/routing/queues")

    # A mistake in the expression is told before it is saved, and refused when it is.
    page.get_by_role("button", name="New queue").click()
    dialog = page.get_by_role("dialog", name="New queue")
    dialog.get_by_label("Name").fill(QUEUE)
    expression = dialog.get_by_role("textbox", name="Workers of this queue")
    expression.fill("skills HAS")
    expect(dialog.get_by_text("Column 11")).to_be_visible()
    expression.fill(EXPRESSION)
    expect(dialog.get_by_text("Matches 0 workers")).to_be_visible()
    dialog.get_by_role("button", name="Save queue").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("row").filter(has_text=QUEUE)).to_contain_text(EXPRESSION)

    # The workflow gets a filter that leads to it.
    page.get_by_role("tab", name="Workflows").click()
    page.get_by_role("link", name=workflow).click()
    page.get_by_role("button", name="Add filter").click()
    page.get_by_label("Name of filter 1").fill("Bills")
    page.get_by_role("textbox", name="Tasks of Bills").fill("topic == 'bill'")
    page.get_by_role("combobox", name="First wait in").click()
    page.get_by_role("option", name=QUEUE).click()
    page.get_by_role("button", name="Save workflow").click()
    expect(page.get_by_text("Workflow saved")).to_be_visible()

    # A task of that kind waits, and says why in words.
    sids = {each["friendly_name"]: each["sid"] for each in routing(desk, "Workflows")["workflows"]}
    routing(
        desk, "Tasks", WorkflowSid=sids[workflow], TaskChannel="chat", Attributes='{"topic": "bill", "name": "Kim"}'
    )
    page.get_by_role("tab", name="Waiting tasks").click()
    page.get_by_role("button", name="Why is it waiting? Kim").click()
    why = page.get_by_role("dialog", name="Why is this task waiting?")
    expect(why.get_by_role("region", name="Where it waits")).to_contain_text(f"{QUEUE}: it matches the filter “Bills”")
    expect(why.get_by_role("region", name="Who could take it")).to_contain_text("to this queue (skills)")


def test_shows_a_supervisor_everything_and_lets_nothing_be_changed(people: Callable[..., Page]) -> None:
    page = people("supervisor", log_in=True, path="/routing/queues")

    page.get_by_role("button", name="Look at Everyone").click()
    dialog = page.get_by_role("dialog", name="Queue")

    expect(dialog.get_by_label("Name")).not_to_be_editable()
    expect(dialog.get_by_role("button", name="Save queue")).to_have_count(0)
    expect(page.get_by_role("button", name="New queue", include_hidden=True)).to_have_count(0)
