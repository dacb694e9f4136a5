"""Starting and stopping executions by hand or by REST, on the same turns as the messages' path."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from channels_app import queries as channel_queries
from common import ids
from conversations import services as conversations
from flows.engine import events
from flows.errors import ContactBusy, NotPublished
from flows.models import Execution, Flow
from flows.runtime.batch import write
from flows.runtime.turn import Turn


def start(*, flow: Flow, to: str, from_: str, parameters: dict[str, Any], now: datetime) -> Execution:
    """
    Start a flow for a contact by REST: ``to`` is the customer's address, ``from_`` ours.

    The contact's open conversation with that address of ours is used, or a new one made, so that what the customer
    answers finds the execution.

    :raises NotPublished: there is no revision to run for this contact.
    :raises ContactBusy: an execution of this flow is active for this contact.
    """
    is_test = to in flow.test_users
    revision = flow.revision if is_test else flow.published_revision
    if revision is None:
        raise NotPublished
    channel_type = to.partition(":")[0] if ":" in to else "sms"
    connection = channel_queries.connection_for(flow.account_id, from_)
    with transaction.atomic():
        conversation_id = conversations.find_or_create_by_pair(
            account_id=flow.account_id,
            channel_type=channel_type if channel_type in CHANNELS else "sms",
            address=to,
            proxy_address=from_,
            connection_id=None if connection is None else connection.id,
            now=now,
        )
        held = conversations.lock_conversations([conversation_id])
        active = list(Execution.objects.filter(conversation_id=conversation_id, status=Execution.Status.ACTIVE))
        busy = next((row for row in active if row.flow_id == flow.id), None)
        if busy is not None:
            raise ContactBusy(busy.sid)
        turn = Turn(held[conversation_id], active, now=now)
        execution = turn.begin(
            flow_id=flow.id,
            revision=revision,
            kind="incomingRequest",
            payload={"to": to, "from": from_, "parameters": parameters},
            is_test=is_test,
            initiated_by=ids.sid("RQ", ids.uuid7()),
        )
        if execution is None:
            raise NotPublished
        write(turn.effects, held, now=now)
    return execution


CHANNELS = frozenset({"sms", "whatsapp", "messenger", "gbm", "rcs"})


def stop(*, execution_id: UUID, now: datetime, reason: str = "stopped") -> Execution:
    """
    End an execution; one that has ended already stays as it is.

    :raises Execution.DoesNotExist: unknown.
    """
    with transaction.atomic():
        conversation_id = Execution.objects.values_list("conversation_id", flat=True).get(id=execution_id)
        held = conversations.lock_conversations([conversation_id])
        execution = Execution.objects.get(id=execution_id)
        if execution.status == Execution.Status.ACTIVE:
            turn = Turn(held[conversation_id], [execution], now=now)
            turn.give(execution, events.Stopped(reason))
            write(turn.effects, held, now=now)
    return execution
