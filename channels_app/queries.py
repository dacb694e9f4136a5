"""Reads of connections, deliveries and the simulated network."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import cast
from uuid import UUID

from accounts import queries as accounts
from channels_app.adapters import Adapter, UnknownChannel, adapter_for
from channels_app.adapters.values import Config
from channels_app.models import ApiMessage, Connection, ParkedDelivery, SandboxMessage, TrafficEntry
from common import clock, crypto, ids
from common.api.errors import public_url

logger = logging.getLogger(__name__)

# How long a changed connection may still be sent through as it was.
KEPT_SECONDS = 1.0
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Receiver:
    """What the ingress needs to judge and read a connection's webhooks."""

    connection_id: UUID
    account_id: UUID
    channel_type: str
    adapter: Adapter
    config: Config


@dataclass(frozen=True, slots=True)
class Sender:
    """What delivery needs to send through a connection."""

    connection_id: UUID
    account_id: UUID
    adapter: Adapter
    config: Config
    rate_per_second: float


@dataclass(frozen=True, slots=True)
class Source:
    """What is needed to ask a connection's provider for something, such as a file it keeps."""

    adapter: Adapter
    config: Config


_senders: dict[tuple[UUID, str], tuple[float, Sender]] = {}


def receiver(connection_id: UUID) -> Receiver | None:
    """Return who takes a connection's webhooks; None where it is unknown, disabled, or has none (web chat)."""
    row = Connection.objects.filter(id=connection_id, status=Connection.Status.ACTIVE).first()
    if row is None or row.provider == Connection.Provider.WEB:
        return None
    credentials = _credentials(row)
    if row.provider == Connection.Provider.SANDBOX:
        # The simulated network signs with the account's own key, so nobody has to keep a second one.
        credentials = {"auth_token": accounts.account(row.account_id).auth_token}
    return Receiver(row.id, row.account_id, row.type, _adapter(row), _config(row, credentials))


def senders(pairs: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], Sender]:
    """Return the active connection of each (account, our address) that has one, in one statement."""
    wanted = set(pairs)
    if not wanted:
        return {}
    rows = Connection.objects.filter(
        account_id__in={account_id for account_id, _ in wanted},
        address__in={address for _, address in wanted},
        status=Connection.Status.ACTIVE,
    ).exclude(provider=Connection.Provider.WEB)
    found = {}
    for row in rows:
        if (row.account_id, row.address) in wanted:
            adapter = _adapter(row)
            rate = row.rate_per_second or adapter.rate_per_second
            config = _config(row, _credentials(row))
            found[row.account_id, row.address] = Sender(row.id, row.account_id, adapter, config, rate)
    return found


def source(row: Connection) -> Source:
    """Return what is needed to ask a connection's provider."""
    return Source(_adapter(row), _config(row, _credentials(row)))


def sources(connection_ids: Iterable[UUID]) -> dict[UUID, Source]:
    """Return what is needed to fetch files of each connection, disabled ones too."""
    rows = Connection.objects.filter(id__in=list(connection_ids)).exclude(provider=Connection.Provider.WEB)
    return {row.id: source(row) for row in rows}


def known_senders(pairs: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], Sender]:
    """
    ``senders``, looked up at most once in ``KEPT_SECONDS`` for delivery, which asks for every message.

    A change holds at once in the process that made it, in others after that time.
    """
    now = time.monotonic()
    found: dict[tuple[UUID, str], Sender] = {}
    missing = []
    for pair in set(pairs):
        read_at, sender = _senders.get(pair, (0.0, None))
        if sender is not None and now - read_at < KEPT_SECONDS:
            found[pair] = sender
        else:
            missing.append(pair)
    if missing:
        looked_up = senders(missing)
        if len(_senders) > MOST_KEPT:
            _senders.clear()
        _senders.update({pair: (now, sender) for pair, sender in looked_up.items()})
        found.update(looked_up)
    return found


def forget_senders() -> None:
    """Look anew at the next message; after a change in this process."""
    _senders.clear()


def connections(account_id: UUID) -> list[Connection]:
    """Return an account's connections, oldest first."""
    return list(Connection.objects.filter(account_id=account_id).order_by("id"))


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel takes of one message; ``window_seconds``: for free-form text, after the customer's last."""

    max_body: int  # characters
    max_media: int
    max_media_bytes: int
    window_seconds: int | None
    strips: tuple[str, ...]


def limits_of(connection_ids: Iterable[UUID]) -> dict[UUID, Limits]:
    """Return the limits of each connection that an adapter speaks for; web chat has none."""
    rows = Connection.objects.filter(id__in=list(connection_ids)).only("id", "provider", "type")
    found = {}
    for row in rows:
        try:
            adapter = _adapter(row)
        except UnknownChannel:
            continue
        window = adapter.window
        found[row.id] = Limits(
            max_body=adapter.max_body,
            max_media=adapter.max_media,
            max_media_bytes=adapter.max_media_bytes,
            window_seconds=None if window is None else int(window.total_seconds()),
            strips=adapter.strips,
        )
    return found


