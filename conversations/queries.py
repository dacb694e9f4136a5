"""Reads of conversations for the parts further left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from common import bulk
from conversations.models import (
    AddressConfiguration,
    Contact,
    ContactAddress,
    Conversation,
    ConversationWebhook,
    InternalMessage,
    Message,
    Participant,
    Receipt,
)


def conversation(account_id: UUID, conversation_id: UUID) -> Conversation:
    """
    Return one conversation.

    :raises Conversation.DoesNotExist: unknown in this account.
    """
    return Conversation.objects.get(account_id=account_id, id=conversation_id)


def find_conversation(account_id: UUID, conversation_id: UUID) -> Conversation | None:
    """Return one conversation, or None where the account has none of this id."""
    return Conversation.objects.filter(account_id=account_id, id=conversation_id).first()


def conversations(conversation_ids: Iterable[UUID]) -> dict[UUID, Conversation]:
    """Return conversations by id."""
    return Conversation.objects.in_bulk(list(conversation_ids))


def participants(conversation_id: UUID) -> list[Participant]:
    """Return who takes part, in order of joining."""
    return list(Participant.objects.filter(conversation_id=conversation_id).order_by("id"))


def participant(conversation_id: UUID, identity: str) -> Participant | None:
    """Return the participant with an identity."""
    return Participant.objects.filter(conversation_id=conversation_id, identity=identity).first()


def open_of_identity(account_id: UUID, connection_id: UUID, identity: str) -> UUID | None:
    """Return the newest open web chat of a customer who is known by an identity."""
    mine = Participant.objects.filter(account_id=account_id, identity=identity, kind=Participant.Kind.CUSTOMER)
    rows = mine.filter(conversation__connection_id=connection_id).exclude(conversation__state=Conversation.State.CLOSED)
    return rows.order_by("-conversation_id").values_list("conversation_id", flat=True).first()


def external_participants(conversation_ids: Iterable[UUID]) -> dict[UUID, list[Participant]]:
    """Return the participants that are reached over a channel, for each conversation."""
    found: dict[UUID, list[Participant]] = defaultdict(list)
    wanted = (list(conversation_ids),)
    for row in bulk.select(
        Participant, "{conversation_id} IN %s AND {address} IS NOT NULL", wanted, tail="ORDER BY id"
    ):
        found[row.conversation_id].append(row)
    return found


def conversations_between(account_id: UUID, one: str, other: str) -> list[UUID]:
    """Return the open conversations in which two addresses, in either order, are a customer's and ours."""
    pairs = Q(address=one, proxy_address=other) | Q(address=other, proxy_address=one)
    rows = Participant.objects.filter(pairs, account_id=account_id, bound=True)
    return list(rows.values_list("conversation_id", flat=True))


def last_customer_message_at(account_id: UUID, address: str, proxy_address: str) -> datetime | None:
    """Return when a customer last wrote to one of our addresses."""
    talks = Conversation.objects.filter(
        account_id=account_id, customer_address=address, proxy_address=proxy_address
    ).order_by("-id")[:10]
    rows = Message.objects.filter(conversation_id__in=[talk.id for talk in talks], source=Message.Source.CUSTOMER)
    return rows.order_by("-created_at").values_list("created_at", flat=True).first()


def last_heard_key(conversation_id: UUID, author: str, index: int | None) -> str:
    """Return the source key of a customer's newest message, at most of ``index``; "" where there is none."""
    rows = Message.objects.filter(conversation_id=conversation_id, source=Message.Source.CUSTOMER, author=author)
    if index is not None:
        rows = rows.filter(index__lte=index)
    return rows.order_by("-index").values_list("source_key", flat=True).first() or ""


def flows_of(conversation_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Return the flows attached to each conversation, in order of attachment."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for conversation_id, flow_id in bulk.select_values(
        ConversationWebhook,
        ("conversation_id", "flow_id"),
        "{conversation_id} IN %s AND {target} = 'studio' AND {flow_id} IS NOT NULL",
        (list(conversation_ids),),
        tail="ORDER BY id",
    ):
        found[conversation_id].append(flow_id)
    return found


