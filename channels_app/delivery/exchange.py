"""One message on its way to a provider: token, requests, answers; every outcome a value."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from channels_app.adapters.errors import AdapterError, Misconfigured, Rejected, TemporaryFailure, Throttled
from channels_app.adapters.values import ProviderRequest, ProviderResponse
from channels_app.delivery.jobs import Exchange, Failed, Job, Later, Outcome, Part, Recipient, Sent, Taken
from channels_app.queries import Sender
from common import logs
from common.http import HttpAnswer, HttpClient, HttpError, HttpRequest, InvalidRequest, TargetRefused

logger = logging.getLogger(__name__)

REQUEST_SECONDS = 15.0
# All requests of one message to all its recipients; well within the lease.
JOB_SECONDS = 120.0
ANSWER_BYTES = 64 * 1024
LOGGED = 4096  # characters of a request or an answer
TOKEN_MARGIN = timedelta(minutes=1)
NO_SENDER = Failed(21606, "No active connection of this account owns the address to send from")
UNKNOWN_ERROR = 30008

Clock = Callable[[], datetime]
Tokens = dict[tuple[UUID, int], tuple[str, datetime]]


class Courier:
    """Carries jobs on one event loop; keeps connections to providers, and their tokens, between jobs."""

    def __init__(self, now: Clock) -> None:
        self._http = HttpClient()
        self._now = now
        self._tokens: Tokens = {}
        self._token_locks: dict[UUID, asyncio.Lock] = {}

    async def carry(self, job: Job) -> Outcome:
        """Send a job to all its recipients; never raises."""
        exchanges: list[Exchange] = []
        sent = []
        if job.send_at is not None:
            await asyncio.sleep(max(0.0, (job.send_at - self._now()).total_seconds()))
        deadline = asyncio.get_running_loop().time() + JOB_SECONDS
        for recipient in job.recipients:
            parts: list[Part] = []
            try:
                async with asyncio.timeout_at(deadline):
                    outcome = await self._send(recipient, parts, exchanges)
            except TimeoutError:
                outcome = Later(UNKNOWN_ERROR, f"not all requests were answered within {JOB_SECONDS:g} s")
            except Exception as error:
                # A fault of ours must not be silent, nor cost the customer the message.
                with logs.bound(**job.names()):
                    logger.exception("A message could not be sent")
                outcome = Later(UNKNOWN_ERROR, f"internal error: {type(error).__name__}")
            sent.append(Sent(recipient, outcome, tuple(parts)))
        return Outcome(job, tuple(sent), tuple(exchanges))

    async def close(self) -> None:
        await self._http.close()

    async def _send(self, recipient: Recipient, parts: list[Part], exchanges: list[Exchange]) -> Taken | Failed | Later:
        sender = recipient.sender
        if sender is None:
            return NO_SENDER
        try:
            if sender.adapter.is_local:
                return take_locally(recipient)
            token = await self._token(sender)
            requests = sender.adapter.build(recipient.message, sender.config, token)
            for number, request in enumerate(requests):
                if number not in recipient.taken:
                    started = self._now()
                    answer = await self._exchange(sender, request, exchanges)
                    parts.append(Part(number, len(requests), sender.adapter.read(answer), started))
        except (AdapterError, HttpError) as error:
            return judge(error)
        return Taken(recipient.taken.get(0) or parts[0].external_id)

    async def _token(self, sender: Sender) -> str:
        key = (sender.connection_id, hash(tuple(sorted(sender.config.credentials.items()))))
        lock = self._token_locks.setdefault(sender.connection_id, asyncio.Lock())
        async with lock:
            value, expires = self._tokens.get(key, ("", self._now()))
            if value and expires > self._now():
                return value
            request = sender.adapter.token_request(sender.config, self._now())
            if request is None:
                return ""
            # Not logged: the answer is a secret.
            token = sender.adapter.read_token(await self._exchange(sender, request, []))
            for old in [known for known in self._tokens if known[0] == sender.connection_id]:
                del self._tokens[old]
            self._tokens[key] = (
                token.value,
                self._now() + timedelta(seconds=token.expires_in_seconds) - TOKEN_MARGIN,
            )
            return token.value

    async def _exchange(self, sender: Sender, request: ProviderRequest, exchanges: list[Exchange]) -> ProviderResponse:
        began = time.monotonic()
        answer: HttpAnswer | None = None
        failure = ""
        try:
            answer = await self._http.fetch(
                HttpRequest(
                    method=request.method,
                    url=request.url,
                    headers=request.headers,
                    body=request.body,
                    timeout_seconds=REQUEST_SECONDS,
                    max_bytes=ANSWER_BYTES,
                )
            )
        except HttpError as error:
            failure = str(error)
            raise
        finally:
            exchanges.append(
                Exchange(
                    connection_id=sender.connection_id,
                    method=request.method,
                    url=redacted(request.url),
                    request=_excerpt(request.body),
                    status=answer.status if answer else None,
                    response=_excerpt(answer.body) if answer else "",
                    error=failure,
                    duration_ms=round((time.monotonic() - began) * 1000),
                )
            )
        return ProviderResponse(answer.status, answer.body, answer.headers)


def take_locally(recipient: Recipient) -> Taken | Failed | Later:
    """Have the simulated network judge a message; taking it is delivering it."""
    sender, message = recipient.sender, recipient.message
    if sender is None:
        return NO_SENDER
    try:
        sender.adapter.build(message, sender.config)
    except AdapterError as error:
        return judge(error)
    return Taken("SM" + message.idempotency_key.replace("-", "").removeprefix("IM"), is_delivered=True)


def judge(error: AdapterError | HttpError) -> Failed | Later:
    """Tell whether another try can help."""
    match error:
        case Throttled():
            return Later(20429, str(error), pause_seconds=error.retry_after, is_throttle=True)
        case Rejected(permanent=True):
            return Failed(error.code, error.message)
        case Rejected():
            return Later(error.code, error.message)
        case Misconfigured():
            return Failed(63001, str(error))
        case TargetRefused() | InvalidRequest():
            return Failed(21606, f"The connection's API address cannot be used: {error}")
        case TemporaryFailure():
            return Later(UNKNOWN_ERROR, str(error))
        case _:
            return Later(UNKNOWN_ERROR, str(error) or type(error).__name__)


def redacted(url: str) -> str:
    """Leave out the query, where some providers want their token."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="…" if parts.query else ""))


def _excerpt(body: bytes) -> str:
    return body[:LOGGED].decode("utf-8", "replace").replace("\x00", "")
