"""The demo account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from accounts import queries as accounts
from accounts.services import create_user
from channels_app import queries as channels
from channels_app.services import send_as_customer
from common import clock
from common.errors import Conflict
from config.credentials import credentials
from config.demo import data, flow, passwords
from flows import queries as flows
from flows.engine.validation import check
from tests.factories import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def place(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def test_has_a_flow_without_problems() -> None:
    content = flow.definition(
        workflow_sid="WW" + "0" * 32, task_channel_sid="TC" + "0" * 32, echo_url="http://127.0.0.1/demo/echo"
    )

    assert check(content) == []


def test_is_made_once_and_then_left_alone() -> None:
    first = credentials(data.bring(now=clock.now()))
    again = credentials(data.bring(now=clock.now()))

    assert again == first
    assert list(first["flows"]) == ["Welcome"]
    assert [(row["type"], row["address"]) for row in first["connections"]] == [
        ("chat", "Demo web chat"),
        ("sms", "+15550100001"),
        ("whatsapp", "whatsapp:+15550100002"),
    ]
    assert [(user["username"], user["role"], user["worker_sid"] is None) for user in first["users"]] == [
        ("admin", "admin", True),
        ("supervisor", "supervisor", True),
        ("ana", "agent", False),
        ("ben", "agent", False),
    ]


def test_lets_everybody_log_in_with_the_password_that_credentials_tell() -> None:
    account = data.bring(now=clock.now())

    told = {user["username"]: user["password"] for user in credentials(account)["users"]}
    assert set(told) == {"admin", "supervisor", "ana", "ben"}
    assert all(user.check_password(told[user.username]) for user in accounts.users(account.id))


def test_gives_the_users_the_password_that_the_environment_names_later(settings: Settings) -> None:
    data.bring(now=clock.now())
    settings.ENV = replace(settings.ENV, admin_password="another password")

    account = data.bring(now=clock.now())

    assert passwords.kept() == "another password"
    assert {user["password"] for user in credentials(account)["users"]} == {"another password"}
    assert all(user.check_password("another password") for user in accounts.users(account.id))


def test_is_not_half_made_when_a_username_is_taken() -> None:
    create_user(account_id=make_account("Acme").id, username="ana", password="a long password", role="agent")

    with pytest.raises(Conflict):
        data.bring(now=clock.now())

    assert accounts.demo_account() is None
    assert passwords.kept() == ""


def test_points_its_flow_at_the_present_address_unless_somebody_changed_it(settings: Settings) -> None:
    account = data.bring(now=clock.now())
    settings.PUBLIC_URL = "http://127.0.0.1:9000"

    data.bring(now=clock.now())
    data.bring(now=clock.now())

    found = flows.flows(account.id).get()
    _, newest = flows.flow_with_newest(account.id, found.id)
    assert flow.echo_url_of(newest.definition) == "http://127.0.0.1:9000/demo/echo"
    assert found.published_revision == 2


@pytest.mark.parametrize(
    ("answer", "team"), [("What does it cost to BUY two?", "sales"), ("it is broken", "support"), ("hm", "general")]
)
@pytest.mark.django_db(transaction=True)
def test_asks_branches_and_hands_over(drain: Callable[[], int], answer: str, team: str) -> None:
    account = data.bring(now=clock.now())
    connection = channels.connection_for(account.id, "+15550100001")
    for number, body in enumerate(("hello", answer)):
        send_as_customer(
            account_id=account.id,
            connection_id=connection.id,
            customer="+15557770001",
            body=body,
            ref=str(number),
            now=clock.now(),
        )
        drain()

    bodies = _sent(account.id)
    assert bodies[0].startswith("Hello, and welcome to Flowdesk!")
    # Nobody serves the echo in this test, so the flow goes on by its "failed" exit.
    assert bodies[1:] == ["Thank you! I pass you on to an agent right away."]
    execution = flows.executions(account.id).get()
    assert execution.current_widget == "to_agent"
    assert flows.context_of(execution)["flow"]["variables"]["topic"] == team


def _sent(account_id: Any) -> list[str]:
    connection = channels.connection_for(account_id, "+15550100001")
    found = channels.sandbox_messages(connection.id, "+15557770001")
    return [message.body for message in found if message.direction == "in"]
