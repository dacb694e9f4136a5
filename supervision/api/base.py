"""What the views of supervision share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from rest_framework.request import Request

from common import clock, ids
from common.api import AppView
from common.api.app import ADMIN, SUPERVISOR
from common.api.parsers import Params
from common.errors import BadParameter, NotFound
from conversations import queries as conversations
from supervision.services.actors import Actor

if TYPE_CHECKING:
    from conversations.models import Conversation

MAX_PAGE = 200


class SupervisorView(AppView):
    """Supervisors and admins alone."""

    roles: ClassVar[frozenset[str]] = frozenset({ADMIN, SUPERVISOR})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.now = clock.now()

    @property
    def actor(self) -> Actor:
        return Actor.of(self.request.user)

    def conversation(self, sid: str) -> Conversation:
        """:raises NotFound: malformed, unknown, or another account's."""
        found = conversations.find_conversation(self.account_id, self.key("CH", sid))
        if found is None:
            raise NotFound("conversation")
        return found


def optional_key(params: Params, name: str, prefix: str) -> UUID | None:
    """:raises BadParameter: given, and no such SID."""
    text = params.text(name)
    if not text:
        return None
    key = ids.parse_or_none(prefix, text)
    if key is None:
        raise BadParameter(f"{name} must be a SID that begins with {prefix}")
    return key


def page_of(params: Params) -> tuple[int, int]:
    """Return offset and limit."""
    return params.integer("offset", least=0, most=1_000_000) or 0, params.integer("limit", least=1, most=MAX_PAGE) or 50
