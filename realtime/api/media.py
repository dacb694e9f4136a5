"""``/app/v1``: files that agents send and read, as far as they may see the conversation."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponseRedirect
from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api import AppView
from common.api.files import FileBody, upload_of
from common.errors import BadParameter, NotFound
from console import queries as console
from conversations.services import media
from realtime import access, payloads


class UploadView(AppView):
    """``conversations/{sid}/media``: POST keeps the body as a file, for a message of this conversation."""

    parser_classes = (FileBody,)

    def post(self, request: Request, sid: str) -> Response:
        conversation = access.writable_conversation(request.user, self.key("CH", sid))
        content, filename, kind = upload_of(request, most=settings.MEDIA_MAX_BYTES)
        row = media.store(
            account_id=self.account_id,
            conversation_id=conversation.id,
            content=content,
            filename=filename,
            declared_type=kind,
            author=request.user.sid,
            now=clock.now(),
        )
        (told,) = payloads.media_of([media.item(row)])
        return Response(told, status=201)


class CopiesView(AppView):
    """``conversations/{sid}/media/copies``: POST copies a canned reply's files, for a message of this conversation."""

    def post(self, request: Request, sid: str) -> Response:
        conversation = access.writable_conversation(request.user, self.key("CH", sid))
        key = ids.parse_or_none("CR", self.params(request).required("reply_sid"))
        reply = console.reply(self.account_id, key, request.user.id) if key else None
        if reply is None:
            raise BadParameter("reply_sid must be a canned reply of yours")
        rows = media.copy_to(
            [ids.parse("ME", item["sid"]) for item in reply.media],
            account_id=self.account_id,
            conversation_id=conversation.id,
            author=request.user.sid,
            now=clock.now(),
        )
        return Response({"media": payloads.media_of([media.item(row) for row in rows])}, status=201)


class FileView(AppView):
    """``media/{sid}``: leads to the bytes, for who may see the conversation now."""

    def get(self, request: Request, sid: str) -> HttpResponseRedirect:
        row = media.find(self.account_id, self.key("ME", sid))
        if row.conversation_id is None:
            raise NotFound("medium")
        access.visible_conversation(request.user, row.conversation_id)
        until = clock.now() + media.SHORTLY
        response = HttpResponseRedirect(media.signed_path(row.sid, until=until, filename=row.filename))
        response["Cache-Control"] = f"private, max-age={int(media.SHORTLY.total_seconds()) // 2}"
        return response
