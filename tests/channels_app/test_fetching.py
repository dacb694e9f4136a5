"""Files that customers send: fetched from each provider in its own way, and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from channels_app.delivery import drain as delivery
from common import clock
from conversations.models import MediaFile, Message
from conversations.services import media
from tests.channels_app.conftest import House, connect
from tests.channels_app.providers import CHANNELS, Channel, post, url_of
from tests.standins import RunningStandin
from tests.standins.files import PNG

pytestmark = pytest.mark.usefixtures("inline_ingress")
Drain = Callable[[], int]


def test_keeps_what_customers_send(
    channel: Channel,
    line: House,
    standin: RunningStandin,
    drain: Drain,
) -> None:
    assert post(line.connection, channel.picture(url_of(line.connection), standin.url)).status == 200
    (waiting,) = Message.objects.get().media
    drain()

    (kept,) = Message.objects.get().media
    row = MediaFile.objects.get()
    assert waiting | {"state": "pending", "size": None} == waiting
    assert kept == {"sid": row.sid, "content_type": "image/png", "filename": "", "size": len(PNG)}
    with media.open(row) as file:
        assert file.read() == PNG


@pytest.fixture
def twilio(account: Any, standin: RunningStandin) -> Iterator[House]:
    house = House(account, connect(account, "twilio", standin))
    delivery.use(delivery.inline_sender(lambda: house.now))
    yield house
    delivery.use(None)


def receive(house: House, standin: RunningStandin, name: str = "abc123") -> None:
    assert post(house.connection, CHANNELS[0].picture(url_of(house.connection), standin.url, name)).status == 200


def test_tries_again_and_asks_no_more_once_it_has_it(
    twilio: House, standin: RunningStandin, drain: Drain, time_machine: Any
) -> None:
    standin.ledger.script("500", "429", "drop", recipient="files")
    receive(twilio, standin)

    now = clock.now()
    for minutes in range(4):
        time_machine.move_to(now + timedelta(minutes=minutes))
        drain()

    assert MediaFile.objects.get().state == "stored"
    assert len(standin.ledger.fetched) == 4


def test_says_that_a_file_never_came(twilio: House, standin: RunningStandin, drain: Drain) -> None:
    receive(twilio, standin, "missing")
    drain()

    row = MediaFile.objects.get()
    assert (row.state, row.error) == ("failed", "the provider answered HTTP 404")
    assert [item["state"] for item in Message.objects.get().media] == ["failed"]


def test_takes_no_more_than_it_keeps(twilio: House, standin: RunningStandin, drain: Drain, settings: Any) -> None:
    settings.MEDIA_MAX_BYTES = 1024 * 1024
    standin.ledger.files["large"] = bytes(1024 * 1024 + 1)
    receive(twilio, standin, "large")
    drain()

    row = MediaFile.objects.get()
    assert (row.state, row.error) == ("failed", "the file has more than 1 MB")


def test_does_not_fetch_from_private_addresses(
    twilio: House, standin: RunningStandin, drain: Drain, settings: Any
) -> None:
    settings.HTTP_ALLOW = []
    receive(twilio, standin)
    drain()

    row = MediaFile.objects.get()
    assert (row.state, standin.ledger.fetched) == ("failed", [])
    assert "not a public address" in row.error


@pytest.mark.parametrize("provider", ["twilio", "meta"])
def test_shows_its_keys_to_the_provider_alone(provider: str, account: Any, standin: RunningStandin) -> None:
    from channels_app import queries

    row = connect(account, provider, standin, type="whatsapp", address="whatsapp:+15557771212")
    source = queries.sources([row.id])[row.id]

    theirs = source.adapter.media_request(f"{standin.url}/x", source.config)
    elsewhere = source.adapter.media_request("https://evil.example/x?api.twilio.com", source.config)
    alike = source.adapter.media_request("https://nottwilio.com/x", source.config)

    assert ["Authorization" in request.headers for request in (theirs, elsewhere, alike)] == [True, False, False]
