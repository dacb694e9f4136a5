"""The documents: one of everything at ``/openapi.json``, and one for each interface below its own address."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_safe

# What is described, by the beginning of its addresses.
INTERFACES = {
    "/studio/v2": "Flows and executions (Studio v2)",
    "/conversations/v1": "Conversations (Conversations v1)",
    "/taskrouter/v1": "Routing (TaskRouter v1)",
    "/flex-api/v1": "Interactions (Flex v1)",
    "/api/2010-04-01": "Messages (2010-04-01)",
    "/channels/v1": "Connections to channels",
    "/webchat/v1": "The web chat's sessions",
    "/app/v1": "The browser's own calls",
}


@lru_cache(maxsize=1)
def whole() -> dict[str, Any]:
    """Return the document of every interface; made at the first call of a process, which takes seconds."""
    # Not at the top: no other process, and no request but this one, needs it.
    from drf_spectacular.generators import SchemaGenerator

    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    paths = {
        address: operations
        for address, operations in sorted(found["paths"].items())
        if address.startswith(tuple(f"{prefix}/" for prefix in INTERFACES))
    }
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Flowdesk",
            "version": "1",
            "description": "Made from the code that answers. Form parameters are CamelCase, answers snake_case JSON.",
        },
        "servers": [{"url": settings.PUBLIC_URL}],
        "paths": paths,
        "components": {
            **found.get("components", {}),
            "securitySchemes": {
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "Account SID and auth token, or API key SID and secret",
                },
                "session": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": settings.SESSION_COOKIE_NAME,
                    "description": "The browser's session; writes also carry X-CSRFToken",
                },
            },
        },
    }


@cache
def written(prefix: str) -> bytes:
    """Return the document of the interface below ``prefix`` ("": all of them) as JSON."""
    document = whole()
    if prefix:
        own = {address: found for address, found in document["paths"].items() if address.startswith(f"{prefix}/")}
        info = {**document["info"], "title": f"Flowdesk: {INTERFACES[prefix]}"}
        document = {**document, "info": info, "paths": own}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


@require_safe
def openapi(request: HttpRequest, prefix: str = "") -> HttpResponse:
    """Serve a document; it says nothing of anybody's data, and every client may read it."""
    answer = HttpResponse(written(prefix), content_type="application/json")
    answer["Cache-Control"] = "public, max-age=300"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


def _addresses() -> list[URLPattern]:
    return [
        path("openapi.json", openapi),
        *(path(f"{prefix.removeprefix('/')}/openapi.json", openapi, {"prefix": prefix}) for prefix in INTERFACES),
    ]


urlpatterns = _addresses()
