"""The user that an identity has from the first time it takes part."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from common import events
from conversations.events import UserChanged
from conversations.models import ChatUser
from conversations.services.configuration import settings_of


def ensure_user(*, account_id: UUID, identity: str, now: datetime, is_silent: bool = False) -> None:
    """Make the user of an identity, where there is none yet."""
    if ChatUser.objects.filter(account_id=account_id, identity=identity).exists():
        return
    made = ChatUser(
        account_id=account_id,
        identity=identity,
        role_id=settings_of(account_id, now=now).service_role_id,
        created_at=now,
        updated_at=now,
    )
    ChatUser.objects.bulk_create([made], ignore_conflicts=True)
    if ChatUser.objects.filter(id=made.id).exists():
        events.publish(UserChanged(account_id=account_id, user_id=made.id, is_new=True, is_silent=is_silent))
