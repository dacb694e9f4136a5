"""Whatever a customer writes is text on every page that shows it: nothing runs, and nothing becomes an element."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Page, expect
from websockets.sync.client import connect

from tests.servers import Installation

RUNS = "window.ranHere=1"
HOSTILE = f"<img src=x onerror={RUNS}><script>{RUNS}</script>\"'><svg onload={RUNS}>"
LINKS = f'javascript:{RUNS} https://example.com/"onmouseover="{RUNS} [x](javascript:{RUNS}) data:text/html,<b>'
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def test_what_customers_write_is_never_run(people: Callable[..., Page], desk: Installation) -> None:
    known = desk.credentials()
    with httpx.Client(base_url=desk.base_url, trust_env=False, timeout=30) as http:
        conversation = begin_chat(http, known)
        hand_over(http, known, conversation)
        make_available(http, known, "Available")
    agent = people("ana", log_in=True, path="/console")
    agent.get_by_role("button", name="Accept").first.click()

    expect(agent.get_by_text("javascript:").first).to_be_visible()
    expect(agent.get_by_text("<img src=x").first).to_be_visible()
    assert_nothing_ran(agent)
    with httpx.Client(base_url=desk.base_url, trust_env=False, timeout=30) as http:
        end_tasks(http, known)
        make_available(http, known, "Offline")

    admin = people("admin", log_in=True, path="/executions")
    expect(admin.get_by_role("row").nth(1)).to_be_visible()
    assert_nothing_ran(admin)
    admin.get_by_role("row").nth(1).get_by_role("link").first.click()
    admin.wait_for_url(re.compile("/executions/FN"))
    expect(admin.get_by_text("Context").first).to_be_visible()
    assert_nothing_ran(admin)
    for path in ("/supervisor", "/contacts", "/routing", "/settings/audit"):
        admin.goto(path)
        expect(admin.get_by_role("heading").first).to_be_visible()
        admin.wait_for_timeout(300)
        assert_nothing_ran(admin)


def begin_chat(http: httpx.Client, known: dict[str, Any]) -> str:
    """Begin a web chat in which every text is hostile; returns the conversation's SID."""
    begun = http.post(
        "/webchat/v1/sessions",
        json={
            "deployment_key": known["webchat_deployment_key"],
            "pre_engagement_data": {"name": HOSTILE, "topic": HOSTILE, HOSTILE: HOSTILE},
        },
    )
    assert begun.status_code == 201, begun.text
    chat = begun.json()
    kept = http.post(
        "/webchat/v1/files",
        params={"filename": f"{HOSTILE}.png"},
        content=PNG,
        headers={"Authorization": f"Bearer {chat['token']}", "Content-Type": "image/png"},
    )
    assert kept.status_code == 201, kept.text
    address = f"{str(http.base_url).replace('http', 'ws', 1).rstrip('/')}/ws/webchat/?token={chat['token']}"
    with connect(address, origin=str(http.base_url).rstrip("/"), proxy=None) as socket:
        for number, body in enumerate((HOSTILE, LINKS)):
            media = {"media": [kept.json()["sid"]]} if number == 0 else {}
            socket.send(json.dumps({"type": "message", "body": body, "ref": str(number), **media}))
            while json.loads(socket.recv(timeout=20)).get("type") != "ack":
                pass
    changed = http.post(
        f"/conversations/v1/Conversations/{chat['conversation_sid']}",
        data={"FriendlyName": HOSTILE, "Attributes": json.dumps({HOSTILE: HOSTILE, "name": HOSTILE})},
        auth=(known["account_sid"], known["auth_token"]),
    )
    assert changed.status_code == 200, changed.text
    return str(chat["conversation_sid"])


def hand_over(http: httpx.Client, known: dict[str, Any], conversation: str) -> None:
    """Make a task of the conversation, whose attributes are as hostile."""
    channel = {"type": "web", "initiated_by": "customer", "properties": {"media_channel_sid": conversation}}
    routing = {
        "properties": {
            "workspace_sid": known["workspace_sid"],
            "workflow_sid": known["workflow_sid"],
            "task_channel_unique_name": "chat",
            "attributes": {"name": HOSTILE, "customerName": HOSTILE, "customerAddress": HOSTILE, HOSTILE: HOSTILE},
        }
    }
    made = http.post(
        "/flex-api/v1/Interactions",
        data={"Channel": json.dumps(channel), "Routing": json.dumps(routing)},
        auth=(known["account_sid"], known["auth_token"]),
    )
    assert made.status_code in (200, 201), made.text


def make_available(http: httpx.Client, known: dict[str, Any], activity: str) -> None:
    """Put the demo's agent Ana into an activity."""
    http.auth = (known["account_sid"], known["auth_token"])
    workspace = f"/taskrouter/v1/Workspaces/{known['workspace_sid']}"
    found = http.get(f"{workspace}/Activities").json()["activities"]
    (sid,) = [row["sid"] for row in found if row["friendly_name"] == activity]
    (worker,) = [user["worker_sid"] for user in known["users"] if user["username"] == "ana"]
    assert http.post(f"{workspace}/Workers/{worker}", data={"ActivitySid": sid}).status_code == 200


def end_tasks(http: httpx.Client, known: dict[str, Any]) -> None:
    """Leave the desk as it was found, for the tests that come after."""
    http.auth = (known["account_sid"], known["auth_token"])
    tasks = f"/taskrouter/v1/Workspaces/{known['workspace_sid']}/Tasks"
    for row in http.get(tasks, params={"AssignmentStatus": "pending,reserved,assigned,wrapping"}).json()["tasks"]:
        assert http.delete(f"{tasks}/{row['sid']}").status_code == 204


def assert_nothing_ran(page: Page) -> None:
    assert page.evaluate("window.ranHere") is None
    found = page.locator(
        "img[src='x'], svg[onload], [onerror], [onmouseover], a[href^='javascript:'], a[href^='data:']"
    )
    assert found.count() == 0, found.first.evaluate("element => element.outerHTML")
