"""Notes and whispers: colleagues see them, and nothing on the way to the customer does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from channels_app import queries as channels
from channels_app import services as channel_services
from channels_app.delivery import drain as delivery
from common import clock
from common.models import OutboxEntry
from conversations import queries as conversations
from conversations.models import Conversation, InternalMessage, MediaFile, Message, WebhookDelivery
from conversations.services import NewInternalMessage, add_internal_message, add_participant
from interactions import services as interactions
from realtime import chats, sweep, transcript
from tests.interactions.world import Desk, make_desk
from tests.realtime.conftest import Socket
from tests.realtime.test_console_api import logged_in, post
from tests.sdk import sdk_client

Browser = Callable[..., Awaitable[Socket]]


def internal(conversation: Conversation) -> str:
    return f"/app/v1/conversations/{conversation.sid}/internal"


def write(client: Client, conversation: Conversation, body: str, ref: str = "n1", **more: Any) -> Any:
    return post(client, internal(conversation), {"body": body, "client_ref": ref, **more})


def say(conversation: Conversation, user: User, body: str, **more: Any) -> dict[str, Any]:
    """Write without a request, for tests that are in the sockets' loop."""
    item = NewInternalMessage(
        conversation_id=conversation.id,
        user_id=user.id,
        author_name=user.display_name,
        body=body,
        **{"kind": "note", **more},
    )
    (told,) = transcript.write_internal([add_internal_message(item, now=clock.now()).row], author_id=user.id)
    return told


def accept(desk: Desk, conversation: Conversation, user: User) -> None:
    reservation = desk.offer(conversation)
    interactions.answer_reservation(
        reservation_id=reservation.id, worker_id=reservation.worker_id, status="accepted", now=clock.now()
    )
    assert reservation.worker_id == user.worker_id


def bodies(client: Client, conversation: Conversation, query: str = "") -> list[str]:
    return [each["body"] for each in client.get(internal(conversation) + query).json()["messages"]]


def test_a_note_stands_behind_the_message_it_was_written_at(desk: Desk) -> None:
    _, user = desk.agent("Ana Agent")
    conversation = desk.conversation()
    desk.say(conversation, "Where is my parcel?")
    accept(desk, conversation, user)
    client = logged_in(user)

    answered = write(client, conversation, "Address is wrong in the system")

    row = InternalMessage.objects.get()
    assert answered.status_code == 201
    assert answered.json() == {
        "sid": row.sid,
        "number": 0,
        "after_index": conversations.conversation(desk.account.id, conversation.id).last_message_index,
        "kind": "note",
        "author_name": "Ana Agent",
        "author_sid": user.sid,
        "to_worker_sid": None,
        "body": "Address is wrong in the system",
        "media": [],
        "client_ref": "n1",
        "date_created": clock.to_iso(row.created_at),
    }
    assert client.get(internal(conversation)).json() == {"messages": [answered.json()]}


def test_the_same_reference_again_stores_nothing(desk: Desk) -> None:
    client = logged_in(desk.user("supervisor"))
    conversation = desk.conversation()

    first, again = (write(client, conversation, "Once") for _ in range(2))
    elsewhere = write(client, desk.conversation(), "Once")

    assert (first.status_code, again.status_code, elsewhere.status_code) == (201, 200, 409)
    assert first.json() == again.json()
    assert InternalMessage.objects.count() == 1


def test_a_note_may_be_a_file(desk: Desk) -> None:
    _, user = desk.agent("Ana Agent")
    conversation = desk.conversation()
    accept(desk, conversation, user)
    client = logged_in(user)
    path = f"/app/v1/conversations/{conversation.sid}/media?filename=form.txt"
    file = client.post(path, data=b"hello", content_type="text/plain").json()

    told = write(client, conversation, "", media=[file["sid"]]).json()

    row = InternalMessage.objects.get()
    assert [each["filename"] for each in told["media"]] == ["form.txt"]
    assert MediaFile.objects.get().message_id == row.id


