"""
Statements for many rows at once, without the ORM's cost per query and per value.

For the message path only (docs/durable-path.md): there the ORM's compiler was more than half of a message's cost. The
model stays the one description of a table: its columns and types are read from it, once a process.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

from common.fields import JsonTextField

# SQLite refuses statements with more bound values than this (its compile-time default is 32,766).
MAX_VALUES = 30_000

Convert = Callable[[Any], Any]
M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Table:
    """A model as SQL sees it on one kind of database: names quoted, and how each column's values are written."""

    name: str
    columns: tuple[str, ...]
    attributes: tuple[str, ...]
    writers: tuple[Convert, ...]
    types: tuple[str, ...]
    readers: tuple[Convert | None, ...]


def insert_many(rows: Sequence[models.Model], *, replace: tuple[str, Sequence[str]] | None = None) -> None:
    """
    Insert rows of one model. Keys that the database draws are not read back.

    ``replace`` names the columns of a unique rule (as in ON CONFLICT) and those that a row which breaks it overwrites.
    """
    if not rows:
        return
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    described = table(model, connection.vendor)
    drawn = model._meta.auto_field
    chosen = [
        position
        for position, name in enumerate(described.attributes)
        if drawn is None or name != drawn.attname or getattr(rows[0], name) is not None
    ]
    names = [described.attributes[position] for position in chosen]
    writers = [described.writers[position] for position in chosen]
    columns = ", ".join(described.columns[position] for position in chosen)
    head = f"INSERT INTO {described.name} ({columns}) VALUES "  # noqa: S608
    one = f"({', '.join(['%s'] * len(chosen))})"
    tail = ""
    if replace is not None:
        rule, overwritten = replace
        tail = f" ON CONFLICT ({rule}) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in overwritten)
    most = MAX_VALUES // len(chosen)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), most):
            batch = rows[start : start + most]
            values = [write(getattr(row, name)) for row in batch for name, write in zip(names, writers, strict=True)]
            cursor.execute(head + ", ".join([one] * len(batch)) + tail, values)


def update_many(model: type[models.Model], fields: Sequence[str], rows: Mapping[Any, Sequence[Any]]) -> None:
    """
    Give many rows new values in one statement.

    ``rows`` maps a primary key to the new values, in the order of ``fields``. The statement is ``UPDATE … FROM
    (VALUES …)``, whose cost grows with the rows only; ``bulk_update``'s grows with rows times fields.
    """
    if not rows:
        return
    connection = connections[router.db_for_write(model)]
    described = table(model, connection.vendor)
    wanted = [model._meta.pk.attname, *(model._meta.get_field(name).attname for name in fields)]
    positions = [described.attributes.index(name) for name in wanted]
    columns = [described.columns[position] for position in positions]
    writers = [described.writers[position] for position in positions]
    # PostgreSQL types a VALUES list by its first row.
    typed = [
        f"%s::{described.types[position]}" if connection.vendor == "postgresql" else "%s" for position in positions
    ]
    first, other = f"({', '.join(typed)})", f"({', '.join(['%s'] * len(positions))})"
    names = [f"v{number}" for number in range(len(positions))]
    assigned = ", ".join(f"{column} = src.{name}" for column, name in zip(columns[1:], names[1:], strict=True))
    most = MAX_VALUES // len(positions)
    items = list(rows.items())
    with connection.cursor() as cursor:
        for start in range(0, len(items), most):
            batch = items[start : start + most]
            values = [write(value) for key, new in batch for write, value in zip(writers, (key, *new), strict=True)]
            lists = ", ".join([first, *([other] * (len(batch) - 1))])
            # Names come from the model, values are bound.
            cursor.execute(
                f"WITH src({', '.join(names)}) AS (VALUES {lists}) "  # noqa: S608
                f"UPDATE {described.name} SET {assigned} FROM src WHERE {described.name}.{columns[0]} = src.v0",
                values,
            )


def select(model: type[M], where: str, params: Sequence[Any], *, tail: str = "") -> list[M]:
    """
    Return rows of a model by a condition in SQL.

    ``{column}`` in ``where`` and ``tail`` stands for the quoted column of that attribute; a list among ``params``
    fills an ``IN %s``. ``tail`` is for ORDER BY, LIMIT and locks.
    """
    connection = connections[router.db_for_write(model)]
    described = table(model, connection.vendor)
    statement = f"SELECT {', '.join(described.columns)} FROM {described.name} WHERE {where} {tail}"  # noqa: S608
    readers = described.readers
    plain = all(reader is None for reader in readers)
    found = []
    for values in _run(connection, described, statement, params):
        if not plain:
            values = [
                value if reader is None or value is None else reader(value)
                for value, reader in zip(values, readers, strict=True)
            ]
        found.append(model.from_db(connection.alias, described.attributes, values))
    return found


