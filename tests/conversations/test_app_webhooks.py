"""``/app/v1/webhooks``: what admins set and read of the account's webhooks."""

from __future__ import annotations

import pytest

from accounts.models import Account, AuditEntry
from tests.factories import make_account
from tests.flows.api.browser import Browser
from tests.standins.listener import Listener

pytestmark = pytest.mark.django_db
PATH = "webhooks/configuration"


def test_sets_who_hears_all_conversations(account: Account, listener: Listener) -> None:
    admin = Browser(account)
    before = admin.get(PATH)[1]

    status, kept = admin.send(
        "PUT", f"{PATH}/account", {"post_url": listener.url + "/all", "filters": ["onMessageAdded"], "method": "GET"}
    )

    assert before["account"] == {"pre_url": "", "post_url": "", "method": "POST", "filters": []}
    assert (status, kept) == (
        200,
        {"pre_url": "", "post_url": listener.url + "/all", "method": "GET", "filters": ["onMessageAdded"]},
    )
    after = admin.get(PATH)[1]
    assert (after["account"], after["service"]) == (kept, before["service"])
    assert AuditEntry.objects.filter(action="webhooks.configured", subject="account").count() == 1
    assert Browser(make_account()).get(PATH)[1]["account"]["post_url"] == ""


@pytest.mark.parametrize(
    "body", [{"post_url": "nonsense"}, {"filters": ["onNothing"]}, {"method": "PUT"}, {"pre_url": "http://10.0.0.1/"}]
)
def test_refuses_what_webhooks_cannot_be(account: Account, body: dict[str, object]) -> None:
    admin = Browser(account)

    status, answer = admin.send("PUT", f"{PATH}/account", body)

    assert (status, bool(answer["message"])) == (400, True)
    assert admin.send("PUT", f"{PATH}/nothing", {})[0] == 404


@pytest.mark.parametrize("role", ["supervisor", "agent"])
def test_is_for_admins(account: Account, role: str) -> None:
    other = Browser(account, role)

    assert other.get(PATH)[0] == 403
    assert other.send("PUT", f"{PATH}/account", {})[0] == 403
    assert other.get("webhooks/deliveries")[0] == 403
