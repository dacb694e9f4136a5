"""What an admin sets of a web chat, and what holds because of it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
import time_machine
from django.test import Client

from accounts.models import AuditEntry
from channels_app import webchat
from channels_app.models import Connection
from common import clock, ids
from common.errors import BadParameter
from conversations import queries as conversations
from conversations import services
from routing import services as routing
from tests.interactions.world import Desk, make_desk

SESSIONS = "/webchat/v1/sessions"


class Admin:
    """An admin at the settings screen of one web chat."""

    def __init__(self, desk: Desk, key: str) -> None:
        self.connection = Connection.objects.get(deployment_key=key)
        self.key = key
        self.client = Client()
        self.client.force_login(desk.user("admin"), backend="django.contrib.auth.backends.ModelBackend")

    def put(self, **settings: Any) -> Any:
        body = json.dumps({"settings": settings})
        return self.client.put(f"/app/v1/webchats/{self.connection.sid}", body, content_type="application/json")

    def secret(self, keep_old_seconds: int = 0) -> str:
        address = f"/app/v1/webchats/{self.connection.sid}/identity-secret"
        answer = self.client.post(
            address, json.dumps({"keep_old_seconds": keep_old_seconds}), content_type="application/json"
        )
        assert answer.status_code == 201
        return str(answer.json()["secret"])


@pytest.fixture
def admin(desk: Desk, deployment_key: str) -> Admin:
    return Admin(desk, deployment_key)


def begin(key: str, origin: str = "https://shop.example", **body: Any) -> Any:
    return Client(headers={"Origin": origin}).post(
        SESSIONS, json.dumps({"deployment_key": key, **body}), content_type="application/json"
    )


def shown(key: str, **asked: str) -> Any:
    return Client().get(f"/webchat/v1/deployments/{key}", asked)


def sign(secret: str, **claims: Any) -> str:
    expires = int((clock.now() + timedelta(minutes=5)).timestamp())
    return jwt.encode({"sub": "user-7", "exp": expires, **claims}, secret, algorithm="HS256")


def test_settings_are_kept_shown_to_pages_and_written_down(admin: Admin) -> None:
    form = [{"name": "topic", "label": "Topic", "type": "select", "options": ["A", "B"], "required": True}]

    answer = admin.put(title="Northwind", accent="#1D6F65", form=form, texts={"de": {"send": "Senden"}})

    told = shown(admin.key, lang="de-AT").json()
    assert answer.status_code == 200
    assert (told["title"], told["accent"], told["texts"]) == ("Northwind", "#1D6F65", {"send": "Senden"})
    assert told["form"] == form
    assert (told["open"], told["files"]["max_bytes"], told["identity"]) == (True, 5 * 1024 * 1024, "off")
    assert admin.client.get("/app/v1/webchats").json()["webchats"][0]["settings"]["title"] == "Northwind"
    assert AuditEntry.objects.filter(action="webchat.changed").get().changes == {
        "settings": ["accent", "form", "texts", "title"]
    }


@pytest.mark.parametrize(
    "settings",
    [
        {"colour": "red"},
        {"accent": "red"},
        {"title": "x" * 81},
        {"title": 7},
        {"theme": "pink"},
        {"form": [{"name": "no spaces"}]},
        {"form": [{"name": "a"}, {"name": "a"}]},
        {"form": [{"name": "a", "type": "select"}]},
        {"form": "name*"},
        {"form": [{"name": f"f{number}"} for number in range(13)]},
        {"origins": ["shop.example"]},
        {"origins": ["https://shop.example/path"]},
        {"file_types": ["pdf"]},
        {"max_file_bytes": 10**12},
        {"max_file_bytes": True},
        {"leave_message_after": -1},
        {"calendar_sid": "CL" + "0" * 32},
        {"texts": {"german": {}}},
        {"texts": {"de": {"send": 1}}},
    ],
)
def test_a_bad_setting_is_refused_by_its_name(admin: Admin, settings: dict[str, Any]) -> None:
    before = shown(admin.key).json()

    answer = admin.put(**settings)

    assert answer.status_code == 400
    assert next(iter(settings)) in answer.json()["message"]
    assert shown(admin.key).json() == before


def test_only_admins_of_the_account_change_them(admin: Admin, desk: Desk) -> None:
    agent, other = Client(), Admin(make_desk("Other"), admin.key)
    agent.force_login(desk.user("agent"), backend="django.contrib.auth.backends.ModelBackend")
    body = json.dumps({"settings": {"title": "Mine"}})
    address = f"/app/v1/webchats/{admin.connection.sid}"

    assert agent.put(address, body, content_type="application/json").status_code == 403
    assert agent.get(address).status_code == 403
    assert other.put(title="Mine").status_code == 404
    assert other.client.get("/app/v1/webchats").json()["webchats"] == []
    assert shown(admin.key).json()["title"] == ""


def test_pages_of_origins_that_are_not_listed_get_nothing(admin: Admin) -> None:
    admin.put(origins=["https://shop.example", "https://*.shop.example/"])

    allowed = [
        begin(admin.key, origin).status_code
        for origin in ("https://shop.example", "https://a.shop.example", "http://testserver")
    ]
    refused = [
        begin(admin.key, origin).status_code
        for origin in ("https://evil.example", "http://shop.example", "https://shop.example.evil.example", "null")
    ]

    assert (allowed, refused) == ([201] * 3, [403] * 4)
    asked = Client(headers={"Origin": "https://evil.example"}).get(f"/webchat/v1/deployments/{admin.key}")
    assert (asked.status_code, asked["Access-Control-Allow-Origin"]) == (403, "*")


FORM = [
    {"name": "name", "label": "Name", "required": True},
    {"name": "email", "label": "E-mail", "type": "email"},
    {"name": "topic", "label": "Topic", "type": "select", "options": ["Sales", "Help"]},
    {"name": "terms", "label": "Terms", "type": "checkbox", "required": True},
]


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({}, "name"),
        ({"name": "  ", "terms": True}, "name"),
        ({"name": "Eva"}, "terms"),
        ({"name": "Eva", "terms": False}, "terms"),
        ({"name": "Eva", "terms": True, "email": "eva"}, "email"),
        ({"name": "Eva", "terms": True, "topic": "Other"}, "topic"),
        ({"name": ["Eva"], "terms": True}, "name"),
        ({"name": "x" * 1001, "terms": True}, "name"),
    ],
)
def test_the_form_is_checked_by_the_server(admin: Admin, answers: dict[str, Any], field: str) -> None:
    admin.put(form=FORM)

    answer = begin(admin.key, pre_engagement_data=answers)

    assert (answer.status_code, answer.json()["details"]) == (400, {"field": field})


def test_good_answers_reach_the_conversation(admin: Admin, desk: Desk) -> None:
    admin.put(form=FORM)

    answer = begin(
        admin.key, pre_engagement_data={"name": " Eva ", "email": "", "topic": "Help", "terms": True, "page": "/x"}
    )

    row = conversations.conversation(desk.account.id, key_of(answer))
    told = {"name": "Eva", "topic": "Help", "terms": "true", "page": "/x"}
    assert (row.customer_name, json.loads(row.attributes)) == ("Eva", {"pre_engagement_data": told})


def key_of(answer: Any) -> UUID:
    return ids.parse("CH", answer.json()["conversation_sid"])


def test_a_signed_user_goes_on_with_their_open_conversation(admin: Admin, desk: Desk) -> None:
    admin.put(identity="optional", form=[{"name": "email", "label": "E-mail", "type": "email", "required": True}])
    token = sign(admin.secret(), name="Eva Adams", email="eva@example.org", plan="gold")

    # A page that only looks begins nothing.
    assert begin(admin.key, identity_token=token, is_only_resuming=True).status_code == 404
    first, second = (
        begin(admin.key, identity_token=token),
        begin(admin.key, identity_token=token, is_only_resuming=True),
    )
    services.close_conversation(conversation_id=key_of(first), reason="API", now=clock.now())
    third = begin(admin.key, identity_token=token)

    assert [each.status_code for each in (first, second, third)] == [201] * 3
    assert key_of(first) == key_of(second) != key_of(third)
    assert [each.json()["is_new"] for each in (first, second, third)] == [True, False, True]
    row = conversations.conversation(desk.account.id, key_of(first))
    assert (row.customer_name, conversations.participants(row.id)[0].identity) == ("Eva Adams", "user-7")
    assert json.loads(row.attributes) == {
        "pre_engagement_data": {"email": "eva@example.org"},
        "signed_identity": {"sub": "user-7", "name": "Eva Adams", "email": "eva@example.org", "plan": "gold"},
    }


def test_what_is_not_signed_well_is_refused(admin: Admin) -> None:
    admin.put(identity="optional")
    secret = admin.secret()
    good = {"sub": "user-7", "exp": clock.now() + timedelta(minutes=5)}
    bad = (
        sign("x" * 40),
        sign(secret, exp=int(clock.now().timestamp()) - 60),
        sign(secret, sub=""),
        sign(secret, sub="x" * 201),
        jwt.encode({"sub": "user-7"}, secret, algorithm="HS256"),
        jwt.encode({"exp": good["exp"]}, secret, algorithm="HS256"),
        jwt.encode(good, secret * 2, algorithm="HS512"),
        jwt.encode(good, "", algorithm="none"),
        "nonsense",
        "a.b.c",
    )

    assert [begin(admin.key, identity_token=token).status_code for token in bad] == [401] * len(bad)
    # Nobody may name a signed user without a signature, but anybody may come unnamed.
    assert begin(admin.key, identity="user-7").status_code == 401
    assert begin(admin.key).status_code == 201
    admin.put(identity="required")
    assert begin(admin.key).status_code == 401
    admin.put(identity="off")
    assert begin(admin.key, identity_token=sign(secret)).status_code == 401


def test_an_old_secret_is_good_for_as_long_as_it_was_given(admin: Admin) -> None:
    admin.put(identity="required")
    old = admin.secret()
    new = admin.secret(keep_old_seconds=3600)

    assert [begin(admin.key, identity_token=sign(each)).status_code for each in (old, new)] == [201, 201]
    with time_machine.travel(clock.now() + timedelta(seconds=3601)):
        assert [begin(admin.key, identity_token=sign(each)).status_code for each in (old, new)] == [401, 201]
    newest = admin.secret()
    assert [begin(admin.key, identity_token=sign(each)).status_code for each in (new, newest)] == [401, 201]
    stored = Connection.objects.get(id=admin.connection.id)
    assert newest not in stored.sealed_credentials
    assert newest not in json.dumps(admin.client.get("/app/v1/webchats").json())


def test_the_opening_hours_of_routing_close_the_chat(admin: Admin, desk: Desk) -> None:
    hours = {"time_zone": "UTC", "weekly": [{"day": 0, "from": "09:00", "to": "12:00"}]}
    calendar = routing.create_calendar(account_id=desk.account.id, name="Shop", values=hours, now=clock.now())
    sid = ids.sid("CL", calendar.id)
    admin.put(calendar_sid=sid, offline="closed", offline_text="Come back on Monday")

    with time_machine.travel("2026-03-02T10:00:00Z"):
        assert (shown(admin.key).json()["open"], begin(admin.key).status_code) == (True, 201)
    with time_machine.travel("2026-03-02T12:30:00Z"):
        told, refused = shown(admin.key).json(), begin(admin.key)
        assert (told["open"], told["opens_at"]) == (False, "2026-03-09T09:00:00Z")
        assert (refused.status_code, refused.json()["message"]) == (409, "Come back on Monday")
        admin.put(offline="message")
        assert begin(admin.key).status_code == 201
    # Whoever deletes the hours does not close the chat for ever.
    routing.delete_calendar(account_id=desk.account.id, calendar_id=calendar.id, now=clock.now())
    assert shown(admin.key).json()["open"] is True


def test_files_are_taken_by_type_and_size() -> None:
    settings = webchat.check({"file_types": ["image/*", "application/pdf"], "max_file_bytes": 1024}, webchat.Settings())

    def reason(kind: str, size: int) -> str:
        refused = settings.refusal_of(kind, size)
        return refused.reason if refused else ""

    assert reason("image/png", 1024) == ""
    assert reason("application/pdf; charset=x", 10) == ""
    assert reason("text/html", 10) == "type"
    assert reason("image/png", 1025) == "size"
    settings = webchat.Settings(files=False)
    assert reason("image/png", 1) == "off"


def test_what_an_older_version_stored_can_be_read() -> None:
    assert webchat.read({}) == webchat.Settings()
    assert webchat.read({"title": "Hi", "of_the_future": 1}) == webchat.Settings(title="Hi")
    with pytest.raises(BadParameter):
        webchat.check({"of_the_future": 1}, webchat.Settings())
