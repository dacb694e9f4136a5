"""What routing does when something happens elsewhere."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.events import AccountCreated
from common import clock, events, outbox
from routing import services
from routing.callbacks import owed, sender
from routing.services import assigning, timing
from routing.services.log import ASSIGN, TIMER

logger = logging.getLogger(__name__)
PROVISION = "routing.provision"


def register() -> None:
    """Subscribe; called once when the process starts."""
    outbox.topic(ASSIGN, queue="routing", drain=assigning.drain)
    outbox.topic(TIMER, queue="routing", drain=timing.drain)
    outbox.topic(owed.ASSIGNMENTS, queue="webhooks", drain=sender.drain_assignments)
    outbox.topic(owed.EVENTS, queue="webhooks", drain=sender.drain_events)
    outbox.topic(PROVISION, queue="routing", drain=drain_provisions)
    events.durable(AccountCreated, owe_workspace)
    events.live(AccountCreated, provision_at_once)


def owe_workspace(event: AccountCreated) -> outbox.Entry:
    return outbox.Entry(PROVISION, event.account_id, {})


def provision_at_once(created: Sequence[AccountCreated]) -> None:
    """Make a new account's workspace right after its commit, so that it is there when the caller looks."""
    for event in created:
        services.provision_workspace(account_id=event.account_id, now=clock.now())


def drain_provisions(now: datetime) -> int:
    """Make the workspaces of new accounts, where a crash kept that from being done at once."""
    with transaction.atomic():
        entries = outbox.claim(topic=PROVISION, now=now, limit=20)
        for entry in entries:
            services.provision_workspace(account_id=entry.key, now=now)
        outbox.done([entry.id for entry in entries])
    return len(entries)
