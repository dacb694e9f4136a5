"""What customers are shown of agents: that their message was read, and that somebody types."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client

from channels_app import signals
from channels_app.adapters import adapter_for
from channels_app.adapters.errors import AdapterError
from channels_app.adapters.values import Config, Signal
from channels_app.signals import Shown
from common import clock
from conversations import services as conversations
from conversations.events import ReadMoved
from conversations.models import Conversation
from routing.models import Workspace
from routing.services import provision_workspace
from tests.channels_app.conftest import House
from tests.channels_app.providers import SANDBOX, Channel, post, url_of
from tests.interactions.world import Desk
from tests.realtime.test_console_api import logged_in
from tests.realtime.test_console_api import post as send_json
from tests.realtime.test_conversations_api import answer, path
from tests.standins import RunningStandin

pytestmark = pytest.mark.usefixtures("inline_ingress")
really_later = signals.later

# Provider and channel: what its stand-in is shown when an agent has read the second message, and types.
SHOWN: dict[tuple[str, str], list[tuple[str, str, str]]] = {
    ("meta", "whatsapp"): [("read", "", "wamid.2"), ("typing", "", "wamid.2")],
    ("meta", "messenger"): [("read", "messenger:6200000000000001", ""), ("typing", "messenger:6200000000000001", "")],
    ("google", "gbm"): [("typing", "gbm:C-1", "")],
    ("google", "rcs"): [("read", "rcs:+15558675310", "M2"), ("typing", "rcs:+15558675310", "")],
}
with_marks = pytest.mark.parametrize(
    "channel", [Channel("whatsapp", "meta", "whatsapp:+15556459128", "whatsapp:+15558675310")], indirect=True
)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have marks shown in the caller's thread."""
    monkeypatch.setattr(signals, "later", signals.show)
    signals.forget()
    yield
    signals.forget()


def agent_of(house: House) -> tuple[Client, Conversation]:
    """Return an agent who has the customer's conversation."""
    provision_workspace(account_id=house.account.id, now=clock.now())
    desk = Desk(house.account, Workspace.objects.get(account_id=house.account.id))
    conversation = Conversation.objects.get()
    _, user = desk.agent("Ana Agent")
    answer(desk.offer(conversation), "accepted")
    return logged_in(user), conversation


@pytest.mark.parametrize("channel", [SANDBOX], indirect=True)
def test_shows_nothing_where_the_channel_cannot(channel: Channel, line: House, standin: RunningStandin) -> None:
    post(line.connection, channel.said(url_of(line.connection), 1, "hello"))
    agent, conversation = agent_of(line)

    assert send_json(agent, path(conversation, "/read"), {"index": 0}).status_code == 204
    assert send_json(agent, path(conversation, "/typing"), {}).status_code == 204


def test_shows_what_the_channel_can(channel: Channel, line: House, standin: RunningStandin) -> None:
    for number in (1, 2):
        post(line.connection, channel.said(url_of(line.connection), number, f"message {number}"))
    agent, conversation = agent_of(line)

    for _ in range(2):
        assert send_json(agent, path(conversation, "/read"), {"index": 1}).status_code == 204
        assert send_json(agent, path(conversation, "/typing"), {}).status_code == 204
    # A customer who types, or a supervisor who looks on, is shown to nobody.
    conversations.announce_typing(
        account_id=line.account.id, conversation_id=conversation.id, author="x", kind="customer"
    )
    conversations.announce_reading(
        account_id=line.account.id, conversation_id=conversation.id, kind="supervisor", index=1
    )

    assert standin.ledger.shown == SHOWN.get((channel.provider, channel.type), [])
    assert standin.ledger.messages == []
    assert [status for status in standin.ledger.statuses_answered if status >= 400] == []


@with_marks
def test_reads_as_far_as_the_agent_did(channel: Channel, line: House, standin: RunningStandin) -> None:
    for number in (1, 2):
        post(line.connection, channel.said(url_of(line.connection), number, f"message {number}"))
    conversation = Conversation.objects.get()

    for index in (0, 0, 1):
        signals.hear_reading([read_to(line, conversation, index)])
    conversations.close_conversation(conversation_id=conversation.id, reason="API", now=clock.now())
    signals.hear_reading([read_to(line, conversation, 1)])

    assert standin.ledger.shown == [("read", "", "wamid.1"), ("read", "", "wamid.2")]


def read_to(house: House, conversation: Conversation, index: int) -> ReadMoved:
    return ReadMoved(account_id=house.account.id, conversation_id=conversation.id, kind="agent", index=index)


@with_marks
def test_tells_nobody_that_the_provider_refused(channel: Channel, line: House, standin: RunningStandin) -> None:
    post(line.connection, channel.said(url_of(line.connection), 1, "hello"))
    agent, conversation = agent_of(line)
    standin.ledger.script("500", "429", recipient="shown")

    with pytest.raises(AdapterError):
        signals.show(Shown("typing", line.account.id, conversation.id))
    # In an event's handler it is no more than a line in the log.
    assert send_json(agent, path(conversation, "/typing"), {}).status_code == 204
    line.say(conversation.id, "still there")
    line.deliver()
    assert standin.ledger.bodies() == ["still there"]


def test_keeps_no_more_waiting_than_it_may_and_lets_nobody_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go, begun = threading.Event(), []

    def hang(what: Shown) -> bool:
        begun.append(what)
        return let_go.wait(10)

    monkeypatch.setattr(signals, "show", hang)
    monkeypatch.setattr(signals, "_waiting", threading.BoundedSemaphore(5))
    began = time.monotonic()
    for number in range(50):
        really_later(Shown("typing", *(UUID(int=number),) * 2))
    assert time.monotonic() - began < 1
    let_go.set()
    for _ in range(5):
        assert signals._waiting.acquire(timeout=10)
    assert len(begun) == 5


def test_a_channel_without_marks_refuses_them_as_adapters_do() -> None:
    adapter = adapter_for(provider="twilio", channel_type="sms")
    assert adapter.signals == frozenset()
    signal = Signal("typing", sender="+15550100001", recipient="+15551230001", message_id="SM1")
    with pytest.raises(AdapterError, match="shows no typing marks"):
        adapter.signal(signal, Config("AC1", "+15550100001", {}))
