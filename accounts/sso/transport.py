"""The guarded client for a library that speaks ``requests``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from common import http

TIMEOUT_SECONDS = 10.0
MAX_BYTES = 512 * 1024


class GuardedTransport(BaseAdapter):
    """Sends what a ``requests`` session prepared by ``common.http``: checked, pinned and bounded."""

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        body = request.body or b""
        headers = {name: value for name, value in request.headers.items() if name.lower() not in LEFT_OUT}
        try:
            answer = http.fetch_sync(
                http.HttpRequest(
                    method=request.method or "GET",
                    url=request.url or "",
                    headers=headers,
                    body=body.encode() if isinstance(body, str) else bytes(body),
                    timeout_seconds=TIMEOUT_SECONDS,
                    max_bytes=MAX_BYTES,
                )
            )
        except http.HttpError as error:
            raise requests.ConnectionError(str(error), request=request) from error
        response = requests.Response()
        response.status_code = answer.status
        response.headers = CaseInsensitiveDict(answer.headers)
        response._content = answer.body
        response.url = answer.url
        response.request = request
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        """Nothing is kept open."""


# The client sets its own.
LEFT_OUT = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding"})


def guarded_session() -> requests.Session:
    """Return a session that can only send by ``GuardedTransport``."""
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    for scheme in ("https://", "http://"):
        session.mount(scheme, GuardedTransport())
    return session
