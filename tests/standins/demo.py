"""
``make providers``: the stand-ins beside a running Flowdesk, and a page on which one plays the customer of any channel.

The demo account gets a connection for every channel, by the API that any integrator uses; what Flowdesk sends is
checked as the provider would check it, and its delivery is told at once.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from tests.standins.app import Standin, read_body, reply
from tests.standins.channels import CHANNELS, KEYS, Channel
from tests.standins.ledger import GOOGLE_PRIVATE_KEY, Answer, SentMessage

ROOT = Path(__file__).parents[2]
PAGE = Path(__file__).with_name("demo.html")
# Of the demo account: whose flow answers here, too.
DEMO_SMS = "+15550100001"


def credentials_of(channel: Channel, url: str) -> dict[str, str]:
    """Return what a connection of a channel needs to talk to the stand-in."""
    match channel.provider:
        case "twilio":
            return {"account_sid": KEYS.twilio_account_sid, "auth_token": KEYS.twilio_auth_token}
        case "meta":
            own = {"phone_number_id": KEYS.meta_phone_number_id, "page_id": KEYS.meta_page_id}
            shared = {"access_token": KEYS.meta_access_token, "app_secret": KEYS.meta_app_secret}
            name = "phone_number_id" if channel.type == "whatsapp" else "page_id"
            return {name: own[name], **shared, "verify_token": KEYS.meta_verify_token}
        case _:
            agent = {"agent_id": KEYS.google_agent_id} if channel.type == "rcs" else {}
            return {
                **agent,
                "client_token": KEYS.google_client_token,
                "client_email": KEYS.google_client_email,
                "private_key": GOOGLE_PRIVATE_KEY,
                "token_url": f"{url}/token",
            }


def connect(api: httpx.Client, url: str) -> dict[str, str]:
    """Make or renew the connections, answered by the flow of the demo's number; returns their webhook addresses."""
    rows = api.get("/channels/v1/Connections", params={"PageSize": 1000}).raise_for_status().json()["connections"]
    known = {(row["provider"], row["address"]): row["sid"] for row in rows}
    configured = api.get("/conversations/v1/Configuration/Addresses", params={"PageSize": 1000}).raise_for_status()
    answered = {row["address"]: row["auto_creation"] for row in configured.json()["address_configurations"]}
    flow = answered.get(DEMO_SMS, {}).get("studio_flow_sid")
    found = {}
    for channel in CHANNELS:
        form = {"Credentials": json.dumps(credentials_of(channel, url)), "ApiBaseUrl": url}
        form["FriendlyName"] = f"{channel.type} by {channel.provider} (stand-in)"
        sid = known.get((channel.provider, channel.ours))
        if sid is None:
            form |= {"Type": channel.type, "Provider": channel.provider, "Address": channel.ours}
        made = api.post(f"/channels/v1/Connections/{sid}" if sid else "/channels/v1/Connections", data=form)
        found[name_of(channel)] = made.raise_for_status().json()["webhook_url"]
        if flow and channel.ours not in answered:
            target = {"AutoCreation.Enabled": "true", "AutoCreation.Type": "studio", "AutoCreation.StudioFlowSid": flow}
            address = {"Type": channel.type, "Address": channel.ours, **target}
            api.post("/conversations/v1/Configuration/Addresses", data=address).raise_for_status()
    return found


def name_of(channel: Channel) -> str:
    return f"{channel.type} by {channel.provider}"


class Demo:
    """The stand-in, with a page at ``/`` that says what a customer says, and shows what came."""

    def __init__(self, webhooks: dict[str, str], standin: Standin | None = None) -> None:
        self.standin = standin or Standin()
        self._webhooks = webhooks
        self._channels = {name_of(channel): channel for channel in CHANNELS}
        # Other numbers at every start: what is numbered as before would be taken for a repetition.
        self._numbers = itertools.count(int(time.time() * 1000))
        self._said: list[tuple[int, dict[str, Any]]] = []
        self._told: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        match scope.get("method"), scope.get("path"):
            case "GET", "/":
                await reply(send, Answer(200, {}, raw=PAGE.read_bytes(), content_type="text/html; charset=utf-8"))
            case "GET", "/_demo/talk":
                await reply(send, Answer(200, {"channels": list(self._channels), "messages": self.talk()}))
            case "POST", "/_demo/say":
                asked = json.loads(await read_body(receive))
                await reply(send, Answer(200, {"status": await self.say(asked["channel"], asked["body"])}))
            case _:
                await self.standin(scope, receive, send)
                task = asyncio.create_task(self.tell_deliveries())
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    def talk(self) -> list[dict[str, Any]]:
        """Return what was said on both sides, in order."""
        sent = [
            {"channel": name, "from": "Flowdesk", "body": one.body, "media": list(one.media)}
            for one in list(self.standin.ledger.messages)
            if (name := self._channel_of(one)) is not None
        ]
        for place, said in self._said:
            sent.insert(place, said)
        return sent

    async def say(self, name: str, body: str) -> int:
        """Post a customer's words as the provider does; returns what Flowdesk answered."""
        place = len(self.standin.ledger.messages) + len(self._said)
        self._said.append((place, {"channel": name, "from": "You", "body": body, "media": []}))
        webhook = self._channels[name].said(self._webhooks[name], next(self._numbers), body)
        return await _post(webhook)

    async def tell_deliveries(self) -> None:
        """Tell that what was taken since the last time has reached the customer."""
        for one in list(self.standin.ledger.messages):
            name = self._channel_of(one)
            if name is not None and one.external_id not in self._told:
                self._told.add(one.external_id)
                await _post(self._channels[name].delivered(self._webhooks[name], one))

    def _channel_of(self, sent: SentMessage) -> str | None:
        provider = "twilio" if sent.provider == "twilio" else "google" if sent.provider in ("gbm", "rcs") else "meta"
        return next(
            (
                name
                for name, channel in self._channels.items()
                if channel.provider == provider and channel.customer == sent.recipient
            ),
            None,
        )


async def _post(webhook: Any) -> int:
    async with httpx.AsyncClient(timeout=20) as client:
        answer = await client.request(webhook.method, webhook.url, headers=webhook.headers, content=webhook.body)
    return answer.status_code


def main() -> None:
    parser = argparse.ArgumentParser(description="Stand-ins for Twilio, Meta and Google beside a running Flowdesk")
    parser.add_argument("--port", type=int, default=9200)
    arguments = parser.parse_args()
    url = f"http://127.0.0.1:{arguments.port}"
    said = subprocess.run([sys.executable, "manage.py", "credentials"], cwd=ROOT, capture_output=True, check=False)
    if said.returncode:
        sys.exit(said.stderr.decode() or "There is no demo account: run `make run` first")
    found = json.loads(said.stdout)
    with httpx.Client(base_url=found["base_url"], auth=(found["account_sid"], found["auth_token"]), timeout=20) as api:
        try:
            webhooks = connect(api, url)
        except httpx.HTTPStatusError as error:
            sys.exit(f"{error.request.url}: {error.response.text}")
        except httpx.TransportError:
            sys.exit(f"Nobody answers at {found['base_url']}: start it with FLOWDESK_HTTP_ALLOW=127.0.0.0/8 make run")
    print(f"Play the customers of {len(webhooks)} channels at {url}, the agents at {found['base_url']}", flush=True)
    uvicorn.run(Demo(webhooks), host="127.0.0.1", port=arguments.port, log_level="warning", lifespan="off")


if __name__ == "__main__":
    main()
