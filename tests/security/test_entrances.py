"""
Every entrance with what an attacker would send: nothing is a fault of ours, and nothing is stored.

What only one part can know is tested with that part; docs/security.md says where.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.test import Client
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from accounts.services import create_user
from channels_app import ingress
from channels_app.adapters import ADAPTERS
from channels_app.services import create_connection
from common import clock, ids
from conversations.models import Message
from realtime import tokens
from realtime.frames import MAX_FRAME
from tests.channels_app.adapters.test_contract import CREDENTIALS
from tests.factories import make_account
from tests.sdk import basic

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
ADDRESSES = {"sms": "+15557771212", "whatsapp": "whatsapp:+15557771212", "chat": "shop"}


# Providers' webhooks


def knock(
    path: str, *, method: str = "POST", query: bytes = b"", headers: Any = (), body: bytes = b""
) -> tuple[int, bytes]:
    """Send a request to the lean way in, as the server would hand it over."""
    sent: list[dict[str, Any]] = []
    scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": list(headers)}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    async_to_sync(ingress.application)(scope, receive, send)
    return sent[0]["status"], b"".join(event.get("body", b"") for event in sent[1:])


header_names = st.sampled_from(
    [b"content-type", b"x-twilio-signature", b"x-hub-signature-256", b"x-goog-signature", b"authorization", b"i-twilio"]
)
HOSTILE = {
    "method": st.sampled_from(["GET", "POST", "PUT", "TRACE"]),
    "query": st.binary(max_size=40),
    "headers": st.lists(st.tuples(header_names, st.binary(max_size=40)), max_size=4),
    "body": st.binary(max_size=200)
    | st.sampled_from([b"[" * 2000, b'{"entry":null}', b"a=%ff&a=b", b"NumMedia=99999999"]),
}


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda one: f"{one.provider}-{one.channel_types[0]}")
def test_no_bytes_are_a_fault_of_a_webhook(adapter: Any, inline_ingress: None) -> None:
    wanted = {field.name for field in adapter.credential_fields}
    row = create_connection(
        account_id=make_account().id,
        type=adapter.channel_types[0],
        provider=adapter.provider,
        address=ADDRESSES.get(adapter.channel_types[0], f"{adapter.channel_types[0]}:somebody"),
        credentials={name: value for name, value in CREDENTIALS.items() if name in wanted},
        now=clock.now(),
    )
    seen: set[int] = set()

    @seed(8)
    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(**HOSTILE)
    def run(method: str, query: bytes, headers: Any, body: bytes) -> None:
        status, answer = knock(f"/webhooks/{row.sid}", method=method, query=query, headers=headers, body=body)
        seen.add(status)
        assert status in (400, 403, 404, 405), answer
        assert json.loads(answer)["status"] == status

    run()

    assert 405 in seen
    assert seen - {405}
    assert not Message.objects.exists()


def test_an_unknown_or_malformed_connection_is_not_there(inline_ingress: None) -> None:
    for sid in ("CN" + "0" * 32, "CNx", "", "../../etc/passwd", "CN" + "0" * 5000, "\x00"):
        assert knock(f"/webhooks/{sid}")[0] == 404


# Bodies


def test_a_body_past_the_bound_is_refused_at_every_entrance(inline_ingress: None) -> None:
    account = make_account()
    admin = create_user(account_id=account.id, username="ada", password=PASSWORD, role="admin")
    big = b'{"a":"' + b"x" * django_settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"}'
    client = Client(raise_request_exception=False)
    headers = {"Authorization": basic(account.sid, account.auth_token)}
    form = "application/x-www-form-urlencoded"

    statuses = {
        "webhook": knock("/webhooks/CN" + "0" * 32, body=b"x" * (ingress.MAX_BODY_BYTES + 1))[0],
        "REST, form": client.post("/studio/v2/Flows", big, content_type=form, headers=headers).status_code,
        "REST, JSON": client.post(
            "/taskrouter/v1/Workspaces", big, content_type="application/json", headers=headers
        ).status_code,
        "web chat": client.post("/webchat/v1/sessions", big, content_type="application/json").status_code,
        "log-in": client.post("/app/v1/session", big, content_type="application/json").status_code,
    }
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    statuses["browser"] = client.post("/app/v1/flows", big, content_type="application/json").status_code

    assert statuses == dict.fromkeys(statuses, 413)
    # What a socket takes in one frame: the server closes it on more (1009), the consumer refuses what is left.
    assert MAX_FRAME <= 256 * 1024


# Log-in


def log_in(username: str, password: str, **headers: str) -> int:
    answer = Client(REMOTE_ADDR=headers.pop("address", "203.0.113.7"), headers=headers or None).post(
        "/app/v1/session", {"username": username, "password": password}, content_type="application/json"
    )
    return answer.status_code


def test_guessing_passwords_is_over_after_eight_whatever_the_guesser_says_of_itself() -> None:
    account = make_account()
    for name in ("mia", "ben"):
        create_user(account_id=account.id, username=name, password=PASSWORD, role="agent")

    guesses = [
        log_in("mia", f"guess {n}", **{"X-Forwarded-For": f"198.51.100.{n}", "User-Agent": str(n)}) for n in range(12)
    ]

    assert guesses[:7] == [400] * 7
    assert guesses[8:] == [429] * 4
    # Not even with the right password; other people and other addresses are not locked out with it.
    assert log_in("mia", PASSWORD) == 429
    assert log_in("ben", PASSWORD) == 200
    assert log_in("mia", PASSWORD, address="203.0.113.8") == 200


def test_an_unknown_name_is_answered_and_locked_out_like_a_known_one() -> None:
    create_user(account_id=make_account().id, username="mia", password=PASSWORD, role="agent")

    assert [log_in("mia", "x") for _ in range(9)] == [log_in("nobody", "x") for _ in range(9)]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"AC" + b"0" * 32).decode(),
        "Basic " + base64.b64encode(b"AC" + b"0" * 32 + b":\xff").decode(),
        "Basic " + base64.b64encode(b"SK" + b"0" * 32 + b":x").decode(),
        "Basic " + base64.b64encode(b"\x00:\x00").decode(),
        "Bearer x",
    ],
)
def test_what_is_no_credential_is_refused(header: str) -> None:
    answer = Client().get("/studio/v2/Flows", headers={"Authorization": header})

    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


# Web chat's tokens


def changed(token: str, **claims: Any) -> str:
    """Return a token with other claims under its old signature."""
    head, body, signature = token.split(".")
    told = json.loads(base64.urlsafe_b64decode(body + "==")) | claims
    return ".".join((head, base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("="), signature))


def test_a_token_cannot_be_turned_into_another(monkeypatch: pytest.MonkeyPatch) -> None:
    now, other = clock.now(), ids.uuid7()
    token, _ = tokens.issue(account_id=ids.uuid7(), conversation_id=ids.uuid7(), identity="ada", now=now)
    head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    forged = [
        changed(token, con=other.hex),
        changed(token, acc=other.hex),
        changed(token, sub="bob"),
        changed(token, exp=4_000_000_000),
        f"{head}.{token.split('.')[1]}.",
        token[:-4],
        token + "x",
        "",
    ]

    assert tokens.read(token, now=now).identity == "ada"
    for each in forged:
        with pytest.raises(tokens.TokenRefused):
            tokens.read(each, now=now)
    with pytest.raises(tokens.TokenRefused):
        tokens.read(token, now=now + tokens.LIFE)


# Pages


def test_every_page_forbids_scripts_and_frames_of_others() -> None:
    for path in ("/login", "/flows", "/console", "/executions", "/settings/doctor"):
        policy = Client().get(path).headers["Content-Security-Policy"]

        directives = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
        assert directives["script-src"] == ["'self'"]
        assert directives["object-src"] == ["'none'"]
        assert directives["base-uri"] == ["'none'"]
        assert directives["frame-ancestors"] == ["'none'"]
