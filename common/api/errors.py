"""Turns every refusal into the interface's own error form, and never an HTML page."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

from common.api.parsers import body_too_large
from common.errors import ApiError, BadParameter, Forbidden, NotFound, TooManyRequests, Unauthorized
from common.ids import MalformedSid

logger = logging.getLogger(__name__)


def as_api_error(error: Exception) -> ApiError | None:
    """Return the documented form of an exception, or None for one that is a fault of ours."""
    match error:
        case ApiError():
            return error
        case ObjectDoesNotExist() | Http404() | MalformedSid() | exceptions.NotFound():
            return NotFound()
        case exceptions.MethodNotAllowed():
            return ApiError("Method not allowed", code=20004, status=405)
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return Unauthorized("Authenticate")
        case exceptions.PermissionDenied():
            return Forbidden(str(error.detail))
        case exceptions.Throttled():
            return TooManyRequests("Too many requests")
        case exceptions.UnsupportedMediaType():
            return BadParameter(str(error.detail), status=415)
        case RequestDataTooBig():
            return body_too_large()
        case SuspiciousOperation():
            # A form with too many fields or files, a malformed cookie or header.
            return BadParameter("The request is malformed")
        case exceptions.APIException():
            return BadParameter(str(error.detail), status=error.status_code)
    return None


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: write the error body. None lets Django report a fault of ours (500)."""
    refusal = as_api_error(error)
    if refusal is None:
        return None
    headers = {"WWW-Authenticate": 'Basic realm="Flowdesk API"'} if refusal.status == 401 and _is_basic(context) else {}
    return Response(refusal.to_json(), status=refusal.status, headers=headers)


def _is_basic(context: dict[str, Any]) -> bool:
    # A browser that is told "Basic" opens a password dialog of its own: only the REST APIs say it.
    return not context["request"].path.startswith("/app/")


def server_error(request: Any, *args: Any, **kwargs: Any) -> JsonResponse:
    """Answer a fault of ours in JSON; the trace is in the log."""
    body = ApiError("An internal server error has occurred", code=20500, status=500).to_json()
    return JsonResponse(body, status=500)


def not_found(request: Any, exception: Exception) -> JsonResponse:
    """Answer an unknown address in the error form."""
    return JsonResponse(NotFound().to_json(), status=404)


def csrf_failure(request: Any, reason: str = "") -> JsonResponse:
    """Answer a write without the page's CSRF token in the error form."""
    return JsonResponse(Forbidden(f"{reason or 'CSRF check failed'} Reload the page").to_json(), status=403)


def public_url(path: str) -> str:
    """Return an absolute address of ours for a path that begins with a slash."""
    return settings.PUBLIC_URL.rstrip("/") + path
