"""Adding messages: one locked write for many conversations at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from common import bulk, events, ids, outbox
from conversations.errors import ConversationClosed
from conversations.events import ConversationStateUpdated, MessageAdded
from conversations.models import Conversation, Message
from conversations.services import media


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """
    A message to be added by a flow, an agent or the API.

    ``source_key`` makes the write idempotent; ``id`` is given where the caller had to know it beforehand.
    ``client_ref`` goes back to the sender's screen with the stored message. ``is_silent`` and ``is_for_flows`` are
    what the announcement says of them.
    """

    conversation_id: UUID
    source: str
    author: str
    body: str
    id: UUID | None = None
    participant_id: UUID | None = None
    media: list[dict[str, Any]] = field(default_factory=list)
    attributes: str = "{}"
    fields: dict[str, Any] = field(default_factory=dict)
    source_key: str | None = None
    client_ref: str | None = None
    is_silent: bool = False
    is_for_flows: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """The message as it is in the database; not ``is_new`` where the same ``source_key`` had been stored before."""

    message: Message
    is_new: bool


def lock_conversations(conversation_ids: Iterable[UUID], *, wait: bool = True) -> dict[UUID, Conversation]:
    """
    Lock conversations for a write, in one order so that two writers never wait for each other in a circle.

    With ``wait=False`` those that somebody else holds are left out.
    """
    wanted = list(conversation_ids)
    if not wanted:
        return {}
    lock = bulk.lock_clause(Conversation, skip_locked=not wait)
    rows = bulk.select(Conversation, "{id} IN %s", (wanted,), tail=f"ORDER BY id {lock}")
    return {row.id: row for row in rows}


def lock_due_conversations(*, topic: str, now: datetime, limit: int) -> dict[UUID, Conversation]:
    """Lock conversations that have something of the topic due and that nobody else holds: see ``outbox.lock_due``."""
    return outbox.lock_due(Conversation, topic=topic, now=now, limit=limit)


# No savepoint: whatever fails here must undo the whole turn it is part of.
@transaction.atomic(savepoint=False)
def add_messages(
    batch: Sequence[NewMessage],
    *,
    now: datetime,
    locked: Mapping[UUID, Conversation] | None = None,
    are_new: bool = False,
) -> list[Stored | ConversationClosed]:
    """
    Add messages in the given order, and answer each with what became of it.

    A closed conversation refuses its messages and leaves the others alone. ``locked`` are conversations that the
    caller has locked in this transaction already; their ``last_message_index`` is kept up to date. With ``are_new`` the
    caller knows that none of the keys was stored before; if one was, the database refuses all of them.

    :raises Conversation.DoesNotExist: a conversation is unknown.
    :raises IntegrityError: ``are_new`` was wrong.
    """
    if not batch:
        return []
    held = dict(locked or {})
    held.update(lock_conversations({item.conversation_id for item in batch} - held.keys()))
    keys = [item.source_key for item in batch if item.source_key]
    known: dict[str | None, Message] = {}
    if keys and not are_new:
        known = {row.source_key: row for row in bulk.select(Message, "{source_key} IN %s", (keys,))}
    results: list[Stored | ConversationClosed] = []
    fresh: list[tuple[NewMessage, Message]] = []
    for item in batch:
        conversation = held.get(item.conversation_id)
        if conversation is None:
            raise Conversation.DoesNotExist(f"No conversation {ids.sid('CH', item.conversation_id)}")
        if item.source_key and item.source_key in known:
            results.append(Stored(known[item.source_key], is_new=False))
        elif conversation.is_closed:
            results.append(ConversationClosed())
        else:
            message = _build(item, conversation, now)
            if item.source_key:
                known[item.source_key] = message
            fresh.append((item, message))
            results.append(Stored(message, is_new=True))
    write_messages(fresh, held, now=now)
    return results


def add_message(item: NewMessage, *, now: datetime) -> Stored:
    """
    Add one message.

    :raises ConversationClosed: it takes none any more.
    :raises Conversation.DoesNotExist: unknown.
    """
    (result,) = add_messages([item], now=now)
    if isinstance(result, ConversationClosed):
        raise result
    return result


class StoredKey(NamedTuple):
    """Where a message of a known source key is."""

    conversation_id: UUID
    message_id: UUID
    index: int


def find_by_source_key(keys: Iterable[str]) -> dict[str, StoredKey]:
    """Return the messages that were stored under these keys before."""
    return read_source_keys(*bulk.ask(source_keys_of(keys)))


def source_keys_of(keys: Iterable[str]) -> bulk.Question:
    """Ask for the messages that were stored under these keys before; ``read_source_keys`` reads the answer."""
    names = ("source_key", "conversation_id", "id", "index")
    return bulk.values_of(Message, names, "{source_key} IN %s", (list(keys),))


def read_source_keys(rows: Iterable[tuple[Any, ...]]) -> dict[str, StoredKey]:
    """Return them by key."""
    return {key: StoredKey(*found) for key, *found in rows}


def _build(item: NewMessage, conversation: Conversation, now: datetime) -> Message:
    conversation.last_message_index += 1
    return bulk.new(
        Message,
        id=item.id or ids.uuid7(),
        account_id=conversation.account_id,
        conversation_id=conversation.id,
        index=conversation.last_message_index,
        source=item.source,
        author=item.author,
        participant_id=item.participant_id,
        # PostgreSQL's text cannot hold NUL; no channel means anything by it.
        body=item.body.replace("\x00", ""),
        media=item.media,
        attributes=item.attributes,
        fields=item.fields,
        source_key=item.source_key,
        created_at=now,
    )


def write_messages(fresh: Sequence[tuple[Any, Message]], held: Mapping[UUID, Conversation], *, now: datetime) -> None:
    """
    Insert built messages, move their conversations on, and announce both.

    The first of each pair may carry a ``client_ref``. ``held`` are locked rows with their new ``last_message_index``.
    """
    if not fresh:
        return
    if with_media := [(item, message) for item, message in fresh if message.media]:
        # A customer's message knows by which connection it came; a conversation that REST made does not.
        connections = {
            message.id: getattr(item, "connection_id", None) or held[message.conversation_id].connection_id
            for item, message in with_media
        }
        media.claim([message for _, message in with_media], connections, now=now)
    bulk.insert_many([message for _, message in fresh])
    touched = {message.conversation_id: held[message.conversation_id] for _, message in fresh}
    woken = []
    for conversation in touched.values():
        if conversation.state == Conversation.State.INACTIVE:
            conversation.state = Conversation.State.ACTIVE
            woken.append(
                ConversationStateUpdated(
                    account_id=conversation.account_id,
                    conversation_id=conversation.id,
                    old=Conversation.State.INACTIVE,
                    new=Conversation.State.ACTIVE,
                    reason="EVENT",
                    has_webhooks=conversation.has_webhooks,
                )
            )
        conversation.last_message_at = conversation.updated_at = now
    bulk.update_many(
        Conversation,
        ("last_message_index", "last_message_at", "updated_at", "state"),
        {row.id: (row.last_message_index, now, now, row.state) for row in touched.values()},
    )
    events.publish(
        *woken,
        *(message_added(message, held[message.conversation_id], item) for item, message in fresh),
    )


def message_added(
    message: Message, conversation: Conversation, item: Any = None, *, as_type: type[MessageAdded] = MessageAdded
) -> MessageAdded:
    """Return the announcement of a stored message; ``item`` is what it was made of."""
    return as_type(
        account_id=message.account_id,
        conversation_id=message.conversation_id,
        message_id=message.id,
        index=message.index,
        source=message.source,
        author=message.author,
        participant_id=message.participant_id,
        body=message.body,
        media=message.media,
        attributes=message.attributes,
        created_at=message.created_at,
        channel_type=conversation.channel_type,
        customer_address=conversation.customer_address,
        proxy_address=conversation.proxy_address,
        connection_id=conversation.connection_id,
        handled_by_agent=conversation.agents > 0 or conversation.awaits_agent,
        awaits_agent=conversation.awaits_agent,
        fields=message.fields,
        customer_name=conversation.customer_name,
        client_ref=getattr(item, "client_ref", None),
        is_silent=getattr(item, "is_silent", False),
        is_for_flows=getattr(item, "is_for_flows", False),
        has_webhooks=conversation.has_webhooks,
        held_for=conversation.held_for,
        is_shared=conversation.is_shared,
    )
