"""Django's own stack, as every web process asks it."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest


class OneThread(ASGIHandler):
    """
    Leads a request to a thread once, and there through all middleware to its view, which wait for the database anyway.

    Of itself Django would come back to the event loop between them, ten times and more: a quarter of a small
    request's time (bench/requests.py).
    """

    def load_middleware(self, is_async: bool = True) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> Any:
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)
