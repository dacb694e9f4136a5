"""
The web chat's tokens: each opens one conversation for one identity, for six hours.

Signed with a key of their own that is derived from the installation's secret key, so no other part's signature is
good here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
from django.conf import settings

LIFE = timedelta(hours=6)
AUDIENCE = "webchat"


class TokenRefused(Exception):
    """The token is missing, malformed, of somebody else's making, or expired."""


@dataclass(frozen=True, slots=True)
class ChatToken:
    """What a token says."""

    account_id: UUID
    conversation_id: UUID
    identity: str
    expires_at: datetime


def issue(*, account_id: UUID, conversation_id: UUID, identity: str, now: datetime) -> tuple[str, datetime]:
    """Return a token and when it expires (whole seconds)."""
    expires_at = (now + LIFE).replace(microsecond=0)
    claims = {
        "aud": AUDIENCE,
        "iat": int(now.timestamp()),
        "exp": int(expires_at.timestamp()),
        "sub": identity,
        "acc": account_id.hex,
        "con": conversation_id.hex,
    }
    return jwt.encode(claims, _key(), algorithm="HS256"), expires_at


def read(token: str, *, now: datetime) -> ChatToken:
    """
    Return what a token says.

    :raises TokenRefused: it is no good.
    """
    try:
        claims = jwt.decode(
            token,
            _key(),
            algorithms=["HS256"],
            audience=AUDIENCE,
            # Judged below, by the clock that the caller gives.
            options={"require": ["exp", "sub", "aud"], "verify_exp": False, "verify_iat": False},
        )
        found = ChatToken(
            account_id=UUID(claims["acc"]),
            conversation_id=UUID(claims["con"]),
            identity=str(claims["sub"]),
            expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
        )
    except (jwt.PyJWTError, KeyError, ValueError, TypeError, OverflowError) as error:
        raise TokenRefused("The token is not one of ours") from error
    if found.expires_at <= now:
        raise TokenRefused("The token has expired")
    return found


def _key() -> bytes:
    return hashlib.sha256(b"flowdesk.webchat:" + settings.SECRET_KEY.encode()).digest()
