"""``/metrics``: what operators watch, from all processes, whichever of them is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from common import clock, events, metrics
from common.models import ServerProcess
from conversations.services import receive_messages
from tests.factories import inbound, make_account, publish_flow
from tests.flows.definitions import greeting

pytestmark = pytest.mark.django_db


def scraped() -> dict[str, float]:
    """Return samples summed over processes, by name and the other labels."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(Client().get("/metrics").content.decode()):
        for sample in family.samples:
            labels = ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()) if k != "process")
            key = f"{sample.name}{{{labels}}}"
            found[key] = found.get(key, 0) + sample.value
    return found


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is announced be heard inside the test's transaction."""
    monkeypatch.setattr(transaction, "on_commit", lambda function, using=None, robust=False: function())


def test_counts_a_messages_way(heard: None, drain: Callable[[], int]) -> None:
    account = make_account()
    publish_flow(account, greeting())
    before = scraped()

    receive_messages([inbound(account, "Hi")], now=clock.now())
    assert scraped()["flowdesk_outbox_due{topic=flows.events}"] == 1
    drain()

    after = scraped()
    grown = {
        name: after[name] - before.get(name, 0)
        for name in (
            "flowdesk_messages_total{channel=sms,source=customer}",
            "flowdesk_messages_total{channel=sms,source=flow}",
            "flowdesk_executions_started_total{}",
            "flowdesk_executions_ended_total{outcome=ended}",
            "flowdesk_batch_seconds_count{topic=flows.events}",
            "flowdesk_batch_entries_sum{topic=flows.events}",
        )
    }
    assert list(grown.values())[:4] == [1.0] * 4, grown
    assert min(grown.values()) >= 1, grown
    assert after["flowdesk_steps_total{}"] - before.get("flowdesk_steps_total{}", 0) >= 1
    assert after["flowdesk_outbox_due{topic=flows.events}"] == 0


def test_adds_what_other_processes_counted_and_leaves_out_the_dead() -> None:
    def other(key: str, seconds: int, count: int) -> None:
        now = clock.now()
        ServerProcess.objects.create(
            id=key,
            parts="worker",
            host="b",
            started_at=now,
            seen_at=now.replace(year=now.year - 1) if seconds else now,
            facts={"pool": {"size": 4, "waiting": 0}},
            figures=f'# TYPE flowdesk_test_things counter\nflowdesk_test_things_total{{kind="x"}} {count}.0\n',
        )

    other("b:1", 0, 3)
    other("b:2", 0, 4)
    other("b:3", 99, 100)

    text = Client().get("/metrics").content.decode()

    assert 'flowdesk_test_things_total{kind="x",process="b:1"} 3.0' in text
    assert scraped()["flowdesk_test_things_total{kind=x}"] == 7
    assert 'flowdesk_process_seen_seconds{parts="worker",process="b:1"}' in text
    assert 'flowdesk_database_pool{process="b:1",what="size"} 4.0' in text
    assert "b:3" not in text


def test_names_everything_that_an_operator_is_told_to_watch() -> None:
    text = Client().get("/metrics").content.decode()

    for name in (
        "flowdesk_outbox_due",
        "flowdesk_outbox_oldest_seconds",
        "flowdesk_outbox_parked",
        "flowdesk_deliveries_parked",
        "flowdesk_executions_active",
        "flowdesk_tasks",
        "flowdesk_tasks_oldest_pending_seconds",
        "flowdesk_agents",
        "flowdesk_sockets",
        "flowdesk_delivery_attempts",
        "flowdesk_requests_seconds",
        "flowdesk_http_calls_seconds",
    ):
        assert f"# TYPE {name} " in text or f"# TYPE {name}_total " in text, name


def test_costs_a_message_next_to_nothing() -> None:
    """A counter is no statement and no lock that anybody waits for: a hundred thousand of them are a blink."""
    counter = metrics.messages.labels("sms", "customer")
    started = clock.now()
    for _ in range(10_000):
        counter.inc()

    assert (clock.now() - started).total_seconds() < 1
    assert events._handlers
