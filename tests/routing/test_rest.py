"""TaskRouter v1 as the official SDK sees it; every answer is compared with the official document."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as DjangoClient
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from accounts.models import Account
from accounts.services import create_account
from common import clock, ids
from routing.services import assigning, timing
from tests.openapi import OpenApi, open_api
from tests.sdk import basic, sdk_client

pytestmark = pytest.mark.django_db

NOBODY = "0" * 32


class Bulk:
    """A JSON body, as the SDK wants one."""

    def __init__(self, *sids: str) -> None:
        self.sids = sids

    def to_dict(self) -> dict[str, Any]:
        return {"TaskQueueSids": list(self.sids)}


@pytest.fixture
def document() -> OpenApi:
    return open_api("twilio_taskrouter_v1.json", "/taskrouter")


@pytest.fixture
def account(db: None, django_capture_on_commit_callbacks: Any) -> Account:
    with django_capture_on_commit_callbacks(execute=True):
        return create_account(name="Acme", now=clock.now())


def refusal(client: Client, call: Callable[[], Any]) -> tuple[int, int, str]:
    """Return status, code and message of a refused call; of lists the SDK's own error says neither."""
    with pytest.raises(TwilioException):
        call()
    body = client.http_client.calls[-1].body
    return body["status"], body["code"], body["message"]


@pytest.fixture
def client(account: Account, document: OpenApi) -> Client:
    return sdk_client(account, document.check)


@pytest.fixture
def workspace(client: Client) -> Any:
    return client.taskrouter.v1.workspaces.create(friendly_name="Support", template="FIFO")


@pytest.fixture
def settle() -> Callable[[], None]:
    def settle_now() -> None:
        for _ in range(100):
            if not timing.drain(clock.now()) + assigning.drain(clock.now()):
                return
        pytest.fail("routing does not come to rest")

    return settle_now


def activity(workspace: Any, name: str) -> Any:
    return workspace.activities.list(friendly_name=name)[0]


