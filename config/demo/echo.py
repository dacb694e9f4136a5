"""The echo that the demo's flow calls: what a customer's own server would be."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import queries as accounts

MAX_BYTES = 16 * 1024


@csrf_exempt
@require_http_methods(["GET", "POST"])
def echo(request: HttpRequest) -> HttpResponse:
    """Answer with the parameters of the request as JSON: ``{"method", "parameters"}``. Only with a demo account."""
    if accounts.demo_account() is None:
        return JsonResponse({"message": "There is no demo account here"}, status=404)
    if len(request.body) > MAX_BYTES:
        return JsonResponse({"message": f"At most {MAX_BYTES} bytes are echoed"}, status=413)
    try:
        parameters = _parameters(request)
    except ValueError:
        return JsonResponse({"message": "The body is not a JSON object"}, status=400)
    return JsonResponse({"method": request.method, "parameters": parameters})


def _parameters(request: HttpRequest) -> dict[str, Any]:
    found: dict[str, Any] = dict(request.GET.items())
    if request.content_type == "application/json":
        body = orjson.loads(request.body or b"{}")
        if not isinstance(body, dict):
            raise ValueError
        return {**found, **body}
    return {**found, **dict(request.POST.items())}
