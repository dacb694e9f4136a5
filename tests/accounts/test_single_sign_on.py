"""Single sign-on: who is let in by an identity provider, as whom, and who is not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.test import Client

from accounts.models import Account, AuditEntry, ExternalIdentity, IdentityProvider, User
from accounts.services import create_user
from accounts.sso.providers import create_provider
from common import clock, http
from tests.factories import make_account

pytestmark = pytest.mark.django_db
ISSUER = "https://login.acme.test/realms/acme"
CLIENT = "flowdesk"


class Provider:
    """An OpenID Connect provider behind the guarded client: it says who logs in, and notes what it was asked."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {
            "sub": "person-1",
            "email": "mia@acme.test",
            "email_verified": True,
            "name": "Mia Moll",
            "preferred_username": "mia",
        }
        self.asked: list[http.HttpRequest] = []
        self.is_down = False

    def fetch(self, request: http.HttpRequest, **_: Any) -> http.HttpAnswer:
        self.asked.append(request)
        path = urlsplit(request.url).path
        if self.is_down:
            raise http.RequestFailed("nobody there")
        if path.endswith("/.well-known/openid-configuration"):
            body: dict[str, Any] = {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/auth",
                "token_endpoint": f"{ISSUER}/token",
                "userinfo_endpoint": f"{ISSUER}/userinfo",
                "jwks_uri": f"{ISSUER}/keys",
            }
        elif path.endswith("/token"):
            claims = {"iss": ISSUER, "aud": CLIENT, "exp": int(time.time()) + 60, "iat": int(time.time())}
            token = jwt.encode({**claims, **self.claims}, "x" * 32, algorithm="HS256")
            body = {"access_token": "opens-userinfo", "token_type": "Bearer", "expires_in": 60, "id_token": token}
        elif path.endswith("/userinfo"):
            assert request.headers["Authorization"] == "Bearer opens-userinfo"
            body = self.claims
        else:
            return http.HttpAnswer(404, {}, b"", request.url)
        return http.HttpAnswer(200, {"content-type": "application/json"}, json.dumps(body).encode(), request.url)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    made = Provider()
    monkeypatch.setattr("common.http.fetch_sync", made.fetch)
    return made


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.fixture
def make(account: Account) -> Callable[..., IdentityProvider]:
    def create(**values: Any) -> IdentityProvider:
        defaults: dict[str, Any] = {
            "slug": "acme",
            "name": "Acme",
            "issuer": ISSUER,
            "client_id": CLIENT,
            "client_secret": "s3cret",
            "new_user_role": "",
            "domains": [],
        }
        return create_provider(account_id=account.id, actor="system", now=clock.now(), **{**defaults, **values})

    return create


def come_back(browser: Client, **changes: str) -> Any:
    """Go to the provider and come back with a code."""
    there = browser.get("/sso/acme/login/")
    assert there.status_code == 302, there.content
    query = {name: values[0] for name, values in parse_qs(urlsplit(there["Location"]).query).items()}
    assert query["redirect_uri"] == "http://testserver/sso/acme/login/callback/"
    assert query["code_challenge_method"] == "S256"
    return browser.get("/sso/acme/login/callback/", {"code": "abc", "state": query["state"], **changes})


def who(browser: Client) -> str | None:
    answer = browser.get("/app/v1/session")
    return answer.json()["user"]["username"] if answer.status_code == 200 else None


def said(answer: Any) -> str:
    parts = urlsplit(answer["Location"])
    assert parts.path == "/login"
    return parse_qs(parts.query)["error"][0]


def test_lets_a_known_user_in_and_keeps_to_the_subject(
    account: Account, provider: Provider, make: Callable[..., IdentityProvider]
) -> None:
    make()
    create_user(account_id=account.id, username="m.moll", password=None, role="agent", email="Mia@acme.test")
    first, second = Client(), Client()

    answer = come_back(first)
    provider.claims["email"] = "married@acme.test"
    come_back(second)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert (who(first), who(second)) == ("m.moll", "m.moll")
    assert ExternalIdentity.objects.get().subject == "person-1"
    assert AuditEntry.objects.get(action="identity.linked").changes["new_user"] is False


def test_brings_strangers_in_where_it_may(
    account: Account, provider: Provider, make: Callable[..., IdentityProvider]
) -> None:
    make(new_user_role="supervisor", domains=["acme.test"])
    create_user(account_id=make_account("Elsewhere").id, username="mia", password=None, role="admin")
    browser = Client()

    come_back(browser)

    user = User.objects.get(account_id=account.id)
    assert (user.username, user.role, user.display_name) == ("mia@acme.test", "supervisor", "Mia Moll")
    assert who(browser) == "mia@acme.test"
    assert not user.has_usable_password()


