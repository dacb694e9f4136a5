"""What watches an installation: ``/healthz`` (alive), ``/readyz`` (can work), ``/metrics`` (Prometheus)."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from common import clock
from common.backlog import backlog
from config.server import readiness


class BacklogCollector(Collector):
    """Reads the outbox at each scrape: every process answers the same, so one of them is enough to scrape."""

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        due = GaugeMetricFamily("flowdesk_outbox_due", "Entries due and not done", labels=["topic"])
        parked = GaugeMetricFamily("flowdesk_outbox_parked", "Entries given up", labels=["topic"])
        oldest = GaugeMetricFamily("flowdesk_outbox_oldest_seconds", "Age of the oldest due entry", labels=["topic"])
        for row in backlog(clock.now()):
            due.add_metric([row.topic], row.due)
            parked.add_metric([row.topic], row.parked)
            oldest.add_metric([row.topic], row.oldest_seconds)
        return (due, parked, oldest)


REGISTRY.register(BacklogCollector())


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process answers at all."""
    return JsonResponse({"status": "alive"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 where this process can do its work, else 503; says what is wrong."""
    found = readiness.report(clock.now())
    body = {"status": "ready" if found.ready else "not ready", "checks": found.checks, "backlog": found.backlog}
    return JsonResponse(body, status=200 if found.ready else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer this process's figures in Prometheus's text form."""
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)
