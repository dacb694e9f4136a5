"""Bulk statements write and read what the ORM does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from common import bulk, clock, ids
from common.models import OutboxEntry
from flows.models import Flow

pytestmark = pytest.mark.django_db


def entry(name: str | None = None, **more: object) -> OutboxEntry:
    now = clock.now()
    values = {"topic": "t", "key": ids.uuid7(), "name": name, "payload": {"a": ["ü\x00", 1]}, "due_at": now}
    return OutboxEntry(**{**values, "created_at": now, **more})


def flow(**more: object) -> Flow:
    now = clock.now()
    values = {"account_id": ids.uuid7(), "friendly_name": "50 % {of} all", "status": "draft", "revision": 1}
    return Flow(**{**values, "test_users": ["+1", "ü"], "created_at": now, "updated_at": now, **more})


def as_dict(row: object) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_inserts_what_the_orm_reads_back() -> None:
    rows = [flow(), flow(published_revision=3)]

    bulk.insert_many(rows)

    assert [as_dict(row) for row in Flow.objects.order_by("id")] == [as_dict(row) for row in rows]


def test_reads_what_the_orm_wrote() -> None:
    row = flow()
    row.save()
    waiting = entry(leased_until=clock.now())
    waiting.save()

    assert [as_dict(found) for found in bulk.select(Flow, "{id} IN %s", ([row.id],))] == [as_dict(row)]
    assert [as_dict(found) for found in bulk.select(OutboxEntry, "{key} = %s", (waiting.key,))] == [as_dict(waiting)]
    assert bulk.select_values(Flow, ("id", "created_at"), "{friendly_name} = %s", (row.friendly_name,)) == [
        (row.id, row.created_at)
    ]


def test_finds_nothing_in_an_empty_list() -> None:
    flow().save()

    assert bulk.select(Flow, "{id} IN %s", ([],)) == []


def test_replaces_the_row_that_holds_the_same_name_and_keeps_unnamed_ones() -> None:
    key = ids.uuid7()
    later = clock.now() + timedelta(hours=1)
    rule = ("topic, key, name", ("due_at",))

    bulk.insert_many([entry("timer", key=key), entry(key=key), entry(key=key)], replace=rule)
    bulk.insert_many([entry("timer", key=key, due_at=later)], replace=rule)

    assert OutboxEntry.objects.filter(key=key).count() == 3
    assert OutboxEntry.objects.get(key=key, name="timer").due_at == later


def test_updates_each_row_with_its_own_values() -> None:
    rows = [flow(), flow(), flow()]
    bulk.insert_many(rows)
    moment = clock.now() + timedelta(days=1)

    bulk.update_many(
        Flow,
        ("friendly_name", "published_revision", "updated_at", "test_users"),
        {rows[0].id: ("one", None, moment, []), rows[2].id: ("three", 3, moment, ["x"])},
    )

    found = Flow.objects.order_by("id").values_list("friendly_name", "published_revision", "updated_at", "test_users")
    assert list(found) == [
        ("one", None, moment, []),
        (rows[1].friendly_name, None, rows[1].updated_at, rows[1].test_users),
        ("three", 3, moment, ["x"]),
    ]


def test_deletes_by_condition_only() -> None:
    rows = [flow(), flow()]
    bulk.insert_many(rows)

    bulk.delete(Flow, "{id} IN %s", ({rows[0].id},))

    assert [row.id for row in Flow.objects.all()] == [rows[1].id]
