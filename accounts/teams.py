"""Teams: names that people are grouped under."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import Team, User
from accounts.services import record_audit
from common.errors import BadParameter, Conflict

MOST_TEAMS = 200


def teams(account_id: UUID) -> list[Team]:
    """Return an account's teams by name, with their members at hand."""
    return list(Team.objects.filter(account_id=account_id).order_by("name").prefetch_related("members"))


@transaction.atomic
def create_team(*, account_id: UUID, name: str, actor: str, now: datetime) -> Team:
    """
    Make a team.

    :raises BadParameter: an empty name, or too many teams.
    :raises Conflict: the name is taken.
    """
    if Team.objects.filter(account_id=account_id).count() >= MOST_TEAMS:
        raise BadParameter(f"An account may have {MOST_TEAMS} teams")
    team = Team(account_id=account_id, name=_name(name), created_at=now)
    _save(team)
    _audit(team, "team.created", {"name": team.name}, actor, now)
    return team


@transaction.atomic
def update_team(
    *, account_id: UUID, team_id: UUID, actor: str, now: datetime, name: str | None, members: Collection[UUID] | None
) -> tuple[Team, set[UUID]]:
    """
    Rename a team, or say who is in it; returns it and the users for whom something changed.

    :raises Team.DoesNotExist: unknown in this account.
    :raises BadParameter: a member who is no user of this account.
    :raises Conflict: the name is taken.
    """
    team = Team.objects.select_for_update().get(account_id=account_id, id=team_id)
    before = set(team.members.values_list("id", flat=True))
    touched: set[UUID] = set()
    changes: dict[str, object] = {}
    if name is not None and _name(name) != team.name:
        team.name = _name(name)
        _save(team)
        changes["name"] = team.name
        touched |= before
    if members is not None:
        wanted = set(members)
        if User.objects.filter(account_id=account_id, id__in=wanted).count() != len(wanted):
            raise BadParameter("A member is no user of this account")
        team.members.set(wanted)
        changes["members"] = len(wanted)
        touched |= before ^ wanted
    _audit(team, "team.updated", changes, actor, now)
    return team, touched


@transaction.atomic
def delete_team(*, account_id: UUID, team_id: UUID, actor: str, now: datetime) -> set[UUID]:
    """
    Delete a team and return who was in it; the people stay.

    :raises Team.DoesNotExist: unknown in this account.
    """
    team = Team.objects.select_for_update().get(account_id=account_id, id=team_id)
    members = set(team.members.values_list("id", flat=True))
    _audit(team, "team.deleted", {"name": team.name}, actor, now)
    team.delete()
    return members


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > 80:
        raise BadParameter("A team's name has 1 to 80 characters")
    return name


def _save(team: Team) -> None:
    try:
        with transaction.atomic():
            team.save()
    except IntegrityError as error:
        raise Conflict(f"There is a team {team.name!r} already") from error


def _audit(team: Team, action: str, changes: dict[str, object], actor: str, now: datetime) -> None:
    record_audit(account_id=team.account_id, actor=actor, action=action, subject=team.sid, changes=changes, now=now)
