"""Identity providers, as admins set them up."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import IdentityProvider, User
from accounts.services import record_audit
from common import crypto
from common.errors import BadParameter, Conflict

SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z0-9-]{2,}")
MOST_PROVIDERS = 20


def callback_url(provider: IdentityProvider) -> str:
    """Return the address that the provider has to be told to send people back to."""
    return f"{settings.PUBLIC_URL}/sso/{provider.slug}/login/callback/"


def providers(account_id: UUID) -> list[IdentityProvider]:
    """Return an account's providers, oldest first."""
    return list(IdentityProvider.objects.filter(account_id=account_id).order_by("id"))


def offered() -> list[IdentityProvider]:
    """Return the providers of the whole installation that the log-in page shows."""
    return list(IdentityProvider.objects.filter(enabled=True).order_by("name", "id"))


@transaction.atomic
def create_provider(
    *,
    account_id: UUID,
    slug: str,
    name: str,
    issuer: str,
    client_id: str,
    client_secret: str,
    new_user_role: str,
    domains: Iterable[str],
    actor: str,
    now: datetime,
) -> IdentityProvider:
    """
    Let the people of a provider log in.

    :raises BadParameter: a malformed slug, issuer, role or domain, or something is missing.
    :raises Conflict: the slug is taken in this installation.
    """
    if IdentityProvider.objects.filter(account_id=account_id).count() >= MOST_PROVIDERS:
        raise BadParameter(f"An account may have {MOST_PROVIDERS} identity providers")
    if not SLUG.fullmatch(slug):
        raise BadParameter("The short name has small letters, digits and hyphens only, up to 40 of them")
    if not client_secret:
        raise BadParameter("The client secret is missing")
    provider = IdentityProvider(
        account_id=account_id, slug=slug, sealed_client_secret=crypto.encrypt(client_secret), created_at=now
    )
    _fill(provider, name=name, issuer=issuer, client_id=client_id, new_user_role=new_user_role, domains=domains)
    provider.updated_at = now
    try:
        with transaction.atomic():
            provider.save()
    except IntegrityError as error:
        raise Conflict(f"The short name {slug!r} is taken") from error
    _audit(provider, "identity_provider.created", {"slug": slug, "issuer": issuer}, actor, now)
    return provider


@transaction.atomic
def update_provider(
    *, account_id: UUID, provider_id: UUID, actor: str, now: datetime, client_secret: str = "", **changes: Any
) -> IdentityProvider:
    """
    Change what is given; an empty ``client_secret`` keeps the one that is there.

    :raises IdentityProvider.DoesNotExist: unknown in this account.
    :raises BadParameter: as for a new one.
    """
    provider = IdentityProvider.objects.select_for_update().get(account_id=account_id, id=provider_id)
    enabled = changes.pop("enabled", None)
    given = {name: value for name, value in changes.items() if value is not None}
    kept = {name: getattr(provider, name) for name in ("name", "issuer", "client_id", "new_user_role", "domains")}
    _fill(provider, **{**kept, **given})
    if enabled is not None:
        provider.enabled = given["enabled"] = enabled
    if client_secret:
        provider.sealed_client_secret = crypto.encrypt(client_secret)
        given["client_secret"] = "changed"
    provider.updated_at = now
    provider.save()
    _audit(provider, "identity_provider.updated", given, actor, now)
    return provider


@transaction.atomic
def delete_provider(*, account_id: UUID, provider_id: UUID, actor: str, now: datetime) -> None:
    """
    Let nobody in by this provider any more; the users stay.

    :raises IdentityProvider.DoesNotExist: unknown in this account.
    """
    provider = IdentityProvider.objects.select_for_update().get(account_id=account_id, id=provider_id)
    _audit(provider, "identity_provider.deleted", {"slug": provider.slug}, actor, now)
    provider.delete()


def _fill(
    provider: IdentityProvider, *, name: str, issuer: str, client_id: str, new_user_role: str, domains: Iterable[str]
) -> None:
    provider.name, provider.client_id = name.strip(), client_id.strip()
    if not provider.name or not provider.client_id:
        raise BadParameter("Name and client id must not be empty")
    provider.issuer = issuer.strip().rstrip("/").removesuffix("/.well-known/openid-configuration")
    try:
        parts = urlsplit(provider.issuer)
        is_usable = (
            parts.scheme in ("https", "http") and bool(parts.hostname) and not parts.query and not parts.username
        )
    except ValueError:
        is_usable = False
    if not is_usable:
        raise BadParameter("The issuer must be an address like https://login.example.com/realms/acme")
    if new_user_role and new_user_role not in User.Role.values:
        raise BadParameter(f"new_user_role must be empty or one of {', '.join(User.Role.values)}")
    provider.new_user_role = new_user_role
    provider.domains = sorted({domain.strip().lower() for domain in domains if domain.strip()})
    if wrong := [domain for domain in provider.domains if not DOMAIN.fullmatch(domain)]:
        raise BadParameter(f"Not a domain: {', '.join(wrong)}")


def _audit(provider: IdentityProvider, action: str, changes: dict[str, object], actor: str, now: datetime) -> None:
    record_audit(
        account_id=provider.account_id, actor=actor, action=action, subject=provider.sid, changes=changes, now=now
    )
