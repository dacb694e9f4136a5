"""Looking at a conversation, silently."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from common import events, ids
from reports import queries as reports
from supervision.events import WatchersChanged
from supervision.models import Watch
from supervision.services.actors import Actor

# A browser says so again every 20 seconds; one that was closed is gone after this.
FRESH = timedelta(seconds=50)


@transaction.atomic
def watch(*, actor: Actor, conversation_id: UUID, now: datetime) -> Watch:
    """Note that a supervisor looks at a conversation, or still does; the first time goes into the audit log."""
    row = Watch.objects.select_for_update().filter(conversation_id=conversation_id, user_id=actor.user_id).first()
    if row is not None and row.seen_at > now - FRESH:
        row.seen_at = now
        row.save(update_fields=("seen_at",))
        return row
    is_private = reports.goals(actor.account_id).is_monitoring_private
    row, _ = Watch.objects.update_or_create(
        conversation_id=conversation_id,
        user_id=actor.user_id,
        defaults={
            "account_id": actor.account_id,
            "name": actor.name[:256],
            "is_private": is_private,
            "began_at": now,
            "seen_at": now,
        },
    )
    actor.note("conversation.monitored", ids.sid("CH", conversation_id), now, is_private=is_private)
    if not is_private:
        events.publish(WatchersChanged(account_id=actor.account_id, conversation_id=conversation_id))
    return row


@transaction.atomic
def stop_watching(*, actor: Actor, conversation_id: UUID) -> None:
    """Note that a supervisor looks away."""
    mine = Watch.objects.filter(account_id=actor.account_id, conversation_id=conversation_id, user_id=actor.user_id)
    was_told = mine.filter(is_private=False).exists()
    mine.delete()
    if was_told:
        events.publish(WatchersChanged(account_id=actor.account_id, conversation_id=conversation_id))
