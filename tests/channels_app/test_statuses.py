"""What providers say later: in any order, twice, too early."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from channels_app import services
from channels_app.adapters.values import StatusUpdate
from channels_app.delivery import drain as delivery
from channels_app.models import Delivery, SandboxMessage
from channels_app.services import statuses
from common import ids, outbox
from common.models import OutboxEntry
from conversations.models import Receipt
from tests.channels_app.conftest import House, connect
from tests.factories import make_account
from tests.standins import RunningStandin


def hear(house: House, *updates: StatusUpdate) -> None:
    services.record_status_updates(
        account_id=house.account.id, connection_id=house.connection.id, updates=updates, now=house.now
    )


@pytest.fixture
def sent(house: House, standin: RunningStandin) -> tuple[House, str]:
    """Return the house and the provider's id of a message it sent."""
    house.say(house.hear(), "one")
    house.deliver()
    return house, standin.ledger.messages[0].external_id


def only_receipt() -> tuple[str, int]:
    receipt = Receipt.objects.get()
    return receipt.status, receipt.error_code


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "read"])))
def test_keeps_the_furthest_status_whatever_the_order(sent: tuple[House, str], order: tuple[Any, ...]) -> None:
    house, external_id = sent

    for status in order:
        hear(house, StatusUpdate(status, external_id))

    assert only_receipt() == ("read", 0)


def test_stores_why_a_message_was_not_delivered(sent: tuple[House, str]) -> None:
    house, external_id = sent

    hear(house, StatusUpdate("undelivered", external_id, error_code=30003, error_message="Unreachable handset"))
    hear(house, StatusUpdate("sent", external_id))

    assert only_receipt() == ("undelivered", 30003)


def test_does_not_let_a_late_failure_undo_a_delivery(sent: tuple[House, str]) -> None:
    house, external_id = sent

    hear(house, StatusUpdate("delivered", external_id))
    hear(house, StatusUpdate("failed", external_id, error_code=30008))

    assert only_receipt() == ("delivered", 0)


def test_waits_for_a_message_whose_callback_came_first(house: House, standin: RunningStandin) -> None:
    house.say(house.hear(), "one")
    (entry,) = OutboxEntry.objects.filter(topic="channels.deliver")
    # The stand-in makes its id of the key, so it can be told before the message is sent.
    key = ids.sid("IM", UUID(entry.payload["message_id"]))
    external_id = "SM" + hashlib.sha256(key.encode()).hexdigest()[:32]
    hear(house, StatusUpdate("delivered", external_id))
    house.deliver()
    assert only_receipt() == ("sent", 0)

    statuses.drain_early(house.now + timedelta(seconds=3))

    assert only_receipt() == ("delivered", 0)
    assert not OutboxEntry.objects.filter(topic=statuses.TOPIC).exists()


def test_waits_as_long_as_a_message_is_tried_again(house: House) -> None:
    assert sum(statuses.EARLY_PAUSES_SECONDS) >= sum(outbox.RETRY_PAUSES)


def test_forgets_a_callback_about_a_message_that_is_not_ours(house: House) -> None:
    hear(house, StatusUpdate("delivered", "SM-of-somebody-else"))

    later = house.now
    for pause in statuses.EARLY_PAUSES_SECONDS:
        assert OutboxEntry.objects.filter(topic=statuses.TOPIC).exists()
        later += timedelta(seconds=pause + 1)
        statuses.drain_early(later)

    assert not OutboxEntry.objects.filter(topic=statuses.TOPIC).exists()


def test_does_not_let_one_account_speak_of_anothers_message(sent: tuple[House, str]) -> None:
    _, external_id = sent
    other_account = make_account("Other")
    other = House(other_account, connect(other_account, "twilio"))

    hear(other, StatusUpdate("failed", external_id, error_code=30008))

    assert only_receipt() == ("sent", 0)


def test_says_delivered_when_all_parts_are(account: Any, standin: RunningStandin) -> None:
    address = f"messenger:{standin.keys.meta_page_id}"
    house = House(account, connect(account, "meta", standin, type="messenger", address=address))
    delivery.use(delivery.inline_sender(lambda: house.now))
    media = [{"url": "https://cdn.example/a.png", "content_type": "image/png"}]
    house.say(house.hear(sender="messenger:62000"), "look", media=media)
    house.deliver()
    delivery.use(None)
    text, picture = standin.ledger.messages

    hear(house, StatusUpdate("delivered", picture.external_id))
    assert only_receipt() == ("sent", 0)
    hear(house, StatusUpdate("read", text.external_id))
    assert only_receipt() == ("delivered", 0)
    hear(house, StatusUpdate("read", picture.external_id))
    assert only_receipt() == ("read", 0)


def test_reads_a_watermark_as_all_that_was_sent_before(account: Any, standin: RunningStandin) -> None:
    address = f"messenger:{standin.keys.meta_page_id}"
    house = House(account, connect(account, "meta", standin, type="messenger", address=address))
    delivery.use(delivery.inline_sender(lambda: house.now))
    conversation_id = house.hear(sender="messenger:62000")
    house.say(conversation_id, "one", "two")
    house.deliver()
    between = house.now
    house.passed += timedelta(seconds=60)
    house.say(conversation_id, "three")
    house.deliver()
    delivery.use(None)

    hear(house, StatusUpdate("read", customer="messenger:62000", up_to=between))
    hear(house, StatusUpdate("delivered", customer="messenger:somebody-else", up_to=house.now))

    assert house.receipts(conversation_id) == [("read", 0), ("read", 0), ("sent", 0)]
    assert Delivery.objects.filter(status="read").count() == 2


def test_takes_statuses_of_the_simulated_network(sandbox: House) -> None:
    sandbox.say(sandbox.hear(), "one")
    sandbox.deliver()
    external_id = SandboxMessage.objects.get().external_id

    hear(sandbox, StatusUpdate("read", external_id))

    assert only_receipt() == ("read", 0)
