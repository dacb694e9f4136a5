"""An admin changes a web chat."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.services import record_audit
from channels_app import webchat
from channels_app.models import Connection
from common import crypto
from common.clock import to_iso
from common.errors import NotFound


@transaction.atomic
def change_webchat(
    *, account_id: UUID, connection_id: UUID, settings: Mapping[str, Any], now: datetime, actor: str = ""
) -> Connection:
    """
    Change what is given of a web chat's settings (``channels_app.webchat.Settings``).

    :raises NotFound: the account has no such web chat.
    :raises BadParameter: a setting is unknown or malformed.
    """
    row = lock_webchat(account_id=account_id, connection_id=connection_id)
    known = webchat.read(row.webchat)
    changed = webchat.check(settings, known)
    row.webchat = changed.to_json()
    row.updated_at = now
    row.save(update_fields=("webchat", "updated_at"))
    before = known.to_json()
    names = sorted(name for name, value in row.webchat.items() if value != before[name])
    _audit(row, "webchat.changed", {"settings": names}, actor, now)
    return row


@transaction.atomic
def renew_identity_secret(
    *, account_id: UUID, connection_id: UUID, keep_old: timedelta, now: datetime, actor: str = ""
) -> str:
    """
    Give a web chat another secret to sign its users with, and return it: it is shown this once.

    What the old one signed is good for ``keep_old`` more, so that servers can be changed one after another.

    :raises NotFound: the account has no such web chat.
    """
    row = lock_webchat(account_id=account_id, connection_id=connection_id)
    known = crypto.decrypt_json(row.sealed_credentials)
    credentials = dict(known) if isinstance(known, dict) else {}
    secret = secrets.token_urlsafe(32)
    old = credentials.get("identity_secret")
    credentials.pop("identity_secret_before", None)
    if old and keep_old > timedelta():
        credentials["identity_secret_before"] = old
        credentials["identity_secret_before_until"] = to_iso(now + keep_old)
    credentials["identity_secret"] = secret
    row.sealed_credentials = crypto.encrypt_json(credentials)
    row.updated_at = now
    row.save(update_fields=("sealed_credentials", "updated_at"))
    _audit(row, "webchat.secret_renewed", {"keep_old_seconds": int(keep_old.total_seconds())}, actor, now)
    return secret


def lock_webchat(*, account_id: UUID, connection_id: UUID) -> Connection:
    """
    Return a web chat's row, held to the end of the transaction.

    :raises NotFound: the account has no such web chat.
    """
    rows = Connection.objects.select_for_update().filter(account_id=account_id, id=connection_id)
    row = rows.filter(provider=Connection.Provider.WEB).first()
    if row is None:
        raise NotFound("web chat")
    return row


def _audit(row: Connection, action: str, changes: dict[str, object], actor: str, now: datetime) -> None:
    record_audit(account_id=row.account_id, actor=actor, action=action, subject=row.sid, changes=changes, now=now)
