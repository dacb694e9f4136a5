"""
The durable heart: what is pending for many conversations, walked and written in one transaction.

Invariants (docs/architecture.md; property-tested in tests/flows/runtime/test_interleavings.py):

1. A conversation is worked on by one worker at a time: its row is locked, without waiting, for the whole batch.
2. Its events are seen in order, and each is deleted in the transaction that holds its effects: a crash leaves both
   or neither.
3. Messages carry keys made of the execution and the command's number: even a repeated write could not double them.
4. A batch that fails is walked again one conversation at a time, so a poisoned one fails alone; after its last try
   its entry is parked and its executions are ended with the reason.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import transaction

from accounts import queries as account_queries
from common import bulk, events, ids, logs, metrics, outbox
from common.models import OutboxEntry
from conversations import queries as conversation_queries
from conversations import services as conversations
from flows.engine import events as engine_events
from flows.models import Execution, Flow
from flows.runtime.links import hand_off_key
from flows.runtime.payloads import read_execution_key, webhook_fields
from flows.runtime.turn import EVENTS_TOPIC, Effects, Turn

if TYPE_CHECKING:
    from conversations.models import Conversation

logger = logging.getLogger(__name__)

# Conversations a transaction; larger batches gain little and hold their locks longer (bench/, "batch size").
BATCH = 200


def drain(now: datetime) -> int:
    """Walk what is pending for up to ``BATCH`` conversations; returns how many entries were handled."""
    try:
        return _drain(now, limit=BATCH)
    except Exception:
        logger.exception("A batch failed and is walked one conversation at a time")
    return _drain_singly(now)


def _drain_singly(now: datetime) -> int:
    handled = 0
    due = OutboxEntry.objects.filter(topic=EVENTS_TOPIC, due_at__lte=now, parked_at=None).order_by("due_at", "id")
    for key in list(dict.fromkeys(due.values_list("key", flat=True)[: BATCH * 2]))[:BATCH]:
        try:
            handled += _drain(now, limit=1, only=key)
        except Exception as error:
            active = Execution.objects.filter(conversation_id=key, status=Execution.Status.ACTIVE)
            executions = ",".join(execution.sid for execution in active.only("id"))
            with logs.bound(conversation=ids.sid("CH", key), execution=executions):
                logger.exception("The turn of conversation %s failed", key)
            _postpone(key, error, now)
    return handled


def _postpone(key: UUID, error: Exception, now: datetime) -> None:
    """Try the head of a failing conversation again later; after the last try, park it and end its executions."""
    with transaction.atomic():
        waiting = OutboxEntry.objects.filter(topic=EVENTS_TOPIC, key=key, due_at__lte=now, parked_at=None)
        entries = list(waiting.select_for_update(skip_locked=True).order_by("due_at", "id"))
        if not entries:
            return
        text = f"{type(error).__name__}: {error}"
        will_retry = outbox.retry(entries[0], error=text, now=now)
        if will_retry:
            # The later ones wait behind it: order is kept.
            moved = OutboxEntry.objects.get(id=entries[0].id).due_at
            OutboxEntry.objects.filter(id__in=[entry.id for entry in entries[1:]]).update(due_at=moved)
        else:
            Execution.objects.filter(conversation_id=key, status=Execution.Status.ACTIVE).update(
                status=Execution.Status.ENDED, ended_at=now, updated_at=now, error=f"Internal fault: {text}"[:2000]
            )


def _drain(now: datetime, *, limit: int, only: UUID | None = None) -> int:
    """Handle what is due, of many conversations or of ``only`` one, which is looked at more carefully."""
    with transaction.atomic():
        if only is not None:
            held = conversations.lock_conversations([only], wait=False)
        else:
            held = conversations.lock_due_conversations(topic=EVENTS_TOPIC, now=now, limit=limit)
        if not held:
            forget_deleted(outbox.due_keys(topic=EVENTS_TOPIC, now=now, limit=limit), now=now)
            return 0
        # Under the locks: what was pending before them may be done by now.
        entries, active = bulk.ask(
            outbox.due_entries_of(topic=EVENTS_TOPIC, keys=held, now=now),
            bulk.rows_of(
                Execution, "{conversation_id} IN %s AND {status} = 'active'", (list(held),), tail="ORDER BY id"
            ),
        )
        if not entries:
            return 0
        effects = Batch(held, active, now).walk(entries)
        with bulk.together():
            write(effects, held, now=now, are_new=only is None)
            outbox.done([entry.id for entry in entries])
    return len(entries)


def forget_deleted(keys: Sequence[UUID], *, now: datetime) -> None:
    """Of conversations that are no more: drop what is pending, and end their executions."""
    if not keys:
        return
    gone = set(keys) - conversation_queries.last_indexes(keys).keys()
    if gone:
        OutboxEntry.objects.filter(topic=EVENTS_TOPIC, key__in=gone).delete()
        Execution.objects.filter(conversation_id__in=gone, status=Execution.Status.ACTIVE).update(
            status=Execution.Status.ENDED, ended_at=now, updated_at=now, error="The conversation was deleted"
        )


class Batch:
    """The turns of the locked conversations, with what they need read in a few statements for all of them."""

    def __init__(self, held: dict[UUID, Conversation], active: Sequence[Execution], now: datetime) -> None:
        self._held = held
        self._now = now
        self._executions: dict[UUID, list[Execution]] = defaultdict(list)
        for execution in active:
            self._executions[execution.conversation_id].append(execution)
        self._flows: dict[UUID, list[Flow]] | None = None
        self._zones: dict[UUID, str] | None = None

    def walk(self, entries: Sequence[OutboxEntry]) -> Effects:
        """Walk the entries, each conversation's in order; returns all that is to be written."""
        effects = Effects()
        in_order = sorted(entries, key=lambda entry: entry.key)
        for key, mine in groupby(in_order, key=lambda entry: entry.key):
            conversation = self._held[key]
            turn = Turn(conversation, self._executions[key], now=self._now, time_zone=self._time_zone)
            for entry in arrange(list(mine)):
                self._take(turn, entry.payload)
            effects.take(turn.effects)
        return effects

    def _take(self, turn: Turn, payload: dict[str, Any]) -> None:
        match payload.get("kind"):
            case "message":
                self._take_message(turn, payload)
            case "engine":
                for execution in turn.active:
                    if execution.id.hex == payload["execution"]:
                        turn.give(execution, engine_events.from_json(payload["event"]))
            case "hand-off":
                _take_hand_off(turn, payload)
            case "delivery":
                _take_delivery(turn, payload)
            case "close":
                # Unless somebody has begun to talk again meanwhile.
                if not turn.active and not turn.conversation.agents:
                    conversations.close_conversation(conversation_id=turn.conversation.id, reason="API", now=self._now)
                    turn.conversation.state = turn.conversation.State.CLOSED
            case unknown:
                logger.error("An entry of unknown kind %r was dropped", unknown)

    def _take_message(self, turn: Turn, payload: dict[str, Any]) -> None:
        conversation = turn.conversation
        if conversation.agents > 0 or any(execution.waits_for == "handoff" for execution in turn.active):
            return
        fields = webhook_fields(payload, channel_attributes=conversation.attributes)
        if turn.active:
            for execution in turn.active:
                turn.give(execution, engine_events.ReplyReceived(fields))
            return
        if conversation.is_closed:
            return
        for flow in self._answering(conversation):
            is_test = conversation.customer_address in flow.test_users
            revision = flow.revision if is_test else flow.published_revision
            if revision is not None:
                turn.begin(
                    flow_id=flow.id,
                    revision=revision,
                    kind=None,
                    payload=fields,
                    is_test=is_test,
                    initiated_by=payload["message_sid"],
                )

    def _time_zone(self, account_id: UUID) -> str:
        """Return an account's time zone; read once for the whole batch, where something begins."""
        if self._zones is None:
            self._zones = account_queries.time_zones({row.account_id for row in self._held.values()})
        return self._zones.get(account_id, "UTC")

    def _answering(self, conversation: Conversation) -> list[Flow]:
        """Return the flows that answer a conversation; read once for the whole batch."""
        if self._flows is None:
            attached = conversation_queries.flows_of(self._held)
            bare = [row for key, row in self._held.items() if key not in attached]
            attached.update(conversation_queries.flows_of_addresses(bare))
            wanted = {flow_id for flow_ids in attached.values() for flow_id in flow_ids}
            rows = {row.id: row for row in bulk.select(Flow, "{id} IN %s", (wanted,))} if wanted else {}
            self._flows = {
                key: [
                    rows[flow_id]
                    for flow_id in flow_ids
                    if flow_id in rows and rows[flow_id].account_id == self._held[key].account_id
                ]
                for key, flow_ids in attached.items()
            }
        return self._flows.get(conversation.id, [])


