"""
The people of an account, as admins manage them: users who log in and, where they take tasks, their workers.

Here because it joins two parts that do not know each other: accounts have users, routing has workers.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import queries as account_queries
from accounts import services as account_services
from common import clock, ids
from common.api import AppView
from common.api.app import ADMIN
from common.errors import BadParameter
from routing import services as routing_services

if TYPE_CHECKING:
    from accounts.models import User

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


class UsersView(AppView):
    """Everybody who may log in to the account."""

    roles = frozenset({ADMIN})

    def get(self, request: Request) -> Response:
        return Response({"users": [_user(user) for user in account_queries.users(self.account_id)]})

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
        return Response(_user(user), status=201)


class UserView(AppView):
    """One user: name, role, whether they may log in, a new password."""

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
        return Response(_user(user))


def _user(user: User) -> dict[str, object]:
    return {
        "sid": user.sid,
        "username": user.username,
        "name": user.display_name,
        "email": user.email,
        "role": user.role,
        "is_active": user.is_active,
        "worker_sid": None if user.worker_id is None else ids.sid("WK", user.worker_id),
        "last_login": clock.iso_or_none(user.last_login),
    }


app_urls = [path("users", UsersView.as_view()), path("users/<str:sid>", UserView.as_view())]
