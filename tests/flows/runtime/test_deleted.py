"""A conversation that is deleted in the middle of an execution."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from channels_app.services import create_connection
from common import clock
from common.models import OutboxEntry
from conversations.services import delete_conversation, receive_messages
from flows.models import Execution
from tests.factories import OURS, inbound, make_account, publish_flow
from tests.flows.definitions import asking

pytestmark = pytest.mark.django_db


def test_ends_the_executions_of_a_deleted_conversation(drain: Callable[[], int]) -> None:
    account = make_account()
    create_connection(account_id=account.id, type="sms", provider="sandbox", address=OURS, now=clock.now())
    publish_flow(account, asking())
    (received,) = receive_messages([inbound(account, "Hi")], now=clock.now())
    drain()
    assert Execution.objects.get().status == "active"
    receive_messages([inbound(account, "Never read")], now=clock.now())

    delete_conversation(conversation_id=received.conversation_id, now=clock.now())
    drain()

    execution = Execution.objects.get()
    assert (execution.status, execution.error) == ("ended", "The conversation was deleted")
    assert not OutboxEntry.objects.filter(key=received.conversation_id).exists()
