"""
The lean way in: providers' webhooks beside Django's request stack.

One ASGI application without middleware; concurrent messages share a commit and are answered after it. Signature
checks and adapters are the same as everywhere. See docs/architecture.md, "A message's way".
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import close_old_connections

from channels_app import queries, services, traffic
from channels_app.adapters import values
from channels_app.adapters.errors import AdapterError, MalformedWebhook, SignatureMismatch
from common import clock, ids
from common.errors import ApiError, BadParameter, Forbidden, NotFound
from common.groupcommit import GroupCommit, Overloaded
from conversations.services import Held, InboundMessage, Received, Refused, receive_or_hold
from conversations.webhooks import listeners, pre

# Meta's webhooks go up to 3 MB (reference/channels.md, b).
MAX_BODY_BYTES = 4 * 1024 * 1024
# A sender that dribbles its body would hold a connection for ever.
BODY_SECONDS = 10.0
# When a provider that met us overloaded may come back, in seconds: the queue of one process is written in less.
RETRY_AFTER = b"5"
# How long a changed connection may still be judged by its old credentials.
RECEIVER_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class WebhookReply:
    """What a provider is answered."""

    status: int
    body: bytes
    content_type: str
    # Whether the request showed that it is the provider's, and holds no secret of a handshake.
    is_signed: bool = False


Statuses = tuple[UUID, UUID, tuple[values.StatusUpdate, ...]]


def _write_messages(batch: Sequence[InboundMessage]) -> list[Received | Refused | Held]:
    return receive_or_hold(batch, now=clock.now())


def _write_statuses(batch: Sequence[Statuses]) -> list[None]:
    # Each connection's in one go and a transaction of its own: a message has three callbacks, and what is written
    # twice because another connection's failed changes nothing.
    together: dict[tuple[UUID, UUID], list[values.StatusUpdate]] = {}
    for account_id, connection_id, updates in batch:
        together.setdefault((account_id, connection_id), []).extend(updates)
    for (account_id, connection_id), all_updates in together.items():
        services.record_status_updates(
            account_id=account_id, connection_id=connection_id, updates=all_updates, now=clock.now()
        )
    return [None] * len(batch)


_messages: GroupCommit[InboundMessage, Received | Refused | Held] = GroupCommit("messages", _write_messages)
_statuses: GroupCommit[Statuses, None] = GroupCommit("statuses", _write_statuses)
_lookups = ThreadPoolExecutor(2, thread_name_prefix="receivers")
# Each waits for somebody's server, five seconds at most.
_askers = ThreadPoolExecutor(32, thread_name_prefix="askers")
_receivers: dict[UUID, tuple[float, queries.Receiver | None]] = {}


async def submit(item: InboundMessage) -> Received | Refused | Held:
    """
    Store a customer's message in the next shared commit; one of a pre-webhook's account is held until it was asked.

    Who writes in a known conversation (web chat) waits for the answer, and so is asked about right here.

    :raises Overloaded: too much is waiting.
    """
    if item.conversation_id is not None and (not listeners.is_fresh() or _asks(item)):
        try:
            item = await asyncio.get_running_loop().run_in_executor(_askers, _ask, item)
        except ApiError as error:
            return Refused(error.message)
    return await _messages.submit(item)


def _asks(item: InboundMessage) -> bool:
    return listeners.asks(item.account_id, "onMessageAdd")


def _ask(item: InboundMessage) -> InboundMessage:
    """:raises ApiError: the pre-webhook refuses the message, or made none of it."""
    assert item.conversation_id is not None
    try:
        if not _asks(item):
            return item
        changes = pre.ask_of_screens(
            account_id=item.account_id,
            conversation_id=item.conversation_id,
            body=item.body,
            author=item.sender,
            channel_type=item.channel_type,
            media=item.media,
        )
    finally:
        close_old_connections()
    return replace(item, **changes)


async def receive_webhook(connection_sid: str, request: values.WebhookRequest) -> WebhookReply:
    """
    Take one request of a provider: check it, store what it brings, and answer after the commit.

    Refusals come back as replies in the error form: 404 unknown connection, 403 wrong signature, 400 malformed,
    503 overloaded. Whatever is stored was stored once, however often the provider repeats it.
    """
    began = time.monotonic()
    connection_id = ids.parse_or_none("CN", connection_sid)
    receiver = None if connection_id is None else await _receiver(connection_id)
    if receiver is None:
        return _refusal(NotFound("connection"))
    reply = await _answer(receiver, request)
    traffic.note(
        account_id=receiver.account_id,
        connection_id=receiver.connection_id,
        request=request,
        status=reply.status,
        answer=reply.body,
        is_trusted=reply.is_signed,
        duration_seconds=time.monotonic() - began,
    )
    return reply


async def _answer(receiver: queries.Receiver, request: values.WebhookRequest) -> WebhookReply:
    try:
        return await _receive(receiver, request)
    except SignatureMismatch:
        return _refusal(Forbidden("The webhook's signature does not match", code=20403))
    except MalformedWebhook as error:
        return _refusal(BadParameter(str(error)))
    except AdapterError as error:
        return _refusal(BadParameter(str(error)))
    except Overloaded:
        return _refusal(ApiError("Too many messages are waiting; repeat this webhook later", code=20503, status=503))
    except ApiError as error:
        return _refusal(error)


async def _receive(receiver: queries.Receiver, request: values.WebhookRequest) -> WebhookReply:
    adapter, config = receiver.adapter, receiver.config
    handshake = adapter.handshake(request, config)
    if handshake is not None:
        return WebhookReply(handshake.status, handshake.body, handshake.content_type)
    adapter.verify(request, config)
    parsed = adapter.parse(request, config)
    if parsed.messages:
        await asyncio.gather(*(submit(_inbound(receiver, message)) for message in parsed.messages))
    if parsed.statuses:
        await _statuses.submit((receiver.account_id, receiver.connection_id, parsed.statuses))
    return WebhookReply(200, adapter.reply_body, adapter.reply_content_type, is_signed=True)


def _inbound(receiver: queries.Receiver, message: values.InboundMessage) -> InboundMessage:
    return InboundMessage(
        account_id=receiver.account_id,
        connection_id=receiver.connection_id,
        channel_type=receiver.channel_type,
        sender=message.sender[:256],
        recipient=message.recipient[:256],
        body=message.body,
        source_key=f"{receiver.connection_id.hex}:{_short(message.external_id)}",
        name=message.profile_name,
        media=[
            {"url": item.url, "content_type": item.content_type, "filename": item.filename} for item in message.media
        ],
        fields=dict(message.fields),
        group=message.group,
    )


def _short(external_id: str) -> str:
    """Return a provider's id as it is, or a digest of one that is too long for the index."""
    return external_id if len(external_id) <= 150 else hashlib.sha256(external_id.encode()).hexdigest()


