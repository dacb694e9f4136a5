"""
The durable to-do list between the parts of Flowdesk, and the doorbells that speed it up.

Writing an entry is part of the transaction that caused it; handling it deletes it in the transaction that holds
its effects. So a crash at any point leaves either the entry or its effects, never both and never neither.
A doorbell (a Celery task that names a topic) only says where to look. Doorbells may be lost, doubled or late:
``sweep`` rings once a second for every topic that has something due.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from common import bulk, clock
from common.models import OutboxEntry

logger = logging.getLogger(__name__)

Drain = Callable[[datetime], int]

# Growing pauses between tries, in seconds; after the last one the entry is parked where an admin sees it.
RETRY_PAUSES = (1, 5, 15, 60, 300, 900, 3600)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry to be written. ``due_at`` None means now; ``name`` makes it replaceable and cancellable."""

    topic: str
    key: UUID
    payload: dict[str, Any]
    due_at: datetime | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of entry: the Celery queue its doorbells go to, and the function that handles what is due."""

    name: str
    queue: str
    drain: Drain


_topics: dict[str, Topic] = {}


def topic(name: str, *, queue: str, drain: Drain) -> None:
    """
    Register a topic. ``drain(now)`` claims some of what is due, handles it, and returns how many entries it handled.

    It is called again until it answers 0; it must be safe to run in several processes at once.
    """
    _topics[name] = Topic(name, queue, drain)


def topics() -> tuple[Topic, ...]:
    """Return every registered topic."""
    return tuple(_topics.values())


def put(*entries: Entry) -> None:
    """Write entries inside the caller's transaction, and ring their topics after it commits."""
    if not entries:
        return
    now = clock.now()
    rows = [
        OutboxEntry(
            topic=entry.topic,
            key=entry.key,
            name=entry.name or None,
            payload=entry.payload,
            due_at=entry.due_at or now,
            created_at=now,
        )
        for entry in entries
    ]
    # Unnamed entries meet no rule: NULL is unlike NULL.
    bulk.insert_many(
        rows,
        replace=(
            "topic, key, name",
            ("payload", "due_at", "leased_until", "attempts", "last_error", "parked_at", "created_at"),
        ),
    )
    ring_after_commit({row.topic for row in rows if row.due_at <= now})


def cancel(*, topic: str, key: UUID, name: str) -> None:
    """Remove a named entry, if it is still there."""
    OutboxEntry.objects.filter(topic=topic, key=key, name=name).delete()


def cancel_many(*, topic: str, names: Iterable[tuple[UUID, str]]) -> None:
    """Remove named entries, given as (key, name); names are unique across keys."""
    names = list(names)
    if names:
        keys = {key for key, _ in names}
        bulk.delete(
            OutboxEntry,
            "{topic} = %s AND {key} IN %s AND {name} IN %s",
            (topic, keys, [name for _, name in names]),
        )


def claim(
    *,
    topic: str,
    now: datetime,
    limit: int,
    lock: Callable[[list[UUID]], Iterable[UUID]] | None = None,
) -> list[OutboxEntry]:
    """
    Take what is due for up to ``limit`` keys, alone; call it inside a transaction.

    ``lock`` takes row locks for the keys without waiting (SKIP LOCKED) and returns the keys it got; whoever
    handles a key must use the same one. Without it the key's own entries are locked, all of them, future ones
    included: a worker that cannot have all of them has none. Returned in order: per key by ``due_at``, then ``id``.
    """
    found = bulk.select_values(
        OutboxEntry,
        ("key",),
        "{topic} = %s AND {due_at} <= %s AND {parked_at} IS NULL",
        (topic, now),
        tail=f"ORDER BY due_at, id LIMIT {limit * 2}",
    )
    keys = list(dict.fromkeys(key for (key,) in found))[:limit]
    if not keys:
        return []
    locked = set((lock or (lambda wanted: _lock_entries(topic, wanted)))(keys))
    return due_entries(topic=topic, keys=locked, now=now) if locked else []


def due_entries(*, topic: str, keys: Iterable[UUID], now: datetime) -> list[OutboxEntry]:
    """Return what is due for keys that the caller has locked."""
    return bulk.select(
        OutboxEntry,
        "{topic} = %s AND {key} IN %s AND {due_at} <= %s AND {parked_at} IS NULL",
        (topic, list(keys), now),
        tail="ORDER BY due_at, id",
    )


def _lock_entries(topic: str, keys: list[UUID]) -> set[UUID]:
    entries = OutboxEntry.objects.filter(topic=topic, key__in=keys)
    mine = set(entries.select_for_update(skip_locked=True).values_list("id", flat=True))
    blocked: set[UUID] = set()
    for entry_id, key in entries.values_list("id", "key"):
        if entry_id not in mine:
            blocked.add(key)
    return set(keys) - blocked


