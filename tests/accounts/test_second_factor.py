"""Logging in with a code besides the password."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from django.test import Client

from accounts.models import Account, AuditEntry, User
from accounts.services import create_user
from common import clock
from tests.factories import make_account

pytestmark = pytest.mark.django_db
PASSWORD = "a long and rare password"


@pytest.fixture(autouse=True)
def still_clock() -> Iterator[Any]:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.fixture
def user(account: Account) -> User:
    return create_user(account_id=account.id, username="mia", password=PASSWORD, role="admin")


def call(client: Client, method: str, path: str, **body: Any) -> tuple[int, Any]:
    answer = client.generic(method, f"/app/v1/{path}", data_of(body), content_type="application/json")
    return answer.status_code, answer.json() if answer.content else None


def data_of(body: dict[str, Any]) -> bytes:
    import json

    return json.dumps(body).encode()


def log_in(client: Client, password: str = PASSWORD) -> tuple[int, Any]:
    return call(client, "POST", "session", username="mia", password=password)


def enrol(client: Client, user: User) -> tuple[pyotp.TOTP, list[str]]:
    """Set a second factor up for a user who is logged in by the password alone."""
    assert log_in(client)[0] == 200
    status, made = call(client, "POST", "profile/second-factor")
    assert status == 201
    assert made["qr_svg"].startswith("<?xml")
    app = pyotp.TOTP(made["secret"])
    status, kept = call(client, "PUT", "profile/second-factor", code=app.now())
    assert status == 200
    return app, kept["recovery_codes"]


def test_lets_in_with_the_code_of_the_moment_and_takes_it_once(user: User, still_clock: Any) -> None:
    app, _ = enrol(Client(), user)
    still_clock.shift(timedelta(minutes=1))
    browser, other = Client(), Client()

    first = log_in(browser)
    before = call(browser, "GET", "profile")[0]
    wrong = call(browser, "POST", "session/second-factor", code="000000")[0]
    status, session = call(browser, "POST", "session/second-factor", code=app.now())
    log_in(other)
    again = call(other, "POST", "session/second-factor", code=app.now())

    assert (first[0], first[1]["second_factor"], before) == (202, True, 401)
    assert (wrong, status, session["user"]["username"]) == (400, 200, "mia")
    assert call(browser, "GET", "profile")[1]["second_factor"] == {
        "on": True,
        "demanded": False,
        "recovery_codes_left": 10,
    }
    # Somebody who looked over the shoulder has come too late.
    assert again[0] == 400


def test_takes_each_recovery_code_once(user: User, still_clock: Any) -> None:
    _, codes = enrol(Client(), user)
    browser, other = Client(), Client()

    log_in(browser)
    first = call(browser, "POST", "session/second-factor", code=codes[0].upper())[0]
    log_in(other)
    second = call(other, "POST", "session/second-factor", code=codes[0])[0]

    assert (len(codes), len(set(codes)), first, second) == (10, 10, 200, 400)
    assert call(browser, "GET", "profile")[1]["second_factor"]["recovery_codes_left"] == 9


def test_locks_out_who_guesses_codes(user: User) -> None:
    enrol(Client(), user)
    browser = Client()
    log_in(browser)

    statuses = [call(browser, "POST", "session/second-factor", code=f"{number:06}")[0] for number in range(10)]

    assert statuses[0] == 400
    assert statuses[-1] == 429
    assert log_in(Client())[0] == 429


def test_a_code_without_the_password_opens_nothing(user: User, still_clock: Any) -> None:
    app, _ = enrol(Client(), user)
    still_clock.shift(timedelta(minutes=1))
    browser = Client()

    nobody = call(browser, "POST", "session/second-factor", code=app.now())[0]
    log_in(browser)
    still_clock.shift(timedelta(minutes=11))
    late = call(browser, "POST", "session/second-factor", code=app.now())[0]

    assert (nobody, late) == (401, 401)


def test_an_account_can_demand_it_of_everybody(account: Account, user: User, still_clock: Any) -> None:
    boss = Client()
    log_in(boss)
    assert call(boss, "PUT", "account", second_factor="all")[0] == 200
    browser = Client()

    status, session = log_in(browser)
    refused = call(browser, "GET", "users")
    app, _ = enrol(Client(), user)
    still_clock.shift(timedelta(minutes=1))
    log_in(browser)
    done = call(browser, "POST", "session/second-factor", code=app.now())

    assert (status, session["must_enrol"]) == (200, True)
    assert (refused[0], refused[1]["message"]) == (403, "Set up your second factor first")
    assert (done[0], done[1]["must_enrol"], call(browser, "GET", "users")[0]) == (200, False, 200)
    assert call(browser, "DELETE", "profile/second-factor", code="123456")[0] == 409


def test_ends_with_a_code_or_by_an_admin(account: Account, user: User, still_clock: Any) -> None:
    browser = Client()
    _, codes = enrol(browser, user)

    wrong = call(browser, "DELETE", "profile/second-factor", code="000000")[0]
    ended = call(browser, "DELETE", "profile/second-factor", code=codes[1])[0]
    assert (wrong, ended, log_in(Client())[0]) == (400, 204, 200)

    still_clock.shift(timedelta(minutes=1))
    enrol(browser, user)
    reset = call(browser, "DELETE", f"users/{user.sid}/second-factor")[0]
    elsewhere = make_account("Elsewhere")
    stranger = create_user(account_id=elsewhere.id, username="eve", password=PASSWORD, role="admin")
    eve = Client()
    eve.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")

    assert (reset, log_in(Client())[0]) == (204, 200)
    assert call(eve, "DELETE", f"users/{user.sid}/second-factor")[0] == 404
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert [action for action in actions if action.startswith("second_factor")] == [
        "second_factor.enabled",
        "second_factor.disabled",
        "second_factor.enabled",
        "second_factor.reset",
    ]


def test_changes_the_password_of_who_knows_it(user: User) -> None:
    browser, elsewhere = Client(), Client()
    log_in(browser)
    log_in(elsewhere)

    wrong = call(browser, "PUT", "profile/password", current="nonsense", password="another rare password")[0]
    weak = call(browser, "PUT", "profile/password", current=PASSWORD, password="short")[0]
    changed = call(browser, "PUT", "profile/password", current=PASSWORD, password="another rare password")[0]

    assert (wrong, weak, changed) == (400, 400, 204)
    assert call(browser, "GET", "profile")[0] == 200
    assert call(elsewhere, "GET", "profile")[0] == 401
    assert log_in(Client(), "another rare password")[0] == 200
