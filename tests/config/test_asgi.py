"""Which application a request is given to."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from asgiref.sync import async_to_sync


@pytest.mark.parametrize(
    ("path", "taken_by"),
    [
        ("/webhooks/CN0123", "ingress"),
        ("/webhooks/v1/Accounts/AC1/Flows/FW1", "django"),
        ("/webhooksx", "django"),
        ("/studio/v2/Flows", "django"),
    ],
)
def test_gives_providers_webhooks_the_lean_way(
    asgi: ModuleType, monkeypatch: pytest.MonkeyPatch, path: str, taken_by: str
) -> None:
    taken: list[str] = []

    def application(name: str) -> Any:
        async def answer(scope: Any, receive: Any, send: Any) -> None:
            taken.append(name)

        return answer

    monkeypatch.setattr(asgi, "ingress", application("ingress"))
    monkeypatch.setattr(asgi, "django_application", application("django"))

    async_to_sync(asgi.http)({"path": path, "headers": []}, None, None)  # type: ignore[arg-type]

    assert taken == [taken_by]


def test_takes_no_body_larger_than_the_largest_file(asgi: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []
    answers: list[dict[str, Any]] = []

    async def read(scope: dict[str, Any], receive: Any, send: Any) -> None:
        while (event := await receive())["type"] == "http.request" and event["more_body"]:
            taken.append("part")
        taken.append(event["type"])

    async def part() -> dict[str, Any]:
        return {"type": "http.request", "body": bytes(1024 * 1024), "more_body": True}

    async def send(event: dict[str, Any]) -> None:
        answers.append(event)

    monkeypatch.setattr(asgi, "django_application", read)
    said = [(b"content-length", str(asgi.MOST_BYTES + 1).encode())]
    async_to_sync(asgi.http)({"path": "/x", "headers": said}, part, send)
    assert (answers[0]["status"], taken) == (413, [])

    async_to_sync(asgi.http)({"path": "/x", "headers": []}, part, send)
    assert (taken[-1], len(taken) - 1) == ("http.disconnect", asgi.MOST_BYTES // 1024**2)
