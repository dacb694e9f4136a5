"""Two accounts: whatever one of them has in Conversations, the other finds nothing there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import URLPattern

from accounts.models import Account
from channels_app.delivery import drain as delivery
from channels_app.services import create_connection
from common import clock
from conversations.api.urls import compat_urls
from conversations.models import ChatUser, Conversation, Message, Participant, Role
from tests.factories import OURS, make_account
from tests.sdk import basic, sdk_client

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def owner() -> Account:
    made = make_account("First")
    create_connection(account_id=made.id, type="sms", provider="sandbox", address=OURS, now=clock.now())
    return made


@pytest.fixture
def sids(owner: Account, drain: Callable[[], int]) -> dict[str, str]:
    """Return SIDs of the first account's rows by the names of their resources."""
    api = sdk_client(owner).conversations.v1
    made = api.conversations.create(unique_name="mine")
    one = api.conversations(made.sid)
    one.participants.create(messaging_binding_address="+15551230001", messaging_binding_proxy_address=OURS)
    person = one.participants.create(identity="ada")
    message = one.messages.create(body="Hello")
    delivery.use(delivery.inline_sender())
    drain()
    delivery.use(None)
    return {
        "Conversations": made.sid,
        "Participants": person.sid,
        "Messages": message.sid,
        "Receipts": one.messages(message.sid).delivery_receipts.list()[0].sid,
        "Webhooks": one.webhooks.create(target="studio", configuration_flow_sid="FW" + "0" * 32).sid,
        "Roles": api.roles.create(friendly_name="Mine", type="service", permission=["joinConversation"]).sid,
        "Users": api.users("ada").fetch().sid,
        "Addresses": api.address_configurations.create(type="sms", address=OURS).sid,
        "Services": "IS" + owner.id.hex,
    }


def routes(sids: dict[str, str]) -> list[str]:
    """Return every address that names one of the rows."""
    found = []
    for pattern in compat_urls:
        if not isinstance(pattern, URLPattern) or "<" not in str(pattern.pattern):
            continue
        parts = str(pattern.pattern).split("/")
        found.append("/".join(sids[parts[at - 1]] if "<" in part else part for at, part in enumerate(parts)))
    return found


def send(account: Account, method: str, path: str, body: str = "") -> tuple[int, Any]:
    headers = {"Authorization": basic(account.sid, account.auth_token)}
    answer = Client(raise_request_exception=False).generic(
        method, f"/conversations/v1/{path}", body.encode(), content_type=FORM, headers=headers
    )
    return answer.status_code, json.loads(answer.content) if answer.content else None


def contents() -> Any:
    models = (Conversation, Participant, Message, Role, ChatUser)
    return [sorted(str(row) for row in model.objects.values_list()) for model in models]


def test_shows_another_account_nothing(owner: Account, sids: dict[str, str]) -> None:
    stranger = make_account("Second")
    send(stranger, "GET", "Roles")
    before = contents()
    walked = routes(sids)
    walked += [f"Services/{sids['Services']}/{path}" for path in ("Conversations", "Users", "Roles", "Configuration")]

    assert len(walked) == 19
    for path in walked:
        assert send(owner, "GET", path)[0] == 200, path
        for method in ("GET", "POST", "DELETE"):
            form = "Body=x&Identity=x&Permission=sendMessage&FriendlyName=x&Type=service&Target=studio"
            status, answer = send(stranger, method, path, form)
            assert (status, answer["code"]) in ((404, 20404), (405, 20004)), (method, path, answer)
        assert send(stranger, "GET", path)[0] == 404, path
    assert contents() == before
    for path, key in (("Conversations", "conversations"), ("Users", "users")):
        assert send(stranger, "GET", path)[1][key] == []
    assert send(stranger, "GET", "Conversations/mine")[0] == 404
    assert send(stranger, "GET", "ParticipantConversations?Identity=ada")[1]["conversations"] == []
    assert send(stranger, "GET", "Configuration/Addresses")[1]["address_configurations"] == []


def test_finds_nothing_of_one_conversation_below_another(owner: Account, sids: dict[str, str]) -> None:
    other = sdk_client(owner).conversations.v1.conversations.create().sid

    for path in routes(sids):
        if path.count(sids["Conversations"]) and not path.endswith(sids["Conversations"]) and "CH" in path:
            wanted = 200 if path.split("/")[-1] in ("Participants", "Messages", "Webhooks") else 404
            assert send(owner, "GET", path.replace(sids["Conversations"], other))[0] == wanted, path