def flows_of_addresses(rows: Iterable[Conversation]) -> dict[UUID, list[UUID]]:
    """Return the flow that answers the address each conversation came in on, where one does."""
    rows = [row for row in rows if row.proxy_address]
    wanted = {(row.account_id, row.channel_type, row.proxy_address) for row in rows}
    if not wanted:
        return {}
    found = AddressConfiguration.objects.filter(
        enabled=True,
        target=AddressConfiguration.Target.STUDIO,
        flow_id__isnull=False,
        account_id__in={key[0] for key in wanted},
        address__in={key[2] for key in wanted},
    )
    flows = {(row.account_id, row.type, row.address): row.flow_id for row in found}
    return {
        row.id: [flows[key]] for row in rows if (key := (row.account_id, row.channel_type, row.proxy_address)) in flows
    }


def messages(
    conversation_id: UUID, *, after: int | None = None, before: int | None = None, limit: int = 50
) -> list[Message]:
    """
    Return messages in order of index: those after an index, or the last ``limit`` (before one).
    """
    rows = Message.objects.filter(conversation_id=conversation_id)
    if after is not None:
        return list(rows.filter(index__gt=after).order_by("index")[:limit])
    if before is not None:
        rows = rows.filter(index__lt=before)
    return list(rows.order_by("-index")[:limit])[::-1]


def internal_messages(
    conversation_id: UUID, *, after: int = -1, limit: int = 200, for_worker: UUID | None = None
) -> list[InternalMessage]:
    """
    Return notes and whispers behind a number, in order.

    ``for_worker``: without the whispers that are for another agent and not by this one.
    """
    rows = InternalMessage.objects.filter(conversation_id=conversation_id, number__gt=after)
    if for_worker is not None:
        own = Q(to_worker_id=None) | Q(to_worker_id=for_worker) | Q(worker_id=for_worker)
        rows = rows.filter(own)
    return list(rows.order_by("number")[:limit])


def internal_message(internal_message_id: UUID) -> InternalMessage | None:
    """Return a note or a whisper."""
    return InternalMessage.objects.filter(id=internal_message_id).first()


def search_messages(conversation_id: UUID, words: str, *, limit: int) -> tuple[list[Message], list[InternalMessage]]:
    """
    Return the newest messages, and the newest notes and whispers, whose text contains ``words`` in any case.

    Compared here and not in SQL, whose databases know different letters.
    """
    wanted = words.casefold()
    spoken = Message.objects.filter(conversation_id=conversation_id).order_by("-index")
    inside = InternalMessage.objects.filter(conversation_id=conversation_id).order_by("-number")
    return _containing(spoken, wanted, limit), _containing(inside, wanted, limit)


def _containing(rows: Any, wanted: str, limit: int) -> list[Any]:
    hits = []
    for key, body in rows.values_list("id", "body").iterator(chunk_size=2_000):
        if wanted in body.casefold():
            hits.append(key)
            if len(hits) >= limit:
                break
    by_id = rows.model.objects.in_bulk(hits)
    return [by_id[key] for key in hits if key in by_id]


def has_message(source_key: str) -> bool:
    """Tell whether a message was stored under this key."""
    return Message.objects.filter(source_key=source_key).exists()


def messages_by_id(message_ids: Iterable[UUID]) -> dict[UUID, Message]:
    """Return messages by id."""
    return Message.objects.in_bulk(list(message_ids))


def last_messages(conversation_ids: Iterable[UUID]) -> dict[UUID, Message]:
    """Return the newest message of each conversation that has one."""
    rows = Message.objects.filter(
        conversation_id__in=list(conversation_ids), index=F("conversation__last_message_index")
    )
    return {row.conversation_id: row for row in rows}