def lease(*, topic: str, now: datetime, limit: int, seconds: int) -> list[OutboxEntry]:
    """
    Take the first due entry of up to ``limit`` keys for work outside a transaction, such as calling a provider.

    Nobody else gets an entry of that key until it is ``done``, ``retry`` or ``seconds`` have passed (the worker died).
    The order per key is kept: while its first entry waits for a retry, the later ones wait behind it.
    """
    waiting = OutboxEntry.objects.filter(topic=topic, parked_at=None)
    earlier = waiting.filter(key=OuterRef("key"), id__lt=OuterRef("id"))
    free = waiting.filter(Q(leased_until=None) | Q(leased_until__lt=now), due_at__lte=now)
    # Only firsts are looked at: a thousand entries behind one that waits for a dead provider hide nobody's else.
    firsts = free.filter(~Exists(earlier)).order_by("due_at", "id")
    with transaction.atomic(savepoint=False):
        taken = list(firsts.select_for_update(skip_locked=True)[:limit])
        if taken:
            until = now + timedelta(seconds=seconds)
            OutboxEntry.objects.filter(id__in=[entry.id for entry in taken]).update(leased_until=until)
    return sorted(taken, key=lambda entry: entry.id)


def done(ids: Sequence[int]) -> None:
    """Delete handled entries; part of the transaction that holds their effects."""
    if ids:
        bulk.delete(OutboxEntry, "{id} IN %s", (ids,))


def postpone(moments: Mapping[int, datetime]) -> None:
    """Give leased entries back untried, each to be taken again at its own moment."""
    bulk.update_many(OutboxEntry, ("due_at", "leased_until"), {key: (moment, None) for key, moment in moments.items()})


def retry(entry: OutboxEntry, *, error: str, now: datetime, pause_seconds: float | None = None) -> bool:
    """
    Put an entry back for a later try, or park it after the last. Returns whether it will be tried again.

    ``pause_seconds`` overrides the growing pause, where the third party said when to come back.
    """
    attempts = entry.attempts + 1
    parked = attempts > len(RETRY_PAUSES)
    pause = RETRY_PAUSES[min(attempts, len(RETRY_PAUSES)) - 1] if pause_seconds is None else pause_seconds
    OutboxEntry.objects.filter(id=entry.id).update(
        attempts=attempts,
        last_error=error[:2000],
        leased_until=None,
        due_at=now + timedelta(seconds=pause),
        parked_at=now if parked else None,
    )
    return not parked


def park(entry: OutboxEntry, *, error: str, now: datetime) -> None:
    """Give an entry up for good; an admin sees it and may resume it."""
    OutboxEntry.objects.filter(id=entry.id).update(
        attempts=entry.attempts + 1, last_error=error[:2000], leased_until=None, parked_at=now
    )


def resume(entry_id: int, *, now: datetime) -> bool:
    """Un-park an entry so that it is tried again from the start. False where there is none."""
    with transaction.atomic():
        parked = OutboxEntry.objects.filter(id=entry_id).exclude(parked_at=None)
        name = parked.values_list("topic", flat=True).first()
        if name is None:
            return False
        parked.update(parked_at=None, attempts=0, due_at=now, leased_until=None)
        ring_after_commit({name})
    return True


def ring_after_commit(names: Iterable[str]) -> None:
    """Ring topics once the current transaction has committed."""
    for name in names:
        transaction.on_commit(lambda name=name: ring(name), robust=True)


def ring(name: str) -> None:
    """Send the doorbell of a topic. A failure is logged only: the sweep finds what no bell announced."""
    from common import tasks

    found = _topics.get(name)
    if found is None:
        logger.error("No topic is registered under %r", name)
        return
    try:
        tasks.drain_topic.apply_async(args=(name,), queue=found.queue, ignore_result=True)
    except Exception:
        logger.warning("The doorbell of %s could not be sent; the sweep will find the work", name, exc_info=True)


def is_due(name: str, now: datetime) -> bool:
    """
    Tell whether a topic has something to take, by a read that locks nothing.

    Most bells ring for work that somebody has done by then; on SQLite each look inside a transaction would queue up
    with the writers.
    """
    return bool(
        bulk.select_values(
            OutboxEntry,
            ("id",),
            "{topic} = %s AND {due_at} <= %s AND {parked_at} IS NULL"
            " AND ({leased_until} IS NULL OR {leased_until} < %s)",
            (name, now, now),
            tail="LIMIT 1",
        )
    )


def due_topics(now: datetime) -> list[str]:
    """Return the names of topics that have something to take."""
    return [found.name for found in topics() if is_due(found.name, now)]
