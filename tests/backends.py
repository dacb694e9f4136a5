"""Databases for a run of the tests or for one server process: made, claimed and given back; needs no Django."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
import redis

POSTGRES_URL = os.environ.get("FLOWDESK_TEST_DATABASE_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("FLOWDESK_TEST_REDIS_URL", "redis://127.0.0.1:6379")

_CLAIM = "flowdesk:test:claim"
_CLAIM_SECONDS = 3600


def claim_redis() -> str:
    """
    Return the address of an empty Redis database that no other run of the tests uses.

    :raises RuntimeError: all are taken.
    """
    for number in range(15, 0, -1):
        url = f"{REDIS_URL.rstrip('/')}/{number}"
        with redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=10) as client:
            # Somebody's own data is left alone, whoever made it.
            if client.dbsize() == 0 and client.set(_CLAIM, os.getpid(), nx=True, ex=_CLAIM_SECONDS):
                return url
    raise RuntimeError(
        f"No empty database is left at {urlsplit(REDIS_URL).netloc}; tests that died leave theirs an hour"
    )


def release_redis(url: str) -> None:
    """Empty a claimed database and give it back."""
    with redis.Redis.from_url(url) as client:
        client.flushdb()


@contextmanager
def postgres_database() -> Iterator[str]:
    """Make an empty PostgreSQL database; yields its address and drops it at the end, whoever is connected."""
    name = f"flowdesk_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlsplit(POSTGRES_URL)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
