"""
Statements on the connection below Django's, for the message path.

Django's cursors bind every value into the text of the statement, and its text is new for every number of rows. Here a
statement has one text whatever the number of rows (lists travel as one JSON value), so PostgreSQL plans it once for
each connection that has been made a thread's own, and writes that need no answer travel together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")

# A thread that keeps its connection has its statements planned once, perhaps when the tables were empty: a plan that
# reads all of one must not be kept while it grows.
OWN_OPTIONS = " ".join(
    f"-c {setting}"
    for setting in (
        "plan_cache_mode=force_generic_plan",
        "enable_seqscan=off",
        "enable_hashjoin=off",
        "enable_mergejoin=off",
        "jit=off",
    )
)


class Write:
    """
    One statement with its parameters. With ``rows`` its one parameter is made of them when it is sent (PostgreSQL: a
    JSON list; SQLite: run once a row); ``drawn`` takes the first column of what it returns, row by row.
    """

    __slots__ = ("drawn", "encode", "params", "rows", "sql")

    def __init__(
        self,
        sql: str,
        params: Sequence[Any] = (),
        *,
        rows: list[Any] | None = None,
        encode: Callable[[list[Any]], str] | None = None,
        drawn: list[Any] | None = None,
    ) -> None:
        self.sql = sql
        self.params = params
        self.rows = rows
        self.encode = encode
        self.drawn = drawn


class _Waiting(threading.local):
    """What a thread has put off until the end of its ``together``; None where it has none open."""

    writes: list[Write] | None = None


_waiting = _Waiting()


def keep_connection() -> None:
    """
    Give the calling thread a database connection of its own, kept until the thread closes it.

    For threads that live as long as the process and work on the message path.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql" or getattr(connection, "is_kept", False):
        return
    connection.close()
    given = connection.settings_dict
    options = {name: value for name, value in given.get("OPTIONS", {}).items() if name != "pool"}
    options["options"] = " ".join(filter(None, (options.get("options"), OWN_OPTIONS)))
    options["prepare_threshold"] = 0
    connection.settings_dict = {**given, "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False, "OPTIONS": options}
    connection.is_kept = True


def recover_connection() -> None:
    """After a failure: drop the calling thread's connection if it is of no use any more; the next one is new."""
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.connection is not None and not connection.in_atomic_block and not connection.is_usable():
        connection.close()


def read(connection: BaseDatabaseWrapper, sql: str, params: Sequence[Any]) -> list[Any]:
    """Run one statement and return its rows, after what waits."""
    flush()
    if connection.execute_wrappers or connection.vendor not in ("postgresql", "sqlite"):
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())
    raw = _raw(connection, sql)
    with connection.wrap_database_errors:
        if connection.vendor == "sqlite":
            return raw.execute(sql.replace("%s", "?"), params).fetchall()  # type: ignore[no-any-return]
        cursor = psycopg.Cursor(raw)
        return cursor.execute(sql, params, prepare=True).fetchall()


def read_all(connection: BaseDatabaseWrapper, questions: Sequence[tuple[str, Sequence[Any]]]) -> list[list[Any]]:
    """Run several reads, which travel together where that saves a journey; returns the rows of each."""
    flush()
    if len(questions) == 1 or connection.execute_wrappers or connection.vendor != "postgresql":
        return [read(connection, sql, params) for sql, params in questions]
    raw = _raw(connection, *(sql for sql, _ in questions))
    with connection.wrap_database_errors:
        with raw.pipeline():
            cursors = [psycopg.Cursor(raw).execute(sql, params, prepare=True) for sql, params in questions]
        return [cursor.fetchall() for cursor in cursors]


def write(connection: BaseDatabaseWrapper, statement: Write) -> None:
    """Run one statement; inside ``together`` it waits for the others."""
    waiting = _waiting.writes
    if waiting is None:
        _run(connection, [statement])
        return
    last = waiting[-1] if waiting else None
    if last is not None and last.rows is not None and statement.rows is not None and _may_join(last, statement):
        last.rows += statement.rows
    else:
        waiting.append(statement)


