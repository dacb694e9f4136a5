"""Connections: made, changed, removed; their keys never come back."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from accounts.services import create_user
from channels_app import queries, services
from channels_app.models import Connection
from common import clock
from tests.channels_app.conftest import CREDENTIALS, OURS, connect
from tests.factories import make_account


@pytest.fixture
def api(account: Any) -> Any:
    """Return a function that calls the REST API as the account."""
    return caller(account)


def caller(account: Any) -> Any:
    token = base64.b64encode(f"{account.sid}:{account.auth_token}".encode()).decode()
    client = Client(headers={"authorization": f"Basic {token}"})

    def call(method: str, path: str, **data: str) -> Any:
        return getattr(client, method)(f"/channels/v1/{path}", data)

    return call


TWILIO = {
    "Type": "sms",
    "Provider": "twilio",
    "Address": OURS,
    "FriendlyName": "Main line",
    "Credentials": '{"account_sid":"AC1","auth_token":"very-secret"}',
    "ApiBaseUrl": "http://127.0.0.1:9200/",
}


def test_creates_and_shows_a_connection_without_its_keys(api: Any, account: Any) -> None:
    created = api("post", "Connections", **TWILIO)

    assert created.status_code == 201
    body = created.json()
    assert body == {
        "sid": body["sid"],
        "account_sid": account.sid,
        "type": "sms",
        "provider": "twilio",
        "address": OURS,
        "friendly_name": "Main line",
        "status": "active",
        "api_base_url": "http://127.0.0.1:9200",
        "rate_per_second": None,
        "webhook_url": f"http://testserver/webhooks/{body['sid']}",
        "deployment_key": None,
        "date_created": body["date_created"],
        "date_updated": body["date_updated"],
        "url": f"http://testserver/channels/v1/Connections/{body['sid']}",
    }
    assert api("get", f"Connections/{body['sid']}").json() == body
    assert api("get", "Connections").json()["connections"] == [body]
    stored = Connection.objects.get()
    assert "very-secret" not in stored.sealed_credentials
    assert queries.receiver(stored.id).config.credentials["auth_token"] == "very-secret"  # type: ignore[union-attr]


def test_changes_only_what_is_named(api: Any) -> None:
    sid = api("post", "Connections", **TWILIO).json()["sid"]

    changed = api("post", f"Connections/{sid}", FriendlyName="Other", Credentials='{"auth_token":"newer"}')

    assert changed.json()["friendly_name"] == "Other"
    config = queries.receiver(Connection.objects.get().id).config  # type: ignore[union-attr]
    assert dict(config.credentials) == {"account_sid": "AC1", "auth_token": "newer"}


def test_takes_no_webhooks_for_a_disabled_connection(api: Any) -> None:
    sid = api("post", "Connections", **TWILIO).json()["sid"]

    api("post", f"Connections/{sid}", Status="disabled")

    assert queries.receiver(Connection.objects.get().id) is None
    assert queries.connection_for(Connection.objects.get().account_id, OURS) is None


def test_removes_a_connection(api: Any) -> None:
    sid = api("post", "Connections", **TWILIO).json()["sid"]

    assert api("delete", f"Connections/{sid}").status_code == 204
    assert api("get", f"Connections/{sid}").status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"Type": "pigeon"},
        {"Provider": "acme"},
        {"Provider": "google"},
        {"Provider": "web"},
        {"Address": "whatsapp:+15557771212"},
        {"Address": ""},
        {"Address": "+1555\x00"},
        {"Credentials": "{"},
        {"Credentials": "[]"},
        {"Credentials": '{"account_sid":"AC1"}'},
        {"Credentials": '{"account_sid":"AC1","auth_token":{"a":1}}'},
        {"ApiBaseUrl": "ftp://x"},
        {"ApiBaseUrl": "nonsense"},
        {"RatePerSecond": "fast"},
        {"RatePerSecond": "-1"},
        {"RatePerSecond": "nan"},
    ],
)
def test_says_what_is_wrong(api: Any, changes: dict[str, str]) -> None:
    answer = api("post", "Connections", **{**TWILIO, **changes})

    assert answer.status_code == 400
    assert answer.json()["code"] == 20001
    assert answer.json()["message"]
    assert not Connection.objects.exists()


def test_refuses_an_address_twice(api: Any) -> None:
    api("post", "Connections", **TWILIO)

    answer = api("post", "Connections", **TWILIO)

    assert (answer.status_code, answer.json()["code"]) == (409, 20409)


def test_shows_nothing_to_another_account(api: Any) -> None:
    sid = api("post", "Connections", **TWILIO).json()["sid"]
    stranger = caller(make_account("Other"))

    assert stranger("get", "Connections").json()["connections"] == []
    for method in ("get", "post", "delete"):
        assert stranger(method, f"Connections/{sid}").status_code == 404
    assert Connection.objects.count() == 1


@pytest.mark.parametrize("sid", ["CN1", "CN" + "0" * 32, "XX" + "0" * 32, "nonsense"])
def test_does_not_know_a_malformed_or_unknown_sid(api: Any, sid: str) -> None:
    answer = api("get", f"Connections/{sid}")

    assert (answer.status_code, answer.json()["code"]) == (404, 20404)


def test_asks_for_credentials() -> None:
    assert Client().get("/channels/v1/Connections").status_code == 401


def test_gives_web_chat_a_key_instead_of_a_webhook(account: Any) -> None:
    row = connect(account, "web", type="chat", address="Shop")

    assert queries.webhook_url(row) is None
    assert queries.connection_by_deployment_key(row.deployment_key or "") == row
    assert queries.receiver(row.id) is None


def test_writes_to_the_audit_log_which_keys_changed_and_not_to_what(account: Any) -> None:
    row = connect(account, "twilio")
    services.update_connection(
        account_id=account.id, connection_id=row.id, credentials={"auth_token": "n3w"}, actor="SK1", now=clock.now()
    )

    changed = AuditEntry.objects.get(action="connection.updated")

    assert (changed.actor, changed.changes) == ("SK1", {"credentials": ["auth_token"]})


def test_survives_credentials_of_another_secret_key(account: Any, settings: Any) -> None:
    row = connect(account, "twilio")
    settings.SECRET_KEY = "another"

    receiver = queries.senders([(account.id, OURS)])[account.id, OURS]

    assert dict(receiver.config.credentials) == {}
    assert row.id == receiver.connection_id


def browser(account: Any, role: str) -> Client:
    create_user(account_id=account.id, username=f"{role}-1", password="long enough password", role=role)
    client = Client()
    client.force_login(User.objects.get(username=f"{role}-1"), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_lets_admins_write_and_others_read(account: Any) -> None:
    new = {"type": "sms", "provider": "sandbox", "address": OURS}
    agent, admin = browser(account, "agent"), browser(account, "admin")

    refused = agent.post("/app/v1/connections", new, content_type="application/json")
    created = admin.post("/app/v1/connections", new, content_type="application/json")
    shown = agent.get("/app/v1/connections").json()["connections"]

    assert (refused.status_code, created.status_code) == (403, 201)
    assert shown == [created.json()]
    sid = created.json()["sid"]
    changed = admin.put(f"/app/v1/connections/{sid}", {"friendly_name": "A"}, content_type="application/json")
    assert changed.json()["friendly_name"] == "A"
    assert admin.get(f"/app/v1/connections/{sid}/traffic").json() == {"traffic": []}
    assert agent.get(f"/app/v1/connections/{sid}/traffic").status_code == 403
    assert admin.get("/app/v1/deliveries").json() == {"deliveries": []}
    assert admin.post("/app/v1/deliveries/PD" + "0" * 32).status_code == 404
    assert admin.delete(f"/app/v1/connections/{sid}").status_code == 204


def test_offers_every_provider_with_what_it_asks_for(account: Any) -> None:
    types = browser(account, "admin").get("/app/v1/connections/types").json()["types"]

    twilio = next(one for one in types if (one["provider"], one["type"]) == ("twilio", "whatsapp"))
    assert twilio["window_hours"] == 24
    assert {field["name"] for field in twilio["credentials"] if field["required"]} == set(CREDENTIALS["twilio"])
