"""Requests that are too slow or too large meet their end at a real uvicorn, and hold up nobody else meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
import uvicorn

from config.server import protocol
from config.server.protocol import BoundedProtocol
from tests.servers import free_port

Open = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer with how much body came."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        await send({"type": "websocket.send", "text": "still here"})
        return
    size, more = 0, True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            return
        size += len(event.get("body", b""))
        more = event.get("more_body", False)
    if scope["path"] == "/slow":
        await asyncio.sleep(0.8)
    text = str(size).encode()
    headers = [(b"content-length", str(len(text)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


@pytest_asyncio.fixture
async def connect(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Open]:
    for name, seconds in (
        ("HEADER_SECONDS", 0.3),
        ("BODY_IDLE_SECONDS", 0.3),
        ("BODY_SECONDS", 0.6),
        ("LOOK_EVERY_SECONDS", 0.05),
    ):
        monkeypatch.setattr(protocol, name, seconds)
    port = free_port()
    config = uvicorn.Config(
        application, port=port, http=BoundedProtocol, ws="websockets-sansio", lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    yield lambda: asyncio.open_connection("127.0.0.1", port)
    server.should_exit = True
    await running


async def said(reader: asyncio.StreamReader) -> bytes:
    """Return what the server says until it hangs up, or nothing where it resets the connection."""
    try:
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionResetError:
        return b""


async def dribble(writer: asyncio.StreamWriter, part: bytes, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            while True:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.05)
    except (TimeoutError, ConnectionError):
        pass


async def fetch(connect: Open, path: str = "/") -> bytes:
    reader, writer = await connect()
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    return (await said(reader)).partition(b"\r\n")[0]


@pytest.mark.parametrize(
    ("begin", "part"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\n", b"X-A: b\r\n"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", b""),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["says nothing", "dribbles headers", "sends no body", "dribbles its body", "dribbles chunks"],
)
async def test_hangs_up_on_who_dribbles_and_serves_others_meanwhile(connect: Open, begin: bytes, part: bytes) -> None:
    dribblers = [await connect() for _ in range(10)]
    for _, writer in dribblers:
        writer.write(begin)
    dribbling = [asyncio.create_task(dribble(writer, part, 1.2)) for _, writer in dribblers if part]

    assert await fetch(connect) == b"HTTP/1.1 200 OK"
    answers = await asyncio.gather(*(said(reader) for reader, _ in dribblers))

    assert answers == [b""] * 10
    await asyncio.gather(*dribbling)


async def test_waits_for_our_own_slow_answer_and_for_the_next_request(connect: Open) -> None:
    reader, writer = await connect()
    for _ in range(2):
        writer.write(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK")
        assert await reader.readexactly(1) == b"0"
        await asyncio.sleep(0.5)
    writer.close()


async def test_takes_a_body_that_comes_steadily(connect: Open) -> None:
    reader, writer = await connect()
    writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 500\r\n\r\n")
    for _ in range(5):
        writer.write(b"x" * 100)
        await asyncio.sleep(0.05)

    assert (await said(reader)).endswith(b"500")


async def test_leaves_a_socket_alone_once_it_is_one(connect: Open) -> None:
    reader, writer = await connect()
    writer.write(
        b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
    await asyncio.sleep(0.7)
    writer.write(b"\x81\x82\x00\x00\x00\x00hi")

    assert b"still here" in await reader.readexactly(12)
    writer.close()


async def test_refuses_a_head_without_end(connect: Open) -> None:
    reader, writer = await connect()
    writer.write(b"GET / HTTP/1.1\r\n" + b"X-A: " + b"b" * (protocol.MAX_HEADER_BYTES + 10))

    assert (await said(reader)).startswith(b"HTTP/1.1 431 ")
