"""
Messages a second and webhook-to-reply times of the whole product: signed webhook in, reply at the provider out.

``python -m bench.message_path``: the floors, then embedded on SQLite, then web, worker and beat as separate processes
on PostgreSQL and Redis, all in one run. Everything runs on this machine's loopback, on data of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from bench import bars
from bench.load import Provider, Target, knock, run

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
LEVELS = (1, 16, 64)
# Where ``product`` tells its processes' ids, beside the environment they were given.
PROCESSES = "BENCH_PROCESSES"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def product(*, postgres: bool) -> Iterator[dict[str, str]]:
    """Run the product on an empty database; yields its environment."""
    name = f"flowdesk_bench_{os.getpid()}"
    with tempfile.TemporaryDirectory() as data_dir:
        env = {
            **os.environ,
            "FLOWDESK_PORT": str(free_port()),
            "FLOWDESK_DATA_DIR": data_dir,
            "FLOWDESK_HTTP_ALLOW": "127.0.0.0/8",
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1/{name}" if postgres else "",
            "REDIS_URL": "redis://127.0.0.1:6379/14" if postgres else "",
            "FLOWDESK_DEMO": "false",
        }
        if postgres:
            subprocess.run(["createdb", "-h", "127.0.0.1", "-U", "postgres", name], check=True)
            subprocess.run(["redis-cli", "-n", "14", "flushdb"], check=True, stdout=subprocess.DEVNULL)
        manage = [sys.executable, str(ROOT / "manage.py")]
        subprocess.run([*manage, "migrate", "--verbosity", "0"], check=True, env=env)
        parts = [["--only", "web"], ["--only", "worker"], ["--only", "beat"]] if postgres else [[]]
        running = [subprocess.Popen([*manage, "serve", *part], env=env) for part in parts]
        try:
            wait_until_ready(f"http://127.0.0.1:{env['FLOWDESK_PORT']}/readyz")
            yield {**env, PROCESSES: " ".join(str(process.pid) for process in running)}
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(20)
            if postgres:
                subprocess.run(["dropdb", "-h", "127.0.0.1", "-U", "postgres", "--force", name], check=True)


def wait_until_ready(url: str, seconds: float = 60) -> None:
    """Return when the address answers 200."""
    for _ in range(int(seconds * 10)):
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{url} was not ready within {seconds:g} s")


async def measure(env: dict[str, str], levels: tuple[int, ...], seconds: float) -> dict[str, dict[str, float]]:
    """Return the figures at each number of conversations at a time."""
    provider = Provider()
    base = await provider.start()
    command = [sys.executable, "-m", "bench.seed", base]
    seeded = await asyncio.to_thread(subprocess.run, command, check=True, env=env, cwd=ROOT, stdout=subprocess.PIPE)
    made = json.loads(seeded.stdout.splitlines()[-1])
    port = int(env["FLOWDESK_PORT"])
    path = f"/webhooks/{made['connection_sid']}"
    target = Target("127.0.0.1", port, path, f"http://127.0.0.1:{port}{path}", made["auth_token"], made["ours"])
    await run(target, provider, at_once=4, seconds=1.5)
    figures = {}
    for level in levels:
        before = spent(env)
        found = await run(target, provider, at_once=level, seconds=seconds)
        after = spent(env)
        figures[str(level)] = found.summary() | {
            f"{name}_ms_a_message": round((after[name] - before[name]) / max(1, len(found.replied)) * 1000, 2)
            for name in after
        }
    return figures


def spent(env: dict[str, str]) -> dict[str, float]:
    """Return the processor seconds of the product, of PostgreSQL for it, and of this load generator, so far."""
    database = env["DATABASE_URL"].rpartition("/")[2]
    statement = f"SELECT pid FROM pg_stat_activity WHERE datname = '{database}'"
    asked = ["psql", "-h", "127.0.0.1", "-U", "postgres", "-Atc", statement]
    servers = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split() if database else []
    return {
        "flowdesk": sum(map(processor_seconds, env[PROCESSES].split())),
        "postgres": sum(map(processor_seconds, servers)),
        "load": time.process_time(),
    }


def processor_seconds(pid: str) -> float:
    """Return what a process has used, all of its threads."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def floor(kind: str) -> Iterator[int]:
    """Serve a floor on an empty PostgreSQL database; yields its port."""
    name = f"flowdesk_floor_{os.getpid()}"
    port = free_port()
    subprocess.run(["createdb", "-h", "127.0.0.1", "-U", "postgres", name], check=True)
    env = {**os.environ, "DATABASE_URL": f"postgresql://postgres@127.0.0.1/{name}"}
    process = subprocess.Popen([sys.executable, "-m", "bench.floor", kind, str(port)], env=env, cwd=ROOT)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)
        subprocess.run(["dropdb", "-h", "127.0.0.1", "-U", "postgres", "--force", name], check=True)


async def measure_floor(port: int, levels: tuple[int, ...], seconds: float) -> dict[str, dict[str, float]]:
    """Return a floor's figures at each number of clients at a time."""
    await knock("127.0.0.1", port, at_once=4, seconds=1)
    return {str(level): (await knock("127.0.0.1", port, at_once=level, seconds=seconds)).summary() for level in levels}


def on_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run the load on the quickest event loop there is: it shares the machine with what it measures."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def measure_all(levels: tuple[int, ...] = LEVELS, seconds: float = 6) -> dict[str, Any]:
    """Return the figures of the floors and of the product, embedded and distributed, of one run, with the bars."""
    figures: dict[str, Any] = {}
    for kind in ("bare", "django"):
        with floor(kind) as port:
            figures[f"floor, {kind}"] = on_loop(measure_floor(port, levels, seconds))
    for name, postgres in (("embedded", False), ("PostgreSQL + Redis", True)):
        with product(postgres=postgres) as env:
            figures[name] = on_loop(measure(env, levels, seconds))
    return {"figures": figures, "bars": [bar.row() for bar in bars.judge(figures)]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--levels", type=int, nargs="*", default=list(LEVELS))
    options = parser.parse_args()
    print(json.dumps(measure_all(tuple(options.levels), options.seconds), indent=1))


if __name__ == "__main__":
    main()
