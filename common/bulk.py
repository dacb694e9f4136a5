"""
Rows of a model, many at once, without the ORM's cost per query and per value.

For the message path only (docs/durable-path.md): there the ORM's compiler was more than half of a message's cost. The
model stays the one description of a table: its columns and types are read from it, once a process. How the statements
travel is ``common.statements``'s matter; ``together`` is to be had from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS, connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.base import ModelState

from common import statements
from common.fields import JsonTextField
from common.statements import flush, together

__all__ = (
    "ask",
    "delete",
    "flush",
    "insert_drawn",
    "insert_many",
    "lock_clause",
    "new",
    "rows_of",
    "select",
    "select_values",
    "sqlite_time",
    "together",
    "update_many",
    "values_of",
)

Convert = Callable[[Any], Any]
M = TypeVar("M", bound=models.Model)

_MEMBER = re.compile(r"\{(\w+)\} IN %s")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A model as SQL sees it on one kind of database: names quoted, and how each column's values are written."""

    name: str
    columns: tuple[str, ...]
    attributes: tuple[str, ...]
    writers: tuple[Convert | None, ...]
    types: tuple[str, ...]
    readers: tuple[Convert | None, ...]
    defaults: tuple[tuple[str, Any], ...]
    made: tuple[tuple[str, Callable[[], Any]], ...]
    # The position of a key that the database draws.
    drawn: int | None

    def position(self, attribute: str) -> int:
        return self.attributes.index(attribute)


def new(model: type[M], **values: Any) -> M:
    """Return an unsaved row, as ``model(**values)`` does, by attribute names (``flow_id``), in a fifth of the time."""
    described = _own_table(model)
    row = model.__new__(model)
    filled = row.__dict__
    filled.update(described.defaults)
    for name, make in described.made:
        if name not in values:
            filled[name] = make()
    filled.update(values)
    filled["_state"] = ModelState()
    return row


def insert_many(
    rows: Sequence[models.Model], *, replace: tuple[str, Sequence[str]] | None = None, passing_over: bool = False
) -> None:
    """
    Insert rows of one model. Keys that the database draws are not read back.

    ``replace`` names the columns of a unique rule (as in ON CONFLICT) and those that a row which breaks it overwrites;
    with ``passing_over`` a row that breaks a unique rule is left out.
    """
    if not rows:
        return
    tail = " ON CONFLICT DO NOTHING" if passing_over else ""
    if replace is not None:
        rule, overwritten = replace
        tail = f" ON CONFLICT ({rule}) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in overwritten)
    _insert(rows, tail, None)


def insert_drawn(
    rows: Sequence[models.Model],
    returning: str = "id",
    *,
    passing_over: bool = False,
    computed: tuple[str, str] | None = None,
) -> list[Any]:
    """
    Insert rows, and return a list of rows with the columns ``returning``, in the order of the rows.

    Inside ``together`` the list fills when the block ends. With ``passing_over`` it names only those that were new.
    ``computed`` is a column and the SQL that stands in for its value; ``{name}`` there is the row's own value.
    """
    drawn: list[Any] = []
    if rows:
        tail = " ON CONFLICT DO NOTHING" if passing_over else ""
        _insert(rows, f"{tail} RETURNING {returning}", drawn, computed)
    return drawn


def _insert(
    rows: Sequence[models.Model], tail: str, drawn: list[Any] | None, computed: tuple[str, str] | None = None
) -> None:
    model = type(rows[0])
    connection = connections[router.db_for_write(model)]
    described = table(model, connection.vendor)
    leaves_key = described.drawn is not None and rows[0].pk is None
    sql, names, writers = _insert_statement(described, connection.vendor, tail, leaves_key, computed)
    statements.write(
        connection,
        statements.Write(
            sql,
            rows=[_written(map(row.__dict__.get, names), writers) for row in rows],
            encode=_json_rows,
            drawn=drawn,
        ),
    )


