"""
How fast a sender may send: the generic cell rate algorithm, its state in the database for all workers.

A sender may send one second's worth at once, and then at its rate. What would have to wait long goes back to the
outbox instead of holding a worker. A process takes its cells for ``AHEAD_SECONDS`` in one go, so that a quick sender's
messages do not queue up for one row; cells that it does not use in time are lost.
"""

from __future__ import annotations

import math
import threading
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from channels_app.delivery.jobs import Job, at
from channels_app.models import SenderPace
from common import bulk

# Longer than this a message does not wait in a worker's memory.
HELD_SECONDS = 1.0
AHEAD_SECONDS = 0.1

_lock = threading.Lock()
_cells: dict[UUID, deque[datetime]] = {}


def admit(jobs: Sequence[Job], *, now: datetime) -> tuple[list[Job], list[tuple[Job, datetime]]]:
    """
    Give each job its moment. Returns those to be sent now or at once after, and those to come back later, with their
    time.
    """
    wanted = Counter(key for job in jobs for key in job.connection_ids)
    rates = {
        recipient.sender.connection_id: recipient.sender.rate_per_second
        for job in jobs
        for recipient in job.recipients
        if recipient.sender is not None
    }
    full = _fill({key: (count, rates[key]) for key, count in wanted.items()}, now)
    admitted: list[Job] = []
    late: list[tuple[Job, datetime]] = []
    for job in jobs:
        # A message to several outside participants is sent in one go: the slowest of its senders decides.
        moment = _take(job.connection_ids, now)
        if moment is None:
            late.append((job, max(full.get(key, now) for key in job.connection_ids)))
        else:
            admitted.append(at(job, moment))
    return admitted, _spread(late, rates)


def forget(connection_id: UUID | None = None) -> None:
    """Give up the cells of a sender, or of all: it has been told to pause, or another test begins."""
    with _lock:
        if connection_id is None:
            _cells.clear()
        else:
            _cells.pop(connection_id, None)


def _take(keys: Sequence[UUID], now: datetime) -> datetime | None:
    """Use a cell of each sender, or of none."""
    with _lock:
        if not all(_cells.get(key) for key in keys):
            return None
        return max([now, *(_cells[key].popleft() for key in keys)])


def _fill(wanted: Mapping[UUID, tuple[int, float]], now: datetime) -> dict[UUID, datetime]:
    """Have enough cells of each sender, as far as it may send soon; returns when the others may send again."""
    lacking: dict[UUID, tuple[int, float]] = {}
    with _lock:
        for key, (count, rate) in wanted.items():
            cells = _cells.setdefault(key, deque())
            while cells and cells[0] < now - timedelta(seconds=HELD_SECONDS):
                cells.popleft()
            if len(cells) < count:
                lacking[key] = (count - len(cells), rate)
    if not lacking:
        return {}
    full: dict[UUID, datetime] = {}
    taken: dict[UUID, tuple[datetime]] = {}
    with transaction.atomic(savepoint=False):
        for key, next_at in _locked(lacking, now).items():
            count, rate = lacking[key]
            step, start = timedelta(seconds=1 / rate), max(next_at, now)
            # One second's worth may go at once: that many cells ahead of the clock count as now.
            burst = timedelta(seconds=(max(1.0, rate) - 1) / rate)
            allowed = max(0, math.floor((now + timedelta(seconds=HELD_SECONDS) + burst - start) / step) + 1)
            number = min(max(count, math.ceil(rate * AHEAD_SECONDS)), allowed)
            moments = [max(now, start + step * place - burst) for place in range(number)]
            if number < count:
                full[key] = max(now, start + step * number - burst)
            if moments:
                taken[key] = (start + step * number,)
                with _lock:
                    _cells.setdefault(key, deque()).extend(moments)
        bulk.update_many(SenderPace, ("next_at",), taken)
    return full


def _spread(late: Sequence[tuple[Job, datetime]], rates: Mapping[UUID, float]) -> list[tuple[Job, datetime]]:
    """Let the jobs of one sender come back one after the other, not all at the first free moment."""
    counts: dict[UUID, int] = {}
    spread = []
    for job, moment in late:
        key = min(job.connection_ids, key=lambda connection_id: rates[connection_id])
        counts[key] = counts.get(key, 0) + 1
        spread.append((job, moment + timedelta(seconds=(counts[key] - 1) / rates[key])))
    return spread


def _locked(keys: Mapping[UUID, object], now: datetime) -> dict[UUID, datetime]:
    lock = bulk.lock_clause(SenderPace, skip_locked=False)
    tail = f"ORDER BY connection_id {lock}"
    names = ("connection_id", "next_at")
    found = dict(bulk.select_values(SenderPace, names, "{connection_id} IN %s", (list(keys),), tail=tail))
    if len(found) < len(keys):
        missing = [bulk.new(SenderPace, connection_id=key, next_at=now) for key in sorted(keys.keys() - found.keys())]
        bulk.insert_many(missing, passing_over=True)
        found = dict(bulk.select_values(SenderPace, names, "{connection_id} IN %s", (list(keys),), tail=tail))
    return found
