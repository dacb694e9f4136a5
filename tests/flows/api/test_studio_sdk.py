"""Studio's REST API through the official SDK, each answer checked against the official document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from twilio.base.exceptions import TwilioRestException

from accounts.models import Account
from channels_app.services import create_connection
from common import clock
from conversations.services import receive_messages
from tests.factories import OURS, definition, inbound, make_account, state
from tests.flows.definitions import asking, broken, greeting
from tests.openapi import OpenApi, open_api
from tests.sdk import sdk_client

pytestmark = pytest.mark.django_db
CUSTOMER = "+15551230001"
Drain = Callable[[], int]


@pytest.fixture(scope="module")
def document() -> OpenApi:
    return open_api("twilio_studio_v2.json", "/studio")


@pytest.fixture
def account() -> Account:
    made = make_account()
    create_connection(account_id=made.id, type="sms", provider="sandbox", address=OURS, now=clock.now())
    return made


@pytest.fixture
def studio(account: Account, document: OpenApi) -> Any:
    return sdk_client(account, document.check).studio.v2


def refusal(call: Callable[[], object]) -> TwilioRestException:
    with pytest.raises(TwilioRestException) as caught:
        call()
    return caught.value


def test_creates_and_fetches_a_flow(studio: Any, account: Account) -> None:
    made = studio.flows.create(
        friendly_name="Welcome", status="draft", definition=greeting(), commit_message="The first"
    )
    found = studio.flows(made.sid).fetch()

    assert (found.sid, found.account_sid, found.friendly_name) == (made.sid, account.sid, "Welcome")
    assert (found.status, found.revision, found.commit_message) == ("draft", 1, "The first")
    assert (found.definition, found.valid, found.errors) == (greeting(), True, [])
    assert found.date_updated is None
    assert found.url == f"{settings.PUBLIC_URL}/studio/v2/Flows/{made.sid}"
    assert found.links["executions"] == found.url + "/Executions"


def test_saves_every_update_as_a_revision(studio: Any) -> None:
    flow = studio.flows.create(friendly_name="Welcome", status="draft", definition=greeting())

    published = studio.flows(flow.sid).update(status="published", commit_message="Live")
    renamed = studio.flows(flow.sid).update(status="draft", friendly_name="Hello", definition=broken())

    assert (published.revision, published.status, published.definition) == (2, "published", greeting())
    assert (renamed.revision, renamed.status, renamed.friendly_name, renamed.valid) == (3, "draft", "Hello", False)
    assert [problem["property_path"] for problem in renamed.errors] == ["#/states/1/transitions/0/next"]


def test_finds_revisions_by_number_and_by_word(studio: Any) -> None:
    flow = studio.flows.create(friendly_name="Welcome", status="published", definition=greeting("One"))
    studio.flows(flow.sid).update(status="draft", definition=greeting("Two"))
    revisions = studio.flows(flow.sid).revisions

    assert [row.revision for row in revisions.list()] == [2, 1]
    assert revisions.list()[0].definition is None
    assert studio.flows(flow.sid).revisions("1").fetch().definition == greeting("One")
    assert studio.flows(flow.sid).revisions("LatestPublished").fetch().revision == 1
    assert studio.flows(flow.sid).revisions("LatestRevision").fetch().revision == 2
    assert refusal(studio.flows(flow.sid).revisions("7").fetch).status == 404
    wrong = refusal(studio.flows(flow.sid).revisions("newest").fetch)
    assert (wrong.status, wrong.code) == (400, 81021)


def test_has_no_latest_published_before_the_first(studio: Any) -> None:
    flow = studio.flows.create(friendly_name="Welcome", status="draft", definition=greeting())

    assert refusal(studio.flows(flow.sid).revisions("LatestPublished").fetch).status == 404


def test_lists_flows_page_by_page_newest_first(studio: Any) -> None:
    sids = [
        studio.flows.create(friendly_name=f"Flow {number}", status="draft", definition=greeting()).sid
        for number in range(5)
    ]

    listed = studio.flows.list(page_size=2)

    assert [flow.sid for flow in listed] == sids[::-1]
    assert {(flow.definition, flow.valid, flow.errors, flow.warnings) for flow in listed} == {(None, None, None, None)}


def test_deletes_a_flow(studio: Any) -> None:
    flow = studio.flows.create(friendly_name="Welcome", status="published", definition=greeting())

    assert studio.flows(flow.sid).delete() is True

    assert refusal(studio.flows(flow.sid).fetch).code == 20404


def test_validates_without_storing(studio: Any) -> None:
    answer = studio.flow_validate.update(friendly_name="Any", status="published", definition=greeting())
    wrong = refusal(lambda: studio.flow_validate.update(friendly_name="Any", status="published", definition=broken()))

    assert answer.valid is True
    assert (wrong.status, wrong.code) == (400, 81022)
    assert [error["property_path"] for error in wrong.details["errors"]] == ["#/states/1/transitions/0/next"]
    assert studio.flows.list() == []


def test_refuses_to_publish_an_invalid_definition(studio: Any) -> None:
    flow = studio.flows.create(friendly_name="Welcome", status="draft", definition=broken())

    wrong = refusal(lambda: studio.flows(flow.sid).update(status="published"))

    assert (wrong.status, wrong.code) == (400, 81022)
    assert studio.flows(flow.sid).fetch().revision == 1


def test_replaces_the_list_of_test_users(studio: Any) -> None:
    flow = studio.flows.create(friendly_name="Welcome", status="draft", definition=greeting())
    users = studio.flows(flow.sid).test_users()

    assert users.fetch().test_users == []
    assert users.update(test_users=["+15550009999", "client:ada"]).test_users == ["+15550009999", "client:ada"]
    assert users.fetch().test_users == ["+15550009999", "client:ada"]
    assert users.update(test_users=[]).test_users == []


def test_starts_an_execution_and_shows_what_it_did(studio: Any, account: Account, drain: Drain) -> None:
    flow = studio.flows.create(friendly_name="Welcome", status="published", definition=greeting())

    made = studio.flows(flow.sid).executions.create(to=CUSTOMER, from_=OURS, parameters={"name": "Ada"})
    drain()
    found = studio.flows(flow.sid).executions(made.sid).fetch()

    assert (found.flow_sid, found.account_sid, found.flow_version) == (flow.sid, account.sid, 1)
    assert (found.contact_channel_address, found.status, found.context) == (CUSTOMER, "ended", {})
    context = studio.flows(flow.sid).executions(made.sid).execution_context().fetch().context
    assert sorted(context) == ["contact", "flow", "trigger", "widgets"]
    assert context["flow"]["data"] == {"name": "Ada"}
    assert context["trigger"]["request"]["parameters"] == {"name": "Ada"}
    assert context["contact"]["channel"]["address"] == CUSTOMER


def test_lists_steps_and_rebuilds_the_context_at_each(studio: Any, account: Account, drain: Drain) -> None:
    flow = studio.flows.create(friendly_name="Ask", status="published", definition=asking())
    execution = studio.flows(flow.sid).executions.create(to=CUSTOMER, from_=OURS)
    drain()
    receive_messages([inbound(account, "Ada")], now=clock.now())
    drain()
    calls = studio.flows(flow.sid).executions(execution.sid)

    steps = calls.steps.list(page_size=2)[::-1]

    assert [(step.transitioned_from, step.name, step.transitioned_to) for step in steps] == [
        ("Trigger", "incomingRequest", "greet"),
        ("greet", "sent", "remember"),
        ("remember", "next", "ask"),
        ("ask", "incomingMessage", "echo"),
        ("echo", "sent", "Ended"),
    ]
    assert [step.type for step in steps][:2] == ["trigger", "send-message"]
    assert calls.steps(steps[2].sid).fetch().transitioned_to == "ask"
    contexts = [calls.steps(step.sid).step_context().fetch().context for step in steps]
    assert [context["flow"]["variables"] for context in contexts] == [{}, {}, *[{"mood": "good"}] * 3]
    assert [list(context["widgets"]) for context in contexts] == [
        [],
        ["greet"],
        ["greet", "remember"],
        ["greet", "remember", "ask"],
        ["greet", "remember", "ask", "echo"],
    ]
    assert contexts[-1] == calls.execution_context().fetch().context


def test_shows_steps_in_a_subflow_below_their_parent_with_a_context_of_their_own(studio: Any, drain: Drain) -> None:
    child = studio.flows.create(friendly_name="Child", status="published", definition=child_flow())
    parent = studio.flows.create(friendly_name="Parent", status="published", definition=parent_flow(child.sid))
    execution = studio.flows(parent.sid).executions.create(to=CUSTOMER, from_=OURS)
    drain()
    calls = studio.flows(parent.sid).executions(execution.sid)
    steps = {step.transitioned_from: step for step in calls.steps.list() if step.type != "trigger"}

    contexts = {name: calls.steps(step.sid).step_context().fetch().context for name, step in steps.items()}

    assert sorted(steps) == ["after", "before", "run", "size"]
    assert {name: step.parent_step_sid for name, step in steps.items()} == {
        "before": None,
        "run": None,
        "after": None,
        "size": steps["run"].sid,
    }
    inside = contexts["size"]
    assert inside["flow"]["flow_sid"] == child.sid
    assert inside["trigger"]["parent"]["parameters"] == {"shoe": "41"}
    assert (inside["flow"]["variables"], list(inside["widgets"])) == ({"shoe": "41"}, ["size"])
    assert contexts["before"]["flow"]["variables"] == {"mood": "good"}
    assert contexts["run"]["widgets"]["run"] == {"shoe": "41"}
    assert contexts["after"] == calls.execution_context().fetch().context


def child_flow() -> dict[str, Any]:
    variables = [{"key": "shoe", "value": "{{trigger.parent.parameters.shoe}}"}]
    size = state("size", "set-variables", {"next": None}, variables=variables)
    return definition(size, trigger={"incomingParent": "size"})


def parent_flow(child_sid: str) -> dict[str, Any]:
    return definition(
        state("before", "set-variables", {"next": "run"}, variables=[{"key": "mood", "value": "good"}]),
        state(
            "run",
            "run-subflow",
            {"completed": "after", "failed": None},
            flow_sid=child_sid,
            flow_revision="LatestPublished",
            parameters=[{"key": "shoe", "value": "41"}],
        ),
        state("after", "set-variables", {"next": None}, variables=[{"key": "done", "value": "yes"}]),
    )


def test_refuses_a_second_execution_for_a_busy_contact(studio: Any) -> None:
    flow = studio.flows.create(friendly_name="Ask", status="published", definition=asking())
    first = studio.flows(flow.sid).executions.create(to=CUSTOMER, from_=OURS)

    busy = refusal(lambda: studio.flows(flow.sid).executions.create(to=CUSTOMER, from_=OURS))

    assert (busy.status, busy.code) == (409, 20409)
    assert busy.details == {"conflicting_execution_sid": first.sid}


def test_refuses_to_start_a_flow_that_was_never_published(studio: Any) -> None:
    flow = studio.flows.create(friendly_name="Ask", status="draft", definition=asking())

    assert refusal(lambda: studio.flows(flow.sid).executions.create(to=CUSTOMER, from_=OURS)).status == 400
    assert studio.flows(flow.sid).executions.list() == []


def test_runs_the_draft_for_a_test_user(studio: Any) -> None:
    flow = studio.flows.create(friendly_name="Ask", status="published", definition=asking())
    studio.flows(flow.sid).update(status="draft", definition=greeting())
    studio.flows(flow.sid).test_users().update(test_users=[CUSTOMER])

    executions = studio.flows(flow.sid).executions

    assert executions.create(to=CUSTOMER, from_=OURS).flow_version == 2
    assert executions.create(to="+15551230002", from_=OURS).flow_version == 1


def test_ends_an_execution_and_lets_the_contact_begin_again(studio: Any, drain: Drain) -> None:
    flow = studio.flows.create(friendly_name="Ask", status="published", definition=asking())
    executions = studio.flows(flow.sid).executions
    first = executions.create(to=CUSTOMER, from_=OURS)

    ended = studio.flows(flow.sid).executions(first.sid).update(status="ended")
    again = studio.flows(flow.sid).executions(first.sid).update(status="ended")

    assert (ended.status, again.status) == ("ended", "ended")
    assert executions.create(to=CUSTOMER, from_=OURS).sid != first.sid
    assert refusal(lambda: studio.flows(flow.sid).executions(first.sid).update(status="active")).status == 400


def test_deletes_an_execution_with_its_steps(studio: Any, drain: Drain) -> None:
    flow = studio.flows.create(friendly_name="Ask", status="published", definition=asking())
    execution = studio.flows(flow.sid).executions.create(to=CUSTOMER, from_=OURS)

    assert studio.flows(flow.sid).executions(execution.sid).delete() is True
    drain()

    assert refusal(studio.flows(flow.sid).executions(execution.sid).fetch).status == 404
    assert studio.flows(flow.sid).executions.list() == []
    assert studio.flows(flow.sid).executions.create(to=CUSTOMER, from_=OURS).status == "active"


def test_filters_executions_by_status_and_time(studio: Any) -> None:
    flow = studio.flows.create(friendly_name="Ask", status="published", definition=asking())
    executions = studio.flows(flow.sid).executions
    first = executions.create(to=CUSTOMER, from_=OURS)
    second = executions.create(to="+15551230002", from_=OURS)
    studio.flows(flow.sid).executions(first.sid).update(status="ended")
    hour = timedelta(hours=1)
    now = clock.now()

    assert [row.sid for row in executions.list(page_size=1)] == [second.sid, first.sid]
    assert [row.sid for row in executions.list(status="active")] == [second.sid]
    assert [row.sid for row in executions.list(status="ended")] == [first.sid]
    assert len(executions.list(date_created_from=now - hour, date_created_to=now + hour)) == 2
    assert executions.list(date_created_from=now + hour) == []
    assert executions.list(date_created_to=now - hour) == []


def test_lists_in_a_fixed_number_of_queries(studio: Any, drain: Drain, django_assert_max_num_queries: Any) -> None:
    flow = studio.flows.create(friendly_name="Ask", status="published", definition=asking())
    for number in range(8):
        studio.flows.create(friendly_name="More", status="draft", definition=greeting())
        studio.flows(flow.sid).update(status="published")
        studio.flows(flow.sid).executions.create(to=f"+1555123000{number}", from_=OURS)
    execution = studio.flows(flow.sid).executions.list(limit=1)[0]

    # One for the credentials, one or two for what the list is of, one for the rows.
    with django_assert_max_num_queries(4):
        assert len(studio.flows.list()) == 9
    with django_assert_max_num_queries(4):
        assert len(studio.flows(flow.sid).revisions.list()) == 9
    with django_assert_max_num_queries(4):
        assert len(studio.flows(flow.sid).executions.list()) == 8
    with django_assert_max_num_queries(4):
        assert len(studio.flows(flow.sid).executions(execution.sid).steps.list()) == 3


def test_calls_every_operation_of_the_document(studio: Any, document: OpenApi, drain: Drain) -> None:
    document.seen.clear()
    flow = studio.flows.create(friendly_name="Welcome", status="published", definition=greeting())
    flows = studio.flows(flow.sid)
    studio.flow_validate.update(friendly_name="Any", status="draft", definition=greeting())
    studio.flows.list()
    flows.fetch()
    flows.update(status="published")
    flows.revisions.list()
    flows.revisions("1").fetch()
    flows.test_users().update(test_users=["+15550009999"])
    flows.test_users().fetch()
    execution = flows.executions.create(to=CUSTOMER, from_=OURS)
    drain()
    flows.executions.list()
    one = flows.executions(execution.sid)
    one.fetch()
    one.update(status="ended")
    one.execution_context().fetch()
    step = one.steps.list()[0]
    one.steps(step.sid).fetch()
    one.steps(step.sid).step_context().fetch()
    one.delete()
    flows.delete()

    assert document.seen == set(document.operations())
