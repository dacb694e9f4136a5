"""
The log of what providers post to us, kept beside the message path.

A request costs an append in memory. Once a second a thread writes the newest of each connection with one statement;
what a flood brings beyond that is not kept, nor what was noted in the second before a crash. It is for people who look
for a mistake, not a record.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import close_old_connections

from channels_app.adapters.values import WebhookRequest
from channels_app.delivery.exchange import LOGGED, redacted
from channels_app.delivery.results import TRIMMED_EVERY, trim_traffic
from channels_app.models import TrafficEntry
from common import clock, ids

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
MOST_WAITING = 500
MOST_A_CONNECTION = 20  # each second
NOT_KEPT = "(not kept)"


@dataclass(frozen=True, slots=True)
class Note:
    """One request that came, and what it was answered; ``is_trusted``: it was signed, so its body is worth keeping."""

    account_id: UUID
    connection_id: UUID
    request: WebhookRequest
    status: int
    answer: bytes
    is_trusted: bool
    duration_ms: int
    at: datetime


class Recorder:
    """What waits to be written by this process."""

    def __init__(self) -> None:
        self._notes: deque[Note] = deque(maxlen=MOST_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._wake = threading.Event()

    def note(self, note: Note) -> None:
        """Keep a request for the next write."""
        self._notes.append(note)
        if self._thread is None:
            self._begin()
        self._wake.set()

    def flush(self) -> None:
        """Write what waits."""
        notes = [self._notes.popleft() for _ in range(len(self._notes))]
        beside: Counter[UUID] = Counter()
        rows = []
        for note in reversed(notes):
            beside[note.connection_id] += 1
            if beside[note.connection_id] <= MOST_A_CONNECTION:
                rows.append(_row(note))
        if not rows:
            return
        rows.sort(key=lambda row: row.created_at)
        for row in rows:
            row.id = ids.uuid7()
        TrafficEntry.objects.bulk_create(rows)
        for connection_id in {row.connection_id for row in rows if row.id.int % TRIMMED_EVERY == 0}:
            trim_traffic(connection_id)

    def _begin(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="traffic", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._wake.wait()
            pause.wait(PAUSE_SECONDS)
            self._wake.clear()
            try:
                self.flush()
            except Exception:
                logger.warning("Requests of providers could not be logged", exc_info=True)
            close_old_connections()


def _row(note: Note) -> TrafficEntry:
    request = note.request
    refused = note.status >= 400
    return TrafficEntry(
        account_id=note.account_id,
        connection_id=note.connection_id,
        direction="in",
        method=request.method,
        # Some providers send their token in it.
        url=redacted(request.url),
        # What strangers send is none of ours to keep.
        request=_text(request.body) if note.is_trusted else NOT_KEPT,
        status=note.status,
        response="" if refused else _text(note.answer),
        error=_text(note.answer) if refused else "",
        duration_ms=note.duration_ms,
        created_at=note.at,
    )


def _text(body: bytes) -> str:
    return body[:LOGGED].decode("utf-8", "replace").replace("\x00", "")


def note(
    *,
    account_id: UUID,
    connection_id: UUID,
    request: WebhookRequest,
    status: int,
    answer: bytes,
    is_trusted: bool,
    duration_seconds: float,
) -> None:
    """Note a request that came for a connection."""
    recorder.note(
        Note(
            account_id, connection_id, request, status, answer, is_trusted, round(duration_seconds * 1000), clock.now()
        )
    )


recorder = Recorder()
