"""``python -m tests.services``: exit 0 where PostgreSQL and Redis answer, else say in one line what does not."""

from __future__ import annotations

import sys

import psycopg
import redis

from tests import backends


def missing() -> str:
    """Return what does not answer, or nothing."""
    try:
        with psycopg.connect(backends.POSTGRES_URL, connect_timeout=3):
            pass
    except psycopg.OperationalError as error:
        return f"PostgreSQL does not answer ({' '.join(str(error).split())})"
    try:
        with redis.Redis.from_url(backends.REDIS_URL, socket_connect_timeout=3) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        return f"Redis does not answer ({error})"
    return ""


if __name__ == "__main__":
    if problem := missing():
        sys.exit(f"Only SQLite is tested: {problem}")
