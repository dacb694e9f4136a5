"""Logging in and out from the browser."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.services import create_user
from tests.factories import make_account

pytestmark = pytest.mark.django_db

PASSWORD = "a long password"


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def log_in(browser: Client, username: str, password: str = PASSWORD) -> tuple[int, dict[str, object]]:
    token = browser.get("/app/v1/session").json()["details"]["csrf_token"]
    answer = browser.post(
        "/app/v1/session",
        {"username": username, "password": password},
        content_type="application/json",
        headers={"X-CSRFToken": token},
    )
    return answer.status_code, answer.json()


def test_stays_logged_in_on_the_next_request(browser: Client) -> None:
    create_user(account_id=make_account("Acme").id, username="mia", password=PASSWORD, role="agent", name="Mia Moll")

    status, answered = log_in(browser, "mia")
    again = browser.get("/app/v1/session")

    assert (status, again.status_code) == (200, 200)
    assert again.json()["user"] == answered["user"]
    assert again.json()["user"]["name"] == "Mia Moll"


def test_is_nobody_after_logging_out(browser: Client) -> None:
    create_user(account_id=make_account().id, username="mia", password=PASSWORD, role="agent")
    _, answered = log_in(browser, "mia")

    ended = browser.delete("/app/v1/session", headers={"X-CSRFToken": answered["csrf_token"]})

    assert (ended.status_code, browser.get("/app/v1/session").status_code) == (204, 401)


def test_refuses_a_wrong_password_and_locks_out_after_eight(browser: Client) -> None:
    create_user(account_id=make_account().id, username="mia", password=PASSWORD, role="agent")

    statuses = [log_in(browser, "mia", "wrong")[0] for _ in range(8)]
    status, answered = log_in(browser, "mia")

    assert statuses[:7] == [400] * 7
    assert (status, answered["message"]) == (429, "Too many wrong passwords. Try again in 15 minutes.")


def test_refuses_a_log_in_without_the_pages_token(browser: Client) -> None:
    answer = browser.post("/app/v1/session", {"username": "x", "password": "y"}, content_type="application/json")

    assert (answer.status_code, answer.json()["code"]) == (403, 20403)
