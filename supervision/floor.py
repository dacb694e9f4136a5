"""The agents and the conversations of the floor, a page at a time; the number of statements is fixed."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from accounts import queries as accounts
from common import ids
from common.clock import iso_or_none, to_iso
from conversations import queries as conversations
from interactions import queries as interactions
from reports import queries as reports
from routing import live
from routing import queries as routing
from supervision import queries
from supervision.agents import Wanted, skills_of, teams_of
from supervision.wallboard import judge

if TYPE_CHECKING:
    from conversations.models import Conversation
    from routing.models import Reservation, Task

SORTS = ("name", "activity", "since", "tasks", "handle_time")
MAX_PREVIEW = 160  # characters
MOST_FACETS = 200


def agents(
    account_id: UUID, *, wanted: Wanted, queue_id: UUID | None, sort: str, offset: int, limit: int, now: datetime
) -> dict[str, Any]:
    """Return how many agents fit, a page of them, and what can be filtered by."""
    workspace = routing.default_workspace(account_id)
    if workspace is None:
        return {"total": 0, "agents": [], "facets": {"teams": [], "skills": []}, "activities": []}
    activities = {row.id: row for row in routing.activities(workspace.id)}
    names = accounts.names_of_workers(account_id)
    everyone = live.agent_states(workspace.id, queue_id=queue_id)
    found = [
        each
        for each in everyone
        if wanted.takes(f"{each.name} {names.get(each.id, '')}", each.attributes, each.activity_id)
    ]
    found.sort(key=lambda each: _order(each, names.get(each.id) or each.name, sort, activities, now))
    page = found[offset : offset + limit]
    keys = [each.id for each in page]
    work = _work(live.held_reservations(worker_ids=keys), now)
    limits = reports.goals(account_id).of()
    seats: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for seat in live.seats(keys):
        seats[seat.worker_id].append(
            {
                "channel": seat.task_channel.unique_name,
                "name": seat.task_channel.friendly_name,
                "capacity": seat.configured_capacity,
                "assigned": seat.assigned_tasks,
                "available": seat.available,
            }
        )
    return {
        "now": to_iso(now),
        "total": len(found),
        "offset": offset,
        "agents": [
            {
                "sid": ids.sid("WK", each.id),
                "name": names.get(each.id) or each.name,
                "worker_name": each.name,
                "activity_sid": ids.sid("WA", each.activity_id),
                "activity": activities[each.activity_id].friendly_name,
                "available": activities[each.activity_id].available,
                "since": to_iso(each.since),
                "teams": teams_of(each.attributes),
                "skills": skills_of(each.attributes),
                "channels": seats.get(each.id, []),
                "handle_seconds": (seconds := _seconds(each.oldest_work, now)),
                "handle_state": judge("handle_time", seconds, limits),
                "tasks": work.get(each.id, []),
            }
            for each in page
        ],
        "facets": {
            "teams": _facet(team for each in everyone for team in teams_of(each.attributes)),
            "skills": _facet(skill for each in everyone for skill in skills_of(each.attributes)),
        },
        "activities": [
            {"sid": row.sid, "name": row.friendly_name, "available": row.available} for row in activities.values()
        ],
    }


def chats(
    account_id: UUID,
    *,
    statuses: Sequence[str],
    queue_id: UUID | None,
    worker_id: UUID | None,
    offset: int,
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """Return how many open tasks there are, and a page of them with their conversations, oldest first."""
    workspace = routing.default_workspace(account_id)
    if workspace is None:
        return {"total": 0, "offset": offset, "chats": []}
    total, tasks = live.open_tasks(
        workspace.id, statuses=statuses, queue_id=queue_id, worker_id=worker_id, offset=offset, limit=limit
    )
    threads = interactions.conversations_of_tasks(task.id for task in tasks)
    keys = set(threads.values())
    rows = conversations.conversations(keys)
    newest = conversations.last_messages(keys)
    helps = queries.help_in(keys)
    watching = queries.watchers(keys, now)
    names = accounts.names_of_workers(account_id)
    limits = reports.goals(account_id)
    holders: dict[UUID, list[Reservation]] = defaultdict(list)
    for reservation in live.held_reservations(task_ids=[task.id for task in tasks]):
        holders[reservation.task_id].append(reservation)
    told = []
    for task in tasks:
        thread = rows.get(threads.get(task.id, task.id))
        mine = next((each for each in holders[task.id] if each.status != "pending"), None)
        last = newest.get(thread.id) if thread else None
        handle = _seconds(mine.accepted_at, now) if mine else None
        wait = _seconds(task.created_at, now) if mine is None else None
        own = limits.of(queue=task.queue.sid if task.queue else "", channel=task.channel.unique_name)
        told.append(
            {
                **_task(task, now),
                "agent": None if mine is None else names.get(mine.worker_id) or mine.worker.friendly_name,
                "worker_sid": None if mine is None else ids.sid("WK", mine.worker_id),
                "wait_seconds": wait,
                "handle_seconds": handle,
                "state": judge("handle_time", handle, own) if mine else judge("longest_wait", wait, own),
                "conversation_sid": thread.sid if thread else None,
                "conversation_state": thread.state if thread else None,
                "channel_type": thread.channel_type if thread else task.channel.unique_name,
                "customer": customer_name(task, thread),
                "last_message": None
                if last is None
                else {"source": last.source, "body": last.body[:MAX_PREVIEW], "date_created": to_iso(last.created_at)},
                "needs_help": bool(thread and thread.id in helps),
                "watchers": [name for _, name in watching.get(thread.id, [])] if thread else [],
            }
        )
    return {"now": to_iso(now), "total": total, "offset": offset, "chats": told}


def _work(reservations: Sequence[Reservation], now: datetime) -> dict[UUID, list[dict[str, Any]]]:
    """Return what workers hold, each with the customer and the conversation."""
    threads = interactions.conversations_of_tasks(row.task_id for row in reservations)
    rows = conversations.conversations(set(threads.values()))
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for reservation in reservations:
        thread = rows.get(threads.get(reservation.task_id, reservation.task_id))
        found[reservation.worker_id].append(
            {
                **_task(reservation.task, now),
                "status": "offered" if reservation.status == "pending" else reservation.task.status,
                "conversation_sid": thread.sid if thread else None,
                "channel_type": thread.channel_type if thread else reservation.task.channel.unique_name,
                "customer": customer_name(reservation.task, thread),
                "accepted_at": iso_or_none(reservation.accepted_at),
            }
        )
    return found


def customer_name(task: Task | None, thread: Conversation | None) -> str:
    """Return the name that the agent sees too: the channel's, else what the flow asked for, else the address."""
    if thread is None:
        return ""
    said = json.loads(task.attributes or "{}") if task is not None else None
    named = (said.get("customerName") or said.get("name")) if isinstance(said, dict) else None
    return thread.customer_name or (named if isinstance(named, str) else "") or thread.customer_address


def _task(task: Task, now: datetime) -> dict[str, Any]:
    return {
        "task_sid": ids.sid("WT", task.id),
        "status": task.status,
        "priority": task.priority,
        "age": _seconds(task.created_at, now),
        "queue": None if task.queue is None else {"sid": task.queue.sid, "name": task.queue.friendly_name},
        "channel": task.channel.unique_name,
    }


def _order(
    each: live.AgentState, name: str, sort: str, activities: Mapping[UUID, Any], now: datetime
) -> tuple[Any, ...]:
    name = name.casefold()
    match sort:
        case "activity":
            row = activities[each.activity_id]
            return not row.available, row.friendly_name.casefold(), name
        case "since":
            return each.since, name
        case "tasks":
            return -each.open_count, name
        case "handle_time":
            return each.oldest_work is None, each.oldest_work or now, name
        case _:
            return (name,)


def _facet(values: Any) -> list[dict[str, Any]]:
    counted = sorted(Counter(values).items(), key=lambda one: (one[0].casefold(), one[0]))
    return [{"name": name, "agents": number} for name, number in counted[:MOST_FACETS]]


def _seconds(since: datetime | None, now: datetime) -> int | None:
    return None if since is None else max(0, int((now - since).total_seconds()))
