"""
What a process counts about itself, for ``/metrics``.

One registry a process; each writes its figures beside its heartbeat (``config.operate.heartbeat``), and whichever web
process is scraped answers for all. What the database knows is not counted here but read when it is asked for.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500)

messages = Counter(
    "flowdesk_messages",
    "Messages stored, by channel and by who wrote them (customer: in, all else: out)",
    ("channel", "source"),
    registry=REGISTRY,
)
executions_started = Counter("flowdesk_executions_started", "Executions that began", registry=REGISTRY)
executions_ended = Counter("flowdesk_executions_ended", "Executions that ended", ("outcome",), registry=REGISTRY)
reservations = Counter("flowdesk_reservations", "What became of offered tasks", ("outcome",), registry=REGISTRY)
steps = Counter("flowdesk_steps", "Steps of executions", registry=REGISTRY)
batches = Histogram(
    "flowdesk_batch_seconds", "How long one batch of a topic took", ("topic",), buckets=_SECONDS, registry=REGISTRY
)
batch_sizes = Histogram(
    "flowdesk_batch_entries",
    "How many entries a batch of a topic handled",
    ("topic",),
    buckets=_SIZES,
    registry=REGISTRY,
)
deliveries = Counter(
    "flowdesk_delivery_attempts",
    "Tries to hand a message to a provider: taken, later (will be tried again) or failed",
    ("provider", "result"),
    registry=REGISTRY,
)
requests = Histogram(
    "flowdesk_requests_seconds",
    "How long requests to us took; kind webhook is providers' and waits for the commit",
    ("kind", "status"),
    buckets=_SECONDS,
    registry=REGISTRY,
)
calls = Histogram(
    "flowdesk_http_calls_seconds",
    "How long requests of ours took: to providers, to callbacks, of flows",
    ("result",),
    buckets=_SECONDS,
    registry=REGISTRY,
)
sockets = Gauge("flowdesk_sockets", "Sockets that are open", ("kind",), registry=REGISTRY)
