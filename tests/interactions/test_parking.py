"""Parking and waking, and the flows of the overview page (reference/interactions.md, 9)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from common import clock, ids
from common.errors import BadParameter, Conflict
from conversations import services as conversations
from conversations.models import Conversation
from flows.models import Execution
from interactions import services
from interactions.errors import OthersPresent
from interactions.models import Interaction, InteractionParticipant, Parking
from routing import services as routing
from routing.models import Reservation, Task
from tests.factories import definition, inbound, publish_flow, state, texts
from tests.interactions.test_rest import accept, begin, client_of, routing_of, task_of
from tests.interactions.test_transfers import agents, answer, offered, taken, tasks
from tests.interactions.test_transfers import state as state_of
from tests.interactions.world import Desk

Drain = Callable[[], int]


@pytest.fixture
def talk(desk: Desk) -> Conversation:
    return desk.conversation()


@pytest.fixture
def ana(desk: Desk, talk: Conversation) -> InteractionParticipant:
    desk.agent("Ana Agent")
    return taken(desk, talk)


def park(participant: InteractionParticipant, wake_to: str = "agent", **more: Any) -> Parking:
    return services.park(participant=participant, wake_to=wake_to, now=clock.now(), **more)


def newest() -> Task:
    found = Task.objects.order_by("id").last()
    assert found is not None
    return found


def test_parking_frees_the_agent_and_keeps_the_conversation(
    desk: Desk, talk: Conversation, ana: InteractionParticipant
) -> None:
    park(ana, note="Looks for the invoice")

    interaction = Interaction.objects.get()
    assert (state_of(talk), agents(talk), tasks()) == ("active", [], ["completed"])
    assert (interaction.channel.status, interaction.answered_at) == ("inactive", None)
    assert Reservation.objects.get().status == "completed"


@pytest.mark.parametrize("wake_to", ["agent", "queue", "workflow"])
def test_the_customers_message_wakes_it(
    desk: Desk, talk: Conversation, ana: InteractionParticipant, drain: Drain, wake_to: str
) -> None:
    park(ana, wake_to)

    desk.say(talk, "Here it is")
    desk.say(talk, "And one more")
    drain()

    assert Task.objects.count() == 2
    task, queue = newest(), desk.workspace.task_queues.get()
    wanted = {"agent": (ana.worker_id, queue.id, False), "queue": (None, queue.id, False)}
    assert (task.only_worker_id, task.queue_id, task.step_filter is not None) == wanted.get(
        wake_to, (None, queue.id, True)
    )
    reservation = Reservation.objects.get(task=task)
    answer(reservation, "accepted")
    assert agents(talk) == ["Ana Agent"]
    assert (Parking.objects.get().status, Parking.objects.get().ended_by) == ("woken", "reply")
    answer(reservation, "completed")
    assert (state_of(talk), Interaction.objects.get().answered_at is not None) == ("closed", True)


def test_who_has_gone_home_is_not_waited_for(
    desk: Desk, talk: Conversation, ana: InteractionParticipant, drain: Drain
) -> None:
    park(ana, "agent")
    assert ana.worker_id is not None
    routing.set_activity(worker_id=ana.worker_id, activity_id=desk.activity("Offline").id, now=clock.now())

    desk.say(talk, "Hello again")
    drain()

    assert (newest().only_worker_id, newest().status) == (None, "pending")


def test_an_agents_own_message_wakes_nobody(
    desk: Desk, talk: Conversation, ana: InteractionParticipant, drain: Drain
) -> None:
    park(ana)

    desk.say(talk, "We will write to you", source="api", author="us")
    drain()

    assert Task.objects.count() == 1


def test_time_wakes_it_too(desk: Desk, talk: Conversation, ana: InteractionParticipant, drain: Drain) -> None:
    park(ana, "queue", wake_at=clock.now() + timedelta(hours=20))

    with time_machine.travel(clock.now() + timedelta(hours=26), tick=False):  # the server was down meanwhile
        drain()

    assert (Parking.objects.get().ended_by, Task.objects.filter(status__in=("pending", "reserved")).count()) == (
        "timer",
        1,
    )


def test_an_agent_wakes_it_by_hand(desk: Desk, talk: Conversation, ana: InteractionParticipant, drain: Drain) -> None:
    park(ana, "queue")
    ben, _ = desk.agent("Ben Agent")

    services.wake(conversation_id=talk.id, by="agent", worker_id=ben.id, is_auto_answered=True, now=clock.now())
    drain()

    assert agents(talk) == ["Ben Agent"]
    assert services.wake(conversation_id=talk.id, by="agent", now=clock.now()) is None


def test_a_parked_conversation_can_be_closed(desk: Desk, talk: Conversation, ana: InteractionParticipant) -> None:
    parking = park(ana)

    services.close_parked(parking=parking, now=clock.now())

    interaction = Interaction.objects.get()
    assert (state_of(talk), interaction.channel.status) == ("closed", "closed")
    assert interaction.answered_at is not None
    with pytest.raises(Conflict):
        services.close_parked(parking=parking, now=clock.now())


def test_a_message_that_was_not_seen_forbids_parking(
    desk: Desk, talk: Conversation, ana: InteractionParticipant
) -> None:
    seen = desk.say(talk, "Hello").index
    desk.say(talk, "Are you there?")

    with pytest.raises(Conflict, match="just written"):
        park(ana, seen_index=seen)
    assert (tasks(), agents(talk)) == (["assigned"], ["Ana Agent"])
    park(ana, seen_index=seen + 1)


def test_nobody_parks_what_a_colleague_has(desk: Desk, talk: Conversation, ana: InteractionParticipant) -> None:
    ben, _ = desk.agent("Ben Agent")
    services.start_transfer(participant=ana, type="warm", to_sid=ben.sid, now=clock.now())
    answer(offered(desk, ben), "accepted")

    with pytest.raises(OthersPresent):
        park(ana)


def test_bad_values_are_refused(ana: InteractionParticipant) -> None:
    for more in ({"wake_to": "moon"}, {"note": "x" * 1001}, {"wake_at": clock.now() - timedelta(seconds=1)}):
        with pytest.raises(BadParameter):
            park(ana, **{"wake_to": "agent", **more})


def test_flows_stay_silent_while_parked(desk: Desk, drain: Drain) -> None:
    """9.1 with a pause: the bot, the agent, the pause, the agent again, the bot's last word."""
    flow = definition(
        state("ask", "send-and-wait-for-reply", {"incomingMessage": "agent", "timeout": None}, body="Name?"),
        state("agent", "send-to-flex", {"callComplete": "bye", "failedToEnqueue": None}, channel="sms"),
        state("bye", "send-message", {"sent": None, "failed": None}, body="Goodbye"),
    )
    publish_flow(desk.account, flow)
    desk.agent("Ana Agent")
    say = lambda body: conversations.receive_messages([inbound(desk.account, body)], now=clock.now())  # noqa: E731
    say("hi")
    drain()
    say("Bo")
    drain()
    conversation = Conversation.objects.get()
    reservation = Reservation.objects.get(status="pending")
    answer(reservation, "accepted")
    participant = InteractionParticipant.objects.select_related("channel").get(reservation_id=reservation.id)
    park(participant)
    drain()
    assert (texts(conversation.id), Execution.objects.get().status) == (["Name?"], "active")

    say("I am back")
    say("Hello?")
    drain()
    answer(Reservation.objects.get(status="pending"), "accepted")
    say("Thanks")
    drain()
    assert texts(conversation.id) == ["Name?"]

    answer(Reservation.objects.get(status="accepted"), "completed")
    drain()

    # The conversation was closed by then, so the flow ends without being heard.
    assert Execution.objects.get().status == "ended"


