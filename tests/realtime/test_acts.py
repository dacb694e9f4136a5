"""``/app/v1/conversations/…/acts``: what happened around a conversation besides what was said."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import time_machine

from common import clock
from conversations import services as conversations
from conversations.models import Conversation
from interactions import services as interactions
from routing import services as routing
from routing.models import Reservation, TaskQueue
from routing.services import assigning, timing
from tests.factories import definition, inbound, publish_flow, state
from tests.interactions.world import Desk
from tests.realtime.test_console_api import answer, logged_in
from tests.realtime.test_work_api import APP, Agent, ana, talk

# The same desk as the work's own tests have.
__all__ = ("ana", "talk")


def told(agent: Agent, talk: Conversation) -> list[dict[str, Any]]:
    answered = agent.client.get(f"{APP}/conversations/{talk.sid}/acts")
    assert answered.status_code == 200, answered.content
    return list(answered.json()["acts"])


def lines(acts: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return [tuple(str(act[name]) for name in ("kind", "who", "to", "text") if act[name]) for act in acts]


def test_offers_that_came_to_nothing_transfers_and_the_end_are_told_in_order(
    desk: Desk, ana: Agent, talk: Conversation
) -> None:
    queue = TaskQueue.objects.get(workspace=desk.workspace).friendly_name
    began = clock.now()
    with time_machine.travel(began, tick=True) as traveller:
        first = desk.offer(talk)
        assert first.worker_id == ana.worker.id
        answer(ana.client, first, "rejected")
        traveller.shift(60)
        ben = Agent(desk, "Ben Agent")
        held = ben.offered()
        assert answer(ben.client, held, "accepted").status_code == 200
        traveller.shift(10)
        assert ben.do(held, "transfer", type="warm", to=ana.worker.sid, note="Knows tents").status_code == 201
        asked = ana.offered()
        assert answer(ana.client, asked, "rejected").status_code == 200
        traveller.shift(10)
        assert ben.do(held, "end").status_code == 200
        answer(ben.client, Reservation.objects.get(id=held.id), "completed")

    acts = told(ben, talk)
    # Of the colleague who was asked: neither a queue nor a rejected offer, which the transfer tells.
    assert lines(acts) == [
        ("queued", queue),
        ("rejected", "Ana Agent"),
        ("joined", "Ben Agent"),
        ("asked", "Ben Agent", "Ana Agent", "Knows tents"),
        ("not_joined", "Ana Agent", "declined"),
        ("closed",),
        ("wrapped_up", "Ben Agent"),
    ]
    assert next(act["seconds"] for act in acts if act["kind"] == "joined") in range(60, 70)
    assert [act["at"] for act in acts] == sorted(act["at"] for act in acts)


def test_a_missed_offer_parking_and_waking_are_told(desk: Desk, ana: Agent, talk: Conversation) -> None:
    held = ana.take(talk)
    assert ana.do(held, "park", wake_to="agent", note="Measures the garden").status_code == 204
    desk.say(talk, "Ten metres")
    interactions.wake(conversation_id=talk.id, by="reply", now=clock.now())

    found = lines(told(Watcher(desk), talk))
    assert ("parked", "Ana Agent", "Measures the garden") in found
    assert ("woken", "reply") in found
    assert found.index(("left", "Ana Agent")) < found.index(("woken", "reply"))
    assert not [line for line in found if line[0] == "canceled"]


def test_who_waits_too_long_for_one_queue_is_moved_to_the_next(desk: Desk, talk: Conversation) -> None:
    began = clock.now()
    first, second = (
        routing.create_queue(workspace_id=desk.workspace.id, friendly_name=name, target_workers="1 == 2", now=began)
        for name in ("Sales", "Everybody")
    )
    targets = [{"queue": first.sid, "timeout": 30}, {"queue": second.sid}]
    rules = {"task_routing": {"filters": [{"expression": "1 == 1", "targets": targets}]}}
    workflow = routing.create_workflow(
        workspace_id=desk.workspace.id, friendly_name="Steps", configuration=json.dumps(rules), now=began
    )
    desk.hand_over(talk, workflow=workflow.sid)
    later = began + timedelta(seconds=40)
    for _ in range(5):
        timing.drain(later)
        assigning.drain(later)

    assert [line for line in lines(told(Watcher(desk), talk)) if line[0] in ("queued", "moved")] == [
        ("queued", "Sales"),
        ("moved", "Everybody"),
    ]


def test_flows_are_told_and_why_one_failed(desk: Desk, drain: Callable[[], int]) -> None:
    circle = {"next": "round"}
    publish_flow(desk.account, definition(state("round", "set-variables", circle, variables=[])))
    (received,) = conversations.receive_messages([inbound(desk.account, "Help")], now=clock.now())
    drain()
    talk = Conversation.objects.get(id=received.conversation_id)

    began, failed = told(Watcher(desk), talk)[:2]
    assert (began["kind"], began["who"], began["sid"][:2]) == ("flow", "Test flow", "FN")
    assert (failed["kind"], failed["sid"]) == ("flow_failed", began["sid"])
    assert "more than 10 times" in failed["text"]


def test_acts_of_a_conversation_that_is_not_ones_own_are_not_shown(desk: Desk, ana: Agent, talk: Conversation) -> None:
    assert ana.client.get(f"{APP}/conversations/{talk.sid}/acts").status_code == 404
    assert told(Watcher(desk), talk) == []
    conversations.close_conversation(conversation_id=talk.id, reason="API", now=clock.now() + timedelta(seconds=1))
    assert lines(told(Watcher(desk), talk)) == [("closed",)]


class Watcher:
    """A supervisor, who may see every conversation."""

    def __init__(self, desk: Desk) -> None:
        self.client = logged_in(desk.user("supervisor"))
