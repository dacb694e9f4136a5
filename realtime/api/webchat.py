"""``/webchat/v1``: how a customer's page begins a chat, and the widget's script. Open to every origin."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import condition, require_safe
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from common import clock, ids
from common.api.files import upload_of
from common.api.parsers import JsonBody, Params
from common.errors import BadParameter, NotFound, TooManyRequests, Unauthorized
from common.limits import Buckets
from conversations.services import media
from realtime import chats, payloads, tokens
from realtime.identity import MAX_TOKEN as MAX_IDENTITY_TOKEN
from reports import services as reports

# No cookies are looked at here, so any page may ask.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}
SCRIPT_SECONDS = 300
DEPLOYMENT_SECONDS = 15
MAX_COMMENT = 2000  # characters

_beginnings = Buckets(per_second=settings.WEBCHAT_SESSIONS_PER_MINUTE / 60, burst=settings.WEBCHAT_SESSIONS_PER_MINUTE)

_uploads = Buckets(per_second=1, burst=20)


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
            identity_token=params.text("identity_token", max_length=MAX_IDENTITY_TOKEN),
            origin=_origin(request),
            is_only_resuming=params.boolean("is_only_resuming") or False,
        )
        return Response(_write(chat), status=201)


class DeploymentView(OpenView):
    """What the widget has to know of its web chat before anybody writes."""

    def get(self, request: Request, key: str) -> Response:
        now = clock.now()
        connection, settings = chats.deployment(key, origin=_origin(request))
        is_open, change = chats.is_open(connection, settings, now)
        language = Params(request.query_params).text("lang", max_length=20) or ""
        answer = Response(payloads.deployment(settings, is_open=is_open, changes_at=change, language=language))
        answer["Cache-Control"] = f"public, max-age={DEPLOYMENT_SECONDS}"
        answer["Vary"] = "Origin"
        return answer


class FilesView(OpenView):
    """POST keeps the body as a file of the chat that the bearer token opens, for a message to come."""

    def post(self, request: Request) -> Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        conversation, settings = chats.writable_chat(token=token, origin=_origin(request), now=clock.now())
        if not _uploads.take(conversation.id.hex):
            raise TooManyRequests("Too many files at once. Wait a moment.")
        content, filename, kind = upload_of(request, most=settings.max_file_bytes)
        item = chats.keep_file(
            conversation, settings, content=content, filename=filename, declared_type=kind, now=clock.now()
        )
        (told,) = payloads.webchat_media(payloads.media_of([item]), until=clock.now() + media.SHORTLY)
        return Response(told, status=201)


class SurveyView(OpenView):
    """How an ended chat was: GET tells what is asked (or nothing), POST ``{rating, comment?}`` keeps the answer."""

    def get(self, request: Request) -> Response:
        row = reports.open_survey(self._conversation_id(request), clock.now())
        asked = None if row is None else {"question": row.question, "thanks": row.thanks, "ratings": [1, 2, 3, 4, 5]}
        return Response({"survey": asked})

    def post(self, request: Request) -> Response:
        params = Params(request.data)
        rating = params.integer("rating", least=1, most=5)
        if rating is None:
            raise BadParameter("rating must be between 1 and 5")
        comment = (params.text("comment", max_length=MAX_COMMENT) or "").strip()
        row = reports.rate(
            conversation_id=self._conversation_id(request), rating=rating, comment=comment, now=clock.now()
        )
        if row is None:
            raise NotFound("survey")
        return Response({"thanks": row.thanks})

    def _conversation_id(self, request: Request) -> UUID:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        try:
            return tokens.read(token, now=clock.now()).conversation_id
        except tokens.TokenRefused as error:
            raise Unauthorized("The token is no good, or has expired") from error


class RefreshView(OpenView):
    def post(self, request: Request) -> Response:
        _limit(request)
        token = Params(request.data).required("token", max_length=4096)
        return Response(_write(chats.refresh_chat(token=token, now=clock.now())), status=201)


def _origin(request: Request) -> str | None:
    """Return the origin of the page that asks; None where no browser asks, or the page is our own."""
    origin: str | None = request.headers.get("Origin")
    return None if origin == f"{request.scheme}://{request.get_host()}" else origin


def _write(chat: chats.Chat) -> dict[str, Any]:
    return {
        "token": chat.token,
        "conversation_sid": ids.sid("CH", chat.conversation_id),
        "identity": chat.identity,
        "expires_at": clock.to_iso(chat.expires_at),
        "is_new": chat.is_new,
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
