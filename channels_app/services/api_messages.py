"""
Messages as the Messages API (2010-04-01) writes them: to one address, from one of ours.

Each becomes a message of the pair's open conversation, or of a new one with nothing attached: so an agent sees it, its
answer finds its way, and it is delivered like any other. What is scheduled waits outside until its time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from channels_app import queries
from channels_app.models import ApiMessage
from common import http, ids, outbox
from common.errors import ApiError, BadParameter, Conflict
from conversations import queries as conversation_queries
from conversations import services as conversations
from conversations.events import ReceiptUpdated

SCHEDULED = "channels.scheduled"
CALLBACKS = "channels.callbacks"
BATCH = 50
MOST_MEDIA = 10
EARLIEST, LATEST = timedelta(minutes=5), timedelta(days=35)
_PHONE = re.compile(r"(?:whatsapp:)?\+?[0-9]{3,19}")
PENDING = ("scheduled", "queued")


class NotFinished(Conflict):
    """The message is on its way: what it says cannot be taken back yet."""

    code = 20009


class NotCancelable(BadParameter):
    """Only what is scheduled can be cancelled."""

    code = 30409


def create_message(
    *,
    account_id: UUID,
    recipient: str,
    sender: str,
    now: datetime,
    body: str = "",
    media_urls: Sequence[str] = (),
    content_sid: str = "",
    content_variables: Mapping[str, Any] | None = None,
    status_callback: str = "",
    send_at: datetime | None = None,
) -> UUID:
    """
    Send a message, or have it sent at a later time; returns its id.

    :raises BadParameter: with the documented code: 21211 a malformed recipient, 21266 sender and recipient are one,
        21602 nothing to say, 21606 no connection of ours has the sender, 21609 and 21620 malformed addresses, 21617 too
        long, 21623 too many media, 21910 different channels, 35114 not a time to schedule for.
    """
    _check_addresses(recipient, sender)
    if not (body or media_urls or content_sid):
        raise BadParameter("A Body, a MediaUrl or a ContentSid is required", code=21602)
    if len(body) > 1600:
        raise BadParameter("Body must have at most 1,600 characters", code=21617)
    if len(media_urls) > MOST_MEDIA:
        raise BadParameter(f"At most {MOST_MEDIA} MediaUrl are allowed", code=21623)
    for url in media_urls:
        _check_url(url, "MediaUrl", 21620)
    if status_callback:
        _check_url(status_callback, "StatusCallback", 21609)
    if send_at is not None and not now + EARLIEST <= send_at <= now + LATEST:
        raise BadParameter("SendAt must lie between 5 minutes and 35 days ahead", code=35114)
    if queries.connection_for(account_id, sender) is None:
        raise BadParameter(f"The From address {sender} is not one that this account can send from", code=21606)
    row = ApiMessage(
        id=ids.uuid7(),
        account_id=account_id,
        state=ApiMessage.State.ADDED if send_at is None else ApiMessage.State.SCHEDULED,
        sender=sender,
        recipient=recipient,
        content={
            "body": body,
            "media": [{"url": url} for url in media_urls],
            "content_sid": content_sid,
            "content_variables": dict(content_variables or {}),
        },
        status_callback=status_callback,
        send_at=send_at,
        created_at=now,
        updated_at=now,
    )
    with transaction.atomic():
        if send_at is None:
            _add(row, now)
            row.content = {}
        else:
            outbox.put(outbox.Entry(SCHEDULED, row.id, {}, due_at=send_at, name="send"))
        row.save(force_insert=True)
    return row.id


@transaction.atomic
def cancel_message(*, account_id: UUID, message_id: UUID, now: datetime) -> None:
    """
    Cancel a scheduled message.

    :raises NotCancelable: it was sent, or is not scheduled at all.
    """
    row = ApiMessage.objects.select_for_update().filter(account_id=account_id, id=message_id).first()
    if row is None or row.state != ApiMessage.State.SCHEDULED:
        raise NotCancelable("Only a scheduled message can be canceled")
    row.state, row.updated_at = ApiMessage.State.CANCELED, now
    row.save(update_fields=("state", "updated_at"))
    outbox.cancel(topic=SCHEDULED, key=row.id, name="send")


@transaction.atomic
def redact_message(*, account_id: UUID, message_id: UUID, now: datetime) -> None:
    """
    Empty a message's text for good.

    :raises NotFinished: it has not been delivered, nor failed.
    """
    _require_finished(account_id, message_id)
    conversations.update_message(message_id=message_id, body="", now=now, is_silent=True, even_closed=True)


@transaction.atomic
def delete_message(*, account_id: UUID, message_id: UUID) -> None:
    """
    Delete a message.

    :raises NotFinished: it has not been delivered, nor failed.
    """
    own = ApiMessage.objects.filter(account_id=account_id, id=message_id)
    if own.filter(state=ApiMessage.State.CANCELED).exists():
        own.delete()
        return
    _require_finished(account_id, message_id)
    conversations.remove_message(message_id=message_id, is_silent=True)
    own.delete()


def drain_scheduled(now: datetime) -> int:
    """Send what is due; returns how many messages."""
    with transaction.atomic():
        entries = outbox.claim(topic=SCHEDULED, now=now, limit=BATCH)
        wanted = ApiMessage.objects.select_for_update().filter(id__in=[entry.key for entry in entries])
        for row in wanted.filter(state=ApiMessage.State.SCHEDULED).order_by("id"):
            _add(row, now)
            row.state, row.content, row.updated_at = ApiMessage.State.ADDED, {}, now
            row.save(update_fields=("state", "content", "updated_at"))
        outbox.done([entry.id for entry in entries])
    return len(entries)


def route_receipt(event: ReceiptUpdated) -> outbox.Entry | None:
    """How far a message of the API got may be of interest to its StatusCallback."""
    if event.source != conversations.Source.API:
        return None
    told = {"status": event.status, "error_code": event.error_code, "error_message": event.error_message}
    return outbox.Entry(CALLBACKS, event.message_id, told)


def drain_callbacks(now: datetime) -> int:
    """Tell status callbacks; returns how many changes were looked at."""
    with transaction.atomic():
        entries = outbox.claim(topic=CALLBACKS, now=now, limit=BATCH)
        rows = ApiMessage.objects.exclude(status_callback="").in_bulk([entry.key for entry in entries])
        for entry in entries:
            row = rows.get(entry.key)
            if row is not None:
                conversations.queue_callback(
                    account_id=row.account_id,
                    key=row.id,
                    url=row.status_callback,
                    event="StatusCallback",
                    parameters=_told(row, entry.payload),
                    now=now,
                )
        outbox.done([entry.id for entry in entries])
    return len(entries)


def _told(row: ApiMessage, news: Mapping[str, Any]) -> dict[str, str]:
    sid = ids.sid("SM", row.id)
    told = {
        "AccountSid": ids.sid("AC", row.account_id),
        "ApiVersion": "2010-04-01",
        "MessageSid": sid,
        "SmsSid": sid,
        "MessageStatus": news["status"],
        "SmsStatus": news["status"],
        "From": row.sender,
        "To": row.recipient,
    }
    if news["error_code"]:
        told |= {"ErrorCode": str(news["error_code"]), "ErrorMessage": news["error_message"]}
    return told


def _add(row: ApiMessage, now: datetime) -> None:
    """Say a message in its pair's conversation."""
    connection = queries.connection_for(row.account_id, row.sender)
    conversation_id = conversations.find_or_create_by_pair(
        account_id=row.account_id,
        channel_type=connection.type if connection is not None else _channel(row.recipient),
        address=row.recipient,
        proxy_address=row.sender,
        connection_id=None if connection is None else connection.id,
        now=now,
    )
    content = row.content
    fields: dict[str, Any] = {"to_address": row.recipient}
    if content["content_sid"]:
        fields |= {"content_sid": content["content_sid"], "content_variables": content["content_variables"]}
    others = conversation_queries.external_participants([conversation_id])[conversation_id]
    (addressee,) = (
        person for person in others if (person.address, person.proxy_address) == (row.recipient, row.sender)
    )
    if len(others) > 1:
        # Whoever else the conversation has was not written to.
        fields["only_participant"] = addressee.id.hex
    stored = conversations.add_messages(
        [
            conversations.NewMessage(
                id=row.id,
                conversation_id=conversation_id,
                source=conversations.Source.API,
                author=row.sender,
                body=content["body"],
                media=content["media"],
                fields=fields,
                source_key=f"api:{row.id.hex}",
                is_silent=True,
            )
        ],
        now=now,
    )
    if isinstance(stored[0], ApiError):
        raise stored[0]


