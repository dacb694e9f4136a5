"""
The one guarded client through which requests leave the house: to providers, and to addresses users wrote.

* Only public addresses are reached, and those of ``FLOWDESK_HTTP_ALLOW``. The check is on the address that is
  connected to, after the name was resolved: a name that changes its mind cannot pass it, nor can another spelling
  of an address, an IPv6 address that wraps an IPv4 one, or a redirect.
* The one exception is what this installation serves for its own flows to call: ``settings.HTTP_OWN_URLS``.
* Time and size are bounded for the whole exchange. Proxies of the environment are not used: they would undo the check.
"""

from __future__ import annotations

import asyncio
import ipaddress
import select
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import httpcore
import httpx
from django.conf import settings

MAX_URL = 4096  # characters
MAX_BYTES = 64 * 1024
USER_AGENT = "Flowdesk"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
ANYWHERE: tuple[Network, ...] = (ipaddress.IPv4Network("0.0.0.0/0"), ipaddress.IPv6Network("::/0"))
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

# Resolving blocks a thread; names that hang must not hold up everything else that runs in the loop's own few.
_resolvers = ThreadPoolExecutor(max_workers=32, thread_name_prefix="resolve")


class HttpError(Exception):
    """Base of everything ``fetch`` raises; the text is fit to be shown to the account's admin."""


class TargetRefused(HttpError):
    """The address is not one we send requests to; trying again changes nothing."""


class InvalidRequest(HttpError):
    """The address, the method or a header is malformed; trying again changes nothing."""


class RequestFailed(HttpError):
    """Nobody answered, or not in HTTP."""


class RequestTimedOut(RequestFailed):
    """No whole answer in the given time. The other side may have acted on the request all the same."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """
    A request to send. ``timeout_seconds`` bounds all of it, redirects included; of the answer's body at most
    ``max_bytes`` are kept. With ``max_redirects`` 0 a redirect is an answer like others.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = b""
    timeout_seconds: float = 10.0
    max_bytes: int = MAX_BYTES
    max_redirects: int = 0


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer; ``headers`` by lower-case name, ``is_cut`` where the body had more than ``max_bytes``."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    is_cut: bool = False


class HttpClient:
    """
    A pool of connections for one event loop.

    ``allow`` are networks reachable although private; None: the installation's setting. ``resolve`` turns a name
    and port into addresses.
    """

    def __init__(self, *, allow: Iterable[str] | None = None, resolve: Resolve | None = None) -> None:
        self._client = _client(_networks(settings.HTTP_ALLOW if allow is None else allow), resolve or _resolve)
        # Connections of its own: one that was opened to ourselves is never used for another request.
        self._own = _client(ANYWHERE, resolve or _resolve)

    async def fetch(self, request: HttpRequest) -> HttpAnswer:
        """
        Send a request, once.

        :raises TargetRefused, InvalidRequest: it was not sent, and never will be.
        :raises RequestFailed, RequestTimedOut: it may be tried again.
        """
        try:
            async with asyncio.timeout(request.timeout_seconds):
                return await self._follow(request)
        except TimeoutError as error:
            raise RequestTimedOut(f"no answer within {request.timeout_seconds:g} s") from error
        except httpx.TimeoutException as error:
            raise RequestTimedOut("the connection timed out") from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
            raise InvalidRequest(f"the request is malformed: {error}") from error
        except httpx.HTTPError as error:
            raise RequestFailed(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        await self._client.aclose()
        await self._own.aclose()

    async def _follow(self, request: HttpRequest) -> HttpAnswer:
        for _ in range(request.max_redirects + 1):
            answer = await self._once(request)
            location = answer.headers.get("location", "")
            if request.max_redirects == 0 or answer.status not in REDIRECTS or not location:
                return answer
            request = _redirected(request, answer.status, location)
        raise RequestFailed(f"more than {request.max_redirects} redirects")

    async def _once(self, request: HttpRequest) -> HttpAnswer:
        url = parse_url(request.url)
        outgoing = self._client.build_request(
            request.method.upper(), url, headers=_headers(request.headers), content=request.body or None
        )
        client = self._own if is_own(url) else self._client
        answer = await client.send(outgoing, stream=True)
        try:
            body, is_cut = await _read(answer, request.max_bytes)
        finally:
            await answer.aclose()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return HttpAnswer(answer.status_code, headers, body, request.url, is_cut)


def fetch_sync(request: HttpRequest, *, allow: Iterable[str] | None = None) -> HttpAnswer:
    """``HttpClient.fetch`` for a thread without an event loop; a new connection each time."""

    async def once() -> HttpAnswer:
        client = HttpClient(allow=allow)
        try:
            return await client.fetch(request)
        finally:
            await client.close()

    return asyncio.run(once())


def parse_url(text: str) -> httpx.URL:
    """
    Read an address that a request may be sent to, as far as its text tells.

    :raises InvalidRequest: not an absolute http or https address.
    """
    if len(text) > MAX_URL:
        raise InvalidRequest(f"the address has more than {MAX_URL} characters")
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise InvalidRequest(f"the address is malformed: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidRequest("the address must begin with http:// or https:// and name a host")
    return url


def is_own(url: httpx.URL) -> bool:
    """
    Tell whether an address is one that this installation serves for its own flows to call.

    Exactly those of ``settings.HTTP_OWN_URLS``, whatever their parameters: most installations are private addresses.
    """
    return str(url.copy_with(query=None, fragment=None)) in settings.HTTP_OWN_URLS


def is_allowed(address: Address, networks: Sequence[Network]) -> bool:
    """Tell whether an address may be connected to: public, or in one of ``networks``."""
    if any(address.version == network.version and address in network for network in networks):
        return True
    if isinstance(address, ipaddress.IPv6Address):
        for inner in _wrapped(address):
            if not is_allowed(inner, networks):
                return False
        if address.ipv4_mapped is not None:
            return True  # judged by what it wraps
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_link_local
    return address.is_global and not special


def _wrapped(address: ipaddress.IPv6Address) -> Iterable[ipaddress.IPv4Address]:
    """Return the IPv4 addresses that traffic to an IPv6 address may end at."""
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if address in _NAT64 or int(address) >> 32 == 0:
        yield ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@lru_cache(maxsize=16)
def _parse_networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def _networks(texts: Iterable[Any]) -> tuple[Network, ...]:
    return _parse_networks(tuple(str(text) for text in texts))


async def _resolve(host: str, port: int) -> Sequence[str]:
    loop = asyncio.get_running_loop()

    def look_up() -> list[str]:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))

    return await loop.run_in_executor(_resolvers, look_up)


