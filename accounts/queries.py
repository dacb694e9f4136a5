"""Reads of accounts that other parts need."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Account, ApiKey, AuditEntry, User
from common import ids


def account(account_id: UUID) -> Account:
    """
    Return an account.

    :raises Account.DoesNotExist: unknown.
    """
    return Account.objects.get(id=account_id)


def demo_account() -> Account | None:
    """Return the account that ``/demo`` is open for, if this installation has one."""
    return Account.objects.filter(is_demo=True).order_by("id").first()


def users(account_id: UUID) -> list[User]:
    """Return an account's users, oldest first, with their teams and second factors at hand."""
    rows = User.objects.filter(account_id=account_id).select_related("second_factor").prefetch_related("teams")
    return list(rows.order_by("id"))


def names_of_users(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the display name of each known user."""
    return {user.id: user.display_name for user in User.objects.filter(id__in=list(user_ids))}


def user_of_worker(worker_id: UUID) -> User | None:
    """Return the user who takes tasks as this worker."""
    return User.objects.filter(worker_id=worker_id).first()


def names_of_workers(account_id: UUID, worker_ids: Iterable[UUID] | None = None) -> dict[UUID, str]:
    """Return the display name of each user who takes tasks, by worker; of all, or of some workers."""
    rows = User.objects.filter(account_id=account_id, worker_id__isnull=False)
    if worker_ids is not None:
        rows = rows.filter(worker_id__in=list(worker_ids))
    rows = rows.only("worker_id", "username", "first_name", "last_name")
    return {row.worker_id: row.display_name for row in rows if row.worker_id is not None}


def time_zone(account_id: UUID) -> str:
    """Return the IANA time zone of an account."""
    return time_zones([account_id]).get(account_id, "UTC")


def time_zones(account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the IANA time zone of each account."""
    return dict(Account.objects.filter(id__in=list(account_ids)).values_list("id", "time_zone"))


def api_keys(account_id: UUID) -> list[ApiKey]:
    """Return an account's keys that are in force, oldest first."""
    return list(ApiKey.objects.filter(account_id=account_id, revoked_at=None).order_by("id"))


def audit(
    account_id: UUID,
    *,
    actor: str | None = None,
    subject: str | None = None,
    action: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> QuerySet[AuditEntry]:
    """Return an account's audit entries, newest first; ``action`` is the beginning of one, ``end`` is left out."""
    rows = AuditEntry.objects.filter(account_id=account_id).order_by("-id")
    if actor:
        rows = rows.filter(actor=actor)
    if subject:
        rows = rows.filter(subject=subject)
    if action:
        rows = rows.filter(action__startswith=action)
    if start:
        rows = rows.filter(created_at__gte=start)
    if end:
        rows = rows.filter(created_at__lt=end)
    return rows


def names_of_actors(account_id: UUID) -> dict[str, str]:
    """Return the names of users and API keys by their SIDs, those of the past included."""
    people = {user.sid: user.display_name for user in User.objects.filter(account_id=account_id)}
    keys = ApiKey.objects.filter(account_id=account_id).values_list("id", "friendly_name")
    return people | {ids.sid("SK", key): name for key, name in keys}