def test_outbound_flows_stay_silent_too(desk: Desk, drain: Drain) -> None:
    """9.2, parked: the address has a flow, which must not answer the customer's late reply."""
    publish_flow(desk.account, definition(state("hi", "send-message", {"sent": None, "failed": None}, body="Bot")))
    worker, _ = desk.agent("Ana Agent")
    client = client_of(desk)
    queue = desk.workspace.task_queues.get()
    made = client.flex_api.v1.interaction.create(
        channel={
            "type": "sms",
            "initiated_by": "agent",
            "participants": [{"address": "+15551230001", "proxy_address": "+15550100001"}],
        },
        routing=routing_of(desk, queue_sid=ids.sid("WQ", queue.id), worker_sid=worker.sid),
    )
    reservation = accept(desk, task_of(made).id)
    participant = InteractionParticipant.objects.select_related("channel").get(reservation_id=reservation.id)
    park(participant)

    conversations.receive_messages([inbound(desk.account, "Yes please")], now=clock.now())
    drain()
    conversations.receive_messages([inbound(desk.account, "Hello?")], now=clock.now())
    drain()

    assert Conversation.objects.count() == 1
    assert (texts(Conversation.objects.get().id), Execution.objects.count()) == ([], 0)
    assert Reservation.objects.filter(status="pending", worker=worker).count() == 1


def test_a_task_on_the_customers_response(desk: Desk, drain: Drain) -> None:
    """9.3: no task until the customer answers; then the flow hands over."""
    flow = publish_flow(
        desk.account,
        definition(
            state("agent", "send-to-flex", {"callComplete": None, "failedToEnqueue": None}, channel="sms"),
            trigger={"incomingConversationMessage": "agent", "incomingMessage": "agent"},
        ),
        address=None,
    )
    desk.agent("Ana Agent")
    client = client_of(desk)
    client.http_client._on_answer = None
    made = client.conversations.v1.conversations.create(friendly_name="Reminder")
    where = client.conversations.v1.conversations(made.sid)
    where.participants.create(messaging_binding_address="+15551230001", messaging_binding_proxy_address="+15550100001")
    where.webhooks.create(target="studio", configuration_flow_sid=flow.sid)
    where.messages.create(author="us", body="Your appointment is tomorrow")
    drain()
    assert Task.objects.count() == 0

    conversations.receive_messages([inbound(desk.account, "Can I come later?")], now=clock.now())
    drain()

    reservation = Reservation.objects.get(status="pending")
    answer(reservation, "accepted")
    conversation = Conversation.objects.get()
    assert (conversation.sid, agents(conversation)) == (made.sid, ["Ana Agent"])
    assert '"initiatedBy": "customer"' in reservation.task.attributes


def test_parks_by_rest(desk: Desk, drain: Drain) -> None:
    desk.agent("Ana Agent")
    client, conversation = client_of(desk), desk.conversation()
    made = begin(client, desk, conversation)
    accept(desk, task_of(made).id)
    channel = client.flex_api.v1.interaction(made.sid).channels(made.channel["sid"])

    parked = channel.update(status="inactive", routing={"status": "closed"})
    assert (parked.status, state_of(conversation), agents(conversation), tasks()) == (
        "inactive",
        "active",
        [],
        ["completed"],
    )
    desk.say(conversation, "I am back")
    drain()

    assert channel.fetch().status == "active"
    assert (newest().workflow_id, newest().status) == (desk.workspace.workflows.get().id, "reserved")