def _client(networks: Sequence[Network], resolve: Resolve) -> httpx.AsyncClient:
    transport = _GuardedTransport(_GuardedBackend(networks, resolve))
    return httpx.AsyncClient(transport=transport, trust_env=False, follow_redirects=False, timeout=None)


class _GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to allowed addresses only. TLS still checks the certificate against the name."""

    def __init__(self, networks: Sequence[Network], resolve: Resolve) -> None:
        self._networks = networks
        self._resolve = resolve
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (the library's signature)
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            found = await self._resolve(host.strip("[]"), port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the host {host} has no address") from error
        allowed = [text for text in found if is_allowed(ipaddress.ip_address(text), self._networks)]
        if not allowed:
            raise TargetRefused(f"requests to {host} are not allowed: it is not a public address")
        failure: Exception | None = None
        for address in allowed:
            try:
                return _Stream(
                    await self._backend.connect_tcp(
                        address, port, timeout=timeout, local_address=local_address, socket_options=socket_options
                    )
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise httpcore.ConnectError(f"{host} refuses connections") from failure

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        raise TargetRefused("requests to local sockets are not allowed")

    async def sleep(self, seconds: float) -> None:
        await self._backend.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    """
    A connection that answers quickly whether it has something to read.

    The pool asks that of every idle connection at every request, to find those the other side has closed; the way
    through anyio costs several system calls each time, and was most of a delivery's time.
    """

    def __init__(self, inner: httpcore.AsyncNetworkStream) -> None:
        self._inner = inner
        self._poll: select.poll | None = None
        raw = inner.get_extra_info("socket")
        if raw is not None:
            self._poll = select.poll()
            self._poll.register(raw.fileno(), select.POLLIN)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return await self._inner.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self._inner.write(buffer, timeout)

    async def aclose(self) -> None:
        self._poll = None
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        return _Stream(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return self._poll is None or bool(self._poll.poll(0))
        return self._inner.get_extra_info(info)


class _GuardedTransport(httpx.AsyncHTTPTransport):
    """httpx's own transport on a pool that connects through the guard; httpx offers no argument for that."""

    def __init__(self, backend: _GuardedBackend) -> None:
        super().__init__(verify=_tls(), trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=_tls(),
            max_connections=None,
            max_keepalive_connections=50,
            keepalive_expiry=30.0,
            network_backend=backend,
        )


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"}
    for name, value in given.items():
        if not name.isascii() or any(character in "\r\n\x00" for character in name + value):
            raise InvalidRequest(f"the header {name!r} is malformed")
        try:
            value.encode("latin-1")
        except UnicodeEncodeError as error:
            raise InvalidRequest(f"the header {name!r} holds characters that HTTP does not carry") from error
        headers = {known: kept for known, kept in headers.items() if known.lower() != name.lower()}
        headers[name] = value
    return headers


def _redirected(request: HttpRequest, status: int, location: str) -> HttpRequest:
    old = parse_url(request.url)
    try:
        new = old.join(location)
    except (httpx.InvalidURL, ValueError) as error:
        raise RequestFailed(f"the redirect's address is malformed: {error}") from error
    headers, method, body = dict(request.headers), request.method.upper(), request.body
    if status == 303 or (status in (301, 302) and method == "POST"):
        method, body = ("HEAD" if method == "HEAD" else "GET"), b""
        headers = {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
    if (old.scheme, old.host, old.port) != (new.scheme, new.host, new.port):
        headers = {name: value for name, value in headers.items() if name.lower() not in SECRET_HEADERS}
    return replace(request, url=str(new), method=method, headers=headers, body=body)


async def _read(answer: httpx.Response, most: int) -> tuple[bytes, bool]:
    """Read a body up to ``most`` bytes, unpacking gzip within the same bound."""
    unpacker = zlib.decompressobj(wbits=31) if answer.headers.get("content-encoding", "").lower() == "gzip" else None
    chunks: list[bytes] = []
    size = 0
    async for chunk in answer.aiter_raw():
        if unpacker is not None:
            try:
                chunk = unpacker.decompress(chunk, most - size + 1)
            except zlib.error as error:
                raise RequestFailed("the answer is not the gzip it says it is") from error
        chunks.append(chunk)
        size += len(chunk)
        if size > most:
            return b"".join(chunks)[:most], True
    return b"".join(chunks), False
