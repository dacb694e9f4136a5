"""
The way in: what customers write, many at a time, in one transaction.

Invariants (tested in tests/conversations/test_ingest.py): a provider's message is stored once however often it is
told; two first messages of one new customer make one conversation; the order of a conversation is the order in
which its messages arrived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import Q

from common import bulk, events, ids
from conversations.models import AddressConfiguration, Conversation, Message, Participant
from conversations.services import inbound_groups, media
from conversations.services.beginnings import begin, told_of
from conversations.services.messages import (
    StoredKey,
    lock_conversations,
    read_source_keys,
    source_keys_of,
    write_messages,
)

# Another process may create the same conversation or store the same message between our look and our write.
TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """
    A customer's message as an adapter read it.

    ``source_key`` is unique in the installation: the connection and the provider's id. ``conversation_id`` is given
    where the channel knows it (web chat, whose sender is an identity); elsewhere the pair of addresses finds it, or,
    of what was written to a group, all its numbers: ``group`` are those beside the sender's and ours.
    """

    account_id: UUID
    channel_type: str
    sender: str
    recipient: str
    body: str
    source_key: str
    connection_id: UUID | None = None
    conversation_id: UUID | None = None
    name: str = ""
    media: list[dict[str, Any]] = field(default_factory=list)
    fields: dict[str, Any] = field(default_factory=dict)
    client_ref: str | None = None
    # What a pre-webhook made of it: another author than the sender, attributes, and the new conversation's name.
    author: str = ""
    attributes: str = "{}"
    friendly_name: str = ""
    group: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """The stored message, also where it had been stored before (not ``is_new``)."""

    conversation_id: UUID
    message_id: UUID
    index: int
    is_new: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a message was not stored."""

    reason: str


class _Overtaken(Exception):
    """A conversation was closed between our look and our lock: look again."""


Pair = tuple[UUID, str, str]


def receive_messages(batch: Sequence[InboundMessage], *, now: datetime) -> list[Received | Refused]:
    """
    Store what customers wrote, in the given order; one answer each.

    Unknown pairs get a conversation by the address configuration of the receiving address; without one the
    conversation is created all the same, with nothing attached, so that no message is lost.
    """
    for last in (*(False,) * (TRIES - 1), True):
        try:
            with transaction.atomic():
                return _store(batch, now)
        except (IntegrityError, _Overtaken, OperationalError):
            if last:
                raise
    raise AssertionError("unreachable")


def _store(batch: Sequence[InboundMessage], now: datetime) -> list[Received | Refused]:
    paired = [item for item in batch if item.conversation_id is None]
    stored, bound = bulk.ask(source_keys_of(item.source_key for item in batch), _owners_of(paired))
    known = read_source_keys(stored)
    new = [item for item in batch if item.source_key not in known]
    if any(item.group for item in new):
        found = inbound_groups.find_or_begin([item for item in new if item.group], now=now)
        batch = [replace(item, conversation_id=found.get(item.source_key, item.conversation_id)) for item in batch]
        new = [item for item in batch if item.source_key not in known]
    asked = {_pair(item) for item in new if item.conversation_id is None}
    owners = {tuple(pair): (owner, person) for *pair, owner, person in bound if tuple(pair) in asked}
    missing = list(
        dict.fromkeys(_pair(item) for item in new if item.conversation_id is None and _pair(item) not in owners)
    )
    wanted = {item.conversation_id for item in new if item.conversation_id} | {owner[0] for owner in owners.values()}
    held = lock_conversations(wanted) if wanted else {}
    if any(held[conversation_id].is_closed for conversation_id, _ in owners.values()):
        raise _Overtaken
    with bulk.together():
        created = _create(missing, new, owners, held, now)
        return _write(batch, known, owners, _identities(new), held, created, now)


