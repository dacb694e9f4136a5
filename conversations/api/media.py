"""
Files: the signed addresses that everybody reads them through, and the media service that programs upload to.

The vendor serves the latter at ``mcs.us1.twilio.com/v1/Services/{IS}/Media``; here it is below ``/mcs/v1``.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, JsonResponse
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api.errors import public_url
from common.api.files import file_response, upload_of
from common.errors import ApiError, NotFound
from conversations.api.base import ConversationsView
from conversations.models import MediaFile
from conversations.services import media
from conversations.webhooks.parameters import service_sid

# What a provider has not given us yet is worth a moment.
WAIT_SECONDS = 10.0
LOOK_SECONDS = 0.4
KEPT = timedelta(days=1)


async def signed_file(request: HttpRequest, sid: str, ticket: str, filename: str = "") -> HttpResponseBase:
    """``/media/v1/{sid}/{ticket}/{name}``: a file, for whoever was given its address."""
    if request.method not in ("GET", "HEAD"):
        return refusal(ApiError("Method not allowed", code=20004, status=405))
    try:
        row = await _come(sid, ticket)
        file = await sync_to_async(media.open)(row)
    except ApiError as error:
        return refusal(error)
    assert row.size is not None
    return file_response(request, file, size=row.size, content_type=row.content_type, filename=row.filename, kept=KEPT)


async def _come(sid: str, ticket: str) -> MediaFile:
    """
    Return a file once it is kept.

    :raises ApiError: no such address, it is still on its way (503), or it never came (404).
    """
    until = asyncio.get_running_loop().time() + WAIT_SECONDS
    while True:
        row = await sync_to_async(media.check_signature)(sid, ticket, now=clock.now())
        if row.state == MediaFile.State.FAILED:
            raise NotFound(f"medium (it could not be fetched: {row.error})")
        if row.state == MediaFile.State.STORED:
            return row
        if asyncio.get_running_loop().time() >= until:
            raise ApiError("The file is still on its way. Try again in a moment.", code=20503, status=503)
        await asyncio.sleep(LOOK_SECONDS)


def refusal(error: ApiError) -> JsonResponse:
    response = JsonResponse(error.to_json(), status=error.status)
    response["Cache-Control"] = "no-store"
    if error.status == 503:
        response["Retry-After"] = "2"
    return response


class FilesView(ConversationsView):
    """``/Services/{ChatServiceSid}/Media``: POST keeps the body as a file."""

    def post(self, request: Request) -> Response:
        content, filename, kind = upload_of(request, most=settings.MEDIA_MAX_BYTES)
        row = media.store(
            account_id=self.account_id,
            content=content,
            filename=filename,
            declared_type=kind,
            author=request.query_params.get("Author") or "",
            now=self.now,
        )
        return Response(write(row), status=201)


class FileView(ConversationsView):
    """``/Services/{ChatServiceSid}/Media/{Sid}``."""

    def get(self, request: Request, sid: str) -> Response:
        return Response(write(media.find(self.account_id, self.key("ME", sid))))

    def delete(self, request: Request, sid: str) -> Response:
        media.forget(media_id=media.find(self.account_id, self.key("ME", sid)).id)
        return Response(status=204)


class FileContentView(ConversationsView):
    """``/Services/{ChatServiceSid}/Media/{Sid}/Content``: leads to the bytes."""

    def get(self, request: Request, sid: str) -> HttpResponseRedirect:
        row = media.find(self.account_id, self.key("ME", sid))
        return HttpResponseRedirect(media.signed_path(row.sid, until=self.now + media.SHORTLY, filename=row.filename))


def write(row: MediaFile) -> dict[str, Any]:
    """Return a file as the media service does."""
    service = service_sid(row.account_id)
    url = public_url(f"/mcs/v1/Services/{service}/Media/{row.sid}")
    return {
        "sid": row.sid,
        "account_sid": "AC" + row.account_id.hex,
        "service_sid": service,
        "channel_sid": None if row.conversation_id is None else "CH" + row.conversation_id.hex,
        "message_sid": None if row.message_id is None else "IM" + row.message_id.hex,
        "author": row.author or None,
        "category": "media",
        "content_type": row.content_type,
        "filename": row.filename or None,
        "size": row.size,
        "state": row.state,
        "date_created": clock.to_iso(row.created_at),
        "date_updated": clock.to_iso(row.updated_at),
        "url": url,
        "links": {
            "content": f"{url}/Content",
            "content_direct_temporary": media.signed_url(
                row.sid, until=clock.now() + media.SHORTLY, filename=row.filename
            ),
        },
    }
