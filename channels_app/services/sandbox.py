"""The customer's side of the simulated network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from channels_app.adapters.reading import identifier, twilio_fields
from channels_app.adapters.values import InboundMessage, Media
from channels_app.models import Connection, SandboxMessage
from common import ids
from common.errors import BadParameter
from conversations import services as conversations
from conversations.services import media as files


@transaction.atomic
def send_as_customer(
    *,
    account_id: UUID,
    connection_id: UUID,
    customer: str,
    body: str,
    ref: str,
    now: datetime,
    media: Sequence[Mapping[str, Any]] = (),
    profile_name: str = "",
) -> SandboxMessage:
    """
    Write from a simulated phone to one of the account's sandbox senders, as the provider's webhook would.

    ``ref`` makes a repeated call harmless: it answers the message that is there. ``media`` are
    ``{"url", "content_type"}``, or items of kept files.

    :raises Connection.DoesNotExist: no active sandbox connection of this account.
    :raises BadParameter: nothing said, or no customer.
    """
    row = Connection.objects.get(
        account_id=account_id,
        id=connection_id,
        provider=Connection.Provider.SANDBOX,
        status=Connection.Status.ACTIVE,
    )
    if not customer or len(customer) > 256 or "\x00" in customer:
        raise BadParameter("The customer's address must have 1 to 256 characters")
    body = body.replace("\x00", "")
    if not body and not media:
        raise BadParameter("The message is empty")
    until = files.outside_until(now)
    shown = [{**item, "url": files.url_of(item, until=until)} for item in media]
    message = InboundMessage(
        external_id=identifier(f"phone:{customer}:{ref}"),
        sender=customer,
        recipient=row.address,
        body=body,
        media=tuple(Media(url=item["url"], content_type=item.get("content_type", "")) for item in shown),
        profile_name=profile_name,
    )
    (received,) = conversations.receive_or_hold(
        [
            conversations.InboundMessage(
                account_id=account_id,
                channel_type=row.type,
                sender=customer,
                recipient=row.address,
                body=body,
                source_key=f"{row.id.hex}:{message.external_id}",
                connection_id=row.id,
                name=profile_name,
                media=[dict(item) for item in media],
                fields=twilio_fields(message, account_sid=ids.sid("AC", account_id), extra={}),
                client_ref=ref,
            )
        ],
        now=now,
    )
    if isinstance(received, conversations.Refused):
        raise BadParameter(received.reason)
    stored, _ = SandboxMessage.objects.get_or_create(
        connection_id=row.id,
        external_id=message.external_id,
        defaults={
            "account_id": account_id,
            "customer": customer,
            "direction": SandboxMessage.Direction.OUT,
            "message_id": None if isinstance(received, conversations.Held) else received.message_id,
            "body": body,
            "media": shown,
            "created_at": now,
        },
    )
    return stored
