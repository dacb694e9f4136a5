"""Apps in the side panel: who sets them up, what they are told, and what may be framed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.test import Client

from accounts.models import AuditEntry
from common import clock
from console.models import PanelApp
from tests.console.test_canned import put
from tests.interactions.world import Desk, make_desk
from tests.realtime.test_console_api import logged_in, post

PATH = "/app/v1/panel-apps"
CRM = {"name": "CRM", "url": "https://crm.example/flowdesk?x=1", "shares": ["customer"]}


def token(client: Client, app_sid: str, **body: Any) -> Any:
    return post(client, f"/app/v1/console/apps/{app_sid}/token", body)


def test_an_admin_adds_an_app_and_reads_its_secret_once(desk: Desk) -> None:
    admin = logged_in(desk.user("admin"))

    made = post(admin, PATH, CRM)

    secret = made.json().pop("secret")
    row = PanelApp.objects.get()
    assert (made.status_code, len(secret), row.secret) == (201, 64, secret)
    assert secret not in row.sealed_secret
    assert admin.get(PATH).json() == {
        "apps": [
            {
                "sid": row.sid,
                "name": "CRM",
                "url": "https://crm.example/flowdesk?x=1",
                "origin": "https://crm.example",
                "enabled": True,
                "shares": ["customer"],
                "date_updated": clock.to_iso(row.updated_at),
            }
        ]
    }
    renewed = post(admin, f"{PATH}/{row.sid}/secret", {}).json()["secret"]
    assert renewed != secret
    assert put(admin, f"{PATH}/{row.sid}", {**CRM, "enabled": False}).json()["enabled"] is False
    assert admin.delete(f"{PATH}/{row.sid}").status_code == 204
    actions = list(AuditEntry.objects.filter(action__startswith="app.").order_by("id").values_list("action", flat=True))
    assert actions == ["app.created", "app.secret_renewed", "app.updated", "app.deleted"]


def test_agents_and_other_accounts_keep_out(desk: Desk) -> None:
    sid = post(logged_in(desk.user("admin")), PATH, CRM).json()["sid"]
    _, agent = desk.agent()
    stranger = logged_in(make_desk("Other").user("admin"))

    assert logged_in(agent).get(PATH).status_code == 403
    assert logged_in(desk.user("supervisor")).get(PATH).status_code == 403
    assert put(stranger, f"{PATH}/{sid}", CRM).status_code == 404
    assert stranger.delete(f"{PATH}/{sid}").status_code == 404
    assert post(stranger, f"{PATH}/{sid}/secret", {}).status_code == 404
    assert token(stranger, sid).status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "",
        "crm",
        "javascript:alert(1)",
        "http://crm.example/",
        "https://user@crm.example/",
        "https://testserver/",
        "https://crm.example;script-src *",
        "https://crm .example/",
        "https://crm.example:x/",
        "https://[::1",
        "https://" + "x" * 1100,
    ],
)
def test_addresses_that_would_open_a_hole_are_refused(desk: Desk, url: str) -> None:
    answered = post(logged_in(desk.user("admin")), PATH, {**CRM, "url": url})

    assert (answered.status_code, PanelApp.objects.count()) == (400, 0)


def test_an_app_is_told_of_the_agents_task_signed_for_five_minutes(desk: Desk) -> None:
    _, user = desk.agent("Ana Agent")
    conversation = desk.conversation()
    reservation = desk.offer(conversation, attributes={"order": 7})
    made = post(logged_in(desk.user("admin")), PATH, CRM).json()

    answered = token(logged_in(user), made["sid"], reservation_sid=reservation.sid)

    body = answered.json()
    claims = jwt.decode(body["token"], made["secret"], algorithms=["HS256"], audience="https://crm.example")
    assert answered.status_code == 200
    assert claims["context"] == body["context"]
    assert body["context"] == {
        "account_sid": desk.account.sid,
        "agent": {"sid": user.sid, "name": "Ana Agent", "role": "agent"},
        "task": {
            "sid": reservation.task.sid,
            "reservation_sid": reservation.sid,
            "status": "pending",
            "queue": reservation.queue.friendly_name,
        },
        "conversation": {
            "sid": conversation.sid,
            "channel": "sms",
            "customer": {"name": "Carl Customer", "address": conversation.customer_address},
        },
    }
    assert (claims["sub"], claims["app"], claims["exp"] - claims["iat"]) == (user.sid, made["sid"], 300)
    assert abs((clock.now() + timedelta(minutes=5)).timestamp() - claims["exp"]) < 5
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(
            body["token"], "another secret of 32 characters!!", algorithms=["HS256"], audience="https://crm.example"
        )


def test_an_app_is_told_no_more_than_it_is_allowed(desk: Desk) -> None:
    ana, user = desk.agent("Ana Agent")
    reservation = desk.offer(desk.conversation(), attributes={"order": 7})
    admin = logged_in(desk.user("admin"))
    made = post(admin, PATH, {**CRM, "shares": []}).json()

    context = token(logged_in(user), made["sid"], reservation_sid=reservation.sid).json()["context"]
    without_task = token(logged_in(user), made["sid"]).json()["context"]
    _, other = desk.agent("Ben Agent")

    assert "customer" not in context["conversation"]
    assert "attributes" not in context["task"]
    assert (without_task["task"], without_task["conversation"]) == (None, None)
    assert token(logged_in(other), made["sid"], reservation_sid=reservation.sid).status_code == 404
    put(admin, f"{PATH}/{made['sid']}", {**CRM, "enabled": False})
    assert token(logged_in(user), made["sid"]).status_code == 404


def test_pages_may_frame_the_accounts_apps_and_nothing_else(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from config import web

    monkeypatch.setattr(web, "assets", lambda entry: web.Assets(script="/x.js", styles=(), preloads=()))
    admin = desk.user("admin")
    post(logged_in(admin), PATH, CRM)
    post(logged_in(admin), PATH, {**CRM, "name": "Local", "url": "http://localhost:9000/app"})
    post(logged_in(admin), PATH, {**CRM, "name": "Off", "url": "https://off.example"})
    off = PanelApp.objects.get(name="Off")
    put(logged_in(admin), f"{PATH}/{off.sid}", {**CRM, "name": "Off", "url": "https://off.example", "enabled": False})

    def frames(client: Client) -> str:
        policy = client.get("/console")["Content-Security-Policy"]
        return next(part.strip() for part in policy.split(";") if part.strip().startswith("frame-src"))

    assert frames(logged_in(admin)) == "frame-src http://localhost:9000 https://crm.example"
    assert frames(logged_in(make_desk("Other").user("admin"))) == "frame-src 'none'"
    assert frames(Client()) == "frame-src 'none'"
