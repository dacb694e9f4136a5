"""``/app/v1/console/…``: transfer, leave, end, park, hand back, wrap-up, outbound; policies and contacts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import AuditEntry, User
from channels_app import services as channels
from common import clock, ids
from conversations import services as conversations
from conversations.models import Contact, Conversation, Message
from flows.models import Execution
from interactions.models import Parking, Transfer
from routing import services as routing
from routing.models import Reservation, Task, Worker
from tests.factories import definition, inbound, publish_flow, state, texts
from tests.interactions.world import Desk, make_desk
from tests.realtime.test_console_api import CONSOLE, answer, logged_in, post

Drain = Callable[[], int]
APP = "/app/v1"


def put(client: Client, path: str, body: Any) -> Any:
    return client.put(path, data=json.dumps(body), content_type="application/json")


class Agent:
    """An agent at a browser."""

    def __init__(self, desk: Desk, name: str, **more: Any) -> None:
        self.desk = desk
        self.worker: Worker
        self.user: User
        self.worker, self.user = desk.agent(name, **more)
        self.client = logged_in(self.user)

    def take(self, conversation: Conversation, **given: Any) -> Reservation:
        reservation = self.desk.offer(conversation, **given)
        assert reservation.worker_id == self.worker.id
        assert answer(self.client, reservation, "accepted").status_code == 200
        return reservation

    def offered(self) -> Reservation:
        routing.assign(workspace_id=self.desk.workspace.id, now=clock.now())
        return Reservation.objects.get(worker=self.worker, status="pending")

    def do(self, reservation: Reservation, what: str, **body: Any) -> Any:
        return post(self.client, f"{CONSOLE}/reservations/{reservation.sid}/{what}", body)

    def work(self, reservation: Reservation) -> Any:
        return self.client.get(f"{CONSOLE}/reservations/{reservation.sid}/work").json()


@pytest.fixture
def talk(desk: Desk) -> Conversation:
    return desk.conversation()


@pytest.fixture
def ana(desk: Desk) -> Agent:
    return Agent(desk, "Ana Agent")


@pytest.fixture
def held(ana: Agent, talk: Conversation) -> Reservation:
    return ana.take(talk)


@pytest.fixture
def ben(desk: Desk, held: Reservation) -> Agent:
    return Agent(desk, "Ben Agent")


def test_a_warm_transfer_is_seen_by_both(ana: Agent, ben: Agent, held: Reservation) -> None:
    made = ana.do(held, "transfer", type="warm", to=ben.worker.sid, note="Wants a refund")

    assert made.status_code == 201
    (told,) = made.json()["transfers"]
    assert (told["status"], told["to_name"], told["has_joined"], told["is_mine"]) == (
        "active",
        "Ben Agent",
        False,
        True,
    )
    offer = ben.offered()
    assert ben.work(offer)["arrived_by"] == {"type": "warm", "from": "Ana Agent", "note": "Wants a refund"}
    answer(ben.client, offer, "accepted")
    assert [each["name"] for each in ana.work(held)["agents"]] == ["Ana Agent", "Ben Agent"]
    assert ana.do(held, "end").status_code == 409
    assert ana.do(held, "leave").status_code == 200
    assert [each["name"] for each in ben.work(offer)["agents"]] == ["Ben Agent"]


def test_the_sender_sees_that_it_was_declined(ana: Agent, ben: Agent, held: Reservation) -> None:
    ana.do(held, "transfer", type="warm", to=ben.worker.sid)

    answer(ben.client, ben.offered(), "rejected")

    (told,) = ana.work(held)["transfers"]
    assert (told["status"], told["reason"]) == ("failed", "declined")


def test_only_the_sender_takes_it_back(ana: Agent, ben: Agent, held: Reservation) -> None:
    ana.do(held, "transfer", type="warm", to=ben.worker.sid)
    sid = Transfer.objects.get().sid

    assert post(ben.client, f"{CONSOLE}/transfers/{sid}/cancel", {}).status_code == 404
    assert post(ana.client, f"{CONSOLE}/transfers/{sid}/cancel", {}).json()["reason"] == "canceled"
    assert post(ana.client, f"{CONSOLE}/transfers/{sid}/cancel", {}).status_code == 409


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("transfer", {"type": "warm"}, 400),
        ("transfer", {"type": "hot", "to": "WK"}, 400),
        ("transfer", {"type": "warm", "to": "WK" + "0" * 32}, 400),
        ("leave", {}, 409),
        ("park", {"wake_to": "moon"}, 400),
        ("park", {"wake_to": "agent", "wake_at": "yesterday"}, 400),
        ("hand-back", {}, 409),
        ("hand-back", {"flow_sid": "nonsense"}, 400),
        ("hand-back", {"flow_sid": "FW" + "0" * 32}, 404),
    ],
)
def test_bad_requests_get_a_clear_error(
    ana: Agent, held: Reservation, what: str, body: dict[str, Any], status: int
) -> None:
    answered = ana.do(held, what, **body)

    assert answered.status_code == status
    assert answered.json()["message"]
    assert Task.objects.get().status == "assigned"


@pytest.mark.parametrize("what", ["transfer", "end", "leave", "park", "hand-back", "work", "wrap-up", "wrap-up/extend"])
def test_nobody_else_does_it(desk: Desk, held: Reservation, ben: Agent, what: str) -> None:
    stranger = Agent(make_desk("Other"), "Eve Else")
    for agent in (ben, stranger):
        path = f"{CONSOLE}/reservations/{held.sid}/{what}"
        bodies = {"transfer": {"type": "cold", "to": ben.worker.sid}, "park": {"wake_to": "agent"}}
        call = {"work": agent.client.get, "wrap-up": lambda each, a=agent: put(a.client, each, {})}.get(what)
        answered = call(path) if call else post(agent.client, path, bodies.get(what, {}))
        assert answered.status_code == 404, (what, answered.json())


def test_the_directory_shows_load(desk: Desk, ana: Agent, ben: Agent, held: Reservation) -> None:
    Agent(desk, "Amy Away", available=False)
    routing.create_queue(
        workspace_id=desk.workspace.id, friendly_name="Nobody", target_workers='team == "none"', now=clock.now()
    )

    told = ana.client.get(f"{CONSOLE}/directory", {"reservation": held.sid}).json()

    queues = {row["name"]: (row["waiting"], row["workers"], row["available"]) for row in told["queues"]}
    assert queues == {"Everyone": (0, 3, 2), "Nobody": (0, 0, 0)}
    assert [(row["name"], row["available"], row["open_tasks"], row["is_present"]) for row in told["agents"]] == [
        ("Ben Agent", True, 0, False),
        ("Amy Away", False, 0, False),
    ]
    found = ana.client.get(f"{CONSOLE}/directory", {"q": "ben"}).json()
    assert [row["name"] for row in found["agents"]] == ["Ben Agent"]


def test_parks_shows_and_wakes(ana: Agent, ben: Agent, held: Reservation, talk: Conversation, drain: Drain) -> None:
    at = clock.to_iso(clock.now() + timedelta(hours=3))
    assert ana.do(held, "park", wake_to="queue", note="Looks for it", wake_at=at).status_code == 204

    (told,) = ana.client.get(f"{CONSOLE}/parked").json()["parked"]
    assert (told["note"], told["wake_to"], told["wake_at"], told["worker_name"], told["queue_name"]) == (
        "Looks for it",
        "queue",
        at,
        "Ana Agent",
        "Everyone",
    )
    assert told["conversation"]["customer_name"] == "Carl Customer"
    assert ben.client.get(f"{CONSOLE}/parked").json()["parked"] == []
    path = f"{CONSOLE}/parked/{told['sid']}"
    assert post(ben.client, path, {"action": "wake"}).status_code == 404
    assert post(ana.client, path, {"action": "wake"}).status_code == 200
    drain()
    assert Reservation.objects.get(status="accepted").worker_id == ana.worker.id
    assert post(ana.client, path, {"action": "close"}).status_code == 409


def test_supervisors_see_and_close_all_that_is_parked(desk: Desk, ana: Agent, held: Reservation) -> None:
    ana.do(held, "park", wake_to="agent")
    boss = logged_in(desk.user("supervisor"))

    (told,) = boss.get(f"{CONSOLE}/parked").json()["parked"]
    assert boss.get(f"{CONSOLE}/parked", {"mine": "true"}).json()["parked"] == []
    assert post(boss, f"{CONSOLE}/parked/{told['sid']}", {"action": "close"}).status_code == 204
    assert Parking.objects.get().status == "closed"
    assert Conversation.objects.get().state == "closed"


def bot(desk: Desk, last: str) -> Any:
    return publish_flow(
        desk.account,
        definition(
            state("agent", "send-to-flex", {"callComplete": "bye", "failedToEnqueue": None}, channel="sms"),
            state("bye", "send-message", {"sent": None, "failed": None}, body=last),
        ),
    )


def test_hands_back_to_the_flow_that_waits(desk: Desk, ana: Agent, drain: Drain) -> None:
    bot(desk, "How was it?")
    conversations.receive_messages([inbound(desk.account, "hi")], now=clock.now())
    drain()
    reservation = Reservation.objects.get(status="pending")
    answer(ana.client, reservation, "accepted")
    assert ana.work(reservation)["waiting_flow"] == "Test flow"

    assert ana.do(reservation, "hand-back").status_code == 204
    drain()

    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.agents, texts(conversation.id)) == ("active", 0, ["How was it?"])


def test_hands_over_to_another_flow(desk: Desk, ana: Agent, drain: Drain) -> None:
    bot(desk, "How was it?")
    other = publish_flow(
        desk.account,
        definition(
            state("say", "send-message", {"sent": None, "failed": None}, body="You said {{trigger.message.Body}}"),
            trigger={"incomingConversationMessage": "say", "incomingMessage": "say"},
        ),
        address=None,
    )
    conversations.receive_messages([inbound(desk.account, "hi")], now=clock.now())
    drain()
    reservation = Reservation.objects.get(status="pending")
    answer(ana.client, reservation, "accepted")
    listed = [row["sid"] for row in ana.client.get(f"{CONSOLE}/flows").json()["flows"]]

    assert other.sid in listed
    assert ana.do(reservation, "hand-back", flow_sid=other.sid).status_code == 204
    drain()

    assert texts(Conversation.objects.get().id) == ["You said hi"]
    assert set(Execution.objects.values_list("status", flat=True)) == {"ended"}


def policy(desk: Desk, **values: Any) -> Any:
    admin = logged_in(desk.user("admin"))
    queue = desk.workspace.task_queues.get()
    return put(admin, f"{APP}/desk-policies/{queue.sid}", values)


def test_wraps_up_by_the_queues_rules(desk: Desk, ana: Agent, held: Reservation) -> None:
    made = policy(
        desk,
        mode="mandatory",
        dispositions=["Sold", "Not sold"],
        needs_disposition=True,
        fields=[{"label": "Order", "type": "text", "required": True}],
    )
    assert made.status_code == 200

    refused = answer(ana.client, held, "completed")
    assert (refused.status_code, refused.json()["details"]) == (409, {"missing": []})
    assert ana.do(held, "end").json()["wrap_up"]["dispositions"] == ["Sold", "Not sold"]
    kept = put(ana.client, f"{CONSOLE}/reservations/{held.sid}/wrap-up", {"notes": "Half", "values": {"order": "7"}})
    assert (kept.json()["notes"], kept.json()["values"]) == ("Half", {"order": "7"})
    refused = answer(ana.client, held, "completed", wrap_up={"notes": "Whole"})
    assert refused.json()["details"] == {"missing": ["Disposition"]}
    assert answer(ana.client, held, "completed", wrap_up={"disposition": "Sold", "notes": "Whole"}).status_code == 200

    told = ana.client.get(f"{APP}/conversations/{Conversation.objects.get().sid}/customer").json()
    assert told["conversations"] == []
    contact = Contact.objects.get()
    (earlier,) = ana.client.get(f"{APP}/contacts/{contact.sid}/conversations").json()["conversations"]
    assert earlier["wrap_ups"] == [
        {"agent": "Ana Agent", "disposition": "Sold", "notes": "Whole", "values": {"order": "7"}}
    ]


def test_policies_are_the_admins(desk: Desk) -> None:
    queue = desk.workspace.task_queues.get()
    admin, boss = logged_in(desk.user("admin")), logged_in(desk.user("supervisor"))
    stranger = logged_in(make_desk("Other").user("admin"))

    put(admin, f"{APP}/desk-policies/general", {"mode": "timed", "seconds": 20, "dispositions": ["Done"]})
    policy(desk, auto_accept=True)
    told = boss.get(f"{APP}/desk-policies").json()

    assert (told["general"]["mode"], told["general"]["dispositions"]) == ("timed", ["Done"])
    assert [(row["queue_name"], row["policy"]["auto_accept"]) for row in told["queues"]] == [("Everyone", True)]
    assert put(boss, f"{APP}/desk-policies/general", {"mode": "optional"}).status_code == 403
    assert put(stranger, f"{APP}/desk-policies/{queue.sid}", {"mode": "optional"}).status_code == 404
    assert put(admin, f"{APP}/desk-policies/{queue.sid}", {"mode": "never"}).status_code == 400
    assert put(admin, f"{APP}/desk-policies/{queue.sid}", []).status_code == 400
    assert admin.delete(f"{APP}/desk-policies/{queue.sid}").status_code == 204
    assert boss.get(f"{APP}/desk-policies").json()["queues"][0]["policy"] is None
    assert AuditEntry.objects.filter(action__startswith="desk_policy").count() == 3


def sender(desk: Desk, type: str = "sms", address: str = "+15550100001") -> Any:
    return channels.create_connection(
        account_id=desk.account.id, type=type, provider="sandbox", address=address, now=clock.now()
    )


def begin(agent: Agent, **body: Any) -> Any:
    return post(agent.client, f"{CONSOLE}/outbound", body)


def test_begins_a_conversation(desk: Desk, ana: Agent, drain: Drain) -> None:
    row = sender(desk)
    listed = ana.client.get(f"{CONSOLE}/outbound").json()
    assert [each["sid"] for each in listed["senders"]] == [row.sid]

    made = begin(ana, **{"from": row.sid}, to="+1 (555) 123-0001", name="Cleo", body="Hello Cleo")
    drain()

    assert made.status_code == 201
    conversation = Conversation.objects.get()
    reservation = Reservation.objects.get()
    assert (conversation.customer_address, conversation.customer_name, conversation.agents) == (
        "+15551230001",
        "Cleo",
        1,
    )
    assert (reservation.status, reservation.sid) == ("accepted", made.json()["reservation_sid"])
    message = Message.objects.get()
    assert (message.body, message.source, message.author) == ("Hello Cleo", "agent", "ana")
    assert '"direction": "outbound"' in Task.objects.get().attributes
    assert Contact.objects.get().name == "Cleo"


def test_says_who_has_the_customer(desk: Desk, ana: Agent, ben: Agent) -> None:
    row = sender(desk)
    begin(ana, **{"from": row.sid}, to="+15551230001", body="Hello")

    refused = begin(ben, **{"from": row.sid}, to="+15551230001", body="Hello")

    assert refused.status_code == 409
    assert refused.json()["message"] == "Ana Agent is talking with this customer"
    assert Message.objects.count() == 1


def test_takes_over_from_a_flow(desk: Desk, ana: Agent, drain: Drain) -> None:
    row = sender(desk)
    publish_flow(
        desk.account,
        definition(state("ask", "send-and-wait-for-reply", {"incomingMessage": None, "timeout": None}, body="Name?")),
    )
    conversations.receive_messages([inbound(desk.account, "hi")], now=clock.now())
    drain()

    made = begin(ana, **{"from": row.sid}, to="+15551230001", body="Ana here")
    conversations.receive_messages([inbound(desk.account, "Oh, a person")], now=clock.now())
    drain()

    assert made.status_code == 201
    assert [message.body for message in Message.objects.order_by("index")] == [
        "hi",
        "Name?",
        "Ana here",
        "Oh, a person",
    ]


def test_whatsapp_begins_with_a_template(desk: Desk, ana: Agent) -> None:
    row = sender(desk, "whatsapp", "whatsapp:+15550100002")
    given = {"name": "Hello", "channel_type": "whatsapp", "content_sid": "HX" + "0" * 32, "body": "Hello {{1}}"}
    template_sid = post(logged_in(desk.user("admin")), f"{APP}/message-templates", given).json()["sid"]

    free = begin(ana, **{"from": row.sid}, to="+15551230001", body="Hello")
    empty = begin(ana, **{"from": row.sid}, to="+15551230001", template_sid=template_sid)
    made = begin(ana, **{"from": row.sid}, to="+15551230001", template_sid=template_sid, variables={"1": "Cleo"})

    assert (free.status_code, empty.status_code, made.status_code) == (400, 400, 201)
    message = Message.objects.get()
    assert (message.body, message.fields["content_sid"]) == ("Hello Cleo", "HX" + "0" * 32)
    assert Conversation.objects.get().customer_address == "whatsapp:+15551230001"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"from": "CN", "to": "+15551230001"},
        {"to": "5551230001"},
        {"to": "+1555CALLME"},
        {"to": "+15551230001", "queue_sid": "WQ1"},
        {"to": "+15551230001", "template_sid": "MT1"},
        {"to": "+15551230001", "body": "x" * 1601},
    ],
)
def test_bad_beginnings_get_a_clear_error(desk: Desk, ana: Agent, body: dict[str, str]) -> None:
    row = sender(desk)

    answered = begin(ana, **{"from": row.sid, **body})

    assert answered.status_code == 400
    assert not Conversation.objects.exists()


def contact(client: Client, name: str, *addresses: str, **attributes: Any) -> Any:
    told = [{"channel_type": "sms", "address": each} for each in addresses]
    return post(client, f"{APP}/contacts", {"name": name, "addresses": told, "attributes": attributes})


def test_contacts_are_found_changed_and_merged(desk: Desk, ana: Agent) -> None:
    one = contact(ana.client, "Cleo Customer", "+15551230001", tier="gold").json()
    two = contact(ana.client, "C. Customer", "+15551230002", tier="silver", city="Rome").json()
    taken = contact(ana.client, "Somebody", "+15551230001")
    assert (taken.status_code, taken.json()["details"]["contact_sid"]) == (409, one["sid"])

    def found(words: str) -> list[str]:
        return [row["name"] for row in ana.client.get(f"{APP}/contacts", {"q": words}).json()["contacts"]]

    assert (found("cleo"), found("0002"), found("rome"), found("zz")) == (
        ["Cleo Customer"],
        ["C. Customer"],
        ["C. Customer"],
        [],
    )
    path = f"{APP}/contacts/{one['sid']}"
    merged = post(ana.client, f"{path}/merge", {"other_sid": two["sid"]}).json()
    assert (merged["attributes"], [row["address"] for row in merged["addresses"]]) == (
        {"tier": "gold", "city": "Rome"},
        ["+15551230001", "+15551230002"],
    )
    assert ana.client.get(f"{APP}/contacts/{two['sid']}").json()["sid"] == one["sid"]
    assert post(ana.client, f"{path}/merge", {"other_sid": two["sid"]}).status_code == 404
    assert post(ana.client, f"{path}/merge", {"other_sid": one["sid"]}).status_code == 400
    changed = put(ana.client, path, {"name": "Cleo", "addresses": [{"channel_type": "sms", "address": "+15551230002"}]})
    assert [row["address"] for row in changed.json()["addresses"]] == ["+15551230002"]
    assert ana.client.delete(path).status_code == 403
    assert logged_in(desk.user("admin")).delete(path).status_code == 204
    assert found("") == []
    stranger = logged_in(make_desk("Other").user("admin"))
    assert stranger.get(path).status_code == 404


def test_merged_customers_show_all_their_conversations(desk: Desk, ana: Agent, held: Reservation) -> None:
    now_talking = Conversation.objects.get()
    before = desk.conversation(name="")
    desk.say(before, "The first time")
    desk.hand_over(before)
    mine = ana.client.get(f"{APP}/conversations/{now_talking.sid}/customer").json()
    other = Contact.objects.exclude(id=ids.parse("CT", mine["contact"]["sid"])).get()
    assert ana.client.get(f"{APP}/conversations/{before.sid}/messages").status_code == 404

    post(ana.client, f"{APP}/contacts/{mine['contact']['sid']}/merge", {"other_sid": other.sid})

    told = ana.client.get(f"{APP}/conversations/{now_talking.sid}/customer").json()
    assert [row["sid"] for row in told["conversations"]] == [before.sid]
    read = ana.client.get(f"{APP}/conversations/{before.sid}/messages").json()["messages"]
    assert [row["body"] for row in read] == ["The first time"]


def test_the_customers_flow_is_told(desk: Desk, ana: Agent, drain: Drain) -> None:
    publish_flow(
        desk.account,
        definition(
            state("note", "set-variables", {"next": "agent"}, variables=[{"key": "topic", "value": "refund"}]),
            state("agent", "send-to-flex", {"callComplete": None, "failedToEnqueue": None}, channel="sms"),
        ),
    )
    conversations.receive_messages([inbound(desk.account, "hi")], now=clock.now())
    drain()
    answer(ana.client, Reservation.objects.get(status="pending"), "accepted")

    told = ana.client.get(f"{APP}/conversations/{Conversation.objects.get().sid}/customer").json()

    (execution,) = told["executions"]
    assert (execution["variables"], [step["name"] for step in execution["path"]]) == (
        {"topic": "refund"},
        ["Trigger", "note"],
    )
    assert (execution["flow_name"], execution["current_widget"]) == ("Test flow", "agent")


def test_time_outs_show_in_the_desk(desk: Desk, ana: Agent, held: Reservation, drain: Drain) -> None:
    policy(desk, mode="timed", seconds=30, extension_seconds=30)
    told = ana.do(held, "end").json()["wrap_up"]
    assert told["due_at"] is not None
    assert ana.do(held, "wrap-up/extend").json()["is_extended"] is True

    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        drain()

    assert Reservation.objects.get().status == "completed"
