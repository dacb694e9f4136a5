"""
What providers say later about messages they took.

Callbacks come in any order, twice, and now and then before we have stored the provider's id of the message: those
wait in the outbox for a while.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from channels_app.adapters.values import StatusUpdate
from channels_app.models import Connection, Delivery
from common import bulk, outbox
from conversations import services as conversations

TOPIC = "channels.status"
# A callback overtakes our own commit by milliseconds; where the worker died in between or the provider's answer was
# lost, by as long as the message is tried again (common.outbox.RETRY_PAUSES). Then the id is not one of ours.
EARLY_PAUSES_SECONDS = (2, 4, 8, 15, 30, 60, 300, 900, 3600)
WATERMARK_LIMIT = 500  # of the newest messages to one customer
_RANK = {"sent": 1, "delivered": 2, "read": 3, "undelivered": 4, "failed": 4}
_FINAL = ("failed", "undelivered")


@transaction.atomic
def record_status_updates(
    *, account_id: UUID, connection_id: UUID, updates: Sequence[StatusUpdate], now: datetime
) -> None:
    """Move receipts forward by what a provider's webhook said; never backwards."""
    unknown = _apply(account_id, connection_id, updates, now)
    outbox.put(*(_early(account_id, connection_id, update, 0, now) for update in unknown))


def drain_early(now: datetime) -> int:
    """The topic's drain: try the callbacks again that came before their message's id."""
    with transaction.atomic():
        entries = outbox.claim(topic=TOPIC, now=now, limit=100)
        for entry in entries:
            payload = entry.payload
            account_id, connection_id = UUID(payload["account_id"]), UUID(payload["connection_id"])
            update = StatusUpdate(**payload["update"])
            tries = payload["tries"] + 1
            if _apply(account_id, connection_id, [update], now) and tries < len(EARLY_PAUSES_SECONDS):
                outbox.put(_early(account_id, connection_id, update, tries, now))
        outbox.done([entry.id for entry in entries])
    return len(entries)


def _early(account_id: UUID, connection_id: UUID, update: StatusUpdate, tries: int, now: datetime) -> outbox.Entry:
    payload: dict[str, Any] = {
        "account_id": account_id.hex,
        "connection_id": connection_id.hex,
        # Watermarks never are early: what they name is in our table or not meant.
        "update": {**dataclasses.asdict(update), "up_to": None},
        "tries": tries,
    }
    return outbox.Entry(
        topic=TOPIC,
        key=uuid5(NAMESPACE_URL, f"{connection_id.hex}:{update.external_id}"),
        payload=payload,
        due_at=now + timedelta(seconds=EARLY_PAUSES_SECONDS[tries]),
    )


def _apply(account_id: UUID, connection_id: UUID, updates: Sequence[StatusUpdate], now: datetime) -> list[StatusUpdate]:
    """Return the updates whose message is not known yet."""
    named = [update for update in updates if update.external_id]
    rows = Delivery.objects.filter(
        account_id=account_id,
        connection_id=connection_id,
        external_id__in={update.external_id for update in named},
    )
    by_external: dict[str, list[Delivery]] = defaultdict(list)
    # A message of several parts is judged as a whole, so all of its rows are locked, always in the same order.
    for row in _with_siblings(rows):
        by_external[row.external_id].append(row)
    unknown: list[StatusUpdate] = []
    moved: dict[UUID, tuple[Delivery, StatusUpdate]] = {}
    for update in named:
        found = by_external.get(update.external_id)
        if not found:
            unknown.append(update)
        for row in found or ():
            _move(row, update, moved)
    for update in updates:
        if not update.external_id and update.up_to is not None:
            for row in _until(connection_id, update):
                _move(row, update, moved)
    bulk.update_many(Delivery, ("status",), {key: (row.status,) for key, (row, _) in moved.items()})
    _record(moved.values(), now)
    return [update for update in unknown if not _is_local(account_id, connection_id, update, now)]


def _move(row: Delivery, update: StatusUpdate, moved: dict[UUID, tuple[Delivery, StatusUpdate]]) -> None:
    if row.status not in _FINAL and _RANK[update.status] > _RANK[row.status]:
        # A failure said after "delivered" is a late callback, not news.
        if update.status in _FINAL and row.status in ("delivered", "read"):
            return
        row.status = update.status
        moved[row.id] = (row, update)


def _with_siblings(rows: Any) -> list[Delivery]:
    found = list(rows.order_by("id").select_for_update())
    if not any(row.parts > 1 for row in found):
        return found
    messages = {row.message_id for row in found}
    return list(Delivery.objects.filter(message_id__in=messages).order_by("id").select_for_update())


def _until(connection_id: UUID, update: StatusUpdate) -> list[Delivery]:
    rows = Delivery.objects.filter(connection_id=connection_id, customer=update.customer, sent_at__lte=update.up_to)
    newest = list(rows.order_by("-sent_at").values_list("id", flat=True)[:WATERMARK_LIMIT])
    return list(Delivery.objects.filter(id__in=newest).order_by("id").select_for_update())


def _record(moved: Iterable[tuple[Delivery, StatusUpdate]], now: datetime) -> None:
    """Write receipts: a message is as far as its slowest part, and failed with its first failed one."""
    latest = {(row.message_id, row.participant_id): (row, update) for row, update in moved}
    if not latest:
        return
    several = {message_id for (message_id, _), (row, _) in latest.items() if row.parts > 1}
    parts: dict[tuple[UUID, UUID], list[str]] = defaultdict(list)
    for row in Delivery.objects.filter(message_id__in=several) if several else ():
        parts[row.message_id, row.participant_id].append(row.status)
    receipts = []
    for key, (row, update) in latest.items():
        statuses = parts.get(key) or [row.status]
        failed = [status for status in statuses if status in _FINAL]
        if len(statuses) < row.parts and not failed:
            continue  # the rest of it is still on its way to the provider
        status = failed[0] if failed else min(statuses, key=_RANK.__getitem__)
        receipts.append(
            conversations.ReceiptUpdate(
                message_id=row.message_id,
                participant_id=row.participant_id,
                status=status,
                error_code=(update.error_code or 30008) if failed else 0,
                error_message=update.error_message if failed else "",
            )
        )
    conversations.record_receipts(receipts, now=now)


def _is_local(account_id: UUID, connection_id: UUID, update: StatusUpdate, now: datetime) -> bool:
    """The simulated network's messages have no delivery rows: their receipts carry the id themselves."""
    is_sandbox = Connection.objects.filter(id=connection_id, provider=Connection.Provider.SANDBOX).exists()
    if is_sandbox:
        conversations.record_statuses(
            account_id=account_id,
            channel_message_sid=update.external_id,
            status=update.status,
            now=now,
            error_code=update.error_code or 0,
            error_message=update.error_message,
        )
    return is_sandbox
