"""Settings of the console, preferences of its users, templates."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import AuditEntry
from common import clock
from conversations.models import Message
from interactions import services as interactions
from tests.console.test_canned import put
from tests.interactions.world import Desk, make_desk
from tests.realtime.test_console_api import logged_in, post

SETTINGS = "/app/v1/console/settings"
PREFERENCES = "/app/v1/console/preferences"
TEMPLATES = "/app/v1/message-templates"
DEFAULTS = {
    "warn_after": 180,
    "late_after": 300,
    "by_channel": {},
    "tells_typing": True,
    "shows_text": True,
    "personal_replies": True,
}


def test_admins_set_what_every_console_goes_by(desk: Desk) -> None:
    admin, agent = logged_in(desk.user("admin")), logged_in(desk.agent()[1])
    assert agent.get("/app/v1/console").json()["settings"] == DEFAULTS

    by_channel = {"sms": {"warn_after": 600, "late_after": 3600}}
    changed = put(admin, SETTINGS, {"warn_after": 60, "by_channel": by_channel, "shows_text": False})

    expected = {**DEFAULTS, "warn_after": 60, "by_channel": by_channel, "shows_text": False}
    assert changed.json() == expected
    assert agent.get("/app/v1/console").json()["settings"] == expected
    assert put(agent, SETTINGS, {"warn_after": 1}).status_code == 403
    assert AuditEntry.objects.filter(action="console.settings_changed").count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {"warn_after": 300},
        {"warn_after": 0},
        {"late_after": 10**9},
        {"late_after": "soon"},
        {"by_channel": {"pigeon": {"warn_after": 1, "late_after": 2}}},
        {"by_channel": {"sms": {"warn_after": 2, "late_after": 1}}},
        {"by_channel": {"sms": {"warn_after": "1", "late_after": 2}}},
        {"by_channel": []},
        {"shows_text": "perhaps"},
    ],
)
def test_malformed_settings_get_a_clear_error(desk: Desk, body: dict[str, Any]) -> None:
    assert put(logged_in(desk.user("admin")), SETTINGS, body).status_code == 400


def test_preferences_are_each_users_own_and_kept_by_parts(desk: Desk) -> None:
    ana, ben = logged_in(desk.agent("Ana")[1]), logged_in(desk.agent("Ben")[1])

    put(ana, PREFERENCES, {"keymap": {"accept": "Alt+KeyX"}})
    answered = put(ana, PREFERENCES, {"alerts": {"volume": 20}})

    expected = {"keymap": {"accept": "Alt+KeyX"}, "alerts": {"volume": 20}}
    assert answered.json() == expected
    assert ana.get("/app/v1/console").json()["preferences"] == expected
    assert (ana.get(PREFERENCES).json(), ben.get(PREFERENCES).json()) == (expected, {})


@pytest.mark.parametrize("body", [[], {"other": {}}, {"keymap": 1}, {"keymap": {"a": "x" * 20_000}}])
def test_malformed_preferences_get_a_clear_error(desk: Desk, body: Any) -> None:
    assert put(logged_in(desk.agent()[1]), PREFERENCES, body).status_code == 400


def template(**values: Any) -> dict[str, Any]:
    return {
        "name": "Order ready",
        "channel_type": "sms",
        "content_sid": "order_ready:en",
        "body": "Hi {{1}}, your order {{2}} is ready.",
        **values,
    }


def test_templates_are_made_by_admins_and_chosen_by_all(desk: Desk) -> None:
    admin, agent = logged_in(desk.user("admin")), logged_in(desk.agent()[1])

    made = post(admin, TEMPLATES, template())

    assert (made.status_code, made.json()["variables"]) == (201, ["1", "2"])
    assert agent.get(TEMPLATES).json() == {"templates": [made.json()]}
    assert post(agent, TEMPLATES, template(name="x")).status_code == 403
    assert post(admin, TEMPLATES, template()).status_code == 409
    path = f"{TEMPLATES}/{made.json()['sid']}"
    assert put(admin, path, template(name="Ready")).json()["name"] == "Ready"
    stranger = logged_in(make_desk("Other").user("admin"))
    assert (put(stranger, path, template()).status_code, stranger.delete(path).status_code) == (404, 404)
    assert admin.delete(path).status_code == 204
    assert admin.get(TEMPLATES).json() == {"templates": []}


@pytest.mark.parametrize(
    "values", [{"name": " "}, {"channel_type": "pigeon"}, {"content_sid": ""}, {"body": ""}, {"body": "{{ a b }}"}]
)
def test_malformed_templates_get_a_clear_error(desk: Desk, values: dict[str, Any]) -> None:
    assert post(logged_in(desk.user("admin")), TEMPLATES, template(**values)).status_code == 400


def test_a_template_is_sent_filled_in_and_named_to_the_channel(desk: Desk) -> None:
    _, user = desk.agent()
    conversation = desk.conversation()
    reservation = desk.offer(conversation)
    interactions.answer_reservation(
        reservation_id=reservation.id, worker_id=reservation.worker_id, status="accepted", now=clock.now()
    )
    admin, agent = logged_in(desk.user("admin")), logged_in(user)
    sid = post(admin, TEMPLATES, template()).json()["sid"]
    elsewhere = post(admin, TEMPLATES, template(channel_type="whatsapp")).json()["sid"]

    def send(ref: str, template_sid: str, **variables: str) -> Any:
        body = {"client_ref": ref, "template_sid": template_sid, "variables": variables}
        return post(agent, f"/app/v1/conversations/{conversation.sid}/messages", body)

    assert send("1", sid, **{"1": "Eva"}).status_code == 400
    assert send("2", elsewhere, **{"1": "Eva", "2": "77"}).status_code == 400
    sent = send("3", sid, **{"1": "Eva", "2": "77"})

    assert (sent.status_code, sent.json()["body"]) == (201, "Hi Eva, your order 77 is ready.")
    row = Message.objects.get(conversation_id=conversation.id, source="agent")
    assert row.fields == {"content_sid": "order_ready:en", "content_variables": {"1": "Eva", "2": "77"}}
