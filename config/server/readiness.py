"""What this process runs and what it depends on, asked by ``/readyz`` and ``/metrics``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from common.backlog import backlog
from config.server import preflight
from config.server.components import Component

_components: list[Component] = []

# A backlog older than this is reported as late. Web processes still take messages in: late is not lost.
LATE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Report:
    """Whether this process can do its work; ``checks`` by name: ``ok``, or what is wrong."""

    ready: bool
    checks: dict[str, str]
    backlog: dict[str, Any]


def watch(components: Sequence[Component]) -> None:
    """Have the report include parts that run in this process."""
    _components[:] = components


def report(now: datetime) -> Report:
    """Look at the database, the broker, the parts of this process and the backlog."""
    checks = {component.name: "ok" if component.is_ready() else "not running yet" for component in _components}
    checks["broker"] = broker_state()
    waiting: dict[str, Any] = {}
    try:
        connection.ensure_connection()
        counted = backlog(now)
        oldest = max((row.oldest_seconds for row in counted), default=0.0)
        waiting = {
            "due": sum(row.due for row in counted),
            "parked": sum(row.parked for row in counted),
            "oldest_seconds": round(oldest, 1),
            "is_late": oldest > LATE_SECONDS,
        }
        checks["database"] = "ok"
    except DatabaseError as error:
        checks["database"] = " ".join(str(error).split())
    return Report(all(value == "ok" for value in checks.values()), checks, waiting)


def broker_state() -> str:
    """Return ``ok``, or what the broker says instead."""
    try:
        if settings.ENV.redis_url:
            preflight.ping_redis()
        if settings.ENV.broker_url not in ("memory://localhost", settings.ENV.redis_url):
            preflight.pingbroker_state()
    except (redis.RedisError, OSError) as error:
        return str(error)
    except Exception as error:  # each broker's client has errors of its own
        return f"{type(error).__name__}: {error}"
    return "ok"
