"""Two workers on one queue: here threads with a database connection each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections, transaction

from channels_app.services import create_connection
from common import clock, ids, outbox
from conversations.services import lock_conversations, receive_messages
from flows.runtime import batch
from tests.factories import OURS, inbound, make_account, publish_flow, texts
from tests.flows.definitions import asking

pytestmark = pytest.mark.django_db(transaction=True)

SEVERAL_WRITERS = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


def elsewhere(call: Any) -> Any:
    """Make a call on a thread, and so on a connection, of its own."""

    def run() -> Any:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(timeout=60)


@SEVERAL_WRITERS
def test_passes_over_the_head_of_the_queue_where_another_worker_holds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "BATCH", 1)
    account = make_account()
    create_connection(account_id=account.id, type="sms", provider="sandbox", address=OURS, now=clock.now())
    publish_flow(account, asking())
    first, second = (
        receive_messages([inbound(account, "Hi", sender=sender)], now=clock.now())[0].conversation_id
        for sender in ("+15551230001", "+15551230002")
    )
    now = clock.now()

    with transaction.atomic():
        assert set(lock_conversations([first])) == {first}
        handled = elsewhere(lambda: batch.drain(now))

    assert handled == 1
    assert (texts(first), texts(second)) == ([], ["Hello", "Your name?"])
    assert batch.drain(now) == 1
    assert texts(first) == ["Hello", "Your name?"]


@SEVERAL_WRITERS
def test_claims_what_another_worker_does_not_hold() -> None:
    first, second = ids.uuid7(), ids.uuid7()
    outbox.put(outbox.Entry("test.claims", first, {}), outbox.Entry("test.claims", second, {}))

    @transaction.atomic
    def claimed() -> list[UUID]:
        return [entry.key for entry in outbox.claim(topic="test.claims", now=clock.now(), limit=1)]

    with transaction.atomic():
        assert claimed() == [first]
        assert elsewhere(claimed) == [second]
