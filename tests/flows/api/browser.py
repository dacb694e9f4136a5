"""A logged-in browser for the tests of ``/app/v1``."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from accounts.models import Account
from accounts.services import create_user


class Browser:
    """Sends JSON as the browser does; answers are (status, parsed body)."""

    def __init__(self, account: Account, role: str = "admin") -> None:
        name = f"{role}-{account.sid[-8:]}"
        self.user = create_user(
            account_id=account.id, username=name, password="correct horse battery", role=role, name="Ada Admin"
        )
        self.client = Client()
        self.client.force_login(self.user, backend="django.contrib.auth.backends.ModelBackend")

    def get(self, path: str, **query: str) -> tuple[int, Any]:
        return read(self.client.get(f"/app/v1/{path}", query))

    def send(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.client.generic(method, f"/app/v1/{path}", data, content_type="application/json")
        return read(answer)

    def post(self, path: str, body: Any) -> tuple[int, Any]:
        return self.send("POST", path, body)


def read(answer: Any) -> tuple[int, Any]:
    """Return status and parsed body; None where there is none."""
    return answer.status_code, json.loads(answer.content) if answer.content else None
