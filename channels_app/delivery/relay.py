"""
What one customer writes in a conversation with several, on its way to the others: its files have to be here first.

A file comes from the provider after its message was stored (``channels_app.fetching``). What is relayed waits a little
for it, and then goes without: a file that cannot be had must not hold up what follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from common.models import OutboxEntry
from conversations import queries as conversations

LOOK_AGAIN = timedelta(seconds=2)
MOST_WAITING = timedelta(minutes=1)


def with_files(entries: Sequence[OutboxEntry], now: datetime) -> tuple[list[OutboxEntry], dict[int, datetime]]:
    """Return the entries that can go, with their files as they are now, and when to look again at the others."""
    waiting = {entry.id: UUID(entry.payload["message_id"]) for entry in entries if _has_files(entry)}
    if not waiting:
        return list(entries), {}
    rows = conversations.messages_by_id(waiting.values())
    ready, later = [], {}
    for entry in entries:
        row = rows.get(waiting[entry.id]) if entry.id in waiting else None
        media = row.media if row is not None else entry.payload["media"]
        if any(item.get("state") == "pending" for item in media) and entry.created_at + MOST_WAITING > now:
            later[entry.id] = now + LOOK_AGAIN
            continue
        if entry.id in waiting:
            entry.payload = {**entry.payload, "media": [item for item in media if not item.get("state")]}
        ready.append(entry)
    return ready, later


def _has_files(entry: OutboxEntry) -> bool:
    return bool(entry.payload.get("is_relayed") and entry.payload["media"])
