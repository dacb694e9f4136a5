"""
Making the requests: leased from the outbox, side by side on one event loop, their outcomes recorded.

Per conversation and address one request at a time, in order. An address that does not answer is asked again after
growing pauses and holds up nobody else: a host has its own share of what may be under way.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.db import transaction

from accounts import queries as accounts
from common import clock, http, ids, leases, logs, outbox, signatures
from common.groupcommit import GroupCommit
from common.models import OutboxEntry
from conversations.models import WebhookDelivery
from conversations.services import asking
from conversations.webhooks.fanout import TOPIC

logger = logging.getLogger(__name__)

MOST = 100
MOST_A_HOST = 20
FULL_PAUSE_SECONDS = 1.0
TIMEOUT_SECONDS = 5.0
KEPT = 4096  # characters of an answer
KEPT_DELIVERIES = 1_000  # done ones, of each account
TRIMMED_EVERY = 100


@dataclass(frozen=True, slots=True)
class Job:
    """One leased delivery, with the key that signs it."""

    entry: OutboxEntry
    # Of a question about a held message the row is not stored yet.
    delivery: WebhookDelivery
    token: str

    def names(self) -> dict[str, str]:
        """Return whose it is, for a log line."""
        told = {"account": ids.sid("AC", self.delivery.account_id)}
        if self.delivery.conversation_id:
            told["conversation"] = ids.sid("CH", self.delivery.conversation_id)
        return told

    @property
    def host(self) -> str:
        return urlsplit(self.delivery.url).netloc


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request; ``error`` is empty where somebody answered."""

    status: int | None
    body: str
    error: str
    duration_ms: int
    is_final: bool

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 400


def request_of(delivery: WebhookDelivery, token: str) -> http.HttpRequest:
    """Return the signed request of a delivery."""
    pairs = list(delivery.parameters.items())
    headers = {"I-Twilio-Idempotency-Token": delivery.sid}
    if delivery.method == "GET":
        mark = "&" if urlsplit(delivery.url).query else "?"
        url = delivery.url + mark + urlencode(pairs)
        headers[signatures.HEADER] = signatures.sign(url=url, parameters=(), token=token)
        return http.HttpRequest("GET", url, headers, timeout_seconds=TIMEOUT_SECONDS)
    headers[signatures.HEADER] = signatures.sign(url=delivery.url, parameters=pairs, token=token)
    headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
    return http.HttpRequest("POST", delivery.url, headers, urlencode(pairs).encode(), timeout_seconds=TIMEOUT_SECONDS)


def drain(now: datetime) -> int:
    """Begin the deliveries that are due, as many as there is room for; returns how many were looked at."""
    return sender.begin(now)


def send_due(now: datetime) -> int:
    """Make the requests that are due and wait for their answers, on the calling thread; returns how many."""
    jobs, looked_at = lease(now, MOST)

    async def everything() -> list[tuple[Job, Answer]]:
        client = http.HttpClient()
        try:
            return [(job, answer) for job, answer in zip(jobs, await _all(client, jobs), strict=True)]
        finally:
            await client.close()

    if jobs:
        finish(asyncio.run(everything()))
    return looked_at


async def _all(client: http.HttpClient, jobs: Sequence[Job]) -> list[Answer]:
    return await asyncio.gather(*(perform(client, job) for job in jobs))


def lease(now: datetime, limit: int) -> tuple[list[Job], int]:
    """
    Take deliveries that are due; entries whose delivery is gone are taken off, held messages of which nobody wants to
    be asked any more published. Returns the rest, and how many entries there were.
    """
    entries = outbox.lease(topic=TOPIC, now=now, limit=limit)
    if not entries:
        return [], 0
    known = [UUID(entry.payload["delivery"]) for entry in entries if "delivery" in entry.payload]
    rows = WebhookDelivery.objects.in_bulk(known)
    tokens: dict[UUID, str] = {}
    jobs, orphans = [], []
    for entry in entries:
        if "inbound" in entry.payload:
            row = asking.question(entry.payload, now=now)
            if row is None:
                publish_unasked(entry, now)
                continue
        else:
            row = rows.get(UUID(entry.payload["delivery"]))
        if row is None:
            orphans.append(entry.id)
            continue
        if row.account_id not in tokens:
            tokens[row.account_id] = accounts.account(row.account_id).auth_token
        jobs.append(Job(entry, row, tokens[row.account_id]))
    outbox.done(orphans)
    return jobs, len(entries)


async def perform(client: http.HttpClient, job: Job) -> Answer:
    """Make one request; whatever happens is an answer."""
    began = time.monotonic()
    try:
        got = await client.fetch(request_of(job.delivery, job.token))
    except (http.TargetRefused, http.InvalidRequest) as error:
        return Answer(None, "", str(error), _since(began), is_final=True)
    except http.HttpError as error:
        return Answer(None, "", str(error), _since(began), is_final=False)
    except Exception as error:
        # A fault of ours: it must not be silent, nor end the loop.
        with logs.bound(**job.names()):
            logger.exception("Webhook delivery %s failed", job.delivery.sid)
        return Answer(None, "", f"internal error: {type(error).__name__}", _since(began), is_final=False)
    body = got.body[:KEPT].decode("utf-8", "replace").replace("\x00", "")
    # A client error is an answer: asking again says the same. Too busy or too slow may say something else later.
    is_final = got.status < 500 and got.status not in (408, 425, 429)
    return Answer(got.status, body, "", _since(began), is_final)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


