"""Handing a conversation over."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from common import clock, ids
from conversations import services as conversations
from interactions.errors import ChannelClosed, InteractionError
from interactions.models import Interaction, InteractionChannel, InteractionParticipant, Invite
from routing import services as routing
from routing.models import Task
from tests.interactions.world import Desk, invite_of, make_desk


def test_makes_a_task_that_names_its_contact(desk: Desk) -> None:
    conversation = desk.conversation(channel_type="whatsapp")

    interaction = desk.hand_over(conversation, attributes={"skill": "sales", "flexInteractionSid": "KDforged"})

    channel = InteractionChannel.objects.get(interaction=interaction)
    invite = invite_of(interaction)
    task = Task.objects.get(id=invite.task_id)
    assert json.loads(task.attributes) == {
        "skill": "sales",
        "customerName": "Carl Customer",
        "customerAddress": conversation.customer_address,
        "from": "Carl Customer",
        "conversations": {
            "initiated_by": "customer",
            "communication_channel": "Whatsapp",
            "direction": "inbound",
            "conversation_id": interaction.sid,
            "media": [{"type": "ChatTranscript", "sid": conversation.sid}],
            "external_contact": conversation.proxy_address,
        },
        "conversationSid": conversation.sid,
        "channelType": "whatsapp",
        "direction": "inbound",
        "initiatedBy": "customer",
        "flexInteractionSid": interaction.sid,
        "flexInteractionChannelSid": channel.sid,
        "flexChannelInviteSid": invite.sid,
    }
    assert (task.channel.unique_name, task.priority, task.timeout_seconds) == ("chat", 0, 3600)
    assert (channel.status, channel.type, channel.conversation_id) == ("active", "whatsapp", conversation.id)
    (customer,) = InteractionParticipant.objects.filter(channel=channel)
    assert (customer.type, customer.identity) == ("customer", conversation.customer_address)


def test_what_the_flow_says_of_the_customer_wins(desk: Desk) -> None:
    given = {"customerName": "C. Customer", "from": "Sea", "conversations": {"outcome": "none", "direction": "x"}}

    interaction = desk.hand_over(desk.conversation(), attributes=given)

    attributes = json.loads(Task.objects.get(id=invite_of(interaction).task_id).attributes)
    assert (attributes["customerName"], attributes["from"]) == ("C. Customer", "Sea")
    assert attributes["customers"] == {"name": "C. Customer", "phone": None, "email": None}
    assert (attributes["conversations"]["outcome"], attributes["conversations"]["direction"]) == ("none", "inbound")


def test_the_same_key_makes_one(desk: Desk) -> None:
    conversation, key = desk.conversation(), uuid4()

    first = desk.hand_over(conversation, key=key)
    second = desk.hand_over(conversation, key=key)

    assert first == second
    assert (Interaction.objects.count(), Invite.objects.count(), Task.objects.count()) == (1, 1, 1)


def test_an_sms_goes_to_the_sms_channel(desk: Desk) -> None:
    interaction = desk.hand_over(desk.conversation(channel_type="sms"))

    assert Task.objects.get(id=invite_of(interaction).task_id).channel.unique_name == "sms"


@pytest.mark.parametrize("spelling", ["sid", "name", "NAME ", "empty"])
def test_a_workflow_goes_by_sid_name_or_nothing(desk: Desk, spelling: str) -> None:
    workflow = desk.workspace.workflows.get()
    given = {
        "sid": ids.sid("WW", workflow.id),
        "name": workflow.friendly_name,
        "NAME ": workflow.friendly_name.upper() + " ",
        "empty": "",
    }

    interaction = desk.hand_over(desk.conversation(), workflow=given[spelling])

    assert Task.objects.get(id=invite_of(interaction).task_id).workflow_id == workflow.id


@pytest.mark.parametrize(
    "wrong",
    [
        {"workflow": "WW00000000000000000000000000000000"},
        {"workflow": "No such workflow"},
        {"task_channel": "carrier pigeon"},
        {"task_channel": "TC00000000000000000000000000000000"},
        {"timeout_seconds": -5},
        {"priority": -1},
        {"attributes": {"long": "x" * 5000}},
    ],
)
def test_what_cannot_be_routed_is_refused_and_leaves_nothing(desk: Desk, wrong: dict[str, object]) -> None:
    with pytest.raises(InteractionError):
        desk.hand_over(desk.conversation(), **wrong)

    assert (Interaction.objects.count(), Invite.objects.count(), Task.objects.count()) == (0, 0, 0)


def test_another_accounts_workflow_is_unknown(desk: Desk) -> None:
    other = make_desk("Other")

    with pytest.raises(InteractionError):
        desk.hand_over(desk.conversation(), workflow=ids.sid("WW", other.workspace.workflows.get().id))


def test_another_accounts_conversation_is_unknown(desk: Desk) -> None:
    with pytest.raises(InteractionError):
        desk.hand_over(make_desk("Other").conversation())


def test_several_workflows_need_a_name(desk: Desk) -> None:
    first = desk.workspace.workflows.get()
    for name in ("Second", "second"):
        routing.create_workflow(
            workspace_id=desk.workspace.id, friendly_name=name, configuration=first.configuration, now=clock.now()
        )

    with pytest.raises(InteractionError):
        desk.hand_over(desk.conversation())
    with pytest.raises(InteractionError, match="Several"):
        desk.hand_over(desk.conversation(), workflow="Second")


def test_a_closed_conversation_is_handed_to_nobody(desk: Desk) -> None:
    conversation = desk.conversation()
    conversations.close_conversation(conversation_id=conversation.id, reason="API", now=clock.now())

    with pytest.raises(ChannelClosed):
        desk.hand_over(conversation)
