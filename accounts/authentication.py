"""Who calls the REST APIs: account SID and auth token, or API key SID and secret, by HTTP Basic."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts import scopes
from accounts.models import Account, ApiKey
from common import clock, ids
from common.errors import Unauthorized

REALM = "Flowdesk API"
NOTED_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ApiCaller:
    """An authenticated integrator. ``actor`` is the SID that the audit log names."""

    account_id: UUID
    actor: str
    # Of an API key; empty: everything.
    scopes: tuple[str, ...] = ()
    is_authenticated: bool = True

    @property
    def account_sid(self) -> str:
        return ids.sid("AC", self.account_id)


def authenticate_basic(header: str) -> ApiCaller:
    """
    Return who an ``Authorization: Basic`` header speaks for.

    :raises Unauthorized: missing, malformed or wrong credentials; the message does not say which part.
    """
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise Unauthorized("Authentication is required: HTTP Basic with account SID and auth token")
    try:
        username, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError as error:
        raise Unauthorized("Authenticate") from error
    if (account_id := ids.parse_or_none("AC", username)) is not None:
        account = Account.objects.filter(id=account_id).first()
        if account is not None and hmac.compare_digest(account.auth_token.encode(), password.encode()):
            return ApiCaller(account.id, username)
    if (key_id := ids.parse_or_none("SK", username)) is not None:
        key = ApiKey.objects.filter(id=key_id, revoked_at=None).first()
        given = hashlib.sha256(password.encode()).hexdigest()
        if key is not None and hmac.compare_digest(key.secret_hash, given):
            _note_use(key)
            return ApiCaller(key.account_id, username, tuple(key.scopes))
    raise Unauthorized("Authenticate")


def _note_use(key: ApiKey) -> None:
    """Remember, to the hour, that a key is in use: who ends one sees whom it would hit."""
    now = clock.now()
    if key.last_used_at is None or now - key.last_used_at > NOTED_EVERY:
        ApiKey.objects.filter(id=key.id).update(last_used_at=now)


class BasicAuthentication(BaseAuthentication):
    """DRF's hook for ``authenticate_basic``."""

    def authenticate(self, request: Request) -> tuple[ApiCaller, None]:
        caller = authenticate_basic(request.headers.get("Authorization", ""))
        scopes.require(caller.scopes, path=request.path, method=request.method or "")
        return caller, None

    def authenticate_header(self, request: Request) -> str:
        return f'Basic realm="{REALM}"'