@cache
def _insert_statement(
    described: Table, vendor: str, tail: str, leaves_key: bool, computed: tuple[str, str] | None
) -> tuple[str, tuple[str, ...], tuple[Convert | None, ...]]:
    chosen = [n for n in range(len(described.columns)) if not (leaves_key and n == described.drawn)]
    columns = ", ".join(described.columns[n] for n in chosen)
    values = [f"r.v{place}" for place in range(len(chosen))]
    if computed is not None:
        own = dict(zip((described.attributes[n] for n in chosen), values, strict=True))
        values[chosen.index(described.position(computed[0]))] = computed[1].format_map(own)
    # Names come from the model, values are bound.
    if vendor == "postgresql":
        source = f"SELECT {', '.join(values)} FROM {_recordset(described, chosen)}"  # noqa: S608
    elif computed is not None:
        given = ", ".join(f"%s AS v{place}" for place in range(len(chosen)))
        # SQLite takes ON CONFLICT after a SELECT for a part of it, unless that has a WHERE.
        source = f"SELECT {', '.join(values)} FROM (SELECT {given}) AS r WHERE true"  # noqa: S608
    else:
        source = f"VALUES ({', '.join(['%s'] * len(chosen))})"
    sql = f"INSERT INTO {described.name} ({columns}) {source}{tail}"
    return sql, tuple(described.attributes[n] for n in chosen), tuple(described.writers[n] for n in chosen)


def update_many(model: type[models.Model], fields: Sequence[str], rows: Mapping[Any, Sequence[Any]]) -> None:
    """
    Give many rows new values in one statement.

    ``rows`` maps a primary key to the new values, in the order of ``fields``.
    """
    if not rows:
        return
    connection = connections[router.db_for_write(model)]
    described = table(model, connection.vendor)
    sql, writers = _update_statement(model, described, connection.vendor, tuple(fields))
    statements.write(
        connection,
        statements.Write(
            sql,
            rows=[_written((*new_values, key), writers) for key, new_values in rows.items()],
            encode=_json_rows,
        ),
    )


@cache
def _update_statement(
    model: type[models.Model], described: Table, vendor: str, fields: tuple[str, ...]
) -> tuple[str, tuple[Convert | None, ...]]:
    wanted = [*(model._meta.get_field(name).attname for name in fields), model._meta.pk.attname]
    chosen = [described.position(name) for name in wanted]
    key = described.columns[chosen[-1]]
    if vendor == "postgresql":
        assigned = ", ".join(f"{described.columns[n]} = r.v{place}" for place, n in enumerate(chosen[:-1]))
        sql = (
            f"UPDATE {described.name} SET {assigned} FROM {_recordset(described, chosen)} "  # noqa: S608
            f"WHERE {described.name}.{key} = r.v{len(chosen) - 1}"
        )
    else:
        assigned = ", ".join(f"{described.columns[n]} = %s" for n in chosen[:-1])
        sql = f"UPDATE {described.name} SET {assigned} WHERE {key} = %s"  # noqa: S608
    return sql, tuple(described.writers[n] for n in chosen)


@dataclass(frozen=True, slots=True)
class Question:
    """A read that is not made yet: see ``ask``."""

    sql: str
    params: Sequence[Any]
    read: Callable[[list[Any]], list[Any]]


def rows_of(
    model: type[models.Model], where: str, params: Sequence[Any], *, join: str = "", tail: str = ""
) -> Question:
    """
    Ask for rows of a model by a condition in SQL.

    ``{column}`` in ``join``, ``where`` and ``tail`` stands for the quoted column of that attribute; a list among
    ``params`` fills a ``{column} IN %s``. ``join`` names no column as the model does; ``tail`` is for ORDER BY, LIMIT
    and locks.
    """
    connection = connections[router.db_for_write(model)]
    described = table(model, connection.vendor)
    sql = _text(described, connection.vendor, f"SELECT {{*}} FROM {{.}} {join} WHERE {where} {tail}")  # noqa: S608
    alias = connection.alias

    def read(found: list[Any]) -> list[Any]:
        rows = []
        for values in found:
            row = model.__new__(model)
            row.__dict__.update(zip(described.attributes, _read(values, described.readers), strict=True))
            state = row.__dict__["_state"] = ModelState()
            state.adding, state.db = False, alias
            rows.append(row)
        return rows

    return Question(sql, _bound(params, connection.vendor), read)


