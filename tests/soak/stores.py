"""A PostgreSQL and a Redis of the soak's own, to be killed: nobody else's are touched."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import redis

from tests.servers import free_port

START_SECONDS = 60


def missing() -> str:
    """Return which program is not on this machine, or nothing."""
    if _postgres_bin() is None:
        return "PostgreSQL's server programs (Debian: postgresql)"
    if shutil.which("redis-server") is None:
        return "redis-server"
    return ""


def _postgres_bin() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    beside = shutil.which("initdb")
    return found[-1].parent if found else Path(beside).parent if beside else None


class Redis:
    """Keeps nothing on disk: what it loses, the product has to do without."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, cwd=self._directory, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with suppress(redis.RedisError), redis.Redis.from_url(self.url, socket_timeout=1) as client:
                client.ping()
                return
            time.sleep(0.05)
        raise RuntimeError("Redis did not start")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class Postgres:
    """A cluster in a directory of its own; the server refuses to run as root, so it runs as ``postgres`` there."""

    def __init__(self, directory: Path) -> None:
        found = _postgres_bin()
        assert found is not None
        self._bin = found
        self.port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self._data = directory / "cluster"
        self._user = "postgres" if os.geteuid() == 0 else None
        directory.chmod(0o755)
        self._data.mkdir()
        if self._user:
            owner = pwd.getpwnam(self._user)
            os.chown(self._data, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "--pgdata", str(self._data), "--username", "postgres", "--auth", "trust", "--no-sync")

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=200 "
            "-c synchronous_commit=on -c log_min_messages=fatal"
        )
        log = str(self._data / "server.log")
        self._run("pg_ctl", "start", "--wait", "--pgdata", str(self._data), "--log", log, "--options", options)
        with psycopg.connect(self.url, connect_timeout=10):
            pass

    def kill(self) -> None:
        """End it as a power cut would: without a checkpoint, whoever is connected."""
        with suppress(FileNotFoundError, ProcessLookupError):
            head = int((self._data / "postmaster.pid").read_text().splitlines()[0])
            os.kill(head, signal.SIGQUIT)
            deadline = time.monotonic() + START_SECONDS
            while (self._data / "postmaster.pid").exists() and time.monotonic() < deadline:
                time.sleep(0.05)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self._bin / program), *arguments],
            user=self._user,
            cwd=self._data,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=START_SECONDS,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed: {done.stderr.decode(errors='replace')}")


@contextmanager
def stores() -> Iterator[tuple[Postgres, Redis]]:
    """Start both, empty; they and their directory are gone at the end."""
    with tempfile.TemporaryDirectory(prefix="flowdesk-stores-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        postgres, cache = Postgres(directory), Redis(directory)
        try:
            postgres.start()
            cache.start()
            yield postgres, cache
        finally:
            cache.kill()
            postgres.kill()