def test_finds_words_in_messages_and_notes_in_any_case(desk: Desk) -> None:
    ana, ana_user = desk.agent("Ana Agent")
    conversation = desk.conversation()
    desk.say(conversation, "Die STRASSE ist gesperrt")
    desk.say(conversation, "Welche?")
    desk.say(conversation, "Die lange Straße")
    accept(desk, conversation, ana_user)
    supervisor = logged_in(desk.user("supervisor"))
    write(supervisor, conversation, "Straße: Umleitung", ref="1")
    write(supervisor, conversation, "straße, nur Chef", ref="2", kind="whisper")

    path = f"/app/v1/conversations/{conversation.sid}/search?q="
    found = logged_in(ana_user).get(path + "strasse").json()

    assert [each["body"] for each in found["messages"]] == ["Die lange Straße", "Die STRASSE ist gesperrt"]
    assert [each["body"] for each in found["internal"]] == ["straße, nur Chef", "Straße: Umleitung"]
    assert found["is_cut"] is False
    assert logged_in(ana_user).get(path + "%20").status_code == 400
    assert logged_in(desk.agent("Ben")[1]).get(path + "x").status_code == 404


def test_pages_by_number(desk: Desk) -> None:
    client = logged_in(desk.user("supervisor"))
    conversation = desk.conversation()
    for number in range(4):
        write(client, conversation, f"n{number}", ref=str(number))

    assert bodies(client, conversation, "?after=0&limit=2") == ["n1", "n2"]
    assert bodies(client, conversation, "?after=3") == []


@pytest.mark.parametrize(
    "body", [{}, {"body": "x"}, {"body": " ", "client_ref": "1"}, {"body": "x", "client_ref": "1", "kind": "shout"}]
)
def test_bad_notes_get_a_clear_error(desk: Desk, body: dict[str, Any]) -> None:
    answered = post(logged_in(desk.user("admin")), internal(desk.conversation()), body)

    assert (answered.status_code, InternalMessage.objects.count()) == (400, 0)
    assert answered.json()["message"]


def test_a_closed_conversation_still_takes_notes(desk: Desk) -> None:
    client = logged_in(desk.user("supervisor"))
    conversation = desk.conversation()
    Conversation.objects.filter(id=conversation.id).update(state="closed")

    assert write(client, conversation, "Refund was promised").status_code == 201


def test_only_supervisors_whisper_and_only_to_agents_of_the_conversation(desk: Desk) -> None:
    ana, ana_user = desk.agent("Ana Agent")
    conversation = desk.conversation()
    accept(desk, conversation, ana_user)
    ben, ben_user = desk.agent("Ben Agent")
    supervisor = logged_in(desk.user("supervisor"))

    assert write(logged_in(ana_user), conversation, "psst", kind="whisper").status_code == 403
    assert write(supervisor, conversation, "psst", kind="whisper", to_worker_sid=ben.sid).status_code == 400
    assert write(supervisor, conversation, "psst", kind="whisper", to_worker_sid=ana.sid).status_code == 201
    assert bodies(logged_in(ana_user), conversation) == ["psst"]
    assert logged_in(ben_user).get(internal(conversation)).status_code == 404


def test_a_whisper_to_one_agent_is_hidden_from_the_other(desk: Desk) -> None:
    ana, ana_user = desk.agent("Ana Agent")
    conversation = desk.conversation()
    accept(desk, conversation, ana_user)
    ben, ben_user = desk.agent("Ben Agent")
    add_participant(
        conversation_id=conversation.id, kind="agent", identity="ben", name="Ben", worker_id=ben.id, now=clock.now()
    )
    supervisor = logged_in(desk.user("supervisor"))
    write(supervisor, conversation, "for Ana", ref="1", kind="whisper", to_worker_sid=ana.sid)
    write(supervisor, conversation, "for both", ref="2", kind="whisper")

    assert bodies(logged_in(ana_user), conversation) == ["for Ana", "for both"]
    assert bodies(logged_in(ben_user), conversation) == ["for both"]
    assert bodies(supervisor, conversation) == ["for Ana", "for both"]