def test_answers_every_documented_operation(client: Client, document: OpenApi, settle: Callable[[], None]) -> None:
    document.seen.clear()
    workspaces = client.taskrouter.v1.workspaces
    made = workspaces.create(friendly_name="Support", template="FIFO", event_callback_url="https://x.example/e")
    workspace = workspaces(made.sid)
    assert [each.sid for each in workspaces.list(friendly_name="Support")] == [made.sid]
    workspace.fetch()
    workspace.update(friendly_name="Help")

    busy = workspace.activities.create(friendly_name="Lunch", available=False)
    assert [each.friendly_name for each in workspace.activities.list(available="no")] == [
        "Offline",
        "Unavailable",
        "Lunch",
    ]
    workspace.activities(busy.sid).fetch()
    workspace.activities(busy.sid).update(friendly_name="Break")
    available = activity(workspace, "Available")

    channel = workspace.task_channels.create(friendly_name="Fax", unique_name="fax")
    assert len(workspace.task_channels.list()) == 6
    workspace.task_channels("fax").fetch()
    workspace.task_channels(channel.sid).update(channel_optimized_routing=True)

    queue = workspace.task_queues.create(friendly_name="Sales", target_workers="skills HAS 'sales'")
    workspace.task_queues(queue.sid).fetch()
    workspace.task_queues(queue.sid).update(max_reserved_workers=2, task_order="LIFO")
    taking = workspace.task_queues.list(evaluate_worker_attributes='{"skills": ["sales"]}', ordering="DateUpdated:desc")
    assert [each.friendly_name for each in taking] == ["Sales", "Sample Queue"]

    workflow = workspace.workflows.create(
        friendly_name="By topic",
        configuration=json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}}),
        assignment_callback_url="https://x.example/a",
    )
    workspace.workflows(workflow.sid).fetch()
    workspace.workflows(workflow.sid).update(task_reservation_timeout=60, re_evaluate_tasks="true")
    assert len(workspace.workflows.list()) == 2

    ann = workspace.workers.create(friendly_name="Ann", attributes='{"skills": ["sales"]}', activity_sid=available.sid)
    workspace.workers(ann.sid).fetch()
    workspace.workers(ann.sid).update(attributes='{"skills": ["sales", "vip"]}')
    found = workspace.workers.list(target_workers_expression="skills HAS 'vip' AND activity_name == 'Available'")
    assert [each.friendly_name for each in found] == ["Ann"]
    assert [each.sid for each in workspace.workers.list(task_queue_sid=queue.sid)] == [ann.sid]
    assert workspace.task_queues.list(worker_sid=ann.sid, friendly_name="Sales")[0].sid == queue.sid
    seats = workspace.workers(ann.sid).worker_channels.list()
    assert len(seats) == 6
    workspace.workers(ann.sid).worker_channels(seats[0].sid).fetch()
    assert workspace.workers(ann.sid).worker_channels("chat").update(capacity=4).configured_capacity == 4

    tasks = [
        workspace.tasks.create(workflow_sid=workflow.sid, attributes=f'{{"n": {n}}}', task_channel="chat", priority=n)
        for n in range(4)
    ]
    settle()
    by_priority = workspace.tasks.list(ordering="Priority:desc", page_size=1)
    assert [each.priority for each in by_priority] == [3, 2, 1, 0]
    assert [each.sid for each in workspace.tasks.list(evaluate_task_attributes="n > 2")] == [tasks[3].sid]
    assert len(workspace.tasks.list(assignment_status=["reserved", "pending"], workflow_name="By topic")) == 4
    task = workspace.tasks(tasks[0].sid)
    assert (task.fetch().assignment_status, task.fetch().task_queue_friendly_name) == ("reserved", "Sales")
    reservation = task.reservations.list()[0]
    task.reservations(reservation.sid).fetch()
    assert task.reservations(reservation.sid).update(reservation_status="accepted").reservation_status == "accepted"
    assert task.fetch().assignment_status == "assigned"
    assert task.update(assignment_status="wrapping", reason="over").assignment_status == "wrapping"
    offered = workspace.workers(ann.sid).reservations.list(reservation_status="pending")
    assert len(offered) == 3
    mine = workspace.workers(ann.sid).reservations(offered[0].sid)
    assert mine.fetch().worker_name == "Ann"
    assert (
        mine.update(reservation_status="rejected", worker_activity_sid=available.sid).reservation_status == "rejected"
    )
    assert task.update(assignment_status="completed", reason="solved").reason == "solved"
    assert workspace.tasks(tasks[1].sid).delete()

    events = workspace.events.list(task_sid=tasks[0].sid)
    assert events[-1].event_type == "workflow.entered"
    assert workspace.events(events[0].sid).fetch().event_data["task_sid"] == tasks[0].sid
    assert workspace.events.list(event_type="reservation.accepted", worker_sid=ann.sid, minutes=5)

    now = workspace.statistics().fetch()
    assert now.realtime["tasks_by_status"] == {"pending": 0, "reserved": 2, "assigned": 0, "wrapping": 0} or (
        now.realtime["total_tasks"] == 2
    )
    assert workspace.cumulative_statistics().fetch(split_by_wait_time="5,60").tasks_created == 4
    assert workspace.real_time_statistics().fetch(task_channel="chat").total_workers == 1
    of_queue = workspace.task_queues(queue.sid)
    assert of_queue.statistics().fetch().cumulative["tasks_entered"] == 4
    assert of_queue.cumulative_statistics().fetch().tasks_completed == 1
    assert of_queue.real_time_statistics().fetch().total_eligible_workers == 1
    assert len(workspace.task_queues.statistics.list()) == 2
    bulk = workspace.task_queues.bulk_real_time_statistics.create(body=Bulk(queue.sid))
    assert bulk.task_queue_response_count == 1
    of_workflow = workspace.workflows(workflow.sid)
    assert of_workflow.statistics().fetch().cumulative["reservations_accepted"] == 1
    assert of_workflow.cumulative_statistics().fetch().reservations_rejected == 1
    assert of_workflow.real_time_statistics().fetch().total_tasks == 2
    assert workspace.workers.statistics().fetch().realtime["total_workers"] == 1
    assert workspace.workers.cumulative_statistics().fetch().reservations_created >= 4
    assert workspace.workers.real_time_statistics().fetch().total_workers == 1
    assert workspace.workers(ann.sid).statistics().fetch().cumulative["reservations_accepted"] == 1

    for each in tasks[2:]:
        workspace.tasks(each.sid).update(assignment_status="canceled", reason="enough")
        workspace.tasks(each.sid).delete()
    assert workspace.task_channels(channel.sid).delete()
    assert workspace.workers(ann.sid).delete()
    assert workspace.workflows(workflow.sid).delete()
    assert workspace.task_queues(queue.sid).delete()
    assert workspace.activities(busy.sid).delete()
    assert workspace.delete()

    assert set(document.operations()) - document.seen == set()


