"""
What a channel shows customers of agents: that a message was read, that somebody types.

Beside everything else: heard in the process where it happened, done on threads of its own, with a bound on what waits
and on how long each may take. It is tried once; where it fails nobody hears of it, for a mark is worth no second try.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import close_old_connections

from channels_app import queries
from channels_app.adapters.errors import AdapterError
from channels_app.adapters.values import Signal, SignalKind
from channels_app.asking import ask
from common import clock
from conversations import queries as conversations
from conversations.events import ReadMoved, TypingStarted

logger = logging.getLogger(__name__)

MOST_WAITING = 200
REQUEST_SECONDS = 5.0
# Every provider shows that somebody types for longer than this.
TYPING_SECONDS = 5.0
MOST_KEPT = 10_000
TOKEN_MARGIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """What an agent does; ``index``: how far they have read, None while they type."""

    kind: SignalKind
    account_id: UUID
    conversation_id: UUID
    index: int | None = None


_pool = ThreadPoolExecutor(4, thread_name_prefix="signals")
_waiting = threading.BoundedSemaphore(MOST_WAITING)
_typed: dict[UUID, float] = {}
_read: dict[UUID, str] = {}
_tokens: dict[UUID, tuple[str, float]] = {}


def hear_typing(batch: Sequence[TypingStarted]) -> None:
    """An agent types: shown again only after a while, however often the console says so."""
    for event in batch:
        now = time.monotonic()
        if event.kind == "agent" and _typed.get(event.conversation_id, 0.0) + TYPING_SECONDS <= now:
            _keep(_typed, event.conversation_id, now)
            later(Shown("typing", event.account_id, event.conversation_id))


def hear_reading(batch: Sequence[ReadMoved]) -> None:
    """An agent has read what the customer wrote."""
    for event in batch:
        if event.kind == "agent":
            later(Shown("read", event.account_id, event.conversation_id, event.index))


def later(what: Shown) -> None:
    """Show it on another thread; what would wait behind too much is not shown."""
    if not _waiting.acquire(blocking=False):
        return

    def run() -> None:
        try:
            show(what)
        except Exception:
            logger.debug("A %s mark was not shown", what.kind, exc_info=True)
        finally:
            close_old_connections()
            _waiting.release()

    _pool.submit(run)


def show(what: Shown) -> bool:
    """
    Have the provider show it to the customer. Returns whether it was asked to.

    :raises AdapterError, HttpError: the provider did not take it.
    """
    row = conversations.find_conversation(what.account_id, what.conversation_id)
    if row is None or row.is_closed or not row.proxy_address:
        return False
    pair = (row.account_id, row.proxy_address)
    sender = queries.known_senders([pair]).get(pair)
    if sender is None or what.kind not in sender.adapter.signals:
        return False
    prefix, _, message_id = conversations.last_heard_key(row.id, row.customer_address, what.index).partition(":")
    if prefix != sender.connection_id.hex or (what.kind == "read" and _read.get(row.id) == message_id):
        return False
    signal = Signal(what.kind, sender=row.proxy_address, recipient=row.customer_address, message_id=message_id)
    request = sender.adapter.signal(signal, sender.config, _token(sender))
    if what.kind == "read":
        _keep(_read, row.id, message_id)
    answer = ask(request, seconds=REQUEST_SECONDS)
    if answer.status >= 400:
        raise AdapterError(f"{answer.status}: {answer.body[:200]!r}")
    return True


def forget() -> None:
    """Know nothing of earlier marks and tokens; between tests."""
    for kept in (_typed, _read, _tokens):
        kept.clear()


def _token(sender: queries.Sender) -> str:
    value, expires = _tokens.get(sender.connection_id, ("", 0.0))
    if value and expires > time.monotonic():
        return value
    request = sender.adapter.token_request(sender.config, clock.now())
    if request is None:
        return ""
    token = sender.adapter.read_token(ask(request, seconds=REQUEST_SECONDS))
    seconds = token.expires_in_seconds - TOKEN_MARGIN.total_seconds()
    _keep(_tokens, sender.connection_id, (token.value, time.monotonic() + seconds))
    return token.value


def _keep(kept: dict[UUID, Any], key: UUID, value: Any) -> None:
    if len(kept) > MOST_KEPT:
        kept.clear()
    kept[key] = value
