"""
The people of an account, as admins manage them: users who log in and, where they take tasks, their workers.

Here because it joins two parts that do not know each other: accounts have users, routing has workers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries as account_queries
from accounts import second_factor, teams
from accounts import services as account_services
from common import clock, ids
from common.api import AppView
from common.api.app import ADMIN, SUPERVISOR
from common.errors import BadParameter
from routing import queries as routing_queries
from routing import services as routing_services

if TYPE_CHECKING:
    from accounts.models import Team, User
    from routing.queries import WorkerInfo

MOST_SKILLS = 100
USERNAME = re.compile(r"[A-Za-z0-9._@+-]{1,150}")


@transaction.atomic
def create_person(
    *,
    account_id: UUID,
    username: str,
    password: str,
    role: str,
    name: str,
    email: str,
    takes_tasks: bool,
    actor: str,
    now: datetime,
) -> User:
    """
    Create a user and, for one who takes tasks, the worker of the same name.

    :raises BadParameter: a malformed username, a weak password, an unknown role; a worker of this name is there.
    :raises Conflict: the username is taken.
    """
    if not USERNAME.fullmatch(username):
        raise BadParameter("A username has letters, digits and . _ @ + - only, up to 150 of them")
    account_services.check_password_strength(password)
    user = account_services.create_user(
        account_id=account_id, username=username, password=password, role=role, name=name, email=email
    )
    if takes_tasks:
        give_worker(user, now=now)
    account_services.record_audit(
        account_id=account_id,
        actor=actor,
        action="user.created",
        subject=user.sid,
        changes={"username": username, "role": role, "takes_tasks": takes_tasks},
        now=now,
    )
    return user


def give_worker(user: User, *, now: datetime) -> None:
    """Let a user take tasks from now on; one who does already stays as they are."""
    if user.worker_id is not None:
        return
    worker = routing_services.create_worker(
        account_id=user.account_id,
        friendly_name=user.username[:64],
        attributes={"full_name": user.display_name, "skills": []},
        now=now,
    )
    account_services.link_worker(user_id=user.id, worker_id=worker.id)
    user.worker_id = worker.id


@transaction.atomic
def set_skills(user: User, skills: list[str], *, now: datetime) -> None:
    """
    Say what somebody who takes tasks can do: the worker attribute ``skills``, by which queues choose.

    :raises BadParameter: they take no tasks; too many or too long names.
    """
    if user.worker_id is None:
        raise BadParameter("Only somebody who takes tasks has skills")
    wanted = list(dict.fromkeys(skill.strip() for skill in skills if skill.strip()))
    if len(wanted) > MOST_SKILLS or any(len(skill) > 60 for skill in wanted):
        raise BadParameter(f"At most {MOST_SKILLS} skills, of 60 characters each")
    _change_worker(user.worker_id, {"skills": wanted}, now)


def tell_teams(account_id: UUID, user_ids: Iterable[UUID], *, now: datetime) -> None:
    """Write the teams of users into their workers' attribute ``team``, where expressions of queues see them."""
    wanted = set(user_ids)
    for user in account_queries.users(account_id):
        if user.id in wanted and user.worker_id is not None:
            _change_worker(user.worker_id, {"team": sorted(team.name for team in user.teams.all())}, now)


def _change_worker(worker_id: UUID, changes: dict[str, object], now: datetime) -> None:
    worker = routing_queries.worker(worker_id)
    if worker is not None and any(worker.attributes.get(name) != value for name, value in changes.items()):
        routing_services.update_worker(worker_id=worker_id, attributes={**worker.attributes, **changes}, now=now)


