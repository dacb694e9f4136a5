"""Making one callback, and what becomes of its answer."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction

from accounts import queries as accounts
from common import clock, http, ids, outbox, signatures
from common.errors import ApiError
from common.models import OutboxEntry
from routing import services
from routing.callbacks import instructions
from routing.callbacks.instructions import Accept, Instruction, Later, Refused, Reject, Unusable
from routing.callbacks.owed import ASSIGNMENTS, EVENTS, event_parameters
from routing.models import Reservation, RoutingEvent, Workspace
from routing.services import standing

logger = logging.getLogger(__name__)

ASSIGNMENT_SECONDS = 5.0
EVENT_SECONDS = 15.0
# A server that is down for longer has missed something; what comes after must not wait for what nobody wants now.
EVENTS_KEPT = timedelta(hours=4)
FAILED = 11200  # "HTTP retrieval failure", told to the fallback


@dataclass(frozen=True, slots=True)
class Call:
    """A leased callback with what it needs; ``fallback_url`` is empty for events."""

    entry: OutboxEntry
    url: str
    parameters: dict[str, str]
    token: str
    timeout_seconds: float
    fallback_url: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """An event callback's outcome; ``error`` is empty where it was taken."""

    error: str
    is_final: bool


Outcome = Told | tuple[Instruction, ...]


def lease(topic: str, now: datetime, limit: int) -> list[Call]:
    """Take callbacks that are due; those that nobody wants any more are taken off."""
    entries = outbox.lease(topic=topic, now=now, limit=limit)
    if not entries:
        return []
    return _assignments(entries) if topic == ASSIGNMENTS else _events(entries, now)


async def perform(client: http.HttpClient, call: Call) -> Outcome:
    """Make a callback, and where its answer is unusable the fallback's; never raises."""
    if call.entry.topic == EVENTS:
        return await _tell(client, call)
    first = await _ask(client, call, call.url, {})
    if not isinstance(first, Unusable) or not call.fallback_url:
        return (first,)
    more = {"ErrorCode": str(FAILED), "ErrorUrl": call.url}
    return (first, await _ask(client, call, call.fallback_url, more))


def finish(call: Call, outcome: Outcome) -> None:
    """Store what became of a callback; an assignment's instruction is carried out."""
    now = clock.now()
    with transaction.atomic():
        held = OutboxEntry.objects.select_for_update().filter(id=call.entry.id).first()
        if held is None:
            return
        if isinstance(outcome, Told):
            _settle(held, call, outcome, now)
            return
        outbox.done([held.id])
        notes = [note for note in (_follow(call.entry.key, each, now) for each in outcome) if note]
        _note(call, notes, now)


def _assignments(entries: list[OutboxEntry]) -> list[Call]:
    tokens = _tokens({UUID(entry.payload["account"]) for entry in entries})
    return [
        Call(
            entry,
            entry.payload["url"],
            entry.payload["parameters"],
            tokens[UUID(entry.payload["account"])],
            ASSIGNMENT_SECONDS,
            entry.payload["fallback_url"],
        )
        for entry in entries
    ]


def _events(entries: list[OutboxEntry], now: datetime) -> list[Call]:
    workspaces = Workspace.objects.in_bulk({entry.key for entry in entries})
    rows = RoutingEvent.objects.in_bulk([UUID(entry.payload["event"]) for entry in entries])
    tokens = _tokens({workspace.account_id for workspace in workspaces.values()})
    calls, unwanted = [], []
    for entry in entries:
        workspace, row = workspaces.get(entry.key), rows.get(UUID(entry.payload["event"]))
        if workspace is None or row is None or not workspace.event_callback_url:
            unwanted.append(entry.id)
        elif now - row.occurred_at > EVENTS_KEPT:
            logger.warning("Event %s was not taken by its callback within %s", row.id, EVENTS_KEPT)
            unwanted.append(entry.id)
        else:
            told = event_parameters(row, workspace)
            calls.append(Call(entry, workspace.event_callback_url, told, tokens[workspace.account_id], EVENT_SECONDS))
    outbox.done(unwanted)
    outbox.ring_after_commit({EVENTS} if unwanted else ())
    return calls


