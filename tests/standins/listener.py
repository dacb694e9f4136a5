"""A stand-in for a customer's own server that hears webhooks: it remembers requests and answers as it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import RequestValidator

from tests.serving import serving


@dataclass(frozen=True, slots=True)
class Heard:
    """One request; ``parameters`` of its form, or of its query."""

    method: str
    url: str
    headers: dict[str, str]
    parameters: dict[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def event(self) -> str:
        return self.parameters.get("EventType", "")

    def is_signed(self, token: str) -> bool:
        """Whether the official SDK's own check accepts the request."""
        form = self.parameters if self.method == "POST" else {}
        return bool(RequestValidator(token).validate(self.url, form, self.headers.get("x-twilio-signature", "")))


@dataclass
class Listener:
    """What was heard, in order; ``answers`` by path are given first to last, then 200 with nothing."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    answers: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def events(self, path: str | None = None) -> list[str]:
        return [request.event for request in self.heard if path is None or request.path == path]


@contextmanager
def listening() -> Iterator[Listener]:
    """Run a listener on a free port."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            query = urlsplit(self.path).query if self.command == "GET" else body
            parameters = dict(parse_qsl(query, keep_blank_values=True))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with lock:
                listener.heard.append(Heard(self.command, listener.url + self.path, headers, parameters))
                waiting = listener.answers.get(urlsplit(self.path).path)
                status, text = waiting.pop(0) if waiting else (200, "")
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = answer  # noqa: N815 (names of the standard library)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    listener = Listener("")
    with serving(Handler) as listener.url:
        yield listener
