"""
Messages a second and webhook-to-reply times of the whole product: signed webhook in, reply at the provider out.

``python -m bench.message_path [--postgres]``: embedded on SQLite, or web, worker and beat as separate processes on
PostgreSQL and Redis. Everything runs on this machine's loopback, on data of its own.
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
from collections.abc import Iterator
from pathlib import Path

from bench.load import Provider, Target, run

ROOT = Path(__file__).resolve().parent.parent
LEVELS = (1, 16, 64)


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
            yield env
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
    return {str(level): (await run(target, provider, at_once=level, seconds=seconds)).summary() for level in levels}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--levels", type=int, nargs="*", default=list(LEVELS))
    options = parser.parse_args()
    with product(postgres=options.postgres) as env:
        figures = asyncio.run(measure(env, tuple(options.levels), options.seconds))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