def _tokens(account_ids: set[UUID]) -> dict[UUID, str]:
    return {key: accounts.account(key).auth_token for key in account_ids}


async def _tell(client: http.HttpClient, call: Call) -> Told:
    try:
        answer = await client.fetch(_request(call, call.url, {}))
    except (http.TargetRefused, http.InvalidRequest) as error:
        return Told(str(error), is_final=True)
    except Exception as error:
        if not isinstance(error, http.HttpError):
            logger.exception("Event callback %s failed", call.entry.id)
        return Told(str(error) or type(error).__name__, is_final=False)
    if 200 <= answer.status < 400:
        return Told("", is_final=True)
    # A client error says the same when asked again; too busy or too slow may say something else.
    return Told(f"HTTP {answer.status}", answer.status < 500 and answer.status not in (408, 425, 429))


async def _ask(client: http.HttpClient, call: Call, url: str, more: dict[str, str]) -> Instruction:
    try:
        answer = await client.fetch(_request(call, url, more))
    except http.HttpError as error:
        return Unusable(str(error))
    except Exception as error:
        logger.exception("Assignment callback %s failed", call.entry.id)
        return Unusable(f"internal error: {type(error).__name__}")
    return instructions.read(answer.status, answer.headers, answer.body)


def _request(call: Call, url: str, more: dict[str, str]) -> http.HttpRequest:
    pairs = list({**call.parameters, **more}.items())
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "I-Twilio-Idempotency-Token": f"{call.entry.topic}-{call.entry.id}",
        signatures.HEADER: signatures.sign(url=url, parameters=pairs, token=call.token),
    }
    body = urlencode(pairs).encode()
    return http.HttpRequest("POST", url, headers, body, timeout_seconds=call.timeout_seconds)


def _settle(held: OutboxEntry, call: Call, told: Told, now: datetime) -> None:
    is_last = held.attempts >= len(outbox.RETRY_PAUSES)
    if told.error and not told.is_final and not is_last:
        outbox.retry(held, error=told.error, now=now)
        return
    if told.error:
        logger.warning("The event callback to %s was given up: %s", call.url, told.error)
    outbox.done([held.id])
    outbox.ring_after_commit({EVENTS})


def _follow(reservation_id: UUID, instruction: Instruction, now: datetime) -> str:
    """Carry an instruction out; returns what the task's record is to say of it, if anything."""
    try:
        # A savepoint: a refusal takes back nothing but what it refused.
        with transaction.atomic():
            match instruction:
                case Accept():
                    services.accept_reservation(
                        reservation_id=reservation_id, worker_id=None, now=now, source="callback"
                    )
                case Reject(activity_sid):
                    services.reject_reservation(
                        reservation_id=reservation_id,
                        worker_id=None,
                        now=now,
                        activity_id=ids.parse_or_none("WA", activity_sid),
                        source="callback",
                    )
                case Refused(code, message):
                    return f"{code}: {message}"
                case Unusable(message):
                    return f"{FAILED}: {message}"
                case Later():
                    pass
    except ApiError as error:
        return f"{type(instruction).__name__.lower()} was refused: {error.message}"
    return ""


def _note(call: Call, notes: list[str], now: datetime) -> None:
    """Write on the task's record why a callback had no effect."""
    if not notes:
        return
    text = "Assignment callback: " + "; fallback: ".join(notes)
    logger.warning("%s (%s, reservation %s)", text, call.url, call.entry.key)
    reservation = Reservation.objects.select_related("task").filter(id=call.entry.key).first()
    if reservation is not None:
        told: dict[str, Any] = {"candidates": [], "counts": {}, "explanation": text[:1000]}
        standing.note_attempt(reservation.task, "callback", now, **told).save(force_insert=True)
