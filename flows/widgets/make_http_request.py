"""Call an HTTP endpoint."""

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self
from urllib.parse import unquote, urlencode, urlsplit, urlunsplit

from flows.engine.commands import CallHttp
from flows.engine.events import Event, HttpAnswered, HttpFailed
from flows.engine.problems import HTTP_FAILED, HTTP_MALFORMED
from flows.engine.templates import Template
from flows.engine.widget import Advance, Result, Visit, Wait, Widget
from flows.widgets.http_answers import is_oversize, outputs_of
from flows.widgets.properties import Pairs, pairs, text

FORM = "application/x-www-form-urlencoded"
RESERVED_PARAMETER = "method"
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
# What the connection itself says; another word on it makes two requests of one.
OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer"})
MAX_HEADER = 4096


class BadUrl(ValueError):
    """A rendered address that no request can go to."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address without its userinfo, and the basic authentication that it asked for ("" if none)."""

    url: str
    authorization: str

    @classmethod
    def read(cls, rendered: str, query: str = "") -> Self:
        """
        Take a rendered address apart; ``query`` is added to its own.

        :raises BadUrl: not an absolute http or https address.
        """
        stripped = rendered.strip()
        if not stripped:
            raise BadUrl("the address is empty")
        try:
            parts = urlsplit(stripped)
            host, _port = parts.hostname, parts.port
        except ValueError as error:
            raise BadUrl(f"the address {stripped[:200]!r} cannot be read: {error}") from error
        if parts.scheme.lower() not in ("http", "https") or not host or any(sign.isspace() for sign in parts.netloc):
            raise BadUrl(f"the address {stripped[:200]!r} is no web address")
        userinfo, _, netloc = parts.netloc.rpartition("@")
        user, _, password = userinfo.partition(":")
        authorization = ""
        if userinfo:
            authorization = "Basic " + b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
        # A blank in a path or query is what users type; no server takes it as it is.
        path, own = parts.path.replace(" ", "%20"), parts.query.replace(" ", "%20")
        joined = "&".join(part for part in (own, query) if part)
        return cls(urlunsplit((parts.scheme, netloc, path, joined, "")), authorization)


@dataclass(frozen=True, slots=True)
class MakeHttpRequest(Widget):
    """
    Call, and leave by ``success`` on a 2xx answer of at most 64 kB within 10 s, else by ``failed``.

    GET: parameters go to the query. POST: they are the form body, unless there is a body. ``headers`` is an extension:
    they win over those the widget makes itself.
    """

    type_name: ClassVar[str] = "make-http-request"

    method: Template
    url: Template
    content_type: Template
    body: Template
    parameters: Pairs
    headers: Pairs
    account_auth: bool

    @classmethod
    def build(cls, properties: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> Self:
        return cls(
            method=text(properties, "method", "GET"),
            url=text(properties, "url"),
            content_type=text(properties, "content_type", f"{FORM};charset=utf-8"),
            body=text(properties, "body"),
            parameters=pairs(properties, "parameters"),
            headers=pairs(properties, "headers"),
            account_auth=properties.get("add_twilio_auth") is True,
        )

    def enter(self, visit: Visit) -> Result:
        if any(key.strip() == RESERVED_PARAMETER for key, _ in self.parameters):
            text = f"The parameter name {RESERVED_PARAMETER!r} of {visit.name!r} is reserved."
            visit.warn(HTTP_MALFORMED, text)
            return Advance("failed", {})
        method = "POST" if visit.render(self.method).strip().upper() == "POST" else "GET"
        form = urlencode([(key.strip(), visit.render(value)) for key, value in self.parameters], errors="replace")
        body, headers = "", {}
        if method == "POST":
            headers["Content-Type"] = visit.render(self.content_type).strip() or FORM
            body = visit.render(self.body)
            if not body and headers["Content-Type"].startswith(FORM):
                body = form
        try:
            address = Address.read(visit.render(self.url), form if method == "GET" else "")
        except BadUrl as error:
            visit.warn(HTTP_MALFORMED, f"{visit.name!r} could not call: {error}")
            return Advance("failed", {})
        if address.authorization and not self.account_auth:
            headers["Authorization"] = address.authorization
        for key, template in self.headers:
            _put(headers, key, visit.render(template), visit)
        ref = visit.new_ref()
        limits = visit.limits
        command = CallHttp(
            ref,
            method,
            address.url,
            headers,
            body,
            limits.http_timeout_seconds,
            limits.http_response_bytes,
            self.account_auth,
        )
        return Wait("http", ref, (command,))

    def resume(self, visit: Visit, event: Event) -> Result | None:
        match event:
            case HttpAnswered() if is_oversize(event, visit):
                visit.warn(
                    HTTP_FAILED,
                    f"The answer to {visit.name!r} is larger than {visit.limits.http_response_bytes} bytes.",
                )
                return Advance("failed", {})
            case HttpAnswered() if 200 <= event.status_code < 300:
                return Advance("success", outputs_of(event, visit))
            case HttpAnswered():
                visit.warn(HTTP_FAILED, f"The request of {visit.name!r} was answered with {event.status_code}.")
                return Advance("failed", outputs_of(event, visit))
            case HttpFailed():
                visit.warn(HTTP_FAILED, f"The request of {visit.name!r} failed: {event.reason or 'no answer'}")
                return Advance("failed", {})
        return None


def _put(headers: dict[str, str], key: str, value: str, visit: Visit) -> None:
    """Set a header, whatever its case; one that cannot be sent is left out, and said so."""
    name, value = key.strip(), value.strip()
    if not HEADER_NAME.fullmatch(name) or name.lower() in OWN_HEADERS:
        visit.warn(HTTP_MALFORMED, f"{visit.name!r} cannot send a header called {name[:100]!r}.")
        return
    if len(value) > MAX_HEADER or not value.isprintable() or not value.isascii():
        visit.warn(HTTP_MALFORMED, f"The header {name!r} of {visit.name!r} has a value that cannot be sent.")
        return
    for known in [known for known in headers if known.lower() == name.lower()]:
        del headers[known]
    headers[name] = value
