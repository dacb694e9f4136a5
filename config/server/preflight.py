"""What must be right before anything starts; each fault ends the process with one clear line."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import kombu
import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config import env

CONNECT_SECONDS = 3


class CannotStart(env.WrongSetting):
    """Something outside is missing or in the way; the process ends with this one line."""


def check_database() -> None:
    """
    Connect to the database.

    :raises CannotStart: the database cannot be reached or opened.
    """
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        reason = " ".join(str(error).split())
        raise CannotStart(f"the database {_database_name()} cannot be reached: {reason}") from error


def check_migrations() -> None:
    """
    Refuse to serve on tables of another version.

    :raises CannotStart: migrations are missing.
    """
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise CannotStart(f"the database lacks {len(missing)} migrations; run `manage.py prepare` first")


def check_broker() -> None:
    """
    Reach Redis and the broker, where they are set.

    :raises CannotStart: one cannot be reached.
    """
    if settings.ENV.redis_url:
        try:
            ping_redis()
        except (redis.RedisError, OSError, ValueError) as error:
            raise CannotStart(f"Redis at {_shown(settings.ENV.redis_url)} cannot be reached: {error}") from error
    if settings.ENV.broker_url not in ("memory://localhost", settings.ENV.redis_url):
        try:
            ping_broker()
        except KeyError as error:
            raise CannotStart(f"CELERY_BROKER_URL begins with an unknown scheme: {error.args[0]}") from error
        except Exception as error:  # each transport has errors of its own
            raise CannotStart(f"the broker at {_shown(settings.ENV.broker_url)} cannot be reached: {error}") from error


def ping_redis() -> None:
    """Ask Redis for a sign of life; raises what its client raises."""
    client = redis.Redis.from_url(
        settings.ENV.redis_url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=CONNECT_SECONDS
    )
    try:
        client.ping()
    finally:
        client.close()


def ping_broker() -> None:
    """Connect to the broker; raises what its transport raises."""
    with kombu.Connection(settings.ENV.broker_url, connect_timeout=CONNECT_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=CONNECT_SECONDS)


def bind(host: str, port: int) -> socket.socket:
    """
    Return a socket bound to the server's address, so that nobody can take it before we listen.

    :raises CannotStart: the port is in use, or the address is not ours.
    """
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, proto)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        # Listening is what reveals a second server: two sockets with SO_REUSEADDR may both bind.
        bound.listen(2048)
    except PermissionError as error:
        raise CannotStart(f"port {port} may not be opened by this user; set FLOWDESK_PORT to 1024 or more") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotStart(f"port {port} is in use by another program; set FLOWDESK_PORT to a free one") from error
        raise CannotStart(f"FLOWDESK_HOST {host} cannot be listened on: {error.strerror}") from error
    bound.set_inheritable(True)
    return bound


def lock_data_dir() -> IO[str]:
    """
    Keep a second embedded server from the same data directory; the lock ends with the process, however it ends.

    :raises CannotStart: another process holds it.
    """
    path = Path(settings.DATA_DIR) / "serve.lock"
    holder = path.open("a+")
    try:
        fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        holder.seek(0)
        owner = holder.read().strip()
        holder.close()
        raise CannotStart(
            f"the data directory {settings.DATA_DIR} is in use by another Flowdesk (process {owner}); "
            "stop it, or set FLOWDESK_DATA_DIR"
        ) from error
    holder.seek(0)
    holder.truncate()
    holder.write(str(os.getpid()))
    holder.flush()
    return holder


def _database_name() -> str:
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(found["NAME"])
    return f"{found['NAME']} at {found['HOST'] or 'localhost'}:{found['PORT'] or 5432}"


def _shown(url: str) -> str:
    """An address without its password."""
    parts = urlsplit(url)
    return f"{parts.hostname or parts.path}:{parts.port}" if parts.port else str(parts.hostname or parts.path)
