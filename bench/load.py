"""The reference job as load: customers who write, and the provider's stand-in where the replies must arrive."""

from __future__ import annotations

import asyncio
import secrets
import statistics
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from common.signatures import sign

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


class Provider:
    """Takes what is sent to customers, as the provider's API would, and wakes whoever waits for it."""

    def __init__(self) -> None:
        self.waiting: dict[str, asyncio.Future[float]] = {}
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen; return the base address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def expect(self, customer: str) -> asyncio.Future[float]:
        """Return the future that the customer's next reply sets to the moment of its arrival."""
        future: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.waiting[customer] = future
        return future

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                _, body = await read_message(reader)
                fields = dict(parse_qsl(body.decode()))
                future = self.waiting.pop(fields.get("To", ""), None)
                if future is not None and not future.done():
                    future.set_result(time.perf_counter())
                answer = b'{"sid":"SM%s","status":"queued","num_segments":"1"}' % secrets.token_hex(16).encode()
                writer.write(
                    b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
                    % len(answer)
                    + answer
                )
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()


async def read_message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Read one HTTP message with a known length; return its head and body."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head, await reader.readexactly(length) if length else b""


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
        reader, writer = await asyncio.open_connection(host, port)
        body = b"x" * 200
        head = f"POST /floor HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        while time.perf_counter() < until:
            sent = time.perf_counter()
            writer.write(head + body)
            await read_message(reader)
            figures.answered.append(time.perf_counter() - sent)
            figures.replied.append(figures.answered[-1])
        writer.close()

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
    reader, writer = await asyncio.open_connection(target.host, target.port)
    while time.perf_counter() < until:
        customer = f"+1{secrets.randbelow(10**10):010}"
        for text in SAYS:
            reply = provider.expect(customer)
            form = {
                "MessageSid": "SM" + secrets.token_hex(16),
                "AccountSid": "AC" + "0" * 32,
                "From": customer,
                "To": target.ours,
                "Body": text,
                "NumMedia": "0",
            }
            body = urlencode(form).encode()
            signature = sign(url=target.url, parameters=list(form.items()), token=target.auth_token)
            sent = time.perf_counter()
            writer.write(
                (
                    f"POST {target.path} HTTP/1.1\r\nhost: {target.host}:{target.port}\r\n"
                    "content-type: application/x-www-form-urlencoded\r\n"
                    f"x-twilio-signature: {signature}\r\ncontent-length: {len(body)}\r\n\r\n"
                ).encode()
                + body
            )
            head, _ = await read_message(reader)
            if b" 200 " not in head.split(b"\r\n", 1)[0]:
                raise RuntimeError(f"The webhook was answered {head[:200]!r}")
            figures.answered.append(time.perf_counter() - sent)
            try:
                async with asyncio.timeout(wait):
                    figures.replied.append(await reply - sent)
            except TimeoutError:
                figures.lost += 1
                break
    writer.close()
