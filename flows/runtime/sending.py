"""Messages of a flow to somebody other than its contact: said in that other contact's own conversation."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from channels_app import queries as channel_queries
from common import outbox
from conversations import services as conversations
from flows.runtime.turn import SEND_TOPIC

BATCH = 50


def drain(now: datetime) -> int:
    """Say what is due; returns how many messages were said."""
    with transaction.atomic():
        entries = outbox.claim(topic=SEND_TOPIC, now=now, limit=BATCH)
        for entry in entries:
            payload = entry.payload
            account_id, to, sender = UUID(payload["account"]), payload["to"], payload["from"]
            connection = channel_queries.connection_for(account_id, sender)
            conversation_id = conversations.find_or_create_by_pair(
                account_id=account_id,
                channel_type=connection.type if connection is not None else "sms",
                address=to,
                proxy_address=sender,
                connection_id=None if connection is None else connection.id,
                now=now,
            )
            conversations.add_messages(
                [
                    conversations.NewMessage(
                        id=UUID(payload["id"]),
                        conversation_id=conversation_id,
                        source=conversations.Source.FLOW,
                        author=sender,
                        body=payload["body"],
                        media=payload["media"],
                        attributes=payload["attributes"],
                        fields=payload["fields"],
                        source_key=payload["source_key"],
                    )
                ],
                now=now,
            )
        outbox.done([entry.id for entry in entries])
    return len(entries)
