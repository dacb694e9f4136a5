"""
``kill -9`` in the middle of 200 running conversations.

Customers write through signed webhooks and repeat themselves until they get a 200, as a provider does; replies
arrive at a provider's stand-in, which takes a message once for each idempotency key. Every process dies and is
started again, more than once. In the end every customer has every reply exactly once and in order, and every
hand-over made one task.
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from common import ids
from tests.factories import definition, state
from tests.servers import PASSWORD, Installation
from tests.standins import webhooks
from tests.standins.server import RunningStandin, running

pytestmark = pytest.mark.processes

CUSTOMERS = 200
AT_ONCE = 40
OURS = "+15550108888"
SAYS = ("hello", "ada", "blue", "bye")
PATIENCE_SECONDS = 150


def flow(echo_url: str, workflow_sid: str) -> dict[str, Any]:
    """Ask, look something up over HTTP, ask again, hand over: every kind of thing that can be half-done."""
    channel = {"from": "{{flow.channel.address}}"}

    def ask(name: str, body: str, then: str) -> dict[str, Any]:
        exits = {"incomingMessage": then, "timeout": None, "deliveryFailure": None}
        return state(name, "send-and-wait-for-reply", exits, body=body, timeout="3600", **channel)

    return definition(
        ask("name", "1 Your name?", "greet"),
        state(
            "greet",
            "send-message",
            {"sent": "colour", "failed": None},
            body="2 Hi {{widgets.name.inbound.Body}}",
            **channel,
        ),
        ask("colour", "3 Your colour?", "look-up"),
        state(
            "look-up",
            "make-http-request",
            {"success": "found", "failed": "lost"},
            method="GET",
            url=echo_url + "/?colour={{widgets.colour.inbound.Body}}",
        ),
        ask("found", "4 {{widgets.look-up.parsed.colour}} it is. Say bye.", "agent"),
        state("lost", "send-message", {"sent": None}, body="4 the look-up failed", **channel),
        state(
            "agent",
            "send-to-flex",
            {"callComplete": None, "failedToEnqueue": "no-agent"},
            workflow=workflow_sid,
            channel="chat",
            attributes='{"name": "{{widgets.name.inbound.Body}}"}',
        ),
        state("no-agent", "send-message", {"sent": None}, body="5 nobody is there", **channel),
    )


EXPECTED = ["1 Your name?", "2 Hi ada", "3 Your colour?", "4 blue it is. Say bye."]
# How many replies a customer waits for before the next message.
REPLIES_AFTER = (1, 3, 4, 4)


def test_loses_and_doubles_nothing_when_processes_are_killed(server: Installation) -> None:
    made = server.credentials()
    with running() as provider, echo_server() as echo_url:
        connection = set_up(server, made, provider, echo_url)
        crowd = Crowd(server, provider, connection)
        thread = threading.Thread(target=lambda: asyncio.run(crowd.talk()))
        thread.start()
        for progress in (0.2, 0.55):
            for role in server.roles:
                crowd.wait_for(progress)
                server.kill(role)
                time.sleep(0.3)
                server.start(role)
        thread.join(PATIENCE_SECONDS * 2)
        assert not thread.is_alive()
        assert crowd.errors == []

        got = {customer: provider.ledger.bodies(customer) for customer in crowd.customers}
        assert {customer: said for customer, said in got.items() if said != EXPECTED} == {}
        assert provider.ledger.without_key == 0
        assert wait_for_tasks(server, made) == CUSTOMERS


def set_up(server: Installation, made: dict[str, Any], provider: RunningStandin, echo_url: str) -> str:
    """Make a sender at the stand-in, and a flow that answers it, through the APIs; returns the connection's SID."""
    api = httpx.Client(
        base_url=server.base_url, auth=(made["account_sid"], made["auth_token"]), trust_env=False, timeout=30
    )
    connection = api.post(
        "/channels/v1/Connections",
        data={
            "Type": "sms",
            "Provider": "twilio",
            "Address": OURS,
            "ApiBaseUrl": provider.url,
            "RatePerSecond": "1000",
            "Credentials": json.dumps(
                {"account_sid": provider.keys.twilio_account_sid, "auth_token": provider.keys.twilio_auth_token}
            ),
        },
    )
    assert connection.status_code == 201, connection.text
    browser = httpx.Client(base_url=server.base_url, trust_env=False, timeout=30)
    token = browser.get("/app/v1/session").json()["details"]["csrf_token"]
    logged_in = browser.post(
        "/app/v1/session", json={"username": "admin", "password": PASSWORD}, headers={"X-CSRFToken": token}
    )
    headers = {"X-CSRFToken": logged_in.json()["csrf_token"]}
    content = flow(echo_url, made["workflow_sid"])
    created = browser.post(
        "/app/v1/flows", json={"friendly_name": "Kill", "definition": content}, headers=headers
    ).json()
    published = browser.post(
        f"/app/v1/flows/{created['sid']}/publish", json={"base_revision": created["revision"]}, headers=headers
    )
    assert published.status_code == 200, published.text
    address = browser.post(
        "/app/v1/addresses",
        json={"type": "sms", "address": OURS, "target": "studio", "flow_sid": created["sid"], "enabled": True},
        headers=headers,
    )
    assert address.status_code in (200, 201), address.text
    return str(connection.json()["sid"])


