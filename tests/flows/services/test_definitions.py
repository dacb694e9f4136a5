"""The rules of saving, publishing and importing flows, and that two admins do not overwrite each other."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from django.db import connection

from accounts.models import Account
from common import clock
from common.errors import ApiError
from flows import queries, services
from flows.errors import InvalidDefinition, RevisionOutdated
from flows.models import Flow, FlowRevision
from tests.factories import make_account, publish_flow
from tests.flows.definitions import asking, broken, greeting
from tests.shared_files import shared_file

pytestmark = pytest.mark.django_db
AUTHOR = "AC" + "0" * 32


@pytest.fixture
def account() -> Account:
    return make_account()


def create(account: Account, definition: Any = None, **more: Any) -> Flow:
    given = {"friendly_name": "Welcome", "author": AUTHOR, "now": clock.now(), **more}
    return services.create_flow(account_id=account.id, definition=definition, **given)


def save(flow: Flow, **more: Any) -> Flow:
    given = {"status": "draft", "author": AUTHOR, "now": clock.now(), **more}
    return services.save_revision(account_id=flow.account_id, flow_id=flow.id, **given)


def test_keeps_every_revision_as_it_was_saved(account: Account) -> None:
    flow = create(account, greeting("One"))
    save(flow, definition=greeting("Two"))
    save(flow, definition=greeting("Three"), status="published")

    rows = FlowRevision.objects.filter(flow=flow).order_by("revision")

    assert [(row.revision, row.status, row.definition) for row in rows] == [
        (1, "draft", greeting("One")),
        (2, "draft", greeting("Two")),
        (3, "published", greeting("Three")),
    ]
    flow.refresh_from_db()
    assert (flow.revision, flow.published_revision, flow.status) == (3, 3, "published")


def test_saves_on_top_of_the_named_revision_only(account: Account) -> None:
    flow = create(account, greeting("One"))
    save(flow, definition=greeting("Two"), base_revision=1)

    with pytest.raises(RevisionOutdated) as refused:
        save(flow, definition=greeting("Lost"), base_revision=1)

    assert refused.value.details["revision"] == 2
    assert queries.flow_with_newest(account.id, flow.id)[1].definition == greeting("Two")


@pytest.mark.django_db(transaction=True)
def test_lets_one_of_two_simultaneous_saves_through(account: Account) -> None:
    flow = create(account, greeting())
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def attempt(text: str) -> None:
        try:
            barrier.wait(timeout=30)
            save(flow, definition=greeting(text), base_revision=1)
            outcomes.append("saved")
        except RevisionOutdated:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(text,)) for text in ("A", "B")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(outcomes) == ["refused", "saved"]
    assert FlowRevision.objects.filter(flow=flow).count() == 2


def test_stores_nothing_of_a_refused_flow(account: Account) -> None:
    with pytest.raises(InvalidDefinition):
        create(account, broken(), status="published")

    assert not Flow.objects.exists()


def test_judges_a_subflow_by_the_accounts_own_flows(account: Account) -> None:
    child = publish_flow(account, greeting(), address=None)
    foreign = publish_flow(make_account("Other"), greeting(), address=None)

    def parent(flow_sid: str) -> dict[str, Any]:
        made = greeting()
        made["states"][1] = {
            "name": "greet",
            "type": "run-subflow",
            "transitions": [{"event": "completed"}, {"event": "failed"}],
            "properties": {"flow_sid": flow_sid, "flow_revision": "LatestPublished", "parameters": []},
        }
        return made

    def codes(flow_sid: str) -> list[str]:
        found = services.find_problems(account_id=account.id, definition=parent(flow_sid))
        return [problem.code for problem in found if problem.severity == "error"]

    assert codes(child.sid) == []
    assert codes(foreign.sid) == ["subflow-missing"]


@pytest.mark.parametrize("text", ["", "{", "[]", "5", '"{}"', '{"states": {}}', '{"definition": 5}', "\ufeff"])
def test_imports_no_text_that_holds_no_flow(account: Account, text: str) -> None:
    with pytest.raises(InvalidDefinition):
        services.import_flow(account_id=account.id, text=text, author=AUTHOR, now=clock.now())

    assert not Flow.objects.exists()


def test_imports_a_text_with_a_byte_order_mark(account: Account) -> None:
    text = "\ufeff" + json.dumps(asking())

    imported = services.import_flow(account_id=account.id, text=text, author=AUTHOR, now=clock.now())

    assert queries.flow_with_newest(account.id, imported.flow.id)[1].definition == asking()


def test_imports_every_published_definition_as_a_draft(account: Account) -> None:
    folder = shared_file("flows")
    files = sorted(path for path in folder.glob("*.json") if path.name != "scenarios.json")
    refused = {}

    for path in files:
        try:
            services.import_flow(account_id=account.id, text=path.read_text(), author=AUTHOR, now=clock.now())
        except ApiError as error:
            refused[path.name] = error.message

    assert len(files) > 80
    assert refused == {}


def test_keeps_test_users_once_and_in_order(account: Account) -> None:
    flow = create(account)

    kept = services.set_test_users(
        account_id=account.id,
        flow_id=flow.id,
        test_users=[" +1555 ", "client:a", "+1555"],
        author=AUTHOR,
        now=clock.now(),
    )

    assert kept.test_users == ["+1555", "client:a"]
