"""
The way in: what customers write, many at a time, in one transaction.

Invariants (tested in tests/conversations/test_ingest.py): a provider's message is stored once however often it is
told; two first messages of one new customer make one conversation; the order of a conversation is the order in
which its messages arrived here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction

from common import bulk, events, ids
from conversations.events import ConversationCreated, ParticipantAdded
from conversations.models import AddressConfiguration, Conversation, ConversationWebhook, Message, Participant
from conversations.services.messages import find_by_source_key, lock_conversations, write_messages

# Another process may create the same conversation or store the same message between our look and our write.
TRIES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """
    A customer's message as an adapter read it.

    ``source_key`` is unique in the installation: the connection and the provider's id. ``conversation_id`` is given
    where the channel knows it (web chat, whose sender is an identity); elsewhere the pair of addresses finds it.
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
    known = find_by_source_key(item.source_key for item in batch)
    new = [item for item in batch if item.source_key not in known]
    owners = _owners(new)
    missing = list(
        dict.fromkeys(_pair(item) for item in new if item.conversation_id is None and _pair(item) not in owners)
    )
    wanted = {item.conversation_id for item in new if item.conversation_id} | {owner[0] for owner in owners.values()}
    held = lock_conversations(wanted) if wanted else {}
    if any(held[conversation_id].is_closed for conversation_id, _ in owners.values()):
        raise _Overtaken
    created = _create(missing, new, owners, held, now)
    identities = _identities(new)

    results: list[Received | Refused] = []
    fresh: list[tuple[InboundMessage, Message]] = []
    for item in batch:
        stored = known.get(item.source_key)
        if stored is not None:
            results.append(Received(stored.conversation_id, stored.id, stored.index, is_new=False))
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
        message = Message(
            id=ids.uuid7(),
            account_id=item.account_id,
            conversation_id=conversation.id,
            index=conversation.last_message_index,
            source=Message.Source.CUSTOMER,
            author=item.sender,
            participant_id=participant_id,
            body=item.body.replace("\x00", ""),
            media=item.media,
            fields=item.fields,
            source_key=item.source_key,
            created_at=now,
        )
        known[item.source_key] = message
        fresh.append((item, message))
        results.append(Received(conversation.id, message.id, message.index, is_new=True))
    if created:
        events.publish(*created)
    write_messages(fresh, held, now=now)
    return results


def _pair(item: InboundMessage) -> Pair:
    return item.account_id, item.sender, item.recipient


def _owners(items: Sequence[InboundMessage]) -> dict[Pair, tuple[UUID, UUID]]:
    """Return the (conversation, participant) that each known pair is bound to."""
    paired = [item for item in items if item.conversation_id is None]
    if not paired:
        return {}
    rows = bulk.select_values(
        Participant,
        ("account_id", "address", "proxy_address", "conversation_id", "id"),
        "{account_id} IN %s AND {address} IN %s AND {proxy_address} IN %s AND {bound}",
        (
            {item.account_id for item in paired},
            {item.sender for item in paired},
            {item.recipient for item in paired},
        ),
    )
    return {(account, address, proxy): (conversation, key) for account, address, proxy, conversation, key in rows}


def _identities(items: Sequence[InboundMessage]) -> dict[tuple[UUID, str], UUID]:
    direct = [item for item in items if item.conversation_id is not None]
    if not direct:
        return {}
    rows = Participant.objects.filter(
        conversation_id__in={item.conversation_id for item in direct}, identity__in={item.sender for item in direct}
    ).values_list("conversation_id", "identity", "id")
    return {(conversation, identity): key for conversation, identity, key in rows}


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
        for row in AddressConfiguration.objects.filter(
            enabled=True, account_id__in={pair[0] for pair in missing}, address__in={pair[2] for pair in missing}
        )
    }
    firsts = {}
    for item in items:
        firsts.setdefault(_pair(item), item)
    conversations, participants, webhooks, announced = [], [], [], []
    # Sorted, so that two processes that create the same pairs meet at the first one and not in a deadlock.
    for pair in sorted(missing):
        first = firsts[pair]
        conversation = Conversation(
            id=ids.uuid7(),
            account_id=first.account_id,
            channel_type=first.channel_type,
            customer_name=first.name[:256],
            customer_address=first.sender,
            proxy_address=first.recipient,
            connection_id=first.connection_id,
            created_at=now,
            updated_at=now,
        )
        participant = Participant(
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
        webhook = webhook_of(
            configurations.get((first.account_id, first.channel_type, first.recipient)), conversation, now
        )
        if webhook is not None:
            webhooks.append(webhook)
            conversation.has_webhooks = webhook.target != ConversationWebhook.Target.STUDIO
        conversations.append(conversation)
        participants.append(participant)
        owners[pair] = (conversation.id, participant.id)
        held[conversation.id] = conversation
        announced += [
            ConversationCreated(
                account_id=first.account_id,
                conversation_id=conversation.id,
                channel_type=first.channel_type,
                has_webhooks=conversation.has_webhooks,
            ),
            ParticipantAdded(
                account_id=first.account_id,
                conversation_id=conversation.id,
                has_webhooks=conversation.has_webhooks,
                participant_id=participant.id,
                kind=participant.kind,
                name=participant.name,
                worker_id=None,
            ),
        ]
    bulk.insert_many(conversations)
    bulk.insert_many(participants)
    bulk.insert_many(webhooks)
    return announced


def webhook_of(
    configuration: AddressConfiguration | None, conversation: Conversation, now: datetime
) -> ConversationWebhook | None:
    """Return the scoped webhook that an address configuration gives a new conversation."""
    if configuration is None or configuration.target == AddressConfiguration.Target.DEFAULT:
        return None
    return ConversationWebhook(
        account_id=conversation.account_id,
        conversation_id=conversation.id,
        target=configuration.target,
        flow_id=configuration.flow_id,
        url=configuration.webhook_url,
        method=configuration.webhook_method,
        filters=configuration.webhook_filters,
        created_at=now,
        updated_at=now,
    )
