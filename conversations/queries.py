"""Reads of conversations for the parts further left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from conversations.models import (
    AddressConfiguration,
    Conversation,
    ConversationWebhook,
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


def external_participants(conversation_ids: Iterable[UUID]) -> dict[UUID, list[Participant]]:
    """Return the participants that are reached over a channel, for each conversation."""
    found: dict[UUID, list[Participant]] = defaultdict(list)
    rows = Participant.objects.filter(conversation_id__in=list(conversation_ids), address__isnull=False)
    for row in rows.order_by("id"):
        found[row.conversation_id].append(row)
    return found


def conversations_between(account_id: UUID, one: str, other: str) -> list[UUID]:
    """Return the open conversations in which two addresses, in either order, are a customer's and ours."""
    pairs = Q(address=one, proxy_address=other) | Q(address=other, proxy_address=one)
    rows = Participant.objects.filter(pairs, account_id=account_id, bound=True)
    return list(rows.values_list("conversation_id", flat=True))


def flows_of(conversation_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Return the flows attached to each conversation, in order of attachment."""
    found: dict[UUID, list[UUID]] = defaultdict(list)
    rows = ConversationWebhook.objects.filter(
        conversation_id__in=list(conversation_ids), target=ConversationWebhook.Target.STUDIO, flow_id__isnull=False
    )
    for conversation_id, flow_id in rows.order_by("id").values_list("conversation_id", "flow_id"):
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


def messages_by_id(message_ids: Iterable[UUID]) -> dict[UUID, Message]:
    """Return messages by id."""
    return Message.objects.in_bulk(list(message_ids))


def last_messages(conversation_ids: Iterable[UUID]) -> dict[UUID, Message]:
    """Return the newest message of each conversation that has one."""
    rows = Message.objects.filter(
        conversation_id__in=list(conversation_ids), index=F("conversation__last_message_index")
    )
    return {row.conversation_id: row for row in rows}


def last_indexes(conversation_ids: Iterable[UUID]) -> dict[UUID, tuple[int, str]]:
    """Return the index of the newest message (-1: none) and the state of each conversation."""
    rows = Conversation.objects.filter(id__in=list(conversation_ids))
    return {key: (index, state) for key, index, state in rows.values_list("id", "last_message_index", "state")}


def participations(worker_id: UUID, conversation_ids: Iterable[UUID]) -> dict[UUID, Participant]:
    """Return the worker's own participant of each conversation they take part in."""
    rows = Participant.objects.filter(worker_id=worker_id, conversation_id__in=list(conversation_ids))
    return {row.conversation_id: row for row in rows}


def unread(worker_id: UUID, conversation_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many of the customer's messages the worker has not read, of each conversation they take part in."""
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
    rows = Participant.objects.filter(worker_id=worker_id, conversation_id__in=list(conversation_ids))
    return dict(rows.values_list("conversation_id", Coalesce(Subquery(unseen), Value(0))))


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


def earlier_conversations(account_id: UUID, address: str, *, limit: int = 20) -> list[Conversation]:
    """Return a customer's conversations, newest first."""
    rows = Conversation.objects.filter(account_id=account_id, customer_address=address)
    return list(rows.order_by("-id")[:limit])


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
