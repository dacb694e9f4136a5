"""The doorbell and the sweep: the only two tasks through which Celery drives the durable path."""

import logging

from celery import shared_task

from common import clock, outbox

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True, acks_late=False)
def drain_topic(name: str, **_newer: object) -> None:
    """
    Have what is due on a topic handled until nothing is left.

    Flowdesk's own worker has threads for that; in any other Celery worker it is done here. ``_newer`` swallows
    arguments of a process deployed before this one.
    """
    found = outbox.find_topic(name)
    if found is None:
        logger.error("A doorbell rang for the unknown topic %r", name)
    elif not outbox.wake(name):
        while outbox.is_due(name, clock.now()) and found.drain(clock.now()):
            continue


@shared_task(ignore_result=True)
def sweep(**_newer: object) -> None:
    """Ring every topic that has something due: lost doorbells, timers, retries, leases of dead workers."""
    for name in outbox.due_topics(clock.now()):
        outbox.ring(name)
