"""What-if: a recorded period replayed against the workflow as it is and as it would be."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from statistics import median
from typing import Any
from uuid import UUID

from common import ids
from common.clock import to_iso
from common.errors import BadParameter
from routing import calendars
from routing.matching.figures import figures
from routing.matching.matching import Channel
from routing.matching.recorded import (
    ACCEPTED,
    REJECTED,
    TIMED_OUT,
    Agent,
    Answer,
    Arrival,
    Change,
    Fate,
    Occupation,
    Period,
    Queue,
)
from routing.matching.replay import replay
from routing.models import (
    Activity,
    Calendar,
    RoutingEvent,
    Task,
    TaskChannel,
    TaskQueue,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)
from routing.services import standing
from routing.services.queues import check_configuration

MOST_TASKS = 5_000
MOST_DAYS = 31
MOST_OTHERS = 20_000  # events of other workflows' work
CLOSING = {
    "reservation.accepted": ACCEPTED,
    "reservation.rejected": REJECTED,
    "reservation.timeout": TIMED_OUT,
    "reservation.canceled": None,
    "reservation.rescinded": None,
}
LOOK_BACK = timedelta(hours=24)  # an assigned task lives no longer
CHUNK = 500
RULES = frozenset(
    {
        standing.TTL_REASON,
        standing.ROUNDS_REASON,
        standing.TIMEOUT_REASON,
        standing.SKIPPED_REASON,
        standing.UNMATCHED_REASON,
    }
)  # cancellations that follow from the workflow: the replay decides itself
ENDS = frozenset({"task.completed", "task.canceled", "task.deleted", "task.system-deleted", "reservation.completed"})
NOTES = (
    "Workers are available exactly when they were recorded to be, with the capacities they have now.",
    "Who was recorded to be offered a task answers as recorded; anybody else accepts after the usual time and works"
    " for as long as was recorded for the task, or for the usual time.",
    "Task attributes are those at the creation; later changes of tasks by the API are not replayed.",
    "Tasks of other workflows take up capacity as they were recorded to.",
    "Tasks that were created before the period are counted in none of the three, only as capacity taken.",
)


@dataclass(slots=True)
class Story:
    """What was recorded of one task; ``offers`` are by reservation, each with how it was closed, in order."""

    id: UUID
    created: RoutingEvent
    offers: dict[UUID, tuple[RoutingEvent, RoutingEvent | None]] = field(default_factory=dict)
    entered: list[RoutingEvent] = field(default_factory=list)  # queues
    is_by_workflow: bool = False  # not put into a queue or to a worker directly
    accepted: RoutingEvent | None = None
    ended: RoutingEvent | None = None


def what_if(
    *,
    workflow: Workflow,
    configuration: str,
    start: datetime,
    end: datetime,
    now: datetime,
    service_level_seconds: int = 20,
) -> dict[str, Any]:
    """
    Replay a workflow's recorded tasks of a period against it as it is and against another configuration.

    ``end`` may lie ahead: then the period ends now. Reads at most ``MOST_TASKS`` tasks; changes nothing.

    :raises BadParameter: the configuration cannot be used, the period is none or too long, or has too many tasks.
    """
    end = min(end, now)
    if start >= end:
        raise BadParameter("start must be before end, and in the past")
    if end - start > timedelta(days=MOST_DAYS):
        raise BadParameter(f"The period may have {MOST_DAYS} days")
    workspace = workflow.workspace
    changed = check_configuration(workspace.id, configuration)
    present = check_configuration(workspace.id, workflow.configuration)
    stories = _stories(workflow, start, end)
    _complete(stories, now)
    stories = [story for story in stories if story.is_by_workflow]
    period = _period(workspace, workflow, stories, start, end, now)
    workers = {agent.id: agent.name for agent in period.agents}
    for story in stories:
        if story.accepted is not None and story.accepted.worker_id is not None:
            sid = ids.sid("WK", story.accepted.worker_id)
            workers.setdefault(sid, str(story.accepted.data.get("worker_name", sid)))
    told = {
        "recorded": tuple(_fate(story, end) for story in stories),
        "present": replay(period, present),
        "changed": replay(period, changed),
    }
    queues = {queue.id: queue.name for queue in period.queues}
    return {
        "workflow_sid": workflow.sid,
        "start": to_iso(start),
        "end": to_iso(end),
        **{
            name: figures(
                fates,
                start=start,
                end=end,
                service_level_seconds=service_level_seconds,
                queues=queues,
                workers=workers,
                changes=period.changes,
            )
            for name, fates in told.items()
        },
        "notes": _notes(period, stories, workers),
    }


def _stories(workflow: Workflow, start: datetime, end: datetime) -> list[Story]:
    made = RoutingEvent.objects.filter(
        workspace_id=workflow.workspace_id,
        event_type="task.created",
        occurred_at__gte=start,
        occurred_at__lte=end,
        workflow_id=workflow.id,
    )
    found = list(made.order_by("id")[: MOST_TASKS + 1])
    if len(found) > MOST_TASKS:
        raise BadParameter(f"The period has more than {MOST_TASKS} tasks of this workflow: choose a shorter one")
    return [Story(row.task_id, row) for row in found if row.task_id is not None]


def _complete(stories: Sequence[Story], now: datetime) -> None:
    """Read what happened to the tasks, up to now."""
    by_task = {story.id: story for story in stories}
    keys = iter(by_task)
    while chunk := list(islice(keys, CHUNK)):
        for row in RoutingEvent.objects.filter(task_id__in=chunk, occurred_at__lte=now).order_by("id"):
            if row.task_id is not None:
                _hear(by_task[row.task_id], row)


def _hear(story: Story, row: RoutingEvent) -> None:
    kind, reservation = row.event_type, row.reservation_id
    if kind == "reservation.created" and reservation is not None:
        story.offers[reservation] = (row, None)
    elif kind == "workflow.entered":
        story.is_by_workflow = True
    elif kind == "task-queue.entered":
        story.entered.append(row)
    elif kind in CLOSING:
        offer, closed = story.offers.get(reservation, (None, None)) if reservation is not None else (None, None)
        if offer is not None and reservation is not None and closed is None:
            story.offers[reservation] = (offer, row)
        if kind == "reservation.accepted":
            story.accepted = row
    elif kind in ENDS and story.ended is None:
        story.ended = row


def _answers(story: Story, usual_seconds: float, now: datetime) -> dict[str, tuple[Answer, ...]]:
    """Return what each worker said to its offers of a task, in order."""
    found: dict[str, list[Answer]] = defaultdict(list)
    for offer, closed in story.offers.values():
        if offer.worker_id is None:
            continue
        seconds = _seconds(offer.occurred_at, closed.occurred_at if closed else now)
        kind = CLOSING.get(closed.event_type) if closed else None
        # Nothing was said before it was taken back, or yet: had it been left to the worker, it would have come later.
        answer = Answer(kind, seconds) if kind else Answer(ACCEPTED, max(usual_seconds, seconds + 1))
        found[ids.sid("WK", offer.worker_id)].append(answer)
    return {worker: tuple(said) for worker, said in found.items()}


def _period(
    workspace: Workspace, workflow: Workflow, stories: Sequence[Story], start: datetime, end: datetime, now: datetime
) -> Period:
    rows = list(Worker.objects.filter(workspace=workspace).select_related("activity").order_by("id"))
    channels = {row.id: row for row in TaskChannel.objects.filter(workspace=workspace)}
    names = {key: row.unique_name for key, row in channels.items()}
    handling = [_seconds(s.accepted.occurred_at, s.ended.occurred_at) for s in stories if s.accepted and s.ended]
    answering = [
        _seconds(offer.occurred_at, closed.occurred_at)
        for story in stories
        for offer, closed in story.offers.values()
        if closed is not None and CLOSING[closed.event_type] == ACCEPTED
    ]
    usual = median(answering) if answering else 5
    usual_handling = median(handling) if handling else 300
    timeouts = dict(Task.objects.filter(id__in=[s.id for s in stories]).values_list("id", "timeout_seconds"))
    hours = {row.name: calendars.hours_of(row) for row in Calendar.objects.filter(account_id=workspace.account_id)}
    occupations, last_work = _occupations(workspace, {story.id for story in stories}, names, start, end)
    return Period(
        start=start,
        end=end,
        arrivals=[
            _arrival(story, names, timeouts.get(story.id, 86_400), _answers(story, usual, now), usual_handling, now)
            for story in stories
        ],
        agents=_agents(rows, last_work),
        changes=list(_changes(workspace, rows, start, end)),
        queues=[
            Queue(row.sid, row.friendly_name, row.target_workers, row.task_order, row.max_reserved_workers)
            for row in TaskQueue.objects.filter(workspace=workspace).order_by("friendly_name")
        ],
        occupations=occupations,
        calendars=hours,
        reservation_seconds=workflow.task_reservation_timeout,
        answer_seconds=usual,
        handling_seconds=usual_handling,
        prioritize=workspace.prioritize_queue_order,
        takes_turns=workspace.channel_fairness == Workspace.Fairness.ROUND_ROBIN,
        optimized_channels=frozenset(row.unique_name for row in channels.values() if row.channel_optimized_routing),
    )


def _arrival(
    story: Story,
    channels: Mapping[UUID, str],
    timeout_seconds: int,
    answers: Mapping[str, tuple[Answer, ...]],
    usual_handling: float,
    now: datetime,
) -> Arrival:
    data = story.created.data
    handling = None
    if story.accepted is not None:
        handling = _seconds(story.accepted.occurred_at, story.ended.occurred_at if story.ended else now)
        if story.ended is None:
            handling = max(usual_handling, handling + 1)  # it goes on
    left = None
    if story.accepted is None and story.ended is not None and story.ended.event_type == "task.canceled":
        left = None if story.ended.data.get("task_canceled_reason") in RULES else story.ended.occurred_at
    return Arrival(
        id=story.id.hex,
        at=story.created.occurred_at,
        attributes=_object(data.get("task_attributes")),
        channel=channels.get(story.created.channel_id, "") if story.created.channel_id else "",
        priority=int(data.get("task_priority") or 0),
        timeout_seconds=timeout_seconds,
        answers=answers,
        handling_seconds=handling,
        left_at=left,
    )


def _agents(rows: Sequence[Worker], last_work: Mapping[UUID, datetime]) -> list[Agent]:
    seats: dict[UUID, dict[str, Channel]] = defaultdict(dict)
    found = WorkerChannel.objects.filter(worker__in=[row.id for row in rows]).select_related("task_channel")
    for seat in found:
        channel = Channel(seat.configured_capacity, 0, seat.available, None, seat.units)
        seats[seat.worker_id][seat.task_channel.unique_name] = channel
    return [
        Agent(row.sid, row.friendly_name, seats[row.id], last_work.get(row.id, row.created_at), row.capacity_units)
        for row in rows
    ]


def _changes(workspace: Workspace, rows: Sequence[Worker], start: datetime, end: datetime) -> Iterator[Change]:
    """Yield each worker's state at the start, and what changed in the period, in order."""
    activities = {row.sid: row for row in Activity.objects.filter(workspace=workspace)}
    kinds = ("worker.created", "worker.activity.update", "worker.attributes.update")
    heard: dict[UUID, list[RoutingEvent]] = defaultdict(list)
    for row in RoutingEvent.objects.filter(
        workspace=workspace, event_type__in=kinds, occurred_at__lte=end, worker_id__in=[row.id for row in rows]
    ).order_by("id"):
        if row.worker_id is not None:
            heard[row.worker_id].append(row)
    for worker in rows:
        mine = heard[worker.id]
        before = [row for row in mine if row.occurred_at <= start]
        after = mine[len(before) :]
        if before:
            yield _change(worker.sid, start, before[-1].data, activities)
        elif not after:
            # Nothing recorded: it was made before there were records, or is as it was.
            told = {"worker_activity_sid": ids.sid("WA", worker.activity_id), "worker_attributes": worker.attributes}
            yield _change(worker.sid, max(start, worker.created_at), told, activities)
        elif after[0].event_type == "worker.activity.update":
            told = {**after[0].data, "worker_activity_sid": after[0].data.get("worker_previous_activity_sid", "")}
            yield _change(worker.sid, start, told, activities)
        elif after[0].event_type == "worker.attributes.update":
            yield _change(worker.sid, start, after[0].data, activities)
        for row in after:
            yield _change(worker.sid, row.occurred_at, row.data, activities)


