"""Which flow answers which address: address configurations, with their flow checked and the change recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.services import record_audit
from common import ids
from common.errors import BadParameter
from conversations import services as conversations
from flows.models import Flow


@transaction.atomic
def save_address(
    *,
    account_id: UUID,
    type: str,
    address: str,
    to: conversations.AddressTarget,
    author: str,
    now: datetime,
    friendly_name: str = "",
    enabled: bool = True,
    address_id: UUID | None = None,
) -> Any:
    """
    Create or change an address configuration, and return it.

    :raises BadParameter: the flow is unknown in this account; and what ``conversations.services.save_address`` refuses.
    :raises Conflict: the address has a configuration already.
    :raises ObjectDoesNotExist: ``address_id`` is unknown in this account.
    """
    if to.flow_id is not None and not Flow.objects.filter(account_id=account_id, id=to.flow_id).exists():
        raise BadParameter("There is no such flow")
    row = conversations.save_address(
        account_id=account_id,
        type=type,
        address=address,
        to=to,
        friendly_name=friendly_name,
        enabled=enabled,
        address_id=address_id,
        now=now,
    )
    record_audit(
        account_id=account_id,
        actor=author,
        action="address.saved",
        subject=row.sid,
        changes={
            "type": row.type,
            "address": row.address,
            "enabled": row.enabled,
            "target": row.target,
            "flow": None if row.flow_id is None else ids.sid("FW", row.flow_id),
            "webhook_url": row.webhook_url,
        },
        now=now,
    )
    return row


@transaction.atomic
def delete_address(*, account_id: UUID, address_id: UUID, author: str, now: datetime) -> None:
    """
    Delete an address configuration; conversations that are open go on.

    :raises ObjectDoesNotExist: unknown in this account.
    """
    conversations.delete_address(account_id=account_id, address_id=address_id)
    sid = ids.sid("IG", address_id)
    record_audit(account_id=account_id, actor=author, action="address.deleted", subject=sid, changes={}, now=now)
