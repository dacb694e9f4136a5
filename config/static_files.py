"""Serves the built front end."""

from __future__ import annotations

from csp.middleware import CSPMiddleware
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.middleware.security import SecurityMiddleware
from servestatic.middleware import ServeStaticMiddleware


class StaticFiles(ServeStaticMiddleware):
    """Files below ``assets/`` have a hash in their names (Vite puts it there), so browsers may keep them for ever."""

    def immutable_file_test(self, path: str, url: str) -> bool:
        return "/assets/" in url


async def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponseNotFound("There is no such file.", content_type="text/plain")


class StaticApplication(ASGIHandler):
    """What is below ``STATIC_URL``: no session, no user, no view."""

    def load_middleware(self, is_async: bool = True) -> None:
        chain = SecurityMiddleware(CSPMiddleware(StaticFiles(_nothing)))
        self._middleware_chain = convert_exception_to_response(chain)
