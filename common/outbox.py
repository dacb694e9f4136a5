"""
The durable to-do list between the parts of Flowdesk, and the doorbells that speed it up.

Writing an entry is part of the transaction that caused it; handling it deletes it in the transaction that holds
its effects. So a crash at any point leaves either the entry or its effects, never both and never neither.
A doorbell (a Celery task that names a topic) only says where to look. Doorbells may be lost, doubled or late:
``sweep`` rings once a second for every topic that has something due.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

from common import bells, bulk, clock, metrics, statements
from common.models import OutboxEntry

logger = logging.getLogger(__name__)

M = TypeVar("M", bound=models.Model)

Drain = Callable[[datetime], int]

# How long a process has what it took; it renews that while it lives (``common.leases``).
LEASE_SECONDS = 20
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
class Taker:
    """
    How a process begins on entries that it has just written itself, without a bell and without reading them.

    ``take(entries)`` is called after the commit with entries that are leased to this process; ``room()`` says how many
    it would take now. What a taker does not finish before it dies is found when the lease has run out.
    """

    take: Callable[[list[OutboxEntry]], None]
    room: Callable[[], int]


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of entry: the Celery queue its doorbells go to, and the function that handles what is due."""

    name: str
    queue: str
    drain: Drain
    taker: Taker | None = None
    is_on_message_path: bool = False


_topics: dict[str, Topic] = {}
# The queues whose work is done in this process, and what wakes the one who does it: see ``serve``.
_served: frozenset[str] = frozenset()
_wake: Callable[[str], None] | None = None


def topic(name: str, *, queue: str, drain: Drain, taker: Taker | None = None, is_on_message_path: bool = False) -> None:
    """
    Register a topic. ``drain(now)`` claims some of what is due, handles it, and returns how many entries it handled.

    It is called again until it answers 0; it must be safe to run in several processes at once. Of those on the message
    path the worker's thread keeps a database connection of its own.
    """
    _topics[name] = Topic(name, queue, _measured(name, drain), taker, is_on_message_path)


def _measured(name: str, drain: Drain) -> Drain:
    """Have ``/metrics`` tell how large batches are and how long they take; looks that find nothing are none."""
    seconds, sizes = metrics.batches.labels(name), metrics.batch_sizes.labels(name)

    def measured(now: datetime) -> int:
        began = time.perf_counter()
        handled = drain(now)
        if handled:
            seconds.observe(time.perf_counter() - began)
            sizes.observe(handled)
        return handled

    return measured


def find_topic(name: str) -> Topic | None:
    """Return a registered topic."""
    return _topics.get(name)


def topics() -> tuple[Topic, ...]:
    """Return every registered topic."""
    return tuple(_topics.values())


def serve(queues: Iterable[str], wake: Callable[[str], None] | None) -> None:
    """
    Have this process do the work of these queues: its own bells for them call ``wake(topic)`` instead of the broker,
    and what it writes for a topic with a taker is taken at once.
    """
    global _served, _wake
    _served, _wake = frozenset(queues), wake


def put(*entries: Entry) -> None:
    """Write entries inside the caller's transaction, and have them handled after it commits."""
    if not entries:
        return
    now = clock.now()
    plain: list[OutboxEntry] = []
    named: list[OutboxEntry] = []
    at_once: dict[str, list[OutboxEntry]] = defaultdict(list)
    ringing: set[str] = set()
    for entry in entries:
        row = bulk.new(
            OutboxEntry,
            topic=entry.topic,
            key=entry.key,
            name=entry.name or None,
            payload=entry.payload,
            due_at=entry.due_at or now,
            created_at=now,
        )
        if entry.name:
            named.append(row)
        elif _may_take(entry.topic):
            at_once[entry.topic].append(row)
            continue
        else:
            plain.append(row)
        if row.due_at <= now:
            ringing.add(row.topic)
    # Unnamed entries meet no rule: NULL is unlike NULL.
    bulk.insert_many(plain)
    bulk.insert_many(named, replace=("topic, key, name", _REPLACED))
    for name, rows in at_once.items():
        _put_taken(name, rows, now)
    ring_after_commit(ringing)


_REPLACED = ("payload", "due_at", "leased_until", "attempts", "last_error", "parked_at", "created_at")
# An entry is taken at once only where none is before it.
_LEASE_OF_FIRST = (
    "leased_until",
    "CASE WHEN EXISTS (SELECT 1 FROM common_outboxentry AS o WHERE o.topic = {topic} AND o.key = {key}"
    " AND o.parked_at IS NULL) THEN NULL ELSE {leased_until} END",
)


def _may_take(name: str) -> bool:
    found = _topics.get(name)
    return found is not None and found.taker is not None and found.queue in _served and found.taker.room() > 0


def _put_taken(name: str, rows: list[OutboxEntry], now: datetime) -> None:
    """Write entries, the first of each key leased to this process where it is the first indeed."""
    seen: set[UUID] = set()
    for row in rows:
        if row.key not in seen and row.due_at <= now:
            row.leased_until = now + timedelta(seconds=LEASE_SECONDS)
        seen.add(row.key)
    drawn = bulk.insert_drawn(rows, "id, leased_until", computed=_LEASE_OF_FIRST)
    transaction.on_commit(lambda: _hand_over(name, rows, drawn), robust=True)