def wait_for_tasks(server: Installation, made: dict[str, Any]) -> int:
    """Return how many tasks there are, once there are enough; fails where a conversation has more than one."""
    api = httpx.Client(auth=(made["account_sid"], made["auth_token"]), trust_env=False, timeout=30)
    url = f"{server.base_url}/taskrouter/v1/Workspaces/{made['workspace_sid']}/Tasks?PageSize=1000"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        tasks = api.get(url).json()["tasks"]
        if len(tasks) >= CUSTOMERS or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    conversations = Counter(json.loads(task["attributes"])["conversationSid"] for task in tasks)
    assert set(conversations.values()) == {1}
    return len(tasks)


@contextmanager
def echo_server() -> Iterator[str]:
    """Serve what flows look up: the query, as JSON. Somebody else's server: it does not die with ours."""

    class Echo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(dict(parse_qsl(urlsplit(self.path).query))).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


class Crowd:
    """Customers who talk; ``errors`` says what went wrong for whom."""

    def __init__(self, server: Installation, provider: RunningStandin, connection_sid: str) -> None:
        self._server = server
        self._provider = provider
        self._url = f"{server.base_url}/webhooks/{connection_sid}"
        self.customers = [f"+1555600{number:04}" for number in range(CUSTOMERS)]
        self.errors: list[str] = []
        self._written = 0

    def wait_for(self, progress: float) -> None:
        """Return when that share of all messages was written."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._written < progress * CUSTOMERS * len(SAYS) and time.monotonic() < deadline:
            time.sleep(0.02)

    async def talk(self) -> None:
        room = asyncio.Semaphore(AT_ONCE)
        limits = httpx.Limits(max_connections=AT_ONCE)
        async with httpx.AsyncClient(trust_env=False, timeout=10, limits=limits) as client:

            async def one(customer: str) -> None:
                async with room:
                    try:
                        await self._converse(client, customer)
                    except Exception as error:
                        self.errors.append(f"{customer}: {type(error).__name__} {error}")

            await asyncio.gather(*(one(customer) for customer in self.customers))

    async def _converse(self, client: httpx.AsyncClient, customer: str) -> None:
        for text, replies in zip(SAYS, REPLIES_AFTER, strict=True):
            webhook = webhooks.twilio_message(
                self._url,
                token=self._provider.keys.twilio_auth_token,
                sid=ids.sid("SM", ids.uuid7()),
                sender=customer,
                recipient=OURS,
                body=text,
            )
            await self._until(lambda webhook=webhook: self._is_taken(client, webhook), f"{text!r} was not taken")
            self._written += 1
            await self._until(lambda count=replies: self._has(customer, count), f"no {replies} replies after {text!r}")

    async def _is_taken(self, client: httpx.AsyncClient, webhook: webhooks.SignedWebhook) -> bool:
        try:
            answer = await client.post(webhook.url, content=webhook.body, headers=webhook.headers)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200

    async def _has(self, customer: str, count: int) -> bool:
        return len(self._provider.ledger.bodies(customer)) >= count

    async def _until(self, happened: Callable[[], Any], otherwise: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not await happened():
            if time.monotonic() > deadline:
                raise TimeoutError(otherwise)
            await asyncio.sleep(0.1)
