"""Stories kept with a flow: kept, changed, run all together, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Account, AuditEntry
from flows.models import Flow, FlowRevision, FlowTest
from tests.factories import make_account, publish_flow
from tests.flows.api.browser import Browser
from tests.flows.definitions import asking, broken, greeting

pytestmark = pytest.mark.django_db
STORY = {
    "trigger": {"event": "incomingMessage", "body": "Hi"},
    "steps": [{"in": "Ada"}],
    "expect": {"sent": ["Hello", "Your name?", "Ada"], "outcome": "ended"},
}


@pytest.fixture
def account() -> Account:
    return make_account()


@pytest.fixture
def flow(account: Account) -> Flow:
    return publish_flow(account, asking(), address=None)


@pytest.fixture
def admin(account: Account) -> Browser:
    return Browser(account)


def kept(admin: Browser, flow: Flow, name: str = "told", story: Any = STORY) -> dict[str, Any]:
    status, test = admin.post(f"flows/{flow.sid}/tests", {"name": name, "story": story})
    assert status == 201, test
    return dict(test)


def test_keeps_changes_and_deletes_a_test(admin: Browser, flow: Flow) -> None:
    made = kept(admin, flow, story={"id": "dropped: the name stands for it", **STORY})
    path = f"flows/{flow.sid}/tests/{made['sid']}"

    changed = admin.send("PUT", path, {"name": "told again", "story": {**STORY, "steps": []}})[1]
    fetched = admin.get(path)
    listed = admin.get(f"flows/{flow.sid}/tests")
    gone = admin.send("DELETE", path)

    assert (made["name"], made["story"], made["author"]) == ("told", STORY, "Ada Admin")
    assert (changed["name"], changed["story"]["steps"], changed["sid"]) == ("told again", [], made["sid"])
    assert fetched == (200, changed)
    assert listed == (200, {"tests": [changed]})
    assert gone == (204, None)
    assert admin.get(path)[0] == 404
    actions = AuditEntry.objects.filter(subject=made["sid"]).order_by("id").values_list("action", flat=True)
    assert list(actions) == ["flow_test.created", "flow_test.changed", "flow_test.deleted"]


def test_runs_all_tests_with_what_they_covered(admin: Browser, flow: Flow) -> None:
    first = kept(admin, flow)
    second = kept(admin, flow, "wrong", {**STORY, "expect": {"sent": ["Bye"]}})

    status, body = admin.post(f"flows/{flow.sid}/tests/run", {})

    assert (status, body["passed"], body["failed"]) == (200, 1, 1)
    assert [(row["test_sid"], row["id"], row["passed"]) for row in body["results"]] == [
        (first["sid"], "told", True),
        (second["sid"], "wrong", False),
    ]
    assert [difference["what"] for difference in body["results"][1]["differences"]] == ["sent"]
    assert body["coverage"]["widgets"] == {"visited": 5, "total": 5, "missed": []}
    assert body["coverage"]["transitions"]["visited"] > 0


def test_runs_the_tests_on_a_definition_that_is_not_saved(admin: Browser, flow: Flow) -> None:
    kept(admin, flow)

    body = admin.post(f"flows/{flow.sid}/tests/run", {"definition": greeting("Other")})[1]

    assert (body["passed"], body["failed"]) == (0, 1)
    assert body["coverage"]["widgets"]["total"] == 2


def test_runs_no_test_where_there_is_none(admin: Browser, flow: Flow) -> None:
    status, body = admin.post(f"flows/{flow.sid}/tests/run", {})

    assert (status, body["passed"], body["failed"], body["results"]) == (200, 0, 0, [])
    assert body["coverage"]["widgets"]["visited"] == 0


def test_fails_a_test_that_cannot_be_played_any_more_and_plays_the_others(admin: Browser, flow: Flow) -> None:
    made = kept(admin, flow)
    FlowTest.objects.filter(name="told").update(story={"trigger": 5})
    kept(admin, flow, "other")

    body = admin.post(f"flows/{flow.sid}/tests/run", {})[1]

    assert [(row["test_sid"] == made["sid"], row["passed"]) for row in body["results"]] == [
        (True, False),
        (False, True),
    ]
    assert "cannot be played" in body["results"][0]["differences"][0]["actual"]


def test_keeps_a_test_of_a_flow_that_is_not_finished(admin: Browser, flow: Flow) -> None:
    FlowRevision.objects.update(definition=broken())

    kept(admin, flow)

    assert admin.post(f"flows/{flow.sid}/tests/run", {})[0] == 400


def test_tells_two_tests_apart_by_name(admin: Browser, flow: Flow, account: Account) -> None:
    kept(admin, flow)
    other = kept(admin, flow, "other")
    elsewhere = publish_flow(account, asking(), address=None)

    assert admin.post(f"flows/{flow.sid}/tests", {"name": " told ", "story": STORY})[0] == 409
    assert admin.send("PUT", f"flows/{flow.sid}/tests/{other['sid']}", {"name": "told"})[0] == 409
    assert admin.send("PUT", f"flows/{flow.sid}/tests/{other['sid']}", {"name": "other"})[0] == 200
    assert kept(admin, elsewhere)["name"] == "told"
    assert admin.get(f"flows/{elsewhere.sid}/tests/{other['sid']}")[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"name": "x"},
        {"name": "", "story": STORY},
        {"name": "  ", "story": STORY},
        {"name": "x" * 201, "story": STORY},
        {"name": "x", "story": []},
        {"name": "x", "story": {}},
        {"name": "x", "story": "{"},
        {"name": "x", "story": {"trigger": 5}},
        {"name": "x", "story": {**STORY, "steps": [{"unknown": 1}]}},
        {"name": "x", "story": {**STORY, "expect": {"unknown": 1}}},
        {"name": "x", "story": {**STORY, "notes": "x" * 70_000}},
    ],
)
def test_refuses_what_is_no_test(admin: Browser, flow: Flow, body: Any) -> None:
    status, answer = admin.post(f"flows/{flow.sid}/tests", body)

    assert (status, answer["status"]) == (400, 400)
    assert not FlowTest.objects.exists()


def test_bounds_the_tests_of_a_flow(admin: Browser, flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.services.stories.MAX_TESTS", 1)
    kept(admin, flow)

    assert admin.post(f"flows/{flow.sid}/tests", {"name": "more", "story": STORY})[0] == 400


def test_lets_supervisors_look_and_agents_not(account: Account, admin: Browser, flow: Flow) -> None:
    made = kept(admin, flow)
    supervisor, agent = Browser(account, "supervisor"), Browser(account, "agent")

    assert supervisor.get(f"flows/{flow.sid}/tests")[0] == 200
    assert supervisor.send("DELETE", f"flows/{flow.sid}/tests/{made['sid']}")[0] == 403
    assert supervisor.post(f"flows/{flow.sid}/tests/run", {})[0] == 403
    assert agent.get(f"flows/{flow.sid}/tests")[0] == 403


def test_deletes_the_tests_with_their_flow(admin: Browser, flow: Flow) -> None:
    kept(admin, flow)

    admin.send("DELETE", f"flows/{flow.sid}")

    assert not FlowTest.objects.exists()
