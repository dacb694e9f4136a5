"""``/app/v1/conversations``: finding a conversation again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.response import Response

from common import ids
from common.api import AppView
from common.api.app import AGENT
from common.errors import BadParameter
from conversations.searching import search_conversations
from conversations.services import State
from interactions import queries as interactions
from realtime import customers

if TYPE_CHECKING:
    from uuid import UUID

    from conversations.models import Message

MAX_WORDS = 200  # characters
AROUND = 80  # characters on each side of the words


class SearchConversationsView(AppView):
    """Admins and supervisors find all of their account's conversations, agents those they had."""

    def get(self, request: Request) -> Response:
        params = self.params(request)
        words = (params.text("q", max_length=MAX_WORDS) or "").strip()
        user = request.user
        worker_id = user.worker_id if user.role == AGENT else self._worker(params.text("worker_sid"))
        if user.role == AGENT and worker_id is None:
            return Response({"conversations": [], "next_page_token": None})
        found = search_conversations(
            self.account_id,
            words=words,
            channel_type=params.text("channel_type", max_length=12) or None,
            state=params.text("state", choices=tuple(State.values)) or None,
            among=None if worker_id is None else interactions.worked_on(self.account_id, worker_id),
            since=params.moment("date_from"),
            until=params.moment("date_to"),
            before=self._before(params.text("page_token")),
        )
        rows = found.conversations
        agents = interactions.agents_of(row.id for row in rows)
        told = [
            {
                **written,
                "customer_name": row.customer_name,
                "customer_address": row.customer_address,
                "agents": agents.get(row.id, []),
                "found": _found(found.messages.get(row.id), words),
            }
            for row, written in zip(rows, customers.write_earlier(self.account_id, rows), strict=True)
        ]
        token = None if found.go_on_before is None else ids.sid("CH", found.go_on_before)
        return Response({"conversations": told, "next_page_token": token})

    def _worker(self, sid: str | None) -> UUID | None:
        return self.key("WK", sid) if sid else None

    def _before(self, token: str | None) -> UUID | None:
        if not token:
            return None
        key = ids.parse_or_none("CH", token)
        if key is None:
            raise BadParameter("page_token: not one of ours")
        return key


def _found(message: Message | None, words: str) -> dict[str, Any] | None:
    """Return the message with the words, and of its text what stands around them."""
    if message is None:
        return None
    body = " ".join(message.body.split())
    at = max(0, body.casefold().find(words.casefold()))
    start, end = max(0, at - AROUND), at + len(words) + AROUND
    text = f"{'…' if start else ''}{body[start:end]}{'…' if end < len(body) else ''}"
    return {"index": message.index, "source": message.source, "author": message.author, "text": text}
