"""Canned replies: everybody's, one's own, and who may change which."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from common import clock, ids
from console.models import CannedReply
from console.variables import fill, placeholders, unknown_variables
from conversations.models import MediaFile
from interactions import services as interactions
from tests.interactions.world import Desk, make_desk
from tests.realtime.test_console_api import logged_in, post

PATH = "/app/v1/canned-replies"


def put(client: Client, path: str, body: Any) -> Any:
    return client.put(path, data=json.dumps(body), content_type="application/json")


def create(client: Client, **values: Any) -> Any:
    return post(client, PATH, {"shortcode": "hello", "body": "Hello {{ customer.first_name | there }}!", **values})


def shortcodes(client: Client) -> list[str]:
    return [each["shortcode"] for each in client.get(PATH).json()["replies"]]


def test_everybodys_are_made_by_supervisors_and_read_by_all(desk: Desk) -> None:
    supervisor, agent = logged_in(desk.user("supervisor")), logged_in(desk.agent()[1])

    made = create(supervisor, scope="account", folder="Greetings", channels=["sms", "chat"])

    assert made.status_code == 201
    (seen,) = agent.get(PATH).json()["replies"]
    assert {**seen, "editable": True} == made.json()
    assert made.json() == {
        "sid": CannedReply.objects.get().sid,
        "scope": "account",
        "folder": "Greetings",
        "shortcode": "hello",
        "body": "Hello {{ customer.first_name | there }}!",
        "media": [],
        "steps": [],
        "channels": ["chat", "sms"],
        "editable": True,
        "date_updated": made.json()["date_updated"],
    }
    assert not seen["editable"]
    assert create(agent, scope="account", shortcode="other").status_code == 403
    assert put(agent, f"{PATH}/{seen['sid']}", {"shortcode": "x", "body": "x"}).status_code == 404
    assert agent.delete(f"{PATH}/{seen['sid']}").status_code == 404


def test_ones_own_are_nobody_elses(desk: Desk) -> None:
    ana, ben = logged_in(desk.agent("Ana")[1]), logged_in(desk.agent("Ben")[1])
    made = create(ana).json()

    assert create(ben).status_code == 201  # the same shortcode, another person's
    assert (shortcodes(ana), shortcodes(logged_in(desk.user("admin")))) == (["hello"], [])
    assert (
        put(logged_in(desk.user("admin")), f"{PATH}/{made['sid']}", {"shortcode": "x", "body": "x"}).status_code == 404
    )
    changed = put(ana, f"{PATH}/{made['sid']}", {"shortcode": "/Hello-2", "body": "Hi"})
    assert (changed.status_code, changed.json()["shortcode"], changed.json()["body"]) == (200, "hello-2", "Hi")
    assert ana.delete(f"{PATH}/{made['sid']}").status_code == 204
    assert shortcodes(ana) == []


def test_a_shortcode_is_there_once(desk: Desk) -> None:
    client = logged_in(desk.user("admin"))
    create(client, scope="account")

    again = create(client, scope="account")

    assert (again.status_code, again.json()["message"]) == (409, "There is a canned reply /hello already")


def test_the_administrator_may_forbid_ones_own(desk: Desk) -> None:
    put(logged_in(desk.user("admin")), "/app/v1/console/settings", {"personal_replies": False})

    assert create(logged_in(desk.agent()[1])).status_code == 403


@pytest.mark.parametrize(
    "values",
    [
        {"shortcode": ""},
        {"shortcode": "two words"},
        {"shortcode": "x" * 41},
        {"body": " "},
        {"body": "x" * 9_000},
        {"body": "{{ customer.nme }}"},
        {"body": "{{ }}"},
        {"channels": ["pigeon"]},
        {"media": ["x"]},
        {"media": ["ME" + "0" * 32]},
        {"folder": "x" * 81},
        {"steps": "end"},
        {"steps": ["end"]},
        {"steps": [{"do": "dance"}]},
        {"steps": [{"do": "note", "text": " "}]},
        {"steps": [{"do": "note", "text": "{{ customer.nme }}"}]},
        {"steps": [{"do": "note", "text": "x" * 9_000}]},
        {"steps": [{"do": "set", "name": "", "value": "x"}]},
        {"steps": [{"do": "set", "name": "x", "value": 7}]},
        {"steps": [{"do": "park", "wake": "never"}]},
        {"steps": [{"do": "park", "wake": []}]},
        {"steps": [{"do": "end"}, {"do": "note", "text": "late"}]},
        {"steps": [{"do": "note", "text": "x"}] * 11},
    ],
)
def test_what_is_malformed_gets_a_clear_error(desk: Desk, values: dict[str, Any]) -> None:
    answered = create(logged_in(desk.user("admin")), **values)

    assert (answered.status_code, CannedReply.objects.count()) == (400, 0)
    assert answered.json()["message"]


def test_a_macro_keeps_its_steps_in_order(desk: Desk) -> None:
    given = [
        {"do": "set", "name": "plan", "value": "{{ task.plan | gold }}", "more": "is left out"},
        {"do": "note", "text": " Was glad "},
        {"do": "park"},
    ]

    made = create(logged_in(desk.user("admin")), body="", steps=given)

    kept = [{"do": "set", "name": "plan", "value": "{{ task.plan | gold }}"}, {"do": "note", "text": "Was glad"}]
    assert (made.status_code, made.json()["steps"]) == (201, [*kept, {"do": "park", "wake": "reply"}])


def test_other_accounts_have_their_own(desk: Desk) -> None:
    made = create(logged_in(desk.user("admin")), scope="account").json()
    stranger = logged_in(make_desk("Other").user("admin"))

    assert shortcodes(stranger) == []
    assert put(stranger, f"{PATH}/{made['sid']}", {"shortcode": "x", "body": "x"}).status_code == 404
    assert stranger.delete(f"{PATH}/{made['sid']}").status_code == 404


def test_variables_are_known_names_or_paths() -> None:
    good = "{{customer.name}} {{ agent.first_name | me }} {{ task.order.id }} {{conversation.vip|no}} {{queue}}"

    assert unknown_variables(good) == []
    assert unknown_variables("{{ customer }} {{task.}} {{ a b }} {{customer.name") == ["customer", "task.", "a b"]


def test_a_templates_places_are_filled() -> None:
    text = "Hi {{1}}, your order {{ 2 }} of {{1}}"

    assert placeholders(text) == ["1", "2"]
    assert fill(text, {"1": "Eva"}) == "Hi Eva, your order {{ 2 }} of Eva"


PICTURE = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


def upload(client: Client, path: str = f"{PATH}/media") -> Any:
    return client.post(f"{path}?filename=map.png", data=PICTURE, content_type="image/png")


def test_an_upload_needs_the_token_that_browsers_send(desk: Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(desk.user("admin"), backend="django.contrib.auth.backends.ModelBackend")
    token = client.get("/app/v1/session").json()["csrf_token"]

    refused = upload(client)
    taken = client.post(f"{PATH}/media", data=PICTURE, content_type="image/png", headers={"X-CSRFToken": token})

    assert (refused.status_code, taken.status_code) == (403, 201)


def test_a_reply_carries_files_that_are_copied_into_a_conversation(desk: Desk, settings: Any, tmp_path: Any) -> None:
    _, user = desk.agent()
    conversation = desk.conversation()
    reservation = desk.offer(conversation)
    interactions.answer_reservation(
        reservation_id=reservation.id, worker_id=reservation.worker_id, status="accepted", now=clock.now()
    )
    admin, agent = logged_in(desk.user("admin")), logged_in(user)
    file = upload(admin).json()

    made = create(admin, scope="account", body="", media=[file["sid"]])

    (held,) = made.json()["media"]
    assert (made.status_code, held["content_type"], held["filename"]) == (201, "image/png", "map.png")
    assert agent.get(held["url"]).status_code == 302
    assert logged_in(make_desk("Other").user("admin")).get(held["url"]).status_code == 404
    copies = f"/app/v1/conversations/{conversation.sid}/media/copies"
    copied = post(agent, copies, {"reply_sid": made.json()["sid"]})
    assert copied.status_code == 201
    (copy,) = copied.json()["media"]
    assert copy["sid"] != held["sid"]
    sent = post(
        agent, f"/app/v1/conversations/{conversation.sid}/messages", {"client_ref": "1", "media": [copy["sid"]]}
    )
    assert (sent.status_code, sent.json()["media"][0]["filename"]) == (201, "map.png")
    assert post(agent, copies, {"reply_sid": "CR" + "0" * 32}).status_code == 400

    put(admin, f"{PATH}/{made.json()['sid']}", {"shortcode": "hello", "body": "Text alone"})

    assert not MediaFile.objects.filter(id=ids.parse("ME", held["sid"])).exists()
    assert MediaFile.objects.filter(id=ids.parse("ME", copy["sid"])).exists()
    # One that belongs to a reply, or to a conversation, is no upload any more.
    assert create(admin, shortcode="other", media=[copy["sid"]]).status_code == 400