def _change(sid: str, at: datetime, data: Mapping[str, Any], activities: Mapping[str, Activity]) -> Change:
    activity_sid = str(data.get("worker_activity_sid", ""))
    activity = activities.get(activity_sid)
    return Change(
        worker=sid,
        at=at,
        available=activity is not None and activity.available,
        attributes=_object(data.get("worker_attributes")),
        activity_sid=activity_sid,
        activity_name=activity.friendly_name if activity is not None else "",
    )


def _occupations(
    workspace: Workspace, replayed: set[UUID], channels: Mapping[UUID, str], start: datetime, end: datetime
) -> tuple[list[Occupation], dict[UUID, datetime]]:
    """Return the work on tasks that are not replayed, and when each worker last began or ended any before the start."""
    rows = RoutingEvent.objects.filter(
        workspace=workspace,
        event_type__in=("reservation.accepted", *ENDS),
        occurred_at__gte=start - LOOK_BACK,
        occurred_at__lte=end,
    ).order_by("id")
    others = [row for row in rows[: MOST_OTHERS + MOST_TASKS * 3] if row.task_id not in replayed]
    if len(others) > MOST_OTHERS:
        raise BadParameter("The period has too much work on other tasks: choose a shorter one")
    begun: dict[UUID, RoutingEvent] = {}
    found: list[Occupation] = []
    last: dict[UUID, datetime] = {}

    def note(row: RoutingEvent, until: datetime | None) -> None:
        if row.worker_id is None or row.channel_id is None:
            return
        if row.occurred_at <= start:
            last[row.worker_id] = max(last.get(row.worker_id, row.occurred_at), row.occurred_at)
        if until is not None and until <= start:
            last[row.worker_id] = max(last[row.worker_id], until)
            return
        name = channels.get(row.channel_id, "")
        found.append(Occupation(ids.sid("WK", row.worker_id), name, row.occurred_at, until))

    for row in others:
        if row.task_id is None:
            continue
        if row.event_type == "reservation.accepted":
            begun[row.task_id] = row
        elif row.task_id in begun:
            note(begun.pop(row.task_id), row.occurred_at)
    for row in begun.values():
        note(row, None)
    return found, last


