"""A house with a connection to a stand-in, and a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from accounts.models import Account
from channels_app import fetching, services
from channels_app.adapters.values import ProviderRequest
from channels_app.delivery import drain as delivery
from channels_app.models import Connection
from common import clock, crypto
from conversations import services as conversations
from conversations.models import Conversation, Message, Receipt
from tests.channels_app.providers import CHANNELS, GOOGLE_PICTURES, Channel
from tests.factories import make_account
from tests.standins import Keys, RunningStandin, running
from tests.standins.ledger import GOOGLE_PRIVATE_KEY

CUSTOMER = "+15558675310"
OURS = "+15557771212"
KEYS = Keys()


@dataclass
class House:
    """One account with a sender; the time of everything it does is the clock's, moved on by ``passed``."""

    account: Account
    connection: Connection
    passed: timedelta = field(default_factory=timedelta)

    @property
    def now(self) -> datetime:
        return clock.now() + self.passed

    def hear(self, body: str = "hi", *, sender: str = CUSTOMER, sid: str | None = None) -> UUID:
        """Have a customer write; returns the conversation."""
        (received,) = conversations.receive_messages(
            [
                conversations.InboundMessage(
                    account_id=self.account.id,
                    channel_type=self.connection.type,
                    sender=sender,
                    recipient=self.connection.address,
                    body=body,
                    source_key=f"{self.connection.id.hex}:{sid or sender + body}",
                    connection_id=self.connection.id,
                )
            ],
            now=self.now,
        )
        assert isinstance(received, conversations.Received)
        return received.conversation_id

    def say(self, conversation_id: UUID, *bodies: str, **more: Any) -> list[Message]:
        """Have a flow answer."""
        stored = conversations.add_messages(
            [
                conversations.NewMessage(
                    conversation_id=conversation_id, source=more.pop("source", "flow"), author="flow", body=body, **more
                )
                for body in bodies
            ],
            now=self.now,
        )
        return [one.message for one in stored]  # type: ignore[union-attr]

    def deliver(self, *, seconds: float = 0) -> int:
        """Let time pass, then do all that is due for delivery; returns how many entries were looked at."""
        self.passed += timedelta(seconds=seconds)
        handled = 0
        while done := delivery.drain(self.now):
            handled += done
        return handled

    def receipts(self, conversation_id: UUID) -> list[tuple[str, int]]:
        """Return (status, error code) of the conversation's messages, in order."""
        rows = Receipt.objects.filter(conversation_id=conversation_id).order_by("message__index", "id")
        return list(rows.values_list("status", "error_code"))


@pytest.fixture(scope="session")
def standin_server() -> Iterator[RunningStandin]:
    with running(KEYS) as server:
        yield server


@pytest.fixture
def standin(standin_server: RunningStandin, settings: Any) -> RunningStandin:
    """A stand-in that remembers nothing of earlier tests."""
    from tests.standins.ledger import Ledger

    settings.HTTP_ALLOW = ["127.0.0.0/8"]
    standin_server.standin.ledger = Ledger()
    return standin_server


@pytest.fixture
def account(db: None) -> Account:
    return make_account()


@pytest.fixture
def sandbox(account: Account) -> Iterator[House]:
    """A house whose sender is the simulated network."""
    house = House(account, connect(account, "sandbox"))
    delivery.use(delivery.inline_sender(lambda: house.now))
    yield house
    delivery.use(None)


@pytest.fixture
def house(account: Account, standin: RunningStandin) -> Iterator[House]:
    """A house whose sender is Twilio's stand-in."""
    house = House(account, connect(account, "twilio", standin))
    delivery.use(delivery.inline_sender(lambda: house.now))
    yield house
    delivery.use(None)


CREDENTIALS = {
    "sandbox": {},
    "twilio": {"account_sid": KEYS.twilio_account_sid, "auth_token": KEYS.twilio_auth_token},
    "meta": {
        "phone_number_id": KEYS.meta_phone_number_id,
        "page_id": KEYS.meta_page_id,
        "access_token": KEYS.meta_access_token,
        "app_secret": KEYS.meta_app_secret,
        "verify_token": KEYS.meta_verify_token,
    },
}


def google_credentials(standin: RunningStandin) -> dict[str, str]:
    return {
        "agent_id": KEYS.google_agent_id,
        "client_token": KEYS.google_client_token,
        "client_email": KEYS.google_client_email,
        "private_key": GOOGLE_PRIVATE_KEY,
        "token_url": f"{standin.url}/token",
    }


def connect(
    account: Account,
    provider: str,
    standin: RunningStandin | None = None,
    *,
    type: str = "sms",
    address: str = OURS,
    **more: Any,
) -> Connection:
    return services.create_connection(
        account_id=account.id,
        type=type,
        provider=provider,
        address=address,
        credentials={**CREDENTIALS.get(provider, {}), **more.pop("credentials", {})},
        api_base_url=standin.url if standin else "",
        now=clock.now(),
        **more,
    )


def conversation(conversation_id: UUID) -> Conversation:
    return Conversation.objects.get(id=conversation_id)


@pytest.fixture(params=CHANNELS, ids=lambda one: f"{one.provider}-{one.type}")
def channel(request: pytest.FixtureRequest) -> Channel:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def google_pictures(monkeypatch: pytest.MonkeyPatch, standin: RunningStandin) -> None:
    """Have what lies at Google's store fetched from the stand-in, which has no certificate for that name."""
    get = fetching._get

    async def there(client: Any, request: ProviderRequest) -> Any:
        return await get(client, replace(request, url=request.url.replace(GOOGLE_PICTURES, standin.url)))

    monkeypatch.setattr(fetching, "_get", there)


@pytest.fixture
def line(channel: Channel, account: Any, standin: RunningStandin, google_pictures: None) -> Iterator[House]:
    """A house with a connection of the channel to the stand-in."""
    if channel.provider == "sandbox":
        account.sealed_auth_token = crypto.encrypt(KEYS.twilio_auth_token)
        account.save()
    row = connect(
        account,
        channel.provider,
        None if channel.provider == "sandbox" else standin,
        type=channel.type,
        address=channel.ours,
        credentials=google_credentials(standin) if channel.provider == "google" else {},
    )
    house = House(account, row)
    delivery.use(delivery.inline_sender(lambda: house.now))
    yield house
    delivery.use(None)