def select_values(
    model: type[models.Model], names: Sequence[str], where: str, params: Sequence[Any], *, tail: str = ""
) -> list[tuple[Any, ...]]:
    """Return the values of some attributes; see ``select``."""
    connection = connections[router.db_for_write(model)]
    described = table(model, connection.vendor)
    positions = [described.attributes.index(name) for name in names]
    columns = ", ".join(described.columns[position] for position in positions)
    readers = [described.readers[position] for position in positions]
    statement = f"SELECT {columns} FROM {described.name} WHERE {where} {tail}"  # noqa: S608
    return [
        tuple(
            value if reader is None or value is None else reader(value)
            for value, reader in zip(values, readers, strict=True)
        )
        for values in _run(connection, described, statement, params)
    ]


def delete(model: type[models.Model], where: str, params: Sequence[Any]) -> None:
    """Delete rows by a condition in SQL; nothing cascades. See ``select``."""
    connection = connections[router.db_for_write(model)]
    described = table(model, connection.vendor)
    _run(connection, described, f"DELETE FROM {described.name} WHERE {where}", params, read=False)  # noqa: S608


def lock_clause(model: type[models.Model], *, skip_locked: bool) -> str:
    """Return the clause that locks what is selected; SQLite's one writer needs none."""
    if connections[router.db_for_write(model)].vendor != "postgresql":
        return ""
    return "FOR NO KEY UPDATE SKIP LOCKED" if skip_locked else "FOR NO KEY UPDATE"


def _run(
    connection: BaseDatabaseWrapper,
    described: Table,
    statement: str,
    params: Sequence[Any],
    *,
    read: bool = True,
) -> list[tuple[Any, ...]]:
    is_postgres = connection.vendor == "postgresql"
    quoted = dict(zip(described.attributes, described.columns, strict=True))
    statement = statement.format_map(quoted)
    bound: list[Any] = []
    parts = statement.split("%s")
    text = parts[0]
    for given, rest in zip(params, parts[1:], strict=True):
        if isinstance(given, (list, tuple, set, frozenset)):
            values = [_bind(value, is_postgres=is_postgres) for value in given]
            bound += values
            # An empty list is no SQL; NULL is in nothing.
            text += f"({', '.join(['%s'] * len(values)) or 'NULL'})"
        else:
            bound.append(_bind(given, is_postgres=is_postgres))
            text += "%s"
        text += rest
    with connection.cursor() as cursor:
        cursor.execute(text, bound)
        return cursor.fetchall() if read else []


def _bind(value: Any, *, is_postgres: bool) -> Any:
    if is_postgres:
        return value
    if isinstance(value, UUID):
        return value.hex
    return _sqlite_time(value) if isinstance(value, datetime) else value


def _sqlite_time(value: datetime | None) -> str | None:
    """Write a time as Django does: naive UTC text, which sorts."""
    return None if value is None else str(value.astimezone(UTC).replace(tzinfo=None))


def _sqlite_time_read(value: str | datetime) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _same(value: Any) -> Any:
    return value


@cache
def table(model: type[models.Model], vendor: str) -> Table:
    """Return the description of a model's table, worked out once."""
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    fields = model._meta.concrete_fields
    return Table(
        name=quote(model._meta.db_table),
        columns=tuple(quote(field.column) for field in fields),
        attributes=tuple(field.attname for field in fields),
        writers=tuple(_writer(field, connection) for field in fields),
        types=tuple(_type(field, connection) for field in fields),
        readers=tuple(_reader(field, connection) for field in fields),
    )


def _kind(field: models.Field[Any, Any]) -> models.Field[Any, Any]:
    """Return the field whose values a column holds: of a foreign key, the key it points to."""
    target = getattr(field, "target_field", None)
    return field if target is None else target


def _writer(field: models.Field[Any, Any], connection: BaseDatabaseWrapper) -> Convert:
    kind = _kind(field)
    is_sqlite = connection.vendor == "sqlite"
    if isinstance(kind, JsonTextField):
        return kind.get_prep_value
    if isinstance(kind, models.UUIDField):
        return (lambda value: None if value is None else value.hex) if is_sqlite else _same
    if isinstance(kind, models.DateTimeField):
        return _sqlite_time if is_sqlite else _same
    if isinstance(kind, (models.CharField, models.TextField, models.IntegerField, models.BooleanField)):
        return _same
    return lambda value: field.get_db_prep_save(value, connection)


def _reader(field: models.Field[Any, Any], connection: BaseDatabaseWrapper) -> Convert | None:
    kind = _kind(field)
    if isinstance(kind, JsonTextField):
        return lambda value: kind.from_db_value(value, None, connection)
    if connection.vendor == "sqlite":
        if isinstance(kind, models.UUIDField):
            return UUID
        if isinstance(kind, models.DateTimeField):
            return _sqlite_time_read
        if isinstance(kind, models.BooleanField):
            return bool
    if isinstance(kind, models.JSONField):
        return lambda value: kind.from_db_value(value, None, connection)
    return None


def _type(field: models.Field[Any, Any], connection: BaseDatabaseWrapper) -> str:
    return str(_kind(field).rel_db_type(connection))
