"""An account with a sender, the SDK on it, and a server that hears its webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Account
from channels_app.delivery import drain as delivery
from channels_app.services import create_connection
from common import clock
from tests.factories import OURS, make_account
from tests.sdk import sdk_client
from tests.standins.listener import Listener, listening


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    settings.HTTP_ALLOW = ["127.0.0.0/8"]
    with listening() as found:
        yield found


@pytest.fixture
def account() -> Account:
    made = make_account()
    create_connection(account_id=made.id, type="sms", provider="sandbox", address=OURS, now=clock.now())
    return made


@pytest.fixture
def api(account: Account) -> Any:
    return sdk_client(account).conversations.v1


@pytest.fixture
def sending() -> Iterator[None]:
    delivery.use(delivery.inline_sender())
    yield
    delivery.use(None)
