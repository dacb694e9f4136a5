"""Which application a request is given to."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.signals import request_finished

from config import asgi

# A web process closes its connections after each request; the tests of this process keep theirs.
request_finished.disconnect(asgi.close_connections)


@pytest.mark.parametrize(
    ("path", "taken_by"),
    [
        ("/webhooks/CN0123", "ingress"),
        ("/webhooks/v1/Accounts/AC1/Flows/FW1", "django"),
        ("/webhooksx", "django"),
        ("/studio/v2/Flows", "django"),
    ],
)
def test_gives_providers_webhooks_the_lean_way(monkeypatch: pytest.MonkeyPatch, path: str, taken_by: str) -> None:
    taken: list[str] = []

    def application(name: str) -> Any:
        async def answer(scope: Any, receive: Any, send: Any) -> None:
            taken.append(name)

        return answer

    monkeypatch.setattr(asgi, "ingress", application("ingress"))
    monkeypatch.setattr(asgi, "django_application", application("django"))

    async_to_sync(asgi.http)({"path": path}, None, None)  # type: ignore[arg-type]

    assert taken == [taken_by]
