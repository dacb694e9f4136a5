"""
Domain events: how a part tells the parts further left what happened, without knowing them.

``publish`` is called inside the transaction of the change. Durable routes turn an event into an outbox entry in
that same transaction; live subscribers hear it after the commit, best effort, in the same process.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from common import outbox

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    """Something that happened in an account."""

    account_id: UUID


E = TypeVar("E", bound=DomainEvent)
Route = Callable[[Any], "outbox.Entry | None"]
Handler = Callable[[list[Any]], None]

_routes: dict[type[DomainEvent], list[Route]] = defaultdict(list)
_handlers: dict[type[DomainEvent], list[Handler]] = defaultdict(list)


def durable(event_type: type[E], route: Callable[[E], outbox.Entry | None]) -> None:
    """Have ``route`` make an outbox entry (or none) of each such event, inside its transaction."""
    if route not in _routes[event_type]:
        _routes[event_type].append(route)


def live(event_type: type[E], handler: Callable[[list[E]], None]) -> None:
    """Call ``handler`` with the events of one ``publish`` after their commit; its errors are logged, never raised."""
    if handler not in _handlers[event_type]:
        _handlers[event_type].append(handler)


def publish(*happened: DomainEvent) -> None:
    """Announce events; call it inside the transaction that makes them true."""
    entries = []
    for event in happened:
        for route in _routes.get(type(event), ()):
            entry = route(event)
            if entry is not None:
                entries.append(entry)
    outbox.put(*entries)
    heard = [event for event in happened if type(event) in _handlers]
    if heard:
        transaction.on_commit(lambda: announce(*heard), robust=True)


def announce(*happened: DomainEvent) -> None:
    """Tell the live subscribers at once; for what leaves no trace in the database, such as typing."""
    by_type: dict[type[DomainEvent], list[DomainEvent]] = defaultdict(list)
    for event in happened:
        by_type[type(event)].append(event)
    for event_type, batch in by_type.items():
        for handler in _handlers[event_type]:
            try:
                handler(batch)
            except Exception:
                logger.exception("A live subscriber of %s failed", event_type.__name__)
