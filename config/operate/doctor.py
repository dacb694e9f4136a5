"""
Looks at everything an installation stands on, and says what is wrong and what to do about it.

Each check returns findings; none of them raises, changes anything, or takes longer than a few seconds.
"""

from __future__ import annotations

import base64
import http.client
import os
import ssl
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from accounts import queries as accounts
from common import clock
from common.backlog import backlog
from common.models import ServerProcess
from config.celery import QUEUES
from config.operate import heartbeat
from config.server import readiness
from config.web import APP_ENTRY, NotBuilt, assets

OK, WARNING, ERROR = "ok", "warning", "error"
CONNECT_SECONDS = 4.0
SKEW_SECONDS = 2.0
LITTLE_ROOM, NO_ROOM = 1_000_000_000, 100_000_000
LOOPBACK = ("127.0.0.1", "localhost", "::1", "0.0.0.0", "testserver")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its level, what is so, and what to do where it should be otherwise."""

    check: str
    level: str
    text: str
    advice: str = ""


Check = Callable[[datetime], list[Finding]]


def examine(now: datetime) -> list[Finding]:
    """Make every check, and return what each found; without a database only those that need none."""
    found = check_database(now)
    is_up = all(finding.level == OK for finding in found)
    for check in CHECKS if is_up else WITHOUT_DATABASE:
        try:
            found += check(now)
        except Exception as error:
            name = check.__name__.removeprefix("check_").replace("_", " ")
            found.append(Finding(name, ERROR, f"The check itself failed: {type(error).__name__}: {error}"))
    return found


def worst(found: Sequence[Finding]) -> str:
    """Return the gravest level among findings."""
    levels = {finding.level for finding in found}
    return ERROR if ERROR in levels else WARNING if WARNING in levels else OK


def check_database(now: datetime) -> list[Finding]:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        reason = " ".join(str(error).split())
        advice = "Start the database, or correct DATABASE_URL. Nothing can be taken in until it answers."
        return [Finding("database", ERROR, f"The database does not answer: {reason}", advice)]
    return [Finding("database", OK, f"The database answers ({connection.vendor})")]


def check_migrations(now: datetime) -> list[Finding]:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in missing[:3])
        text = f"{len(missing)} migrations have not been made ({names}{', …' if len(missing) > 3 else ''})"
        return [Finding("migrations", ERROR, text, "Run `manage.py prepare`, then start the processes again.")]
    return [Finding("migrations", OK, "The tables are those of this version")]


def check_processes(now: datetime) -> list[Finding]:
    rows = heartbeat.alive(now)
    parts = {part for row in rows for part in row.parts.split("+")}
    found = []
    for part, what in (
        ("web", "nobody answers browsers, providers and integrators"),
        ("worker", "messages are taken in and wait: no flow runs, nothing is sent"),
        ("beat", "timers, retries and lost doorbells are not looked after"),
    ):
        running = [row for row in rows if part in row.parts.split("+")]
        if running:
            hosts = ", ".join(sorted({row.host for row in running}))
            found.append(
                Finding(part, OK, f"{len(running)} {part} process{'es' if len(running) > 1 else ''} on {hosts}")
            )
        else:
            last = _last_seen(part)
            text = f"No {part} process runs ({last}): {what}"
            command = "`manage.py serve`" if settings.EMBEDDED else f"`manage.py serve --only {part}`"
            found.append(Finding(part, ERROR, text, f"Start one with {command}, and see in its log why it ended."))
    if "worker" in parts:
        served = {queue for row in rows for queue in row.facts.get("queues", ())}
        if missing := [queue for queue in QUEUES if queue not in served]:
            text = f"No worker takes the queue{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
            found.append(Finding("queues", ERROR, text, "Start a worker with them: `manage.py serve --only worker`."))
    return found + _differences(rows)


def _last_seen(part: str) -> str:
    rows = [row for row in ServerProcess.objects.order_by("-seen_at") if part in row.parts.split("+")]
    return f"last heard of {clock.to_iso(rows[0].seen_at)}" if rows else "none was ever heard of"


def _differences(rows: Sequence[ServerProcess]) -> list[Finding]:
    found = []
    for row in rows:
        ahead = float(row.facts.get("clock_ahead_seconds", 0.0))
        if abs(ahead) > SKEW_SECONDS:
            side = "ahead of" if ahead > 0 else "behind"
            text = (
                f"The clock of {row.host} is {abs(ahead):.1f} s {side} the database's: timers go off at the wrong time"
            )
            found.append(Finding("clock", ERROR, text, f"Switch time synchronisation (NTP) on at {row.host}."))
        pool = row.facts.get("pool") or {}
        if pool.get("waiting", 0) > 0 and pool.get("size") == pool.get("most"):
            text = f"{row.id} has {pool['waiting']} threads waiting for a database connection"
            found.append(Finding("connections", WARNING, text, "Start more processes, or look for slow statements."))
    if not any(finding.check == "clock" for finding in found):
        found.append(Finding("clock", OK, "All clocks agree with the database's"))
    for name, word, advice in (
        ("version", "versions of the code", "Restart the processes that were not restarted after the upgrade."),
        ("installation", "secret keys", "Give every process the same FLOWDESK_SECRET_KEY."),
    ):
        if len({row.facts.get(name) for row in rows}) > 1:
            level = ERROR if name == "installation" else WARNING
            found.append(Finding(word, level, f"Processes run with different {word}", advice))
    return found


def check_broker(now: datetime) -> list[Finding]:
    said = readiness.broker_state()
    if said != "ok":
        advice = "Start Redis, or correct REDIS_URL and CELERY_BROKER_URL. Nothing stored is lost meanwhile."
        return [Finding("broker", ERROR, f"The broker does not answer: {said}", advice)]
    name = "inside this process" if settings.EMBEDDED else "Redis"
    return [Finding("broker", OK, f"The broker answers ({name})")]


def check_backlog(now: datetime) -> list[Finding]:
    found = []
    counted = backlog(now)
    for row in counted:
        if row.oldest_seconds > readiness.LATE_SECONDS:
            text = f"{row.topic}: {row.due} entries are due, the oldest for {row.oldest_seconds:.0f} s"
            found.append(Finding("backlog", ERROR, text, "Start more workers, or see in their log what holds them up."))
        if row.parked:
            text = f"{row.topic}: {row.parked} entries were given up after their last try"
            found.append(
                Finding("parked", WARNING, text, "See Settings for deliveries and webhooks to send again, and the log.")
            )
    if not any(finding.level == ERROR for finding in found):
        found.append(Finding("backlog", OK, f"Nothing is late ({sum(row.due for row in counted)} entries are due)"))
    return found


def check_data_dir(now: datetime) -> list[Finding]:
    found = []
    seen = {"here": heartbeat.data_dir_facts(), **{row.host: row.facts.get("data_dir") or {} for row in _alive(now)}}
    for host, facts in seen.items():
        where = f"{facts.get('path')}" + ("" if host == "here" else f" on {host}")
        if "error" in facts:
            advice = "Give the user that runs Flowdesk the right to write there, or set FLOWDESK_DATA_DIR."
            found.append(Finding("data directory", ERROR, f"{where} cannot be written: {facts['error']}", advice))
        elif facts.get("free_bytes", NO_ROOM * 100) < LITTLE_ROOM:
            level = ERROR if facts["free_bytes"] < NO_ROOM else WARNING
            text = f"{where} has {facts['free_bytes'] // 1_000_000} MB left"
            found.append(Finding("data directory", level, text, "Make room: a full disk stops everything."))
    return found or [Finding("data directory", OK, f"{settings.DATA_DIR} can be written, and has room")]


def _alive(now: datetime) -> list[ServerProcess]:
    try:
        return heartbeat.alive(now)
    except DatabaseError:
        return []


def check_public_url(now: datetime) -> list[Finding]:
    url = settings.PUBLIC_URL
    parts = urlsplit(url)
    found = []
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        text = f"{url} is not encrypted: passwords and customers' words can be read on the way"
        found.append(
            Finding("public address", WARNING, text, "End TLS in front of it; set FLOWDESK_PUBLIC_URL to https://…")
        )
    advice = "Set FLOWDESK_PUBLIC_URL to the address under which browsers and providers reach this installation."
    try:
        status, body = _get(url, "/healthz")
        told = orjson.loads(body) if status == 200 else {}
    except (OSError, http.client.HTTPException, ValueError) as error:
        found.append(
            Finding("public address", ERROR, f"{url} does not answer: {error or type(error).__name__}", advice)
        )
        return found
    if not isinstance(told, dict) or told.get("installation") != heartbeat.installation():
        text = f"{url} is answered by something else (status {status}), or by an installation with another secret key"
        return [*found, Finding("public address", ERROR, text, advice)]
    found.append(Finding("public address", OK, f"{url} reaches this installation"))
    return found + _check_socket(url)


def _check_socket(url: str) -> list[Finding]:
    """Open a socket as a browser would; without log-in it is refused, by us and not by something on the way."""
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Origin": url,
    }
    try:
        status, _ = _get(url, "/ws/console/", headers)
    except (OSError, http.client.HTTPException) as error:
        status, reason = 0, str(error) or type(error).__name__
    else:
        reason = f"status {status}"
    if status in (101, 403):
        return [Finding("sockets", OK, "Sockets get through")]
    text = f"Sockets do not get through to {url} ({reason}): consoles and web chats see nothing new"
    advice = "Have the proxy pass WebSockets on: HTTP/1.1 with the headers Upgrade and Connection, and a long time-out."
    return [Finding("sockets", ERROR, text, advice)]


def _get(url: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        client: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, parts.port, timeout=CONNECT_SECONDS, context=ssl.create_default_context()
        )
    else:
        client = http.client.HTTPConnection(host, parts.port, timeout=CONNECT_SECONDS)
    try:
        client.request(
            "GET", parts.path.rstrip("/") + path, headers={"User-Agent": "Flowdesk doctor", **(headers or {})}
        )
        answer = client.getresponse()
        return answer.status, b"" if answer.status == 101 else answer.read(64 * 1024)
    finally:
        client.close()


def check_demo(now: datetime) -> list[Finding]:
    is_public = urlsplit(settings.PUBLIC_URL).hostname not in LOOPBACK
    if accounts.demo_account() is not None and is_public:
        text = "The demo account is there, with log-ins and a simulated phone, and others reach this installation"
        advice = "Set FLOWDESK_DEMO=false and give its users other passwords, or begin with an empty database."
        return [Finding("demo", ERROR, text, advice)]
    if settings.DEBUG and is_public:
        text = "FLOWDESK_DEBUG is on: error pages tell strangers about the inside"
        return [Finding("debug", ERROR, text, "Set FLOWDESK_DEBUG=false.")]
    return [Finding("demo", OK, "No demo account is open to others")]


def check_front_end(now: datetime) -> list[Finding]:
    try:
        assets(APP_ENTRY)
    except NotBuilt:
        advice = "Run `make run`, or `npm ci && npm run build` in frontend/."
        return [Finding("web application", ERROR, "The front end has not been built", advice)]
    return [Finding("web application", OK, "The front end is built")]


WITHOUT_DATABASE: tuple[Check, ...] = (check_broker, check_data_dir, check_front_end)
CHECKS: tuple[Check, ...] = (
    check_migrations,
    check_processes,
    check_broker,
    check_backlog,
    check_data_dir,
    check_public_url,
    check_demo,
    check_front_end,
)


def written(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return findings as JSON, the gravest first."""
    order = {ERROR: 0, WARNING: 1, OK: 2}
    return [asdict(finding) for finding in sorted(found, key=lambda finding: order[finding.level])]
