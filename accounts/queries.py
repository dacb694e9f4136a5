"""Reads of accounts that other parts need."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts.models import Account, ApiKey, User


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
    """Return an account's users, oldest first."""
    return list(User.objects.filter(account_id=account_id).order_by("id"))


def names_of_users(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the display name of each known user."""
    return {user.id: user.display_name for user in User.objects.filter(id__in=list(user_ids))}


def user_of_worker(worker_id: UUID) -> User | None:
    """Return the user who takes tasks as this worker."""
    return User.objects.filter(worker_id=worker_id).first()


def time_zones(account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the IANA time zone of each account."""
    return dict(Account.objects.filter(id__in=list(account_ids)).values_list("id", "time_zone"))


def api_keys(account_id: UUID) -> list[ApiKey]:
    """Return an account's keys that are in force, oldest first."""
    return list(ApiKey.objects.filter(account_id=account_id, revoked_at=None).order_by("id"))
