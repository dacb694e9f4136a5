"""Creating, changing and removing an account's senders."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.services import record_audit
from channels_app import queries
from channels_app.adapters import UnknownChannel, adapter_for
from channels_app.errors import AddressTaken, MissingCredential, UnknownProvider
from channels_app.models import Connection, ParkedDelivery, SenderPace, TrafficEntry
from common import crypto, http
from common.errors import BadParameter

_PHONE = r"\+[1-9][0-9]{4,18}"
# What an address of ours looks like (reference/channels.md, "Mapping used by Conversations").
ADDRESS_FORMS = {
    Connection.Type.SMS: (re.compile(rf"{_PHONE}|[0-9]{{3,8}}|[A-Za-z0-9 ]{{1,11}}"), "+15557771212"),
    Connection.Type.WHATSAPP: (re.compile(rf"whatsapp:{_PHONE}"), "whatsapp:+15557771212"),
    Connection.Type.MESSENGER: (re.compile(r"messenger:[0-9A-Za-z_.-]{1,100}"), "messenger:<page id>"),
    Connection.Type.GBM: (re.compile(r"gbm:[0-9A-Za-z_./-]{1,200}"), "gbm:<agent id>"),
    Connection.Type.RCS: (re.compile(r"rcs:[0-9A-Za-z_.@-]{1,200}"), "rcs:<agent id>"),
    Connection.Type.CHAT: (re.compile(r"[^\x00-\x1f]{1,256}"), "a free name"),
}
MAX_CREDENTIAL = 8192  # characters; a PEM key has about 1,700


@transaction.atomic
def create_connection(
    *,
    account_id: UUID,
    type: str,
    provider: str,
    address: str,
    now: datetime,
    friendly_name: str = "",
    credentials: Mapping[str, object] | None = None,
    api_base_url: str = "",
    rate_per_second: float | None = None,
    actor: str = "",
) -> Connection:
    """
    Create a sender. A web chat gets a deployment key; the others a webhook address.

    :raises BadParameter: unknown type or provider, a malformed address or credential, a missing one.
    :raises AddressTaken: the account has it already.
    """
    if type not in Connection.Type.values:
        raise BadParameter(f"Type must be one of {', '.join(Connection.Type.values)}")
    if provider not in Connection.Provider.values:
        raise BadParameter(f"Provider must be one of {', '.join(Connection.Provider.values)}")
    pattern, example = ADDRESS_FORMS[Connection.Type(type)]
    if not pattern.fullmatch(address):
        raise BadParameter(f"Address is not one of type {type}; it looks like {example}")
    row = Connection(
        account_id=account_id,
        type=type,
        provider=provider,
        address=address,
        friendly_name=friendly_name[:256] or address,
        sealed_credentials=_sealed(type, provider, {}, credentials or {}),
        api_base_url=_checked_url(api_base_url),
        rate_per_second=_checked_rate(rate_per_second),
        deployment_key=secrets.token_urlsafe(24) if provider == Connection.Provider.WEB else None,
        created_at=now,
        updated_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise AddressTaken(f"There is a {type} connection for {address} already") from error
    record_audit(
        account_id=account_id,
        actor=actor,
        action="connection.created",
        subject=row.sid,
        changes={"type": type, "provider": provider, "address": address},
        now=now,
    )
    return row


@transaction.atomic
def update_connection(
    *,
    account_id: UUID,
    connection_id: UUID,
    now: datetime,
    friendly_name: str | None = None,
    credentials: Mapping[str, object] | None = None,
    api_base_url: str | None = None,
    status: str | None = None,
    rate_per_second: float | None = None,
    own_rate: bool = False,
    actor: str = "",
) -> Connection:
    """
    Change what is given; ``own_rate``: back to the adapter's own. Credentials that are not named stay, one given as ""
    or null is removed.

    :raises Connection.DoesNotExist: unknown in this account.
    :raises BadParameter: malformed.
    """
    row = Connection.objects.select_for_update().get(account_id=account_id, id=connection_id)
    changes: dict[str, object] = {}
    if friendly_name is not None:
        row.friendly_name = changes["friendly_name"] = friendly_name[:256]
    if credentials is not None:
        known = crypto.decrypt_json(row.sealed_credentials)
        row.sealed_credentials = _sealed(row.type, row.provider, known if isinstance(known, dict) else {}, credentials)
        # Which ones, never what they are.
        changes["credentials"] = sorted(str(name) for name in credentials)
    if api_base_url is not None:
        row.api_base_url = changes["api_base_url"] = _checked_url(api_base_url)
    if rate_per_second is not None:
        row.rate_per_second = changes["rate_per_second"] = _checked_rate(rate_per_second)
    if own_rate:
        row.rate_per_second = changes["rate_per_second"] = None
    if status is not None:
        if status not in Connection.Status.values:
            raise BadParameter(f"Status must be one of {', '.join(Connection.Status.values)}")
        row.status = changes["status"] = status
    row.updated_at = now
    row.save()
    transaction.on_commit(queries.forget_senders)
    record_audit(
        account_id=account_id, actor=actor, action="connection.updated", subject=row.sid, changes=changes, now=now
    )
    return row


@transaction.atomic
def delete_connection(*, account_id: UUID, connection_id: UUID, now: datetime, actor: str = "") -> None:
    """
    Remove a sender with its keys and its log; conversations and receipts stay.

    :raises Connection.DoesNotExist: unknown in this account.
    """
    row = Connection.objects.select_for_update().get(account_id=account_id, id=connection_id)
    sid, address = row.sid, row.address
    TrafficEntry.objects.filter(connection_id=row.id).delete()
    SenderPace.objects.filter(connection_id=row.id).delete()
    ParkedDelivery.objects.filter(connection_id=row.id).update(connection_id=None)
    row.delete()
    transaction.on_commit(queries.forget_senders)
    record_audit(
        account_id=account_id,
        actor=actor,
        action="connection.deleted",
        subject=sid,
        changes={"address": address},
        now=now,
    )


def _sealed(type: str, provider: str, known: Mapping[str, object], given: Mapping[str, object]) -> str:
    """Merge credentials, check them against what the adapter needs, and encrypt them."""
    merged: dict[str, str] = {name: str(value) for name, value in known.items()}
    for name, value in given.items():
        if value is None or value == "":
            merged.pop(name, None)
        elif isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > MAX_CREDENTIAL:
            raise BadParameter(f"The credential {name} must be a text of at most {MAX_CREDENTIAL} characters")
        else:
            merged[name] = str(value)
    if provider == Connection.Provider.WEB:
        if type != Connection.Type.CHAT:
            raise UnknownProvider(f"The provider web carries chat only, not {type}")
        return crypto.encrypt_json(merged)
    try:
        adapter = adapter_for(provider=provider, channel_type=type)
    except UnknownChannel as error:
        raise UnknownProvider(f"The provider {provider} does not carry {type}") from error
    missing = [field.name for field in adapter.credential_fields if field.required and not merged.get(field.name)]
    if missing:
        raise MissingCredential(f"Credentials must contain {', '.join(missing)}")
    return crypto.encrypt_json(merged)


def _checked_url(url: str) -> str:
    if not url:
        return ""
    try:
        http.parse_url(url)
    except http.InvalidRequest as error:
        raise BadParameter(f"ApiBaseUrl: {error}") from error
    if len(url) > 512:
        raise BadParameter("ApiBaseUrl must have at most 512 characters")
    return url.rstrip("/")


def _checked_rate(rate: float | None) -> float | None:
    if rate is not None and not 0.01 <= rate <= 10_000:
        raise BadParameter("RatePerSecond must be between 0.01 and 10000")
    return rate