def test_other_accounts_see_nothing_and_write_nothing(desk: Desk) -> None:
    conversation = desk.conversation()
    write(logged_in(desk.user("supervisor")), conversation, "secret")
    stranger = logged_in(make_desk("Other").user("admin"))

    assert stranger.get(internal(conversation)).status_code == 404
    assert write(stranger, conversation, "hello").status_code == 404


def test_nothing_that_leads_out_meets_a_note(desk: Desk) -> None:
    account, conversation = desk.account, desk.conversation()
    channel_services.create_connection(
        account_id=account.id, type="sms", provider="sandbox", address=conversation.proxy_address, now=clock.now()
    )
    rest = sdk_client(account).conversations.v1
    rest.configuration.webhooks().update(
        post_webhook_url="https://listener.example/all", filters=["onMessageAdded", "onConversationUpdated"]
    )
    thread = rest.conversations(conversation.sid)
    thread.webhooks.create(
        target="webhook", configuration_url="https://listener.example/one", configuration_filters=["onMessageAdded"]
    )
    desk.say(conversation, "Hello?")
    before = (OutboxEntry.objects.count(), WebhookDelivery.objects.count(), Message.objects.count())
    stored = conversations.conversation(account.id, conversation.id)
    seen = thread.fetch().date_updated

    write(logged_in(desk.user("supervisor")), conversation, "He is a difficult one")
    write(logged_in(desk.user("supervisor")), conversation, "Offer him a voucher", ref="n2", kind="whisper")

    assert InternalMessage.objects.count() == 2
    assert (OutboxEntry.objects.count(), WebhookDelivery.objects.count(), Message.objects.count()) == before
    assert [message.body for message in thread.messages.list()] == ["Hello?"]
    assert thread.fetch().date_updated == seen
    after = conversations.conversation(account.id, conversation.id)
    assert (after.last_message_index, after.last_message_at) == (stored.last_message_index, stored.last_message_at)
    delivery.use(delivery.inline_sender())
    try:
        delivery.drain(clock.now())
    finally:
        delivery.use(None)
    (connection,) = channels.connections(account.id)
    assert not channels.sandbox_messages(connection.id, conversation.customer_address)


async def test_colleagues_hear_a_note_at_once_and_the_web_chat_never(
    browser: Browser, desk: Desk, deployment_key: str
) -> None:
    chat = chats.start_chat(deployment_key=deployment_key, identity=None, pre_engagement=None, now=clock.now())
    conversation = conversations.conversation(desk.account.id, chat.conversation_id)
    supervisor = desk.user("supervisor")
    console = await browser("/ws/console/", user=supervisor)
    await console.say({"type": "watch", "conversation_sid": conversation.sid})
    customer = await browser(f"/ws/webchat/?token={chat.token}&after=-1")
    await console.hear_all()
    await customer.hear_all()

    told = say(conversation, supervisor, "He sounds upset")
    await sweep.sweep()

    expected = {"type": "internal", "conversation_sid": conversation.sid, "message": told}
    assert await console.hear_all() == [expected]
    assert await customer.hear_all() == []
    again = await browser(f"/ws/webchat/?token={chat.token}&after=-1")
    assert "upset" not in str(await again.hear_all())


async def test_a_whisper_to_one_agent_is_told_to_that_one_alone(browser: Browser, desk: Desk) -> None:
    ana, ana_user = desk.agent("Ana Agent")
    conversation = desk.conversation()
    accept(desk, conversation, ana_user)
    ben, ben_user = desk.agent("Ben Agent")
    add_participant(
        conversation_id=conversation.id, kind="agent", identity="ben", name="Ben", worker_id=ben.id, now=clock.now()
    )
    of_ana, of_ben = [await browser("/ws/console/", user=user) for user in (ana_user, ben_user)]
    await of_ben.say({"type": "watch", "conversation_sid": conversation.sid})
    await of_ana.hear_all()
    await of_ben.hear_all()

    say(conversation, desk.user("supervisor"), "psst", kind="whisper", to_worker_id=ana.id)

    assert [each["message"]["body"] for each in await of_ana.hear_all()] == ["psst"]
    assert await of_ben.hear_all() == []
