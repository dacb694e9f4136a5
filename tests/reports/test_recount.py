"""A day at a desk with several queues, flows and channels: every report of it equals a count of what is stored."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from asgiref.sync import async_to_sync
from django.test import Client

from common import clock, ids
from conversations.models import Conversation, Message
from conversations.services import receive_messages
from flows.models import Execution
from interactions import services as interactions
from interactions.models import Invite, Transfer
from reports import services
from reports.models import ActivityStay, Offer, Survey, TaskLeg
from routing import services as routing
from routing.models import Reservation, RoutingEvent, Task, TaskQueue
from tests.factories import definition, inbound, publish_flow, state
from tests.interactions.world import Desk, make_desk

pytestmark = pytest.mark.django_db

Drain = Callable[[], int]
LINES = (("sms", "+15550100001"), ("whatsapp", "whatsapp:+15550100002"))
OPEN = ("pending", "reserved", "assigned", "wrapping")
GOALS = {"Sales": 20, "Support": 45}


def test_every_report_equals_a_recount_and_its_file(drain: Drain) -> None:
    desk = make_desk()
    with time_machine.travel("2026-05-04 08:00:00+00:00", tick=False) as moment:
        play(desk, drain, moment)
        client = Client()
        client.force_login(desk.user("supervisor"), backend="django.contrib.auth.backends.ModelBackend")
        stays, rated = recount(desk), ratings()
        for by in ("queue", "agent", "flow", "channel"):
            told = client.get("/app/v1/reports/figures", {"by": by}).json()
            rows = {
                row["sid"] or row["name"]: {name: row[name] for name in row if name not in ("sid", "name")}
                for row in told["rows"]
            }
            assert cells(rows) == cells(expect(by, stays, rated))
            whole = measure([each for each in stays if each["is_last"]], rated)
            assert told["totals"] == whole
            assert file_of(client, f"figures.csv?by={by}") == as_file(by, told)
        # There was something to count of everything, but perhaps of tasks that moved to their next queue by themselves.
        assert all(count for name, count in measure(stays, rated).items() if name != "moved")

        before = facts()
        for model in (TaskLeg, Offer, ActivityStay):
            model.objects.all().delete()
        services.rebuild_facts()
        assert facts() == before
        services.rebuild_facts()
        assert facts() == before


def cells(rows: dict[str, dict[str, Any]]) -> dict[tuple[str, str], Any]:
    return {(key, name): value for key, row in rows.items() for name, value in row.items()}


def play(desk: Desk, drain: Drain, moment: time_machine.Coordinates) -> None:
    chance = random.Random(7)
    services.save_rule(
        account_id=desk.account.id,
        rule_id=None,
        values=services.RuleValues(
            channel_type="", queue_id=None, enabled=True, mode="built_in", flow_id=None,
            delay_seconds=0, expiry_seconds=600, texts={"": {"question": "1 to 5?", "thanks": "Thanks!"}},
        ),
        actor="test",
        now=clock.now(),
    )  # fmt: skip
    queues = {
        name: routing.create_queue(
            workspace_id=desk.workspace.id, friendly_name=name, target_workers="1==1", now=clock.now()
        )
        for name in GOALS
    }
    services.change_goals(
        account_id=desk.account.id,
        given={"queues": {queues[name].sid: {"service_level_seconds": seconds} for name, seconds in GOALS.items()}},
        actor="test",
        now=clock.now(),
    )
    rules = [
        {"expression": f"topic == '{name}'", "targets": [{"queue": queue.sid, "timeout": 400}, {"queue": other.sid}]}
        for (name, queue), other in zip(queues.items(), reversed(queues.values()), strict=True)
    ]
    workflow = routing.create_workflow(
        workspace_id=desk.workspace.id,
        friendly_name="By topic",
        configuration=configuration(rules, queues["Support"].sid),
        task_reservation_timeout=60,
        now=clock.now(),
    )
    for type, ours in LINES:
        hello = state("hi", "send-message", {"sent": None}, body="Hi", **{"from": ""})
        publish_flow(desk.account, definition(hello), address=ours, type=type)
    agents = [desk.agent(name)[0] for name in ("Ana", "Ben")]
    for number in range(12):
        type, ours = chance.choice(LINES)
        prefix = ours.partition("+")[0]
        sender = f"{prefix}+1555123{number:04}"
        come = {"sender": sender, "recipient": ours, "channel_type": type}
        (received,) = receive_messages([inbound(desk.account, "Hello", **come)], now=clock.now())
        drain()
        conversation = Conversation.objects.get(id=received.conversation_id)
        desk.hand_over(conversation, workflow=workflow.sid, attributes={"topic": chance.choice(list(queues))})
        serve(desk, drain, moment, chance, queues)
        if Survey.objects.filter(status="asked").exists() and chance.random() < 0.7:
            moment.shift(timedelta(seconds=30))
            receive_messages([inbound(desk.account, chance.choice("12345"), **come)], now=clock.now())
        drain()
        if number % 6 == 5:
            activity = desk.activity(chance.choice(("Offline", "Unavailable")))
            for there in (activity, desk.activity("Available")):
                agent = chance.choice(agents)
                routing.set_activity(worker_id=agent.id, activity_id=there.id, now=clock.now())
                moment.shift(timedelta(minutes=7))
            for agent in agents:
                there = desk.activity("Available")
                routing.set_activity(worker_id=agent.id, activity_id=there.id, now=clock.now())
            drain()


def serve(
    desk: Desk, drain: Drain, moment: time_machine.Coordinates, chance: random.Random, queues: dict[str, TaskQueue]
) -> None:
    """Let the one open task be offered, answered, passed on, ended or given up."""
    for _ in range(12):
        moment.shift(timedelta(seconds=chance.choice((3, 15, 30, 500))))
        drain()
        task = Task.objects.filter(status__in=OPEN).first()
        if task is None:
            return
        held = Reservation.objects.filter(task=task, status__in=("pending", "accepted", "wrapping")).first()
        if held is None or chance.random() < 0.06:
            interactions.end_task_by_hand(account_id=desk.account.id, task_id=task.id, outcome="gone", now=clock.now())
        elif held.status == "pending":
            answer(held, chance.choice(("accepted", "accepted", "rejected")))
        elif held.status == "accepted" and chance.random() < 0.3:
            queue = chance.choice(list(queues.values()))
            interactions.requeue(
                account_id=desk.account.id, task_id=task.id, queue_id=queue.id, outcome="not mine", now=clock.now()
            )
        else:
            answer(held, "wrapping" if held.status == "accepted" and chance.random() < 0.5 else "completed")
    for task in Task.objects.filter(status__in=OPEN):
        interactions.end_task_by_hand(account_id=desk.account.id, task_id=task.id, outcome="late", now=clock.now())
    drain()


def answer(reservation: Reservation, status: str) -> None:
    interactions.answer_reservation(
        reservation_id=reservation.id, worker_id=reservation.worker_id, status=status, now=clock.now()
    )


def configuration(rules: list[dict[str, Any]], default: str) -> str:
    return json.dumps({"task_routing": {"filters": rules, "default_filter": {"queue": default}}})


def recount(desk: Desk) -> list[dict[str, Any]]:
    """Return every stay of an ended task in a queue, as its events tell it one by one."""
    found = []
    for invite in Invite.objects.select_related("channel"):
        events = list(RoutingEvent.objects.filter(task_id=invite.task_id).order_by("occurred_at", "id"))
        ended = next(each.occurred_at for each in events if each.event_type in ("task.completed", "task.canceled"))
        entered = [at for at, each in enumerate(events) if each.event_type == "task-queue.entered"]
        for begin, end in zip(entered, [*entered[1:], len(events)], strict=True):
            is_last = end == len(events)
            found.append(
                {
                    **place(invite.channel.conversation_id, events[begin].queue_id),
                    **work(events[begin:end], ended if is_last else events[end].occurred_at),
                    "is_last": is_last,
                    "is_first": begin == entered[0],
                    "came": Transfer.objects.filter(invite=invite).exists(),
                    "went": is_last and Transfer.objects.filter(task_id=invite.task_id).exists(),
                }
            )
    return found


def place(conversation_id: UUID, queue_id: UUID | None) -> dict[str, str]:
    flow = Execution.objects.filter(conversation_id=conversation_id).latest("created_at").flow_id
    channel = Conversation.objects.get(id=conversation_id).channel_type
    queue = ids.sid("WQ", queue_id) if queue_id else "No queue"
    return {"queue": queue, "flow": ids.sid("FW", flow), "channel": channel}


def work(events: list[RoutingEvent], until: datetime) -> dict[str, Any]:
    """Return what became of a stay: how long it waited, who took it, how long they talked and finished up."""
    at = {each.event_type: each for each in events}
    wait = seconds(events[0].occurred_at, until)
    taken, wrapped = at.get("reservation.accepted"), at.get("reservation.wrapup")
    if taken is None or taken.worker_id is None:
        ends = {"task.completed", "task.canceled"} & at.keys()
        return {"agent": "", "result": "abandoned" if ends else "moved", "wait": wait, "talk": 0, "wrap": 0}
    talked_until = wrapped.occurred_at if wrapped else until
    return {
        "agent": ids.sid("WK", taken.worker_id),
        "result": "accepted",
        "wait": seconds(events[0].occurred_at, taken.occurred_at),
        "talk": seconds(taken.occurred_at, talked_until),
        "wrap": seconds(talked_until, until),
    }


def ratings() -> list[dict[str, Any]]:
    """Return every survey with who had the conversation last, and what was answered."""
    found = []
    for survey in Survey.objects.all():
        tasks = Invite.objects.filter(channel__conversation_id=survey.conversation_id).values_list("task_id", flat=True)
        taken = RoutingEvent.objects.filter(task_id__in=list(tasks), event_type="reservation.accepted")
        last = taken.order_by("occurred_at", "id").last()
        assert last is not None
        assert last.worker_id is not None
        said = Message.objects.filter(conversation_id=survey.asked_in_id, source="customer").first()
        about = place(survey.conversation_id, last.queue_id)
        found.append({**about, "agent": ids.sid("WK", last.worker_id), "rating": int(said.body) if said else None})
    return found


def answers() -> dict[str, Counter[str]]:
    """Return the offers to each agent, and how they were answered."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    names = {"reservation.created": "offers", "reservation.rejected": "rejected", "reservation.timeout": "missed"}
    for event in RoutingEvent.objects.filter(event_type__in=names):
        found[ids.sid("WK", event.worker_id)][names[event.event_type]] += 1  # type: ignore[arg-type]
    return found


