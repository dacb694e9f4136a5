"""A desk with a supervisor at it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from tests.interactions.world import Desk, make_desk


@pytest.fixture(autouse=True)
def no_cache() -> None:
    cache.clear()


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()


class Caller:
    """A browser that somebody is logged in with; answers are (status, JSON)."""

    def __init__(self, user: Any) -> None:
        self.client = Client()
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        call = getattr(self.client, method)
        if method == "get":
            answer = call(f"/app/v1/{path}", body or {})
        else:
            answer = call(f"/app/v1/{path}", json.dumps(body or {}), content_type="application/json")
        return answer.status_code, answer.json() if answer.content else None


@pytest.fixture
def supervisor(desk: Desk) -> Caller:
    return Caller(desk.user("supervisor"))


@pytest.fixture
def by() -> Callable[[Any], Caller]:
    return Caller
