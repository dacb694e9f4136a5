"""
The official ``twilio`` SDK, talking to this product inside the test's process.

``https://X.twilio.com/path`` becomes ``/X/path`` (``api.twilio.com``: ``/api/path``), as docs/sdk.md tells
integrators to do it over the network. Every answer can be checked against the official OpenAPI document by
``on_answer``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.test import Client as DjangoClient
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the SDK and its answer; ``path`` is ours (``/studio/v2/Flows``), ``body`` parsed JSON or None."""

    method: str
    path: str
    status: int
    body: Any


class DjangoHttpClient(HttpClient):
    """Sends the SDK's requests to Django's test client; ``calls`` are all of them so far."""

    def __init__(self, on_answer: Callable[[Call], None] | None = None) -> None:
        super().__init__(None, False, None)
        self.calls: list[Call] = []
        self._on_answer = on_answer
        self._django = DjangoClient(raise_request_exception=True)

    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        path, query = rewrite(url, params)
        content_type = (headers or {}).get("Content-Type", "application/x-www-form-urlencoded")
        if content_type == "application/json":
            body = json.dumps(data).encode()
        else:
            body = encode_form(data).encode()
        sent = {name: value for name, value in (headers or {}).items() if name != "Content-Type"}
        if auth is not None:
            sent["Authorization"] = basic(*auth)
        answer = self._django.generic(
            method.upper(),
            path + ("?" + query if query else ""),
            data=b"" if method.upper() == "GET" else body,
            content_type=content_type,
            headers=sent,
        )
        text = answer.content.decode()
        call = Call(method.upper(), path, answer.status_code, json.loads(text) if text else None)
        self.calls.append(call)
        if self._on_answer is not None:
            self._on_answer(call)
        return Response(answer.status_code, text, dict(answer.headers))


def rewrite(url: str, params: Mapping[str, Any] | None = None) -> tuple[str, str]:
    """Return path and query here of an address of the SDK's, or of one of our own (as paging answers them)."""
    parts = urlsplit(url)
    path = parts.path
    if not url.startswith(settings.PUBLIC_URL):
        product = (parts.hostname or "").removesuffix(".twilio.com")
        path = f"/{product}{path}"
    query = "&".join(part for part in (parts.query, encode_form(params)) if part)
    return path, query


def encode_form(data: Mapping[str, Any] | None) -> str:
    """Encode as ``requests`` does: lists repeat their name, None leaves it out."""
    pairs = []
    for name, value in (data or {}).items():
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if item is not None:
                pairs.append((name, str(item)))
    return urlencode(pairs)


def basic(username: str, password: str) -> str:
    """Return the Authorization header of HTTP Basic."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def sdk_client(account: Any, on_answer: Callable[[Call], None] | None = None) -> Client:
    """Return an SDK client that speaks for an account; ``client.http_client.calls`` are its requests."""
    return Client(account.sid, account.auth_token, http_client=DjangoHttpClient(on_answer))