BIG = "x" * 300
BAD = [
    ("Conversations", {"FriendlyName": BIG}),
    ("Conversations", {"UniqueName": BIG}),
    ("Conversations", {"Attributes": "no json"}),
    ("Conversations", {"Attributes": "[]"}),
    ("Conversations", {"Attributes": '"' + "x" * 17_000 + '"'}),
    ("Conversations", {"Attributes": "[" * 5000}),
    ("Conversations", {"State": "asleep"}),
    ("Conversations", {"Timers.Inactive": "soon"}),
    ("Conversations", {"Timers.Inactive": "P1Y"}),
    ("Conversations", {"Timers.Closed": "PT" + "9" * 30 + "S"}),
    ("Conversations", {"MessagingServiceSid": "MGx"}),
    ("Conversations", {"DateCreated": "yesterday"}),
    ("Conversations", {"FriendlyName": "a\x00b"}),
    ("Conversations?PageSize=0", None),
    ("Conversations?PageSize=x", None),
    ("Conversations?PageToken=garbage", None),
    ("Conversations?StartDate=2026-99-99", None),
    ("Conversations?State=asleep", None),
    ("Conversations/{}/Participants", {}),
    ("Conversations/{}/Participants", {"Identity": BIG}),
    ("Conversations/{}/Participants", {"Identity": "a", "Attributes": "x"}),
    ("Conversations/{}/Participants", {"Identity": "a", "RoleSid": "x"}),
    ("Conversations/{}/Participants", {"Identity": "a", "MessagingBinding.ProxyAddress": OURS}),
    ("Conversations/{}/Participants", {"MessagingBinding.ProxyAddress": "+1555"}),
    ("Conversations/{}/Messages", {}),
    ("Conversations/{}/Messages", {"Body": "x", "Attributes": "{" * 10}),
    ("Conversations/{}/Messages", {"Body": "x", "Author": BIG}),
    ("Conversations/{}/Messages", {"MediaSid": "ME" + "0" * 32}),
    ("Conversations/{}/Messages", {"ContentSid": "x"}),
    ("Conversations/{}/Messages", {"ContentSid": "HX" + "0" * 32, "ContentVariables": "[]"}),
    ("Conversations/{}/Messages?Order=sideways", None),
    ("Conversations/{}/Webhooks", {}),
    ("Conversations/{}/Webhooks", {"Target": "pigeon"}),
    ("Conversations/{}/Webhooks", {"Target": "studio"}),
    ("Conversations/{}/Webhooks", {"Target": "studio", "Configuration.FlowSid": "x"}),
    ("Conversations/{}/Webhooks", {"Target": "webhook"}),
    ("Conversations/{}/Webhooks", {"Target": "trigger", "Configuration.Url": "https://example.com"}),
    ("Conversations/{}/Webhooks", {"Target": "webhook", "Configuration.Url": "https://example.com:bad/"}),
    (
        "Conversations/{}/Webhooks",
        {"Target": "webhook", "Configuration.Url": "https://example.com", "Configuration.Filters": "onNothing"},
    ),
    (
        "Conversations/{}/Webhooks",
        {"Target": "webhook", "Configuration.Url": "https://example.com", "Configuration.Method": "put"},
    ),
    ("ConversationWithParticipants", {"Participant": "[]"}),
    ("ConversationWithParticipants", {"Participant": '{"messaging_binding": 7}'}),
    ("ConversationWithParticipants", {"Participant": "{}"}),
    ("ParticipantConversations", None),
    ("ParticipantConversations?Identity=a&Address=b", None),
    ("Roles", {"FriendlyName": "x", "Type": "pigeon", "Permission": "sendMessage"}),
    ("Roles", {"FriendlyName": "x", "Type": "service"}),
    ("Roles", {"FriendlyName": "x", "Type": "service", "Permission": "fly"}),
    ("Users", {}),
    ("Users", {"Identity": "x", "Attributes": "x"}),
    ("Users", {"Identity": "x", "RoleSid": "RL" + "0" * 32}),
    ("Configuration", {"DefaultInactiveTimer": "PT1S"}),
    ("Configuration", {"DefaultChatServiceSid": "IS" + "0" * 32}),
    ("Configuration/Webhooks", {"Method": "PUT"}),
    ("Configuration/Webhooks", {"Target": "pigeon"}),
    ("Configuration/Addresses", {"Type": "pigeon", "Address": "x"}),
    ("Configuration/Addresses", {"Type": "sms"}),
    ("Configuration/Addresses", {"Type": "sms", "Address": "+1", "AutoCreation.Type": "studio"}),
    ("Configuration/Addresses", {"Type": "sms", "Address": "+1", "AutoCreation.Type": "webhook"}),
    ("Configuration/Addresses", {"Type": "sms", "Address": "+1", "AutoCreation.StudioRetryCount": "4"}),
    ("Configuration/Addresses", {"Type": "sms", "Address": "+1", "AutoCreation.Enabled": "maybe"}),
]


@pytest.mark.parametrize(("path", "form"), BAD, ids=[f"{path} {form}"[:70] for path, form in BAD])
def test_refuses_bad_input_clearly(owner: Account, path: str, form: dict[str, str] | None) -> None:
    made = sdk_client(owner).conversations.v1.conversations.create()
    before = contents()[:3]

    method = "GET" if form is None else "POST"
    status, answer = send(owner, method, path.format(made.sid), urlencode(form or {}))

    assert status == 400, answer
    assert set(answer) == {"code", "message", "more_info", "status"}
    assert answer["message"]
    assert contents()[:3] == before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "Conversations/CHx", 404),
        ("GET", "Conversations/" + "x" * 2000, 404),
        ("GET", "Conversations/%00", 404),
        ("PUT", "Conversations", 405),
        ("GET", "Conversations/nobody/Participants/x", 404),
        ("GET", "Users/nobody", 404),
        ("GET", "Users/US" + "0" * 32 + "/Conversations", 404),
        ("GET", "Roles/RLx", 404),
        ("GET", "Nothing", 404),
    ],
)
def test_answers_what_is_not_there(owner: Account, method: str, path: str, status: int) -> None:
    found, answer = send(owner, method, path)

    assert (found, answer["status"]) == (status, status)


def test_asks_who_calls() -> None:
    answer = Client().get("/conversations/v1/Conversations")

    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
