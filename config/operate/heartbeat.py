"""Each server process says every few seconds that it is there, what it is, and what it has counted."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import socket
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection
from prometheus_client import generate_latest

from common import clock, metrics
from common.models import ServerProcess

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 10.0
# Longer unheard of, a process is down; much longer, it is forgotten.
ALIVE_SECONDS = 35
FORGOTTEN = timedelta(days=1)


@cache
def version() -> str:
    """Return which code this is: the newest change of a source file, good enough to tell old processes from new."""
    digest = hashlib.sha256()
    root = Path(settings.BASE_DIR)
    # Only the product's own packages: beside them lie tens of thousands of files of others, and every start looks here.
    packages = [path.parent for path in root.glob("*/__init__.py") if path.parent.name not in {"tests", "bench"}]
    for path in sorted(path for package in packages for path in package.rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()} {path.stat().st_size}\n".encode())
    return digest.hexdigest()[:12]


def installation() -> str:
    """Return what tells this installation from others without giving its secret key away."""
    return hashlib.sha256(b"flowdesk.installation:" + settings.SECRET_KEY.encode()).hexdigest()[:16]


class Heartbeat(threading.Thread):
    """Writes this process's row until the process ends."""

    def __init__(self, parts: Sequence[str], queues: Sequence[str]) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.started = clock.now()
        self.parts = tuple(parts)
        self.queues = tuple(queues) if "worker" in parts else ()
        self.key = f"{socket.gethostname()[:60]}:{os.getpid()}:{self.started.timestamp():.0f}"
        self._stopping = threading.Event()

    def run(self) -> None:
        while True:
            try:
                self.beat(clock.now())
            except Exception:
                # A database that is away is told by everything else.
                logger.warning("The heartbeat could not be written", exc_info=True)
            close_old_connections()
            if self._stopping.wait(PAUSE_SECONDS):
                return

    def stop(self) -> None:
        """Say that the process goes on purpose: nobody need miss it."""
        self._stopping.set()
        try:
            ServerProcess.objects.filter(id=self.key).delete()
        except Exception:
            logger.debug("The heartbeat could not be taken back", exc_info=True)

    def beat(self, now: datetime) -> None:
        """Write the row once."""
        count_sockets()
        ServerProcess.objects.update_or_create(
            id=self.key,
            defaults={
                "parts": "+".join(self.parts),
                "host": socket.gethostname()[:80],
                "started_at": self.started,
                "seen_at": now,
                "facts": self.facts(),
                "figures": generate_latest(metrics.REGISTRY).decode(),
            },
        )
        ServerProcess.objects.filter(seen_at__lt=now - FORGOTTEN).delete()

    def facts(self) -> dict[str, Any]:
        """Return what the doctor wants to know of this process."""
        return {
            "queues": list(self.queues),
            "version": version(),
            "installation": installation(),
            "clock_ahead_seconds": round(clock_ahead(), 2),
            "data_dir": data_dir_facts(),
            "pool": pool_facts(),
        }


def count_sockets() -> None:
    """Set the gauge of open sockets; read when asked, since counting at each end can be missed."""
    from realtime import sweep

    counted = sweep.count_by_kind()
    for kind in ("console", "webchat"):
        metrics.sockets.labels(kind).set(counted.get(kind, 0))


def clock_ahead() -> float:
    """Return by how many seconds this machine's clock is ahead of the database's; 0 where they are one machine."""
    if connection.vendor != "postgresql":
        return 0.0
    before = clock.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        theirs = cursor.fetchone()[0]
    here = before + (clock.now() - before) / 2
    return float((here - theirs).total_seconds())


def data_dir_facts() -> dict[str, Any]:
    """Return whether the data directory can be written, and how much room is left there."""
    directory = Path(settings.DATA_DIR)
    try:
        room = shutil.disk_usage(directory)
        probe = directory / f".probe.{os.getpid()}.{threading.get_ident()}"
        probe.write_bytes(b"flowdesk")
        probe.unlink()
    except OSError as error:
        return {"path": str(directory), "error": error.strerror or str(error)}
    return {"path": str(directory), "free_bytes": room.free, "total_bytes": room.total}


def pool_facts() -> dict[str, int]:
    """Return the figures of this process's pool of database connections; none on SQLite."""
    pool = getattr(connection, "pool", None) if connection.vendor == "postgresql" else None
    if pool is None:
        return {}
    found = pool.get_stats()
    names = {"pool_size": "size", "pool_available": "available", "requests_waiting": "waiting", "pool_max": "most"}
    return {name: int(found.get(key, 0)) for key, name in names.items()}


def alive(now: datetime) -> list[ServerProcess]:
    """Return the processes that were heard of lately."""
    return list(ServerProcess.objects.filter(seen_at__gte=now - timedelta(seconds=ALIVE_SECONDS)).order_by("id"))


_running: Heartbeat | None = None


def begin(parts: Sequence[str], queues: Sequence[str]) -> Heartbeat:
    """Start this process's heartbeat."""
    global _running
    _running = Heartbeat(parts, queues)
    _running.start()
    return _running


def current() -> str:
    """Return the id of this process's row."""
    return _running.key if _running is not None else f"{socket.gethostname()[:60]}:{os.getpid()}"
