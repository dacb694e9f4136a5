"""Who may see a conversation from the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from common.api.app import AGENT
from common.errors import NotFound
from conversations import queries as conversations
from interactions import queries as interactions
from routing import queries as routing

if TYPE_CHECKING:
    from conversations.models import Conversation


def visible_conversation(user: Any, conversation_id: UUID | None) -> Conversation:
    """
    Return a conversation that a user may see.

    Admins and supervisors see all of their account; agents what they take or took part in, and what is offered to them.

    :raises NotFound: unknown, another account's, or not theirs to see, which all look the same.
    """
    found = None if conversation_id is None else conversations.find_conversation(user.account_id, conversation_id)
    if found is None:
        raise NotFound("conversation")
    if user.role != AGENT:
        return found
    if user.worker_id is None or not _is_theirs(user.worker_id, found.id):
        raise NotFound("conversation")
    return found


def _is_theirs(worker_id: UUID, conversation_id: UUID) -> bool:
    if conversations.participations(worker_id, [conversation_id]):
        return True
    if interactions.has_worked_on(worker_id, conversation_id):
        return True
    return routing.has_open_reservation(worker_id, interactions.tasks_of_conversation(conversation_id))
