"""Contacts that we begin: the conversation is made together with the interaction."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from channels_app import queries as channels
from conversations import services as conversations
from conversations.services import ChannelType
from interactions.errors import InteractionError
from interactions.models import Interaction
from interactions.services.create import start_interaction
from interactions.services.requests import RoutingRequest


@transaction.atomic
def begin_contact(
    *,
    account_id: UUID,
    channel_type: str,
    address: str,
    proxy_address: str,
    identity: str,
    request: RoutingRequest,
    initiated_by: str,
    now: datetime,
    webhook_ttid: str | None = None,
    context_sid: str | None = None,
) -> Interaction:
    """
    Begin a conversation with a customer, by a pair of addresses or (chat) by identity, and ask for a worker.

    :raises PairInUse: an open conversation has this pair.
    :raises InteractionError: the customer cannot be addressed so; or as ``start_interaction``.
    """
    if channel_type not in ChannelType.values:
        raise InteractionError(f"Channel type must be one of {', '.join(ChannelType.values)}")
    if bool(address and proxy_address) == bool(identity):
        raise InteractionError("A participant has either an identity, or an address and a proxy_address")
    connection = channels.connection_for(account_id, proxy_address) if proxy_address else None
    conversation = conversations.create_conversation(
        account_id=account_id,
        channel_type=channel_type,
        customer_name=str(request.attributes.get("customerName") or ""),
        customer_address=address,
        proxy_address=proxy_address,
        identity=identity or None,
        connection_id=None if connection is None else connection.id,
        now=now,
    )
    return start_interaction(
        account_id=account_id,
        conversation_id=conversation.id,
        request=request,
        key=None,
        now=now,
        initiated_by=initiated_by,
        webhook_ttid=webhook_ttid,
        context_sid=context_sid,
    )
