"""The record of a decision: why each worker that was looked at was or was not chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from routing.matching import matching
from routing.matching.matching import Demand, Offer, Verdict
from routing.models import AssignmentAttempt, Task, Worker
from routing.services import standing

DETAILS = 20  # workers named in the record of one decision
EXPLANATIONS = {
    "reserved": "Offered to the best of the eligible workers",
    "waiting": "No eligible worker could take the task",
    "skipped": "Nobody could take the task at once and the target's skip_if was true",
    "timed_out": "Nobody could take the task and the target's time is over",
}


class Reasons:
    """
    What one pass knows of the workers it looks at, by hex id.

    ``taken`` counts what the pass has given to a worker on a channel; it grows while the pass goes on.
    """

    def __init__(
        self,
        candidates: Mapping[str, matching.Worker],
        rows: Mapping[str, Worker],
        demands: Mapping[UUID, Demand],
        verdicts: Mapping[UUID, Mapping[str, Verdict]],
        taken: Mapping[tuple[str, str], int],
        now: datetime,
    ) -> None:
        self.candidates = candidates
        self.rows = rows
        self.demands = demands
        self.verdicts = verdicts
        self.taken = taken
        self.now = now

    def note(
        self, task: Task, outcome: str, *, offer: Offer | None = None, chosen: Sequence[str] = ()
    ) -> AssignmentAttempt:
        """Return the record of a decision about a task, unsaved; ``chosen`` are the workers it is offered to."""
        verdicts = self.verdicts.get(task.line_id, {})
        ranked = [*chosen, *(key for key in (offer.behind if offer else ()) if key not in chosen)]
        told: list[dict[str, Any]] = []
        for key in [*ranked, *(key for key in verdicts if key not in ranked)][:DETAILS]:
            verdict = Verdict.CHOSEN if key in chosen else self._verdict(key, task, verdicts.get(key, Verdict.BEHIND))
            told.append(self._tell(key, verdict, ranked.index(key) + 1 if key in ranked else None))
        counts = Counter(str(verdict) for key, verdict in verdicts.items() if key not in chosen)
        if chosen:
            counts[str(Verdict.CHOSEN)] = len(chosen)
        explanation = EXPLANATIONS[outcome]
        return standing.note_attempt(
            task, outcome, self.now, candidates=told, counts=dict(counts), explanation=explanation
        )

    def has_room(self, key: str, channel_name: str) -> bool:
        """Tell whether a worker has capacity left on a channel, with what the pass has given it."""
        candidate = self.candidates[key]
        channel = candidate.channels.get(channel_name)
        if channel is None:
            return False
        if candidate.capacity_units == 0:
            return self.taken[key, channel_name] < candidate.room(channel_name)
        counts = {name: each.assigned + self.taken[key, name] for name, each in candidate.channels.items()}
        used = sum(counts[name] * each.units for name, each in candidate.channels.items())
        return counts[channel_name] < channel.capacity and used + channel.units <= candidate.capacity_units

    def _verdict(self, key: str, task: Task, seen: Verdict) -> Verdict:
        if seen is not Verdict.BEHIND:
            return seen
        until = standing.holds(task).get(key)
        if until is not None and until > self.now:
            return Verdict.REFUSED
        demand = self.demands[task.line_id]
        if not demand.ignore_capacity and not self.has_room(key, demand.channel):
            return Verdict.CAPACITY
        return Verdict.BEHIND

    def _tell(self, key: str, verdict: Verdict, place: int | None) -> dict[str, Any]:
        row, candidate = self.rows[key], self.candidates[key]
        told: dict[str, Any] = {"worker_sid": row.sid, "worker_name": row.friendly_name, "verdict": str(verdict)}
        if place is not None:
            told["place"] = place
            told["idle_seconds"] = max(0, int((self.now - candidate.idle_since).total_seconds()))
            told["open_reservations"] = candidate.load
        if verdict is Verdict.ACTIVITY:
            told["activity"] = row.activity.friendly_name
        return told
