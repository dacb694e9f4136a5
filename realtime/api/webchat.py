"""``/webchat/v1``: how a customer's page begins a chat, and the widget's script. Open to every origin."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import condition, require_safe
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common import clock, ids
from common.api.parsers import JsonBody, Params
from common.errors import NotFound, TooManyRequests
from common.limits import Buckets
from realtime import chats

# No cookies are looked at here, so any page may ask.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}
SCRIPT_SECONDS = 300

_beginnings = Buckets(per_second=settings.WEBCHAT_SESSIONS_PER_MINUTE / 60, burst=settings.WEBCHAT_SESSIONS_PER_MINUTE)


class OpenView(APIView):
    """A view without log-in, for pages of other sites."""

    authentication_classes = ()
    permission_classes = ()
    parser_classes = (JsonBody,)

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in CORS.items():
            response[name] = value
        return response

    def options(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204)


class SessionsView(OpenView):
    def post(self, request: Request) -> Response:
        _limit(request)
        params = Params(request.data)
        chat = chats.start_chat(
            deployment_key=params.required("deployment_key", max_length=64),
            identity=params.text("identity"),
            pre_engagement=params.json_object("pre_engagement_data"),
            now=clock.now(),
        )
        return Response(_write(chat), status=201)


class RefreshView(OpenView):
    def post(self, request: Request) -> Response:
        _limit(request)
        token = Params(request.data).required("token", max_length=4096)
        return Response(_write(chats.refresh_chat(token=token, now=clock.now())), status=201)


def _write(chat: chats.Chat) -> dict[str, str]:
    return {
        "token": chat.token,
        "conversation_sid": ids.sid("CH", chat.conversation_id),
        "identity": chat.identity,
        "expires_at": clock.to_iso(chat.expires_at),
    }


def _limit(request: Request) -> None:
    if not _beginnings.take(request.META.get("REMOTE_ADDR") or ""):
        raise TooManyRequests("Too many chats were begun from this address. Try again in a minute.")


@require_safe
@condition(etag_func=lambda request: _script()[1])
def script(request: HttpRequest) -> HttpResponse:
    """Serve the widget; browsers ask again after five minutes, so that a new version is soon everywhere."""
    body, _ = _script()
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = f"public, max-age={SCRIPT_SECONDS}"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _script() -> tuple[bytes, str]:
    """
    Return the widget's script and its ETag.

    :raises NotFound: it has not been built.
    """
    path = Path(settings.BASE_DIR) / "static" / "webchat" / "webchat.js"
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError as error:
        raise NotFound("widget (run `npm run build` in frontend/)") from error
    return _read_script(path, changed)


@lru_cache(maxsize=2)
def _read_script(path: Path, changed: int) -> tuple[bytes, str]:
    body = path.read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
