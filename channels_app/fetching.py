"""
Fetching the files that customers send from where their provider keeps them.

After the message is stored and its provider answered: a file that is slow, large or gone holds up neither its message
nor anybody else's. Leased from the outbox, side by side on a thread of its own; tried again like everything that leaves
the house, and given up with a reason that agents see.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections, transaction

from channels_app import queries
from channels_app.adapters.errors import AdapterError, TemporaryFailure
from channels_app.adapters.values import ProviderRequest, ProviderResponse
from common import clock, leases, outbox
from common.errors import ApiError
from common.http import HttpAnswer, HttpClient, HttpError, HttpRequest, InvalidRequest, TargetRefused
from common.models import OutboxEntry
from conversations.events import MessageAdded
from conversations.services import media

logger = logging.getLogger(__name__)

TOPIC = "channels.media"
# Each may hold a whole file in memory.
MOST = 8
TIMEOUT_SECONDS = 60.0
REDIRECTS = 3


@dataclass(frozen=True, slots=True)
class File:
    """One file to be fetched; ``source`` None: from the open web (web pages, the simulated network)."""

    id: UUID
    url: str
    declared_type: str
    source: queries.Source | None


@dataclass(frozen=True, slots=True)
class Job:
    """The files of one message."""

    entry: OutboxEntry
    files: tuple[File, ...]


class GivenUp(Exception):
    """The file will not come, however often it is asked for."""


def route(event: MessageAdded) -> outbox.Entry | None:
    """Make the to-do of a message whose files are still to come."""
    if not event.media or not any(item.get("state") == "pending" for item in event.media):
        return None
    return outbox.Entry(TOPIC, event.message_id, {})


def drain(now: datetime) -> int:
    """Begin what is due, as much as there is room for; returns how many messages were taken."""
    return fetcher.begin(now)


def fetch_due(now: datetime) -> int:
    """Fetch what is due and wait for it, on the calling thread; returns how many messages had files to come."""
    jobs = lease(now, MOST)
    if not jobs:
        return 0

    async def everything() -> list[Mapping[UUID, HttpAnswer | Exception]]:
        client = HttpClient()
        try:
            return [await fetch(client, job) for job in jobs]
        finally:
            await client.close()

    for job, found in zip(jobs, asyncio.run(everything()), strict=True):
        finish(job, found, clock.now())
    return len(jobs)


def lease(now: datetime, limit: int) -> list[Job]:
    """Take messages with files to come."""
    entries = outbox.lease(topic=TOPIC, now=now, limit=limit)
    if not entries:
        return []
    rows = media.expected_of([entry.key for entry in entries])
    sources = queries.sources({row.connection_id for row in rows if row.connection_id is not None})
    files: dict[UUID, list[File]] = {entry.key: [] for entry in entries}
    for row in rows:
        assert row.message_id is not None
        source = sources.get(row.connection_id) if row.connection_id is not None else None
        files[row.message_id].append(File(row.id, row.source_url, row.content_type, source))
    return [Job(entry, tuple(files[entry.key])) for entry in entries]


async def fetch(client: HttpClient, job: Job) -> dict[UUID, HttpAnswer | Exception]:
    """Fetch a message's files one after the other; what becomes of each is a value."""
    found: dict[UUID, HttpAnswer | Exception] = {}
    for file in job.files:
        try:
            found[file.id] = await _fetch(client, file)
        except (AdapterError, HttpError, GivenUp) as error:
            found[file.id] = error
        except Exception as error:
            logger.exception("Fetching medium %s failed", file.id)
            found[file.id] = error
    return found


async def _fetch(client: HttpClient, file: File) -> HttpAnswer:
    source = file.source
    first = (
        ProviderRequest("GET", file.url, {})
        if source is None
        else source.adapter.media_request(file.url, source.config)
    )
    answer = await _get(client, first)
    if source is None:
        return answer
    # A short JSON that says where the file is, with some; the file itself with others.
    there = source.adapter.media_location(ProviderResponse(answer.status, answer.body, answer.headers), source.config)
    return answer if there is None else await _get(client, there)


async def _get(client: HttpClient, request: ProviderRequest) -> HttpAnswer:
    answer = await client.fetch(
        HttpRequest(
            method=request.method,
            url=request.url,
            headers=request.headers,
            timeout_seconds=TIMEOUT_SECONDS,
            max_bytes=settings.MEDIA_MAX_BYTES,
            max_redirects=REDIRECTS,
        )
    )
    if answer.status in (408, 425, 429) or answer.status >= 500:
        raise TemporaryFailure(f"HTTP {answer.status}")
    if answer.status != 200:
        raise GivenUp(f"the provider answered HTTP {answer.status}")
    if answer.is_cut:
        raise GivenUp(f"the file has more than {settings.MEDIA_MAX_BYTES // (1024 * 1024)} MB")
    return answer


def finish(job: Job, found: Mapping[UUID, HttpAnswer | Exception], now: datetime) -> None:
    """Keep what came; what failed is tried again, or given up with its reason."""
    is_last = job.entry.attempts >= len(outbox.RETRY_PAUSES)
    again = ""
    for media_id, what in found.items():
        if isinstance(what, HttpAnswer):
            try:
                media.keep_fetched(
                    media_id=media_id,
                    content=what.body,
                    declared_type=what.headers.get("content-type", ""),
                    now=now,
                )
            except ApiError as error:
                media.give_up(media_id=media_id, error=error.message, now=now)
        elif isinstance(what, GivenUp | TargetRefused | InvalidRequest) or is_last:
            media.give_up(media_id=media_id, error=str(what) or type(what).__name__, now=now)
        else:
            again = str(what) or type(what).__name__
    with transaction.atomic():
        if again:
            outbox.retry(job.entry, error=again, now=now)
        else:
            outbox.done([job.entry.id])


class Fetcher:
    """The event loop that a process fetches on, begun with the first file."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: HttpClient | None = None
        self._under_way = 0

    def begin(self, now: datetime) -> int:
        """Lease what there is room for and start it; returns without waiting for any file."""
        with self._lock:
            room = MOST - self._under_way
            jobs = lease(now, room) if room > 0 else []
            self._under_way += len(jobs)
        if jobs:
            leases.keeper.hold(job.entry.id for job in jobs)
            loop = self._running_loop()
            for job in jobs:
                asyncio.run_coroutine_threadsafe(self._one(job), loop)
        return len(jobs)

    async def _one(self, job: Job) -> None:
        try:
            if self._client is None:
                self._client = HttpClient()
            found = await fetch(self._client, job)
            await sync_to_async(_finish_apart, thread_sensitive=False)(job, found)
        except Exception:
            # The lease runs out and the files are asked for again.
            logger.exception("The files of message %s could not be kept", job.entry.key)
        finally:
            leases.keeper.let_go([job.entry.id])
            with self._lock:
                was_full = self._under_way >= MOST
                self._under_way -= 1
            if was_full:
                outbox.ring(TOPIC)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="media", daemon=True).start()
            return self._loop


def _finish_apart(job: Job, found: Mapping[UUID, HttpAnswer | Exception]) -> None:
    """``finish`` on a thread of its own: the database's connection is not kept."""
    try:
        finish(job, found, clock.now())
    finally:
        close_old_connections()


fetcher = Fetcher()
