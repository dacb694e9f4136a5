"""Asking a provider whether a connection works, before a customer finds out."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from channels_app import queries
from channels_app.adapters.errors import AdapterError, Misconfigured, Rejected
from channels_app.adapters.values import ProviderRequest, ProviderResponse
from channels_app.asking import ask
from channels_app.delivery.exchange import redacted
from channels_app.models import Connection, TrafficEntry
from common import http

PROBE_SECONDS = 10.0
LOGGED = 4096


@dataclass(frozen=True, slots=True)
class Probe:
    """What the provider said: whether messages can be sent, and what it takes us for or why not."""

    works: bool
    message: str
    duration_ms: int


def probe_connection(*, account_id: UUID, connection_id: UUID, now: datetime) -> Probe:
    """
    Check a connection: that nothing is missing, the keys are accepted, and the address is the one they are for.

    Nothing is sent to anybody. The requests are in the connection's traffic, but for those that carry secrets.

    :raises Connection.DoesNotExist: unknown in this account.
    """
    row = queries.connection(account_id, connection_id)
    if row.provider == Connection.Provider.WEB:
        return Probe(True, "The web chat is served by this installation: nothing to check outside", 0)
    began = time.monotonic()
    try:
        message, works = _ask(row, now), True
    except Rejected as error:
        message, works = f"{error.message} ({error.provider_code})", False
    except Misconfigured as error:
        text = str(error)
        message, works = text[:1].upper() + text[1:], False
    except (AdapterError, http.HttpError) as error:
        message, works = f"The provider could not be asked: {error}", False
    return Probe(works, message, round((time.monotonic() - began) * 1000))


def _ask(row: Connection, now: datetime) -> str:
    source = queries.source(row)
    adapter, config = source.adapter, source.config
    if row.provider == Connection.Provider.SANDBOX:
        return "The simulated network takes messages; nothing leaves this installation"
    for field in adapter.credential_fields:
        if field.required:
            config.require(field.name)
    token = ""
    wanted = adapter.token_request(config, now)
    if wanted is not None:
        token = adapter.read_token(ask(wanted, seconds=PROBE_SECONDS)).value
    answers = []
    for request in adapter.probe(config, token):
        answer = ask(request, seconds=PROBE_SECONDS)
        _log(row, request, answer, now)
        answers.append(answer)
    return adapter.read_probe(tuple(answers), config)


def _log(row: Connection, request: ProviderRequest, answer: ProviderResponse, now: datetime) -> None:
    TrafficEntry.objects.create(
        account_id=row.account_id,
        connection_id=row.id,
        direction="out",
        method=request.method,
        url=redacted(request.url),
        status=answer.status,
        response=answer.body[:LOGGED].decode("utf-8", "replace").replace("\x00", ""),
        created_at=now,
    )
