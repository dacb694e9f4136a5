"""Messages as browsers get them, read from the database; for the sockets and the views alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from conversations import queries as conversations
from conversations.services import Source
from interactions import queries as interactions
from realtime import payloads

if TYPE_CHECKING:
    from conversations.models import Conversation, InternalMessage, Message


def agent_source_key(author_id: UUID, client_ref: str) -> str:
    """Return the key that makes an agent's repeated send harmless; ``author_id``: the worker, else the user."""
    return f"agent:{author_id.hex}:{client_ref}"


def webchat_source_key(conversation_id: UUID, ref: str) -> str:
    """Return the key that makes a customer's repeated send harmless."""
    return f"chat:{conversation_id.hex}:{ref}"


def client_ref(row: Message, *, author_id: UUID | None = None) -> str | None:
    """Return the reference a message was sent by: a customer's, or that of the agent ``author_id``; of others none."""
    prefix = (
        webchat_source_key(row.conversation_id, "")
        if row.source == Source.CUSTOMER
        else agent_source_key(author_id, "")
        if author_id is not None
        else None
    )
    key = row.source_key or ""
    return key.removeprefix(prefix) if prefix and key.startswith(prefix) else None


def read(
    conversation: Conversation,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int = 50,
    author_id: UUID | None = None,
) -> list[dict[str, Any]]:
    """Return messages (M) in order of index: those after an index, or the last ``limit`` (before one)."""
    rows = conversations.messages(conversation.id, after=after, before=before, limit=limit)
    return write(rows, conversation, author_id=author_id)


def write(
    rows: Sequence[Message], conversation: Conversation, *, author_id: UUID | None = None
) -> list[dict[str, Any]]:
    """Return M of messages of one conversation; two statements however many they are."""
    if not rows:
        return []
    receipts = conversations.receipts(row.id for row in rows)
    names = interactions.names_of_agents([conversation.id])
    return [
        payloads.message(
            row,
            conversation,
            names=names,
            receipts=receipts.get(row.id, ()),
            client_ref=client_ref(row, author_id=author_id),
        )
        for row in rows
    ]


def internal_source_key(author_id: UUID, client_ref: str) -> str:
    """Return the key that makes a repeated note or whisper harmless; ``author_id``: the worker, else the user."""
    return f"note:{author_id.hex}:{client_ref}"


def write_internal(rows: Sequence[InternalMessage], *, author_id: UUID) -> list[dict[str, Any]]:
    """Return N of notes and whispers, with the references of those that ``author_id`` wrote."""
    prefix = internal_source_key(author_id, "")
    return [
        payloads.internal_message(
            row, client_ref=key.removeprefix(prefix) if (key := row.source_key or "").startswith(prefix) else None
        )
        for row in rows
    ]