def _take_hand_off(turn: Turn, payload: dict[str, Any]) -> None:
    """The agents are done, or there will be none: the execution that waits for this hand-over goes on."""
    for execution in turn.active:
        wait = execution.session.get("wait") or {}
        if execution.waits_for != "handoff" or hand_off_key(execution.id, wait["ref"]).hex != payload["key"]:
            continue
        if payload["outcome"] == "completed":
            turn.give(execution, engine_events.HandOffCompleted(wait["ref"], payload["outputs"]))
        else:
            turn.give(execution, engine_events.HandOffFailed(wait["ref"], payload["outcome"]))


def _take_delivery(turn: Turn, payload: dict[str, Any]) -> None:
    """A flow's message did not arrive: the widget that sent it and still waits may take its exit for that."""
    message = conversation_queries.messages_by_id([UUID(payload["message"])]).get(UUID(payload["message"]))
    found = read_execution_key(message.source_key if message else None)
    if found is None:
        return
    execution_id, ref = found
    for execution in turn.active:
        if execution.id == execution_id:
            turn.give(execution, engine_events.DeliveryFailed(ref, payload["error_code"], payload["error_message"]))


def arrange(entries: list[OutboxEntry]) -> list[OutboxEntry]:
    """
    Put one conversation's entries into the order of what happened.

    Plain entries follow their ids (commit order, whatever the writers' clocks said); a timer comes before the first
    of them that arrived after it was due.
    """
    plain = sorted((entry for entry in entries if entry.name is None), key=lambda entry: entry.id)
    timers = sorted((entry for entry in entries if entry.name is not None), key=lambda entry: (entry.due_at, entry.id))
    arranged: list[OutboxEntry] = []
    latest: datetime | None = None
    for entry in plain:
        latest = entry.created_at if latest is None else max(latest, entry.created_at)
        while timers and timers[0].due_at <= latest:
            arranged.append(timers.pop(0))
        arranged.append(entry)
    return arranged + timers


