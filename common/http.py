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
import re
import socket
import ssl
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import aiohttp
import certifi
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult
from django.conf import settings

from common import metrics

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
        self._networks = _networks(settings.HTTP_ALLOW if allow is None else allow)
        self._look_up = resolve or _resolve
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def fetch(self, request: HttpRequest) -> HttpAnswer:
        """
        Send a request, once.

        :raises TargetRefused, InvalidRequest: it was not sent, and never will be.
        :raises RequestFailed, RequestTimedOut: it may be tried again.
        """
        began, result = time.perf_counter(), "failed"
        try:
            async with asyncio.timeout(request.timeout_seconds):
                answer = await self._follow(request)
            result = f"{answer.status // 100}xx"
            return answer
        except TimeoutError as error:
            raise RequestTimedOut(f"no answer within {request.timeout_seconds:g} s") from error
        except aiohttp.ClientSSLError as error:
            # A ValueError too, but the other side's.
            raise RequestFailed(str(error)) from error
        except ValueError as error:
            raise InvalidRequest(f"the request is malformed: {error}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise RequestFailed(str(error) or type(error).__name__) from error
        finally:
            metrics.calls.labels(result).observe(time.perf_counter() - began)

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()

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
        async with self._session(is_own(url)).request(
            request.method.upper(),
            url,
            headers=_headers(request.headers),
            data=request.body or None,
            allow_redirects=False,
        ) as answer:
            body, is_cut = await _read(answer, request.max_bytes)
            if is_cut:
                answer.close()  # or the rest of it would have to be read before the connection serves again
        headers: dict[str, str] = {}
        for name, value in answer.headers.items():
            name = name.lower()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        return HttpAnswer(answer.status, headers, body, request.url, is_cut)

    def _session(self, is_ours: bool) -> aiohttp.ClientSession:
        # Connections of its own: one that was opened to ourselves is never used for another request.
        session = self._sessions.get(is_ours)
        if session is None:
            networks = ANYWHERE if is_ours else self._networks
            session = self._sessions[is_ours] = _session(networks, self._look_up)
        return session


def fetch_sync(request: HttpRequest, *, allow: Iterable[str] | None = None) -> HttpAnswer:
    """``HttpClient.fetch`` for a thread without an event loop; a new connection each time."""

    async def once() -> HttpAnswer:
        client = HttpClient(allow=allow)
        try:
            return await client.fetch(request)
        finally:
            await client.close()

    return asyncio.run(once())


@lru_cache(maxsize=1024)
def parse_url(text: str) -> yarl.URL:
    """
    Read an address that a request may be sent to, as far as its text tells; its fragment is left out.

    What is escaped in it stays as it is, and what must be is: others sign and compare these texts.

    :raises InvalidRequest: not an absolute http or https address.
    """
    if len(text) > MAX_URL:
        raise InvalidRequest(f"the address has more than {MAX_URL} characters")
    try:
        # Its own reading of the host, which is the one that is resolved and connected to.
        read = yarl.URL(text)
        if read.scheme not in ("http", "https") or not read.host or read.port is None:
            raise InvalidRequest("the address must begin with http:// or https:// and name a host")
        parts = urlsplit(text)
        return yarl.URL.build(
            scheme=read.scheme,
            authority=read.raw_authority,
            path=quote(parts.path, safe=_AS_IT_IS) or "/",
            query_string=quote(parts.query, safe=_AS_IT_IS + "?"),
            encoded=True,
        )
    except (ValueError, TypeError) as error:
        raise InvalidRequest(f"the address is malformed: {error}") from error


# What RFC 3986 allows in a path, and the percent sign of what is escaped already.
_AS_IT_IS = "/:@!$&'()*+,;=-._~%"


def is_own(url: yarl.URL) -> bool:
    """
    Tell whether an address is one that this installation serves for its own flows to call.

    Exactly those of ``settings.HTTP_OWN_URLS``, whatever their parameters: most installations are private addresses.
    """
    return str(url.with_query(None)) in settings.HTTP_OWN_URLS


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


def _session(networks: Sequence[Network], resolve: Resolve) -> aiohttp.ClientSession:
    guard = _Guard(networks, resolve)
    connector = aiohttp.TCPConnector(
        limit=0,
        keepalive_timeout=30.0,
        use_dns_cache=False,
        happy_eyeballs_delay=None,
        ssl=_tls(),
        resolver=guard,
        socket_factory=guard.open_socket,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        skip_auto_headers=("Content-Type",),
        # ``fetch`` bounds the time of the whole exchange.
        timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
    )


class _Guard(AbstractResolver):
    """
    Opens connections to allowed addresses only. TLS still checks the certificate against the name.

    Names are judged when they are looked up, and every address once more when its socket is made: addresses that are
    written as numbers come that way alone.
    """

    def __init__(self, networks: Sequence[Network], resolve: Resolve) -> None:
        self._networks = networks
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise RequestFailed(f"the host {host} has no address") from error
        allowed = [text for text in found if self._may_reach(text)]
        if not allowed:
            raise TargetRefused(f"requests to {host} are not allowed: it is not a public address")
        return [
            ResolveResult(
                hostname=host,
                host=text,
                port=port,
                family=socket.AF_INET6 if ":" in text else socket.AF_INET,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for text in allowed
        ]

    def open_socket(self, where: Any) -> socket.socket:
        """Make the socket for one address; ``where`` is as of ``getaddrinfo``."""
        family, kind, proto, _, address = where
        if not self._may_reach(str(address[0])):
            raise TargetRefused(f"requests to {address[0]} are not allowed: it is not a public address")
        made = socket.socket(family, kind, proto)
        made.setblocking(False)
        return made

    async def close(self) -> None:
        """Keep nothing open between look-ups."""

    def _may_reach(self, text: str) -> bool:
        try:
            return is_allowed(ipaddress.ip_address(text), self._networks)
        except ValueError:
            # Some spelling of an address that only the operating system understands.
            return False


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certifi.where())


_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def _headers(given: Mapping[str, str]) -> dict[str, str]:
    headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"}
    for name, value in given.items():
        if not _TOKEN.fullmatch(name) or any(character in "\r\n\x00" for character in value):
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
        new = parse_url(urljoin(request.url, location))
    except ValueError as error:
        raise RequestFailed(f"the redirect's address is malformed: {error}") from error
    headers, method, body = dict(request.headers), request.method.upper(), request.body
    if status == 303 or (status in (301, 302) and method == "POST"):
        method, body = ("HEAD" if method == "HEAD" else "GET"), b""
        headers = {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
    if (old.scheme, old.host, old.port) != (new.scheme, new.host, new.port):
        headers = {name: value for name, value in headers.items() if name.lower() not in SECRET_HEADERS}
    return replace(request, url=str(new), method=method, headers=headers, body=body)


async def _read(answer: aiohttp.ClientResponse, most: int) -> tuple[bytes, bool]:
    """Read a body up to ``most`` bytes, unpacking gzip within the same bound."""
    unpacker = zlib.decompressobj(wbits=31) if answer.headers.get("content-encoding", "").lower() == "gzip" else None
    chunks: list[bytes] = []
    size = 0
    async for chunk in answer.content.iter_any():
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
