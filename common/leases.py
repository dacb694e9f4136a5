"""
Keeps this process's leases alive while it lives.

A lease is short, so that what a dead process held is taken up again soon; work that takes longer is renewed from one
thread a process. See ``common.outbox.lease``.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable
from datetime import timedelta

from django.db import close_old_connections

from common import clock
from common.models import OutboxEntry
from common.outbox import LEASE_SECONDS

logger = logging.getLogger(__name__)

RENEW_SECONDS = 5.0


class LeaseKeeper:
    """The entries that this process works on; renewed until they are let go, ``in_background`` or by ``renew``."""

    def __init__(self, *, in_background: bool = True) -> None:
        self._in_background = in_background
        self._held: set[int] = set()
        self._lock = threading.Lock()
        self._begun = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, entry_ids: Iterable[int]) -> None:
        """Renew these from now on."""
        with self._lock:
            self._held.update(entry_ids)
            if self._in_background and self._held and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="leases", daemon=True)
                self._thread.start()
        self._begun.set()

    def let_go(self, entry_ids: Iterable[int]) -> None:
        """Renew these no longer."""
        with self._lock:
            self._held.difference_update(entry_ids)

    def renew(self) -> None:
        """Put off the end of every lease that is held."""
        with self._lock:
            held = list(self._held)
        if held:
            until = clock.now() + timedelta(seconds=LEASE_SECONDS)
            OutboxEntry.objects.filter(id__in=held, leased_until__isnull=False).update(leased_until=until)

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._begun.wait()
            pause.wait(RENEW_SECONDS)
            try:
                self.renew()
            except Exception:
                logger.warning("Leases could not be renewed", exc_info=True)
            close_old_connections()
            with self._lock:
                if not self._held:
                    self._begun.clear()


keeper = LeaseKeeper()


def release_all() -> None:
    """End every lease; for an installation of one process, at its start: whoever held them is gone."""
    OutboxEntry.objects.exclude(leased_until=None).update(leased_until=None)
