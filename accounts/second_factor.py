"""
Two-factor log-in: one-time codes of an authenticator app (RFC 6238, by pyotp), and recovery codes for a lost phone.

A wrong code counts like a wrong password: the log-in view reports it to axes, which locks out who guesses.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp
from django.db import transaction

from accounts.models import SecondFactor, SecondFactorRule, User
from accounts.services import record_audit
from common import crypto
from common.errors import BadParameter, Conflict

ISSUER = "Flowdesk"
STEP_SECONDS = 30
# A phone's clock may be one step off in either direction.
DRIFT_STEPS = 1
RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs: ``uri`` as a QR code, or ``secret`` (base 32) typed in."""

    secret: str
    uri: str


def is_on(user_id: UUID) -> bool:
    """Tell whether a user logs in with a second factor."""
    return SecondFactor.objects.filter(user_id=user_id, confirmed_at__isnull=False).exists()


def is_demanded(user: User) -> bool:
    """Tell whether the account's rule demands one of this user."""
    rule = user.account.second_factor if user.account else SecondFactorRule.NONE
    return rule == SecondFactorRule.ALL or (rule == SecondFactorRule.ADMINS and user.role != User.Role.AGENT)


@transaction.atomic
def begin(*, user: User, now: datetime) -> Enrolment:
    """
    Make a new secret for a user; it counts once ``confirm`` saw a code of it.

    :raises Conflict: they have a second factor already.
    """
    User.objects.select_for_update().get(id=user.id)
    if is_on(user.id):
        raise Conflict("A second factor is set up already; end it first")
    secret = pyotp.random_base32()
    SecondFactor.objects.update_or_create(
        user_id=user.id,
        defaults={"sealed_secret": crypto.encrypt(secret), "confirmed_at": None, "last_step": 0, "created_at": now},
    )
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=ISSUER))


@transaction.atomic
def confirm(*, user: User, code: str, now: datetime) -> list[str]:
    """
    Put a new second factor in force, and return the recovery codes, which are shown this once.

    :raises Conflict: nothing was begun, or it is in force already.
    :raises BadParameter: not a code of this secret and moment.
    """
    factor = SecondFactor.objects.select_for_update().filter(user_id=user.id).first()
    if factor is None or factor.confirmed_at is not None:
        raise Conflict("There is no second factor to confirm")
    if not _take_code(factor, code, now):
        raise BadParameter("The code is wrong or too old")
    codes = _new_codes()
    factor.confirmed_at = now
    factor.recovery_codes = [_hash(each) for each in codes]
    factor.save()
    _audit(user, "second_factor.enabled", user.sid, now)
    return codes


@transaction.atomic
def renew_recovery_codes(*, user: User, code: str, now: datetime) -> list[str]:
    """
    Replace the recovery codes; the old ones are void.

    :raises BadParameter: no second factor is in force, or the code is wrong.
    """
    factor = _checked(user, code, now)
    codes = _new_codes()
    factor.recovery_codes = [_hash(each) for each in codes]
    factor.save()
    _audit(user, "second_factor.recovery_codes_renewed", user.sid, now)
    return codes


@transaction.atomic
def end(*, user: User, code: str, now: datetime) -> None:
    """
    Log in by password alone from now on.

    :raises Conflict: the account demands a second factor.
    :raises BadParameter: no second factor is in force, or the code is wrong.
    """
    if is_demanded(user):
        raise Conflict("This account demands a second factor")
    _checked(user, code, now).delete()
    _audit(user, "second_factor.disabled", user.sid, now)


@transaction.atomic
def reset(*, account_id: UUID, user_id: UUID, actor: str, now: datetime) -> None:
    """
    Take away the second factor of somebody who lost it; an admin does that.

    :raises User.DoesNotExist: unknown in this account.
    """
    user = User.objects.get(account_id=account_id, id=user_id)
    SecondFactor.objects.filter(user_id=user.id).delete()
    _audit(user, "second_factor.reset", actor, now)


@transaction.atomic
def check(*, user_id: UUID, code: str, now: datetime) -> bool:
    """Tell whether a code lets a user in, and use it up: one of the app, or a recovery code."""
    factor = SecondFactor.objects.select_for_update().filter(user_id=user_id, confirmed_at__isnull=False).first()
    if factor is None:
        return False
    if _take_code(factor, code, now):
        factor.save(update_fields=("last_step",))
        return True
    given = _hash(code)
    if given not in factor.recovery_codes:
        return False
    factor.recovery_codes = [each for each in factor.recovery_codes if each != given]
    factor.save(update_fields=("recovery_codes",))
    return True


def recovery_codes_left(user_id: UUID) -> int:
    """Count the recovery codes that were not used yet."""
    factor = SecondFactor.objects.filter(user_id=user_id).first()
    return len(factor.recovery_codes) if factor else 0


def _checked(user: User, code: str, now: datetime) -> SecondFactor:
    if not check(user_id=user.id, code=code, now=now):
        raise BadParameter("The code is wrong or too old")
    return SecondFactor.objects.select_for_update().get(user_id=user.id)


def _take_code(factor: SecondFactor, code: str, now: datetime) -> bool:
    """Use a code up, where it is one of the moment and of a later step than the last."""
    given = "".join(code.split())
    current = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(factor.secret)
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if step > factor.last_step and pyotp.utils.strings_equal(given, totp.generate_otp(step)):
            factor.last_step = step
            return True
    return False


def _new_codes() -> list[str]:
    return [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(RECOVERY_CODES)]


def _hash(code: str) -> str:
    # 48 random bits behind a lock-out need no slow hash.
    return hashlib.sha256("".join(code.lower().split()).encode()).hexdigest()


def _audit(user: User, action: str, actor: str, now: datetime) -> None:
    assert user.account_id is not None
    record_audit(account_id=user.account_id, actor=actor, action=action, subject=user.sid, changes={}, now=now)
