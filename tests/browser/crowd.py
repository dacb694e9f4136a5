"""Customers who are plain clients of their channels: each remembers what was said, by whom, and what reached it."""

from __future__ import annotations

import itertools
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.channels_app.providers import KEYS, Channel
from tests.factories import definition, state
from tests.standins import RunningStandin

PATIENCE_SECONDS = 20.0
_numbers = itertools.count(1)
# What each provider's account is asked for; the stand-in knows these.
CREDENTIALS = {
    "twilio": {"account_sid": KEYS.twilio_account_sid, "auth_token": KEYS.twilio_auth_token},
    "meta": {
        "phone_number_id": KEYS.meta_phone_number_id,
        "page_id": KEYS.meta_page_id,
        "access_token": KEYS.meta_access_token,
        "app_secret": KEYS.meta_app_secret,
        "verify_token": KEYS.meta_verify_token,
    },
}


@dataclass
class Customer(ABC):
    """``said``: (is it the customer who said it, text), in the order in which it was said."""

    name: str
    said: list[tuple[bool, str]] = field(default_factory=list, init=False)

    def write(self, text: str) -> None:
        self.said.append((True, text))
        self.send(text)

    def told(self, text: str) -> None:
        """Note what somebody of ours says, and wait until it has reached the customer."""
        self.said.append((False, text))
        self.wait_for(text)

    def ask_for(self, *words: str) -> None:
        """Begin the conversation, and answer the flow's question so that it leads to a desk."""
        self.write("Good morning")
        self.told("Which desk?")
        self.write(" ".join((*words, self.name)))

    @property
    def ours(self) -> list[str]:
        """All that the flow, agents and supervisors said."""
        return [text for is_mine, text in self.said if not is_mine]

    def wait_for(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in self.heard():
            assert time.monotonic() < deadline, f"{self.name} has not got {text!r}, but {self.heard()}"
            time.sleep(0.05)

    @abstractmethod
    def send(self, text: str) -> None:
        """Send a message, and return when the house has taken it."""

    @abstractmethod
    def heard(self) -> list[str]:
        """Return what has reached the customer's own device, in that order."""

    @abstractmethod
    def conversation_sid(self, api: httpx.Client) -> str:
        """Return the customer's only conversation."""


@dataclass
class Telephone(Customer):
    """Somebody whose messages a provider carries; what reaches them is what the provider's stand-in took."""

    channel: Channel
    webhook_url: str
    standin: RunningStandin

    def send(self, text: str) -> None:
        webhook = self.channel.said(self.webhook_url, next(_numbers), text)
        answer = httpx.post(webhook.url, content=webhook.body, headers=webhook.headers, trust_env=False, timeout=30)
        assert answer.status_code == 200, answer.text

    def heard(self) -> list[str]:
        return self.standin.ledger.bodies(self.channel.customer)

    def conversation_sid(self, api: httpx.Client) -> str:
        query = {"Address": self.channel.customer}
        found = api.get("/conversations/v1/ParticipantConversations", params=query).raise_for_status().json()
        (row,) = found["conversations"]
        return str(row["conversation_sid"])


@dataclass
class Visitor(Customer):
    """A web chat by its socket, as a customer's own app would speak it."""

    base_url: str
    deployment_key: str
    sockets: ExitStack = field(repr=False)
    session: dict[str, Any] = field(default_factory=dict, init=False)
    socket: ClientConnection = field(init=False, repr=False)
    events: list[dict[str, Any]] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        asked = {"deployment_key": self.deployment_key, "pre_engagement_data": {"name": self.name}}
        begun = httpx.post(f"{self.base_url}/webchat/v1/sessions", json=asked, trust_env=False, timeout=30)
        self.session = begun.raise_for_status().json()
        address = f"{self.base_url.replace('http', 'ws', 1)}/ws/webchat/?after=-1&token={self.session['token']}"
        self.socket = self.sockets.enter_context(connect(address, proxy=None, open_timeout=30))

    def send(self, text: str) -> None:
        ref = f"{self.name} {next(_numbers)}"
        self.socket.send(json.dumps({"type": "message", "body": text, "ref": ref}))
        self._listen_until(lambda event: event["type"] == "ack" and event["ref"] == ref)

    def heard(self) -> list[str]:
        while self._listen(0.05) is not None:
            pass
        # The customer's own messages come too, for their other tabs.
        return [each["body"] for each in self.messages() if each["source"] != "customer"]

    def messages(self) -> list[dict[str, Any]]:
        return [event for event in self.events if event["type"] == "message"]

    def conversation_sid(self, api: httpx.Client) -> str:
        return str(self.session["conversation_sid"])

    def _listen(self, seconds: float) -> dict[str, Any] | None:
        try:
            event = json.loads(self.socket.recv(timeout=seconds))
        except (TimeoutError, ConnectionClosed):
            return None
        self.events.append(event)
        return dict(event)

    def _listen_until(self, is_it: Callable[[dict[str, Any]], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (event := self._listen(1)) is None or not is_it(event):
            assert time.monotonic() < deadline, f"{self.name} waits in vain; heard {self.events}"


def post(api: httpx.Client, path: str, **form: str) -> dict[str, Any]:
    answer = api.post(path, data=form)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


def lead_to(api: httpx.Client, name: str, workflow_sid: str) -> str:
    """Publish a flow that asks for skill, desk and name, and hands over."""
    word = "{{{{widgets.ask.inbound.Body | split: ' ' | slice: {at} | join: ''}}}}"
    attributes = {"skill": word.format(at=0), "desk": word.format(at=1), "customerName": word.format(at=2)}
    exits = {"incomingMessage": "agent", "timeout": None, "deliveryFailure": None}
    handed = {"workflow": workflow_sid, "channel": "chat", "attributes": json.dumps(attributes)}
    flow = definition(
        state(
            "ask",
            "send-and-wait-for-reply",
            exits,
            body="Which desk?",
            timeout="3600",
            **{"from": "{{flow.channel.address}}"},
        ),
        state("agent", "send-to-flex", {"callComplete": None, "failedToEnqueue": None}, **handed),
        trigger={"incomingMessage": "ask", "incomingConversationMessage": "ask", "incomingRequest": "ask"},
    )
    row = post(api, "/studio/v2/Flows", FriendlyName=name, Status="published", Definition=json.dumps(flow))
    return str(row["sid"])


def open_line(
    api: httpx.Client, type: str, provider: str, address: str, flow_sid: str, url: str = ""
) -> dict[str, Any]:
    """Make a sender that a flow answers; returns the connection."""
    of_provider = {"ApiBaseUrl": url, "Credentials": json.dumps(CREDENTIALS[provider])} if url else {}
    made = post(api, "/channels/v1/Connections", Type=type, Provider=provider, Address=address, **of_provider)
    target = {
        "AutoCreation.Enabled": "true",
        "AutoCreation.Type": "studio",
        "AutoCreation.StudioFlowSid": flow_sid,
    }
    configured = post(api, "/conversations/v1/Configuration/Addresses", Type=type, Address=address, **target)
    return made | {"address_configuration_sid": configured["sid"]}


def close_line(api: httpx.Client, line: dict[str, Any]) -> None:
    """Take back what ``open_line`` made, so that the address can be had again."""
    api.delete(f"/conversations/v1/Configuration/Addresses/{line['address_configuration_sid']}").raise_for_status()
    api.delete(f"/channels/v1/Connections/{line['sid']}").raise_for_status()
