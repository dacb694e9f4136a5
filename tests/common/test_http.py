"""The guarded client: what it reaches, what it refuses, and that it cannot be talked out of it."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.http import (
    HttpClient,
    HttpRequest,
    InvalidRequest,
    RequestFailed,
    RequestTimedOut,
    TargetRefused,
    fetch_sync,
    is_allowed,
    parse_url,
)

LOOPBACK = ("127.0.0.0/8",)
Respond = Callable[[bytes], Awaitable[bytes] | bytes]


@asynccontextmanager
async def server(respond: Respond) -> AsyncIterator[int]:
    """Answer every connection's first request with what ``respond`` makes of its head; yields the port."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        made = respond(head)
        answer = made if isinstance(made, bytes) else await made
        try:
            writer.write(answer)
            await writer.drain()
            writer.close()
        except ConnectionError:
            return

    running = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        running.close()


@asynccontextmanager
async def client(allow: Sequence[str] = (), names: dict[str, list[str]] | None = None) -> AsyncIterator[HttpClient]:
    async def resolve(host: str, port: int) -> list[str]:
        return (names or {}).get(host, [host])

    made = HttpClient(allow=allow, resolve=resolve if names is not None else None)
    try:
        yield made
    finally:
        await made.close()


def ok(body: bytes = b"hello", headers: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s" % (len(body), headers, body)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "10.0.0.8",
        "172.16.4.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "[fe80::1]",
        "[fd00::1]",
        "224.0.0.1",
        "255.255.255.255",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "public.example@127.0.0.1",
    ],
)
async def test_refuses_a_target_that_is_not_public(host: str) -> None:
    async with client() as http:
        with pytest.raises((TargetRefused, InvalidRequest)):
            await http.fetch(HttpRequest("GET", f"http://{host}/", timeout_seconds=5))


