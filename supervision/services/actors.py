"""Who does something, as the audit log and the colleagues see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.services import record_audit
from common import ids


@dataclass(frozen=True, slots=True)
class Actor:
    """A supervisor or an admin; ``worker_id`` None where they take no tasks."""

    account_id: UUID
    user_id: UUID
    name: str
    worker_id: UUID | None = None

    @classmethod
    def of(cls, user: Any) -> Actor:
        return cls(user.account_id, user.id, user.display_name, user.worker_id)

    @property
    def identity(self) -> str:
        """What they go by in conversations they barge into."""
        return ids.sid("US", self.user_id)

    def note(self, action: str, subject: str, now: datetime, **changes: object) -> None:
        """Append to the audit log."""
        record_audit(
            account_id=self.account_id,
            actor=ids.sid("US", self.user_id),
            action=action,
            subject=subject,
            changes=dict(changes),
            now=now,
        )
