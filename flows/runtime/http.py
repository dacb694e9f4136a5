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
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts import queries as account_queries
from common import clock, http, ids, leases, logs, outbox
from common.groupcommit import GroupCommit
from common.models import OutboxEntry
from conversations import services as conversations
from flows.engine import commands, events
from flows.models import Execution, HttpExchange
from flows.runtime import redirects
from flows.runtime.calls import Answered, Call, Origin, asked, heard, since, token
from flows.runtime.payloads import request_fields
from flows.runtime.turn import HTTP_TOPIC, engine_entry, send_entry

logger = logging.getLogger(__name__)

# Calls under way at once in this process; the rest waits in the outbox.
MOST = 200
# The vendor's API hosts, the only foreign ones that an account's own credentials are sent to.
VENDOR_HOST = "api.twilio.com"


def drain(now: datetime) -> int:
    """Begin the calls that are due, as many as there is room for; returns how many were begun."""
    return caller.begin(now)


def make_due_calls(now: datetime) -> int:
    """Make the calls that are due and wait for their answers, on the calling thread; returns how many."""
    calls = lease(now, MOST)
    if calls:

        async def everything() -> list[Answered]:
            client = http.HttpClient()
            try:
                return await asyncio.gather(*(perform(client, call) for call in calls))
            finally:
                await client.close()

        finish(asyncio.run(everything()))
    return len(calls)


def lease(now: datetime, limit: int) -> list[Call]:
    """Take calls that are due, with what of their executions they need."""
    calls = []
    for entry in outbox.lease(topic=HTTP_TOPIC, now=now, limit=limit):
        command = commands.from_json(entry.payload["command"])
        assert isinstance(command, commands.CallHttp | commands.Redirect)
        conversation_id = UUID(entry.payload["conversation"])
        calls.append(Call(entry.id, entry.key, conversation_id, entry.payload.get("step_seq"), command))
    return prepare(calls)


def prepare(calls: Sequence[Call]) -> list[Call]:
    """Return the calls with credentials and origins, those whose execution is gone without."""
    redirected = [call.execution_id for call in calls if isinstance(call.command, commands.Redirect)]
    trusted = [call.execution_id for call in calls if _is_trusted(call.command)]
    if not redirected and not trusted:
        return list(calls)
    rows = Execution.objects.filter(id__in=[*redirected, *trusted])
    executions = (rows if redirected else rows.defer("session")).in_bulk()
    accounts = {key: account_queries.account(key) for key in {row.account_id for row in executions.values()}}
    return [_prepared(call, executions.get(call.execution_id), accounts) for call in calls]


def _prepared(call: Call, execution: Execution | None, accounts: Mapping[UUID, Any]) -> Call:
    if execution is None:
        return call
    account = accounts[execution.account_id]
    if _is_trusted(call.command):
        return replace(call, credentials=(account.sid, account.auth_token))
    if isinstance(call.command, commands.CallHttp):
        return call
    origin = Origin(
        account_id=account.id,
        account_sid=account.sid,
        auth_token=account.auth_token,
        flow_sids=redirects.flow_sids(execution),
        contact=execution.contact_address,
        channel=execution.channel_address,
        fields=request_fields(execution.session),
    )
    return replace(call, origin=origin)


def _is_trusted(command: commands.CallHttp | commands.Redirect) -> bool:
    return isinstance(command, commands.CallHttp) and command.account_auth and may_carry(command.url)


def may_carry(url: str) -> bool:
    """Whether the account's own credentials may go to this address: ours and the vendor's API only."""
    try:
        target, own = urlsplit(url), urlsplit(settings.PUBLIC_URL)
        same = (target.scheme, target.hostname, target.port) == (own.scheme, own.hostname, own.port)
    except ValueError:
        return False
    host = target.hostname or ""
    return same or (target.scheme == "https" and (host == VENDOR_HOST or host.endswith(".twilio.com")))


