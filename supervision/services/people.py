"""Changing what an agent does and may do, from the floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from common import ids
from common.errors import BadParameter, NotFound
from routing import live
from routing import queries as routing
from routing import services as routing_services
from supervision.agents import skills_of, with_skills
from supervision.services.actors import Actor

MOST_SKILLS = 100
MAX_SKILL = 100  # characters
SOURCE = "supervisor"


@dataclass(frozen=True, slots=True)
class SeatChange:
    """A new capacity on a task channel, and whether the agent is to get work from it; None stays."""

    capacity: int | None = None
    available: bool | None = None


@dataclass(frozen=True, slots=True)
class AgentChange:
    """What is to be different; None and missing stay. ``seats`` are by the task channel's unique name."""

    activity_id: UUID | None = None
    seats: Mapping[str, SeatChange] = field(default_factory=dict)
    skills: Sequence[str] | None = None
    reject_pending: bool = False


@transaction.atomic
def change_agent(*, actor: Actor, worker_id: UUID, change: AgentChange, now: datetime) -> None:
    """
    Change an agent's activity, capacities and skills; what was changed goes into the audit log.

    :raises NotFound: no such worker in the account.
    :raises BadParameter: an unknown activity, channel, or a malformed skill.
    :raises PendingReservations: work is offered to the agent, who is to become unavailable.
    """
    before = routing.worker(worker_id)
    if before is None or before.account_id != actor.account_id:
        raise NotFound("worker")
    changes: dict[str, object] = {}
    if change.activity_id is not None and change.activity_id != before.activity_id:
        routing_services.set_activity(
            worker_id=worker_id,
            activity_id=change.activity_id,
            reject_pending=change.reject_pending,
            now=now,
            source=SOURCE,
        )
        after = routing.worker(worker_id)
        changes["activity"] = [before.activity_name, after.activity_name if after else ""]
    if change.seats:
        changes.update(_change_seats(worker_id, change.seats, now))
    if change.skills is not None:
        wanted = _skills(change.skills)
        present = skills_of(before.attributes)
        if wanted != present:
            attributes = with_skills(before.attributes, wanted)
            routing_services.update_worker(worker_id=worker_id, attributes=attributes, now=now, source=SOURCE)
            changes["skills"] = [present, wanted]
    if changes:
        actor.note("worker.changed", ids.sid("WK", worker_id), now, **changes)


def _change_seats(worker_id: UUID, wanted: Mapping[str, SeatChange], now: datetime) -> dict[str, object]:
    seats = {seat.task_channel.unique_name: seat for seat in live.seats([worker_id])}
    changes: dict[str, object] = {}
    for name, seat in wanted.items():
        row = seats.get(name)
        if row is None:
            raise BadParameter(f"There is no task channel {name!r}")
        routing_services.update_worker_channel(
            worker_channel_id=row.id, capacity=seat.capacity, available=seat.available, now=now, source=SOURCE
        )
        if seat.capacity is not None and seat.capacity != row.configured_capacity:
            changes[f"capacity.{name}"] = [row.configured_capacity, seat.capacity]
        if seat.available is not None and seat.available != row.available:
            changes[f"available.{name}"] = [row.available, seat.available]
    return changes


def _skills(given: Sequence[object]) -> list[str]:
    if len(given) > MOST_SKILLS:
        raise BadParameter(f"An agent has at most {MOST_SKILLS} skills")
    found = []
    for skill in given:
        if not isinstance(skill, str) or not skill.strip() or len(skill) > MAX_SKILL:
            raise BadParameter(f"A skill is a text of 1 to {MAX_SKILL} characters")
        found.append(skill.strip())
    return list(dict.fromkeys(found))
