"""``/metrics``: what every process counted, and what the database knows at this moment."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector, CollectorRegistry

from channels_app import queries as channels
from common import clock, events, ids, logs, metrics
from common.backlog import backlog
from config.operate import heartbeat
from conversations.events import MessageAdded
from flows import queries as flows
from flows.events import ExecutionEnded, ExecutionStarted
from routing import events as routing_events
from routing import queries as routing

logger = logging.getLogger(__name__)
_OUTCOMES = {
    routing_events.ReservationCreated: "offered",
    routing_events.ReservationAccepted: "accepted",
    routing_events.ReservationRejected: "rejected",
    routing_events.ReservationTimedOut: "timed_out",
    routing_events.ReservationCanceled: "canceled",
    routing_events.ReservationRescinded: "rescinded",
    routing_events.ReservationCompleted: "completed",
}


def subscribe() -> None:
    """Count what the parts announce; nothing of it is on their way."""
    events.live(MessageAdded, _count_messages)
    events.live(ExecutionStarted, lambda happened: metrics.executions_started.inc(len(happened)))
    events.live(ExecutionEnded, _count_ended)
    for kind, outcome in _OUTCOMES.items():
        events.live(kind, lambda happened, outcome=outcome: metrics.reservations.labels(outcome).inc(len(happened)))


def _count_messages(happened: list[MessageAdded]) -> None:
    for event in happened:
        metrics.messages.labels(event.channel_type or "none", event.source).inc()


def _count_ended(happened: list[ExecutionEnded]) -> None:
    for event in happened:
        metrics.executions_ended.labels("failed" if event.error else "ended").inc()
        if event.error:
            names = {
                "account": ids.sid("AC", event.account_id),
                "conversation": ids.sid("CH", event.conversation_id),
                "execution": ids.sid("FN", event.execution_id),
            }
            with logs.bound(**names):
                logger.warning("An execution of flow %s ended: %s", ids.sid("FW", event.flow_id), event.error)


class Everything(Collector):
    """All figures of the installation; every web process answers the same, so one of them is enough to scrape."""

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        yield from _of_database()
        yield from _of_processes()


def _of_database() -> Iterator[Metric]:
    now = clock.now()
    due = GaugeMetricFamily("flowdesk_outbox_due", "Entries due and not done", labels=["topic"])
    parked = GaugeMetricFamily("flowdesk_outbox_parked", "Entries given up", labels=["topic"])
    oldest = GaugeMetricFamily("flowdesk_outbox_oldest_seconds", "Age of the oldest due entry", labels=["topic"])
    for row in backlog(now):
        due.add_metric([row.topic], row.due)
        parked.add_metric([row.topic], row.parked)
        oldest.add_metric([row.topic], row.oldest_seconds)
    yield from (due, parked, oldest)
    yield GaugeMetricFamily(
        "flowdesk_deliveries_parked", "Messages that no provider took", channels.count_parked_deliveries()
    )
    yield GaugeMetricFamily("flowdesk_executions_active", "Executions that have not ended", flows.count_active())
    tasks = GaugeMetricFamily("flowdesk_tasks", "Tasks that are not over, by status", labels=["status"])
    for status, count in routing.count_open_tasks().items():
        tasks.add_metric([status], count)
    yield tasks
    longest = routing.oldest_pending_task()
    waited = (now - longest).total_seconds() if longest is not None else 0.0
    yield GaugeMetricFamily("flowdesk_tasks_oldest_pending_seconds", "How long the longest waiting task waits", waited)
    workers = GaugeMetricFamily("flowdesk_agents", "Agents, by whether they take tasks", labels=["available"])
    for is_available, count in routing.count_workers().items():
        workers.add_metric(["true" if is_available else "false"], count)
    yield workers


def _of_processes() -> Iterator[Metric]:
    now = clock.now()
    seen = GaugeMetricFamily(
        "flowdesk_process_seen_seconds", "Since when a process was not heard of", labels=["process", "parts"]
    )
    pool = GaugeMetricFamily(
        "flowdesk_database_pool", "Connections of a process's pool, and who waits for one", labels=["process", "what"]
    )
    families: dict[str, Metric] = {}
    rows = heartbeat.alive(now)
    heartbeat.count_sockets()
    mine = heartbeat.current()
    for row in rows:
        seen.add_metric([row.id, row.parts], max(0.0, (now - row.seen_at).total_seconds()))
        for what, count in (row.facts.get("pool") or {}).items():
            pool.add_metric([row.id, what], count)
        text = row.figures if row.id != mine else generate_latest(metrics.REGISTRY).decode()
        _add(families, row.id, text)
    if mine not in {row.id for row in rows}:
        # A process that has not said so yet, or one that serves no parts, such as a test.
        _add(families, mine, generate_latest(metrics.REGISTRY).decode())
    yield from (seen, pool, *families.values())


def _add(families: dict[str, Metric], process: str, text: str) -> None:
    for found in text_string_to_metric_families(text):
        kept = families.setdefault(found.name, Metric(found.name, found.documentation, found.type))
        for sample in found.samples:
            if not sample.name.endswith("_created"):
                kept.add_sample(sample.name, {**sample.labels, "process": process}, sample.value)


def written() -> bytes:
    """Return every figure in Prometheus's text form."""
    registry = CollectorRegistry()
    registry.register(Everything())
    return generate_latest(registry)
