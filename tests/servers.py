"""Real server processes for tests: started, asked whether they are ready, killed and started again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests import backends

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90
PASSWORD = "a password for tests"


class Installation:
    """
    One installation with a data directory, and a database of its own where ``backend`` is ``postgres``.

    Embedded it is one process, ``all``; on PostgreSQL and Redis it is ``web``, ``worker`` and ``beat``.
    """

    def __init__(self, backend: str, directory: Path, environment: Mapping[str, str]) -> None:
        self.backend = backend
        self.roles = ("all",) if backend == "sqlite" else ("web", "worker", "beat")
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.log = directory / "server.log"
        # What python runs; tests of tests put something between.
        self.program: tuple[str, ...] = ("manage.py",)
        self.directory = directory
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("FLOWDESK_", "DJANGO_"))},
            "FLOWDESK_DATA_DIR": str(directory),
            "FLOWDESK_PORT": str(self.port),
            "FLOWDESK_HOST": "127.0.0.1",
            "FLOWDESK_PUBLIC_URL": "",
            "FLOWDESK_SECRET_KEY": "only for tests",
            "FLOWDESK_ADMIN_PASSWORD": PASSWORD,
            "FLOWDESK_HTTP_ALLOW": "127.0.0.0/8",
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "CELERY_BROKER_URL": "",
            **environment,
        }

    def manage(self, *arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end, with some settings of its own."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**self._environment, **environment},
            capture_output=True,
            text=True,
            timeout=180,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
        return done

    def credentials(self) -> dict[str, Any]:
        """Return what ``make credentials`` prints."""
        found: dict[str, Any] = json.loads(self.manage("credentials").stdout)
        return found

    def start(self, *roles: str) -> None:
        """Start the named processes, or all, and wait until the web process says that it is ready."""
        for role in roles or self.roles:
            self.spawn(role)
        self.wait_until_ready()

    def spawn(self, role: str) -> None:
        """Start one process and wait for nothing."""
        # A number at the end tells several processes of one role apart: "worker2".
        only = () if role == "all" else ("--only", role.rstrip("0123456789"))
        with self.log.open("ab") as log:
            self._processes[role] = subprocess.Popen(
                [sys.executable, *self.program, "serve", *only],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def ended(self) -> list[str]:
        """Return the processes that have ended by themselves or were killed."""
        return [role for role, process in self._processes.items() if process.poll() is not None]

    def kill_only(self, role: str) -> None:
        """Kill a process and leave it among those that ``ended``."""
        self._processes[role].kill()

    def wait_until_ready(self) -> None:
        """Wait for the web process; fails with the log where a process has ended or the time is up."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for role, process in self._processes.items():
                if process.poll() is not None:
                    raise AssertionError(f"{role} ended with code {process.returncode}:\n{self.log_text()}")
            try:
                if httpx.get(f"{self.base_url}/readyz", timeout=10, trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"Not ready after {START_SECONDS} s:\n{self.log_text()}")

    def kill(self, *roles: str) -> None:
        """End processes as a power cut would, without a chance to tidy up."""
        for role in roles or tuple(self._processes):
            process = self._processes.pop(role)
            process.kill()
            process.wait()

    def stop(self, *roles: str) -> dict[str, int]:
        """End processes as an operator would; returns their exit codes."""
        stopped = {role: self._processes.pop(role) for role in roles or tuple(self._processes)}
        for process in stopped.values():
            process.send_signal(signal.SIGTERM)
        return {role: process.wait(timeout=30) for role, process in stopped.items()}

    def close(self) -> None:
        """End whatever still runs."""
        self.kill()

    def log_text(self) -> str:
        """Return the last of what the processes said."""
        return self.log.read_text(errors="replace")[-20_000:] if self.log.exists() else ""


@contextmanager
def installation(backend: str, **environment: str) -> Iterator[Installation]:
    """
    Make an empty installation (not prepared, nothing runs) and remove it at the end.

    On PostgreSQL it gets a database and a Redis of its own, unless the environment names them.
    """
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="flowdesk-server-")))
        if backend == "postgres" and "DATABASE_URL" not in environment:
            environment["DATABASE_URL"] = stack.enter_context(backends.postgres_database())
            environment["REDIS_URL"] = backends.claim_redis()
            stack.callback(backends.release_redis, environment["REDIS_URL"])
        made = Installation(backend, directory, environment)
        stack.callback(made.close)
        yield made


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
