"""A supervisor in somebody's conversation: unseen, then visible, then in charge; and tasks that are stuck."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import AuditEntry
from accounts.services import link_worker
from common import clock
from conversations.models import Conversation, Message, Participant
from interactions.models import Invite
from reports.models import TaskLeg
from routing.models import Reservation, Task
from tests.interactions.world import Desk, make_desk
from tests.supervision.test_floor_api import taken

pytestmark = pytest.mark.django_db

Drain = Callable[[], int]


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


def of(conversation: Conversation, what: str) -> str:
    return f"supervisor/conversations/{conversation.sid}/{what}"


def state(conversation: Conversation) -> tuple[Any, ...]:
    """Return all that a customer or a colleague could notice."""
    conversation.refresh_from_db()
    people = Participant.objects.filter(conversation=conversation).order_by("id")
    return (
        list(people.values_list("identity", "kind", "last_read_message_index")),
        Message.objects.filter(conversation=conversation).count(),
        conversation.updated_at,
    )


def test_looking_on_leaves_no_mark(desk: Desk, supervisor: Any) -> None:
    desk.agent("Ana Agent")
    conversation, _ = taken(desk)
    desk.say(conversation, "Hello?")
    before = state(conversation)
    status, told = supervisor("post", of(conversation, "watch"))
    assert status == 200
    assert (told["customer"], told["agents"]) == ("Carl Customer", ["Ana Agent"])
    assert (told["has_barged_in"], told["watchers"], told["help"]) == (False, [], None)
    assert len(supervisor("get", f"conversations/{conversation.sid}/messages")[1]["messages"]) == 1
    assert supervisor("post", f"conversations/{conversation.sid}/read", {"index": 0})[0] == 204
    supervisor("post", of(conversation, "watch"))
    assert state(conversation) == before
    assert actions().count("conversation.monitored") == 1
    # Who only looks on says nothing.
    body = {"body": "Boo", "client_ref": "1"}
    assert supervisor("post", f"conversations/{conversation.sid}/messages", body)[0] == 403


@pytest.mark.parametrize("is_private", [False, True])
def test_agents_know_who_looks_on_unless_that_is_private(
    desk: Desk, supervisor: Any, by: Any, is_private: bool
) -> None:
    _, user = desk.agent("Ana Agent")
    conversation, _ = taken(desk)
    by(desk.user("admin"))("put", "supervisor/settings", {"is_monitoring_private": is_private})
    supervisor("post", of(conversation, "watch"))
    coaching = f"console/conversations/{conversation.sid}/coaching"
    assert by(user)("get", coaching)[1]["watchers"] == ([] if is_private else ["Sue Pervisor"])
    # Colleagues of the same rank see each other in any case.
    other = by(desk.user("supervisor", name="Other"))
    assert other("post", of(conversation, "watch"))[1]["watchers"] == ["Sue Pervisor"]
    other("delete", of(conversation, "watch"))
    supervisor("delete", of(conversation, "watch"))
    assert by(user)("get", coaching)[1]["watchers"] == []


def test_barging_in_is_visible_and_ends(desk: Desk, supervisor: Any) -> None:
    desk.agent("Ana Agent")
    conversation, _ = taken(desk)
    assert supervisor("post", of(conversation, "barge"))[0] == 204
    assert supervisor("post", of(conversation, "barge"))[0] == 204
    body = {"body": "Sue here, I can help", "client_ref": "1"}
    status, message = supervisor("post", f"conversations/{conversation.sid}/messages", body)
    assert (status, message["author_name"], message["source"]) == (201, "Sue Pervisor", "agent")
    assert supervisor("post", f"conversations/{conversation.sid}/messages", body)[0] == 200
    assert Participant.objects.filter(conversation=conversation, kind="supervisor").count() == 1
    assert supervisor("post", of(conversation, "watch"))[1]["has_barged_in"] is True
    assert supervisor("delete", of(conversation, "barge"))[0] == 204
    assert supervisor("post", f"conversations/{conversation.sid}/messages", {**body, "client_ref": "2"})[0] == 403
    assert actions()[:2] == ["conversation.barged_in", "conversation.monitored"]


def test_nobody_barges_in_where_a_flow_would_go_on_talking(desk: Desk, supervisor: Any) -> None:
    conversation = desk.conversation()
    assert supervisor("post", of(conversation, "barge"))[0] == 409
    assert Participant.objects.filter(conversation=conversation, kind="supervisor").count() == 0


def with_worker(desk: Desk) -> Any:
    worker, _ = desk.agent("Wilma Worker", available=False)
    user = desk.user("supervisor", name="Sue Pervisor")
    from accounts.models import User

    User.objects.filter(worker_id=worker.id).update(worker_id=None)
    link_worker(user_id=user.id, worker_id=worker.id)
    user.refresh_from_db()
    return worker, user


@pytest.mark.parametrize("was", ["taken", "waiting", "with nobody"])
def test_taking_over_gives_the_conversation_to_the_supervisor(desk: Desk, by: Any, drain: Drain, was: str) -> None:
    worker, user = with_worker(desk)
    conversation = desk.conversation()
    if was == "taken":
        desk.agent("Ana Agent")
        conversation, _ = taken(desk)
    elif was == "waiting":
        desk.hand_over(conversation)
    call = by(user)
    status, told = call("post", of(conversation, "take-over"))
    assert status == 200
    assert call("post", of(conversation, "take-over"))[1] == told
    drain()
    conversation.refresh_from_db()
    assert conversation.state == "active"
    people = Participant.objects.filter(conversation=conversation, kind="agent")
    assert list(people.values_list("worker_id", flat=True)) == [worker.id]
    assert conversation.agents == 1
    held = Reservation.objects.filter(status__in=Reservation.HELD)
    assert [(each.worker_id, each.status, each.task.sid) for each in held] == [
        (worker.id, "accepted", told["task_sid"])
    ]
    assert told["reservation_sid"] == held[0].sid
    if was == "taken":
        old = Task.objects.exclude(id=held[0].task_id).get()
        assert (old.status, old.reason) == ("completed", "Taken over by Sue Pervisor")
        assert TaskLeg.objects.get(task_id=old.id).was_transferred is True
    assert "conversation.taken_over" in actions()
    # The supervisor ends it like any agent.
    assert call("post", f"console/reservations/{held[0].sid}", {"status": "completed"})[0] == 200
    drain()
    conversation.refresh_from_db()
    assert conversation.state == "closed"


def test_who_takes_no_tasks_cannot_take_over(desk: Desk, supervisor: Any) -> None:
    conversation = desk.conversation()
    assert supervisor("post", of(conversation, "take-over"))[0] == 409


def test_a_closed_conversation_cannot_be_taken_over(desk: Desk, by: Any) -> None:
    from conversations.services import close_conversation

    _, user = with_worker(desk)
    conversation = desk.conversation()
    close_conversation(conversation_id=conversation.id, reason="API", now=clock.now())
    assert by(user)("post", of(conversation, "take-over"))[0] == 409
    assert by(user)("post", of(conversation, "watch"))[0] == 200


def test_a_stuck_task_goes_back_to_its_queue(desk: Desk, supervisor: Any, drain: Drain) -> None:
    desk.agent("Ana Agent")
    conversation, reservation = taken(desk)
    path = f"supervisor/tasks/{reservation.task.sid}"
    assert supervisor("post", path, {"action": "requeue"})[0] == 400
    status, told = supervisor("post", path, {"action": "requeue", "outcome": "Agent went home"})
    assert status == 200
    drain()
    conversation.refresh_from_db()
    assert (conversation.state, conversation.agents) == ("active", 0)
    new = Task.objects.get(id=Invite.objects.get(task_id__isnull=False, status="pending").task_id)
    assert new.sid == told["task_sid"]
    assert new.queue_id == reservation.queue_id
    old = Task.objects.get(id=reservation.task_id)
    assert (old.status, old.reason) == ("completed", "Agent went home")
    assert Invite.objects.get(task_id=old.id).outcome == "Agent went home"
    assert supervisor("post", path, {"action": "requeue", "outcome": "again"})[0] == 409
    assert actions() == ["task.requeued"]


@pytest.mark.parametrize("status", ["assigned", "wrapping", "waiting"])
def test_a_stuck_task_is_ended_with_its_outcome(desk: Desk, supervisor: Any, drain: Drain, status: str) -> None:
    conversation = desk.conversation()
    if status == "waiting":
        desk.hand_over(conversation)
        task = Task.objects.get()
    else:
        desk.agent("Ana Agent")
        conversation, reservation = taken(desk)
        task = reservation.task
        if status == "wrapping":
            from interactions.services import answer_reservation

            answer_reservation(
                reservation_id=reservation.id, worker_id=reservation.worker_id, status="wrapping", now=clock.now()
            )
    path = f"supervisor/tasks/{task.sid}"
    assert supervisor("post", path, {"action": "end", "outcome": "x" * 201})[0] == 400
    assert supervisor("post", path, {"action": "end", "outcome": "Customer left"})[0] == 204
    drain()
    task.refresh_from_db()
    assert (task.status, task.reason) == ("canceled" if status == "waiting" else "completed", "Customer left")
    assert Reservation.objects.filter(status__in=Reservation.HELD).count() == 0
    assert TaskLeg.objects.get(task_id=task.id).outcome == "Customer left"
    assert supervisor("post", path, {"action": "end", "outcome": "again"})[0] in (204, 409)
    assert actions().count("task.ended") >= 1


def test_an_agent_asks_for_help_and_gets_it(desk: Desk, supervisor: Any, by: Any, drain: Drain) -> None:
    _, user = desk.agent("Ana Agent")
    conversation, reservation = taken(desk)
    agent, coaching = by(user), f"console/conversations/{conversation.sid}/coaching"
    assert agent("get", coaching)[1] == {"help": None, "watchers": []}
    assert agent("post", coaching, {"note": "Angry customer"})[0] == 200
    assert agent("post", coaching, {"note": "Very angry customer"})[0] == 200
    assert agent("post", coaching, {"note": "x" * 501})[0] == 400
    (asked,) = supervisor("get", "supervisor/help")[1]["help"]
    assert (asked["agent"], asked["note"], asked["accepted_by"]) == ("Ana Agent", "Very angry customer", None)
    assert supervisor("get", "supervisor/wallboard")[1]["help"] == [asked]
    assert supervisor("get", "supervisor/chats")[1]["chats"][0]["needs_help"] is True
    assert supervisor("post", f"supervisor/help/{asked['sid']}")[0] == 200
    other = by(desk.user("supervisor", name="Other"))
    assert other("post", f"supervisor/help/{asked['sid']}")[0] == 409
    assert agent("get", coaching)[1]["help"]["accepted_by"] == "Sue Pervisor"
    assert supervisor("delete", f"supervisor/help/{asked['sid']}")[0] == 204
    assert agent("get", coaching)[1]["help"] is None
    assert other("post", f"supervisor/help/{asked['sid']}")[0] == 409


def test_help_is_over_with_the_work(desk: Desk, supervisor: Any, by: Any) -> None:
    _, user = desk.agent("Ana Agent")
    conversation, reservation = taken(desk)
    agent = by(user)
    agent("post", f"console/conversations/{conversation.sid}/coaching")
    assert len(supervisor("get", "supervisor/help")[1]["help"]) == 1
    agent("post", f"console/reservations/{reservation.sid}", {"status": "completed"})
    assert supervisor("get", "supervisor/help")[1]["help"] == []


def test_help_is_asked_only_for_ones_own_conversation(desk: Desk, by: Any) -> None:
    desk.agent("Ana Agent")
    conversation, _ = taken(desk)
    _, other = desk.agent("Ben Agent")
    assert by(other)("post", f"console/conversations/{conversation.sid}/coaching")[0] == 404


@pytest.mark.parametrize("what", ["watch", "barge", "take-over"])
def test_another_accounts_conversations_are_not_there(desk: Desk, by: Any, what: str) -> None:
    conversation = desk.conversation()
    assert by(make_desk("Other").user("supervisor"))("post", of(conversation, what))[0] == 404
    _, agent = desk.agent()
    assert by(agent)("post", of(conversation, what))[0] == 403


def test_another_accounts_tasks_are_not_there(desk: Desk, by: Any) -> None:
    desk.hand_over(desk.conversation())
    path = f"supervisor/tasks/{Task.objects.get().sid}"
    stranger = by(make_desk("Other").user("supervisor"))
    assert stranger("post", path, {"action": "end", "outcome": "x"})[0] == 404
    assert stranger("post", path, {"action": "requeue", "outcome": "x"})[0] == 404


def test_a_customer_without_a_name_is_called_what_the_flow_asked_for(desk: Desk, supervisor: Any) -> None:
    desk.agent("Ana Agent")
    unknown, named = desk.conversation(name=""), desk.conversation(name="")
    desk.hand_over(named, attributes={"customerName": "Eva"})
    names = [supervisor("post", of(each, "watch"))[1]["customer"] for each in (unknown, named)]
    assert names == [unknown.customer_address, "Eva"]
