"""Flex Interactions v1 as the official SDK sees it; every answer is compared with the official document."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.test import Client as DjangoClient
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from common import clock, ids
from conversations.models import Conversation, Participant
from conversations.services import close_conversation
from interactions import services
from interactions.models import Invite
from routing import services as routing
from routing.models import Reservation, Task
from tests.interactions.world import Desk, make_desk
from tests.openapi import open_api
from tests.sdk import sdk_client

CUSTOMER, OURS = "+15551239999", "+15550100001"


@pytest.fixture
def client(desk: Desk) -> Client:
    return client_of(desk)


def client_of(desk: Desk) -> Client:
    return sdk_client(desk.account, open_api("twilio_flex_v1.json", "/flex-api").check)


def routing_of(desk: Desk, **more: Any) -> dict[str, Any]:
    return {
        "properties": {
            "workspace_sid": ids.sid("WS", desk.workspace.id),
            "workflow_sid": ids.sid("WW", desk.workspace.workflows.get().id),
            "task_channel_unique_name": "sms",
            **more,
        }
    }


def by_customer(conversation: Conversation) -> dict[str, Any]:
    return {"type": "sms", "initiated_by": "customer", "properties": {"media_channel_sid": conversation.sid}}


def begin(client: Client, desk: Desk, conversation: Conversation, **more: Any) -> Any:
    return client.flex_api.v1.interaction.create(channel=by_customer(conversation), routing=routing_of(desk, **more))


def refused(call: Callable[[], Any]) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        call()
    return caught.value.status, caught.value.code


def accept(desk: Desk, task_id: UUID) -> Reservation:
    routing.assign(workspace_id=desk.workspace.id, now=clock.now())
    reservation = Reservation.objects.get(task_id=task_id, status="pending")
    services.answer_reservation(
        reservation_id=reservation.id, worker_id=reservation.worker_id, status="accepted", now=clock.now()
    )
    return reservation


def task_of(interaction: Any) -> Task:
    return Task.objects.get(id=ids.parse("WT", interaction.routing["properties"]["sid"]))


def test_a_customers_conversation_is_routed(client: Client, desk: Desk) -> None:
    conversation = desk.conversation()

    made = begin(client, desk, conversation, attributes={"topic": "sales"}, priority=3, timeout=60)

    task = task_of(made)
    properties = made.routing["properties"]
    attributes = json.loads(properties["attributes"])
    assert (attributes["topic"], attributes["conversationSid"]) == ("sales", conversation.sid)
    assert (attributes["flexInteractionSid"], attributes["flexInteractionChannelSid"]) == (
        made.sid,
        made.channel["sid"],
    )
    assert properties["date_created"] == int(task.created_at.timestamp())
    assert (properties["assignment_status"], properties["priority"], properties["timeout"]) == ("pending", 3, 60)
    assert (properties["workflow_name"], properties["queue_name"]) == ("Assign to Anyone", "Everyone")
    assert made.channel["type"] == "sms"
    fetched = client.flex_api.v1.interaction(made.sid).fetch()
    assert (fetched.sid, fetched.routing) == (made.sid, made.routing)


def test_an_agent_begins_a_contact(client: Client, desk: Desk) -> None:
    worker, _ = desk.agent("Ana Agent")
    queue = desk.workspace.task_queues.get()
    channel = {
        "type": "sms",
        "initiated_by": "agent",
        "participants": [{"address": CUSTOMER, "proxy_address": OURS}],
    }
    where = routing_of(
        desk, queue_sid=ids.sid("WQ", queue.id), worker_sid=worker.sid, attributes={"customerName": "A B"}
    )

    made = client.flex_api.v1.interaction.create(channel=channel, routing=where)
    accept(desk, task_of(made).id)

    attributes = json.loads(made.routing["properties"]["attributes"])
    conversation = Conversation.objects.get(id=ids.parse("CH", attributes["conversationSid"]))
    assert (attributes["direction"], attributes["customers"]["name"]) == ("outbound", "A B")
    assert (conversation.customer_address, conversation.proxy_address) == (CUSTOMER, OURS)
    assert sorted(row.kind for row in Participant.objects.filter(conversation=conversation)) == ["agent", "customer"]
    # The pair belongs to that conversation now.
    assert refused(lambda: client.flex_api.v1.interaction.create(channel=channel, routing=where)) == (409, 50416)


def test_an_application_begins_a_chat(client: Client, desk: Desk) -> None:
    channel = {"type": "web", "initiated_by": "api", "participants": [{"identity": "cleo"}]}

    made = client.flex_api.v1.interaction.create(channel=channel, routing=routing_of(desk))

    attributes = json.loads(made.routing["properties"]["attributes"])
    assert (made.channel["type"], attributes["direction"], attributes["initiatedBy"]) == ("web", "inbound", "api")


def test_the_webhook_of_an_interaction_is_kept(client: Client, desk: Desk) -> None:
    made = begin(client, desk, desk.conversation())

    changed = client.flex_api.v1.interaction(made.sid).update(webhook_ttid="flex_interactionwebhook_x")

    assert changed.webhook_ttid == "flex_interactionwebhook_x"


def test_shows_channels_invites_and_participants(client: Client, desk: Desk) -> None:
    worker, _ = desk.agent()
    made = begin(client, desk, desk.conversation())
    reservation = accept(desk, task_of(made).id)
    interaction = client.flex_api.v1.interaction(made.sid)

    (channel,) = interaction.channels.list()
    fetched = interaction.channels(channel.sid).fetch()
    (invite,) = interaction.channels(channel.sid).invites.list()
    participants = interaction.channels(channel.sid).participants.list()

    assert (channel.status, fetched.sid, channel.sid) == ("active", channel.sid, made.channel["sid"])
    assert invite.routing["properties"]["assignment_status"] == "assigned"
    assert [(row.type, row.routing_properties) for row in participants] == [
        ("customer", None),
        (
            "agent",
            {
                "task_sid": ids.sid("WT", reservation.task_id),
                "worker_sid": worker.sid,
                "reservation_sid": reservation.sid,
            },
        ),
    ]


@pytest.mark.parametrize(
    ("more", "held", "waiting"), [({}, "wrapping", "canceled"), ({"status": "closed"}, "completed", "canceled")]
)
def test_closing_a_channel_ends_all_of_it(
    client: Client, desk: Desk, more: dict[str, str], held: str, waiting: str
) -> None:
    desk.agent()
    conversation = desk.conversation()
    made = begin(client, desk, conversation)
    channel = client.flex_api.v1.interaction(made.sid).channels(made.channel["sid"])
    accept(desk, task_of(made).id)
    second = channel.invites.create(routing=routing_of(desk, task_channel_unique_name="default"))

    closed = channel.update(status="closed", routing=more)

    conversation.refresh_from_db()
    assert (closed.status, conversation.state, conversation.agents) == ("closed", "closed", 0)
    assert task_of(made).status == held
    assert Task.objects.get(id=ids.parse("WT", second.routing["properties"]["sid"])).status == waiting
    assert set(Invite.objects.values_list("status", flat=True)) == {held, waiting}
    assert channel.update(status="closed", routing=more).status == "closed"


@pytest.mark.parametrize(("status", "expected"), [("closed", "completed"), ("wrapup", "wrapping")])
def test_a_worker_leaves_and_the_conversation_stays(client: Client, desk: Desk, status: str, expected: str) -> None:
    desk.agent()
    conversation = desk.conversation()
    made = begin(client, desk, conversation)
    accept(desk, task_of(made).id)
    channel = client.flex_api.v1.interaction(made.sid).channels(made.channel["sid"])
    agent = next(row for row in channel.participants.list() if row.type == "agent")

    channel.participants(agent.sid).update(status=status)

    conversation.refresh_from_db()
    assert (task_of(made).status, conversation.state, conversation.agents) == (expected, "active", 0)
    assert [row.type for row in channel.participants.list()] == ["customer"]
    # Somebody else may be asked in later.
    again = channel.invites.create(routing=routing_of(desk))
    assert again.routing["properties"]["assignment_status"] == "pending"
    customer = channel.participants.list()[0]
    assert refused(lambda: channel.participants(customer.sid).update(status="closed")) == (400, 20001)


def test_a_third_party_joins_by_identity(client: Client, desk: Desk) -> None:
    conversation = desk.conversation()
    made = begin(client, desk, conversation)
    channel = client.flex_api.v1.interaction(made.sid).channels(made.channel["sid"])

    added = channel.participants.create(type="external", media_properties={"identity": "expert"})
    again = channel.participants.create(type="external", media_properties={"identity": "expert"})

    assert (added.type, added.sid) == ("external", again.sid)
    assert Participant.objects.get(conversation=conversation, identity="expert").kind == "external"


@pytest.mark.parametrize(
    ("channel", "change"),
    [
        ({"type": "sms"}, {}),
        ({"type": "sms", "initiated_by": "nobody"}, {}),
        ({"type": "sms", "initiated_by": "customer"}, {}),
        ({"type": "sms", "initiated_by": "customer", "properties": {"media_channel_sid": "nonsense"}}, {}),
        ({"type": "sms", "initiated_by": "customer", "properties": {"media_channel_sid": "CH" + "0" * 32}}, {}),
        ({"type": "sms", "initiated_by": "api", "participants": []}, {}),
        ({"type": "sms", "initiated_by": "api", "participants": "x"}, {}),
        ({"type": "sms", "initiated_by": "api", "participants": [{"address": CUSTOMER}]}, {}),
        ({"type": "pigeon", "initiated_by": "api", "participants": [{"identity": "x"}]}, {}),
        ({"type": "sms", "initiated_by": "agent", "participants": [{"identity": "x"}]}, {}),
        (None, {"workspace_sid": "WS" + "0" * 32}),
        (None, {"workspace_sid": None}),
        (None, {"workflow_sid": "nonsense"}),
        (None, {"task_channel_unique_name": "pigeon"}),
        (None, {"timeout": 0}),
        (None, {"priority": "high"}),
        (None, {"attributes": "text"}),
    ],
)
def test_bad_requests_get_a_clear_error(
    client: Client, desk: Desk, channel: dict[str, Any] | None, change: dict[str, Any]
) -> None:
    given = channel or by_customer(desk.conversation())

    call = lambda: client.flex_api.v1.interaction.create(channel=given, routing=routing_of(desk, **change))  # noqa: E731

    status, _ = refused(call)
    assert status in (400, 404)
    assert Invite.objects.count() == 0


@pytest.mark.parametrize("fields", [{}, {"Channel": "no JSON"}, {"Channel": "[]"}, {"Channel": "{}", "Routing": "7"}])
def test_bad_forms_get_a_clear_error(desk: Desk, fields: dict[str, str]) -> None:
    from tests.sdk import basic

    headers = {"Authorization": basic(desk.account.sid, desk.account.auth_token)}
    answer = DjangoClient(headers=headers).post("/flex-api/v1/Interactions", fields)

    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_routes_nothing_of_a_closed_conversation(client: Client, desk: Desk) -> None:
    conversation = desk.conversation()
    interaction = begin(client, desk, conversation)
    channel = client.flex_api.v1.interaction(interaction.sid).channels(interaction.channel["sid"])
    close_conversation(conversation_id=conversation.id, reason="API", now=clock.now())

    assert refused(lambda: begin(client, desk, conversation)) == (400, 45354)
    assert refused(lambda: channel.invites.create(routing=routing_of(desk))) == (400, 45354)


def test_another_accounts_interactions_are_unknown(client: Client, desk: Desk) -> None:
    other = make_desk("Other")
    theirs = begin(client_of(other), other, other.conversation())
    mine = begin(client, desk, desk.conversation())
    channel_sid = theirs.channel["sid"]
    interaction = client.flex_api.v1.interaction(theirs.sid)
    mixed = client.flex_api.v1.interaction(mine.sid).channels(channel_sid)

    calls: list[Callable[[], Any]] = [
        interaction.fetch,
        lambda: interaction.update(webhook_ttid="x"),
        interaction.channels(channel_sid).fetch,
        lambda: interaction.channels(channel_sid).update(status="closed", routing={}),
        lambda: interaction.channels(channel_sid).invites.create(routing=routing_of(desk)),
        mixed.fetch,
        lambda: begin(client, desk, other.conversation()),
    ]

    assert {refused(call)[0] for call in calls[:-1]} == {404}
    assert refused(calls[-1])[0] == 400


def test_needs_credentials(db: None) -> None:
    assert DjangoClient().post("/flex-api/v1/Interactions", {}).status_code == 401