def measure(stays: list[dict[str, Any]], rated: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a report's measures of some stays and surveys."""
    by_result = {
        name: [each for each in stays if each["result"] == name] for name in ("accepted", "abandoned", "moved")
    }
    taken, lost = by_result["accepted"], by_result["abandoned"]
    goals = {row.sid: GOALS[row.friendly_name] for row in TaskQueue.objects.filter(friendly_name__in=GOALS)}
    in_time = sum(each["wait"] <= goals[each["queue"]] for each in taken)
    given = [each["rating"] for each in rated if each["rating"] is not None]
    handled = [each["talk"] + each["wrap"] for each in taken]
    return {
        "contacts": len(stays),
        **{name: len(mine) for name, mine in by_result.items()},
        "in_time": in_time,
        "abandoned_percent": percent(len(lost), len(taken) + len(lost)),
        "service_level_percent": percent(in_time, len(taken) + len(lost)),
        "wait_avg": mean([each["wait"] for each in taken]),
        "wait_max": max((each["wait"] for each in taken), default=None),
        "abandoned_wait_avg": mean([each["wait"] for each in lost]),
        "handle_avg": mean(handled),
        "talk_avg": mean([each["talk"] for each in taken]),
        "wrap_avg": mean([each["wrap"] for each in taken]),
        "handle_total": sum(handled),
        "transfers_in": sum(each["came"] for each in stays),
        "transfers_out": sum(each["went"] for each in stays),
        "csat_asked": len(rated),
        "csat_answers": len(given),
        "csat_avg": round(sum(given) / len(given), 2) if given else None,
        "csat_percent": percent(sum(each >= 4 for each in given), len(given)),
    }


def expect(by: str, stays: list[dict[str, Any]], rated: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return a report's rows: a queue counts all that was in it, the others each task once."""
    counted = [
        {**each, "came": each["came"] and (each["is_first"] or by != "queue")}
        for each in stays
        if by == "queue" or each["is_last"]
    ]
    offers = answers() if by == "agent" else {}
    keys = {each[by] for each in (*counted, *rated)} | offers.keys()
    return {
        key: {
            **measure([each for each in counted if each[by] == key], [each for each in rated if each[by] == key]),
            **({name: offers[key][name] for name in ("offers", "rejected", "missed")} if by == "agent" else {}),
        }
        for key in keys - {""}
    }


def file_of(client: Client, path: str) -> list[list[str]]:
    answer = client.get(f"/app/v1/reports/{path}")

    async def whole() -> bytes:
        return b"".join([chunk async for chunk in answer.streaming_content])

    return list(csv.reader(async_to_sync(whole)().decode("utf-8-sig").splitlines()))


def as_file(by: str, told: dict[str, Any]) -> list[list[str]]:
    """Return the cells of a report as it is on the screen."""
    columns = [name for name in told["rows"][0] if name not in ("sid", "name")]

    def texts(row: dict[str, Any]) -> list[str]:
        return ["" if row.get(name) is None else str(row[name]) for name in columns]

    return [[by, *columns], ["All", *texts(told["totals"])], *([row["name"], *texts(row)] for row in told["rows"])]


def facts() -> list[Any]:
    """Return all that reports count, but for the keys of the rows."""
    return [
        sorted(str({name: value for name, value in row.items() if name != "id"}) for row in model.objects.values())
        for model in (TaskLeg, Offer, ActivityStay)
    ]


def seconds(begin: datetime, end: datetime) -> int:
    return round((end - begin).total_seconds())


def mean(values: list[int]) -> float | None:
    return round(sum(values) / len(values), 1) if values else None


def percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
