"""The doorbell and the sweep: the only two tasks through which Celery drives the durable path."""

import logging

from celery import shared_task

from common import clock, outbox

logger = logging.getLogger(__name__)

# A worker that finds more than this gives the others a turn: it rings for itself and returns.
ROUNDS_A_BELL = 50


@shared_task(ignore_result=True, acks_late=False)
def drain_topic(name: str, **_newer: object) -> None:
    """
    Handle what is due on a topic until nothing is left.

    ``_newer`` swallows arguments of a process deployed before this one.
    """
    found = {topic.name: topic for topic in outbox.topics()}.get(name)
    if found is None:
        logger.error("A doorbell rang for the unknown topic %r", name)
        return
    for _ in range(ROUNDS_A_BELL):
        if not outbox.is_due(name, clock.now()) or found.drain(clock.now()) == 0:
            return
    outbox.ring(name)


@shared_task(ignore_result=True)
def sweep(**_newer: object) -> None:
    """Ring every topic that has something due: lost doorbells, timers, retries, leases of dead workers."""
    for name in outbox.due_topics(clock.now()):
        outbox.ring(name)
