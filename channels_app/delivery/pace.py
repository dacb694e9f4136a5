"""
How fast a sender may send: the generic cell rate algorithm, its state in the database for all workers.

A sender may send one second's worth at once, and then at its rate. What would have to wait long goes back to the
outbox instead of holding a worker.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from channels_app.delivery.jobs import Job, at
from channels_app.models import SenderPace
from common import bulk

# Longer than this a message does not wait in a worker's memory.
HELD_SECONDS = 1.0


def admit(jobs: Sequence[Job], *, now: datetime) -> tuple[list[Job], list[tuple[Job, datetime]]]:
    """
    Give each job its moment; call it inside a transaction. Returns those to be sent now or at once after, and
    those to come back later, with their time.
    """
    rates = {
        recipient.sender.connection_id: recipient.sender.rate_per_second
        for job in jobs
        for recipient in job.recipients
        if recipient.sender is not None
    }
    paces = _locked(rates, now)
    before = dict(paces)
    admitted: list[Job] = []
    late: list[tuple[Job, datetime]] = []
    for job in jobs:
        # A message to several outside participants is sent in one go: the slowest of its senders decides.
        moments = [_moment(paces[key], rates[key], now) for key in job.connection_ids]
        moment = max(moments, default=now)
        if moment > now + timedelta(seconds=HELD_SECONDS):
            late.append((job, moment))
            continue
        for key in job.connection_ids:
            paces[key] = max(paces[key], now) + timedelta(seconds=1 / rates[key])
        admitted.append(at(job, moment))
    bulk.update_many(SenderPace, ("next_at",), {key: (value,) for key, value in paces.items() if value != before[key]})
    return admitted, _spread(late, rates)


def _moment(next_at: datetime, rate: float, now: datetime) -> datetime:
    """One second's worth may go at once: that many cells ahead of the clock count as now."""
    burst = timedelta(seconds=(max(1.0, rate) - 1) / rate)
    return max(now, next_at - burst)


def _spread(late: Sequence[tuple[Job, datetime]], rates: Mapping[UUID, float]) -> list[tuple[Job, datetime]]:
    """Let the jobs of one sender come back one after the other, not all at the first free moment."""
    counts: dict[UUID, int] = {}
    spread = []
    for job, moment in late:
        key = min(job.connection_ids, key=lambda connection_id: rates[connection_id])
        counts[key] = counts.get(key, 0) + 1
        spread.append((job, moment + timedelta(seconds=(counts[key] - 1) / rates[key])))
    return spread


def _locked(rates: Mapping[UUID, float], now: datetime) -> dict[UUID, datetime]:
    SenderPace.objects.bulk_create(
        [SenderPace(connection_id=key, next_at=now) for key in sorted(rates)], ignore_conflicts=True
    )
    rows = SenderPace.objects.filter(connection_id__in=rates).order_by("connection_id").select_for_update()
    return {row.connection_id: row.next_at for row in rows}
