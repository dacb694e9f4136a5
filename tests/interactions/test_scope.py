"""Every operation of Flex v1 that is in scope, called through the official SDK; the list fails when one is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as DjangoClient

from common import ids
from interactions.models import InteractionWebhook
from tests.factories import definition, publish_flow, state
from tests.interactions.test_rest import accept, begin, client_of, refused, routing_of, task_of
from tests.interactions.world import Desk, make_desk
from tests.openapi import OpenApi
from tests.sdk import basic, sdk_client
from tests.standins.listener import listening

# reference/openapi/README.md, "Scope: Flex v1".
IN_SCOPE = re.compile(
    r"/v1/(Interactions(/\{Sid\})?"
    r"|Interactions/\{InteractionSid\}/Channels(/\{Sid\})?"
    r"|Interactions/\{InteractionSid\}/Channels/\{ChannelSid\}/(Invites|(Participants|Transfers)(/\{Sid\})?)"
    r"|Configuration|account/provision/status)"
)


class Body(dict[str, Any]):
    """A JSON body as the SDK wants it."""

    def to_dict(self) -> dict[str, Any]:
        return dict(self)


def test_every_operation_in_scope_is_served(desk: Desk) -> None:
    document = OpenApi("twilio_flex_v1.json", "/flex-api")
    client = sdk_client(desk.account, document.check)
    ana, _ = desk.agent("Ana Agent")
    made = begin(client, desk, desk.conversation())
    accept(desk, task_of(made).id)
    ben, _ = desk.agent("Ben Agent")
    interaction = client.flex_api.v1.interaction(made.sid)
    channel = interaction.channels(made.channel["sid"])

    interaction.fetch()
    interaction.update(webhook_ttid="flex_interactionwebhook_x")
    interaction.channels.list()
    channel.fetch()
    channel.invites.list()
    agent = next(row for row in channel.participants.list() if row.type == "agent")
    channel.participants.create(type="external", media_properties={"identity": "expert"})
    transfer = channel.transfers.create(body=Body(type="warm", to=ben.sid, **{"from": agent.sid}))
    channel.transfers(transfer.sid).fetch()
    channel.transfers(transfer.sid).update(body=Body(status="failed"))
    channel.invites.create(routing=routing_of(desk))
    channel.participants(agent.sid).update(status="wrapup")
    channel.update(status="closed", routing={"status": "closed"})
    client.flex_api.v1.configuration().fetch()
    client.flex_api.v1.configuration().update(body=Body(attributes={"theme": "dark"}))
    client.flex_api.v1.provisioning_status().fetch()

    wanted = {each for each in document.operations() if IN_SCOPE.fullmatch(each[1])}
    assert len(wanted) == 17
    assert wanted - document.seen == set()


def test_the_configuration_names_what_tools_need(desk: Desk) -> None:
    client = client_of(desk)

    found = client.flex_api.v1.configuration().fetch()
    kept = client.flex_api.v1.configuration().update(body=Body(attributes={"theme": "dark"}))

    workflow, queue = desk.workspace.workflows.get(), desk.workspace.task_queues.get()
    assert (found.taskrouter_workspace_sid, found.taskrouter_target_workflow_sid) == (
        ids.sid("WS", desk.workspace.id),
        ids.sid("WW", workflow.id),
    )
    assert found.taskrouter_target_taskqueue_sid == ids.sid("WQ", queue.id)
    assert (found.chat_service_instance_sid, found.status) == (ids.sid("IS", desk.account.id), "ok")
    assert (kept.attributes, client.flex_api.v1.configuration().fetch().attributes) == (
        {"theme": "dark"},
        {"theme": "dark"},
    )


class Webhooks:
    """``/Instances/{GO}/InteractionWebhooks``, which the SDK does not know."""

    def __init__(self, desk: Desk) -> None:
        self.headers = {"Authorization": basic(desk.account.sid, desk.account.auth_token)}
        self.path = f"/flex-api/v1/Instances/{ids.sid('GO', desk.account.id)}/InteractionWebhooks"

    def call(self, method: str, ttid: str = "", **fields: Any) -> Any:
        client = DjangoClient(headers=self.headers)
        return getattr(client, method)(f"{self.path}/{ttid}".rstrip("/"), fields)

    def create(self, url: str, **fields: Any) -> str:
        answer = self.call("post", WebhookUrl=url, **fields)
        assert answer.status_code == 201, answer.json()
        return str(answer.json()["ttid"])


def test_webhooks_hear_what_happens_to_interactions(desk: Desk, drain: Callable[[], int], settings: Any) -> None:
    settings.HTTP_ALLOW = ("127.0.0.0/8",)
    with listening() as listener:
        webhooks, client = Webhooks(desk), client_of(desk)
        webhooks.create(f"{listener.url}/all", FriendlyName="All")
        own = webhooks.create(
            f"{listener.url}/own", Type="interaction", WebhookEvents=["onInteractionCreated", "onParticipantLeft"]
        )
        desk.agent("Ana Agent")
        made = client.flex_api.v1.interaction.create(
            channel={
                "type": "sms",
                "initiated_by": "customer",
                "properties": {"media_channel_sid": desk.conversation().sid},
            },
            routing=routing_of(desk),
            webhook_ttid=own,
        )
        task = task_of(made)
        accept(desk, task.id)
        client.flex_api.v1.interaction(made.sid).channels(made.channel["sid"]).update(status="closed", routing={})
        begin(client, desk, desk.conversation())
        drain()

        begun = ["onInteractionCreated", "onChannelCreated", "onParticipantJoined"]
        assert sorted(listener.events("/all")) == sorted(
            [*begun, *begun, "onParticipantJoined", "onChannelStatusUpdated", "onParticipantLeft"]
        )
        assert listener.events("/own") == ["onInteractionCreated", "onParticipantLeft"]
        left = next(each.parameters for each in listener.heard if each.parameters["EventType"] == "onParticipantLeft")
        assert left["ParticipantType"] == "agent"
        assert (left["TaskSid"], left["InteractionSid"], left["InstanceSid"]) == (
            ids.sid("WT", task.id),
            made.sid,
            ids.sid("GO", desk.account.id),
        )


def test_webhooks_hear_of_what_could_not_be_made(desk: Desk, drain: Callable[[], int], settings: Any) -> None:
    settings.HTTP_ALLOW = ("127.0.0.0/8",)
    with listening() as listener:
        Webhooks(desk).create(listener.url, WebhookEvents=["onChannelCreateFailed"])
        client, conversation = client_of(desk), desk.conversation()
        channel = {
            "type": "sms",
            "initiated_by": "api",
            "participants": [{"address": conversation.customer_address, "proxy_address": conversation.proxy_address}],
        }

        error = refused(lambda: client.flex_api.v1.interaction.create(channel=channel, routing=routing_of(desk)))
        drain()

        assert error == (409, 50416)
        assert [(each.parameters["ErrorCode"], each.parameters["MediaChannelType"]) for each in listener.heard] == [
            ("50416", "sms")
        ]


def test_webhooks_are_listed_changed_and_deleted(desk: Desk) -> None:
    webhooks = Webhooks(desk)
    ttid = webhooks.create("https://example.com/a", WebhookMethod="GET", WebhookEvents="onInteractionCreated")
    webhooks.create("https://example.com/b", Type="interaction")

    changed = webhooks.call("post", ttid, WebhookUrl="https://example.com/c", FriendlyName="C").json()
    listed = [row["webhook_url"] for row in webhooks.call("get").json()["data"]]
    of_type = [row["webhook_url"] for row in webhooks.call("get", type="interaction").json()["data"]]
    gone = webhooks.call("delete", ttid)

    assert re.fullmatch(r"flex_interactionwebhook_[0-9a-z]{26}", ttid)
    assert {key: changed[key] for key in ("webhook_method", "webhook_events", "friendly_name", "type")} == {
        "webhook_method": "GET",
        "webhook_events": ["onInteractionCreated"],
        "friendly_name": "C",
        "type": "global",
    }
    assert (listed, of_type) == (["https://example.com/c", "https://example.com/b"], ["https://example.com/b"])
    assert (gone.status_code, webhooks.call("get", ttid).status_code) == (204, 404)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"WebhookUrl": "ftp://example.com"},
        {"WebhookUrl": "https://example.com", "WebhookMethod": "PUT"},
        {"WebhookUrl": "https://example.com", "WebhookEvents": "onSomething"},
        {"WebhookUrl": "https://example.com", "Type": "local"},
    ],
)
def test_bad_webhooks_get_a_clear_error(desk: Desk, fields: dict[str, str]) -> None:
    answer = Webhooks(desk).call("post", **fields)

    assert (answer.status_code, answer.json()["code"]) == (400, 20001)
    assert not InteractionWebhook.objects.exists()


def test_another_accounts_webhooks_are_unknown(desk: Desk) -> None:
    other = Webhooks(make_desk("Other"))
    ttid = other.create("https://example.com/a")
    mine = Webhooks(desk)

    assert mine.call("get", ttid).status_code == 404
    other.headers = mine.headers
    assert other.call("get").status_code == 404


def test_one_call_begins_a_web_chat(desk: Desk, drain: Callable[[], int]) -> None:
    flow = publish_flow(
        desk.account,
        definition(
            state("hi", "send-message", {"sent": None, "failed": None}, body="You want {{trigger.message.Body}}"),
            trigger={"incomingConversationMessage": "hi", "incomingMessage": "hi"},
        ),
        address="Shop",
        type="chat",
    )
    client = sdk_client(desk.account)
    address = next(each for each in client.conversations.v1.address_configurations.list() if each.address == "Shop")

    made = client.flex_api.v2.web_channels.create(
        address_sid=address.sid,
        customer_friendly_name="Cleo",
        chat_friendly_name="Tents",
        pre_engagement_data='{"query": "tents"}',
    )
    conversation = client.conversations.v1.conversations(made.conversation_sid)
    conversation.messages.create(author=made.identity, body="tents", x_twilio_webhook_enabled="true")
    drain()

    assert json.loads(conversation.fetch().attributes) == {"pre_engagement_data": {"query": "tents"}}
    assert [row.body for row in conversation.messages.list()] == ["tents", "You want tents"]
    assert [row.identity for row in conversation.participants.list()] == [made.identity]
    assert flow.sid.startswith("FW")
    assert refused(lambda: client.flex_api.v2.web_channels.create(address_sid="IG" + "0" * 32)) == (400, 20001)
