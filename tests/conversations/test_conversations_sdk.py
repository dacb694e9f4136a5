"""Conversations v1 through the official SDK, each answer checked against the official document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from twilio.base.exceptions import TwilioException, TwilioRestException

from accounts.models import Account
from channels_app.delivery import drain as delivery
from channels_app.models import SandboxMessage
from channels_app.services import create_connection
from common import clock, ids
from conversations.models import Conversation, Message
from conversations.services import members, receive_messages
from tests.factories import OURS, inbound, make_account, publish_flow, state, texts
from tests.factories import definition as flow_definition
from tests.openapi import OpenApi, open_api
from tests.sdk import sdk_client

pytestmark = pytest.mark.django_db
CUSTOMER = "+15551230001"
Drain = Callable[[], int]


@pytest.fixture(scope="module")
def document() -> OpenApi:
    return open_api("twilio_conversations_v1.json", "/conversations")


@pytest.fixture
def account() -> Account:
    made = make_account()
    create_connection(account_id=made.id, type="sms", provider="sandbox", address=OURS, now=clock.now())
    return made


@pytest.fixture
def api(account: Account, document: OpenApi) -> Any:
    return sdk_client(account, document.check).conversations.v1


@pytest.fixture
def sending() -> Iterator[None]:
    delivery.use(delivery.inline_sender())
    yield
    delivery.use(None)


@pytest.fixture(params=["account", "service"])
def scope(request: pytest.FixtureRequest, api: Any, account: Account) -> Any:
    """The same resources at account level and below the default service."""
    return api if request.param == "account" else api.services("IS" + account.id.hex)


def refusal(call: Callable[[], object]) -> tuple[int, int]:
    """Return status and code of a refused call."""
    with pytest.raises(TwilioException) as caught:
        call()
    if isinstance(caught.value, TwilioRestException):
        return caught.value.status, caught.value.code
    # What the SDK raises of lists.
    answer = caught.value.args[1]
    return answer.status_code, json.loads(answer.text)["code"]


def sms(api: Any, sid: str, address: str = CUSTOMER, proxy: str = OURS) -> Any:
    return api.conversations(sid).participants.create(
        messaging_binding_address=address, messaging_binding_proxy_address=proxy
    )


def test_creates_fetches_changes_and_deletes_a_conversation(scope: Any, account: Account) -> None:
    made = scope.conversations.create(
        friendly_name="Visit", unique_name="visit", attributes='{"topic": "feedback"}', timers_inactive="PT1M"
    )
    by_name = scope.conversations("visit").fetch()
    changed = scope.conversations(made.sid).update(friendly_name="Second visit", unique_name="")

    assert by_name.sid == made.sid
    assert (made.state, made.attributes, made.bindings) == ("active", '{"topic": "feedback"}', {})
    assert made.timers == {"date_inactive": clock.to_iso(made.date_created + timedelta(minutes=1))}
    assert (changed.friendly_name, changed.unique_name) == ("Second visit", None)
    assert scope.conversations(made.sid).delete() is True
    assert refusal(scope.conversations(made.sid).fetch) == (404, 20404)


def test_lists_conversations_page_by_page_newest_first(scope: Any) -> None:
    sids = [scope.conversations.create().sid for _ in range(5)]
    scope.conversations(sids[0]).update(state="inactive")
    today = clock.now().date()

    assert [row.sid for row in scope.conversations.list(page_size=2)] == sids[::-1]
    assert [row.sid for row in scope.conversations.list(state="inactive")] == sids[:1]
    assert len(scope.conversations.list(start_date=str(today), end_date=str(today))) == 5
    assert scope.conversations.list(end_date=str(today - timedelta(days=2))) == []


def test_refuses_a_unique_name_twice_until_it_is_free(api: Any) -> None:
    first = api.conversations.create(unique_name="one")

    assert refusal(lambda: api.conversations.create(unique_name="one")) == (409, 50353)

    api.conversations(first.sid).update(state="closed")
    second = api.conversations.create(unique_name="one")
    assert api.conversations("one").fetch().sid == second.sid


def test_leaves_a_closed_conversation_as_it_is(api: Any) -> None:
    made = api.conversations.create()
    person = sms(api, made.sid)
    message = api.conversations(made.sid).messages.create(body="Hello")
    one = api.conversations(made.sid)
    one.update(state="closed")

    assert one.fetch().state == "closed"
    assert refusal(lambda: one.update(state="active")) == (400, 50377)
    assert refusal(lambda: one.update(friendly_name="x")) == (400, 50377)
    assert refusal(lambda: one.messages.create(body="Hi")) == (400, 50377)
    assert refusal(lambda: one.messages(message.sid).update(body="Hi")) == (400, 50377)
    assert refusal(lambda: one.participants.create(identity="ada")) == (400, 50377)
    assert refusal(lambda: one.participants(person.sid).delete()) == (400, 50377)
    assert refusal(lambda: one.webhooks.create(target="studio", configuration_flow_sid=a_flow())) == (400, 50377)
    assert refusal(lambda: api.conversations.create(state="closed")) == (400, 50384)
    assert one.delete() is True


def a_flow() -> str:
    return ids.sid("FW", ids.uuid7())


def test_becomes_inactive_and_closed_by_its_timers(api: Any, drain: Drain) -> None:
    with time_machine.travel(clock.now(), tick=False) as now:
        made = api.conversations.create(timers_inactive="PT5M", timers_closed="PT20M")
        one = api.conversations(made.sid)
        now.shift(240)
        drain()
        one.messages.create(body="Still there")
        now.shift(240)
        drain()
        assert one.fetch().state == "active"
        now.shift(61)
        drain()
        assert one.fetch().state == "inactive"
        one.messages.create(body="Awake")
        assert one.fetch().state == "active"
        now.shift(301)
        drain()
        assert one.fetch().state == "inactive"
        now.shift(900)
        drain()
        assert one.fetch().state == "closed"


def test_gives_new_conversations_the_accounts_timers(api: Any, account: Account, drain: Drain) -> None:
    changed = api.configuration().update(default_inactive_timer="PT10M", default_closed_timer="P1D")
    created = api.conversations.create()
    (received,) = receive_messages([inbound(account, "Hi")], now=clock.now())
    drain()
    arrived = api.conversations(ids.sid("CH", received.conversation_id)).fetch()

    assert (changed.default_inactive_timer, changed.default_closed_timer) == ("PT10M", "P1D")
    assert set(created.timers) == set(arrived.timers) == {"date_inactive", "date_closed"}
    assert api.configuration().update(default_inactive_timer="", default_closed_timer="").default_closed_timer is None
    assert api.conversations(created.sid).update(timers_inactive="P0D").timers.keys() == {"date_closed"}


@pytest.mark.parametrize(("name", "value"), [("timers_inactive", "PT59S"), ("timers_closed", "PT9M")])
def test_refuses_timers_that_are_too_short(api: Any, name: str, value: str) -> None:
    assert refusal(lambda: api.conversations.create(**{name: value})) == (400, 20001)


@pytest.mark.parametrize("timer", [{"timers_inactive": "PT1M"}, {"timers_closed": "PT10M"}])
def test_wants_a_state_that_says_something_beside_timers(api: Any, timer: dict[str, str]) -> None:
    for create in (api.conversations.create, api.conversation_with_participants.create):
        assert refusal(lambda create=create: create(state="", **timer)) == (400, 50382)  # type: ignore[misc]
    assert api.conversations.list() == []
    made = [api.conversations.create(**timer), api.conversations.create(state="active", **timer)]
    assert [(row.state, len(row.timers)) for row in made] == [("active", 1)] * 2
    assert api.conversations(made[0].sid).update(state="", **timer).state == "active"
    assert api.conversations.create(state="").state == "active"


def test_adds_changes_and_removes_participants(scope: Any) -> None:
    made = scope.conversations.create()
    people = scope.conversations(made.sid).participants
    ada = people.create(identity="ada", attributes='{"role": "driver"}')
    customer = sms(scope, made.sid)
    scope.conversations(made.sid).messages.create(body="One", author="ada")

    read = people(ada.sid).update(last_read_message_index=0, attributes='{"role": "owner"}')

    assert (ada.messaging_binding, customer.identity) == (None, None)
    assert customer.messaging_binding == {"type": "sms", "address": CUSTOMER, "proxy_address": OURS}
    assert [row.sid for row in people.list()] == [ada.sid, customer.sid]
    assert people("ada").fetch().sid == ada.sid
    assert people(CUSTOMER).fetch().sid == customer.sid
    assert (read.last_read_message_index, read.attributes) == (0, '{"role": "owner"}')
    assert refusal(lambda: people(ada.sid).update(last_read_message_index=1)) == (400, 20001)
    assert people(customer.sid).delete() is True
    assert refusal(people(customer.sid).fetch) == (404, 50432)


def test_binds_a_pair_to_one_open_conversation(api: Any) -> None:
    first, second = api.conversations.create(), api.conversations.create()
    person = sms(api, first.sid)

    assert refusal(lambda: sms(api, second.sid)) == (409, 50416)
    sms(api, second.sid, CUSTOMER, "+15550100002")
    api.conversations(first.sid).update(state="inactive")
    third = api.conversations.create()
    assert refusal(lambda: sms(api, third.sid)) == (409, 50416)
    api.conversations(first.sid).participants(person.sid).delete()
    sms(api, third.sid)
    api.conversations(third.sid).update(state="closed")
    sms(api, first.sid)


def test_refuses_participants_who_cannot_be(api: Any) -> None:
    one = api.conversations(api.conversations.create().sid)
    one.participants.create(identity="ada")

    def add(**more: str) -> tuple[int, int]:
        return refusal(lambda: one.participants.create(**more))

    assert add(identity="ada") == (409, 50433)
    assert add() == (400, 20001)
    assert add(messaging_binding_address=CUSTOMER, messaging_binding_proxy_address=CUSTOMER) == (400, 50409)
    assert add(messaging_binding_address=CUSTOMER, messaging_binding_proxy_address="whatsapp:" + OURS) == (400, 20001)
    assert add(messaging_binding_address="pigeon:1", messaging_binding_proxy_address="pigeon:2") == (400, 20001)
    assert add(identity="x", role_sid="RL" + "0" * 32) == (400, 20001)


def test_writes_lists_changes_and_deletes_messages(scope: Any) -> None:
    one = scope.conversations(scope.conversations.create().sid)
    ada = one.participants.create(identity="ada")
    made = [one.messages.create(body=f"Message {number}", author="ada") for number in range(4)]
    system = one.messages.create(body="By the house", attributes='{"importance": "high"}')

    changed = one.messages(made[0].sid).update(body="Changed", attributes='{"a": 1}')
    one.messages(made[3].sid).delete()

    assert [(row.index, row.participant_sid) for row in made] == [(number, ada.sid) for number in range(4)]
    assert (system.author, system.participant_sid, system.delivery) == ("system", None, None)
    assert (changed.body, changed.attributes) == ("Changed", '{"a": 1}')
    assert made[0].date_updated is None
    assert changed.date_updated is not None
    assert [row.index for row in one.messages.list(page_size=2)] == [0, 1, 2, 4]
    assert [row.index for row in one.messages.list(order="desc", page_size=2)] == [4, 2, 1, 0]
    assert refusal(one.messages(made[3].sid).fetch) == (404, 20404)
    assert one.messages.create(body="Next").index == 5


def test_delivers_a_message_and_tells_how_far_it_got(scope: Any, account: Account, drain: Drain, sending: None) -> None:
    one = scope.conversations(scope.conversations.create().sid)
    person = sms(scope, one.fetch().sid)
    nowhere = sms(scope, one.fetch().sid, "+15551230002", "+15550100009")
    message = one.messages.create(body="Hello")
    drain()

    found = one.messages(message.sid).fetch()
    receipts = {row.participant_sid: row for row in one.messages(message.sid).delivery_receipts.list()}

    assert list(SandboxMessage.objects.values_list("customer", "body")) == [(CUSTOMER, "Hello")]
    assert found.delivery == {
        "total": 2,
        "sent": "some",
        "delivered": "some",
        "read": "none",
        "failed": "some",
        "undelivered": "none",
    }
    assert receipts[person.sid].status == "delivered"
    assert (receipts[nowhere.sid].status, receipts[nowhere.sid].error_code) == ("failed", 21606)
    again = one.messages(message.sid).delivery_receipts(receipts[person.sid].sid).fetch()
    assert again.channel_message_sid == receipts[person.sid].channel_message_sid


def test_does_not_send_an_author_their_own_message(api: Any, drain: Drain, sending: None) -> None:
    one = api.conversations(api.conversations.create().sid)
    sms(api, one.fetch().sid)
    one.messages.create(body="As if I had written it", author=CUSTOMER)
    drain()

    assert not SandboxMessage.objects.exists()


def test_refuses_a_body_that_the_channel_does_not_take(api: Any) -> None:
    chat = api.conversations(api.conversations.create().sid)
    phone = api.conversations(api.conversations.create().sid)
    sms(api, phone.fetch().sid)

    assert chat.messages.create(body="x" * 1601).index == 0
    assert refusal(lambda: chat.messages.create(body="x" * (32 * 1024 + 1)))[0] == 400
    assert refusal(lambda: phone.messages.create(body="x" * 1601))[0] == 400
    assert refusal(lambda: phone.messages.create()) == (400, 20001)


def test_runs_the_second_outbound_story(api: Any, account: Account, drain: Drain, sending: None) -> None:
    """The overview page's second outbound flow: REST begins, the customer's reply starts the flow."""
    flow = publish_flow(
        account,
        flow_definition(
            state("Thanks", "send-message", {"sent": None, "failed": None}, body="You said {{trigger.message.Body}}"),
            trigger={"incomingConversationMessage": "Thanks"},
        ),
        address=None,
    )
    one = api.conversations(api.conversations.create(friendly_name="Outreach").sid)
    customer = sms(api, one.fetch().sid)
    one.webhooks.create(target="studio", configuration_flow_sid=flow.sid)
    one.messages.create(body="Are you coming?", author="system")
    drain()
    assert [row.body for row in one.messages.list()] == ["Are you coming?"]

    (received,) = receive_messages([inbound(account, "Yes")], now=clock.now())
    drain()

    row = Conversation.objects.get(id=received.conversation_id)
    assert (row.sid, row.customer_address, row.proxy_address, row.channel_type) == (
        one.fetch().sid,
        CUSTOMER,
        OURS,
        "sms",
    )
    assert [message.author for message in one.messages.list()][1] == CUSTOMER
    assert one.messages.list()[1].participant_sid == customer.sid
    assert texts(row.id) == ["You said Yes"]
    phone = SandboxMessage.objects.order_by("id").values_list("body", flat=True)
    assert list(phone) == ["Are you coming?", "You said Yes"]


def test_replays_messages_to_a_flow_that_comes_later(api: Any, account: Account, drain: Drain, sending: None) -> None:
    flow = publish_flow(
        account,
        flow_definition(
            state("Echo", "send-message", {"sent": None, "failed": None}, body="Late: {{trigger.message.Body}}")
        ),
        address=None,
    )
    one = api.conversations(api.conversations.create().sid)
    sms(api, one.fetch().sid)
    (received,) = receive_messages([inbound(account, "First")], now=clock.now())
    drain()

    made = one.webhooks.create(target="studio", configuration_flow_sid=flow.sid, configuration_replay_after=-1)
    drain()

    assert texts(received.conversation_id) == ["Late: First"]
    assert refusal(lambda: one.webhooks.create(target="studio", configuration_flow_sid=flow.sid)) == (400, 50361)
    assert made.configuration["flow_sid"] == flow.sid


def test_keeps_scoped_webhooks(scope: Any) -> None:
    one = scope.conversations(scope.conversations.create().sid)
    hook = one.webhooks.create(
        target="webhook",
        configuration_url="https://example.com/hook",
        configuration_method="GET",
        configuration_filters=["onMessageAdded"],
    )
    word = one.webhooks.create(
        target="trigger", configuration_url="https://example.com/word", configuration_triggers=["help", "stop"]
    )
    flow_sid = a_flow()
    flow = one.webhooks.create(target="studio", configuration_flow_sid=flow_sid)

    changed = one.webhooks(hook.sid).update(configuration_url="https://example.com/other")

    assert hook.configuration == {"url": "https://example.com/hook", "method": "get", "filters": ["onMessageAdded"]}
    assert word.configuration["filters"] == ["help", "stop"]
    assert flow.configuration == {"flow_sid": flow_sid}
    assert changed.configuration["url"] == "https://example.com/other"
    assert [row.sid for row in one.webhooks.list()] == [hook.sid, word.sid, flow.sid]
    assert one.webhooks(word.sid).fetch().target == "trigger"
    assert one.webhooks(word.sid).delete() is True
    for _ in range(3):
        one.webhooks.create(target="webhook", configuration_url="https://example.com")
    sixth = refusal(lambda: one.webhooks.create(target="webhook", configuration_url="https://example.com"))
    assert sixth == (400, 50361)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://example.com/" + "x" * 500, 50372),
        ("ftp://example.com", 50388),
        ("/relative", 50388),
        ("http://127.0.0.1/", 50388),
        ("http://[::1]/", 50388),
        ("http://10.0.0.1:8080/x", 50388),
    ],
)
def test_refuses_webhooks_that_go_nowhere(api: Any, url: str, code: int) -> None:
    one = api.conversations(api.conversations.create().sid)

    assert refusal(lambda: one.webhooks.create(target="webhook", configuration_url=url)) == (400, code)
    assert refusal(lambda: api.configuration.webhooks().update(post_webhook_url=url)) == (400, code)


NOBODY = "MB" + "0" * 32


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda people, ada, customer: people(NOBODY).fetch(), (404, 50432)),
        (lambda people, ada, customer: people(NOBODY).update(attributes="{}"), (404, 50432)),
        (lambda people, ada, customer: people(NOBODY).delete(), (404, 50432)),
        (lambda people, ada, customer: people(" ").fetch(), (400, 50431)),
        (lambda people, ada, customer: people(" ").delete(), (400, 50431)),
        (lambda people, ada, customer: people(ada.sid).update(identity="bob"), (400, 50444)),
        (lambda people, ada, customer: people(customer.sid).update(identity="bob"), (400, 50444)),
        (
            lambda people, ada, customer: people(ada.sid).update(messaging_binding_proxy_address=OURS),
            (400, 50441),
        ),
    ],
)
def test_names_what_is_wrong_with_a_participant(
    api: Any, call: Callable[[Any, Any, Any], object], expected: tuple[int, int]
) -> None:
    made = api.conversations.create()
    people = api.conversations(made.sid).participants
    ada, customer = people.create(identity="ada"), sms(api, made.sid)
    before = [(row.sid, row.identity, row.messaging_binding) for row in people.list()]

    assert refusal(lambda: call(people, ada, customer)) == expected
    assert [(row.sid, row.identity, row.messaging_binding) for row in people.list()] == before
    assert people(ada.sid).update(identity="ada").identity == "ada"


@pytest.mark.parametrize(
    ("limit", "more", "code"),
    [
        ("MOST", {"identity": "bob"}, 50417),
        (
            "MOST_OVER_CHANNELS",
            {"messaging_binding_address": "+15551230009", "messaging_binding_proxy_address": OURS},
            50418,
        ),
        ("MOST_OVER_CHANNELS", {"messaging_binding_address": "+15551230009"}, 50422),
    ],
)
def test_takes_so_many_participants_and_no_more(
    api: Any, monkeypatch: pytest.MonkeyPatch, limit: str, more: dict[str, str], code: int
) -> None:
    made = api.conversations.create()
    people = api.conversations(made.sid).participants
    sms(api, made.sid)
    monkeypatch.setattr(members, limit, 1)

    assert refusal(lambda: people.create(**more)) == (400, code)
    assert len(people.list()) == 1


def test_an_identity_takes_part_in_so_many_open_conversations(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "MOST_CONVERSATIONS", 2)
    first, second, third = (api.conversations.create() for _ in range(3))
    for made in (first, second):
        api.conversations(made.sid).participants.create(identity="ada")

    assert refusal(lambda: api.conversations(third.sid).participants.create(identity="ada")) == (400, 50444)
    api.conversations(third.sid).participants.create(identity="bob")
    # What is closed counts no longer.
    api.conversations(first.sid).update(state="closed")
    api.conversations(third.sid).participants.create(identity="ada")
    assert {row.identity for row in api.conversations(third.sid).participants.list()} == {"ada", "bob"}


@pytest.mark.parametrize(
    ("participants", "status", "cause"),
    [
        (['{"identity": "ada"}', '{"identity": "ada"}'], 409, 50433),
        (['{"identity": "ada"}', '{"identity": "bob", "role_sid": "RL%s"}' % ("0" * 32)], 400, 20001),
    ],
)
def test_creates_nothing_when_one_of_several_cannot_join(
    api: Any, participants: list[str], status: int, cause: int
) -> None:
    with pytest.raises(TwilioRestException) as caught:
        api.conversation_with_participants.create(participant=participants)

    assert (caught.value.status, caught.value.code) == (status, 50427)
    assert [error["code"] for error in caught.value.details["errors"]] == [cause]
    assert not Conversation.objects.exists()


def test_creates_a_conversation_with_its_participants(scope: Any) -> None:
    made = scope.conversation_with_participants.create(
        friendly_name="All at once",
        participant=[
            '{"identity": "ada"}',
            f'{{"messaging_binding": {{"address": "{CUSTOMER}", "proxy_address": "{OURS}"}}}}',
        ],
    )

    assert [row.identity for row in scope.conversations(made.sid).participants.list()] == ["ada", None]
    before = Conversation.objects.count()
    again = [f'{{"messaging_binding": {{"address": "{CUSTOMER}", "proxy_address": "{OURS}"}}}}']
    assert refusal(lambda: scope.conversation_with_participants.create(participant=again)) == (409, 50425)
    many = [f'{{"identity": "user {number}"}}' for number in range(11)]
    assert refusal(lambda: scope.conversation_with_participants.create(participant=many)) == (400, 50426)
    assert refusal(lambda: scope.conversation_with_participants.create(participant=["no json"])) == (400, 20001)
    assert Conversation.objects.count() == before


def test_finds_where_somebody_takes_part(scope: Any) -> None:
    first, second = scope.conversations.create(unique_name="first"), scope.conversations.create()
    scope.conversations(first.sid).participants.create(identity="ada")
    scope.conversations(second.sid).participants.create(identity="ada")
    sms(scope, first.sid)

    assert [row.conversation_sid for row in scope.participant_conversations.list(identity="ada")] == [
        second.sid,
        first.sid,
    ]
    (found,) = scope.participant_conversations.list(address=CUSTOMER)
    assert (found.conversation_unique_name, found.participant_user_sid) == ("first", None)
    assert refusal(lambda: scope.participant_conversations.list()) == (400, 20001)


def test_keeps_users_and_their_conversations(scope: Any) -> None:
    ada = scope.users.create(identity="ada", friendly_name="Ada", attributes='{"duty": "tech"}')
    made = scope.conversations.create()
    scope.conversations(made.sid).participants.create(identity="ada")
    scope.conversations(made.sid).participants.create(identity="new")
    for text in ("One", "Two", "Three"):
        scope.conversations(made.sid).messages.create(body=text)
    mine = scope.users("ada").user_conversations

    (before,) = mine.list()
    after = mine(made.sid).update(last_read_message_index=0, notification_level="muted")

    assert scope.users("ada").fetch().sid == ada.sid
    assert scope.users(ada.sid).update(friendly_name="Countess").friendly_name == "Countess"
    assert {row.identity for row in scope.users.list()} == {"ada", "new"}
    assert before.unread_messages_count is None
    assert (after.unread_messages_count, after.notification_level) == (2, "muted")
    assert mine(made.sid).fetch().last_read_message_index == 0
    assert refusal(lambda: scope.users.create(identity="ada"))[0] == 409
    assert mine(made.sid).delete() is True
    assert mine.list() == []
    assert scope.users("new").delete() is True
    assert scope.conversations(made.sid).participants.list() == []


def test_keeps_roles(scope: Any, api: Any, account: Account) -> None:
    defaults = {row.friendly_name: row for row in scope.roles.list()}
    made = scope.roles.create(friendly_name="Reader", type="conversation", permission=["leaveConversation"])

    changed = scope.roles(made.sid).update(permission=["sendMessage", "leaveConversation"])

    assert set(defaults) == {"channel user", "channel admin", "service user", "service admin"}
    assert changed.permissions == ["sendMessage", "leaveConversation"]
    assert scope.roles(made.sid).fetch().type == "conversation"
    wrong = refusal(lambda: scope.roles.create(friendly_name="x", type="service", permission=["sendMessage"]))
    assert wrong == (400, 20001)
    assert scope.roles(made.sid).delete() is True
    assert refusal(scope.roles(defaults["channel user"].sid).delete) == (400, 20001)


def test_configures_the_account_and_its_service(api: Any, account: Account) -> None:
    service = api.services("IS" + account.id.hex)
    found = api.configuration().fetch()
    role = api.roles.create(friendly_name="Mine", type="conversation", permission=["sendMessage"])
    changed = service.configuration().update(default_conversation_role_sid=role.sid, reachability_enabled=True)
    webhooks = api.configuration.webhooks().update(
        pre_webhook_url="https://example.com/pre",
        post_webhook_url="https://example.com/post",
        method="GET",
        filters=["onMessageAdd", "onMessageAdded"],
        target="webhook",
    )
    scoped = service.configuration.webhooks().update(post_webhook_url="https://example.com/s", filters=[])

    assert found.default_chat_service_sid == "IS" + account.id.hex
    assert changed.default_conversation_role_sid == role.sid
    assert service.configuration().fetch().reachability_enabled is True
    made = api.conversations.create()
    assert api.conversations(made.sid).participants.create(identity="ada").role_sid == role.sid
    assert (webhooks.method, webhooks.filters) == ("GET", ["onMessageAdd", "onMessageAdded"])
    assert api.configuration.webhooks().fetch().post_webhook_url == "https://example.com/post"
    assert service.configuration.webhooks().fetch().post_webhook_url == scoped.post_webhook_url
    assert refusal(lambda: api.configuration.webhooks().update(filters=["onMessageSent"])) == (400, 20001)
    assert [row.sid for row in api.services.list()] == [service.fetch().sid]
    assert refusal(lambda: api.services.create(friendly_name="Second")) == (409, 20409)
    assert refusal(service.delete) == (409, 20409)
    assert refusal(api.services("IS" + "0" * 32).fetch) == (404, 20404)
    assert refusal(lambda: api.services("IS" + "0" * 32).conversations.list()) == (404, 20404)


def test_keeps_address_configurations(api: Any) -> None:
    flow_sid = a_flow()
    made = api.address_configurations.create(
        type="sms",
        address=OURS,
        friendly_name="Front door",
        auto_creation_enabled=True,
        auto_creation_type="studio",
        auto_creation_studio_flow_sid=flow_sid,
        auto_creation_studio_retry_count=3,
    )

    changed = api.address_configurations(made.sid).update(
        auto_creation_enabled=True,
        auto_creation_type="webhook",
        auto_creation_webhook_url="https://example.com",
        auto_creation_webhook_filters=["onMessageAdded"],
    )

    assert made.auto_creation["studio_flow_sid"] == flow_sid
    assert changed.auto_creation["webhook_url"] == "https://example.com"
    assert (changed.friendly_name, changed.auto_creation["enabled"]) == ("Front door", True)
    assert [row.sid for row in api.address_configurations.list(type="sms")] == [made.sid]
    assert api.address_configurations.list(type="whatsapp") == []
    assert api.address_configurations(OURS).fetch().sid == made.sid
    twice = refusal(lambda: api.address_configurations.create(type="sms", address=OURS))
    assert twice[0] == 409
    assert api.address_configurations(made.sid).delete() is True


def test_deletes_a_conversation_with_all_that_waits_for_it(api: Any, account: Account, drain: Drain) -> None:
    drain()
    made = api.conversations.create(timers_inactive="PT1M")
    sms(api, made.sid)
    api.conversations(made.sid).messages.create(body="Never sent")

    api.conversations(made.sid).delete()

    # Nothing but the question whether anybody works on it.
    assert drain() == 1
    assert not Message.objects.exists()
    other = api.conversations.create()
    sms(api, other.sid)


def test_exercises_every_operation_in_scope(document: OpenApi) -> None:
    """Runs last: what the tests above have called is all of what reference/openapi/README.md puts in scope."""
    out = ("Credentials", "Bindings", "Notifications")
    wanted = {(method, path) for method, path in document.operations() if not any(word in path for word in out)}
    # The account has one service: making and deleting one is refused, which no success can show.
    wanted -= {("POST", "/v1/Services"), ("DELETE", "/v1/Services/{Sid}")}

    assert wanted - document.seen == set()
