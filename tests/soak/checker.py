"""
The judge: reads the provider's ledger and the product's tables, and says what was lost, doubled or swapped.

It knows the scenario and nothing of how the product works: what it finds wrong it names, one line each.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import Any

import psycopg

from tests.soak.scenario import address_of, part_of
from tests.standins.ledger import Ledger

MOST_SHOWN = 20


def find_faults(*, ledger: Ledger, database_url: str, customers: int) -> list[str]:
    """Return what is wrong; nothing where every promise was kept."""
    faults = [*_at_the_provider(ledger, customers), *_in_the_house(_read(database_url), customers)]
    more = len(faults) - MOST_SHOWN
    return faults if more <= 0 else [*faults[:MOST_SHOWN], f"and {more} more"]


def _at_the_provider(ledger: Ledger, customers: int) -> Iterable[str]:
    """Every reply exactly once and in order, each under an idempotency key."""
    if ledger.without_key:
        yield f"{ledger.without_key} requests to the provider had no idempotency key"
    known = {address_of(number) for number in range(customers)}
    for stranger in {sent.recipient for sent in ledger.messages} - known:
        yield f"{stranger} got a message and never wrote"
    for number in range(customers):
        got, expected = ledger.bodies(address_of(number)), list(part_of(number).expected)
        if got == expected:
            continue
        counted = Counter(got)
        doubled = [text for text, times in counted.items() if times > 1]
        lost = [text for text in expected if text not in counted]
        what = f"lost {lost}" if lost else f"doubled {doubled}" if doubled else "out of order"
        yield f"{address_of(number)} got {got}: {what}"


def _in_the_house(found: dict[str, list[Any]], customers: int) -> Iterable[str]:
    """One task for each hand-over, one firing of each timer, a final state for each message, nothing left to do."""
    numbers = {address_of(number): part_of(number) for number in range(customers)}
    conversations = Counter(address for (address,) in found["conversations"])
    tasks: Counter[str] = Counter()
    for (attributes,) in found["tasks"]:
        told = attributes if isinstance(attributes, dict) else json.loads(attributes)
        tasks[told["customerAddress"]] += 1
    fired = Counter(address for (address,) in found["timers"])
    for address, part in numbers.items():
        if conversations[address] != 1:
            yield f"{address} has {conversations[address]} conversations"
        if tasks[address] != int(part.hands_over):
            yield f"{address} has {tasks[address]} tasks"
        if fired[address] != int(part.falls_silent):
            yield f"{address}: a timer fired {fired[address]} times"
    for address, body, status in found["undelivered"]:
        yield f"{address}: {body!r} is {status}, though the provider said it was delivered"
    for topic, count in found["backlog"]:
        yield f"{count} to-dos of {topic} are left"


QUERIES = {
    "conversations": "SELECT customer_address FROM conversations_conversation WHERE customer_address <> ''",
    "tasks": "SELECT attributes FROM routing_task",
    "timers": (
        "SELECT execution.contact_address FROM flows_executionstep step"
        " JOIN flows_execution execution ON execution.id = step.execution_id WHERE step.event = 'timeout'"
    ),
    "undelivered": (
        "SELECT conversation.customer_address, message.body, receipt.status FROM conversations_receipt receipt"
        " JOIN conversations_message message ON message.id = receipt.message_id"
        " JOIN conversations_conversation conversation ON conversation.id = receipt.conversation_id"
        " WHERE receipt.status NOT IN ('delivered', 'read')"
    ),
    "ahead": (
        "SELECT topic, count(*) FROM common_outboxentry WHERE parked_at IS NOT NULL OR due_at <= {soon} GROUP BY topic"
    ),
    "backlog": (
        "SELECT topic, count(*) FROM common_outboxentry WHERE parked_at IS NOT NULL OR due_at <= {now} GROUP BY topic"
    ),
}


def _read(database_url: str) -> dict[str, list[Any]]:
    return {name: rows(database_url, query) for name, query in QUERIES.items()}


# Nothing of the scenario is put off for longer, but the end of an execution's life.
SOON_SECONDS = 600


def backlog(database_url: str) -> int:
    """Return how many to-dos are due, were given up, or are put off for a while: a second try, say."""
    return sum(count for _, count in rows(database_url, QUERIES["ahead"]))


def rows(database_url: str, query: str) -> list[Any]:
    """Ask the product's database, by a connection of the checker's own."""
    if database_url.startswith("postgresql:"):
        with psycopg.connect(database_url, connect_timeout=10) as connection:
            return connection.execute(
                query.format(now="now()", soon=f"now() + interval '{SOON_SECONDS} seconds'")
            ).fetchall()
    file = sqlite3.connect(f"file:{database_url}?mode=ro", uri=True, timeout=30)
    try:
        return file.execute(
            query.format(now="datetime('now')", soon=f"datetime('now', '+{SOON_SECONDS} seconds')")
        ).fetchall()
    finally:
        file.close()
