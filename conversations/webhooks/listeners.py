"""
Which accounts listen to all their conversations, or have timers for them: looked up for every event, so kept.

A change holds at once in the process that made it, in others after a second.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from conversations.models import ServiceSettings, WebhookConfiguration

KEPT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Known:
    """Every account that wants something, as it was at ``read_at`` (a monotonic time)."""

    read_at: float
    configurations: dict[UUID, list[WebhookConfiguration]]
    with_timers: frozenset[UUID]


_known: Known | None = None
_lock = threading.Lock()


def forget() -> None:
    """Look anew at the next event; call it after a change."""
    global _known
    with _lock:
        _known = None


def configurations(account_id: UUID) -> list[WebhookConfiguration]:
    """Return the account-wide webhooks of an account that have an address."""
    return _current().configurations.get(account_id, [])


def hears(account_id: UUID, event: str) -> bool:
    """Tell whether somebody hears this event of all the account's conversations."""
    return any(row.post_url and event in row.filters for row in configurations(account_id))


def asks(account_id: UUID, event: str) -> bool:
    """Tell whether somebody wants to be asked before such a thing in any of the account's conversations."""
    return any(row.pre_url and event in row.filters for row in configurations(account_id))


def has_default_timers(account_id: UUID) -> bool:
    """Tell whether new conversations of an account have timers."""
    return account_id in _current().with_timers


def is_fresh() -> bool:
    """Tell whether the next question is answered from memory: an event loop must not wait for the database."""
    known = _known
    return known is not None and time.monotonic() - known.read_at < KEPT_SECONDS / 2


def _current() -> Known:
    global _known
    known = _known
    if known is None or time.monotonic() - known.read_at > KEPT_SECONDS:
        known = _read()
        with _lock:
            _known = known
    return known


def _read() -> Known:
    rows: dict[UUID, list[WebhookConfiguration]] = defaultdict(list)
    for row in WebhookConfiguration.objects.exclude(pre_url="", post_url="").order_by("scope"):
        rows[row.account_id].append(row)
    timed = ServiceSettings.objects.filter(Q(inactive_timer__isnull=False) | Q(closed_timer__isnull=False))
    return Known(time.monotonic(), dict(rows), frozenset(timed.values_list("account_id", flat=True)))
