"""A provider that does not answer holds up its own message, and nobody else's."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.servers import Installation
from tests.standins import Keys, RunningStandin, running, webhooks

pytestmark = pytest.mark.processes

KEYS = Keys()
OURS = ("+15557771212", "+15557771213")
HANGING, NEIGHBOUR, ELSEWHERE = "+15558670001", "+15558670002", "+15558670003"
PATIENCE_SECONDS = 20.0


def test_answers_others_while_a_provider_hangs(server: Installation) -> None:
    with running(KEYS) as standin:
        # Far longer than the test waits for anybody.
        standin.ledger.script("hang:30", recipient=HANGING)
        made = server.credentials()
        api = httpx.Client(
            base_url=server.base_url, auth=(made["account_sid"], made["auth_token"]), trust_env=False, timeout=30
        )
        urls = [connect(api, address, standin, made["flows"]) for address in OURS]

        write(urls[0], HANGING, OURS[0])
        wait_for(lambda: standin.ledger.hanging == 1)
        began = time.monotonic()
        write(urls[0], NEIGHBOUR, OURS[0])
        write(urls[1], ELSEWHERE, OURS[1])
        wait_for(lambda: {sent.recipient for sent in standin.ledger.messages} == {NEIGHBOUR, ELSEWHERE})
        took = time.monotonic() - began

        # It hangs still, and nothing was lost: once it answers, its customer gets the message too.
        assert standin.ledger.hanging == 1
        assert took < PATIENCE_SECONDS
        standin.ledger.is_released = True
        wait_for(lambda: HANGING in {sent.recipient for sent in standin.ledger.messages})


def connect(api: httpx.Client, address: str, standin: RunningStandin, flows: dict[str, str]) -> str:
    """Make a connection that a flow answers; returns where its provider posts to."""
    credentials = f'{{"account_sid": "{KEYS.twilio_account_sid}", "auth_token": "{KEYS.twilio_auth_token}"}}'
    made = api.post(
        "/channels/v1/Connections",
        data={
            "Type": "sms",
            "Provider": "twilio",
            "Address": address,
            "ApiBaseUrl": standin.url,
            "Credentials": credentials,
        },
    )
    api.post(
        "/conversations/v1/Configuration/Addresses",
        data={
            "Type": "sms",
            "Address": address,
            "AutoCreation.Enabled": "true",
            "AutoCreation.Type": "studio",
            "AutoCreation.StudioFlowSid": next(iter(flows.values())),
        },
    ).raise_for_status()
    return str(made.raise_for_status().json()["webhook_url"])


def write(url: str, sender: str, recipient: str) -> None:
    """Have a customer's message arrive."""
    sent: Any = webhooks.twilio_message(
        url,
        token=KEYS.twilio_auth_token,
        sid="SM" + sender[1:].zfill(32),
        sender=sender,
        recipient=recipient,
        body="hi",
    )
    answer = httpx.post(url, content=sent.body, headers=sent.headers, trust_env=False, timeout=30)
    assert answer.status_code == 200, answer.text


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
