"""What watches an installation: ``/healthz`` (alive), ``/readyz`` (can work), ``/metrics`` (Prometheus)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from common import clock
from config.operate import figures, heartbeat
from config.server import readiness


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer as long as the process answers at all."""
    return JsonResponse({"status": "alive", "installation": heartbeat.installation()})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 where this process can do its work, else 503; says what is wrong."""
    found = readiness.report(clock.now())
    body = {"status": "ready" if found.ready else "not ready", "checks": found.checks, "backlog": found.backlog}
    return JsonResponse(body, status=200 if found.ready else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the figures of all processes and of the database in Prometheus's text form."""
    return HttpResponse(figures.written(), content_type=CONTENT_TYPE_LATEST)
