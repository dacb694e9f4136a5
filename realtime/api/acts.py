"""``/app/v1/conversations/…/acts``: what happened around a conversation besides what was said."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from realtime.acts import acts
from realtime.api.conversations import OfConversation


class ActsView(OfConversation):
    def get(self, request: Request, sid: str) -> Response:
        return Response({"acts": [act.to_json() for act in acts(self.conversation(sid))]})
