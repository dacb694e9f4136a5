"""The guarded client and the one address of our own that flows may call."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from pytest_django.fixtures import Settings

from common.http import HttpRequest, TargetRefused, fetch_sync
from tests.serving import serving


class Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(302 if self.path.startswith("/own/away") else 200)
        self.send_header("Location", "/private")
        self.send_header("Content-Length", str(len(self.path)))
        self.end_headers()
        self.wfile.write(self.path.encode())

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def base() -> Iterator[str]:
    with serving(Echo) as url:
        yield url


def test_reaches_our_own_address_with_any_parameters(base: str, settings: Settings) -> None:
    settings.HTTP_OWN_URLS = frozenset({f"{base}/own"})

    answer = fetch_sync(HttpRequest("GET", f"{base}/own?topic=sales"))

    assert (answer.status, answer.body) == (200, b"/own?topic=sales")


@pytest.mark.parametrize("path", ["/", "/own/", "/own/../private", "/ownership", "/app/v1/session", "//own", "/own%2f"])
def test_refuses_every_other_address_of_ours(base: str, settings: Settings, path: str) -> None:
    settings.HTTP_OWN_URLS = frozenset({f"{base}/own"})

    with pytest.raises(TargetRefused):
        fetch_sync(HttpRequest("GET", base + path))


def test_follows_no_redirect_from_our_own_address_to_another(base: str, settings: Settings) -> None:
    settings.HTTP_OWN_URLS = frozenset({f"{base}/own/away"})

    with pytest.raises(TargetRefused):
        fetch_sync(HttpRequest("GET", f"{base}/own/away", max_redirects=2))
