"""Who may see a conversation from the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from common.api.app import AGENT
from common.errors import Conflict, Forbidden, NotFound
from conversations import queries as conversations
from conversations.errors import ConversationClosed
from interactions import queries as interactions
from routing import queries as routing

if TYPE_CHECKING:
    from conversations.models import Conversation, InternalMessage


def visible_conversation(user: Any, conversation_id: UUID | None) -> Conversation:
    """
    Return a conversation that a user may see.

    Admins and supervisors see all of their account; agents what they take or took part in, what is offered to
    them, and earlier conversations of those customers.

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


def may_read(user: Any, row: InternalMessage) -> bool:
    """Whether a user who sees the conversation sees this note or whisper of it: one to an agent is not the others'."""
    return user.role != AGENT or row.to_worker_id in (None, user.worker_id) or row.user_id == user.id


def writable_conversation(user: Any, conversation_id: UUID | None) -> Conversation:
    """
    Return an open conversation that a user takes part in.

    :raises NotFound: they may not see it.
    :raises Forbidden: they only look on.
    :raises Conflict: it is closed.
    """
    found = visible_conversation(user, conversation_id)
    if user.worker_id is None or not conversations.participations(user.worker_id, [found.id]):
        raise Forbidden("Only who takes part in a conversation can write in it")
    if found.is_closed:
        raise Conflict("The conversation is closed", code=ConversationClosed.code)
    return found


def _is_theirs(worker_id: UUID, conversation_id: UUID) -> bool:
    if conversations.participations(worker_id, [conversation_id]):
        return True
    if interactions.has_worked_on(worker_id, conversation_id):
        return True
    if routing.has_open_reservation(worker_id, interactions.tasks_of_conversation(conversation_id)):
        return True
    return _is_their_customers(worker_id, conversation_id)


def _is_their_customers(worker_id: UUID, conversation_id: UUID) -> bool:
    """Whether it is an earlier conversation of a customer whom the worker has to do with now."""
    talk = conversations.conversations([conversation_id]).get(conversation_id)
    if talk is None or not talk.customer_address:
        return False
    contact = conversations.contact_of(talk.account_id, talk.customer_address)
    known = [] if contact is None else conversations.contact_addresses([contact.id]).get(contact.id, [])
    addresses = {talk.customer_address, *(each.address for each in known)}
    tasks = [row.task_id for row in routing.open_reservations(worker_id)]
    mine = conversations.conversations(interactions.conversations_of_tasks(tasks).values())
    return any(row.account_id == talk.account_id and row.customer_address in addresses for row in mine.values())