class UsersView(AppView):
    """Everybody who may log in to the account."""

    roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        users = account_queries.users(self.account_id)
        workers = routing_queries.workers(user.worker_id for user in users if user.worker_id)
        return Response({"users": [_user(user, workers) for user in users], "skills": _known_skills(workers.values())})

    def post(self, request: Request) -> Response:
        params = self.params(request)
        role = params.required("role")
        takes_tasks = params.boolean("takes_tasks")
        user = create_person(
            account_id=self.account_id,
            username=params.required("username", max_length=150),
            password=params.required("password", max_length=4096),
            role=role,
            name=params.text("name", max_length=120) or "",
            email=params.text("email", max_length=254) or "",
            takes_tasks=role == "agent" if takes_tasks is None else takes_tasks,
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(_person(user), status=201)


class UserView(AppView):
    """One user: name, role, skills, whether they may log in, a new password."""

    roles = frozenset({ADMIN})

    @transaction.atomic
    def put(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        now = clock.now()
        user = account_services.update_user(
            account_id=self.account_id,
            user_id=self.key("US", sid),
            actor=request.user.sid,
            name=params.text("name", max_length=120),
            email=params.text("email", max_length=254),
            role=params.text("role"),
            is_active=params.boolean("is_active"),
            password=params.text("password", max_length=4096) or None,
            now=now,
        )
        if params.boolean("takes_tasks"):
            give_worker(user, now=now)
            tell_teams(self.account_id, [user.id], now=now)
        skills = params.texts("skills")
        if skills is not None:
            set_skills(user, skills, now=now)
        return Response(_person(user))


class SecondFactorView(AppView):
    """Takes the second factor of somebody who lost their phone away."""

    roles = frozenset({ADMIN})

    def delete(self, request: Request, sid: str) -> Response:
        second_factor.reset(
            account_id=self.account_id, user_id=self.key("US", sid), actor=request.user.sid, now=clock.now()
        )
        return Response(status=204)


class TeamsView(AppView):
    """The account's teams; supervisors read them for their filters."""

    roles = frozenset({ADMIN, SUPERVISOR})
    write_roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        return Response({"teams": [_team(row) for row in teams.teams(self.account_id)]})

    def post(self, request: Request) -> Response:
        row = teams.create_team(
            account_id=self.account_id,
            name=self.params(request).required("name"),
            actor=request.user.sid,
            now=clock.now(),
        )
        return Response(_team(row), status=201)


class TeamView(AppView):
    """One team: ``name``, and ``members`` as SIDs of users."""

    roles = frozenset({ADMIN})

    @transaction.atomic
    def put(self, request: Request, sid: str) -> Response:
        params = self.params(request)
        now = clock.now()
        members = params.texts("members")
        found = None if members is None else [ids.parse_or_none("US", text) for text in members]
        if found is not None and None in found:
            raise BadParameter("Members must be SIDs of users")
        row, touched = teams.update_team(
            account_id=self.account_id,
            team_id=self.key("TM", sid),
            name=params.text("name"),
            members=None if found is None else [key for key in found if key is not None],
            actor=request.user.sid,
            now=now,
        )
        tell_teams(self.account_id, touched, now=now)
        return Response(_team(row))

    @transaction.atomic
    def delete(self, request: Request, sid: str) -> Response:
        now = clock.now()
        touched = teams.delete_team(
            account_id=self.account_id, team_id=self.key("TM", sid), actor=request.user.sid, now=now
        )
        tell_teams(self.account_id, touched, now=now)
        return Response(status=204)


def _known_skills(workers: Iterable[WorkerInfo]) -> list[str]:
    return sorted({skill for worker in workers for skill in _skills(worker)})


def _skills(worker: WorkerInfo | None) -> list[str]:
    found = worker.attributes.get("skills") if worker else None
    return [skill for skill in found if isinstance(skill, str)] if isinstance(found, list) else []


def _team(row: Team) -> dict[str, object]:
    members = sorted(row.members.all(), key=lambda user: user.display_name.lower())
    return {
        "sid": row.sid,
        "name": row.name,
        "members": [{"sid": user.sid, "name": user.display_name} for user in members],
    }


def _person(user: User) -> dict[str, object]:
    return _user(user, routing_queries.workers([user.worker_id] if user.worker_id else []))


def _user(user: User, workers: Mapping[UUID, WorkerInfo]) -> dict[str, object]:
    factor = getattr(user, "second_factor", None)
    return {
        "sid": user.sid,
        "username": user.username,
        "name": user.display_name,
        "email": user.email,
        "role": user.role,
        "is_active": user.is_active,
        "worker_sid": None if user.worker_id is None else ids.sid("WK", user.worker_id),
        "skills": _skills(workers.get(user.worker_id)) if user.worker_id else [],
        "teams": [{"sid": team.sid, "name": team.name} for team in user.teams.all()],
        "second_factor": factor is not None and factor.confirmed_at is not None,
        "has_password": user.has_usable_password(),
        "last_login": clock.iso_or_none(user.last_login),
    }


app_urls = [
    path("users", UsersView.as_view()),
    path("users/<str:sid>", UserView.as_view()),
    path("users/<str:sid>/second-factor", SecondFactorView.as_view()),
    path("teams", TeamsView.as_view()),
    path("teams/<str:sid>", TeamView.as_view()),
]
