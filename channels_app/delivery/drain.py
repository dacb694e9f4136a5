"""
The topic's drain: take what is due, deliver what stays in the house, hand the rest to the sender.

Invariants (tests/channels_app/test_delivery.py): per conversation a message is begun only when the one before has
ended (taken, refused or parked); no transaction is open while a provider is called; a crash anywhere leaves the
entry, whose lease runs out; a message to the simulated network is delivered exactly once.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from channels_app.delivery.exchange import take_locally
from channels_app.delivery.jobs import Job, Outcome, Sent, plan
from channels_app.delivery.pace import admit
from channels_app.delivery.relay import with_files
from channels_app.delivery.results import record
from channels_app.delivery.sender import BackgroundSender, InlineSender, Sender
from channels_app.delivery.topic import TOPIC
from common import clock, ids, logs, outbox
from common.models import OutboxEntry

logger = logging.getLogger(__name__)

A_BATCH = 200
# A connection whose share of this process is full is looked at again after this.
FULL_PAUSE_SECONDS = 0.2

_sender: Sender | None = None


def drain(now: datetime) -> int:
    """Handle one batch of due entries; returns how many were looked at."""
    sender = current_sender()
    room = min(sender.room(), A_BATCH)
    if room <= 0:
        return 0
    try:
        with transaction.atomic():
            entries = outbox.lease(topic=TOPIC, now=now, limit=room)
            remote = _handle(entries, sender, now)
    except Exception:
        logger.exception("A batch of deliveries failed and is handled singly")
        return _drain_singly(sender, room, now)
    sender.submit(remote)
    return len(entries)


def take(entries: list[OutboxEntry]) -> None:
    """Send what this process has just written: leased to it, and tried by nobody before."""
    now = clock.now()
    sender = current_sender()
    sender.submit(_handle(entries, sender, now, is_first_try=True))


def room() -> int:
    """Return how many messages this process would begin to send now."""
    return current_sender().room()


def use(sender: Sender | None) -> None:
    """Have deliveries go through another sender; None: the process's own."""
    global _sender
    _sender = sender


def current_sender() -> Sender:
    """Return this process's sender, made at its first use (a forked worker gets one of its own)."""
    global _sender
    if _sender is None or (isinstance(_sender, BackgroundSender) and not _sender.is_of_this_process):
        _sender = BackgroundSender(record_and_go_on)
    return _sender


def inline_sender(now: Callable[[], datetime] = clock.now) -> InlineSender:
    """Return a sender that is done when ``drain`` returns."""
    return InlineSender(lambda outcomes: record(outcomes, now=now()), now=now)


def record_and_go_on(outcomes: Sequence[Outcome]) -> None:
    """Store outcomes; then take the next messages of the same conversations without waiting for a bell."""
    record(outcomes, now=clock.now())
    try:
        if outbox.is_due(TOPIC, clock.now()):
            drain(clock.now())
    except Exception:
        # What was recorded stays recorded; the sweep finds the rest.
        logger.exception("Going on with deliveries failed")


def _handle(entries: Sequence[OutboxEntry], sender: Sender, now: datetime, *, is_first_try: bool = False) -> list[Job]:
    """Deliver local jobs, in the caller's transaction where it has one; returns those that are to be sent."""
    if not entries:
        return []
    entries, moments = with_files(entries, now)
    jobs = plan(entries, is_first_try=is_first_try)
    record([_locally(job) for job in jobs if job.is_local], now=now)
    remote, full = _share(sender, [job for job in jobs if not job.is_local])
    admitted, late = admit(remote, now=now) if remote else ([], [])
    moments |= {job.entry.id: moment for job, moment in late}
    for number, job in enumerate(full):
        moments[job.entry.id] = now + timedelta(seconds=FULL_PAUSE_SECONDS + number * 0.005)
    outbox.postpone(moments)
    return admitted


def _locally(job: Job) -> Outcome:
    return Outcome(job, tuple(Sent(recipient, take_locally(recipient)) for recipient in job.recipients))


def _share(sender: Sender, jobs: Sequence[Job]) -> tuple[list[Job], list[Job]]:
    """Split jobs by whether their connections have room in this process."""
    beside: Counter[object] = Counter()
    fitting: list[Job] = []
    full: list[Job] = []
    for job in jobs:
        if sender.has_room_for(job, beside=beside):
            beside.update(job.connection_ids)
            fitting.append(job)
        else:
            full.append(job)
    return fitting, full


def _drain_singly(sender: Sender, room: int, now: datetime) -> int:
    """After a batch failed: one entry a transaction, so that the poisoned one fails alone."""
    with transaction.atomic():
        entries = outbox.lease(topic=TOPIC, now=now, limit=room)
    for entry in entries:
        try:
            with transaction.atomic():
                remote = _handle([entry], sender, now)
        except Exception as error:
            with logs.bound(conversation=ids.sid("CH", entry.key)):
                logger.exception("Delivery entry %s cannot be handled", entry.id)
            outbox.retry(entry, error=f"{type(error).__name__}: {error}", now=now)
        else:
            sender.submit(remote)
    return len(entries)
