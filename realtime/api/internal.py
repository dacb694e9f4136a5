"""``/app/v1/conversations/…/internal``: notes and whispers among colleagues."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from common import clock, ids
from common.api.app import AGENT
from common.errors import BadParameter, Conflict, Forbidden
from conversations import queries as conversations
from conversations import services
from conversations.services import InternalKind, NewInternalMessage
from realtime import transcript
from realtime.api.conversations import MAX_PAGE, MAX_REF, OfConversation


class InternalView(OfConversation):
    def get(self, request: Request, sid: str) -> Response:
        row = self.conversation(sid)
        params = self.params(request)
        after = params.integer("after", least=-1)
        rows = conversations.internal_messages(
            row.id,
            after=-1 if after is None else after,
            limit=params.integer("limit", least=1, most=MAX_PAGE) or MAX_PAGE,
            for_worker=request.user.worker_id if request.user.role == AGENT else None,
        )
        return Response({"messages": transcript.write_internal(rows, author_id=self.author_id)})

    def post(self, request: Request, sid: str) -> Response:
        row = self.conversation(sid)
        params = self.params(request)
        user = request.user
        kind = params.text("kind", choices=tuple(InternalKind.values)) or InternalKind.NOTE
        if kind == InternalKind.WHISPER and user.role == AGENT:
            raise Forbidden("Only supervisors whisper; write a note")
        ref = params.required("client_ref", max_length=MAX_REF)
        media = services.media.items_of(
            account_id=self.account_id, conversation_id=row.id, sids=params.texts("media") or []
        )
        stored = services.add_internal_message(
            NewInternalMessage(
                conversation_id=row.id,
                kind=kind,
                user_id=user.id,
                worker_id=user.worker_id,
                author_name=user.display_name,
                to_worker_id=_recipient(params.text("to_worker_sid"), row.id) if kind == InternalKind.WHISPER else None,
                body=params.text("body") or "",
                media=media,
                source_key=transcript.internal_source_key(self.author_id, ref),
            ),
            now=clock.now(),
        )
        if stored.row.conversation_id != row.id:
            raise Conflict("This client_ref was used in another conversation")
        (told,) = transcript.write_internal([stored.row], author_id=self.author_id)
        return Response(told, status=201 if stored.is_new else 200)


def _recipient(sid: str | None, conversation_id: UUID) -> UUID | None:
    """
    Return the agent whom a whisper is for.

    :raises BadParameter: who is named takes no part in the conversation.
    """
    if not sid:
        return None
    worker_id = ids.parse_or_none("WK", sid)
    if worker_id is None or conversation_id not in conversations.participations(worker_id, [conversation_id]):
        raise BadParameter("to_worker_sid must be an agent of this conversation")
    return worker_id
