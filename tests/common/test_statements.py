"""Writes that travel together do what they would have done one after the other."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from common import bulk, clock, ids
from common.models import OutboxEntry
from flows.models import Flow
from tests.common.test_bulk import as_dict, entry, flow

pytestmark = pytest.mark.django_db


def test_a_read_of_any_kind_sees_what_was_written_before_it() -> None:
    rows = [flow(), flow()]

    with transaction.atomic(), bulk.together():
        bulk.insert_many(rows[:1])
        by_orm = Flow.objects.count()
        bulk.insert_many(rows[1:])
        by_bulk = len(bulk.select(Flow, "{id} IN %s", ([row.id for row in rows],)))

    assert (by_orm, by_bulk) == (1, 2)


def test_keeps_the_order_of_the_writes() -> None:
    row = flow()

    with transaction.atomic(), bulk.together():
        bulk.insert_many([row])
        bulk.update_many(Flow, ("friendly_name",), {row.id: ("second",)})
        bulk.update_many(Flow, ("revision",), {row.id: (7,)})
        bulk.delete(OutboxEntry, "{topic} = %s", ("nothing",))

    assert Flow.objects.values_list("friendly_name", "revision").get() == ("second", 7)


def test_draws_keys_in_the_order_of_the_rows() -> None:
    rows = [entry(key=ids.uuid7()) for _ in range(5)]

    with transaction.atomic(), bulk.together():
        drawn = bulk.insert_drawn(rows)
        bulk.insert_many([entry()])

    found = dict(OutboxEntry.objects.values_list("id", "key"))
    assert [found[key] for (key,) in drawn] == [row.key for row in rows]
    assert [key for (key,) in drawn] == sorted(key for (key,) in drawn)


def test_names_only_rows_that_were_new_where_it_passes_over_others() -> None:
    known, new = flow(), flow()
    bulk.insert_many([known])

    drawn = bulk.insert_drawn([known, new], passing_over=True)

    assert [str(key).replace("-", "") for (key,) in drawn] == [new.id.hex]


def test_puts_sql_in_place_of_a_column() -> None:
    rows = [flow(revision=1), flow(revision=2)]

    drawn = bulk.insert_drawn(rows, "revision", computed=("revision", "{revision} * 10"))

    assert [number for (number,) in drawn] == [10, 20]


def test_writes_nothing_of_a_block_that_fails() -> None:
    with pytest.raises(RuntimeError), transaction.atomic(), bulk.together():
        bulk.insert_many([flow()])
        raise RuntimeError

    assert not Flow.objects.exists()


def test_undoes_the_whole_transaction_when_one_write_is_refused() -> None:
    row = flow()
    bulk.insert_many([row])

    with pytest.raises(IntegrityError), transaction.atomic(), bulk.together():
        bulk.insert_many([flow(friendly_name="goes too")])
        bulk.delete(OutboxEntry, "{topic} = %s", ("nothing",))
        bulk.insert_many([row])
        bulk.update_many(Flow, ("revision",), {row.id: (9,)})

    assert list(Flow.objects.values_list("revision", flat=True)) == [1]


def test_makes_several_reads_at_once() -> None:
    row, waiting = flow(), entry()
    bulk.insert_many([row])
    bulk.insert_many([waiting])

    flows, topics = bulk.ask(
        bulk.rows_of(Flow, "{id} = %s", (row.id,)),
        bulk.values_of(OutboxEntry, ("topic",), "{key} = %s", (waiting.key,)),
    )

    assert [as_dict(found) for found in flows] == [as_dict(row)]
    assert topics == [("t",)]


def test_makes_the_row_that_the_model_makes() -> None:
    now = clock.now()
    values = {"id": ids.uuid7(), "account_id": ids.uuid7(), "friendly_name": "x", "status": "draft", "revision": 1}

    made = bulk.new(Flow, **values, created_at=now, updated_at=now)
    made.save(force_insert=True)

    assert as_dict(made) == as_dict(Flow(**values, created_at=now, updated_at=now)) == as_dict(Flow.objects.get())