async def perform(client: http.HttpClient, call: Call) -> Answered:
    """Make one call; whatever happens becomes an event."""
    command = call.command
    if isinstance(command, commands.Redirect):
        return await redirects.follow(client, call)
    headers = dict(command.headers)
    if command.account_auth:
        if call.credentials is None:
            reason = "The account's credentials are sent to this installation and the vendor's API only"
            return _failed(call, command, reason, 0)
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(call.credentials).encode()).decode()
    headers.setdefault("I-Twilio-Idempotency-Token", token(call))
    began = time.monotonic()
    try:
        answer = await client.fetch(
            http.HttpRequest(
                method=command.method,
                url=command.url,
                headers=headers,
                body=command.body.encode(errors="replace"),
                timeout_seconds=command.timeout_seconds,
                max_bytes=command.max_response_bytes,
                max_redirects=5,
            )
        )
    except http.HttpError as error:
        return _failed(call, command, str(error), since(began))
    if answer.is_cut:
        return _failed(call, command, f"The answer has more than {command.max_response_bytes} bytes", since(began))
    exchange = {**asked(command.method, command.url, command.body), **heard(answer, began)}
    content_type = answer.headers.get("content-type", "")
    event = events.HttpAnswered(
        command.ref, answer.status, content_type, exchange["response_body"], dict(answer.headers)
    )
    return Answered(call, event, (exchange,))


def _failed(call: Call, command: commands.CallHttp, reason: str, milliseconds: int) -> Answered:
    exchange = {**asked(command.method, command.url, command.body), "error": reason, "duration_ms": milliseconds}
    return Answered(call, events.HttpFailed(command.ref, reason), (exchange,))


@transaction.atomic
def finish(answers: Sequence[Answered]) -> list[None]:
    """
    Hand the answers to their executions; an answer whose entry somebody else finished meanwhile is dropped.

    What redirects say is said here, in the transaction that ends the call, and under a key of its own: once, though
    a worker that died makes another ask again.
    """
    now = clock.now()
    held = OutboxEntry.objects.filter(id__in=[answered.call.entry_id for answered in answers]).select_for_update()
    alive = set(held.values_list("id", flat=True))
    mine = [answered for answered in answers if answered.call.entry_id in alive]
    accounts = _accounts({answered.call.execution_id for answered in mine})
    known = [answered for answered in mine if answered.call.execution_id in accounts]
    _say([message for answered in known for message in answered.messages], now)
    HttpExchange.objects.bulk_create(
        [
            HttpExchange(
                account_id=accounts[answered.call.execution_id],
                execution_id=answered.call.execution_id,
                ref=answered.call.command.ref,
                step_seq=answered.call.step_seq,
                created_at=now,
                **exchange,
            )
            for answered in known
            for exchange in answered.exchanges
        ],
        ignore_conflicts=True,
    )
    outbox.put(
        *(
            engine_entry(answered.call.conversation_id, answered.call.execution_id, answered.event)
            for answered in known
            if answered.event is not None
        ),
        *(
            send_entry(answered.call.execution_id, accounts[answered.call.execution_id], to, sender, message)
            for answered in known
            for to, sender, message in answered.elsewhere
        ),
    )
    outbox.done([answered.call.entry_id for answered in mine])
    return [None] * len(answers)


def _say(messages: Sequence[conversations.NewMessage], now: datetime) -> None:
    """Say them in conversations that are still there; a closed one refuses, and that is that."""
    held = conversations.lock_conversations({message.conversation_id for message in messages})
    conversations.add_messages([each for each in messages if each.conversation_id in held], now=now, locked=held)


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
        loop = self._running_loop()
        for call in calls:
            asyncio.run_coroutine_threadsafe(self._one(call), loop)
        return len(calls)

    async def _one(self, call: Call) -> None:
        try:
            if self._client is None:
                self._client = http.HttpClient()
            await self._answers.submit(await perform(self._client, call))
        except Exception:
            # The lease runs out and the call is made again.
            names = {"conversation": ids.sid("CH", call.conversation_id), "execution": ids.sid("FN", call.execution_id)}
            with logs.bound(**names):
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
