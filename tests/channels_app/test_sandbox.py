"""The simulated phone."""

from __future__ import annotations

import pytest

from channels_app import queries, services
from channels_app.models import Connection
from common.errors import BadParameter
from conversations.models import Message
from tests.channels_app.conftest import CUSTOMER, House
from tests.factories import make_account


def write(house: House, body: str, ref: str) -> object:
    return services.send_as_customer(
        account_id=house.account.id,
        connection_id=house.connection.id,
        customer=CUSTOMER,
        body=body,
        ref=ref,
        now=house.now,
    )


def test_shows_both_sides_of_a_talk(sandbox: House) -> None:
    write(sandbox, "hello", "1")
    message = Message.objects.get()
    sandbox.say(message.conversation_id, "hi, who are you?")
    sandbox.deliver()
    write(sandbox, "Ann", "2")

    phone = queries.sandbox_messages(sandbox.connection.id, CUSTOMER)

    assert [(row.direction, row.body) for row in phone] == [
        ("out", "hello"),
        ("in", "hi, who are you?"),
        ("out", "Ann"),
    ]
    later = queries.sandbox_messages(sandbox.connection.id, CUSTOMER, after=phone[0].id)
    assert [row.body for row in later] == ["hi, who are you?", "Ann"]
    assert message.fields["Body"] == "hello"
    assert message.fields["From"] == CUSTOMER


def test_sends_once_for_each_ref(sandbox: House) -> None:
    assert write(sandbox, "hello", "1") == write(sandbox, "hello", "1")

    assert Message.objects.count() == 1


def test_refuses_an_empty_message_and_another_accounts_phone(sandbox: House) -> None:
    with pytest.raises(BadParameter):
        write(sandbox, "", "1")
    with pytest.raises(Connection.DoesNotExist):
        services.send_as_customer(
            account_id=make_account("Other").id,
            connection_id=sandbox.connection.id,
            customer=CUSTOMER,
            body="x",
            ref="1",
            now=sandbox.now,
        )