def values_of(
    model: type[models.Model], names: Sequence[str], where: str, params: Sequence[Any], *, tail: str = ""
) -> Question:
    """Ask for the values of some attributes, as tuples; see ``rows_of``."""
    connection = connections[router.db_for_write(model)]
    described = table(model, connection.vendor)
    columns = ", ".join(f"{{{name}}}" for name in names)
    sql = _text(described, connection.vendor, f"SELECT {columns} FROM {{.}} WHERE {where} {tail}")  # noqa: S608
    readers = tuple(described.readers[described.position(name)] for name in names)
    return Question(
        sql, _bound(params, connection.vendor), lambda found: [tuple(_read(values, readers)) for values in found]
    )


def ask(*questions: Question) -> list[list[Any]]:
    """Make reads, all of one database; on PostgreSQL they travel together. Returns what each found."""
    found = statements.read_all(
        connections[DEFAULT_DB_ALIAS], [(question.sql, question.params) for question in questions]
    )
    return [question.read(rows) for question, rows in zip(questions, found, strict=True)]


def select(model: type[M], where: str, params: Sequence[Any], *, join: str = "", tail: str = "") -> list[M]:
    """Return rows of a model by a condition in SQL; see ``rows_of``."""
    return ask(rows_of(model, where, params, join=join, tail=tail))[0]


def select_values(
    model: type[models.Model], names: Sequence[str], where: str, params: Sequence[Any], *, tail: str = ""
) -> list[tuple[Any, ...]]:
    """Return the values of some attributes; see ``rows_of``."""
    return ask(values_of(model, names, where, params, tail=tail))[0]


def delete(model: type[models.Model], where: str, params: Sequence[Any]) -> None:
    """Delete rows by a condition in SQL; nothing cascades. See ``select``."""
    connection = connections[router.db_for_write(model)]
    described = table(model, connection.vendor)
    sql = _text(described, connection.vendor, f"DELETE FROM {{.}} WHERE {where}")  # noqa: S608
    statements.write(connection, statements.Write(sql, _bound(params, connection.vendor)))


def lock_clause(model: type[models.Model], *, skip_locked: bool) -> str:
    """Return the clause that locks what is selected; SQLite's one writer needs none."""
    if connections[router.db_for_write(model)].vendor != "postgresql":
        return ""
    clause = "FOR NO KEY UPDATE OF {.}"
    return f"{clause} SKIP LOCKED" if skip_locked else clause


@cache
def _text(described: Table, vendor: str, template: str) -> str:
    """Return a statement with names for its ``{…}``: ``{*}`` are all columns, ``{.}`` the table."""

    def member(found: re.Match[str]) -> str:
        if vendor == "postgresql":
            kind = described.types[described.position(found[1])]
            return f"{{{found[1]}}} = ANY(ARRAY(SELECT json_array_elements_text(%s::json))::{kind}[])"
        return f"{{{found[1]}}} IN (SELECT value FROM json_each(%s))"  # noqa: S608

    text = _MEMBER.sub(member, template)
    text = text.replace("{*}", ", ".join(described.columns)).replace("{.}", described.name)
    return text.format_map(dict(zip(described.attributes, described.columns, strict=True)))