def write(effects: Effects, held: dict[UUID, Conversation], *, now: datetime, are_new: bool = False) -> None:
    """
    Write what turns collected: a handful of bulk statements, whatever their number.

    ``are_new``: the messages are taken to be new without a look; if one is not, the whole transaction fails.
    """
    created = {execution.id for execution in effects.created}
    # Changes first: one that ended makes room for the one that began after it in the same turn.
    bulk.update_many(
        Execution,
        (
            "conversation_id",
            "contact_address",
            "channel_address",
            "status",
            "session",
            "current_widget",
            "waits_for",
            "error",
            "step_count",
            "updated_at",
            "ended_at",
        ),
        {
            row.id: (
                row.conversation_id,
                row.contact_address,
                row.channel_address,
                row.status,
                row.session,
                row.current_widget,
                row.waits_for,
                row.error,
                row.step_count,
                now,
                row.ended_at,
            )
            for row in effects.changed.values()
            if row.id not in created
        },
    )
    bulk.insert_many(effects.created)
    bulk.insert_many(effects.steps)
    metrics.steps.inc(len(effects.steps))
    # A conversation that was closed meanwhile refuses: the flow's words come too late, the flow itself goes on.
    conversations.add_messages(effects.messages, now=now, locked=held, are_new=are_new)
    outbox.cancel_many(topic=EVENTS_TOPIC, names=effects.cancelled)
    outbox.put(*effects.entries)
    events.publish(*effects.announced)