def test_finds_the_accounts_own_workspace(client: Client, account: Account) -> None:
    (workspace,) = client.taskrouter.v1.workspaces.list()

    assert workspace.account_sid == account.sid
    assert [each.friendly_name for each in workspace.workflows.list()] == ["Assign to Anyone"]


def test_hides_everything_from_another_account(client: Client, workspace: Any, document: OpenApi) -> None:
    task = workspace.tasks.create(attributes="{}")
    stranger = sdk_client(create_account(name="Other", now=clock.now()), document.check)
    theirs = stranger.taskrouter.v1.workspaces(workspace.sid)

    for call in (
        theirs.fetch,
        theirs.delete,
        theirs.tasks.list,
        theirs.tasks(task.sid).fetch,
        lambda: theirs.tasks.create(attributes="{}"),
        theirs.workers.list,
        theirs.statistics().fetch,
    ):
        assert refusal(stranger, call)[:2] == (404, 20404)
    assert workspace.tasks(task.sid).fetch().sid == task.sid


def test_refuses_another_workspaces_rows_too(client: Client, workspace: Any) -> None:
    own = next(each for each in client.taskrouter.v1.workspaces.list() if each.sid != workspace.sid)
    worker = own.workers.create(friendly_name="Ann")

    with pytest.raises(TwilioRestException) as refused:
        workspace.workers(worker.sid).fetch()

    assert refused.value.status == 404


REFUSED: list[tuple[str, Callable[[Any], Any], str]] = [
    (
        "a queue's hyphened name",
        lambda it: it.task_queues.create(friendly_name="Q", target_workers="my-skill == 1"),
        "line 1:3 extraneous input '-'",
    ),
    (
        "a queue's half expression",
        lambda it: it.task_queues.create(friendly_name="Q", target_workers="a =="),
        "line 1:5 the expression ends",
    ),
    (
        "a list filter's expression",
        lambda it: it.workers.list(target_workers_expression="skills HAS"),
        "TargetWorkersExpression is not a valid expression",
    ),
    (
        "a task filter's expression",
        lambda it: it.tasks.list(evaluate_task_attributes="a b"),
        "extraneous input 'b' expecting OPERATOR",
    ),
    (
        "a workflow that is no JSON",
        lambda it: it.workflows.create(friendly_name="W", configuration="{"),
        "not valid JSON",
    ),
    (
        "a workflow with an unknown queue",
        lambda it: it.workflows.create(
            friendly_name="W",
            configuration=json.dumps({"task_routing": {"default_filter": {"queue": "WQ" + NOBODY}}}),
        ),
        "does not exist",
    ),
    (
        "a workflow's broken filter",
        lambda it: it.workflows.create(
            friendly_name="W",
            configuration=json.dumps({"task_routing": {"filters": [{"expression": "a ~ 1", "queue": "WQ"}]}}),
        ),
        "task_routing.filters[0].expression: line 1:3",
    ),
    ("attributes that are no object", lambda it: it.tasks.create(attributes="[]"), "JSON object"),
    ("attributes that are no JSON", lambda it: it.workers.create("A", attributes="{"), "JSON"),
    (
        "attributes that are too long",
        lambda it: it.workers.create("A", attributes=json.dumps({"a": "x" * 5000})),
        "4096",
    ),
    ("a life of three weeks", lambda it: it.tasks.create(timeout=1_814_400), "Timeout"),
    (
        "a start in the future",
        lambda it: it.tasks.create(virtual_start_time=datetime.now(UTC) + timedelta(days=1)),
        "VirtualStartTime",
    ),
    ("an unknown channel", lambda it: it.tasks.create(task_channel="pigeon"), "pigeon"),
    ("an unknown workflow", lambda it: it.tasks.create(workflow_sid="WW" + NOBODY), "Workflow"),
    ("a strange target", lambda it: it.tasks.create(routing_target="XX1"), "RoutingTarget"),
    ("too many reserved", lambda it: it.task_queues.create("Q", max_reserved_workers=51), "MaxReservedWorkers"),
    ("an unknown order", lambda it: it.tasks.list(ordering="Colour:asc"), "Ordering"),
    ("an unknown status", lambda it: it.tasks.list(assignment_status=["lost"]), "AssignmentStatus"),
    ("a missing name", lambda it: it.activities.create(friendly_name=""), "FriendlyName"),
    ("a callback that is no URL", lambda it: it.update(event_callback_url="ftp://x"), "EventCallbackUrl"),
    ("a queue in use", lambda it: it.task_queues(it.task_queues.list()[0].sid).delete(), "referenced"),
    ("an activity in use", lambda it: it.activities(it.fetch().default_activity_sid).delete(), "default"),
    ("a built-in channel", lambda it: it.task_channels("chat").delete(), "built-in"),
    (
        "fifty-one queues at once",
        lambda it: it.task_queues.bulk_real_time_statistics.create(body=Bulk(*["WQ" + NOBODY] * 51)),
        "TaskQueueSids",
    ),
]


