"""Messages that did not reach a customer: sent again by hand, or given up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from channels_app.delivery.topic import TOPIC
from channels_app.models import ParkedDelivery
from common import outbox
from conversations import services as conversations


@transaction.atomic
def resend_parked(*, account_id: UUID, parked_id: UUID, now: datetime) -> None:
    """
    Send a parked message again, under the same idempotency key, with all its tries before it.

    :raises ParkedDelivery.DoesNotExist: unknown in this account, or already sent again.
    """
    row = ParkedDelivery.objects.select_for_update().get(account_id=account_id, id=parked_id)
    conversations.record_receipts(
        [
            conversations.ReceiptUpdate(
                message_id=row.message_id, participant_id=row.participant_id, status="queued", is_new_try=True
            )
        ],
        now=now,
    )
    payload = {**row.payload, "only": row.participant_id.hex}
    outbox.put(outbox.Entry(topic=TOPIC, key=row.conversation_id, payload=payload))
    row.delete()


@transaction.atomic
def discard_parked(*, account_id: UUID, parked_id: UUID) -> None:
    """
    Take a message off the list for good; its receipt keeps the failure.

    :raises ParkedDelivery.DoesNotExist: unknown in this account.
    """
    deleted, _ = ParkedDelivery.objects.filter(account_id=account_id, id=parked_id).delete()
    if not deleted:
        raise ParkedDelivery.DoesNotExist