def customers_last_words(conversation_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the text of the customer's newest message of each conversation in which they wrote."""
    newest = Message.objects.filter(conversation_id=OuterRef("conversation_id"), source=Message.Source.CUSTOMER)
    rows = Message.objects.filter(
        conversation_id__in=list(conversation_ids), index=Subquery(newest.order_by("-index").values("index")[:1])
    )
    return dict(rows.values_list("conversation_id", "body"))


def last_indexes(conversation_ids: Iterable[UUID]) -> dict[UUID, tuple[int, str]]:
    """Return the index of the newest message (-1: none) and the state of each conversation."""
    rows = Conversation.objects.filter(id__in=list(conversation_ids))
    return {key: (index, state) for key, index, state in rows.values_list("id", "last_message_index", "state")}


def participations(worker_id: UUID, conversation_ids: Iterable[UUID]) -> dict[UUID, Participant]:
    """Return the worker's own participant of each conversation they take part in."""
    rows = Participant.objects.filter(worker_id=worker_id, conversation_id__in=list(conversation_ids))
    return {row.conversation_id: row for row in rows}


def unread(worker_ids: Iterable[UUID], conversation_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID], int]:
    """Return how many of the customer's messages workers have not read, by worker and conversation that has them."""
    unseen = (
        Message.objects.filter(
            conversation_id=OuterRef("conversation_id"),
            source=Message.Source.CUSTOMER,
            index__gt=Coalesce(OuterRef("last_read_message_index"), Value(-1)),
        )
        .order_by()
        .values("conversation_id")
        .annotate(total=Count("id"))
        .values("total")
    )
    rows = Participant.objects.filter(worker_id__in=list(worker_ids), conversation_id__in=list(conversation_ids))
    found = rows.values_list("worker_id", "conversation_id", Coalesce(Subquery(unseen), Value(0)))
    return {(worker_id, conversation_id): total for worker_id, conversation_id, total in found}


@dataclass(frozen=True, slots=True)
class TalkTimes:
    """When a customer last wrote, and since when they have been waiting for a person (None: it is their turn)."""

    last_customer_at: datetime | None
    waiting_since: datetime | None


def talk_times(conversation_ids: Iterable[UUID]) -> dict[UUID, TalkTimes]:
    """Return the times that an agent has to watch, of each conversation; a message of a flow is no answer."""
    said = Message.objects.filter(conversation_id=OuterRef("id"))
    by_customer = said.filter(source=Message.Source.CUSTOMER)
    rows = Conversation.objects.filter(id__in=list(conversation_ids)).annotate(
        answered=Coalesce(
            Subquery(said.filter(source=Message.Source.AGENT).order_by("-index").values("index")[:1]), Value(-1)
        ),
        last_customer_at=Subquery(by_customer.order_by("-index").values("created_at")[:1]),
        waiting_since=Subquery(
            by_customer.filter(index__gt=OuterRef("answered")).order_by("index").values("created_at")[:1]
        ),
    )
    return {
        key: TalkTimes(last, since) for key, last, since in rows.values_list("id", "last_customer_at", "waiting_since")
    }


def receipts(message_ids: Iterable[UUID]) -> dict[UUID, list[Receipt]]:
    """Return the receipts of each message."""
    found: dict[UUID, list[Receipt]] = defaultdict(list)
    for row in Receipt.objects.filter(message_id__in=list(message_ids)).order_by("id"):
        found[row.message_id].append(row)
    return found


def addresses(account_id: UUID) -> list[AddressConfiguration]:
    """Return an account's address configurations by type and address."""
    return list(AddressConfiguration.objects.filter(account_id=account_id).order_by("type", "address"))


def address(account_id: UUID, type: str, address: str) -> AddressConfiguration | None:
    """Return the enabled configuration of one address."""
    return AddressConfiguration.objects.filter(account_id=account_id, type=type, address=address, enabled=True).first()


def earlier_conversations(account_id: UUID, addresses: Iterable[str], *, limit: int = 20) -> list[Conversation]:
    """Return the conversations of a customer with these addresses, newest first."""
    wanted = [address for address in addresses if address]
    rows = Conversation.objects.filter(account_id=account_id, customer_address__in=wanted)
    return list(rows.order_by("-id")[:limit])


def begun_between(
    account_id: UUID, start: datetime, end: datetime, *, after: UUID | None = None, limit: int = 500
) -> list[Conversation]:
    """Return the conversations that began in a span of time in the order of their ids; ``after`` one, the next."""
    rows = Conversation.objects.filter(account_id=account_id, created_at__gte=start, created_at__lt=end)
    if after is not None:
        rows = rows.filter(id__gt=after)
    return list(rows.order_by("id")[:limit])


