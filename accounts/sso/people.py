"""Which of our users somebody is whom a provider vouches for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import ExternalIdentity, IdentityProvider, User
from accounts.services import create_user, record_audit
from common import ids
from common.errors import Conflict, Forbidden


@dataclass(frozen=True, slots=True)
class Claims:
    """What a provider says of somebody: ``subject`` never changes, the rest may."""

    subject: str
    email: str
    is_email_verified: bool
    name: str
    username: str

    @classmethod
    def read(cls, subject: str, data: Mapping[str, Any]) -> Claims:
        """Read allauth's ``extra_data``: ``userinfo`` and ``id_token``, the former's word first."""
        merged = {**_object(data.get("id_token")), **_object(data.get("userinfo"))} or dict(data)
        return cls(
            subject=subject,
            email=_text(merged.get("email")).lower(),
            is_email_verified=merged.get("email_verified") in (True, "true"),
            name=_text(merged.get("name"))[:120],
            username=_text(merged.get("preferred_username")),
        )


@transaction.atomic
def user_for(*, provider: IdentityProvider, claims: Claims, now: datetime) -> User:
    """
    Return the user whom these claims let in.

    Somebody seen before is who they were. Else a verified e-mail finds a user of the provider's account, or, where the
    provider may bring strangers, becomes a new one.

    :raises Forbidden: nobody; says why, in words for the log-in page.
    """
    if not provider.enabled:
        raise Forbidden(f"{provider.name} is switched off here")
    known = ExternalIdentity.objects.filter(provider=provider, subject=claims.subject).select_related("user").first()
    if known is not None:
        return _active(known.user)
    if not claims.email or not claims.is_email_verified:
        raise Forbidden(f"{provider.name} did not vouch for an e-mail address of yours")
    if provider.domains and claims.email.rpartition("@")[2] not in provider.domains:
        raise Forbidden(f"E-mail addresses of {claims.email.rpartition('@')[2]} may not log in here")
    found = list(User.objects.filter(account_id=provider.account_id, email__iexact=claims.email).order_by("id")[:2])
    if len(found) > 1:
        raise Forbidden("Several users have your e-mail address; ask an administrator")
    if not found and not provider.new_user_role:
        raise Forbidden("Nobody here has your e-mail address; ask an administrator")
    user = _active(found[0]) if found else _new_user(provider, claims, now)
    ExternalIdentity.objects.create(user=user, provider=provider, subject=claims.subject, created_at=now)
    record_audit(
        account_id=provider.account_id,
        actor=user.sid,
        action="identity.linked",
        subject=user.sid,
        changes={"provider": provider.slug, "email": claims.email, "new_user": not found},
        now=now,
    )
    return user


def _active(user: User) -> User:
    if not user.is_active:
        raise Forbidden("Your user is locked; ask an administrator")
    return user


def _new_user(provider: IdentityProvider, claims: Claims, now: datetime) -> User:
    wanted = re.sub(r"[^A-Za-z0-9._@+-]", "", claims.username or claims.email)[:120] or "user"
    # Usernames are unique in the installation, and somebody elsewhere may have this one.
    for username in (wanted, claims.email[:150], f"{wanted}-{ids.uuid7().hex[-8:]}"):
        try:
            user = create_user(
                account_id=provider.account_id,
                username=username,
                password=None,
                role=provider.new_user_role,
                name=claims.name,
                email=claims.email,
            )
        except Conflict:
            continue
        return user
    raise Forbidden("No user name is free for you; ask an administrator")


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    return " ".join(value.replace("\x00", "").split()) if isinstance(value, str) else ""