def _write(
    batch: Sequence[InboundMessage],
    known: dict[str, StoredKey],
    owners: dict[Pair, tuple[UUID, UUID]],
    identities: dict[tuple[UUID, str], UUID],
    held: dict[UUID, Conversation],
    created: list[events.DomainEvent],
    now: datetime,
) -> list[Received | Refused]:
    results: list[Received | Refused] = []
    fresh: list[tuple[InboundMessage, Message]] = []
    for item in batch:
        stored = known.get(item.source_key)
        if stored is not None:
            results.append(Received(*stored, is_new=False))
            continue
        conversation_id, participant_id = (
            (item.conversation_id, identities.get((item.conversation_id, item.sender)))
            if item.conversation_id
            else owners[_pair(item)]
        )
        conversation = held.get(conversation_id)
        if conversation is None:
            results.append(Refused("The conversation does not exist"))
            continue
        if conversation.is_closed:
            results.append(Refused("The conversation is closed"))
            continue
        conversation.last_message_index += 1
        message = bulk.new(
            Message,
            id=ids.uuid7(),
            account_id=item.account_id,
            conversation_id=conversation.id,
            index=conversation.last_message_index,
            source=Message.Source.CUSTOMER,
            author=item.author or item.sender,
            attributes=item.attributes,
            participant_id=participant_id,
            body=item.body.replace("\x00", ""),
            media=media.expect(item.media) if item.media else [],
            fields=item.fields,
            source_key=item.source_key,
            created_at=now,
        )
        known[item.source_key] = StoredKey(conversation.id, message.id, message.index)
        fresh.append((item, message))
        results.append(Received(conversation.id, message.id, message.index, is_new=True))
    if created:
        events.publish(*created)
    write_messages(fresh, held, now=now)
    return results


def _pair(item: InboundMessage) -> Pair:
    return item.account_id, item.sender, item.recipient


def _owners_of(paired: Sequence[InboundMessage]) -> bulk.Question:
    """Ask for the pairs that are bound, each with its conversation and participant."""
    return bulk.values_of(
        Participant,
        ("account_id", "address", "proxy_address", "conversation_id", "id"),
        "{account_id} IN %s AND {address} IN %s AND {proxy_address} IN %s AND {bound}",
        (
            {item.account_id for item in paired},
            {item.sender for item in paired},
            {item.recipient for item in paired},
        ),
    )


def _identities(items: Sequence[InboundMessage]) -> dict[tuple[UUID, str], UUID]:
    direct = [item for item in items if item.conversation_id is not None]
    if not direct:
        return {}
    senders = {item.sender for item in direct}
    rows = Participant.objects.filter(
        Q(identity__in=senders) | Q(address__in=senders), conversation_id__in={item.conversation_id for item in direct}
    ).values_list("conversation_id", "identity", "address", "id")
    return {(conversation, identity or address or ""): key for conversation, identity, address, key in rows}


def _create(
    missing: Sequence[Pair],
    items: Sequence[InboundMessage],
    owners: dict[Pair, tuple[UUID, UUID]],
    held: dict[UUID, Conversation],
    now: datetime,
) -> list[events.DomainEvent]:
    """Create the conversations of new pairs; ``owners`` and ``held`` gain them. Returns what to announce."""
    if not missing:
        return []
    configurations = {
        (row.account_id, row.type, row.address): row
        for row in bulk.select(
            AddressConfiguration,
            "{enabled} AND {account_id} IN %s AND {address} IN %s",
            ({pair[0] for pair in missing}, {pair[2] for pair in missing}),
        )
    }
    firsts = {}
    for item in items:
        firsts.setdefault(_pair(item), item)
    conversations, participants, webhooks, announced = [], [], [], []
    # Sorted, so that two processes that create the same pairs meet at the first one and not in a deadlock.
    for pair in sorted(missing):
        first = firsts[pair]
        configuration = configurations.get((first.account_id, first.channel_type, first.recipient))
        conversation, webhook = begin(first, configuration, now=now)
        participant = bulk.new(
            Participant,
            id=ids.uuid7(),
            account_id=first.account_id,
            conversation_id=conversation.id,
            kind=Participant.Kind.CUSTOMER,
            name=first.name[:256],
            address=first.sender,
            proxy_address=first.recipient,
            bound=True,
            created_at=now,
            updated_at=now,
        )
        if webhook is not None:
            webhooks.append(webhook)
        conversations.append(conversation)
        participants.append(participant)
        owners[pair] = (conversation.id, participant.id)
        held[conversation.id] = conversation
        announced += told_of(conversation, (participant,))
    bulk.insert_many(conversations)
    bulk.insert_many(participants)
    bulk.insert_many(webhooks)
    return announced
