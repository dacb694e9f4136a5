"""
Users whom a site's own server vouches for.

The server signs a short-lived JWT (HS256) with the web chat's secret; docs/webchat.md, "Logged-in users".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import jwt

MAX_TOKEN = 4096  # characters
MAX_IDENTITY = 200
LEEWAY_SECONDS = 30  # two servers' clocks differ a little


class IdentityRefused(Exception):
    """The token is missing something, of somebody else's making, or expired; the message says which."""


@dataclass(frozen=True, slots=True)
class SignedIdentity:
    """Who it is, and what else the server says of them."""

    identity: str
    name: str = ""
    claims: dict[str, Any] = field(default_factory=dict)


def read(token: str, *, secrets: Sequence[str], now: datetime) -> SignedIdentity:
    """
    Return who a token names; ``secrets`` are those that are good at the moment.

    :raises IdentityRefused: it is no good.
    """
    if not secrets:
        raise IdentityRefused("This web chat has no secret to sign users with")
    if len(token) > MAX_TOKEN:
        raise IdentityRefused("The identity token is too long")
    claims = _verified(token, secrets)
    expires, identity = claims["exp"], claims["sub"]
    if not isinstance(expires, int | float) or isinstance(expires, bool):
        raise IdentityRefused("The identity token's exp is no time")
    if expires + LEEWAY_SECONDS <= now.timestamp():
        raise IdentityRefused("The identity token has expired")
    if not isinstance(identity, str) or not 0 < len(identity) <= MAX_IDENTITY or "\x00" in identity:
        raise IdentityRefused(f"The identity token's sub must have 1 to {MAX_IDENTITY} characters")
    name = claims.get("name")
    kept = {key: value for key, value in claims.items() if key not in ("exp", "iat", "nbf", "jti", "aud", "iss")}
    return SignedIdentity(identity, name.strip()[:256] if isinstance(name, str) else "", kept)


def _verified(token: str, secrets: Sequence[str]) -> dict[str, Any]:
    for secret in secrets:
        try:
            return jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                # Expiry is judged by the clock that the caller gives.
                options={"require": ["exp", "sub"], "verify_exp": False, "verify_iat": False, "verify_aud": False},
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError as error:
            raise IdentityRefused(f"The identity token cannot be read: {error}") from error
    raise IdentityRefused("The identity token was not signed with this web chat's secret")
