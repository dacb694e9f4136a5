"""Group MMS through the official SDK: numbers without a proxy address, who hear us as a projected address."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from twilio.base.exceptions import TwilioRestException

from common import ids
from conversations.models import Conversation, Message, Participant
from conversations.services import groups
from tests.channels_app.conftest import OURS, House, connect
from tests.channels_app.providers import KEYS, post, url_of
from tests.factories import definition, publish_flow, state
from tests.openapi import open_api
from tests.sdk import sdk_client
from tests.standins import RunningStandin, webhooks
from tests.standins.files import PNG
from tests.standins.listener import listening

pytestmark = pytest.mark.usefixtures("inline_ingress")
BO, CY, DI = "+15558675310", "+15558675311", "+15558675312"
Add = Callable[..., Any]
GREETING = definition(state("hello", "send-message", {"sent": None, "failed": None}, body="Hi all"))


@pytest.fixture
def api(house: House) -> Any:
    document = open_api("twilio_conversations_v1.json", "/conversations")
    return sdk_client(house.account, document.check).conversations.v1


def adder(api: Any) -> Add:
    """Return what adds participants to a new conversation."""
    sid = api.conversations.create().sid

    def add(address: str = "", *, proxy: str = "", identity: str = "", projected: str = "") -> Any:
        given = {
            "messaging_binding_address": address,
            "messaging_binding_proxy_address": proxy,
            "messaging_binding_projected_address": projected,
            "identity": identity,
        }
        return api.conversations(sid).participants.create(**{name: text for name, text in given.items() if text})

    return add


def write(house: House, sender: str, body: str, *, beside: tuple[str, ...] = (), **more: str) -> None:
    """Have a member write, to all of a group where others are named ``beside`` us."""
    others = {f"OtherRecipients{number}": address for number, address in enumerate(beside)}
    webhook = webhooks.twilio_message(
        url_of(house.connection),
        token=KEYS.twilio_auth_token,
        sid="MM" + hashlib.md5(f"{sender}{body}".encode()).hexdigest(),
        sender=sender,
        recipient=OURS,
        body=body,
        **others,
        **more,
    )
    assert post(house.connection, webhook).status == 200


def refusal(call: Callable[[], object]) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        call()
    return caught.value.status, caught.value.code


def test_writes_to_each_member_and_hears_each(api: Any, house: House, standin: RunningStandin) -> None:
    add = adder(api)
    bo, cy = add(BO), add(CY)
    ada = add(identity="ada", projected=OURS)
    conversation = Conversation.objects.get()
    people = api.conversations(conversation.sid).participants

    assert [person.messaging_binding for person in people.list()] == [
        {"type": "sms", "address": BO},
        {"type": "sms", "address": CY},
        {"type": "sms", "projected_address": OURS},
    ]
    assert (conversation.channel_type, conversation.customer_address, conversation.proxy_address) == ("sms", BO, OURS)

    said = api.conversations(conversation.sid).messages.create(body="Hello both", author="ada")
    house.deliver()
    assert [(sent.recipient, sent.raw["From"], sent.body) for sent in standin.ledger.messages] == [
        (BO, [OURS], "Hello both"),
        (CY, [OURS], "Hello both"),
    ]
    receipts = api.conversations(conversation.sid).messages(said.sid).delivery_receipts.list()
    assert [(row.participant_sid, row.status) for row in receipts] == [(bo.sid, "sent"), (cy.sid, "sent")]

    for sender in (CY, BO):
        write(house, sender, f"from {sender}")
    assert Conversation.objects.count() == 1
    heard = Message.objects.filter(source="customer").order_by("index")
    assert [(row.author, ids.sid("MB", row.participant_id)) for row in heard] == [(CY, cy.sid), (BO, bo.sid)]

    house.deliver()
    assert [(sent.recipient, sent.body) for sent in standin.ledger.messages[2:]] == [
        (BO, f"{CY}: from {CY}"),
        (CY, f"{BO}: from {BO}"),
    ]

    people(ada.sid).delete()
    assert not Participant.objects.filter(bound=True).exists()
    assert Conversation.objects.get().proxy_address == ""


def test_gives_a_projected_address_its_identity_later(api: Any) -> None:
    add = adder(api)
    add(BO)
    ours = add(projected=OURS)
    people = api.conversations(Conversation.objects.get().sid).participants

    named = people(ours.sid).update(identity="ada")

    assert (named.identity, named.messaging_binding) == ("ada", {"type": "sms", "projected_address": OURS})
    assert refusal(lambda: people(ours.sid).update(identity="bob")) == (400, 50444)
    assert refusal(lambda: people(BO).update(messaging_binding_projected_address=OURS)) == (400, 50443)
    assert api.users("ada").fetch().identity == "ada"
    people(ours.sid).update(messaging_binding_projected_address="+15557771299")
    assert Participant.objects.get(address=BO).proxy_address == "+15557771299"


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ({"address": BO}, (409, 50437)),
        ({"address": BO, "proxy": OURS}, (409, 50437)),
        ({"identity": "ada", "projected": OURS}, (409, 50437)),
        ({"identity": "bob"}, (400, 50434)),
        ({"address": "whatsapp:+15558675310"}, (400, 20001)),
        ({"address": CY, "projected": OURS}, (400, 20001)),
        ({"identity": "bob", "projected": "whatsapp:" + OURS}, (400, 20001)),
        ({"identity": "bob", "proxy": OURS, "projected": OURS}, (400, 20001)),
    ],
)
def test_refuses_who_does_not_fit_a_group(api: Any, who: dict[str, str], expected: tuple[int, int]) -> None:
    add = adder(api)
    add(BO)
    add(identity="ada", projected=OURS)

    assert refusal(lambda: add(**who)) == expected
    assert Participant.objects.count() == 2


def test_takes_so_many_addresses_and_no_more(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "MOST_ADDRESSES", 3)
    add = adder(api)
    add(BO)
    add(CY)
    add(identity="ada", projected=OURS)

    assert refusal(lambda: add(DI)) == (400, 50436)
    # Another agent behind the same number is no other address.
    add(identity="bob", projected=OURS)


def test_has_one_open_group_of_the_same_addresses(api: Any) -> None:
    everybody = [
        f'{{"messaging_binding": {{"projected_address": "{OURS}"}}, "identity": "ada"}}',
        f'{{"messaging_binding": {{"address": "{BO}"}}}}',
        f'{{"messaging_binding": {{"address": "{CY}"}}}}',
    ]
    first = api.conversation_with_participants.create(participant=everybody)

    assert refusal(lambda: api.conversation_with_participants.create(participant=everybody)) == (409, 50438)
    # A member's answers to one number can go to one conversation only.
    assert refusal(lambda: api.conversation_with_participants.create(participant=everybody[:2])) == (409, 50425)
    assert Conversation.objects.count() == 1
    add = adder(api)
    add(BO)
    add(CY)
    assert refusal(lambda: add(identity="ada", projected=OURS)) == (409, 50438)
    api.conversations(first.sid).update(state="closed")
    add(identity="ada", projected=OURS)


def test_begins_a_group_with_what_a_member_writes_to_all_of_it(
    api: Any, house: House, standin: RunningStandin, drain: Callable[[], int]
) -> None:
    publish_flow(house.account, GREETING, address=OURS, type="sms")
    # Bo talks to us alone, too: that stays apart.
    write(house, BO, "just us")
    for _ in range(2):
        write(house, BO, "all of you", beside=(CY, DI, OURS, "not a number"))
    drain()

    alone, group = api.conversations.list()[::-1]
    assert [message.body for message in api.conversations(group.sid).messages.list()] == ["all of you", "Hi all"]
    people = api.conversations(group.sid).participants.list()
    assert [person.messaging_binding for person in people] == [
        *({"type": "sms", "address": address} for address in (BO, CY, DI)),
        {"type": "sms", "projected_address": OURS},
    ]
    # The flow answers each; what Bo wrote to all the others have had from Bo.
    assert [(sent.recipient, sent.body) for sent in standin.ledger.messages] == [
        (BO, "Hi all"),
        *((address, "Hi all") for address in (BO, CY, DI)),
    ]

    write(house, CY, "I too", beside=(DI, BO))
    write(house, CY, "to you alone")
    write(house, BO, "us two again")
    assert Conversation.objects.count() == 2
    said = api.conversations(group.sid).messages.list()
    assert [(message.author, message.body) for message in said[2:]] == [(CY, "I too"), (CY, "to you alone")]
    assert [message.participant_sid for message in said[2:]] == [people[1].sid] * 2
    assert [message.body for message in api.conversations(alone.sid).messages.list()] == [
        "just us",
        "Hi all",
        "us two again",
    ]
    assert api.conversations(group.sid).participants(people[3].sid).update(identity="ada").identity == "ada"

    api.conversations(group.sid).update(state="closed")
    write(house, BO, "once more", beside=(CY, DI))
    assert Conversation.objects.count() == 3


def test_asks_before_a_member_begins_a_group(api: Any, house: House, drain: Callable[[], int]) -> None:
    with listening() as listener:
        listener.answers["/pre"] = [(200, json.dumps({"friendly_name": "The three"}))]
        api.configuration.webhooks().update(pre_webhook_url=f"{listener.url}/pre", filters=["onConversationAdd"])
        for number in (BO, CY):
            write(house, number, "hello", beside=tuple({BO, CY} - {number}))
            drain()

        (asked,) = listener.heard
        assert {name: text for name, text in asked.parameters.items() if name.startswith("MessagingBinding")} == {
            "MessagingBinding.Address": CY,
            "MessagingBinding.ProjectedAddress": OURS,
            "MessagingBinding.AuthorAddress": BO,
        }
    (group,) = api.conversations.list()
    assert (group.friendly_name, len(api.conversations(group.sid).messages.list())) == ("The three", 2)


def test_has_several_customers_hear_each_other_by_their_own_numbers(
    api: Any, house: House, standin: RunningStandin, drain: Callable[[], int]
) -> None:
    add = adder(api)
    add(BO, proxy=OURS)
    other = connect(house.account, "twilio", standin, address="+15557771213")
    cy = add(CY, proxy=other.address)
    picture = f"{standin.url}/2010-04-01/Accounts/{KEYS.twilio_account_sid}/Messages/MM1/Media/abc"

    write(house, BO, "look", NumMedia="1", MediaUrl0=picture, MediaContentType0="image/png")
    house.deliver()
    assert standin.ledger.messages == []
    drain()
    house.deliver(seconds=3)
    (sent,) = standin.ledger.messages
    assert (sent.sender, sent.recipient, sent.body) == (other.address, CY, "look")
    (kept,) = Message.objects.get().media
    assert (kept["size"], f"/media/v1/{kept['sid']}/" in sent.media[0]) == (len(PNG), True)

    conversation = api.conversations(Conversation.objects.get().sid)
    conversation.participants(cy.sid).delete()
    write(house, BO, "anybody?")
    house.deliver(seconds=3)
    assert len(standin.ledger.messages) == 1


@pytest.mark.django_db(transaction=True)
def test_two_first_messages_of_a_group_at_the_same_moment_begin_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(2)

    async def submit(self: Any, item: Any) -> Any:
        # Each on a thread and a connection of its own, as two web processes would.
        together.wait(10)
        (result,) = await sync_to_async(self._commit)([item])
        return result

    def receive(member: str) -> None:
        try:
            write(house, member, f"from {member}", beside=tuple({BO, CY, DI} - {member}))
        finally:
            connection.close()

    monkeypatch.setattr("common.groupcommit.GroupCommit.submit", submit)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(receive, (BO, CY)))

    (group,) = Conversation.objects.all()
    messages = Message.objects.filter(conversation=group).order_by("index")
    assert [row.index for row in messages] == [0, 1]
    assert {row.author for row in messages} == {BO, CY}
    assert Participant.objects.filter(conversation=group).count() == 4