def _bound(params: Sequence[Any], vendor: str) -> list[Any]:
    is_sqlite = vendor == "sqlite"
    bound = []
    for given in params:
        if isinstance(given, (list, tuple, set, frozenset)):
            values = [value.hex if is_sqlite and isinstance(value, UUID) else value for value in given]
            bound.append(orjson.dumps(values).decode())
        elif is_sqlite and isinstance(given, UUID):
            bound.append(given.hex)
        elif is_sqlite and isinstance(given, datetime):
            bound.append(sqlite_time(given))
        else:
            bound.append(given)
    return bound


def _written(values: Iterable[Any], writers: Sequence[Convert | None]) -> list[Any]:
    return [value if write is None else write(value) for value, write in zip(values, writers, strict=True)]


def _read(values: Sequence[Any], readers: Sequence[Convert | None]) -> list[Any]:
    return [
        value if reader is None or value is None else reader(value)
        for value, reader in zip(values, readers, strict=True)
    ]


def _json_rows(rows: list[Any]) -> str:
    names = [f"v{place}" for place in range(len(rows[0]))]
    return orjson.dumps([dict(zip(names, row, strict=True)) for row in rows]).decode()


def _recordset(described: Table, chosen: Sequence[int]) -> str:
    typed = ", ".join(f"v{place} {described.types[n]}" for place, n in enumerate(chosen))
    return f"json_to_recordset(%s::json) AS r({typed})"


def sqlite_time(value: datetime | None) -> str | None:
    """Write a time as Django does: naive UTC text, which sorts."""
    if value is None:
        return None
    return str((value if value.tzinfo is UTC else value.astimezone(UTC)).replace(tzinfo=None))


def _sqlite_time_read(value: str | datetime) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@cache
def _own_table(model: type[models.Model]) -> Table:
    return table(model, connections[router.db_for_write(model)].vendor)


@cache
def table(model: type[models.Model], vendor: str) -> Table:
    """Return the description of a model's table, worked out once."""
    connection = connections[router.db_for_write(model)]
    quote = connection.ops.quote_name
    fields = model._meta.concrete_fields
    made = {field.attname: field.default for field in fields if field.has_default() and callable(field.default)}
    drawn = model._meta.auto_field
    attributes = tuple(field.attname for field in fields)
    return Table(
        name=quote(model._meta.db_table),
        columns=tuple(quote(field.column) for field in fields),
        attributes=attributes,
        writers=tuple(_writer(field, connection) for field in fields),
        types=tuple(_type(field, connection) for field in fields),
        readers=tuple(_reader(field, connection) for field in fields),
        defaults=tuple((field.attname, field.get_default()) for field in fields if field.attname not in made),
        made=tuple(made.items()),
        drawn=None if drawn is None else attributes.index(drawn.attname),
    )


def _kind(field: models.Field[Any, Any]) -> models.Field[Any, Any]:
    """Return the field whose values a column holds: of a foreign key, the key it points to."""
    target = getattr(field, "target_field", None)
    return field if target is None else target


def _writer(field: models.Field[Any, Any], connection: BaseDatabaseWrapper) -> Convert | None:
    """Return what makes a value fit to be bound (SQLite) or to be a part of a JSON row (PostgreSQL); None: it is."""
    kind = _kind(field)
    is_sqlite = connection.vendor == "sqlite"
    if isinstance(kind, JsonTextField):
        return kind.get_prep_value
    if isinstance(kind, models.UUIDField):
        return (lambda value: None if value is None else value.hex) if is_sqlite else None
    if isinstance(kind, models.DateTimeField):
        return sqlite_time if is_sqlite else None
    if isinstance(kind, (models.CharField, models.TextField, models.IntegerField, models.BooleanField)):
        return None
    if isinstance(kind, (models.JSONField, models.FloatField)) and not is_sqlite:
        return None
    return lambda value: field.get_db_prep_save(value, connection)


def _reader(field: models.Field[Any, Any], connection: BaseDatabaseWrapper) -> Convert | None:
    kind = _kind(field)
    if isinstance(kind, JsonTextField):
        return orjson.loads
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