def _fate(story: Story, end: datetime) -> Fate:
    """Return what was recorded to have become of a task by the end of the period."""
    accepted = story.accepted if story.accepted is not None and story.accepted.occurred_at <= end else None
    ended = story.ended if story.ended is not None and story.ended.occurred_at <= end else None
    entered = [row for row in story.entered if row.occurred_at <= end]
    queue = next((row.queue_id for row in (accepted, *reversed(entered)) if row is not None and row.queue_id), None)
    return Fate(
        task=story.id.hex,
        created_at=story.created.occurred_at,
        queue=ids.sid("WQ", queue) if queue else None,
        worker=ids.sid("WK", accepted.worker_id) if accepted and accepted.worker_id else None,
        accepted_at=accepted.occurred_at if accepted else None,
        ended_at=ended.occurred_at if ended else None,
        is_canceled=ended is not None and accepted is None,
    )


def _notes(period: Period, stories: Iterable[Story], workers: Mapping[str, str]) -> list[str]:
    assumed = (
        f"The usual time to answer is {round(period.answer_seconds)} s, to work on a task"
        f" {round(period.handling_seconds)} s: the medians of this period."
    )
    told = [*NOTES, assumed]
    gone = len(workers) - len(period.agents)
    if gone:
        told.append(f"{gone} workers who worked in the period are deleted since; the replay does without them.")
    if any(story.ended is None for story in stories):
        told.append("Some of the tasks have not ended yet; how long they take is assumed.")
    return told


def _seconds(since: datetime, until: datetime) -> float:
    return max(0.0, (until - since).total_seconds())


def _object(text: object) -> dict[str, Any]:
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}
