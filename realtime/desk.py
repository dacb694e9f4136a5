"""
What a console shows of a worker: reservations with their tasks and conversations, and the worker's activity.

The number of statements does not depend on the number of reservations.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from channels_app import queries as channels
from common import clock, ids
from common.clock import to_iso
from conversations import queries as conversations
from interactions import queries as interactions
from routing import queries as routing

if TYPE_CHECKING:
    from conversations.models import Conversation, Message
    from conversations.queries import TalkTimes
    from routing.models import Reservation
    from routing.queries import WorkerInfo

# A worker's reservation that is still to be dealt with has one of these statuses.
OPEN = ("pending", "accepted", "wrapping")
MAX_PREVIEW = 500  # characters of a conversation's last message


def snapshot(worker_id: UUID, *, now: datetime) -> list[dict[str, Any]]:
    """Return R of every open reservation of a worker: pending, accepted and wrapping, oldest first."""
    return write_reservations(routing.open_reservations(worker_id), now=now)


def reservations(worker_id: UUID, reservation_ids: Sequence[UUID], *, now: datetime) -> list[dict[str, Any]]:
    """Return R of some of a worker's reservations, whatever became of them; those of others are left out."""
    return write_reservations(routing.reservations_of(worker_id, reservation_ids), now=now)


def read_reservations(reservation_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return R of reservations of any workers, as of now."""
    rows = routing.reservations(reservation_ids)
    return dict(zip([row.id for row in rows], write_reservations(rows, now=clock.now()), strict=True))


def write_reservations(rows: Sequence[Reservation], *, now: datetime) -> list[dict[str, Any]]:
    """Return R of reservations that were read with their task, channel and queue."""
    threads = interactions.conversations_of_tasks(row.task_id for row in rows)
    wanted = set(threads.values())
    found = conversations.conversations(wanted)
    newest = conversations.last_messages(wanted)
    offered = {threads[row.task_id] for row in rows if row.status == "pending" and row.task_id in threads}
    said = conversations.customers_last_words(offered) if offered else {}
    unread = conversations.unread({row.worker_id for row in rows}, wanted)
    times = conversations.talk_times(wanted)
    limits = channels.limits_of({row.connection_id for row in found.values() if row.connection_id})
    written = []
    for row in rows:
        thread = found.get(threads[row.task_id]) if row.task_id in threads else None
        told = None
        if thread is not None:
            told = {
                **_conversation(
                    thread, newest.get(thread.id), unread.get((row.worker_id, thread.id), 0), times.get(thread.id)
                ),
                "limits": _limits(limits.get(thread.connection_id) if thread.connection_id else None),
                "customer_said": said[thread.id][:MAX_PREVIEW] if thread.id in said else None,
            }
        written.append(_reservation(row, told, now))
    return written


def worker(row: WorkerInfo) -> dict[str, Any]:
    """Return a worker with their activity."""
    return {
        "sid": row.sid,
        "name": row.friendly_name,
        "activity_sid": ids.sid("WA", row.activity_id),
        "activity_since": to_iso(row.status_changed_at),
    }


def _reservation(row: Reservation, conversation: dict[str, Any] | None, now: datetime) -> dict[str, Any]:
    task = row.task
    return {
        "sid": ids.sid("WR", row.id),
        "status": row.status,
        "expires_at": to_iso(row.expires_at) if row.status == "pending" else None,
        "date_created": to_iso(row.created_at),
        "date_updated": to_iso(row.updated_at),
        "queue_name": row.queue.friendly_name if row.queue else "",
        "task": {
            "sid": ids.sid("WT", task.id),
            "status": task.status,
            "priority": task.priority,
            "age": max(0, int((now - task.created_at).total_seconds())),
            "attributes": _object(task.attributes),
            "channel": task.channel.unique_name,
        },
        "conversation": conversation,
    }


def _conversation(row: Conversation, last: Message | None, unread: int, times: TalkTimes | None) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "state": row.state,
        "channel_type": row.channel_type,
        "customer_name": row.customer_name,
        "customer_address": row.customer_address,
        "last_message": None
        if last is None
        else {
            "index": last.index,
            "author": last.author,
            "body": last.body[:MAX_PREVIEW],
            "source": last.source,
            "date_created": to_iso(last.created_at),
        },
        "unread": unread,
        "last_customer_at": to_iso(times.last_customer_at) if times and times.last_customer_at else None,
        "waiting_since": to_iso(times.waiting_since) if times and times.waiting_since else None,
    }


def _limits(of_channel: channels.Limits | None) -> dict[str, Any] | None:
    """Return what the channel takes of one message; None where only our own bounds hold."""
    return None if of_channel is None else {**asdict(of_channel), "strips": list(of_channel.strips)}


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text or "{}")
    return value if isinstance(value, dict) else {}
