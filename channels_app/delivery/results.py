"""Storing what became of messages: receipts, provider ids, the log, and the entry's end, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from channels_app.delivery import pace
from channels_app.delivery.jobs import Exchange, Failed, Later, Outcome, Sent, Taken
from channels_app.models import Delivery, ParkedDelivery, SandboxMessage, SenderPace, TrafficEntry
from common import bulk, ids, metrics, outbox
from conversations import services as conversations

TRAFFIC_KEPT = 200  # exchanges of each connection
TRIMMED_EVERY = 50  # new exchanges
MOST_A_CONNECTION = 20  # good exchanges kept each second


def record(outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """
    Store a batch of outcomes, in one transaction: the caller's, where it has one.

    Where somebody still waits for the message the entry comes again after its pause; after the last try, or a
    refusal, it stands in the list of parked deliveries and its receipt has failed.
    """
    if not outcomes:
        return
    with transaction.atomic(savepoint=False), bulk.together():
        _record(outcomes, now)


def _record(outcomes: Sequence[Outcome], now: datetime) -> None:
    receipts: list[conversations.ReceiptUpdate] = []
    parked: list[ParkedDelivery] = []
    finished: list[int] = []
    for outcome in outcomes:
        _count(outcome)
        waiting = [sent for sent in outcome.sent if isinstance(sent.outcome, Later)]
        is_last = outcome.job.entry.attempts >= len(outbox.RETRY_PAUSES)
        for sent in outcome.sent:
            if isinstance(sent.outcome, Later) and not is_last:
                continue
            receipts.append(_receipt(outcome, sent))
            if not isinstance(sent.outcome, Taken):
                parked.append(_parked(outcome, sent, now))
        if waiting and not is_last:
            _again(outcome, waiting, now)
        else:
            finished.append(outcome.job.entry.id)
    _write_local(outcomes, now)
    _write_parts(outcomes)
    bulk.insert_many(parked, passing_over=True)
    _write_traffic(outcomes, now)
    outbox.done(finished)
    # Last: its answer is waited for, and all that was written above travels with it.
    conversations.record_receipts(receipts, now=now)


def _count(outcome: Outcome) -> None:
    for sent in outcome.sent:
        sender = sent.recipient.sender
        provider = sender.adapter.provider if sender is not None else "none"
        metrics.deliveries.labels(provider, type(sent.outcome).__name__.lower()).inc()


def _receipt(outcome: Outcome, sent: Sent) -> conversations.ReceiptUpdate:
    what = sent.outcome
    message_id, participant_id = outcome.job.message_id, sent.recipient.participant_id
    if isinstance(what, Taken):
        return conversations.ReceiptUpdate(
            message_id=message_id,
            participant_id=participant_id,
            status="delivered" if what.is_delivered else "sent",
            channel_message_sid=what.external_id,
        )
    return conversations.ReceiptUpdate(
        message_id=message_id,
        participant_id=participant_id,
        status="failed",
        error_code=what.code,
        error_message=what.message[:500],
    )


def _parked(outcome: Outcome, sent: Sent, now: datetime) -> ParkedDelivery:
    what = sent.outcome
    assert not isinstance(what, Taken)
    sender = sent.recipient.sender
    return bulk.new(
        ParkedDelivery,
        account_id=outcome.job.account_id,
        connection_id=sender.connection_id if sender else None,
        conversation_id=outcome.job.conversation_id,
        message_id=outcome.job.message_id,
        participant_id=sent.recipient.participant_id,
        sender=sent.recipient.message.sender,
        recipient=sent.recipient.message.recipient,
        reason=ParkedDelivery.Reason.REFUSED if isinstance(what, Failed) else ParkedDelivery.Reason.EXHAUSTED,
        error_code=what.code,
        error_message=what.message[:500],
        attempts=outcome.job.entry.attempts + 1,
        payload=outcome.job.entry.payload,
        created_at=now,
    )


def _again(outcome: Outcome, waiting: Sequence[Sent], now: datetime) -> None:
    pauses = [sent.outcome.pause_seconds for sent in waiting if isinstance(sent.outcome, Later)]
    said = [pause for pause in pauses if pause is not None]
    first = waiting[0].outcome
    assert isinstance(first, Later)
    outbox.retry(outcome.job.entry, error=first.message, now=now, pause_seconds=max(said) if said else None)
    for sent in waiting:
        what, sender = sent.outcome, sent.recipient.sender
        if isinstance(what, Later) and what.is_throttle and sender is not None:
            # The provider limits the sender, not this message: its other messages pause too.
            pause = what.pause_seconds if what.pause_seconds is not None else 1.0
            # A second more: that is what the pace lets go ahead of its clock.
            _pause(sender.connection_id, now + timedelta(seconds=pause + 1))


def _pause(connection_id: UUID, until: datetime) -> None:
    SenderPace.objects.filter(connection_id=connection_id, next_at__lt=until).update(next_at=until)
    pace.forget(connection_id)


def _write_local(outcomes: Sequence[Outcome], now: datetime) -> None:
    rows = [
        bulk.new(
            SandboxMessage,
            account_id=outcome.job.account_id,
            connection_id=sent.recipient.sender.connection_id,
            customer=sent.recipient.message.recipient,
            direction=SandboxMessage.Direction.IN,
            external_id=sent.outcome.external_id,
            message_id=outcome.job.message_id,
            # The simulated network has no templates to fill in: the phone shows which one it would be.
            body=sent.recipient.message.body or sent.recipient.message.content_sid,
            media=[
                {"url": item.url, "content_type": item.content_type, "filename": item.filename}
                for item in sent.recipient.message.media
            ],
            created_at=now,
        )
        for outcome in outcomes
        for sent in outcome.sent
        if isinstance(sent.outcome, Taken) and sent.recipient.sender and sent.recipient.sender.adapter.is_local
    ]
    bulk.insert_many(rows, passing_over=True)


def _write_parts(outcomes: Sequence[Outcome]) -> None:
    rows = [
        bulk.new(
            Delivery,
            account_id=outcome.job.account_id,
            connection_id=sent.recipient.sender.connection_id,
            message_id=outcome.job.message_id,
            participant_id=sent.recipient.participant_id,
            part=part.number,
            parts=part.of,
            customer=sent.recipient.message.recipient,
            external_id=part.external_id,
            sent_at=part.sent_at,
        )
        for outcome in outcomes
        for sent in outcome.sent
        if sent.recipient.sender is not None
        for part in sent.parts
    ]
    bulk.insert_many(rows, passing_over=True)


def _write_traffic(outcomes: Sequence[Outcome], now: datetime) -> None:
    rows = [
        bulk.new(
            TrafficEntry,
            id=ids.uuid7(),
            account_id=outcome.job.account_id,
            connection_id=exchange.connection_id,
            message_id=outcome.job.message_id,
            direction="out",
            method=exchange.method,
            url=exchange.url,
            request=exchange.request,
            status=exchange.status,
            response=exchange.response,
            error=exchange.error,
            duration_ms=exchange.duration_ms,
            created_at=now,
        )
        for outcome in outcomes
        for exchange in outcome.exchanges
        if _is_worth_keeping(exchange)
    ]
    if not rows:
        return
    bulk.insert_many(rows)
    # By chance, so that the log stays bounded without counting it at every message; no process has to remember.
    for connection_id in {row.connection_id for row in rows if row.id.int % TRIMMED_EVERY == 0}:
        trim_traffic(connection_id)


# (Second, exchanges kept in it) of each connection, in this process.
_kept: dict[UUID, tuple[int, int]] = {}


def _is_worth_keeping(exchange: Exchange) -> bool:
    """Failures are; of the others some: a log of the newest that lasts a blink is of use to nobody."""
    if exchange.status is None or exchange.status >= 400:
        return True
    second = int(time.monotonic())
    since, count = _kept.get(exchange.connection_id, (second, 0))
    count = count + 1 if since == second else 1
    _kept[exchange.connection_id] = (second, count)
    return count <= MOST_A_CONNECTION


def trim_traffic(connection_id: UUID) -> None:
    """Delete all but the newest exchanges of a connection."""
    rows = TrafficEntry.objects.filter(connection_id=connection_id)
    oldest_kept = rows.order_by("-id").values_list("id", flat=True)[TRAFFIC_KEPT - 1 : TRAFFIC_KEPT].first()
    if oldest_kept is not None:
        rows.filter(id__lt=oldest_kept).delete()
