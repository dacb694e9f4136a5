"""Other people's web sites: a shop whose content policy allows nothing but what the manual names, an app's page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.serving import serving


@contextmanager
def strict_site(desk_url: str, tag: str, *, lang: str = "en", direction: str = "ltr") -> Iterator[str]:
    """Serve a page with the script ``tag`` from an origin of its own; gives its address."""
    socket = desk_url.replace("http", "ws", 1)
    policy = (
        f"default-src 'none'; script-src {desk_url}; connect-src {desk_url} {socket}; img-src {desk_url}; "
        "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    )
    page = (
        f'<!doctype html><html lang="{lang}" dir="{direction}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Shop</title><main><h1>Shop</h1><p>Tents, boots, trips.</p><button>Buy</button></main>{tag}</html>"
    )
    with site(page, **{"Content-Security-Policy": policy}) as address:
        yield address


@contextmanager
def site(page: str, **headers: str) -> Iterator[str]:
    """Serve one page from an origin of its own; gives its address."""
    headers = {"Content-Type": "text/html; charset=utf-8", **headers}

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 204)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.path == "/":
                self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            pass

    with serving(Site) as url:
        yield f"{url}/"
