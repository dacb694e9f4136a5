"""``/app/v1/canned-replies``: everybody's and one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponseRedirect
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock
from common.api import AppView
from common.api.app import AGENT
from common.api.files import FileBody, upload_of
from common.api.parsers import Params
from common.errors import Forbidden, NotFound
from console import queries, services
from console.services import ReplyValues
from conversations.services import media

if TYPE_CHECKING:
    from console.models import CannedReply


class RepliesView(AppView):
    def get(self, request: Request) -> Response:
        rows = queries.replies(self.account_id, request.user.id)
        return Response({"replies": [_write(row, request.user) for row in rows]})

    def post(self, request: Request) -> Response:
        params = self.params(request)
        scope = params.text("scope", choices=("account", "personal")) or "personal"
        if scope == "account" and request.user.role == AGENT:
            raise Forbidden("Only supervisors and admins make canned replies for everybody")
        if scope == "personal" and not queries.settings(self.account_id).personal_replies:
            raise Forbidden("Your administrator does not allow canned replies of one's own")
        row = services.create_reply(
            account_id=self.account_id,
            owner_id=None if scope == "account" else request.user.id,
            values=_values(params),
            now=clock.now(),
        )
        return Response(_write(row, request.user), status=201)


class ReplyView(AppView):
    def put(self, request: Request, sid: str) -> Response:
        row = services.update_reply(
            account_id=self.account_id,
            reply_id=self.key("CR", sid),
            user_id=request.user.id,
            is_editor=request.user.role != AGENT,
            values=_values(self.params(request)),
            now=clock.now(),
        )
        return Response(_write(row, request.user))

    def delete(self, request: Request, sid: str) -> Response:
        services.delete_reply(
            account_id=self.account_id,
            reply_id=self.key("CR", sid),
            user_id=request.user.id,
            is_editor=request.user.role != AGENT,
        )
        return Response(status=204)


class UploadView(AppView):
    """POST keeps the body as a file for a canned reply that is being written; unused ones go after a day."""

    parser_classes = (FileBody,)

    def post(self, request: Request) -> Response:
        content, filename, kind = upload_of(request, most=settings.MEDIA_MAX_BYTES)
        row = media.store(
            account_id=self.account_id,
            content=content,
            filename=filename,
            declared_type=kind,
            author=request.user.sid,
            now=clock.now(),
        )
        return Response(_medium("", media.item(row)), status=201)


class FileView(AppView):
    """Leads to the bytes of a canned reply's file, for who may use the reply."""

    def get(self, request: Request, sid: str, media_sid: str) -> HttpResponseRedirect:
        reply = queries.reply(self.account_id, self.key("CR", sid), request.user.id)
        held = next((item for item in reply.media if item["sid"] == media_sid), None) if reply else None
        if held is None:
            raise NotFound("medium")
        until = clock.now() + media.SHORTLY
        return HttpResponseRedirect(media.signed_path(media_sid, until=until, filename=held["filename"]))


def _values(params: Params) -> ReplyValues:
    return ReplyValues(
        shortcode=params.required("shortcode", max_length=60),
        body=params.text("body") or "",
        folder=params.text("folder", max_length=200) or "",
        channels=params.texts("channels") or (),
        media=params.texts("media") or (),
        steps=params.json("steps") or [],
    )


def _medium(reply_sid: str, item: dict[str, Any]) -> dict[str, Any]:
    kept = {name: item[name] for name in ("sid", "content_type", "filename", "size")}
    url = f"/app/v1/canned-replies/{reply_sid}/media/{item['sid']}" if reply_sid else ""
    return {**kept, "url": url}


def _write(row: CannedReply, user: Any) -> dict[str, Any]:
    mine: UUID | None = row.owner_id
    return {
        "sid": row.sid,
        "scope": "account" if mine is None else "personal",
        "folder": row.folder,
        "shortcode": row.shortcode,
        "body": row.body,
        "media": [_medium(row.sid, item) for item in row.media],
        "steps": row.steps,
        "channels": row.channels,
        "editable": mine == user.id or (mine is None and user.role != AGENT),
        "date_updated": clock.to_iso(row.updated_at),
    }
