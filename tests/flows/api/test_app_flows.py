"""The builder's calls: what an admin does with flows, and what the other roles may not."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from accounts.models import Account, AuditEntry
from flows.engine import exporter
from flows.models import Flow
from tests.factories import make_account
from tests.flows.api.browser import Browser
from tests.flows.definitions import asking, broken, greeting

pytestmark = pytest.mark.django_db


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.fixture
def admin(account: Account) -> Browser:
    return Browser(account)


def created(admin: Browser, definition: object = None, name: str = "Welcome") -> dict:
    status, flow = admin.post("flows", {"friendly_name": name, "definition": definition or greeting()})
    assert status == 201, flow
    return flow


def test_creates_a_draft_that_is_a_trigger_alone(admin: Browser) -> None:
    status, flow = admin.post("flows", {"friendly_name": " Welcome "})

    assert (status, flow["friendly_name"], flow["status"], flow["revision"]) == (201, "Welcome", "draft", 1)
    assert [state["type"] for state in flow["definition"]["states"]] == ["trigger"]
    assert (flow["valid"], flow["errors"], flow["published_revision"]) == (True, [], None)
    assert admin.get(f"flows/{flow['sid']}") == (200, flow)


def test_lists_flows_newest_first_with_the_addresses_they_answer(admin: Browser) -> None:
    first, second = created(admin, asking()), created(admin, broken(), "Other")
    address = {"type": "sms", "address": "+15550100001", "target": "studio", "flow_sid": first["sid"]}
    assert admin.post("addresses", address)[0] == 201

    status, body = admin.get("flows")

    shown = [(row["sid"], row["widget_count"], row["valid"], row["addresses"]) for row in body["flows"]]
    assert (status, shown) == (200, [(second["sid"], 2, False, []), (first["sid"], 5, True, ["+15550100001"])])


def test_lists_many_flows_in_a_fixed_number_of_queries(admin: Browser, django_assert_max_num_queries) -> None:
    for number in range(12):
        created(admin, name=f"Flow {number}")

    with django_assert_max_num_queries(4):
        admin.get("flows")


def test_saves_drafts_and_refuses_one_based_on_an_older_revision(admin: Browser) -> None:
    flow = created(admin)
    draft = {"definition": asking(), "base_revision": 1, "friendly_name": "Renamed", "commit_message": "Ask"}

    status, saved = admin.send("PUT", f"flows/{flow['sid']}/draft", draft)
    late, refusal = admin.send("PUT", f"flows/{flow['sid']}/draft", {**draft, "definition": greeting("Lost")})

    assert (status, saved["revision"], saved["friendly_name"], saved["definition"]) == (200, 2, "Renamed", asking())
    assert (late, refusal["code"]) == (409, 20409)
    assert refusal["details"] == {"revision": 2, "author": "Ada Admin", "date_updated": saved["date_updated"]}
    assert admin.get(f"flows/{flow['sid']}")[1] == saved


def test_saves_a_draft_with_errors_and_shows_them(admin: Browser) -> None:
    flow = created(admin)

    status, saved = admin.send("PUT", f"flows/{flow['sid']}/draft", {"definition": broken(), "base_revision": 1})

    assert (status, saved["valid"]) == (200, False)
    assert [(error["property_path"], error["widget"]) for error in saved["errors"]] == [
        ("#/states/1/transitions/0/next", "greet")
    ]


def test_publishes_the_draft_and_keeps_what_is_live_when_a_newer_draft_follows(admin: Browser) -> None:
    flow = created(admin)

    status, live = admin.post(f"flows/{flow['sid']}/publish", {"base_revision": 1, "commit_message": "Live"})
    _, draft = admin.send("PUT", f"flows/{flow['sid']}/draft", {"definition": broken(), "base_revision": 2})

    assert (status, live["status"], live["revision"], live["published_revision"]) == (200, "published", 2, 2)
    assert (draft["status"], draft["revision"], draft["published_revision"]) == ("draft", 3, 2)


def test_refuses_to_publish_errors_and_leaves_the_flow_as_it_was(admin: Browser) -> None:
    flow = created(admin, broken())

    status, refusal = admin.post(f"flows/{flow['sid']}/publish", {"base_revision": 1})

    assert (status, refusal["code"]) == (400, 81022)
    assert [error["property_path"] for error in refusal["details"]["errors"]] == ["#/states/1/transitions/0/next"]
    assert admin.get(f"flows/{flow['sid']}") == (200, flow)


def test_tells_who_saved_which_revision(admin: Browser) -> None:
    flow = created(admin)
    admin.post(f"flows/{flow['sid']}/publish", {"base_revision": 1, "commit_message": "Live"})

    _, body = admin.get(f"flows/{flow['sid']}/revisions")
    _, first = admin.get(f"flows/{flow['sid']}/revisions/1")

    shown = [(row["revision"], row["status"], row["author"], row["commit_message"]) for row in body["revisions"]]
    assert shown == [(2, "published", "Ada Admin", "Live"), (1, "draft", "Ada Admin", "")]
    assert first == {**body["revisions"][1], "definition": greeting()}
    assert admin.get(f"flows/{flow['sid']}/revisions/9")[0] == 404
    assert admin.get(f"flows/{flow['sid']}/revisions/LatestPublished")[1]["revision"] == 2


def test_validates_any_json_value_without_refusing_it(admin: Browser) -> None:
    assert admin.post("flows/validate", {"definition": asking()})[1]["errors"] == []
    for value in (broken(), [], "text", 5, {"states": "x"}, {"states": [None]}):
        status, body = admin.post("flows/validate", {"definition": value})
        assert (status, bool(body["errors"])) == (200, True), value


def test_exports_what_it_imported(admin: Browser) -> None:
    text = exporter.export_text(asking())

    status, body = admin.post("flows/import", {"text": text, "friendly_name": "Überflow / 1"})
    answer = admin.client.get(f"/app/v1/flows/{body['flow']['sid']}/export")

    assert (status, body["flow"]["status"], body["flow"]["friendly_name"]) == (201, "draft", "Überflow / 1")
    assert sorted(body["report"]) == ["converted", "notes", "placeholders", "unknown"]
    assert answer.content.decode() == text
    assert answer["Content-Disposition"] == 'attachment; filename="berflow-1.json"'
    assert json.loads(answer.content) == asking()


def test_imports_under_the_exports_own_name(admin: Browser) -> None:
    _, body = admin.post("flows/import", {"text": json.dumps(asking())})

    assert body["flow"]["friendly_name"] == "A test flow"


def test_deletes_a_flow_and_leaves_its_addresses_unanswered(admin: Browser) -> None:
    flow = created(admin)
    address = {"type": "sms", "address": "+15550100001", "target": "studio", "flow_sid": flow["sid"]}
    admin.post("addresses", address)

    assert admin.send("DELETE", f"flows/{flow['sid']}") == (204, None)

    assert admin.get(f"flows/{flow['sid']}")[0] == 404
    (left,) = admin.get("addresses")[1]["addresses"]
    assert (left["target"], left["flow_sid"], left["flow_name"]) == ("none", None, None)


def test_records_who_did_what(admin: Browser, account: Account) -> None:
    flow = created(admin)
    admin.post(f"flows/{flow['sid']}/publish", {"base_revision": 1})
    admin.send("DELETE", f"flows/{flow['sid']}")

    entries = AuditEntry.objects.filter(account=account, subject=flow["sid"]).order_by("id")

    assert [(entry.action, entry.actor) for entry in entries] == [
        ("flow.created", admin.user.sid),
        ("flow.published", admin.user.sid),
        ("flow.deleted", admin.user.sid),
    ]


def test_offers_names_instead_of_sids(admin: Browser, drain: Callable[[], int]) -> None:
    drain()  # makes the account's workspace
    flow = created(admin)

    status, body = admin.get("options")

    assert (status, sorted(body)) == (200, ["addresses", "flows", "task_channels", "workflows"])
    assert body["flows"] == [{"sid": flow["sid"], "friendly_name": "Welcome"}]
    assert [workflow["friendly_name"] for workflow in body["workflows"]] == ["Assign to Anyone"]
    assert {"default", "voice", "chat", "sms", "video"} == {row["unique_name"] for row in body["task_channels"]}


def test_offers_every_widget(admin: Browser) -> None:
    status, body = admin.get("widgets")

    assert status == 200
    assert {"trigger", "send-message", "split-based-on", "send-to-flex"} <= {row["type"] for row in body["widgets"]}


def test_changes_and_removes_an_address(admin: Browser) -> None:
    flow = created(admin)
    _, made = admin.post("addresses", {"type": "sms", "address": "+15550100001", "target": "none"})
    change = {**made, "target": "studio", "flow_sid": flow["sid"], "friendly_name": "Line", "enabled": False}

    status, changed = admin.send("PUT", f"addresses/{made['sid']}", change)

    assert (status, changed) == (200, {**change, "flow_name": "Welcome"})
    assert admin.get("addresses")[1] == {"addresses": [changed]}
    assert admin.post("addresses", {"type": "sms", "address": "+15550100001", "target": "none"})[0] == 409
    assert admin.send("DELETE", f"addresses/{made['sid']}") == (204, None)
    assert admin.send("DELETE", f"addresses/{made['sid']}")[0] == 404


def test_routes_no_address_to_another_accounts_flow(admin: Browser) -> None:
    foreign = created(Browser(make_account("Other")))

    address = {"type": "sms", "address": "+15550100001", "target": "studio", "flow_sid": foreign["sid"]}

    assert admin.post("addresses", address)[0] == 400
    assert admin.get("addresses")[1] == {"addresses": []}


@pytest.mark.parametrize(
    ("role", "method", "path", "expected"),
    [
        ("supervisor", "GET", "flows", 200),
        ("supervisor", "GET", "widgets", 200),
        ("supervisor", "GET", "executions", 200),
        ("supervisor", "POST", "flows", 403),
        ("supervisor", "POST", "flows/validate", 403),
        ("supervisor", "POST", "flows/simulate", 403),
        ("supervisor", "GET", "addresses", 403),
        ("agent", "GET", "flows", 403),
        ("agent", "GET", "widgets", 403),
        ("agent", "GET", "options", 403),
        ("agent", "POST", "flows", 403),
        ("agent", "GET", "executions", 403),
    ],
)
def test_lets_each_role_do_its_own(account: Account, role: str, method: str, path: str, expected: int) -> None:
    status, _ = Browser(account, role).send(method, path, {"friendly_name": "x", "definition": greeting()})

    assert status == expected
    assert not Flow.objects.exists()


def test_refuses_who_is_not_logged_in(client) -> None:
    for path in ("flows", "widgets", "options", "addresses", "executions"):
        assert client.get(f"/app/v1/{path}").status_code == 401


def test_refuses_a_write_without_the_csrf_token(admin: Browser) -> None:
    admin.client.handler.enforce_csrf_checks = True

    assert admin.post("flows", {"friendly_name": "Forged"})[0] == 403
