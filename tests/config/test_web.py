"""The pages of the application, the echo, and what watches an installation."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.services import create_account
from common import clock, ids, outbox
from config.operate import heartbeat
from config.server import readiness

pytestmark = pytest.mark.django_db

MANIFEST = {
    "src/main.tsx": {"file": "assets/app-1.js", "imports": ["_shared.js"], "css": ["assets/app-1.css"]},
    "_shared.js": {"file": "assets/shared-2.js", "css": ["assets/shared-2.css"]},
    "src/demo/main.tsx": {"file": "assets/demo-3.js", "imports": ["_shared.js"]},
}


@pytest.fixture
def built(settings: Settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    folder = tmp_path / "static" / "app" / ".vite"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(json.dumps(MANIFEST))


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "path", ["/", "/login", "/flows", "/flows/FW1", "/executions", "/settings/people", "/console", "/supervisor"]
)
def test_serves_the_application_with_what_its_entry_needs(path: str) -> None:
    answer = Client().get(path)

    text = answer.content.decode()
    assert answer.status_code == 200
    assert '<script type="module" src="/static/app/assets/app-1.js"></script>' in text
    assert '<link rel="modulepreload" href="/static/app/assets/shared-2.js">' in text
    assert '<link rel="stylesheet" href="/static/app/assets/app-1.css">' in text
    assert '<link rel="stylesheet" href="/static/app/assets/shared-2.css">' in text
    assert "csrftoken" in answer.cookies
    assert "script-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.usefixtures("built")
def test_serves_the_demo_only_where_there_is_a_demo_account() -> None:
    before = Client().get("/demo")
    create_account(name="Demo", is_demo=True, now=clock.now())

    assert before.status_code == 404
    assert "assets/demo-3.js" in Client().get("/demo").content.decode()


def test_says_what_to_do_when_the_front_end_is_not_built(settings: Settings, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path

    answer = Client().get("/")

    assert (answer.status_code, answer.content.decode()[:32]) == (503, "The front end has not been built")


def test_answers_an_unknown_address_in_the_error_form() -> None:
    answer = Client().get("/nothing/here")

    assert (answer.status_code, answer.json()["code"]) == (404, 20404)


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        ("application/x-www-form-urlencoded", "topic=sales&question=how%3F", {"topic": "sales", "question": "how?"}),
        ("application/json", '{"topic": ["a"]}', {"topic": ["a"]}),
        ("application/json", "", {}),
    ],
)
def test_echoes_parameters(content_type: str, body: str, expected: object) -> None:
    create_account(name="Demo", is_demo=True, now=clock.now())

    answer = Client().post("/demo/echo?from=1", body, content_type=content_type)

    assert answer.json() == {"method": "POST", "parameters": {"from": "1", **expected}}


@pytest.mark.parametrize(("body", "status"), [("[1]", 400), ("{", 400), ("x" * 20_000, 413)])
def test_refuses_to_echo_what_is_no_object_or_too_large(body: str, status: int) -> None:
    create_account(name="Demo", is_demo=True, now=clock.now())

    answer = Client().post("/demo/echo", body, content_type="application/json")

    assert answer.status_code == status


def test_is_ready_with_a_database_and_counts_the_backlog() -> None:
    outbox.put(outbox.Entry("flows.event", ids.uuid7(), {}))

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["checks"]["database"]) == (200, "ok")
    assert answer.json()["backlog"]["due"] == 1


def test_is_not_ready_without_its_broker(settings: Settings) -> None:
    settings.ENV = replace(settings.ENV, redis_url="redis://127.0.0.1:1/0")

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert "refused" in answer.json()["checks"]["broker"]


def test_is_not_ready_before_its_worker_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Starting:
        name = "worker"

        def is_ready(self) -> bool:
            return False

    monkeypatch.setattr(readiness, "_components", [Starting()])

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["checks"]["worker"]) == (503, "not running yet")


def test_is_alive_without_asking_anybody() -> None:
    assert Client().get("/healthz").json() == {"status": "alive", "installation": heartbeat.installation()}


def test_tells_prometheus_about_the_outbox() -> None:
    outbox.put(outbox.Entry("some.topic", ids.uuid7(), {}))

    text = Client().get("/metrics").content.decode()

    assert 'flowdesk_outbox_due{topic="some.topic"} 1.0' in text
    assert 'flowdesk_outbox_parked{topic="some.topic"} 0.0' in text
