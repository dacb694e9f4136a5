"""The test button, and the log of what providers post: how somebody finds out why a channel does not work."""

from __future__ import annotations

from typing import Any

import pytest

from channels_app import traffic
from channels_app.models import Connection, TrafficEntry
from channels_app.services import update_connection
from common import clock
from tests.channels_app.conftest import CREDENTIALS, House, connect, google_credentials
from tests.channels_app.providers import KEYS, Channel, post, url_of
from tests.flows.api.browser import Browser
from tests.standins import RunningStandin

pytestmark = pytest.mark.usefixtures("inline_ingress")


@pytest.fixture
def admin(account: Any) -> Browser:
    return Browser(account)


def probe(admin: Browser, row: Connection) -> tuple[bool, str]:
    _, answer = admin.post(f"connections/{row.sid}/test", {})
    return answer["works"], answer["message"]


def test_says_that_each_channel_works(channel: Channel, line: House, standin: RunningStandin, admin: Browser) -> None:
    works, message = probe(admin, line.connection)

    assert (works, "accepts" in message) == (True, True), message
    assert standin.ledger.messages == []


@pytest.mark.parametrize(
    ("provider", "type", "address", "changed", "why"),
    [
        ("twilio", "sms", "+15557771212", {"auth_token": "wrong"}, "Authenticate (20003)"),
        ("twilio", "sms", "+15550009999", {}, "The account has no phone number +15550009999"),
        ("twilio", "sms", "+15557771212", {"account_sid": ""}, "The credential 'account_sid' is missing"),
        ("meta", "whatsapp", "whatsapp:+15556459128", {"access_token": "x"}, "Invalid OAuth access token"),
        ("meta", "whatsapp", "whatsapp:+15550001111", {}, "is that of +1 555-645-9128, not of whatsapp:+15550001111"),
        ("meta", "messenger", "messenger:123", {}, "The page id is not the one of messenger:123"),
        ("meta", "whatsapp", "whatsapp:+15556459128", {"app_secret": "x"}, "Invalid appsecret_proof"),
        ("google", "rcs", "rcs:another", {}, "The agent id is not the one of rcs:another"),
        ("google", "rcs", "rcs:another", {"agent_id": "another"}, "The agent is not this account's"),
        ("google", "rcs", "rcs:our-agent", {"client_email": "else@x.example"}, "Invalid issuer or scope"),
        ("google", "gbm", "gbm:our-agent", {"private_key": "nonsense"}, "is not an RSA key in PEM form"),
        ("meta", "messenger", "messenger:123", {"app_secret": ""}, "The credential 'app_secret' is missing"),
    ],
)
def test_says_why_a_connection_does_not_work(
    account: Any,
    standin: RunningStandin,
    admin: Browser,
    provider: str,
    type: str,
    address: str,
    changed: dict[str, str],
    why: str,
) -> None:
    google = google_credentials(standin) if provider == "google" else {}
    row = connect(account, provider, standin, type=type, address=address, credentials=google)
    Connection.objects.filter(id=row.id).update(
        sealed_credentials=_sealed({**CREDENTIALS.get(provider, google), **changed})
    )

    works, message = probe(admin, row)

    assert (works, why in message) == (False, True), message


def _sealed(credentials: dict[str, str]) -> str:
    from common import crypto

    return crypto.encrypt_json({name: value for name, value in credentials.items() if value})


def test_says_that_nobody_answers(account: Any, standin: RunningStandin, admin: Browser, settings: Any) -> None:
    row = connect(account, "twilio", standin)
    settings.HTTP_ALLOW = []

    works, message = probe(admin, row)

    assert (works, "not a public address" in message) == (False, True), message


def test_keeps_what_providers_post(channel: Channel, line: House, admin: Browser) -> None:
    webhook = channel.said(url_of(line.connection), 1, "hello")
    post(line.connection, webhook)
    forged = {name: "x" if "signature" in name else value for name, value in webhook.headers.items()}
    post(line.connection, webhook, headers=forged)
    traffic.recorder.flush()

    refused, taken = admin.get(f"connections/{line.connection.sid}/traffic")[1]["traffic"]
    assert (taken["direction"], taken["status"], taken["error"]) == ("in", 200, "")
    assert taken["request"] == webhook.body.decode()
    assert (refused["status"], refused["request"]) == (403, "(not kept)")
    assert "signature does not match" in refused["error"]


def test_keeps_the_newest_of_a_flood(account: Any, standin: RunningStandin) -> None:
    row = connect(account, "twilio", standin)
    other = connect(account, "meta", standin, type="whatsapp", address="whatsapp:+15556459128")
    from channels_app.adapters.values import WebhookRequest

    def note(connection: Connection, number: int) -> None:
        traffic.note(
            account_id=account.id,
            connection_id=connection.id,
            request=WebhookRequest("POST", "https://desk.example/x?secret=1", {}, body=str(number).encode()),
            status=200,
            answer=b"",
            is_trusted=True,
            duration_seconds=0.1,
        )

    note(other, 0)
    for number in range(100):
        note(row, number)
    traffic.recorder.flush()
    traffic.recorder.flush()

    kept = list(TrafficEntry.objects.filter(connection_id=row.id).order_by("id").values_list("request", flat=True))
    assert kept == [str(number) for number in range(80, 100)]
    assert TrafficEntry.objects.get(connection_id=other.id).url == "https://desk.example/x?…"


def test_a_changed_key_holds_at_once(account: Any, standin: RunningStandin, admin: Browser) -> None:
    row = connect(account, "twilio", standin)
    update_connection(account_id=account.id, connection_id=row.id, credentials={"auth_token": "other"}, now=clock.now())

    assert probe(admin, row) == (False, "Authenticate (20003)")
    assert KEYS.twilio_auth_token not in str(admin.get("connections"))
