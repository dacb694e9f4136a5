"""Which flow, webhook or nothing answers which address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from common import bulk
from common.errors import BadParameter, Conflict
from conversations.models import AddressConfiguration, ChannelType, Conversation, ConversationWebhook


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressTarget:
    """What an address does with a new customer: a flow (``flow_id``), a webhook (``url``), or nothing."""

    target: str
    flow_id: UUID | None = None
    url: str = ""
    method: str = "POST"
    filters: tuple[str, ...] = ()
    retry_count: int = 0


@transaction.atomic
def save_address(
    *,
    account_id: UUID,
    type: str,
    address: str,
    to: AddressTarget,
    now: datetime,
    friendly_name: str = "",
    enabled: bool = True,
    address_id: UUID | None = None,
    address_country: str | None = None,
) -> AddressConfiguration:
    """
    Create an address configuration, or change the one named by ``address_id``.

    :raises BadParameter: unknown type or target; a target without its flow or address.
    :raises Conflict: the address has a configuration already.
    :raises AddressConfiguration.DoesNotExist: ``address_id`` is unknown in this account.
    """
    if type not in ChannelType.values:
        raise BadParameter(f"Type must be one of {', '.join(ChannelType.values)}")
    if not address or len(address) > 256:
        raise BadParameter("Address must have 1 to 256 characters")
    if to.target not in AddressConfiguration.Target.values:
        raise BadParameter(f"The target must be one of {', '.join(AddressConfiguration.Target.values)}")
    if to.target == AddressConfiguration.Target.STUDIO and to.flow_id is None:
        raise BadParameter("Choose the flow that answers this address")
    if to.target == AddressConfiguration.Target.WEBHOOK and not to.url.startswith(("http://", "https://")):
        raise BadParameter("The webhook needs an absolute http or https address")
    if address_id is None:
        row = AddressConfiguration(account_id=account_id, created_at=now)
    else:
        row = AddressConfiguration.objects.select_for_update().get(account_id=account_id, id=address_id)
    row.type, row.address, row.friendly_name, row.enabled = type, address, friendly_name[:256], enabled
    row.target, row.flow_id, row.webhook_url, row.webhook_method = to.target, to.flow_id, to.url, to.method
    row.webhook_filters, row.retry_count, row.updated_at = list(to.filters), to.retry_count, now
    row.address_country = address_country or row.address_country
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(f"There is a configuration for the {type} address {address} already") from error
    return row


@transaction.atomic
def delete_address(*, account_id: UUID, address_id: UUID) -> None:
    """
    Remove a configuration; open conversations keep what they have.

    :raises AddressConfiguration.DoesNotExist: unknown in this account.
    """
    deleted, _ = AddressConfiguration.objects.filter(account_id=account_id, id=address_id).delete()
    if not deleted:
        raise AddressConfiguration.DoesNotExist


def webhook_of(
    configuration: AddressConfiguration | None, conversation: Conversation, now: datetime
) -> ConversationWebhook | None:
    """Return the scoped webhook that an address configuration gives a new conversation."""
    if configuration is None or configuration.target == AddressConfiguration.Target.DEFAULT:
        return None
    return bulk.new(
        ConversationWebhook,
        account_id=conversation.account_id,
        conversation_id=conversation.id,
        target=configuration.target,
        flow_id=configuration.flow_id,
        url=configuration.webhook_url,
        method=configuration.webhook_method,
        filters=configuration.webhook_filters,
        created_at=now,
        updated_at=now,
    )
