"""Writes of accounts, users and API keys."""

from __future__ import annotations

import hashlib
import secrets
import zoneinfo
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Account, ApiKey, AuditEntry, SecondFactorRule, User
from accounts.scopes import check_scopes
from common import crypto, events, ids
from common.errors import BadParameter, Conflict

from . import events as announced


@transaction.atomic
def create_account(*, name: str, now: datetime, is_demo: bool = False, account_id: UUID | None = None) -> Account:
    """
    Create an account with an auth token of its own.

    Its workspace, widgets and defaults are made by the parts that hear ``AccountCreated``.

    :raises BadParameter: the name is empty or longer than 120 characters.
    """
    name = name.strip()
    if not name or len(name) > 120:
        raise BadParameter("An account's name has 1 to 120 characters")
    account = Account.objects.create(
        id=account_id or ids.uuid7(),
        name=name,
        sealed_auth_token=crypto.encrypt(secrets.token_hex(16)),
        is_demo=is_demo,
        created_at=now,
    )
    events.publish(announced.AccountCreated(account_id=account.id))
    return account


@transaction.atomic
def create_user(
    *, account_id: UUID, username: str, password: str | None, role: str, name: str = "", email: str = ""
) -> User:
    """
    Create a user who can log in; without a password only by single sign-on.

    :raises Conflict: the username is taken (usernames are unique in the installation).
    :raises BadParameter: unknown role.
    """
    if role not in User.Role.values:
        raise BadParameter(f"Role must be one of {', '.join(User.Role.values)}")
    first, _, last = name.partition(" ")
    user = User(account_id=account_id, username=username, role=role, first_name=first, last_name=last, email=email)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(f"The username {username!r} is taken") from error
    return user


@transaction.atomic
def set_password(*, user_id: UUID, password: str) -> None:
    """Give a user another password; their sessions end with the old one."""
    user = User.objects.select_for_update().get(id=user_id)
    user.set_password(password)
    user.save(update_fields=("password",))


@transaction.atomic
def update_user(
    *,
    account_id: UUID,
    user_id: UUID,
    now: datetime,
    actor: str,
    name: str | None = None,
    email: str | None = None,
    role: str | None = None,
    is_active: bool | None = None,
    password: str | None = None,
) -> User:
    """
    Change what is given of a user; a new password or a deactivation ends their sessions.

    :raises User.DoesNotExist: unknown in this account.
    :raises BadParameter: unknown role; a weak password; the last active admin would be gone.
    """
    user = User.objects.select_for_update().get(account_id=account_id, id=user_id)
    changes: dict[str, object] = {}
    if name is not None:
        user.first_name, _, user.last_name = name.partition(" ")
        changes["name"] = name
    if email is not None:
        user.email = changes["email"] = email  # type: ignore[assignment]
    if role is not None:
        if role not in User.Role.values:
            raise BadParameter(f"Role must be one of {', '.join(User.Role.values)}")
        user.role = changes["role"] = role  # type: ignore[assignment]
    if is_active is not None:
        user.is_active = changes["is_active"] = is_active  # type: ignore[assignment]
    if password is not None:
        check_password_strength(password, user)
        user.set_password(password)
        changes["password"] = "changed"
    user.save()
    admins = User.objects.filter(account_id=account_id, role=User.Role.ADMIN, is_active=True)
    if not admins.exists():
        raise BadParameter("Somebody has to stay an active admin")
    record_audit(account_id=account_id, actor=actor, action="user.updated", subject=user.sid, changes=changes, now=now)
    return user


def check_password_strength(password: str, user: User | None = None) -> None:
    """:raises BadParameter: too short, or on the list of common ones; says which."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadParameter(" ".join(error.messages)) from error


@transaction.atomic
def link_worker(*, user_id: UUID, worker_id: UUID | None) -> None:
    """Let a user take tasks as a routing worker, or no longer."""
    User.objects.filter(id=user_id).update(worker_id=worker_id)


@transaction.atomic
def create_api_key(
    *, account_id: UUID, friendly_name: str, now: datetime, actor: str = "system", scopes: Iterable[str] = ()
) -> tuple[ApiKey, str]:
    """
    Create an API key; the secret is returned once and stored only as a hash.

    ``scopes`` bound what it may do (accounts.scopes); none: everything.

    :raises BadParameter: a scope that nobody knows.
    """
    allowed = check_scopes(scopes)
    secret = secrets.token_urlsafe(24)
    key = ApiKey.objects.create(
        account_id=account_id,
        friendly_name=friendly_name,
        # A random 192-bit secret needs no slow hash: there is nothing to guess.
        secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
        scopes=allowed,
        created_at=now,
    )
    record_audit(
        account_id=account_id,
        actor=actor,
        action="api_key.created",
        subject=key.sid,
        changes={"friendly_name": friendly_name, "scopes": allowed},
        now=now,
    )
    return key, secret


@transaction.atomic
def update_account(
    *, account_id: UUID, actor: str, now: datetime, name: str | None, time_zone: str | None, second_factor: str | None
) -> Account:
    """
    Change an account's name, time zone (IANA), or who needs a second factor to log in.

    :raises BadParameter: an empty name, an unknown zone or rule.
    """
    account = Account.objects.select_for_update().get(id=account_id)
    changes: dict[str, object] = {}
    if name is not None:
        account.name = changes["name"] = name.strip()  # type: ignore[assignment]
        if not account.name or len(account.name) > 120:
            raise BadParameter("An account's name has 1 to 120 characters")
    if time_zone is not None:
        if time_zone not in zoneinfo.available_timezones():
            raise BadParameter(f"There is no time zone {time_zone!r}")
        account.time_zone = changes["time_zone"] = time_zone  # type: ignore[assignment]
    if second_factor is not None:
        if second_factor not in SecondFactorRule.values:
            raise BadParameter(f"second_factor must be one of {', '.join(SecondFactorRule.values)}")
        account.second_factor = changes["second_factor"] = second_factor  # type: ignore[assignment]
    account.save()
    record_audit(
        account_id=account_id, actor=actor, action="account.updated", subject=account.sid, changes=changes, now=now
    )
    return account


@transaction.atomic
def revoke_api_key(*, account_id: UUID, key_id: UUID, now: datetime, actor: str = "system") -> None:
    """
    End an API key at once.

    :raises ApiKey.DoesNotExist: unknown in this account.
    """
    key = ApiKey.objects.select_for_update().get(account_id=account_id, id=key_id)
    key.revoked_at = key.revoked_at or now
    key.save(update_fields=("revoked_at",))
    record_audit(account_id=account_id, actor=actor, action="api_key.revoked", subject=key.sid, changes={}, now=now)


def record_audit(
    *, account_id: UUID, actor: str, action: str, subject: str, changes: dict[str, object], now: datetime
) -> None:
    """Append to the audit log, in the transaction of the change."""
    AuditEntry.objects.create(
        account_id=account_id, actor=actor, action=action, subject=subject, changes=changes, created_at=now
    )
