"""The management commands that answer programs."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from accounts.models import Account
from config.env import WrongSetting
from routing import queries as routing

pytestmark = pytest.mark.django_db


def test_creates_an_account_that_works_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_account", "Acme", json=True)

    made = json.loads(capsys.readouterr().out)
    account = Account.objects.get(name="Acme")
    assert made == {"account_sid": account.sid, "auth_token": account.auth_token}
    assert routing.default_workspace(account.id) is not None


def test_creates_an_account_with_an_admin(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_account", "Acme", admin="boss", password="a long password")

    assert capsys.readouterr().out.startswith("account_sid: AC")
    assert Account.objects.get(name="Acme").users.get().role == "admin"


@pytest.mark.parametrize("name", ["", " ", "x" * 121])
def test_refuses_a_name_that_is_none(name: str) -> None:
    with pytest.raises(WrongSetting, match="name"):
        call_command("create_account", name)


def test_has_no_credentials_to_tell_without_the_demo() -> None:
    with pytest.raises(WrongSetting, match="there is no demo account"):
        call_command("credentials")