@pytest.mark.parametrize(("call", "words"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_says_what_is_wrong(client: Client, workspace: Any, call: Callable[[Any], Any], words: str) -> None:
    status, code, message = refusal(client, lambda: call(client.taskrouter.v1.workspaces(workspace.sid)))

    assert (status, code) == (400, 20001)
    assert words in message


def test_refuses_a_second_worker_of_the_same_name_in_any_case(workspace: Any) -> None:
    workspace.workers.create(friendly_name="Ann")

    with pytest.raises(TwilioRestException, match="Worker with the same friendly name already exists"):
        workspace.workers.create(friendly_name="ANN")


def test_keeps_an_activitys_availability(workspace: Any) -> None:
    offline = activity(workspace, "Offline")

    assert offline.update(friendly_name="Gone").available is False


def test_changes_only_the_version_that_is_meant(workspace: Any) -> None:
    task = workspace.tasks.create(attributes="{}")
    task.update(priority=1, if_match='"0"')

    with pytest.raises(TwilioRestException) as refused:
        task.update(priority=2, if_match='"0"')

    assert refused.value.status == 412
    assert task.fetch().priority == 1


def test_tells_the_version_in_the_etag(account: Account, workspace: Any) -> None:
    task = workspace.tasks.create(attributes="{}")

    answer = DjangoClient().get(
        f"/taskrouter/v1/Workspaces/{workspace.sid}/Tasks/{task.sid}",
        headers={"Authorization": basic(account.sid, account.auth_token)},
    )

    assert answer.headers["ETag"] == '"0"'


@pytest.mark.parametrize("instruction", ["call", "dequeue", "conference", "redirect", "supervise", "dance"])
def test_refuses_instructions_it_cannot_follow(workspace: Any, settle: Callable[[], None], instruction: str) -> None:
    workspace.workers.create(friendly_name="Ann", activity_sid=activity(workspace, "Available").sid)
    task = workspace.tasks.create(attributes="{}")
    settle()
    reservation = workspace.tasks(task.sid).reservations.list()[0]

    with pytest.raises(TwilioRestException) as refused:
        reservation.update(instruction=instruction)

    assert refused.value.status == 400
    assert reservation.fetch().reservation_status == "pending"


def test_refuses_a_second_accept(workspace: Any, settle: Callable[[], None]) -> None:
    workspace.workers.create(friendly_name="Ann", activity_sid=activity(workspace, "Available").sid)
    task = workspace.tasks.create(attributes="{}")
    settle()
    reservation = workspace.tasks(task.sid).reservations.list()[0]
    reservation.update(instruction="accept")

    with pytest.raises(TwilioRestException) as refused:
        reservation.update(reservation_status="accepted")

    assert (refused.value.status, refused.value.code) == (400, 20001)


def test_sends_a_worker_with_pending_reservations_away_only_when_told_to(
    workspace: Any, settle: Callable[[], None]
) -> None:
    worker = workspace.workers.create(friendly_name="Ann", activity_sid=activity(workspace, "Available").sid)
    workspace.tasks.create(attributes="{}")
    settle()
    offline = activity(workspace, "Offline").sid

    with pytest.raises(TwilioRestException, match="pending reservations"):
        worker.update(activity_sid=offline)

    assert worker.update(activity_sid=offline, reject_pending_reservations=True).activity_name == "Offline"


def test_pages_through_what_only_code_can_filter(workspace: Any) -> None:
    for number in range(12):
        workspace.workers.create(friendly_name=f"w{number:02}", attributes=f'{{"n": {number}}}')

    found = workspace.workers.list(target_workers_expression="n >= 4", ordering="FriendlyName:desc", page_size=3)

    assert [each.friendly_name for each in found] == [f"w{number:02}" for number in range(11, 3, -1)]


def test_explains_why_a_task_waits(account: Account, workspace: Any, settle: Callable[[], None]) -> None:
    ann = workspace.workers.create(friendly_name="Ann")
    task = workspace.tasks.create(attributes="{}")
    settle()

    answer = DjangoClient().get(
        f"/taskrouter/v1/Workspaces/{workspace.sid}/Tasks/{task.sid}/Explanation",
        headers={"Authorization": basic(account.sid, account.auth_token)},
    )

    told = answer.json()
    assert answer.status_code == 200
    assert told["summary"] == "Nobody can take it now: 1 worker is in an activity that is not available"
    assert (told["ahead"], told["queue_expression"]) == (0, "1==1")
    assert told["workers"] == [
        {
            "worker_sid": ann.sid,
            "worker_name": "Ann",
            "verdict": "activity",
            "reason": "is in the activity Offline, which is not available",
        }
    ]
    assert told["workflow"]["filter"] == "default_filter"
    assert [attempt["outcome"] for attempt in told["attempts"]] == ["waiting"]


def test_says_that_nobody_fits_also_of_a_task_behind_another(
    account: Account, workspace: Any, settle: Callable[[], None]
) -> None:
    queue = workspace.task_queues.create(friendly_name="Chess", target_workers="skills HAS 'chess'")
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    workflow = workspace.workflows.create(friendly_name="Chess", configuration=configuration)
    available = activity(workspace, "Available").sid
    tasks = [workspace.tasks.create(workflow_sid=workflow.sid, attributes="{}") for _ in range(2)]
    workers = [workspace.workers.create(friendly_name=name, activity_sid=available) for name in ("Ann", "Bob")]
    settle()

    def summary() -> str:
        answer = DjangoClient().get(
            f"/taskrouter/v1/Workspaces/{workspace.sid}/Tasks/{tasks[1].sid}/Explanation",
            headers={"Authorization": basic(account.sid, account.auth_token)},
        )
        assert answer.json()["queue_expression"] == "skills HAS 'chess'"
        return str(answer.json()["summary"])

    nobody = summary()
    workers[0].update(attributes='{"skills": ["chess"]}')
    waiting = summary()

    first = "One task that asks the same comes before it"
    assert nobody == f"Nobody can take it now: 2 workers do not belong to its queue. {first}"
    assert waiting == first


def test_redacts_a_tasks_attributes_after_thirty_days(workspace: Any) -> None:
    from routing.models import RoutingEvent

    task = workspace.tasks.create(attributes='{"secret": 1}')
    event = workspace.events.list(task_sid=task.sid, event_type="task.created")[0]
    RoutingEvent.objects.filter(id=ids.parse("EV", event.sid)).update(occurred_at=clock.now() - timedelta(days=31))

    assert workspace.events(event.sid).fetch().event_data["task_attributes"] == "redacted"
