"""Apps in the side panel: pages of other sites, each with a secret that signs what it is told."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import services as accounts
from common import crypto
from common.errors import BadParameter
from console.errors import UnknownApp
from console.models import PanelApp

SHARES = ("customer", "attributes")
MAX_APPS = 12
_LOCAL = ("localhost", "127.0.0.1", "::1")


@transaction.atomic
def create_app(
    *, account_id: UUID, name: str, url: str, shares: Sequence[str], own_hosts: Sequence[str], actor: str, now: datetime
) -> PanelApp:
    """
    Add an app; its secret can be read from the row this once.

    :raises BadParameter: a malformed value, our own address, or too many apps.
    """
    if PanelApp.objects.filter(account_id=account_id).count() >= MAX_APPS:
        raise BadParameter(f"There can be {MAX_APPS} apps")
    row = PanelApp(account_id=account_id, sealed_secret=crypto.encrypt(secrets.token_hex(32)), created_at=now)
    return _save(row, "app.created", actor, now, name=name, url=url, shares=shares, own_hosts=own_hosts)


@transaction.atomic
def update_app(
    *,
    account_id: UUID,
    app_id: UUID,
    name: str,
    url: str,
    shares: Sequence[str],
    enabled: bool,
    own_hosts: Sequence[str],
    actor: str,
    now: datetime,
) -> PanelApp:
    """
    Change an app.

    :raises UnknownApp: there is none.
    :raises BadParameter: a malformed value, or our own address.
    """
    row = _locked(account_id, app_id)
    row.enabled = enabled
    return _save(row, "app.updated", actor, now, name=name, url=url, shares=shares, own_hosts=own_hosts)


@transaction.atomic
def renew_secret(*, account_id: UUID, app_id: UUID, actor: str, now: datetime) -> PanelApp:
    """Give an app another secret; tokens signed with the old one end within minutes."""
    row = _locked(account_id, app_id)
    row.sealed_secret, row.updated_at = crypto.encrypt(secrets.token_hex(32)), now
    row.save(update_fields=("sealed_secret", "updated_at"))
    accounts.record_audit(
        account_id=account_id, actor=actor, action="app.secret_renewed", subject=row.sid, changes={}, now=now
    )
    return row


@transaction.atomic
def delete_app(*, account_id: UUID, app_id: UUID, actor: str, now: datetime) -> None:
    """Take an app away from all consoles."""
    row = _locked(account_id, app_id)
    accounts.record_audit(
        account_id=account_id,
        actor=actor,
        action="app.deleted",
        subject=row.sid,
        changes={"name": row.name, "url": row.url},
        now=now,
    )
    row.delete()


def _locked(account_id: UUID, app_id: UUID) -> PanelApp:
    row = PanelApp.objects.select_for_update().filter(account_id=account_id, id=app_id).first()
    if row is None:
        raise UnknownApp("app")
    return row


def _save(
    row: PanelApp,
    action: str,
    actor: str,
    now: datetime,
    *,
    name: str,
    url: str,
    shares: Sequence[str],
    own_hosts: Sequence[str],
) -> PanelApp:
    row.name, row.url, row.updated_at = name.strip(), _checked_url(url.strip(), own_hosts), now
    if not 0 < len(row.name) <= 60:
        raise BadParameter("An app's name has 1 to 60 characters")
    if any(share not in SHARES for share in shares):
        raise BadParameter(f"shares must be of {', '.join(SHARES)}")
    row.shares = sorted(set(shares))
    row.save()
    changes = {"name": row.name, "url": row.url, "shares": row.shares, "enabled": row.enabled}
    accounts.record_audit(
        account_id=row.account_id, actor=actor, action=action, subject=row.sid, changes=changes, now=now
    )
    return row


def _checked_url(url: str, own_hosts: Sequence[str]) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadParameter("url must be a web address") from error
    if len(url) > 1024 or not parts.hostname or parts.username is not None or not url.isascii() or " " in url:
        raise BadParameter("url must be a web address of at most 1,024 characters, without a user name")
    # Its origin becomes a source of the page's policy: nothing but names, dots and hyphens may stand there.
    if not all(character.isalnum() or character in ".-:" for character in parts.hostname):
        raise BadParameter("url must be a web address")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise BadParameter("url must begin with https:// (http:// is for this machine only)")
    own = {urlsplit(settings.PUBLIC_URL).netloc, *own_hosts}
    if parts.netloc in own or f"{parts.hostname}:{port or ''}".rstrip(":") in own:
        # On our own origin the sandbox would not hold.
        raise BadParameter("An app must be at another origin than Flowdesk")
    return url