async def _receiver(connection_id: UUID) -> queries.Receiver | None:
    """Look a connection up, at most once in ``RECEIVER_SECONDS``."""
    expires, known = _receivers.get(connection_id, (0.0, None))
    if time.monotonic() < expires:
        return known
    found = await asyncio.get_running_loop().run_in_executor(_lookups, _look_up, connection_id)
    # Guessed SIDs must not fill the memory: only connections that exist are remembered.
    if found is not None:
        _receivers[connection_id] = (time.monotonic() + RECEIVER_SECONDS, found)
    else:
        _receivers.pop(connection_id, None)
    return found


def forget_receivers() -> None:
    """Drop the remembered connections; after a change in this process, and between tests."""
    _receivers.clear()


def _look_up(connection_id: UUID) -> queries.Receiver | None:
    close_old_connections()
    return queries.receiver(connection_id)


def _refusal(error: ApiError) -> WebhookReply:
    return WebhookReply(error.status, orjson.dumps(error.to_json()), "application/json")


async def application(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """The ASGI application of ``/webhooks/<connection sid>``."""
    if scope["method"] not in ("GET", "POST"):
        reply = _refusal(ApiError("Method not allowed", code=20004, status=405))
    else:
        body = await _read_body(receive)
        reply = body if isinstance(body, WebhookReply) else await _take(scope, body)
    await send(
        {
            "type": "http.response.start",
            "status": reply.status,
            "headers": [
                (b"content-type", reply.content_type.encode("latin-1")),
                (b"content-length", str(len(reply.body)).encode()),
                *(((b"retry-after", RETRY_AFTER),) if reply.status == 503 else ()),
            ],
        }
    )
    await send({"type": "http.response.body", "body": reply.body})


async def _take(scope: dict[str, Any], body: bytes) -> WebhookReply:
    query = scope["query_string"].decode("latin-1")
    path = scope["path"]
    request = values.WebhookRequest(
        method=scope["method"],
        # Providers sign the address they were given, which is our public one, not what a proxy made of it.
        url=settings.PUBLIC_URL.rstrip("/") + path + (f"?{query}" if query else ""),
        headers={name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]},
        query=query,
        body=body,
    )
    return await receive_webhook(path.removeprefix("/webhooks/").rstrip("/"), request)


async def _read_body(receive: Callable[[], Awaitable[dict[str, Any]]]) -> bytes | WebhookReply:
    """Return the body, or the refusal of one that is too large or too slow."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                event = await receive()
                if event["type"] != "http.request":
                    return _refusal(BadParameter("The request ended before its body did"))
                parts.append(event.get("body", b""))
                size += len(parts[-1])
                if size > MAX_BODY_BYTES:
                    return _refusal(BadParameter("The webhook is too large", status=413))
                if not event.get("more_body"):
                    return b"".join(parts)
    except TimeoutError:
        return _refusal(BadParameter("The webhook's body came too slowly", status=408))
