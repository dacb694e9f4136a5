"""Running a stand-in: on a thread of the test's process, on a free port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from tests.standins.app import Standin
from tests.standins.ledger import Keys, Ledger


@dataclass(frozen=True, slots=True)
class RunningStandin:
    url: str
    standin: Standin

    @property
    def ledger(self) -> Ledger:
        return self.standin.ledger

    @property
    def keys(self) -> Keys:
        return self.standin.keys


@contextmanager
def running(keys: Keys | None = None) -> Iterator[RunningStandin]:
    """Serve a new stand-in until the block ends; hanging requests are dropped then."""
    standin = Standin(keys)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(standin, log_level="critical", lifespan="off", timeout_graceful_shutdown=0, ws="none")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield RunningStandin(f"http://127.0.0.1:{port}", standin)
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
