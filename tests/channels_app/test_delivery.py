"""The way out: in order, once, whatever the provider does; nobody waits for somebody else's provider."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database

from channels_app import queries, services
from channels_app.delivery import drain as delivery
from channels_app.delivery.jobs import Job
from channels_app.delivery.results import TRAFFIC_KEPT, trim_traffic
from channels_app.delivery.topic import TOPIC
from channels_app.models import Connection, Delivery, ParkedDelivery, SandboxMessage, SenderPace, TrafficEntry
from common import ids, outbox
from common.models import OutboxEntry
from conversations import services as conversations
from conversations.models import Participant
from tests.channels_app.conftest import CUSTOMER, OURS, House, connect
from tests.factories import make_account
from tests.standins import RunningStandin


def test_delivers_to_the_simulated_phone_in_order(sandbox: House) -> None:
    conversation_id = sandbox.hear("hello")
    sandbox.say(conversation_id, "one", "two", "three")

    sandbox.deliver()

    phone = queries.sandbox_messages(sandbox.connection.id, CUSTOMER)
    assert [(row.direction, row.body) for row in phone] == [("in", "one"), ("in", "two"), ("in", "three")]
    assert sandbox.receipts(conversation_id) == [("delivered", 0)] * 3
    assert not OutboxEntry.objects.filter(topic=TOPIC).exists()


def test_delivers_a_batch_to_the_simulated_network_in_few_statements(
    sandbox: House, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        sandbox.say(sandbox.hear(sender=f"+1555000{number:04}"), "hello")

    with django_assert_max_num_queries(14):
        delivery.drain(sandbox.now)

    assert SandboxMessage.objects.count() == 20


def test_leaves_nothing_half_done_when_it_dies_before_the_commit(
    sandbox: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.say(sandbox.hear(), "one")
    real = outbox.done
    monkeypatch.setattr(outbox, "done", lambda ids: (_ for _ in ()).throw(KeyboardInterrupt))

    with pytest.raises(KeyboardInterrupt):
        delivery.drain(sandbox.now)
    assert not SandboxMessage.objects.exists()

    monkeypatch.setattr(outbox, "done", real)
    sandbox.deliver()
    assert [row.body for row in SandboxMessage.objects.all()] == ["one"]


def test_keeps_the_customers_own_words_and_web_chats_in_the_house(sandbox: House) -> None:
    sandbox.hear("only said")
    chat = conversations.create_conversation(
        account_id=sandbox.account.id, channel_type="chat", identity="visitor", now=sandbox.now
    )
    sandbox.say(chat.id, "in the browser")

    assert not OutboxEntry.objects.filter(topic=TOPIC).exists()


def test_plays_a_refusal_of_the_network(sandbox: House) -> None:
    conversation_id = sandbox.hear(sender="+15005550004")
    sandbox.say(conversation_id, "one", "two")

    sandbox.deliver()

    assert sandbox.receipts(conversation_id) == [("failed", 21610)] * 2
    assert {row.reason for row in ParkedDelivery.objects.all()} == {"refused"}


def test_fails_with_21606_where_nothing_owns_the_address(sandbox: House) -> None:
    conversation_id = sandbox.hear()
    services.delete_connection(account_id=sandbox.account.id, connection_id=sandbox.connection.id, now=sandbox.now)
    sandbox.say(conversation_id, "to nobody")

    sandbox.deliver()

    assert sandbox.receipts(conversation_id) == [("failed", 21606)]


def test_sends_by_the_provider_and_takes_it_for_sent(house: House, standin: RunningStandin) -> None:
    conversation_id = house.hear()
    (message,) = house.say(
        conversation_id, "Hello", media=[{"url": "https://cdn.example/a.png", "content_type": "image/png"}]
    )

    house.deliver()

    (sent,) = standin.ledger.messages
    assert (sent.sender, sent.recipient, sent.body, sent.media) == (
        OURS,
        CUSTOMER,
        "Hello",
        ("https://cdn.example/a.png",),
    )
    assert sent.key == message.sid
    assert sent.status_callback == queries.webhook_url(house.connection)
    assert house.receipts(conversation_id) == [("sent", 0)]
    assert Delivery.objects.get().external_id == sent.external_id


def test_delivers_once_and_in_order_through_429_then_500_then_200(house: House, standin: RunningStandin) -> None:
    standin.ledger.script("429:3", "500", "ok")
    conversation_id = house.hear()
    house.say(conversation_id, "one", "two", "three")

    house.deliver()
    assert standin.ledger.bodies() == []
    house.deliver(seconds=2)  # the provider said three
    assert standin.ledger.statuses_answered == [429]
    house.deliver(seconds=3)
    assert standin.ledger.statuses_answered == [429, 500]
    house.deliver(seconds=10)

    assert standin.ledger.bodies() == ["one", "two", "three"]
    assert house.receipts(conversation_id) == [("sent", 0)] * 3
    assert standin.ledger.without_key == 0


def test_repeats_under_the_same_key_when_the_answer_was_lost(house: House, standin: RunningStandin) -> None:
    standin.ledger.script("lost", "drop", "garbage", "ok")
    conversation_id = house.hear()
    house.say(conversation_id, "one")

    for _ in range(4):
        house.deliver(seconds=120)

    assert standin.ledger.bodies() == ["one"]
    assert standin.ledger.duplicates == 2
    assert house.receipts(conversation_id) == [("sent", 0)]


def test_parks_after_the_last_try_and_sends_again_by_hand(house: House, standin: RunningStandin) -> None:
    standin.ledger.script(*["500"] * 8)
    conversation_id = house.hear()
    (first,) = house.say(conversation_id, "one")
    for _ in range(8):
        house.deliver(seconds=4000)
    assert len(standin.ledger.statuses_answered) == 8
    assert house.receipts(conversation_id) == [("failed", 30008)]
    house.say(conversation_id, "two")
    house.deliver()
    assert standin.ledger.bodies() == ["two"]

    (parked,) = queries.parked_deliveries(house.account.id)
    assert (parked.reason, parked.attempts, parked.message_id) == ("exhausted", 8, first.id)
    services.resend_parked(account_id=house.account.id, parked_id=parked.id, now=house.now)
    house.deliver()

    assert standin.ledger.bodies() == ["two", "one"]
    assert standin.ledger.messages[1].key == first.sid
    assert house.receipts(conversation_id) == [("sent", 0)] * 2
    assert not ParkedDelivery.objects.exists()


def test_does_not_let_another_account_send_again(house: House, standin: RunningStandin) -> None:
    standin.ledger.opted_out.add(CUSTOMER)
    house.say(house.hear(), "one")
    house.deliver()
    (parked,) = queries.parked_deliveries(house.account.id)

    other = make_account("Other")

    with pytest.raises(ParkedDelivery.DoesNotExist):
        services.resend_parked(account_id=other.id, parked_id=parked.id, now=house.now)
    assert queries.parked_deliveries(other.id) == []


def test_goes_on_after_a_refusal(house: House, standin: RunningStandin) -> None:
    conversation_id = house.hear()
    house.say(conversation_id, "x" * 1601, "two")

    house.deliver()

    assert standin.ledger.bodies() == ["two"]
    assert house.receipts(conversation_id) == [("failed", 21617), ("sent", 0)]


def test_tells_wrong_credentials_from_a_broken_provider(house: House, standin: RunningStandin) -> None:
    services.update_connection(
        account_id=house.account.id,
        connection_id=house.connection.id,
        credentials={"auth_token": "wrong"},
        now=house.now,
    )
    conversation_id = house.hear()
    house.say(conversation_id, "one")

    house.deliver()

    assert house.receipts(conversation_id) == [("failed", 20003)]


def test_never_calls_an_address_inside_the_house(house: House, settings: Any) -> None:
    settings.HTTP_ALLOW = []
    conversation_id = house.hear()
    house.say(conversation_id, "one")

    house.deliver()

    assert house.receipts(conversation_id) == [("failed", 21606)]


def test_holds_no_transaction_while_a_provider_answers(
    house: House, standin: RunningStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    depths: list[int] = []
    sender = delivery.current_sender()
    submit = sender.submit

    def watched(jobs: list[Job]) -> None:
        depths.append(len(database.savepoint_ids))
        submit(jobs)

    monkeypatch.setattr(sender, "submit", watched)
    before = len(database.savepoint_ids)
    house.say(house.hear(), "one")

    house.deliver()

    assert set(depths) == {before}


def test_leaves_a_leased_message_to_the_worker_that_has_it(house: House, standin: RunningStandin) -> None:
    house.say(house.hear(), "one", "two")
    taken = outbox.lease(topic=TOPIC, now=house.now, limit=10, seconds=60)
    assert len(taken) == 1

    assert house.deliver(seconds=30) == 0
    house.deliver(seconds=31)  # the worker died

    assert standin.ledger.bodies() == ["one", "two"]


def test_does_not_let_messages_behind_a_dead_provider_hide_others(house: House, standin: RunningStandin) -> None:
    dead = connect(house.account, "twilio", address="+15550009999")
    Connection.objects.filter(id=dead.id).update(api_base_url="http://127.0.0.1:9")
    stuck = House(house.account, dead)
    for number in range(5):
        stuck.say(stuck.hear(sender=f"+1555111{number:04}"), *(f"m{index}" for index in range(60)))
    house.deliver()
    conversation_id = house.hear()
    house.say(conversation_id, "quick")

    house.deliver()

    assert standin.ledger.bodies() == ["quick"]
    assert house.receipts(conversation_id) == [("sent", 0)]


def test_lets_a_poisoned_message_fail_alone(sandbox: House, monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = sandbox.hear(sender="+15550000001"), sandbox.hear(sender="+15550000002")
    (poison,) = sandbox.say(bad, "poison")
    sandbox.say(good, "fine")
    real = conversations.record_receipts

    def poisoned(batch: Any, *, now: Any) -> int:
        if poison.id in {update.message_id for update in batch}:
            raise RuntimeError("poison")
        return real(batch, now=now)

    monkeypatch.setattr(conversations, "record_receipts", poisoned)

    sandbox.deliver()

    assert [row.body for row in SandboxMessage.objects.all()] == ["fine"]
    assert OutboxEntry.objects.get(key=bad, topic=TOPIC).attempts == 1


def test_keeps_to_the_senders_rate(house: House, standin: RunningStandin) -> None:
    Connection.objects.filter(id=house.connection.id).update(rate_per_second=2)
    for number in range(8):
        house.say(house.hear(sender=f"+1555222{number:04}"), f"m{number}")

    house.deliver()
    # Two at once, and two more that waited less than a second in the worker.
    assert len(standin.ledger.messages) == 4
    house.deliver(seconds=1)
    assert len(standin.ledger.messages) == 6
    house.deliver(seconds=3)

    assert sorted(standin.ledger.bodies()) == [f"m{number}" for number in range(8)]


def test_pauses_the_whole_sender_when_the_provider_throttles(house: House, standin: RunningStandin) -> None:
    standin.ledger.script("429:10")
    house.say(house.hear(sender="+15552220001"), "one")
    house.deliver()
    house.say(house.hear(sender="+15552220002"), "two")

    house.deliver(seconds=1)
    assert standin.ledger.bodies() == []
    house.deliver(seconds=20)

    assert sorted(standin.ledger.bodies()) == ["one", "two"]
    assert SenderPace.objects.get().next_at > house.now - timedelta(seconds=20)


def test_writes_what_it_said_and_heard_without_secrets(house: House, standin: RunningStandin) -> None:
    standin.ledger.script("500", "ok")
    house.say(house.hear(), "one")
    house.deliver()
    house.deliver(seconds=60)

    entries = queries.traffic(house.account.id, house.connection.id)

    assert [entry.status for entry in entries] == [201, 500]
    assert "Body=one" in entries[0].request
    assert all("Basic" not in entry.request and "auth-token" not in entry.url for entry in entries)


def test_bounds_the_traffic_log(house: House) -> None:
    common = {"account_id": house.account.id, "direction": "out", "method": "POST", "url": "x", "created_at": house.now}
    TrafficEntry.objects.bulk_create(
        TrafficEntry(id=ids.uuid7(), connection_id=house.connection.id, response=str(number), **common)
        for number in range(TRAFFIC_KEPT + 30)
    )

    trim_traffic(house.connection.id)

    kept = TrafficEntry.objects.order_by("id").values_list("response", flat=True)
    assert list(kept) == [str(number) for number in range(30, TRAFFIC_KEPT + 30)]


def test_sends_each_attachment_of_messenger_once_though_one_fails(account: Any, standin: RunningStandin) -> None:
    address = f"messenger:{standin.keys.meta_page_id}"
    house = House(account, connect(account, "meta", standin, type="messenger", address=address))
    delivery.use(delivery.inline_sender(lambda: house.now))
    standin.ledger.script("ok", "500", "ok", "ok")
    conversation_id = house.hear(sender="messenger:62000")
    media = [{"url": f"https://cdn.example/{name}.png", "content_type": "image/png"} for name in "ab"]
    house.say(conversation_id, "look", media=media)

    house.deliver()
    assert house.receipts(conversation_id) == []
    house.deliver(seconds=60)
    delivery.use(None)

    assert [(sent.body, sent.media) for sent in standin.ledger.messages] == [
        ("look", ()),
        ("", ("https://cdn.example/a.png",)),
        ("", ("https://cdn.example/b.png",)),
    ]
    assert standin.ledger.duplicates == 0
    assert house.receipts(conversation_id) == [("sent", 0)]
    assert list(Delivery.objects.order_by("part").values_list("part", "parts")) == [(0, 3), (1, 3), (2, 3)]


def test_sends_to_every_outside_participant_once_though_one_is_refused(house: House, standin: RunningStandin) -> None:
    conversation_id = house.hear()
    second, third = "+15558670002", "+15558670003"
    for address in (second, third):
        Participant.objects.create(
            account_id=house.account.id,
            conversation_id=conversation_id,
            kind="external",
            address=address,
            proxy_address=OURS,
            bound=True,
            created_at=house.now,
            updated_at=house.now,
        )
    standin.ledger.opted_out.add(second)
    standin.ledger.script("500", recipient=third)
    (message,) = house.say(conversation_id, "to all")

    house.deliver()
    house.deliver(seconds=60)

    assert sorted(sent.recipient for sent in standin.ledger.messages) == sorted([CUSTOMER, third])
    assert len({sent.key for sent in standin.ledger.messages}) == 2
    assert standin.ledger.statuses_answered.count(201) == 2
    assert sorted(house.receipts(conversation_id)) == [("failed", 21610), ("sent", 0), ("sent", 0)]
    assert message.sid in {sent.key for sent in standin.ledger.messages}


def test_sends_a_template_that_a_flow_names(house: House, standin: RunningStandin) -> None:
    conversation_id = house.hear()
    house.say(conversation_id, "", fields={"content_sid": "HX1", "content_variables": {"1": "Ann"}})

    house.deliver()

    (sent,) = standin.ledger.messages
    assert (sent.raw["ContentSid"], sent.raw["ContentVariables"]) == (["HX1"], ['{"1":"Ann"}'])