def _require_finished(account_id: UUID, message_id: UUID) -> None:
    message = conversation_queries.channel_message(account_id, message_id)
    if message is None or status_of(message, conversation_queries.receipts([message_id])[message_id]) in PENDING:
        raise NotFinished("The message is not finished yet")


def status_of(message: Any, receipts: Sequence[Any]) -> str:
    """Return a message's status in the API's words."""
    if message.source == conversations.Source.CUSTOMER:
        return "received"
    return str(receipts[0].status) if receipts else "queued"


def _check_addresses(recipient: str, sender: str) -> None:
    if _channel(recipient) != _channel(sender):
        raise BadParameter("To and From must be of the same channel", code=21910)
    if recipient == sender:
        raise BadParameter("To and From must not be the same", code=21266)
    is_phone = _channel(recipient) in ("sms", "whatsapp")
    if (is_phone and not _PHONE.fullmatch(recipient)) or len(recipient) > 256:
        raise BadParameter(f"The To address {recipient[:100]} is not a valid one", code=21211)


def _channel(address: str) -> str:
    return address.partition(":")[0] if ":" in address else "sms"


def _check_url(url: str, name: str, code: int) -> None:
    try:
        http.parse_url(url)
    except http.InvalidRequest as error:
        raise BadParameter(f"{name} is invalid: {error}", code=code) from error
