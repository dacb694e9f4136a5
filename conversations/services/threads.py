"""Creating and closing conversations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from common import events, ids
from conversations.errors import AddressEqualsProxy, PairInUse
from conversations.events import ConversationCreated, ConversationStateUpdated, ParticipantAdded
from conversations.models import Conversation, ConversationWebhook, Participant
from conversations.services.identities import ensure_user
from conversations.services.messages import lock_conversations


@transaction.atomic
def create_conversation(
    *,
    account_id: UUID,
    channel_type: str,
    now: datetime,
    conversation_id: UUID | None = None,
    friendly_name: str | None = None,
    attributes: str = "{}",
    customer_name: str = "",
    customer_address: str = "",
    proxy_address: str = "",
    identity: str | None = None,
    connection_id: UUID | None = None,
) -> Conversation:
    """
    Create a conversation with its customer: by ``identity`` (web chat) or by a pair of addresses.

    :raises PairInUse: the pair is bound to another open conversation.
    :raises AddressEqualsProxy: both sides of the pair are the same.
    """
    if customer_address and customer_address == proxy_address:
        raise AddressEqualsProxy("The participant's address and the proxy address are the same")
    conversation = Conversation.objects.create(
        id=conversation_id or ids.uuid7(),
        account_id=account_id,
        friendly_name=friendly_name,
        attributes=attributes,
        channel_type=channel_type,
        customer_name=customer_name[:256],
        customer_address=customer_address or identity or "",
        proxy_address=proxy_address,
        connection_id=connection_id,
        created_at=now,
        updated_at=now,
    )
    happened: list[events.DomainEvent] = [
        ConversationCreated(account_id=account_id, conversation_id=conversation.id, channel_type=channel_type)
    ]
    if customer_address or identity:
        participant = Participant(
            account_id=account_id,
            conversation=conversation,
            kind=Participant.Kind.CUSTOMER,
            name=customer_name[:256],
            identity=identity,
            address=customer_address or None,
            proxy_address=proxy_address or None,
            bound=bool(customer_address),
            created_at=now,
            updated_at=now,
        )
        try:
            with transaction.atomic():
                participant.save(force_insert=True)
        except IntegrityError as error:
            other = open_conversation_of(account_id, customer_address, proxy_address)
            if other is not None and _give_way(other, now):
                participant.save(force_insert=True)
            else:
                where = ids.sid("CH", other) if other else "another conversation"
                raise PairInUse(f"The address pair is in use by conversation {where}") from error
        if identity:
            ensure_user(account_id=account_id, identity=identity, now=now)
        happened.append(
            ParticipantAdded(
                account_id=account_id,
                conversation_id=conversation.id,
                participant_id=participant.id,
                kind=participant.kind,
                name=participant.name,
                worker_id=None,
            )
        )
    events.publish(*happened)
    return conversation


def _give_way(conversation_id: UUID, now: datetime) -> bool:
    """Close a conversation that only waits for an answer to a question of ours. Returns whether it was one."""
    if not Conversation.objects.filter(id=conversation_id).exclude(held_for="").exists():
        return False
    return close_conversation(conversation_id=conversation_id, reason="EVENT", now=now)


def open_conversation_of(account_id: UUID, address: str, proxy_address: str) -> UUID | None:
    """Return the open conversation that a pair is bound to."""
    bound = Participant.objects.filter(account_id=account_id, address=address, proxy_address=proxy_address, bound=True)
    return bound.values_list("conversation_id", flat=True).first()


def find_or_create_by_pair(
    *,
    account_id: UUID,
    channel_type: str,
    address: str,
    proxy_address: str,
    connection_id: UUID | None,
    now: datetime,
) -> UUID:
    """Return the open conversation of a pair, a new one with nothing attached where there is none."""
    while True:
        found = open_conversation_of(account_id, address, proxy_address)
        if found is not None:
            # Whoever speaks to the customer now has flows hear the answer.
            Conversation.objects.filter(id=found).exclude(held_for="").update(held_for="")
            return found
        try:
            return create_conversation(
                account_id=account_id,
                channel_type=channel_type,
                customer_address=address,
                proxy_address=proxy_address,
                connection_id=connection_id,
                now=now,
            ).id
        except PairInUse:
            # Somebody was faster: theirs is found in the next round.
            continue


@transaction.atomic
def attach_flow(*, account_id: UUID, conversation_id: UUID, flow_id: UUID, now: datetime) -> ConversationWebhook:
    """Let a flow answer a conversation; attaching it again changes nothing. Returns its scoped webhook."""
    webhook, _ = ConversationWebhook.objects.get_or_create(
        account_id=account_id,
        conversation_id=conversation_id,
        target=ConversationWebhook.Target.STUDIO,
        flow_id=flow_id,
        defaults={"created_at": now, "updated_at": now},
    )
    return webhook


@transaction.atomic
def close_conversation(*, conversation_id: UUID, reason: str, now: datetime, is_silent: bool = False) -> bool:
    """
    Close a conversation for good and free its address pairs. Returns whether it was open.

    ``reason`` is API, TIMER or EVENT. The customer's next message begins a new conversation.

    :raises Conversation.DoesNotExist: unknown.
    """
    conversation = lock_conversations([conversation_id]).get(conversation_id)
    if conversation is None:
        raise Conversation.DoesNotExist
    if conversation.is_closed:
        return False
    old, conversation.state = conversation.state, Conversation.State.CLOSED
    conversation.closed_at = conversation.updated_at = now
    conversation.save(update_fields=("state", "closed_at", "updated_at"))
    conversation.participants.filter(bound=True).update(bound=False)
    events.publish(
        ConversationStateUpdated(
            account_id=conversation.account_id,
            conversation_id=conversation.id,
            is_silent=is_silent,
            has_webhooks=conversation.has_webhooks,
            old=old,
            new=Conversation.State.CLOSED,
            reason=reason,
        )
    )
    return True
