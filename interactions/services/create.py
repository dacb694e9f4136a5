"""Making interactions and inviting workers to them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from common import events, ids
from common.errors import ApiError
from conversations import queries as conversations
from conversations import services as conversation_services
from interactions.errors import ChannelClosed, InteractionError
from interactions.events import InteractionCreated
from interactions.models import Interaction, InteractionChannel, InteractionParticipant, Invite
from interactions.services.attributes import Contact, task_attributes
from interactions.services.requests import RoutingRequest
from interactions.services.webhooks import tell, tell_participant
from routing import queries as routing
from routing import services as routing_services


def create_interaction(
    *,
    account_id: UUID,
    conversation_id: UUID,
    workflow: str,
    task_channel: str,
    attributes: Mapping[str, Any],
    priority: int,
    timeout_seconds: int,
    key: UUID | None,
    now: datetime,
    initiated_by: str = Interaction.Initiator.CUSTOMER,
    webhook_ttid: str | None = None,
) -> Interaction:
    """
    Hand a conversation over to the workers: make an interaction and its first task.

    Called again with the same ``key``, returns the interaction of the first call and makes nothing.

    :raises InteractionError: the conversation, workflow or task channel is unknown in this account, the account has
        several workflows and none was named, or a value is out of bounds.
    :raises ChannelClosed: the conversation is closed.
    """
    request = RoutingRequest(
        workflow=workflow,
        task_channel=task_channel,
        attributes=attributes,
        priority=priority,
        timeout_seconds=timeout_seconds,
    )
    return start_interaction(
        account_id=account_id,
        conversation_id=conversation_id,
        request=request,
        key=key,
        now=now,
        initiated_by=initiated_by,
        webhook_ttid=webhook_ttid,
    )


@transaction.atomic
def start_interaction(
    *,
    account_id: UUID,
    conversation_id: UUID,
    request: RoutingRequest,
    key: UUID | None,
    now: datetime,
    initiated_by: str,
    webhook_ttid: str | None = None,
    context_sid: str | None = None,
) -> Interaction:
    """``create_interaction`` for any routing, direct to a queue or worker too; the same errors."""
    if key is not None:
        known = Interaction.objects.filter(key=key, account_id=account_id).first()
        if known is not None:
            return known
    conversation = conversations.conversations([conversation_id]).get(conversation_id)
    if conversation is None or conversation.account_id != account_id:
        raise InteractionError("The conversation does not exist")
    if conversation.is_closed:
        raise ChannelClosed("The conversation is closed")
    interaction = Interaction(
        account_id=account_id,
        key=key,
        initiated_by=initiated_by,
        routing=request.to_json(),
        webhook_ttid=webhook_ttid,
        context_sid=context_sid,
        created_at=now,
        updated_at=now,
    )
    try:
        with transaction.atomic():
            interaction.save(force_insert=True)
    except IntegrityError:
        # The same hand-over is being made at this moment: its row is visible once the other has committed.
        return Interaction.objects.get(key=key, account_id=account_id)
    channel = InteractionChannel.objects.create(
        account_id=account_id,
        interaction=interaction,
        conversation_id=conversation_id,
        type=conversation.channel_type,
        status=InteractionChannel.Status.ACTIVE,
        created_at=now,
        updated_at=now,
    )
    InteractionParticipant.objects.bulk_create(
        InteractionParticipant(
            account_id=account_id,
            channel=channel,
            type=InteractionParticipant.Type.CUSTOMER,
            identity=participant.identity or participant.address or "",
            name=participant.name,
            joined_at=now,
        )
        for participant in conversations.participants(conversation_id)
        if participant.kind == "customer"
    )
    invite = create_invite(channel=channel, request=request, now=now)
    if conversation.customer_address:
        conversation_services.ensure_contact(
            account_id=account_id,
            channel_type=conversation.channel_type,
            address=conversation.customer_address,
            name=conversation.customer_name,
            now=now,
        )
    tell(channel, "onInteractionCreated", now=now)
    tell(channel, "onChannelCreated", now=now)
    for participant in channel.participants.order_by("id"):
        tell_participant(channel, "onParticipantJoined", participant, now=now)
    events.publish(
        InteractionCreated(
            account_id=account_id,
            interaction_id=interaction.id,
            channel_id=channel.id,
            conversation_id=conversation_id,
            task_id=invite.task_id,
        )
    )
    return interaction


@transaction.atomic
def create_invite(
    *, channel: InteractionChannel, request: RoutingRequest, now: datetime, fallback_queue_id: UUID | None = None
) -> Invite:
    """
    Ask for a worker: make a task that is tied to the channel.

    A request for one worker ends when that worker declines; with ``fallback_queue_id`` that queue is asked then, where
    nobody else has the conversation.

    :raises InteractionError: as ``create_interaction``.
    """
    conversation = conversations.conversations([channel.conversation_id]).get(channel.conversation_id)
    if conversation is None or conversation.is_closed:
        raise ChannelClosed("The conversation is closed")
    invite = Invite(
        account_id=channel.account_id,
        channel=channel,
        task_id=ids.uuid7(),
        target_worker_id=request.worker_id,
        fallback_queue_id=fallback_queue_id,
        created_at=now,
        updated_at=now,
    )
    attributes = task_attributes(
        request.attributes,
        Contact(
            interaction_sid=channel.interaction.sid,
            channel_sid=channel.sid,
            invite_sid=invite.sid,
            conversation_sid=conversation.sid,
            channel_type=channel.type,
            initiated_by=channel.interaction.initiated_by,
            customer_name=conversation.customer_name,
            customer_address=conversation.customer_address,
            proxy_address=conversation.proxy_address,
        ),
    )
    # First the invite: the task's news must find it.
    invite.save(force_insert=True)
    try:
        routing_services.create_task(
            account_id=channel.account_id,
            workflow_id=_workflow_id(channel.account_id, request.workflow),
            attributes=attributes,
            task_channel=request.task_channel or _fitting_channel(channel.type),
            priority=request.priority,
            timeout_seconds=request.timeout_seconds,
            now=now,
            task_id=invite.task_id,
            queue_id=request.queue_id,
            worker_id=request.worker_id,
        )
    except ApiError as error:
        raise InteractionError(error.message, code=error.code, status=error.status) from error
    return invite


def _workflow_id(account_id: UUID, workflow: str) -> UUID | None:
    """
    Return the workflow that a SID or a name means; None for the account's only one.

    :raises InteractionError: there is none, or the name fits several.
    """
    wanted = workflow.strip()
    if not wanted:
        return None
    by_sid = ids.parse_or_none("WW", wanted)
    if by_sid is not None:
        # An unknown one is refused where the task is made.
        return by_sid
    found = [row.id for row in routing.workflows(account_id) if row.friendly_name.casefold() == wanted.casefold()]
    if len(found) != 1:
        why = "No workflow is" if not found else "Several workflows are"
        raise InteractionError(f"{why} called {wanted!r}")
    return found[0]


def _fitting_channel(channel_type: str) -> str:
    return "sms" if channel_type == "sms" else "chat"
