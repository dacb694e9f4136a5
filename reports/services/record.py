"""Keeping the facts of what has ended. Doing it twice changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from accounts import queries as accounts
from conversations import queries as conversations
from flows import queries as flows
from interactions import queries as interactions
from reports import stories
from reports.models import ActivityStay, Offer, TaskLeg
from routing import histories
from routing import queries as routing

MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class EndedTask:
    account_id: UUID
    task_id: UUID


@dataclass(frozen=True, slots=True)
class Stay:
    account_id: UUID
    worker_id: UUID
    activity_id: UUID
    began_at: datetime
    ended_at: datetime


def record_tasks(ended: Sequence[EndedTask]) -> None:
    """Keep what became of ended tasks; a fixed number of statements for all of them (and a few an account)."""
    by_task: dict[UUID, list[histories.TaskEvent]] = defaultdict(list)
    for event in histories.events_of_tasks(task.task_id for task in ended):
        by_task[event.task_id].append(event)
    about = _About([task for task in ended if task.task_id in by_task], by_task)
    legs: list[TaskLeg] = []
    offers: list[Offer] = []
    for task in ended:
        events = by_task.get(task.task_id, [])
        story = stories.tell(
            stories.Happening(each.type, each.at, each.queue_id, each.worker_id, each.reservation_id) for each in events
        )
        if story is None or story.ended_at is None:
            continue
        legs += about.legs(task, story)
        offers += about.offers(task, story)
    TaskLeg.objects.bulk_create(legs, ignore_conflicts=True)
    Offer.objects.bulk_create(offers, ignore_conflicts=True)


def record_stays(stays: Iterable[Stay]) -> None:
    """Keep how long workers were in activities they have left."""
    ActivityStay.objects.bulk_create(
        (
            ActivityStay(
                account_id=stay.account_id,
                worker_id=stay.worker_id,
                activity_id=stay.activity_id,
                began_at=stay.began_at,
                ended_at=stay.ended_at,
            )
            for stay in stays
        ),
        ignore_conflicts=True,
    )


class _About:
    """What facts say of a task besides its story: the conversation, the flow, the names."""

    def __init__(self, ended: Sequence[EndedTask], events: dict[UUID, list[histories.TaskEvent]]) -> None:
        tasks = [task.task_id for task in ended]
        self.threads = interactions.conversations_of_tasks(tasks)
        self.came, self.went = interactions.transfers_of_tasks(tasks)
        self.outcomes = interactions.outcomes(tasks)
        self.rows = conversations.conversations(set(self.threads.values()))
        self.flows = flows.flows_run(self.rows)
        self.channels = {
            task: next((each.channel_id for each in mine if each.channel_id), None) for task, mine in events.items()
        }
        self.queue_names: dict[UUID, str] = {}
        self.worker_names: dict[UUID, str] = {}
        self.flow_names: dict[UUID, str] = {}
        self.channel_names: dict[UUID, str] = {}
        for account_id in {task.account_id for task in ended}:
            self.queue_names.update(histories.names_of_queues(account_id))
            workers = {each.worker_id for mine in events.values() for each in mine if each.worker_id}
            self.worker_names.update(histories.names_of_workers(account_id, workers))
            self.worker_names.update(accounts.names_of_workers(account_id, workers))
            self.flow_names.update(flows.flow_names(account_id))
            self.channel_names.update({row.id: row.unique_name for row in routing.task_channels(account_id)})

    def channel(self, task_id: UUID) -> str:
        """Return how the customer was reached; for a task without a conversation, its task channel."""
        row = self.rows.get(self.threads.get(task_id, task_id))
        if row is not None:
            return row.channel_type
        key = self.channels.get(task_id)
        return self.channel_names.get(key, "default") if key else "default"

    def flow_of(self, task_id: UUID, moment: datetime) -> UUID | None:
        """Return the flow that had begun last in the task's conversation when the task was made."""
        begun = self.flows.get(self.threads.get(task_id, task_id), [])
        return next((flow_id for at, flow_id in reversed(begun) if at <= moment), None)

    def legs(self, task: EndedTask, story: stories.Story) -> list[TaskLeg]:
        flow_id = self.flow_of(task.task_id, story.created_at)
        assert story.ended_at is not None
        found = []
        for number, leg in enumerate(story.legs):
            left_at = leg.left_at or story.ended_at
            talk_until = leg.wrapping_at or story.ended_at
            is_accepted = leg.result == "accepted"
            is_last = number == len(story.legs) - 1
            found.append(
                TaskLeg(
                    account_id=task.account_id,
                    task_id=task.task_id,
                    number=number,
                    created_at=story.created_at,
                    entered_at=leg.entered_at,
                    ended_at=story.ended_at,
                    conversation_id=self.threads.get(task.task_id),
                    channel=self.channel(task.task_id),
                    queue_id=leg.queue_id,
                    queue_name=self.queue_names.get(leg.queue_id, "") if leg.queue_id else "",
                    worker_id=leg.worker_id,
                    worker_name=self.worker_names.get(leg.worker_id, "") if leg.worker_id else "",
                    flow_id=flow_id,
                    flow_name=self.flow_names.get(flow_id, "")[:120] if flow_id else "",
                    result=leg.result,
                    wait_ms=_between(leg.entered_at, left_at),
                    age_ms=_between(story.created_at, left_at),
                    talk_ms=_between(left_at, talk_until) if is_accepted else 0,
                    wrap_ms=_between(talk_until, story.ended_at) if is_accepted else 0,
                    is_last=is_last,
                    is_transfer=task.task_id in self.came,
                    was_transferred=is_accepted and is_last and task.task_id in self.went,
                    outcome=self.outcomes.get(task.task_id, ""),
                )
            )
        return found

    def offers(self, task: EndedTask, story: stories.Story) -> list[Offer]:
        assert story.ended_at is not None
        return [
            Offer(
                account_id=task.account_id,
                ended_at=story.ended_at,
                reservation_id=offer.reservation_id,
                task_id=task.task_id,
                worker_id=offer.worker_id,
                queue_id=offer.queue_id,
                channel=self.channel(task.task_id),
                result=offer.result,
                answer_ms=_between(offer.offered_at, offer.answered_at or story.ended_at),
            )
            for offer in story.offers.values()
        ]


def _between(begin: datetime, end: datetime) -> int:
    return max(0, (end - begin) // MILLISECOND)
