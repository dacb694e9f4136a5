"""
Traces of messages' ways, by OpenTelemetry: off unless ``FLOWDESK_TRACES`` names a collector.

A customer's message is a trace: that it came, each answer a flow or an agent gave to it, and each delivery of those.
Nothing is carried along on the message path. The trace's id *is* the message's (both have 128 bits), a span's is half
of the id of the message it is about, and times are those of the rows: so whichever process hears of a step, today or
after a restart, adds it to the right trace.
"""

from __future__ import annotations

import threading
from datetime import datetime
from uuid import UUID

from django.conf import settings
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)

from common import clock, events, ids
from conversations import queries as conversations
from conversations.events import MessageAdded, ReceiptUpdated
from conversations.services import Source

_ANSWERS = (Source.FLOW, Source.AGENT, Source.API)
_DONE = ("sent", "delivered", "failed", "undelivered")
_tracer: Tracer | None = None


class _GivenIds(RandomIdGenerator):
    """Ids that were decided beforehand; one writer at a time, since a span is begun and ended in one call."""

    def __init__(self) -> None:
        self.trace_id: int = 0
        self.span_id: int = 0

    def generate_trace_id(self) -> int:
        return self.trace_id or super().generate_trace_id()

    def generate_span_id(self) -> int:
        return self.span_id or super().generate_span_id()


_ids = _GivenIds()
_lock = threading.Lock()


def subscribe() -> None:
    """Send traces to the collector that the settings name, where they name one."""
    if settings.TRACES_URL:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        begin(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.TRACES_URL)))


def begin(processor: SpanProcessor) -> None:
    """Have what the parts announce told to ``processor`` as spans."""
    global _tracer
    provider = TracerProvider(resource=Resource.create({"service.name": "flowdesk"}), id_generator=_ids)
    provider.add_span_processor(processor)
    _tracer = provider.get_tracer("flowdesk")
    events.live(MessageAdded, trace_messages)
    events.live(ReceiptUpdated, trace_receipts)


def trace_messages(happened: list[MessageAdded]) -> None:
    """A customer's message begins a trace; every answer is a span in it, from the question to the answer."""
    for event in happened:
        about = {
            "flowdesk.channel": event.channel_type or "none",
            "flowdesk.source": event.source,
            **_names(event.account_id, event.conversation_id, event.message_id),
        }
        if event.source == Source.CUSTOMER:
            _span("message received", event.message_id, None, event.message_id, event.created_at, clock.now(), about)
        elif event.source in _ANSWERS:
            asked = conversations.last_from_customer([(event.conversation_id, event.index)])
            question = asked.get((event.conversation_id, event.index))
            if question is not None:
                began, trace = question.created_at, question.id
                _span(f"answer by {event.source}", trace, trace, event.message_id, began, event.created_at, about)


def trace_receipts(happened: list[ReceiptUpdated]) -> None:
    """What became of an answer at its provider, from when it was written."""
    now = clock.now()
    done = [event for event in happened if event.status in _DONE and event.source in _ANSWERS]
    asked = conversations.last_from_customer((event.conversation_id, event.index) for event in done)
    written = conversations.moments_of(event.message_id for event in done)
    for event in done:
        question, began = asked.get((event.conversation_id, event.index)), written.get(event.message_id)
        if question is None or began is None:
            continue
        about = {
            "flowdesk.status": event.status,
            **_names(event.account_id, event.conversation_id, event.message_id),
        }
        failure = f"{event.error_code} {event.error_message}".strip() if event.error_code else ""
        own = UUID(int=event.message_id.int ^ event.participant_id.int ^ _DONE.index(event.status) + 1)
        _span(f"message {event.status}", question.id, event.message_id, own, began, now, about, failure=failure)


def _names(account_id: UUID, conversation_id: UUID, message_id: UUID) -> dict[str, str]:
    return {
        "flowdesk.account": ids.sid("AC", account_id),
        "flowdesk.conversation": ids.sid("CH", conversation_id),
        "flowdesk.message": ids.sid("IM", message_id),
    }


def _half(key: UUID) -> int:
    return key.int & 0xFFFF_FFFF_FFFF_FFFF or 1


def _span(
    name: str,
    trace: UUID,
    parent: UUID | None,
    own: UUID,
    began: datetime,
    ended: datetime,
    about: dict[str, str],
    *,
    failure: str = "",
) -> None:
    if _tracer is None:
        return
    context = None
    if parent is not None:
        above = SpanContext(trace.int, _half(parent), is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
        context = set_span_in_context(NonRecordingSpan(above))
    with _lock:
        _ids.trace_id, _ids.span_id = trace.int, _half(own)
        span = _tracer.start_span(
            name, context=context, kind=SpanKind.INTERNAL, attributes=about, start_time=_nanoseconds(began)
        )
    if failure:
        span.set_status(Status(StatusCode.ERROR, failure))
    span.end(max(_nanoseconds(ended), _nanoseconds(began)))


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1000
