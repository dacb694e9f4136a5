"""Starts the parts of the server, watches them, and stops them together."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence

import uvicorn
import uvloop
from django.conf import settings
from django.db import connection, connections

from common import leases
from config.operate import heartbeat
from config.server import components, preflight, readiness
from config.server.banner import banner
from config.server.prepare import prepare
from config.server.protocol import BoundedProtocol
from realtime import broadcast

logger = logging.getLogger(__name__)

PARTS = ("web", "worker", "beat")
# After a signal: how long open requests, then running tasks, may take. What is cut off is done after the next start.
REQUEST_SECONDS = 3
TASK_SECONDS = 6


class Server(uvicorn.Server):
    """uvicorn, without its signal handlers: the whole process is stopped from one place."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(parts: Sequence[str], queues: Sequence[str], *, prepare_first: bool = False) -> None:
    """
    Run the named parts in this process until a signal comes or one of them ends; does not return.

    :raises CannotStart: a port, the database, the broker or the data directory cannot be used.
    """
    # Python's default lets one computing thread keep every other from going on for 5 ms at each of its many short waits
    # for the database; measured, that was most of a message's time under load.
    sys.setswitchinterval(0.0005)
    bound = preflight.bind(settings.ENV.host, settings.ENV.port) if "web" in parts else None
    preflight.check_database()
    preflight.check_broker()
    # Kept open, and so locked, for as long as the process lives.
    lock = preflight.lock_data_dir() if settings.EMBEDDED else None
    if prepare_first:
        prepare()
    preflight.check_migrations()
    if lock is not None:
        # Nobody else works on this data: whoever held a lease was killed.
        leases.release_all()
    welcome = banner() if bound is not None else f"Flowdesk's {' and '.join(parts)} is running (end with Ctrl+C)"
    _prepare_connections(parts)
    _quiet_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        code = runner.run(run_until_told(parts, queues, bound, welcome))
    del lock
    logging.shutdown()
    sys.stdout.flush()
    # Not sys.exit: it would wait for threads that hang in somebody else's slow answer.
    os._exit(code)


def _quiet_collector() -> None:
    """
    Have the cycle collector leave alone what was loaded at the start, and look less often.

    By default it walks all of the process's objects every few hundred messages, and nothing else goes on meanwhile.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def _prepare_connections(parts: Sequence[str]) -> None:
    """Set the database connection up for a process of many threads, before any of them uses it."""
    connections.close_all()
    found = connections.databases["default"]
    if connection.vendor == "postgresql":
        found["CONN_MAX_AGE"] = 0
        found["CONN_HEALTH_CHECKS"] = True
        found["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 24, "timeout": 20, "name": "flowdesk"}
        found["OPTIONS"]["application_name"] = f"flowdesk {'+'.join(parts)}"
    else:
        # One connection stays open: whoever closes the last one folds the write-ahead log back, which costs a sync.
        connection.ensure_connection()


async def run_until_told(parts: Sequence[str], queues: Sequence[str], bound: socket.socket | None, welcome: str) -> int:
    """
    Run the parts until a signal comes or one of them ends, stop the others, and return the exit code.

    ``welcome`` is printed when everything was started; ``bound`` is the web server's socket, where there is one.
    """
    from config.celery import app

    loop = asyncio.get_running_loop()
    broadcast.set_loop(loop)
    stopping = asyncio.Event()
    crashed: list[components.Component] = []

    def ended(component: components.Component) -> None:
        if not stopping.is_set():
            crashed.append(component)
        with contextlib.suppress(RuntimeError):  # the loop is closed: we are past caring
            loop.call_soon_threadsafe(stopping.set)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    started = await loop.run_in_executor(None, components.make, parts, app, queues, ended)
    readiness.watch(started)
    beating = heartbeat.begin(parts, queues)
    for component in started:
        component.start()
    server = _server() if bound is not None else None
    serving = asyncio.create_task(server.serve(sockets=[bound])) if server and bound else None
    if serving is not None:
        serving.add_done_callback(lambda _: stopping.set())
    print(welcome, flush=True)

    await stopping.wait()

    for component in crashed:
        print(f"flowdesk: the {component.name} stopped ({component.error or 'no reason given'})", file=sys.stderr)
    broken = bool(crashed) or (serving is not None and serving.done())
    if server is not None and serving is not None:
        server.should_exit = True
        results = await asyncio.gather(serving, return_exceptions=True)
        for error in results:
            if error is not None:
                print(f"flowdesk: the web server stopped ({error!r})", file=sys.stderr)
    for component in started:
        component.stop()
    await loop.run_in_executor(None, _join, started)
    await loop.run_in_executor(None, beating.stop)
    return 1 if broken else 0


def _server() -> Server:
    config = uvicorn.Config(
        "config.asgi:application",
        http=BoundedProtocol,
        ws="websockets-sansio",
        # A customer's or agent's message; everything larger goes over HTTP.
        ws_max_size=256 * 1024,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        # Longer than a proxy keeps its own idle connections, so that it never meets one we just closed.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=REQUEST_SECONDS,
    )
    return Server(config)


def _join(started: Sequence[components.Component]) -> None:
    deadline = time.monotonic() + TASK_SECONDS
    for component in started:
        component.join(max(0.0, deadline - time.monotonic()))
        if component.is_alive():
            logger.warning("The %s still had work in hand; it is taken up again at the next start", component.name)
