"""Bulk statements that the ORM has no fast form of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connections, models, router

# SQLite refuses statements with more bound values than this (its compile-time default).
MAX_VALUES = 30_000


def update_many(model: type[models.Model], fields: Sequence[str], rows: Mapping[Any, Sequence[Any]]) -> None:
    """
    Give many rows new values in one statement.

    ``rows`` maps a primary key to the new values, in the order of ``fields``. Unlike ``bulk_update`` the statement
    is ``UPDATE … FROM (VALUES …)``, whose cost grows with the rows only, not with rows times fields.
    """
    if not rows:
        return
    connection = connections[router.db_for_write(model)]
    key = model._meta.pk
    columns = [model._meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    a_batch = max(1, MAX_VALUES // (len(columns) + 1))
    items = list(rows.items())
    postgres = connection.vendor == "postgresql"
    for start in range(0, len(items), a_batch):
        values: list[Any] = []
        tuples = []
        for number, (row_key, new) in enumerate(items[start : start + a_batch]):
            values.append(key.get_db_prep_save(row_key, connection))
            values.extend(field.get_db_prep_save(value, connection) for field, value in zip(columns, new, strict=True))
            # PostgreSQL types a VALUES list by its first row.
            casts = (
                [f"%s::{field.db_type(connection)}" for field in (key, *columns)]
                if postgres and number == 0
                else ["%s"] * (len(columns) + 1)
            )
            tuples.append(f"({', '.join(casts)})")
        names = [f"v{i}" for i in range(len(columns) + 1)]
        assignments = ", ".join(
            f"{quote(field.column)} = src.{name}" for field, name in zip(columns, names[1:], strict=True)
        )
        table = quote(model._meta.db_table)
        # Names come from the model, values are bound.
        statement = (
            f"WITH src({', '.join(names)}) AS (VALUES {', '.join(tuples)}) "  # noqa: S608
            f"UPDATE {table} SET {assignments} FROM src WHERE {table}.{quote(key.column)} = src.v0"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