def _hand_over(name: str, rows: list[OutboxEntry], drawn: list[tuple[int, object]]) -> None:
    taken = []
    for row, (entry_id, leased) in zip(rows, drawn, strict=True):
        row.id = entry_id
        if leased is not None:
            taken.append(row)
    found = _topics[name]
    assert found.taker is not None
    try:
        if taken:
            found.taker.take(taken)
    except Exception:
        logger.exception("Entries of %s were not taken; they are found by the sweep", name)
        postpone({row.id: row.due_at for row in taken})
    if len(taken) < len(rows):
        # After: what waited for these may be free by now.
        ring(name)


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
    keys = due_keys(topic=topic, now=now, limit=limit, unlocked_only=lock is None)
    if not keys:
        return []
    locked = set((lock or (lambda wanted: _lock_entries(topic, wanted)))(keys))
    return due_entries(topic=topic, keys=locked, now=now) if locked else []


def lock_due(model: type[M], *, topic: str, now: datetime, limit: int) -> dict[UUID, M]:
    """
    Lock up to ``limit`` rows that the topic's keys name and that have something due, the longest waiting first.

    Those that somebody else holds are passed over in the same breath, so that a second worker finds the next ones
    where the first one holds the head of the queue.
    """
    rows = bulk.select(
        model,
        "true",
        (topic, now),
        join=(
            "JOIN (SELECT key AS due_key, due_at AS due_since, id AS due_entry FROM common_outboxentry"
            " WHERE topic = %s AND due_at <= %s AND parked_at IS NULL) AS due ON due_key = {.}.{id}"
        ),
        tail=f"ORDER BY due_since, due_entry LIMIT {limit} {bulk.lock_clause(model, skip_locked=True)}",
    )
    return {row.pk: row for row in rows}


def due_keys(*, topic: str, now: datetime, limit: int, unlocked_only: bool = False) -> list[UUID]:
    """
    Return up to ``limit`` keys that have something due, the longest waiting first.

    With ``unlocked_only`` what is found is locked, and what others have locked is passed over.
    """
    lock = bulk.lock_clause(OutboxEntry, skip_locked=True) if unlocked_only else ""
    # Some keys have several entries; what is locked and not handled would be withheld from the others.
    most = limit if unlocked_only else limit * 2
    found = bulk.select_values(
        OutboxEntry,
        ("key",),
        "{topic} = %s AND {due_at} <= %s AND {parked_at} IS NULL",
        (topic, now),
        tail=f"ORDER BY due_at, id LIMIT {most} {lock}",
    )
    return list(dict.fromkeys(key for (key,) in found))[:limit]


def due_entries(*, topic: str, keys: Iterable[UUID], now: datetime) -> list[OutboxEntry]:
    """Return what is due for keys that the caller has locked."""
    found: list[OutboxEntry] = bulk.ask(due_entries_of(topic=topic, keys=keys, now=now))[0]
    return found


def due_entries_of(*, topic: str, keys: Iterable[UUID], now: datetime) -> bulk.Question:
    """Ask for what is due for keys that the caller has locked."""
    return bulk.rows_of(
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


def lease(*, topic: str, now: datetime, limit: int, seconds: int = LEASE_SECONDS) -> list[OutboxEntry]:
    """
    Take the first due entry of up to ``limit`` keys for work outside a transaction, such as calling a provider.

    Nobody else gets an entry of that key until it is ``done``, ``retry`` or the lease has run out (the worker died).
    The order per key is kept: while its first entry waits for a retry, the later ones wait behind it.
    """
    with transaction.atomic(savepoint=False):
        # Only firsts are looked at: a thousand entries behind one that waits for a dead provider hide nobody's else.
        taken = bulk.select(
            OutboxEntry,
            "{topic} = %s AND {due_at} <= %s AND {parked_at} IS NULL"
            " AND ({leased_until} IS NULL OR {leased_until} < %s)"
            " AND NOT EXISTS (SELECT 1 FROM common_outboxentry AS o WHERE o.topic = common_outboxentry.topic"
            " AND o.key = common_outboxentry.key AND o.id < common_outboxentry.id AND o.parked_at IS NULL)",
            (topic, now, now, limit),
            tail=f"ORDER BY due_at, id LIMIT %s {bulk.lock_clause(OutboxEntry, skip_locked=True)}",
        )
        until = now + timedelta(seconds=seconds)
        bulk.update_many(OutboxEntry, ("leased_until",), {entry.id: (until,) for entry in taken})
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
    """Ring for a topic: in this process if it does that work, else by the broker. Returns at once."""
    found = _topics.get(name)
    if found is None:
        logger.error("No topic is registered under %r", name)
    elif not wake(name):
        bells.ring(name, queue=found.queue)


def wake(name: str) -> bool:
    """Wake whoever works on a topic in this process; False where nobody does."""
    found, wake_lane = _topics.get(name), _wake
    if found is None or wake_lane is None or found.queue not in _served:
        return False
    wake_lane(name)
    return True


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
    connection = connections[DEFAULT_DB_ALIAS]
    names = orjson.dumps([found.name for found in topics()]).decode()
    listed = "json_array_elements_text(%s::json)" if connection.vendor == "postgresql" else "json_each(%s)"
    moment = now if connection.vendor == "postgresql" else bulk.sqlite_time(now)
    # A look into the index for each topic, however much waits in it.
    statement = (
        f"SELECT t.value FROM {listed} AS t WHERE EXISTS (SELECT 1 FROM common_outboxentry AS o"  # noqa: S608
        " WHERE o.topic = t.value AND o.due_at <= %s AND o.parked_at IS NULL"
        " AND (o.leased_until IS NULL OR o.leased_until < %s))"
    )
    return [name for (name,) in statements.read(connection, statement, (names, moment, moment))]
