"""
What a message costs when there is history: a million old messages and a thousand flows, against an empty database.

One installation on PostgreSQL and Redis is measured, filled by copying one of the conversations it has just had, and
measured again, in turns of the same length. ``python -m bench.history [--messages 1000000]``.
"""

from __future__ import annotations

import argparse
import json
import statistics
from typing import Any

import psycopg
from psycopg import sql

from bench.message_path import measure, on_loop, product

FLOWS = 1_000
LEVEL = 16
ROUNDS = 3

# What hangs on one conversation: table, its column that names the conversation (or the parent above), and the columns
# whose texts must differ from copy to copy.
TREE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("conversations_conversation", "id", ("customer_address",)),
    ("conversations_participant", "conversation_id", ("address",)),
    ("conversations_message", "conversation_id", ("source_key",)),
    ("conversations_receipt", "conversation_id", ("channel_message_sid",)),
    ("flows_execution", "conversation_id", ("contact_address", "initiated_by")),
)
# Columns that hold the key of a copied row.
KEYS = frozenset({"id", "conversation_id", "message_id", "participant_id", "execution_id"})


def fill(url: str, messages: int) -> dict[str, int]:
    """Copy one conversation until there are so many messages, and one flow a thousand times; returns rows by table."""
    with psycopg.connect(url, autocommit=True) as database:
        row = database.execute(
            "SELECT conversation_id, count(*) FROM conversations_message GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1"
        ).fetchone()
        assert row is not None
        conversation, held = row
        copies = messages // held
        made = {
            table: _copy(database, table, f"{column} = '{conversation}'", copies, texts)
            for table, column, texts in TREE
        }
        executions = f"execution_id IN (SELECT id FROM flows_execution WHERE conversation_id = '{conversation}')"
        made["flows_executionstep"] = _copy(database, "flows_executionstep", executions, copies, ())
        made["flows_flow"] = _copy(database, "flows_flow", "true", FLOWS, (), keys=frozenset({"id", "flow_id"}))
        made["flows_flowrevision"] = _copy(
            database, "flows_flowrevision", "true", FLOWS, (), keys=frozenset({"id", "flow_id"})
        )
        made["conversations_addressconfiguration"] = _copy(
            database,
            "conversations_addressconfiguration",
            "true",
            FLOWS,
            ("address",),
            keys=frozenset({"id", "flow_id"}),
        )
        database.execute("VACUUM ANALYZE")
        return made


def _copy(
    database: psycopg.Connection[Any],
    table: str,
    where: str,
    copies: int,
    texts: tuple[str, ...],
    keys: frozenset[str] = KEYS,
) -> int:
    """Copy the rows of a table that ``where`` names; keys are made of the old one and the copy's number, all older."""
    columns = [
        name
        for (name,) in database.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
            " ORDER BY ordinal_position",
            (table,),
        )
    ]

    def value(column: str) -> sql.Composable:
        name = sql.Identifier("old", column)
        if column in keys:
            return sql.SQL("('0180' || substr(md5({0}::text || number), 5))::uuid").format(name)
        if column in texts:
            # As long as what is there; a number behind it would not always fit.
            return sql.SQL("md5({0} || '-' || number)").format(name)
        return name

    done = database.execute(
        sql.SQL("INSERT INTO {0} ({1}) SELECT {2} FROM {0} AS old, generate_series(1, {3}) AS number WHERE {4}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(map(value, columns)),
            sql.Literal(copies),
            sql.SQL(where),  # type: ignore[arg-type]
        )
    )
    return done.rowcount


def run(messages: int, seconds: float) -> dict[str, Any]:
    """Return the figures before and after, and the cost of a message after against before."""
    with product(postgres=True) as env:
        before = [on_loop(measure(env, (LEVEL,), seconds))[str(LEVEL)] for _ in range(ROUNDS)]
        rows = fill(env["DATABASE_URL"], messages)
        after = [on_loop(measure(env, (LEVEL,), seconds))[str(LEVEL)] for _ in range(ROUNDS)]
    return {"rows": rows, "before": before, "after": after, "cost": cost(before, after)}


def cost(before: list[dict[str, float]], after: list[dict[str, float]]) -> float:
    """Return the seconds of a message with history against those without."""
    rates = [statistics.median(row["messages_per_second"] for row in rows) for rows in (before, after)]
    return round(rates[0] / rates[1], 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=6)
    options = parser.parse_args()
    print(json.dumps(run(options.messages, options.seconds), indent=1))


if __name__ == "__main__":
    main()