@pytest.mark.parametrize(
    ("claims", "values", "text"),
    [
        ({}, {}, "Nobody here has your e-mail address"),
        ({"email_verified": False}, {"new_user_role": "agent"}, "did not vouch for an e-mail address"),
        ({"email": ""}, {"new_user_role": "agent"}, "did not vouch for an e-mail address"),
        ({"email": "mia@evil.test"}, {"new_user_role": "agent", "domains": ["acme.test"]}, "evil.test may not log in"),
    ],
)
def test_lets_nobody_else_in(
    provider: Provider, make: Callable[..., IdentityProvider], claims: dict[str, Any], values: dict[str, Any], text: str
) -> None:
    make(**values)
    provider.claims |= claims
    browser = Client()

    answer = come_back(browser)

    assert text in said(answer)
    assert (who(browser), User.objects.count()) == (None, 0)


def test_finds_no_user_of_another_account_by_their_email(
    provider: Provider, make: Callable[..., IdentityProvider]
) -> None:
    make()
    elsewhere = make_account("Elsewhere")
    create_user(account_id=elsewhere.id, username="mia", password=None, role="admin", email="mia@acme.test")
    browser = Client()

    assert "Nobody here" in said(come_back(browser))
    assert who(browser) is None


def test_a_locked_user_stays_out(account: Account, provider: Provider, make: Callable[..., IdentityProvider]) -> None:
    make()
    user = create_user(account_id=account.id, username="mia", password=None, role="agent", email="mia@acme.test")
    come_back(Client())
    User.objects.filter(id=user.id).update(is_active=False)
    browser = Client()

    assert "locked" in said(come_back(browser))
    assert who(browser) is None


def test_takes_no_answer_that_nobody_asked_for(
    account: Account, provider: Provider, make: Callable[..., IdentityProvider]
) -> None:
    make()
    create_user(account_id=account.id, username="mia", password=None, role="agent", email="mia@acme.test")
    browser = Client()

    forged = come_back(browser, state="forged")
    cancelled = come_back(browser, error="access_denied")

    assert said(forged) == "Logging in there did not work. Try again."
    assert said(cancelled) == "You did not log in."
    assert who(browser) is None


def test_says_that_the_provider_cannot_be_reached(provider: Provider, make: Callable[..., IdentityProvider]) -> None:
    row = make()
    provider.is_down = True
    down = Client().get("/sso/acme/login/")
    row.enabled = False
    row.save()

    assert "cannot be reached" in said(down)
    assert Client().get("/sso/acme/login/").status_code == 404
    assert Client().get("/sso/other/login/").status_code == 404


def test_asks_no_private_address(make: Callable[..., IdentityProvider]) -> None:
    make(issuer="http://127.0.0.1:9/realm")

    assert "cannot be reached" in said(Client().get("/sso/acme/login/"))


def test_admins_set_providers_up_and_never_read_the_secret(account: Account, provider: Provider) -> None:
    boss = create_user(account_id=account.id, username="boss", password=None, role="admin")
    browser = Client()
    browser.force_login(boss, backend="django.contrib.auth.backends.ModelBackend")

    def call(method: str, path: str, **body: Any) -> tuple[int, Any]:
        answer = browser.generic(method, f"/app/v1/{path}", json.dumps(body), content_type="application/json")
        return answer.status_code, answer.json() if answer.content else None

    right = {"slug": "acme", "name": "Acme", "issuer": ISSUER, "client_id": CLIENT, "client_secret": "s3cret"}
    status, made = call("POST", "identity-providers", **right, new_user_role="agent", domains=["ACME.test"])
    taken = call("POST", "identity-providers", **right)[0]
    wrong = [
        call("POST", "identity-providers", **{**right, "slug": "b", **change})[0]
        for change in (
            {"slug": "A B"},
            {"issuer": "ftp://x"},
            {"client_secret": ""},
            {"domains": ["x y"]},
            {"name": " "},
        )
    ]
    changed = call("PUT", f"identity-providers/{made['sid']}", name="Acme Ltd", enabled=False)[1]
    offered = Client().get("/app/v1/session").json()["details"]["providers"]

    assert (status, made["domains"], made["callback_url"]) == (
        201,
        ["acme.test"],
        "http://testserver/sso/acme/login/callback/",
    )
    assert "s3cret" not in json.dumps([made, changed])
    assert (taken, wrong) == (409, [400] * 5)
    assert (changed["name"], changed["enabled"], changed["issuer"]) == ("Acme Ltd", False, ISSUER)
    assert IdentityProvider.objects.get().client_secret == "s3cret"
    assert offered == []
    assert call("DELETE", f"identity-providers/{made['sid']}")[0] == 204
