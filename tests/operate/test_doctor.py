"""The doctor names what is wrong and what to do, for every fault that an operator meets."""

from __future__ import annotations

import http.server
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from common import clock, ids, outbox
from common.models import ServerProcess
from config.celery import QUEUES
from config.operate import doctor, heartbeat
from config.operate.doctor import ERROR, OK, WARNING
from tests.factories import make_account
from tests.flows.api.browser import Browser
from tests.serving import serving

pytestmark = pytest.mark.django_db


def levels(check: Callable[..., list[doctor.Finding]]) -> dict[str, str]:
    found = check(clock.now())
    assert all(finding.advice for finding in found if finding.level != OK)
    return {finding.check: finding.level for finding in found}


def process(parts: str, *, age: float = 0, key: str = "", **facts: Any) -> ServerProcess:
    now = clock.now()
    told = {"queues": list(QUEUES), "version": "1", "installation": "a", "clock_ahead_seconds": 0.0, **facts}
    return ServerProcess.objects.create(
        id=key or f"host:{parts}",
        parts=parts,
        host="host",
        started_at=now - timedelta(hours=1),
        seen_at=now - timedelta(seconds=age),
        facts=told,
    )


def test_finds_nothing_wrong_where_all_parts_are_heard_of() -> None:
    process("web+worker+beat")

    assert set(levels(doctor.check_processes).values()) == {OK}


@pytest.mark.parametrize("missing", ["web", "worker", "beat"])
def test_names_the_part_that_is_down(missing: str) -> None:
    for part in {"web", "worker", "beat"} - {missing}:
        process(part)
    process(missing, age=300)

    found = levels(doctor.check_processes)

    assert [name for name, level in found.items() if level == ERROR] == [missing]


def test_names_queues_that_no_worker_takes() -> None:
    process("web+beat", queues=[])
    process("worker", queues=["runtime", "routing"])

    (queues,) = [found for found in doctor.check_processes(clock.now()) if found.check == "queues"]

    assert queues.level == ERROR
    assert "deliver" in queues.text
    assert "runtime" not in queues.text


@pytest.mark.parametrize(
    ("facts", "check", "level"),
    [
        ({"clock_ahead_seconds": -7.5}, "clock", ERROR),
        ({"version": "2"}, "versions of the code", WARNING),
        ({"installation": "b"}, "secret keys", ERROR),
        ({"pool": {"size": 24, "most": 24, "available": 0, "waiting": 5}}, "connections", WARNING),
    ],
)
def test_compares_the_processes(facts: dict[str, Any], check: str, level: str) -> None:
    process("web+worker+beat")
    process("worker", **facts)

    assert levels(doctor.check_processes)[check] == level


def test_tells_of_a_backlog_and_of_what_was_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    outbox.put(outbox.Entry(topic="flows.events", key=ids.uuid7(), payload={}, due_at=now - timedelta(minutes=5)))
    entry = outbox.OutboxEntry.objects.get()
    assert levels(doctor.check_backlog) == {"backlog": ERROR}

    outbox.park(entry, error="no", now=now)

    assert levels(doctor.check_backlog) == {"parked": WARNING, "backlog": OK}


def test_tells_of_migrations_that_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = [(SimpleNamespace(app_label="flows", name="0099_next"), False)]
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_: missing)

    (found,) = doctor.check_migrations(clock.now())

    assert (found.level, "flows.0099_next" in found.text, "prepare" in found.advice) == (ERROR, True, True)


def test_tells_of_a_data_directory_that_is_full_or_cannot_be_written(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path
    assert levels(doctor.check_data_dir) == {"data directory": OK}

    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10_000_000, total=10**9))
    assert levels(doctor.check_data_dir) == {"data directory": ERROR}

    settings.DATA_DIR = tmp_path / "gone"
    assert levels(doctor.check_data_dir) == {"data directory": ERROR}


def test_tells_of_a_broker_that_does_not_answer(settings: Any) -> None:
    settings.ENV = SimpleNamespace(redis_url="redis://127.0.0.1:1/0", broker_url="redis://127.0.0.1:1/0")

    assert levels(doctor.check_broker) == {"broker": ERROR}


def test_tells_of_a_demo_account_that_others_reach(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    account = make_account()
    monkeypatch.setattr("accounts.queries.demo_account", lambda: account)
    assert levels(doctor.check_demo) == {"demo": OK}

    settings.PUBLIC_URL = "https://desk.example"

    assert levels(doctor.check_demo) == {"demo": ERROR}


@contextmanager
def answering(health: dict[str, str], socket_status: int) -> Iterator[str]:
    """Serve what a proxy in front of some installation would."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_socket = self.path.startswith("/ws/")
            body = b"" if is_socket else json.dumps(health).encode()
            self.send_response(socket_status if is_socket else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with serving(Handler) as url:
        yield url


@pytest.mark.parametrize(
    ("installation", "socket_status", "expected"),
    [
        ("own", 403, {"public address": OK, "sockets": OK}),
        ("own", 502, {"public address": OK, "sockets": ERROR}),
        ("another", 403, {"public address": ERROR}),
    ],
)
def test_tries_the_public_address_and_a_socket(
    settings: Any, installation: str, socket_status: int, expected: dict[str, str]
) -> None:
    own = heartbeat.installation() if installation == "own" else "another"
    with answering({"status": "alive", "installation": own}, socket_status) as url:
        settings.PUBLIC_URL = url

        assert levels(doctor.check_public_url) == expected


def test_tells_of_a_public_address_that_nobody_answers(settings: Any) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:1"

    assert levels(doctor.check_public_url) == {"public address": ERROR}


def test_goes_on_where_a_check_fails_and_says_so(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:1"

    def broken(_: Any) -> list[Any]:
        raise RuntimeError("oh no")

    broken.__name__ = "check_things"
    monkeypatch.setattr(doctor, "CHECKS", (broken, doctor.check_migrations))

    found = {finding.check: finding for finding in doctor.examine(clock.now())}

    assert (found["things"].level, found["migrations"].level) == (ERROR, OK)


@pytest.mark.parametrize(("level", "code"), [(OK, 0), (ERROR, 1), (WARNING, 2)])
def test_ends_with_a_code_that_scripts_can_read(
    level: str, code: int, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _: [doctor.Finding("thing", level, "It is so", "Do this")])

    with pytest.raises(SystemExit) as ended:
        call_command("doctor", json=True)

    told = json.loads(capsys.readouterr().out)
    assert ended.value.code == code
    assert told["level"] == level
    assert told["findings"] == [{"check": "thing", "level": level, "text": "It is so", "advice": "Do this"}]


def test_is_a_page_for_admins_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "CHECKS", (doctor.check_processes,))
    process("web+worker+beat")
    account = make_account()

    status, told = Browser(account).get("doctor")

    assert (status, told["level"]) == (200, OK)
    assert [row["parts"] for row in told["processes"]] == ["web+worker+beat"]
    assert Browser(account, "supervisor").get("doctor")[0] == 403


def test_a_heartbeat_is_a_row_that_goes_with_its_process() -> None:
    beating = heartbeat.Heartbeat(("web", "worker"), QUEUES)

    beating.beat(clock.now())
    beating.beat(clock.now())

    (row,) = heartbeat.alive(clock.now())
    assert (row.parts, row.facts["queues"]) == ("web+worker", list(QUEUES))
    assert row.facts["installation"] == heartbeat.installation()
    assert abs(row.facts["clock_ahead_seconds"]) < 1
    assert "flowdesk_messages" in row.figures
    beating.stop()
    assert heartbeat.alive(clock.now()) == []
    assert connection.in_atomic_block