@pytest.mark.parametrize("text", ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_lets_public_addresses_through(text: str) -> None:
    assert is_allowed(ip_address(text), ())


def test_lets_an_allowed_network_through_and_nothing_beside_it() -> None:
    networks = (ip_network("10.1.0.0/16"),)

    assert is_allowed(ip_address("10.1.2.3"), networks)
    assert is_allowed(ip_address("::ffff:10.1.2.3"), networks)
    assert not is_allowed(ip_address("10.2.2.3"), networks)


@given(st.ip_addresses(v=6))
def test_judges_a_wrapped_address_like_the_one_inside(address: object) -> None:
    inner = ip_address(int(address) & 0xFFFF_FFFF)  # type: ignore[call-overload]
    wrapped = ip_address(f"::ffff:{inner}")

    assert is_allowed(wrapped, ()) == is_allowed(inner, ())


@pytest.mark.parametrize(
    "url", ["", "ftp://example.com/", "file:///etc/passwd", "//example.com", "http://", "http://[::1", "x" * 5000]
)
def test_says_what_is_wrong_with_an_address(url: str) -> None:
    with pytest.raises(InvalidRequest):
        parse_url(url)


async def test_fetches_from_an_allowed_network_under_the_name_it_asked_for() -> None:
    heads: list[bytes] = []

    def respond(head: bytes) -> bytes:
        heads.append(head)
        return ok()

    async with server(respond) as port, client(LOOPBACK, {"shop.example": ["127.0.0.1"]}) as http:
        answer = await http.fetch(HttpRequest("POST", f"http://shop.example:{port}/a?b=c", {"X-Key": "1"}, b"body"))

    assert (answer.status, answer.body, answer.is_cut) == (200, b"hello", False)
    assert heads[0].startswith(b"POST /a?b=c HTTP/1.1\r\nHost: shop.example:%d\r\n" % port)
    assert b"X-Key: 1" in heads[0]


async def test_judges_a_name_anew_at_every_connection() -> None:
    answers = iter((["127.0.0.2"], ["127.0.0.1"]))

    async def rebinding(host: str, port: int) -> list[str]:
        return next(answers)

    async with server(lambda _: ok()) as port:
        http = HttpClient(allow=("127.0.0.2/32",), resolve=rebinding)
        with pytest.raises(RequestFailed):
            await http.fetch(HttpRequest("GET", f"http://evil.example:{port}/", timeout_seconds=5))
        with pytest.raises(TargetRefused):
            await http.fetch(HttpRequest("GET", f"http://evil.example:{port}/", timeout_seconds=5))
        await http.close()

    # One look-up a connection, so what was judged is what was connected to.
    assert next(answers, None) is None


async def test_refuses_a_name_whose_addresses_are_all_private() -> None:
    async with client((), {"mixed.example": ["127.0.0.1", "10.0.0.1"]}) as http:
        with pytest.raises(TargetRefused):
            await http.fetch(HttpRequest("GET", "http://mixed.example/", timeout_seconds=2))


async def test_checks_the_target_of_a_redirect() -> None:
    def respond(_: bytes) -> bytes:
        return b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/secrets\r\nContent-Length: 0\r\n\r\n"

    async with server(respond) as port, client(LOOPBACK) as http:
        with pytest.raises(TargetRefused):
            await http.fetch(HttpRequest("GET", f"http://127.0.0.1:{port}/", timeout_seconds=5, max_redirects=3))


async def test_keeps_secrets_from_another_origin() -> None:
    heads: list[bytes] = []

    def second(head: bytes) -> bytes:
        heads.append(head)
        return ok()

    async with server(second) as other:

        def first(_: bytes) -> bytes:
            return b"HTTP/1.1 303 See\r\nLocation: http://127.0.0.1:%d/x\r\nContent-Length: 0\r\n\r\n" % other

        async with server(first) as port, client(LOOPBACK) as http:
            request = HttpRequest(
                "POST", f"http://127.0.0.1:{port}/", {"Authorization": "Bearer s", "X-A": "1"}, b"body", max_redirects=2
            )
            answer = await http.fetch(request)

    assert answer.status == 200
    assert heads[0].startswith(b"GET /x HTTP/1.1")
    assert b"Bearer" not in heads[0]
    assert b"X-A: 1" in heads[0]


async def test_gives_up_on_a_circle_of_redirects() -> None:
    respond = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"

    async with server(lambda _: respond) as port, client(LOOPBACK) as http:
        with pytest.raises(RequestFailed, match="more than 2 redirects"):
            await http.fetch(HttpRequest("GET", f"http://127.0.0.1:{port}/", max_redirects=2))


async def test_bounds_the_time_of_the_whole_exchange() -> None:
    async def respond(_: bytes) -> bytes:
        await asyncio.sleep(30)
        return ok()

    async with server(respond) as port, client(LOOPBACK) as http:
        with pytest.raises(RequestTimedOut):
            await http.fetch(HttpRequest("GET", f"http://127.0.0.1:{port}/", timeout_seconds=0.2))


async def test_bounds_the_size_of_an_answer() -> None:
    async with server(lambda _: ok(b"x" * 100_000)) as port, client(LOOPBACK) as http:
        answer = await http.fetch(HttpRequest("GET", f"http://127.0.0.1:{port}/", max_bytes=1000))

    assert (len(answer.body), answer.is_cut) == (1000, True)


async def test_bounds_what_a_small_answer_unpacks_to() -> None:
    bomb = gzip.compress(b"\0" * 20_000_000)

    async with server(lambda _: ok(bomb, b"Content-Encoding: gzip\r\n")) as port, client(LOOPBACK) as http:
        answer = await http.fetch(HttpRequest("GET", f"http://127.0.0.1:{port}/", max_bytes=1000))

    assert (answer.body, answer.is_cut) == (b"\0" * 1000, True)


async def test_unpacks_gzip() -> None:
    packed = gzip.compress(b"hello")

    async with server(lambda _: ok(packed, b"Content-Encoding: gzip\r\n")) as port, client(LOOPBACK) as http:
        assert (await http.fetch(HttpRequest("GET", f"http://127.0.0.1:{port}/"))).body == b"hello"


@pytest.mark.parametrize("answer", [b"", b"not http\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nshort"])
async def test_names_a_broken_answer(answer: bytes) -> None:
    async with server(lambda _: answer) as port, client(LOOPBACK) as http:
        with pytest.raises(RequestFailed):
            await http.fetch(HttpRequest("GET", f"http://127.0.0.1:{port}/", timeout_seconds=5))


@pytest.mark.parametrize(
    ("method", "headers"),
    [("GET", {"X": "a\r\nY: b"}), ("GET", {"X\n": "a"}), ("GET", {"X": "☃"}), ("GE T", {}), ("GET", {"": "a"})],
)
async def test_refuses_a_malformed_request(method: str, headers: dict[str, str]) -> None:
    async with server(lambda _: ok()) as port, client(LOOPBACK) as http:
        with pytest.raises(InvalidRequest):
            await http.fetch(HttpRequest(method, f"http://127.0.0.1:{port}/", headers))


async def test_ignores_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    async with server(lambda _: ok()) as port, client(LOOPBACK) as http:
        assert (await http.fetch(HttpRequest("GET", f"http://127.0.0.1:{port}/"))).status == 200


def test_serves_a_thread_without_a_loop() -> None:
    with pytest.raises(TargetRefused):
        fetch_sync(HttpRequest("GET", "http://127.0.0.1:9/"), allow=())


@given(st.text(max_size=60))
def test_takes_an_address_or_says_by_name_why_not(text: str) -> None:
    with suppress(InvalidRequest):
        assert parse_url(text).scheme in ("http", "https")
