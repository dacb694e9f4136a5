"""Reading: what somebody has seen, and telling the others."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from conversations import services
from realtime import broadcast, groups

if TYPE_CHECKING:
    from conversations.models import Conversation, Participant


def mark_read(row: Conversation, reader: Participant, *, index: int, now: datetime) -> None:
    """Move a participant's read horizon forward, at most to the newest message, and tell who looks on."""
    last = min(index, row.last_message_index)
    if services.mark_read(participant_id=reader.id, index=last, now=now):
        moved = {"type": "read.moved", "conversation_id": row.id.hex, "kind": reader.kind, "index": last}
        broadcast.send(groups.conversation(row.id), moved)
        services.announce_reading(account_id=row.account_id, conversation_id=row.id, kind=reader.kind, index=last)
