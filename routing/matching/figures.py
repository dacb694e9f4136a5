"""The figures of a replayed or recorded period: waits, service level, load of each queue and worker. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from routing.matching.recorded import Change, Fate

Span = tuple[datetime, datetime]


def figures(
    fates: Sequence[Fate],
    *,
    start: datetime,
    end: datetime,
    service_level_seconds: int,
    queues: Mapping[str, str],
    workers: Mapping[str, str],
    changes: Iterable[Change],
) -> dict[str, Any]:
    """
    Return the figures of a period (docs/contracts.md, ``routing/what-if``).

    ``queues`` and ``workers`` are names by SID. The service level is the part of the accepted and canceled tasks that
    was accepted in time. A worker is busy while it has at least one task, in percent of the time it was available.
    """
    accepted = [fate for fate in fates if fate.accepted_at is not None]
    canceled = [fate for fate in fates if fate.accepted_at is None and fate.is_canceled]
    waits = sorted(_wait(fate) for fate in accepted)
    in_time = sum(wait <= service_level_seconds for wait in waits)
    ended = len(accepted) + len(canceled)
    return {
        "tasks": len(fates),
        "accepted": len(accepted),
        "canceled": len(canceled),
        "unserved": len(fates) - ended,
        "wait": {
            "avg": _mean(waits),
            "p50": _percentile(waits, 50),
            "p90": _percentile(waits, 90),
            "max": round(waits[-1], 1) if waits else None,
        },
        "service_level": {
            "seconds": service_level_seconds,
            "percent": round(100 * in_time / ended, 1) if ended else None,
        },
        "by_queue": _by_queue(fates, queues),
        "by_worker": _by_worker(accepted, workers, changes, start, end),
    }


def _by_queue(fates: Sequence[Fate], names: Mapping[str, str]) -> list[dict[str, Any]]:
    found: dict[str, list[Fate]] = defaultdict(list)
    for fate in fates:
        if fate.queue is not None:
            found[fate.queue].append(fate)
    told = []
    for sid, mine in found.items():
        waits = [_wait(fate) for fate in mine if fate.accepted_at is not None]
        name = names.get(sid, sid)
        told.append({"sid": sid, "name": name, "tasks": len(mine), "accepted": len(waits), "wait_avg": _mean(waits)})
    return sorted(told, key=lambda one: (str(one["name"]), str(one["sid"])))


def _by_worker(
    accepted: Sequence[Fate], names: Mapping[str, str], changes: Iterable[Change], start: datetime, end: datetime
) -> list[dict[str, Any]]:
    work: dict[str, list[Span]] = defaultdict(list)
    for fate in accepted:
        assert fate.accepted_at is not None
        work[str(fate.worker)].append((max(start, fate.accepted_at), min(end, fate.ended_at or end)))
    available = _available(changes, start, end)
    told = []
    for sid in sorted({*names, *work}, key=lambda sid: (names.get(sid, sid).lower(), sid)):
        seconds = available.get(sid, 0.0)
        percent = min(100.0, 100 * _covered(work[sid]) / seconds) if seconds else None
        told.append(
            {
                "sid": sid,
                "name": names.get(sid, sid),
                "tasks": len(work[sid]),
                "busy_percent": None if percent is None else round(percent, 1),
            }
        )
    return told


def _available(changes: Iterable[Change], start: datetime, end: datetime) -> dict[str, float]:
    """Return each worker's available seconds in the period."""
    by_worker: dict[str, list[Change]] = defaultdict(list)
    for change in sorted(changes, key=lambda each: each.at):
        by_worker[change.worker].append(change)
    found = {}
    for worker, states in by_worker.items():
        following = [state.at for state in states[1:]] + [end]
        spans = ((max(start, state.at), min(end, until)) for state, until in zip(states, following, strict=True))
        found[worker] = sum(
            max(0.0, (until - since).total_seconds())
            for (since, until), state in zip(spans, states, strict=True)
            if state.available
        )
    return found


def _covered(spans: Iterable[Span]) -> float:
    """Return the seconds in which at least one span lies."""
    total, reached = 0.0, None
    for since, until in sorted(spans):
        begin = since if reached is None or since > reached else reached
        if until > begin:
            total += (until - begin).total_seconds()
            reached = until
    return total


def _wait(fate: Fate) -> float:
    assert fate.accepted_at is not None
    return max(0.0, (fate.accepted_at - fate.created_at).total_seconds())


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 1) if values else None


def _percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Return the smallest value that at least so many percent do not exceed."""
    if not ordered:
        return None
    return round(ordered[max(0, -(-len(ordered) * percent // 100) - 1)], 1)
