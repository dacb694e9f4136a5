"""Asking a provider something at once, on the caller's own thread: nobody's message waits behind it."""

from __future__ import annotations

from channels_app.adapters.values import ProviderRequest, ProviderResponse
from common import http


def ask(request: ProviderRequest, *, seconds: float) -> ProviderResponse:
    """
    Return what a provider answers, whatever its status.

    :raises HttpError: no answer in time, or an address that may not be called.
    """
    answer = http.fetch_sync(
        http.HttpRequest(
            method=request.method,
            url=request.url,
            headers=request.headers,
            body=request.body,
            timeout_seconds=seconds,
        )
    )
    return ProviderResponse(answer.status, answer.body, answer.headers)