def connection(account_id: UUID, connection_id: UUID) -> Connection:
    """
    Return one connection.

    :raises Connection.DoesNotExist: unknown in this account.
    """
    return Connection.objects.get(account_id=account_id, id=connection_id)


def connection_for(account_id: UUID, address: str) -> Connection | None:
    """Return the active connection that owns one of our addresses."""
    rows = Connection.objects.filter(account_id=account_id, address=address, status=Connection.Status.ACTIVE)
    return rows.exclude(provider=Connection.Provider.WEB).first()


def connection_by_deployment_key(key: str) -> Connection | None:
    """Return the active web-chat connection that a page names."""
    return Connection.objects.filter(deployment_key=key, status=Connection.Status.ACTIVE).first() if key else None


def webchats(account_id: UUID) -> list[Connection]:
    """Return an account's web chats, oldest first."""
    return list(Connection.objects.filter(account_id=account_id, provider=Connection.Provider.WEB).order_by("id"))


def webchat(account_id: UUID, connection_id: UUID) -> Connection | None:
    """Return one web chat."""
    rows = Connection.objects.filter(account_id=account_id, id=connection_id, provider=Connection.Provider.WEB)
    return rows.first()


def identity_secrets(row: Connection, now: datetime) -> list[str]:
    """Return the secrets that sign a web chat's users: the present one, and the one before while it is good."""
    credentials = _credentials(row)
    found = [credentials.get("identity_secret", "")]
    if credentials.get("identity_secret_before_until", "") > clock.to_iso(now):
        found.append(credentials.get("identity_secret_before", ""))
    return [secret for secret in found if secret]


def credentials_set(row: Connection) -> list[str]:
    """Return which credentials a connection holds, by name; never what they are."""
    return sorted(_credentials(row))


def webhook_url(row: Connection) -> str | None:
    """Return the address a provider's webhooks go to; web chat has none."""
    return None if row.provider == Connection.Provider.WEB else public_url(f"/webhooks/{row.sid}")


def parked_deliveries(account_id: UUID, *, limit: int = 100) -> list[ParkedDelivery]:
    """Return what did not reach a customer, newest first."""
    return list(ParkedDelivery.objects.filter(account_id=account_id).order_by("-id")[:limit])


def traffic(account_id: UUID, connection_id: UUID, *, limit: int = 50) -> list[TrafficEntry]:
    """Return a connection's newest exchanges, newest first."""
    rows = TrafficEntry.objects.filter(account_id=account_id, connection_id=connection_id)
    return list(rows.order_by("-id")[:limit])


def sandbox_messages(
    connection_id: UUID, customer: str, *, after: UUID | None = None, limit: int = 200
) -> list[SandboxMessage]:
    """Return what a simulated phone shows, oldest first: the newest ``limit``, or those after a message."""
    rows = SandboxMessage.objects.filter(connection_id=connection_id, customer=customer)
    if after is not None:
        return list(rows.filter(id__gt=after).order_by("id")[:limit])
    return list(rows.order_by("-id")[:limit])[::-1]


def _adapter(row: Connection) -> Adapter:
    return adapter_for(provider=row.provider, channel_type=row.type)


def _config(row: Connection, credentials: Mapping[str, str]) -> Config:
    return Config(
        account_sid=ids.sid("AC", row.account_id),
        address=row.address,
        credentials=credentials,
        webhook_url=webhook_url(row) or "",
        api_base_url=row.api_base_url,
    )


def _credentials(row: Connection) -> Mapping[str, str]:
    """Unreadable credentials are as good as none: the adapter then names what is missing, for this sender only."""
    try:
        return _unsealed(row.sealed_credentials)
    except crypto.UnreadableSecret:
        logger.error("The credentials of connection %s cannot be read with this FLOWDESK_SECRET_KEY", row.sid)
        return {}


@lru_cache(maxsize=256)
def _unsealed(sealed: str) -> Mapping[str, str]:
    return cast("Mapping[str, str]", crypto.decrypt_json(sealed))


def api_messages(message_ids: Iterable[UUID]) -> dict[UUID, ApiMessage]:
    """Return what the Messages API remembers of messages it made."""
    return ApiMessage.objects.in_bulk(list(message_ids))


def pending_api_messages(
    account_id: UUID, *, sender: str = "", recipient: str = "", before: UUID | None = None, limit: int = 50
) -> list[ApiMessage]:
    """Return the messages that are scheduled or cancelled, newest first."""
    rows = ApiMessage.objects.filter(account_id=account_id).exclude(state=ApiMessage.State.ADDED)
    if sender:
        rows = rows.filter(sender=sender)
    if recipient:
        rows = rows.filter(recipient=recipient)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows.order_by("-id")[:limit])


def pending_api_message(account_id: UUID, message_id: UUID) -> ApiMessage | None:
    """Return a message that is scheduled or cancelled."""
    rows = ApiMessage.objects.filter(account_id=account_id, id=message_id)
    return rows.exclude(state=ApiMessage.State.ADDED).first()


def count_parked_deliveries() -> int:
    """Return how many messages of the installation no provider took; for those who operate it."""
    return ParkedDelivery.objects.count()
