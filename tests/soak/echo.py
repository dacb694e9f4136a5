"""Somebody else's server that flows ask: it answers the query as JSON, and does not die with ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

from tests.serving import serving


@contextmanager
def echoing() -> Iterator[str]:
    """Serve on a free port; yields the address."""

    class Echo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(dict(parse_qsl(urlsplit(self.path).query))).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    with serving(Echo) as url:
        yield url
