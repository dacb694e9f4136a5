"""
The reference job as load: customers who write, and the provider's stand-in where the replies must arrive.

Both are raw protocols on one event loop: whoever measures a system on the machine it runs on should take little of it.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import secrets
import statistics
import time
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

SAYS = ("hi", "ada", "sales")


@dataclass(slots=True)
class Figures:
    """Times in seconds of one run: webhook to its 200, and webhook to the reply at the provider."""

    answered: list[float] = field(default_factory=list)
    replied: list[float] = field(default_factory=list)
    seconds: float = 0.0
    lost: int = 0

    def summary(self) -> dict[str, float]:
        """Return messages/s and milliseconds."""
        return {
            "messages_per_second": round(len(self.replied) / self.seconds, 1),
            "webhook_to_200_p50_ms": _percentile(self.answered, 50),
            "webhook_to_200_p99_ms": _percentile(self.answered, 99),
            "webhook_to_reply_p50_ms": _percentile(self.replied, 50),
            "webhook_to_reply_p99_ms": _percentile(self.replied, 99),
            "messages": len(self.replied),
            "lost": self.lost,
        }


def _percentile(values: list[float], percent: int) -> float:
    if len(values) < 2:
        return 0.0
    return round(statistics.quantiles(values, n=100)[percent - 1] * 1000, 2)


class Http(asyncio.Protocol):
    """One connection that carries HTTP messages of known length, one after the other."""

    def __init__(self) -> None:
        self.transport: Any = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end]
            length = _length(head)
            if len(self._received) < end + 4 + length:
                return
            body, self._received = self._received[end + 4 : end + 4 + length], self._received[end + 4 + length :]
            self.take(head, body)

    @abstractmethod
    def take(self, head: bytes, body: bytes) -> None:
        """Take a whole message; ``head`` without the empty line after it."""


def _length(head: bytes) -> int:
    lowered = head.lower()
    start = lowered.find(b"\r\ncontent-length:")
    if start < 0:
        return 0
    stop = lowered.find(b"\r\n", start + 2)
    return int(lowered[start + 17 : len(lowered) if stop < 0 else stop])


class Provider:
    """Takes what is sent to customers, as the provider's API would, and wakes whoever waits for it."""

    def __init__(self) -> None:
        self.waiting: dict[str, asyncio.Future[float]] = {}
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen; return the base address."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Taking(self), "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def expect(self, customer: str) -> asyncio.Future[float]:
        """Return the future that the customer's next reply sets to the moment of its arrival."""
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.waiting[customer] = future
        return future


class Taking(Http):
    """One connection of the system under test to the provider."""

    def __init__(self, provider: Provider) -> None:
        super().__init__()
        self._provider = provider

    def take(self, head: bytes, body: bytes) -> None:
        arrived = time.perf_counter()
        for pair in body.decode().split("&"):
            if pair.startswith("To="):
                future = self._provider.waiting.pop(unquote(pair[3:]), None)
                if future is not None and not future.done():
                    future.set_result(arrived)
        answer = b'{"sid":"SM%s","status":"queued","num_segments":"1"}' % secrets.token_hex(16).encode()
        self.transport.write(
            b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
            % (len(answer), answer)
        )


class Asking(Http):
    """One connection to the system under test: one request at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._answer: asyncio.Future[bytes] | None = None

    async def ask(self, request: bytes) -> bytes:
        """Send a request; return the head of its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return await self._answer

    def take(self, head: bytes, body: bytes) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(head)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("the connection was closed"))


async def connect(host: str, port: int) -> Asking:
    """Open a connection."""
    _, protocol = await asyncio.get_running_loop().create_connection(Asking, host, port)
    return protocol


@dataclass(frozen=True, slots=True)
class Target:
    """Where customers' messages go, and how they are signed."""

    host: str
    port: int
    path: str
    url: str
    auth_token: str
    ours: str


async def knock(host: str, port: int, *, at_once: int, seconds: float) -> Figures:
    """Post small bodies and wait for the 200 only: the load of the floors."""
    figures = Figures()
    began = time.perf_counter()
    until = began + seconds

    async def one() -> None:
        connection = await connect(host, port)
        body = b"x" * 200
        request = f"POST /floor HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
        while time.perf_counter() < until:
            sent = time.perf_counter()
            await connection.ask(request)
            figures.answered.append(time.perf_counter() - sent)
            figures.replied.append(figures.answered[-1])
        connection.transport.close()

    await asyncio.gather(*(one() for _ in range(at_once)))
    figures.seconds = time.perf_counter() - began
    return figures


async def run(target: Target, provider: Provider, *, at_once: int, seconds: float, wait: float = 20.0) -> Figures:
    """Let ``at_once`` conversations run one after the other for ``seconds``."""
    figures = Figures()
    began = time.perf_counter()
    until = began + seconds
    await asyncio.gather(*(_customers(target, provider, figures, until, wait) for _ in range(at_once)))
    figures.seconds = time.perf_counter() - began
    return figures


async def _customers(target: Target, provider: Provider, figures: Figures, until: float, wait: float) -> None:
    connection = await connect(target.host, target.port)
    while time.perf_counter() < until:
        customer = f"+1{secrets.randbelow(10**10):010}"
        for text in SAYS:
            reply = provider.expect(customer)
            request = webhook(target, customer, text)
            sent = time.perf_counter()
            head = await connection.ask(request)
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                raise RuntimeError(f"The webhook was answered {head[:200]!r}")
            figures.answered.append(time.perf_counter() - sent)
            try:
                async with asyncio.timeout(wait):
                    figures.replied.append(await reply - sent)
            except TimeoutError:
                figures.lost += 1
                break
    connection.transport.close()


def webhook(target: Target, customer: str, text: str) -> bytes:
    """Return the signed request that tells what a customer wrote."""
    form = {
        "AccountSid": "AC" + "0" * 32,
        "Body": text,
        "From": customer,
        "MessageSid": "SM" + secrets.token_hex(16),
        "NumMedia": "0",
        "To": target.ours,
    }
    # The names are in order, as the signature wants them.
    signed = target.url + "".join(name + value for name, value in form.items())
    signature = base64.b64encode(hmac.digest(target.auth_token.encode(), signed.encode(), "sha1")).decode()
    body = "&".join(f"{name}={quote(value)}" for name, value in form.items()).encode()
    return (
        f"POST {target.path} HTTP/1.1\r\nhost: {target.host}:{target.port}\r\n"
        "content-type: application/x-www-form-urlencoded\r\n"
        f"x-twilio-signature: {signature}\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body
