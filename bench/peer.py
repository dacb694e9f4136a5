"""
Node-RED from the npm registry on the same job, behind the same load: the peer of ``bench.message_path``.

``memory``: a conversation's state is lost with the process. ``disk``: written at every change, without a cache. Neither
signs, stores or retries anything: it is what the least that answers costs.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.load import Provider, Target, run
from bench.message_path import free_port

HERE = Path(__file__).resolve().parent / "peer"


def install() -> bool:
    """Install the locked packages where they are not there yet; False where there is no npm."""
    if shutil.which("npm") is None:
        return False
    if not (HERE / "node_modules" / "node-red" / "red.js").exists():
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        subprocess.run(command, cwd=HERE, check=True, stdout=subprocess.DEVNULL)
    return True


@contextlib.contextmanager
def node_red(provider_url: str, *, disk: bool) -> Iterator[int]:
    """Run it on data of its own; yields its port."""
    port = free_port()
    with tempfile.TemporaryDirectory() as directory:
        env = {
            **os.environ,
            "PEER_PORT": str(port),
            "PEER_DIR": directory,
            "PEER_FLOWS": str(HERE / "flows.json"),
            "PEER_PROVIDER": f"{provider_url}/Messages.json",
            "PEER_DISK": str(disk).lower(),
        }
        command = ["node", "node_modules/node-red/red.js", "--settings", "settings.cjs"]
        process = subprocess.Popen(command, cwd=HERE, env=env, stdout=subprocess.DEVNULL)
        try:
            for _ in range(300):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            # It listens before its flows are there.
            time.sleep(2)
            yield port
        finally:
            process.terminate()
            process.wait(20)


async def measure(levels: tuple[int, ...], seconds: float, *, disk: bool) -> dict[str, dict[str, float]]:
    """Return the figures at each number of conversations at a time."""
    provider = Provider()
    base = await provider.start()
    with node_red(base, disk=disk) as port:
        url = f"http://127.0.0.1:{port}/webhook"
        target = Target("127.0.0.1", port, "/webhook", url, "not checked", "+15550109999")
        await run(target, provider, at_once=4, seconds=2)
        return {str(level): (await run(target, provider, at_once=level, seconds=seconds)).summary() for level in levels}
