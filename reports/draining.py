"""Handling what is due of a topic: many entries in one transaction, and one by one where that fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from common import outbox
from common.models import OutboxEntry

logger = logging.getLogger(__name__)

BATCH = 100
Handle = Callable[[list[OutboxEntry], datetime], None]


@dataclass(frozen=True, slots=True)
class Drain:
    """The drain of a topic; an entry that fails does so alone, and is tried again later."""

    topic: str
    handle: Handle
    batch: int = BATCH

    def __call__(self, now: datetime) -> int:
        try:
            with transaction.atomic():
                entries = outbox.claim(topic=self.topic, now=now, limit=self.batch)
                if entries:
                    self.handle(entries, now)
                    outbox.done([entry.id for entry in entries])
                return len(entries)
        except Exception:
            logger.exception("A batch of %s failed; its entries are handled one by one", self.topic)
        handled = 0
        for _ in range(BATCH):
            found = self._one(now)
            handled += found
            if not found:
                break
        return handled

    def _one(self, now: datetime) -> int:
        with transaction.atomic():
            entries = outbox.claim(topic=self.topic, now=now, limit=1)
            try:
                with transaction.atomic():
                    self.handle(entries, now)
                    outbox.done([entry.id for entry in entries])
            except Exception as error:
                for entry in entries:
                    outbox.retry(entry, error=repr(error), now=now)
        return len(entries)