def message_counts(conversation_ids: Iterable[UUID]) -> dict[tuple[UUID, str], int]:
    """Return how many messages of each source each conversation has."""
    rows = Message.objects.filter(conversation_id__in=list(conversation_ids)).order_by()
    counted = rows.values_list("conversation_id", "source").annotate(Count("id"))
    return {(conversation_id, source): number for conversation_id, source, number in counted}


def contact(account_id: UUID, contact_id: UUID) -> Contact | None:
    """Return a contact with its addresses; of a merged one the one it was merged into."""
    row = Contact.objects.filter(account_id=account_id, id=contact_id).select_related("merged_into").first()
    return row if row is None or row.merged_into is None else row.merged_into


def contact_of(account_id: UUID, address: str) -> Contact | None:
    """Return the contact that has an address."""
    row = ContactAddress.objects.filter(account_id=account_id, address=address).select_related("contact").first()
    return None if row is None else row.contact


def contact_addresses(contact_ids: Iterable[UUID]) -> dict[UUID, list[ContactAddress]]:
    """Return the addresses of contacts, oldest first."""
    found: dict[UUID, list[ContactAddress]] = defaultdict(list)
    for row in ContactAddress.objects.filter(contact_id__in=list(contact_ids)).order_by("id"):
        found[row.contact_id].append(row)
    return found


def contacts(account_id: UUID, *, search: str = "") -> QuerySet[Contact]:
    """Return contacts, newest first; ``search`` is a part of a name, an address or the attributes."""
    rows = Contact.objects.filter(account_id=account_id, merged_into=None).order_by("-id")
    if search:
        of_address = ContactAddress.objects.filter(account_id=account_id, address__icontains=search)
        rows = rows.filter(
            Q(name__icontains=search) | Q(attributes__icontains=search) | Q(id__in=of_address.values("contact_id"))
        )
    return rows


def channel_messages(
    account_id: UUID,
    *,
    author_or_sender: str = "",
    recipient: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: UUID | None = None,
    limit: int = 50,
) -> list[Message]:
    """
    Return messages that came or went over a channel, newest first, their conversations loaded.

    ``author_or_sender`` and ``recipient`` are addresses as the channel saw them: of a customer's message the author
    and ours, of others ours and the customer's.
    """
    rows = Message.objects.filter(conversation__account_id=account_id, account_id=account_id)
    rows = rows.exclude(conversation__proxy_address="").select_related("conversation")
    came = Q(source=Message.Source.CUSTOMER)
    if author_or_sender:
        rows = rows.filter(
            (came & Q(author=author_or_sender)) | (~came & Q(conversation__proxy_address=author_or_sender))
        )
    if recipient:
        rows = rows.filter(
            (came & Q(conversation__proxy_address=recipient)) | (~came & Q(conversation__customer_address=recipient))
        )
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    if until is not None:
        rows = rows.filter(created_at__lt=until)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return list(rows.order_by("-id")[:limit])


def channel_message(account_id: UUID, message_id: UUID) -> Message | None:
    """Return one message that came or went over a channel, its conversation loaded."""
    rows = Message.objects.filter(account_id=account_id, id=message_id).exclude(conversation__proxy_address="")
    return rows.select_related("conversation").first()


@dataclass(frozen=True, slots=True)
class Asked:
    """The customer's message that something answered."""

    id: UUID
    created_at: datetime


def last_from_customer(places: Iterable[tuple[UUID, int]]) -> dict[tuple[UUID, int], Asked]:
    """Return the last customer's message before each place (conversation, index); those without one are left out."""
    found = {}
    for conversation_id, index in dict.fromkeys(places):
        rows = Message.objects.filter(conversation_id=conversation_id, index__lt=index, source=Message.Source.CUSTOMER)
        for key, created_at in rows.order_by("-index").values_list("id", "created_at")[:1]:
            found[conversation_id, index] = Asked(key, created_at)
    return found


def moments_of(message_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """Return when messages were written."""
    return dict(Message.objects.filter(id__in=list(message_ids)).values_list("id", "created_at"))