def _may_join(one: Write, other: Write) -> bool:
    # A statement with a rule for conflicts must not meet the same row twice.
    return one.sql == other.sql and one.drawn is None and other.drawn is None and "ON CONFLICT" not in one.sql


@contextmanager
def together() -> Iterator[None]:
    """
    Send the writes of the block in one go at its end; call it inside a transaction.

    A read in the block, Django's own statements too, sends what waits first.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.vendor != "postgresql" or connection.execute_wrappers or _waiting.writes is not None:
        yield
        return
    _waiting.writes = []
    connection.execute_wrappers.append(_flush_first)
    try:
        yield
        flush()
    finally:
        connection.execute_wrappers.remove(_flush_first)
        _waiting.writes = None


def flush() -> None:
    """Send what waits."""
    waiting = _waiting.writes
    if waiting:
        _waiting.writes = []
        _run(connections[DEFAULT_DB_ALIAS], waiting)


def _flush_first(execute: Callable[..., T], sql: str, params: Any, many: bool, context: dict[str, Any]) -> T:
    flush()
    return execute(sql, params, many, context)


def _run(connection: BaseDatabaseWrapper, writes: Sequence[Write]) -> None:
    if any(wrapper is not _flush_first for wrapper in connection.execute_wrappers):
        for each in writes:
            _run_watched(connection, each)
    elif connection.vendor == "postgresql":
        _run_postgres(connection, writes)
    else:
        _run_sqlite(connection, writes)


def _run_postgres(connection: BaseDatabaseWrapper, writes: Sequence[Write]) -> None:
    raw = _raw(connection, *(each.sql for each in writes))
    with connection.wrap_database_errors:
        if len(writes) == 1:
            _send(raw, writes[0])
            return
        with raw.pipeline():
            cursors = [_send(raw, each, take=False) for each in writes]
        for cursor, each in zip(cursors, writes, strict=True):
            _take(cursor, each)


def _send(raw: Any, each: Write, *, take: bool = True) -> Any:
    params = each.params if each.rows is None or each.encode is None else (each.encode(each.rows),)
    cursor = psycopg.Cursor(raw)
    cursor.execute(each.sql, params, prepare=True)
    if take:
        _take(cursor, each)
    return cursor


def _take(cursor: Any, each: Write) -> None:
    if each.drawn is not None:
        each.drawn += cursor.fetchall()


def _run_sqlite(connection: BaseDatabaseWrapper, writes: Sequence[Write]) -> None:
    raw = _raw(connection, *(each.sql for each in writes))
    with connection.wrap_database_errors:
        for each in writes:
            sql = each.sql.replace("%s", "?")
            if each.rows is None:
                cursor = raw.execute(sql, each.params)
                if each.drawn is not None:
                    each.drawn += cursor.fetchall()
            elif each.drawn is None:
                raw.executemany(sql, each.rows)
            else:
                for row in each.rows:
                    each.drawn += raw.execute(sql, row).fetchall()


def _run_watched(connection: BaseDatabaseWrapper, each: Write) -> None:
    """As above, by Django's cursor: somebody wants to see every statement."""
    with connection.cursor() as cursor:
        if each.rows is None or connection.vendor == "postgresql":
            params = each.params if each.rows is None or each.encode is None else (each.encode(each.rows),)
            cursor.execute(each.sql, params)
            if each.drawn is not None:
                each.drawn += cursor.fetchall()
            return
        for row in each.rows:
            cursor.execute(each.sql, row)
            if each.drawn is not None:
                each.drawn += cursor.fetchall()


def _raw(connection: BaseDatabaseWrapper, *statements: str) -> Any:
    """Return the driver's connection, as Django's cursor would use it."""
    connection.validate_thread_sharing()
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    if connection.queries_logged:
        connection.queries_log.extend({"sql": sql, "time": "0.000"} for sql in statements)
    return connection.connection
