"""
HTTP calls of flows: leased from the outbox, made side by side on one event loop, answered through grouped commits.

No runtime worker waits for a third party: the answer comes back as one more event of the execution. A worker that
dies leaves a lease that runs out, and the call is made again with the same idempotency token.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import queries as account_queries
from common import clock, http, ids, leases, outbox
from common.groupcommit import GroupCommit
from common.models import OutboxEntry
from flows.engine import commands, events
from flows.models import Execution, HttpExchange
from flows.runtime.turn import EVENTS_TOPIC, HTTP_TOPIC

logger = logging.getLogger(__name__)

# Calls under way at once in this process; the rest waits in the outbox.
MOST = 200
# The vendor's API hosts, the only foreign ones that an account's own credentials are sent to.
VENDOR_HOST = "api.twilio.com"


@dataclass(frozen=True, slots=True)
class Call:
    """One leased call."""

    entry_id: int
    execution_id: UUID
    conversation_id: UUID
    command: commands.CallHttp | commands.Redirect


@dataclass(frozen=True, slots=True)
class Answered:
    """A call with what came of it; ``event`` goes back to the execution."""

    call: Call
    event: events.Event
    exchange: dict[str, Any]


def drain(now: datetime) -> int:
    """Begin the calls that are due, as many as there is room for; returns how many were begun."""
    return caller.begin(now)


def make_due_calls(now: datetime) -> int:
    """Make the calls that are due and wait for their answers, on the calling thread; returns how many."""
    calls = lease(now, MOST)
    if calls:
        credentials = credentials_of(calls)

        async def everything() -> list[Answered]:
            client = http.HttpClient()
            try:
                return await asyncio.gather(*(perform(client, call, credentials) for call in calls))
            finally:
                await client.close()

        finish(asyncio.run(everything()))
    return len(calls)


def lease(now: datetime, limit: int) -> list[Call]:
    """Take calls that are due."""
    calls = []
    for entry in outbox.lease(topic=HTTP_TOPIC, now=now, limit=limit, seconds=leases.LEASE_SECONDS):
        command = commands.from_json(entry.payload["command"])
        assert isinstance(command, commands.CallHttp | commands.Redirect)
        calls.append(Call(entry.id, entry.key, UUID(entry.payload["conversation"]), command))
    return calls


def credentials_of(calls: Iterable[Call]) -> dict[UUID, tuple[str, str]]:
    """Return account SID and auth token for the calls that are to carry them, by execution."""
    wanted = [
        call.execution_id
        for call in calls
        if isinstance(call.command, commands.CallHttp) and call.command.account_auth and may_carry(call.command.url)
    ]
    if not wanted:
        return {}
    found = {}
    for execution_id, account_id in Execution.objects.filter(id__in=wanted).values_list("id", "account_id"):
        account = account_queries.account(account_id)
        found[execution_id] = (account.sid, account.auth_token)
    return found


def may_carry(url: str) -> bool:
    """Whether the account's own credentials may go to this address: ours and the vendor's API only."""
    try:
        target, own = urlsplit(url), urlsplit(settings.PUBLIC_URL)
        same = (target.scheme, target.hostname, target.port) == (own.scheme, own.hostname, own.port)
    except ValueError:
        return False
    host = target.hostname or ""
    return same or (target.scheme == "https" and (host == VENDOR_HOST or host.endswith(".twilio.com")))


async def perform(client: http.HttpClient, call: Call, credentials: dict[UUID, tuple[str, str]]) -> Answered:
    """Make one call; whatever happens becomes an event."""
    command = call.command
    if isinstance(command, commands.Redirect):
        method, headers, body, timeout, most = command.method, {}, "", 10, 65536
    else:
        method, headers, body = command.method, dict(command.headers), command.body
        timeout, most = command.timeout_seconds, command.max_response_bytes
        if command.account_auth:
            known = credentials.get(call.execution_id)
            if known is None:
                reason = "The account's credentials are sent to this installation and the vendor's API only"
                return _failed(call, method, body, reason, 0)
            headers["Authorization"] = "Basic " + base64.b64encode(":".join(known).encode()).decode()
    headers.setdefault("I-Twilio-Idempotency-Token", f"{ids.sid('FN', call.execution_id)}/{command.ref}")
    began = time.monotonic()
    try:
        answer = await client.fetch(
            http.HttpRequest(
                method=method,
                url=command.url,
                headers=headers,
                body=body.encode(errors="replace"),
                timeout_seconds=timeout,
                max_bytes=most,
                max_redirects=5,
            )
        )
    except http.HttpError as error:
        return _failed(call, method, body, str(error), _since(began))
    if answer.is_cut:
        return _failed(call, method, body, f"The answer has more than {most} bytes", _since(began))
    content_type = answer.headers.get("content-type", "")
    text = answer.body.decode(_charset(content_type), errors="replace").replace("\x00", "")
    event = events.HttpAnswered(command.ref, answer.status, content_type, text, dict(answer.headers))
    exchange = {
        "status_code": answer.status,
        "content_type": content_type[:200],
        "response_body": text,
        "duration_ms": _since(began),
    }
    return Answered(call, event, {**_asked(call, method, body), **exchange})


def _charset(content_type: str) -> str:
    name = content_type.partition("charset=")[2].partition(";")[0].strip(" \"'").lower()
    try:
        "".encode(name or "utf-8")
    except LookupError:
        return "utf-8"
    return name or "utf-8"


def _failed(call: Call, method: str, body: str, reason: str, milliseconds: int) -> Answered:
    exchange = {"error": reason, "duration_ms": milliseconds}
    return Answered(call, events.HttpFailed(call.command.ref, reason), {**_asked(call, method, body), **exchange})


def _asked(call: Call, method: str, body: str) -> dict[str, Any]:
    return {"method": method[:8], "url": call.command.url, "request_body": body.replace("\x00", "")}


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


@transaction.atomic
def finish(answers: Sequence[Answered]) -> list[None]:
    """Hand the answers to their executions; an answer whose entry somebody else finished meanwhile is dropped."""
    now = clock.now()
    held = OutboxEntry.objects.filter(id__in=[answered.call.entry_id for answered in answers]).select_for_update()
    alive = set(held.values_list("id", flat=True))
    mine = [answered for answered in answers if answered.call.entry_id in alive]
    accounts = _accounts({answered.call.execution_id for answered in mine})
    HttpExchange.objects.bulk_create(
        [
            HttpExchange(
                account_id=accounts[answered.call.execution_id],
                execution_id=answered.call.execution_id,
                ref=answered.call.command.ref,
                created_at=now,
                **answered.exchange,
            )
            for answered in mine
            if answered.call.execution_id in accounts
        ],
        ignore_conflicts=True,
    )
    outbox.put(
        *(
            outbox.Entry(
                topic=EVENTS_TOPIC,
                key=answered.call.conversation_id,
                payload={
                    "kind": "engine",
                    "execution": answered.call.execution_id.hex,
                    "event": answered.event.to_json(),
                },
            )
            for answered in mine
        )
    )
    outbox.done([answered.call.entry_id for answered in mine])
    return [None] * len(answers)


def _accounts(execution_ids: set[UUID]) -> dict[UUID, UUID]:
    return dict(Execution.objects.filter(id__in=execution_ids).values_list("id", "account_id"))


class Caller:
    """The event loop that a process makes its calls on, begun with the first of them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._under_way = 0
        self._answers: GroupCommit[Answered, None] = GroupCommit("http answers", finish)
        self._client: http.HttpClient | None = None

    def begin(self, now: datetime) -> int:
        """Lease what there is room for and start it; returns without waiting for any answer."""
        with self._lock:
            room = MOST - self._under_way
            calls = lease(now, room) if room > 0 else []
            self._under_way += len(calls)
        if not calls:
            return 0
        leases.keeper.hold(call.entry_id for call in calls)
        credentials = credentials_of(calls)
        loop = self._running_loop()
        for call in calls:
            asyncio.run_coroutine_threadsafe(self._one(call, credentials), loop)
        return len(calls)

    async def _one(self, call: Call, credentials: dict[UUID, tuple[str, str]]) -> None:
        try:
            if self._client is None:
                self._client = http.HttpClient()
            await self._answers.submit(await perform(self._client, call, credentials))
        except Exception:
            # The lease runs out and the call is made again.
            logger.exception("The HTTP call of entry %d could not be finished", call.entry_id)
        finally:
            leases.keeper.let_go([call.entry_id])
            with self._lock:
                was_full = self._under_way >= MOST
                self._under_way -= 1
            if was_full:
                outbox.ring(HTTP_TOPIC)

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="flow-http", daemon=True).start()
            return self._loop


caller = Caller()
