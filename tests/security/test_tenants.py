"""Every address of the URL conf, walked by a stranger: what another account has looks like what is not there."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction

from tests.world import METHODS, PARAMETER, World, make_world, routes

pytestmark = pytest.mark.django_db
# Shown to everybody, or asked for by who has no account: what these do with strangers is tested with each of them.
OPEN = ("/^", "/static", "/webhooks/")
# Something that most writes can be made with; what is refused for it must be refused for an unknown SID alike.
BODY = {
    **dict.fromkeys(("FriendlyName", "Identity", "Body", "To", "From", "name", "body", "client_ref", "ref"), "x"),
    "Status": "draft",
    "Type": "service",
    "Permission": ["sendMessage"],
    "Target": "studio",
    "status": "accept",
    "definition": {},
    "base_revision": 1,
    "stories": [{"trigger": {}}],
    "story": {"trigger": {"event": "incomingMessage"}},
    "type": "sms",
    "address": "+1",
    "target": "none",
    "index": 0,
    "activity_sid": "WA" + "0" * 32,
}


@pytest.fixture
def owner(drain: Callable[[], int]) -> World:
    return make_world("First", drain)


@pytest.fixture
def stranger(drain: Callable[[], int], owner: World) -> World:
    return make_world("Second", drain)


def contents(account_id: Any) -> list[Any]:
    found = []
    for model in apps.get_models():
        if any(field.name == "account_id" for field in model._meta.get_fields()):
            found.append(sorted(str(row) for row in model._default_manager.filter(account_id=account_id).values_list()))
    return found


def anonymous(text: Any, sid: str) -> str:
    return json.dumps(text, default=str).replace(sid, "…")


def walked() -> list[tuple[str, tuple[str, ...]]]:
    found = []
    for route, view in routes():
        if not PARAMETER.search(route) or route.startswith(OPEN) or "(?P" in route:
            continue
        kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
        methods = tuple(method for method in METHODS if kind is None or hasattr(kind, method.lower()))
        found.append((route, methods))
    return found


def test_shows_another_account_nothing(owner: World, stranger: World) -> None:
    """Each address with the owner's SIDs, and with the owner's last SID below what is the stranger's own."""
    before = contents(owner.desk.account.id)
    opened = 0
    asked: set[str] = set()
    wrong: list[str] = []

    for route, methods in walked():
        theirs = owner.fill(route)
        opened += owner.send("GET", theirs)[0] == 200
        last = list(PARAMETER.finditer(route))[-1]
        sid = theirs[len(owner.fill(route[: last.start()])) :].split("/")[0].split(".json")[0]
        below_own = stranger.fill(route[: last.start()]) + sid + route[last.end() :]
        for path in {theirs, below_own} - asked:
            asked.add(path)
            unknown = path.replace(sid, sid[:2] + "0" * 32)
            for method in methods:
                with transaction.atomic():
                    found = stranger.send(method, path, BODY)
                    nothing = stranger.send(method, unknown, BODY)
                    transaction.set_rollback(True)
                # A revision or an account's own name is no secret: "1" is a SID of nothing.
                if len(sid) == 34 and (found[0] < 400 or anonymous(found, sid) != anonymous(nothing, unknown_sid(sid))):
                    wrong.append(f"{method} {path}: {found} but {nothing}")
                # 409: it is for who takes tasks, whatever is asked for.
                if method == "GET" and found[0] not in (404, 409) and (path == theirs or len(sid) == 34):
                    wrong.append(f"GET {path}: {found[0]}")

    assert not wrong, "\n".join(wrong)
    assert contents(owner.desk.account.id) == before
    # The walk is worth something: the owner reaches most of what was asked for.
    assert opened > 70, opened


def unknown_sid(sid: str) -> str:
    return sid[:2] + "0" * 32


def test_asks_everybody_who_they_are(owner: World, client: Any) -> None:
    """Without credentials every address of the REST APIs and of the browser answers 401."""
    wrong = []
    for route, view in routes():
        kind = getattr(view, "cls", None)
        if kind is None or route.startswith(OPEN) or not getattr(kind, "permission_classes", ()):
            continue
        path = owner.fill(route)
        for method in METHODS:
            if hasattr(kind, method.lower()):
                status = client.generic(method, path, b"{}", content_type="application/json").status_code
                if status != 401:
                    wrong.append(f"{method} {path}: {status}")

    assert not wrong, "\n".join(wrong)


def test_lists_nothing_of_another_account(owner: World, stranger: World) -> None:
    """Every list, asked for by a stranger, names no SID of the owner's."""
    mine = {sid for sid in owner.sids if len(sid) == 34} - set(stranger.sids)
    wrong = []
    for route, view in routes():
        if hasattr(getattr(view, "cls", None), "get") and not route.startswith(OPEN):
            answer = json.dumps(stranger.send("GET", stranger.fill(route))[1], default=str)
            wrong += [f"{route}: {sid}" for sid in mine if sid in answer]

    assert not wrong, "\n".join(wrong)
