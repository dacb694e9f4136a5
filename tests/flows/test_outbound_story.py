"""
The second outbound flow: a program begins the conversation, and what answers the customer is attached to it.

Over REST alone, with the official SDK: a conversation, the customer in it, a scoped flow or webhook, the first message.
When the customer answers, the flow or the webhook runs, may answer by itself, and hands the customer to an agent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from channels_app.delivery import drain as delivery
from channels_app.models import Connection, SandboxMessage
from channels_app.services import create_connection, send_as_customer
from common import clock
from conversations.models import Message
from flows.models import Execution
from routing import services as routing
from routing.models import Reservation, Workflow
from tests.factories import OURS, definition, publish_flow, state
from tests.interactions.world import Desk, make_desk
from tests.realtime.test_console_api import logged_in
from tests.realtime.test_conversations_api import answer, send
from tests.sdk import sdk_client
from tests.standins.listener import Listener, listening

pytestmark = pytest.mark.django_db
CUSTOMER = "+15558675310"
Drain = Callable[[], int]


@pytest.fixture
def desk() -> Iterator[Desk]:
    delivery.use(delivery.inline_sender())
    yield make_desk()
    delivery.use(None)


@pytest.fixture
def connection(desk: Desk) -> Connection:
    return create_connection(account_id=desk.account.id, type="sms", provider="sandbox", address=OURS, now=clock.now())


def phone(connection: Connection) -> list[str]:
    """Return what came to the customer's phone."""
    rows = SandboxMessage.objects.filter(connection_id=connection.id, customer=CUSTOMER, direction="in")
    return list(rows.order_by("id").values_list("body", flat=True))


def reply(connection: Connection, body: str) -> None:
    send_as_customer(
        account_id=connection.account_id,
        connection_id=connection.id,
        customer=CUSTOMER,
        body=body,
        ref=body,
        now=clock.now(),
    )


def begin(desk: Desk, **webhook: Any) -> Any:
    """Begin the conversation as a program does; returns its resource of the SDK."""
    api = sdk_client(desk.account).conversations.v1
    made = api.conversations.create(friendly_name="Order 7", attributes=json.dumps({"order": 7}))
    one = api.conversations(made.sid)
    one.participants.create(messaging_binding_address=CUSTOMER, messaging_binding_proxy_address=OURS)
    one.webhooks.create(**webhook)
    one.messages.create(body="Your order 7 is late. Shall we send it all the same?", author="shop")
    return one


FORWARD = definition(
    state(
        "thanks",
        "send-message",
        {"sent": "agent", "failed": None},
        body="Thank you for “{{trigger.message.Body}}”. Somebody looks at it.",
    ),
    state(
        "agent",
        "send-to-flex",
        {"callComplete": "bye", "failedToEnqueue": None, "callFailure": None},
        attributes='{"order": "{{trigger.conversation.ChannelAttributes.order}}"}',
    ),
    state("bye", "send-message", {"sent": None, "failed": None}, body="Bye"),
    trigger={"incomingConversationMessage": "thanks"},
)


def test_a_flow_answers_what_a_program_began_and_hands_over_to_an_agent(
    desk: Desk, connection: Connection, drain: Drain
) -> None:
    flow = publish_flow(desk.account, FORWARD, address=None)
    _, user = desk.agent("Ana Agent")
    one = begin(desk, target="studio", configuration_flow_sid=flow.sid)
    drain()
    assert phone(connection) == ["Your order 7 is late. Shall we send it all the same?"]
    assert not Execution.objects.exists()

    reply(connection, "Yes please")
    drain()
    routing.assign(workspace_id=desk.workspace.id, now=clock.now())

    assert phone(connection)[1:] == ["Thank you for “Yes please”. Somebody looks at it."]
    execution = Execution.objects.get()
    assert (execution.status, execution.trigger) == ("active", "incomingConversationMessage")
    reservation = Reservation.objects.get(status="pending")
    assert json.loads(reservation.task.attributes)["order"] == "7"
    answer(reservation, "accepted")
    assert send(logged_in(user), _conversation(one), "This is Ana").status_code == 201
    reply(connection, "Hello Ana")
    drain()
    assert phone(connection)[2:] == ["This is Ana"]
    assert [row.body for row in one.messages.list()] == [
        "Your order 7 is late. Shall we send it all the same?",
        "Yes please",
        "Thank you for “Yes please”. Somebody looks at it.",
        "This is Ana",
        "Hello Ana",
    ]


def _conversation(one: Any) -> Any:
    from common import ids
    from conversations.models import Conversation

    return Conversation.objects.get(id=ids.parse("CH", one.fetch().sid))


@pytest.fixture
def listener(settings: Any) -> Iterator[Listener]:
    settings.HTTP_ALLOW = ["127.0.0.0/8"]
    with listening() as found:
        yield found


def test_a_webhook_answers_what_a_program_began_and_hands_over_by_rest(
    desk: Desk, connection: Connection, listener: Listener, drain: Drain
) -> None:
    _, user = desk.agent("Ana Agent")
    one = begin(
        desk,
        target="webhook",
        configuration_url=f"{listener.url}/replies",
        configuration_filters=["onMessageAdded"],
        configuration_method="POST",
    )
    drain()
    assert listener.heard == []

    reply(connection, "Yes please")
    drain()

    (heard,) = listener.heard
    assert heard.is_signed(desk.account.auth_token)
    assert (heard.parameters["Body"], heard.parameters["Author"]) == ("Yes please", CUSTOMER)
    # What the program then does: it answers by itself, and hands over.
    client = sdk_client(desk.account)
    one.messages.create(body="Thank you", author="shop")
    client.flex_api.v1.interaction.create(
        channel={
            "type": "sms",
            "initiated_by": "customer",
            "properties": {"media_channel_sid": heard.parameters["ConversationSid"]},
        },
        routing={
            "properties": {
                "workspace_sid": desk.workspace.sid,
                "workflow_sid": Workflow.objects.get(workspace=desk.workspace).sid,
                "task_channel_unique_name": "sms",
                "attributes": json.dumps({"order": 7}),
            }
        },
    )
    drain()
    routing.assign(workspace_id=desk.workspace.id, now=clock.now())
    answer(Reservation.objects.get(status="pending"), "accepted")
    assert send(logged_in(user), _conversation(one), "This is Ana").status_code == 201
    drain()

    assert phone(connection)[1:] == ["Thank you", "This is Ana"]
    assert Message.objects.count() == 4
    assert [each.event for each in listener.heard] == ["onMessageAdded", "onMessageAdded"]
