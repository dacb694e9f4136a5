"""One row a conversation, read a few hundred at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from common import ids
from conversations import queries as conversations
from flows import queries as flows
from reports import queries
from reports.models import TaskLeg
from reports.period import Period
from routing import histories

if TYPE_CHECKING:
    from conversations.models import Conversation

CHUNK = 500
HEADER = (
    "Conversation", "Began", "Closed", "State", "Channel", "Customer", "Customer address", "Our address",
    "Messages of the customer", "Messages of flows", "Messages of agents", "Flows", "Queues", "Agents",
    "Result", "Wait (s)", "Handle time (s)", "Wrap-up (s)", "Transfers", "Outcome", "Rating", "Rated at",
)  # fmt: skip


def rows(account_id: UUID, period: Period) -> Iterator[Sequence[Any]]:
    """Yield a row for each conversation that began within a period, oldest first; seven statements a chunk."""
    flow_names = flows.flow_names(account_id)
    queue_names = histories.names_of_queues(account_id)
    after: UUID | None = None
    while True:
        chunk = conversations.begun_between(account_id, period.start, period.end, after=after, limit=CHUNK)
        if not chunk:
            return
        after = chunk[-1].id
        yield from _write(chunk, period, flow_names, queue_names)


def _write(
    chunk: Sequence[Conversation], period: Period, flow_names: dict[UUID, str], queue_names: dict[UUID, str]
) -> Iterator[Sequence[Any]]:
    keys = [row.id for row in chunk]
    counts = conversations.message_counts(keys)
    run = flows.flows_run(keys)
    surveys = queries.surveys(keys)
    legs: dict[UUID, list[TaskLeg]] = defaultdict(list)
    for leg in TaskLeg.objects.filter(conversation_id__in=keys).order_by("created_at", "task_id", "number"):
        legs[leg.conversation_id].append(leg)

    def moment(value: Any) -> str:
        return "" if value is None else value.astimezone(period.zone).isoformat(sep=" ", timespec="seconds")

    for row in chunk:
        mine = legs.get(row.id, [])
        taken = [leg for leg in mine if leg.result == "accepted"]
        survey = surveys.get(row.id)
        yield (
            ids.sid("CH", row.id),
            moment(row.created_at),
            moment(row.closed_at),
            row.state,
            row.channel_type,
            row.customer_name,
            row.customer_address,
            row.proxy_address,
            counts.get((row.id, "customer"), 0),
            counts.get((row.id, "flow"), 0),
            counts.get((row.id, "agent"), 0),
            _list(flow_names.get(flow_id, "Deleted flow") for _, flow_id in run.get(row.id, [])),
            _list(queue_names.get(leg.queue_id, leg.queue_name) for leg in mine if leg.queue_id),
            _list(leg.worker_name for leg in taken),
            "" if not mine else "accepted" if taken else "abandoned",
            None if not mine else round(sum(leg.wait_ms for leg in mine) / 1000, 1),
            None if not taken else round(sum(leg.talk_ms + leg.wrap_ms for leg in taken) / 1000, 1),
            None if not taken else round(sum(leg.wrap_ms for leg in taken) / 1000, 1),
            sum(leg.is_transfer and leg.number == 0 for leg in mine),
            _list(leg.outcome for leg in taken if leg.outcome),
            survey.rating if survey else None,
            moment(survey.answered_at) if survey else "",
        )


def _list(names: Any) -> str:
    return ", ".join(dict.fromkeys(name for name in names if name))