@transaction.atomic
def finish(outcomes: Sequence[tuple[Job, Answer]]) -> list[None]:
    """
    Record outcomes: a delivery is done, tried again later, or failed after its last try.

    One whose entry somebody else has finished meanwhile is passed over.
    """
    now = clock.now()
    wanted = [job.entry.id for job, _ in outcomes]
    held = OutboxEntry.objects.select_for_update().order_by("id").in_bulk(wanted)
    finished = []
    for job, answer in outcomes:
        entry = held.get(job.entry.id)
        if entry is None:
            continue
        if "inbound" in entry.payload:
            if _answered(entry, job.delivery, answer, now):
                finished.append(entry.id)
            continue
        status = _judge(entry, answer)
        WebhookDelivery.objects.filter(id=job.delivery.id).update(
            status=status,
            attempts=job.delivery.attempts + 1,
            response_status=answer.status,
            response=answer.body,
            error=answer.error,
            duration_ms=answer.duration_ms,
            updated_at=now,
        )
        if status == WebhookDelivery.Status.QUEUED:
            outbox.retry(entry, error=answer.error or f"HTTP {answer.status}", now=now)
            continue
        finished.append(entry.id)
        if job.delivery.id.int % TRIMMED_EVERY == 0:
            trim(job.delivery.account_id)
    if finished:
        outbox.done(finished)
        # What waited behind them may go now.
        outbox.ring_after_commit({TOPIC})
    return [None] * len(outcomes)


def _answered(entry: OutboxEntry, question: WebhookDelivery, answer: Answer, now: datetime) -> bool:
    """Record what a pre-webhook said of a held message, and act on it; False where another is to be asked as well."""
    question.attempts, question.updated_at, question.duration_ms = 1, now, answer.duration_ms
    question.response_status, question.response, question.error = answer.status, answer.body, answer.error
    question.status = WebhookDelivery.Status.FAILED if answer.status is None else WebhookDelivery.Status.DELIVERED
    following = None
    if answer.status is not None and answer.status >= 400:
        question.error = "Refused: the message was dropped"
    else:
        following = asking.settle(entry.payload, question, answer.body if answer.is_good else "", now=now)
    question.save(force_insert=True)
    if following is None:
        return True
    # The same entry, so that what the customer wrote after it stays behind it.
    OutboxEntry.objects.filter(id=entry.id).update(payload=following, leased_until=None, due_at=now)
    outbox.ring_after_commit({TOPIC})
    return False


@transaction.atomic
def publish_unasked(entry: OutboxEntry, now: datetime) -> None:
    """Publish a held message of which nobody wants to be asked any more."""
    if OutboxEntry.objects.select_for_update().filter(id=entry.id).exists():
        asking.publish(entry.payload, now=now)
        outbox.done([entry.id])
        outbox.ring_after_commit({TOPIC})


def _judge(entry: OutboxEntry, answer: Answer) -> str:
    if answer.is_good:
        return WebhookDelivery.Status.DELIVERED
    is_last = entry.attempts >= len(outbox.RETRY_PAUSES)
    return WebhookDelivery.Status.FAILED if answer.is_final or is_last else WebhookDelivery.Status.QUEUED


def trim(account_id: UUID) -> None:
    """Forget all but the newest deliveries that are done."""
    rows = WebhookDelivery.objects.filter(account_id=account_id, status=WebhookDelivery.Status.DELIVERED)
    oldest = rows.order_by("-id").values_list("id", flat=True)[KEPT_DELIVERIES - 1 : KEPT_DELIVERIES].first()
    if oldest is not None:
        rows.filter(id__lt=oldest).delete()


class Sender:
    """The event loop that a process makes its requests on, begun with the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: http.HttpClient | None = None
        self._hosts: Counter[str] = Counter()
        self._outcomes: GroupCommit[tuple[Job, Answer], None] = GroupCommit("webhooks", finish)

    def begin(self, now: datetime) -> int:
        """Lease what there is room for and start it; returns without waiting for any answer."""
        with self._lock:
            room = MOST - self._hosts.total()
            jobs, looked_at = lease(now, room) if room > 0 else ([], 0)
            fitting, full = [], {}
            for job in jobs:
                if self._hosts[job.host] < MOST_A_HOST:
                    self._hosts[job.host] += 1
                    fitting.append(job)
                else:
                    full[job.entry.id] = now + timedelta(seconds=FULL_PAUSE_SECONDS)
        outbox.postpone(_spread(full))
        if fitting:
            leases.keeper.hold(job.entry.id for job in fitting)
            loop = self._running_loop()
            for job in fitting:
                asyncio.run_coroutine_threadsafe(self._one(job), loop)
        return looked_at

    async def _one(self, job: Job) -> None:
        try:
            if self._client is None:
                self._client = http.HttpClient()
            await self._outcomes.submit((job, await perform(self._client, job)))
        except Exception:
            # The lease runs out and the request is made again, with the same token.
            with logs.bound(**job.names()):
                logger.exception("The outcome of webhook delivery %s could not be recorded", job.delivery.sid)
        finally:
            leases.keeper.let_go([job.entry.id])
            with self._lock:
                self._hosts[job.host] -= 1
                self._hosts += Counter()  # forget what is at zero

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="webhooks", daemon=True).start()
            return self._loop


def _spread(full: Mapping[int, datetime]) -> dict[int, datetime]:
    """Let what did not fit come back one after the other."""
    return {key: moment + timedelta(seconds=0.05 * number) for number, (key, moment) in enumerate(full.items())}


sender = Sender()
