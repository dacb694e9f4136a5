"""Who takes part, as REST writes it: by identity, or by the pair of addresses of a channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from common import events, ids
from common.errors import BadParameter
from conversations.errors import (
    AddressEqualsProxy,
    ConversationClosed,
    IdentityTwice,
    NoIdentity,
    NoProxyAddress,
    NotProjected,
    PairInUse,
    TooManyChannelParticipants,
    TooManyConversations,
    TooManyGroupParticipants,
    TooManyParticipants,
)
from conversations.events import ParticipantAdded, ParticipantRemoved, ParticipantUpdated
from conversations.models import ChannelType, Conversation, Participant, Role
from conversations.services import groups
from conversations.services.checks import check_attributes
from conversations.services.configuration import settings_of
from conversations.services.identities import ensure_user
from conversations.services.messages import lock_conversations
from conversations.services.threads import open_conversation_of
from conversations.services.timers import change_state, set_timer
from conversations.webhooks.parameters import binding_type

MOST, MOST_OVER_CHANNELS = 1000, 50
# Of one identity, not counting closed ones.
MOST_CONVERSATIONS = 1000
MAX_TEXT = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """
    Who is to join; empty texts are as good as none.

    An ``identity``; or ``address`` and ``proxy_address``; or, of group MMS, ``address`` alone, or
    ``projected_address`` with the identity whose number it is (which may come later).
    """

    identity: str = ""
    address: str = ""
    proxy_address: str = ""
    projected_address: str = ""
    attributes: str = ""
    role_id: UUID | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


def check_joining(who: Joining) -> None:
    """
    Refuse what cannot be a participant, before anything is looked up.

    :raises BadParameter: neither or both ways to be reached, or addresses that do not go together.
    :raises AddressEqualsProxy: both sides of the pair are the same.
    """
    for name, text in (
        ("Identity", who.identity),
        ("MessagingBinding.Address", who.address),
        ("MessagingBinding.ProxyAddress", who.proxy_address),
        ("MessagingBinding.ProjectedAddress", who.projected_address),
    ):
        if len(text) > MAX_TEXT:
            raise BadParameter(f"{name} must have at most {MAX_TEXT} characters")
    if who.identity and who.address:
        raise BadParameter("A participant has either an Identity or a MessagingBinding.Address")
    if who.projected_address and (who.address or binding_type(who.projected_address) != ChannelType.SMS):
        raise BadParameter("MessagingBinding.ProjectedAddress is a phone number, of who has no Address")
    if not who.address:
        if who.proxy_address:
            raise BadParameter("MessagingBinding.ProxyAddress goes with MessagingBinding.Address")
        if not who.identity and not who.projected_address:
            raise BadParameter("A participant needs an Identity or a MessagingBinding.Address")
        return
    if who.address == who.proxy_address:
        raise AddressEqualsProxy("The participant's address and the proxy address are the same")
    kind = binding_type(who.address)
    if not who.proxy_address and kind != ChannelType.SMS:
        raise BadParameter("MessagingBinding.Address needs a ProxyAddress, unless it is a phone number's (group MMS)")
    if who.proxy_address and kind != binding_type(who.proxy_address):
        raise BadParameter("MessagingBinding.Address and ProxyAddress must be of the same channel")
    if kind not in ChannelType.values or kind == ChannelType.CHAT:
        raise BadParameter(f"There is no channel {kind!r}")
    check_attributes(who.attributes)


@transaction.atomic
def join_conversation(*, conversation_id: UUID, who: Joining, now: datetime, is_silent: bool = False) -> Participant:
    """
    Add a participant. The first who is reached over a channel is the conversation's customer.

    An unknown identity gets a user. An inactive conversation wakes.

    :raises ConversationClosed, IdentityTwice, PairInUse, TooManyParticipants: as named.
    :raises TooManyChannelParticipants, TooManyGroupParticipants: more than 50 over channels.
    :raises TooManyConversations: the identity takes part in 1,000 open ones.
    :raises GroupParticipantExists, NoProjectedAddress, TooManyInGroup, GroupExists: see ``check_group``.
    :raises BadParameter: see ``check_joining``; or no such role.
    """
    check_joining(who)
    row = lock_conversations([conversation_id]).get(conversation_id)
    if row is None:
        raise Conversation.DoesNotExist
    if row.is_closed:
        raise ConversationClosed
    _check_room(row, who)
    if who.identity:
        _check_conversations(row.account_id, who.identity)
    kind = Participant.Kind.EXTERNAL
    if who.address and who.proxy_address and not row.proxy_address:
        kind = Participant.Kind.CUSTOMER
    participant = Participant(
        account_id=row.account_id,
        conversation_id=row.id,
        kind=kind,
        identity=who.identity or None,
        name=who.identity,
        address=who.address or None,
        proxy_address=who.proxy_address or None,
        projected_address=who.projected_address or None,
        bound=bool(who.address and who.proxy_address),
        attributes=check_attributes(who.attributes),
        role_id=conversation_role(row.account_id, who.role_id, now=now),
        created_at=who.created_at or now,
        updated_at=who.updated_at or now,
    )
    people = list(row.participants.all())
    groups.check_group(row, participant, people)
    _insert(participant)
    if who.identity:
        ensure_user(account_id=row.account_id, identity=who.identity, now=now, is_silent=is_silent)
    if kind == Participant.Kind.CUSTOMER:
        _make_customer(row, participant)
    if groups.is_group([*people, participant]):
        _settle_group(row)
        participant.refresh_from_db()
    _note_sharing(row)
    change_state(row, Conversation.State.ACTIVE, reason="EVENT", now=now, is_silent=is_silent)
    events.publish(
        ParticipantAdded(
            account_id=row.account_id,
            conversation_id=row.id,
            participant_id=participant.id,
            kind=kind,
            name=participant.name,
            worker_id=None,
            is_silent=is_silent,
            has_webhooks=row.has_webhooks,
        )
    )
    set_timer(row)
    return participant


@transaction.atomic
def change_participant(
    *,
    participant_id: UUID,
    now: datetime,
    attributes: str | None = None,
    role_id: UUID | None = None,
    identity: str | None = None,
    proxy_address: str | None = None,
    projected_address: str | None = None,
    last_read_index: int | None = None,
    last_read_at: datetime | None = None,
    created_at: datetime | None = None,
    updated_at: datetime | None = None,
    notification_level: str | None = None,
    is_silent: bool = False,
) -> Participant:
    """
    Change a participant; None leaves a thing as it is.

    :raises ConversationClosed, IdentityTwice, PairInUse, AddressEqualsProxy, NoIdentity, NoProxyAddress: as named.
    :raises NotProjected, TooManyInGroup, GroupExists: as named.
    :raises BadParameter: an index that no message has yet, or texts that do not fit the kind of participant.
    """
    participant = Participant.objects.get(id=participant_id)
    row = lock_conversations([participant.conversation_id])[participant.conversation_id]
    participant.refresh_from_db()
    if row.is_closed:
        raise ConversationClosed
    was_group = participant.is_group_member or bool(participant.projected_address)
    if attributes is not None:
        participant.attributes = check_attributes(attributes)
    if role_id is not None:
        participant.role_id = conversation_role(row.account_id, role_id, now=now)
    if identity and identity != participant.identity:
        if participant.identity or not participant.projected_address or participant.address:
            raise NoIdentity("The participant cannot have another Identity")
        participant.identity = participant.name = identity
        ensure_user(account_id=row.account_id, identity=identity, now=now, is_silent=is_silent)
    if proxy_address:
        if not participant.address:
            raise NoProxyAddress("A participant without an address cannot have a proxy address")
        check_joining(Joining(address=participant.address or "", proxy_address=proxy_address))
        participant.proxy_address, participant.projected_address, participant.bound = proxy_address, None, True
    if projected_address is not None:
        if participant.address:
            raise NotProjected("Who has an address of their own cannot have a projected address")
        check_joining(Joining(identity=participant.identity or "", projected_address=projected_address))
        participant.projected_address = projected_address or None
    if last_read_index is not None:
        if participant.identity is None:
            raise BadParameter("Only who has an identity has a read horizon")
        if last_read_index > row.last_message_index:
            raise BadParameter(f"LastReadMessageIndex must not exceed {row.last_message_index}, the last message's")
        participant.last_read_message_index, participant.last_read_at = last_read_index, last_read_at or now
    elif last_read_at is not None:
        participant.last_read_at = last_read_at
    participant.notification_level = notification_level or participant.notification_level
    participant.created_at, participant.updated_at = created_at or participant.created_at, updated_at or now
    others = list(row.participants.exclude(id=participant.id))
    is_group = groups.is_group([*others, participant])
    if is_group:
        groups.check_addresses(row, [*others, participant])
    _insert(participant, is_new=False)
    if is_group or was_group:
        _settle_group(row)
        participant.refresh_from_db()
    elif participant.kind == Participant.Kind.CUSTOMER and participant.address:
        _make_customer(row, participant)
    _note_sharing(row)
    events.publish(
        ParticipantUpdated(
            account_id=row.account_id,
            conversation_id=row.id,
            participant_id=participant.id,
            is_silent=is_silent,
            has_webhooks=row.has_webhooks,
        )
    )
    return participant


@transaction.atomic
def take_out(*, participant_id: UUID, now: datetime, is_silent: bool = False) -> None:
    """
    Remove a participant, which frees their pair of addresses.

    Of several who are reached over channels, the next one takes the customer's place.

    :raises ConversationClosed: who took part in a closed conversation stays on record.
    """
    participant = Participant.objects.get(id=participant_id)
    row = lock_conversations([participant.conversation_id])[participant.conversation_id]
    if row.is_closed:
        raise ConversationClosed
    events.publish(
        ParticipantRemoved(
            account_id=row.account_id,
            conversation_id=row.id,
            participant_id=participant.id,
            kind=participant.kind,
            name=participant.name,
            worker_id=participant.worker_id,
            is_silent=is_silent,
            has_webhooks=row.has_webhooks,
        )
    )
    participant.delete()
    if participant.kind == Participant.Kind.AGENT:
        row.agents = max(0, row.agents - 1)
        row.save(update_fields=("agents",))
    if participant.projected_address:
        _settle_group(row)
    elif participant.kind == Participant.Kind.CUSTOMER and participant.address:
        _choose_customer(row, list(row.participants.filter(proxy_address__isnull=False).order_by("id")))
    _note_sharing(row)


def conversation_role(account_id: UUID, role_id: UUID | None, *, now: datetime) -> UUID:
    """
    Return the role of a participant: the given one, else the default.

    :raises BadParameter: it is no conversation role of this account.
    """
    if role_id is None:
        return settings_of(account_id, now=now).conversation_role_id
    if not Role.objects.filter(account_id=account_id, id=role_id, type=Role.Type.CONVERSATION).exists():
        raise BadParameter("RoleSid must be a conversation role of this account")
    return role_id


def _check_room(row: Conversation, who: Joining) -> None:
    if row.participants.count() >= MOST:
        raise TooManyParticipants(f"A conversation has at most {MOST} participants")
    if who.address and row.participants.filter(address__isnull=False).count() >= MOST_OVER_CHANNELS:
        refusal = TooManyChannelParticipants if who.proxy_address else TooManyGroupParticipants
        raise refusal(f"A conversation has at most {MOST_OVER_CHANNELS} participants over channels")


def _check_conversations(account_id: UUID, identity: str) -> None:
    mine = Participant.objects.filter(account_id=account_id, identity=identity).order_by()
    # Almost nobody has as many with the closed ones, and only then are the open ones counted.
    if not mine[MOST_CONVERSATIONS - 1 : MOST_CONVERSATIONS].exists():
        return
    if mine.exclude(conversation__state=Conversation.State.CLOSED).count() >= MOST_CONVERSATIONS:
        raise TooManyConversations(
            f"An identity takes part in at most {MOST_CONVERSATIONS} conversations that are open"
        )


def _insert(participant: Participant, *, is_new: bool = True) -> None:
    try:
        with transaction.atomic():
            participant.save(force_insert=is_new, force_update=not is_new)
    except IntegrityError as error:
        if participant.identity:
            raise IdentityTwice(f"The identity {participant.identity!r} takes part already") from error
        other = open_conversation_of(participant.account_id, participant.address or "", participant.proxy_address or "")
        where = ids.sid("CH", other) if other else "another conversation"
        raise PairInUse(
            f"A binding for this participant and proxy address already exists in Conversation {where}"
        ) from error


def _note_sharing(row: Conversation) -> None:
    """Note whether a customer's words have somebody else over a channel to go to, beside a web chat's visitor too."""
    reached = row.participants.filter(address__isnull=False, proxy_address__isnull=False).count()
    visitors = row.participants.filter(kind=Participant.Kind.CUSTOMER, address__isnull=True)
    is_shared = reached > 1 or (reached > 0 and visitors.exists())
    if row.is_shared != is_shared:
        row.is_shared = is_shared
        row.save(update_fields=("is_shared",))


def _settle_group(row: Conversation) -> None:
    reached = groups.bind_members(row)
    _choose_customer(row, reached)


def _choose_customer(row: Conversation, reached: Sequence[Participant]) -> None:
    """Keep a conversation's customer, or have the first of those who are reached over channels be it."""
    if row.participants.filter(kind=Participant.Kind.CUSTOMER, address__isnull=True).exists():
        # A web chat's customer stays who began it.
        return
    chosen = next((person for person in reached if person.kind == Participant.Kind.CUSTOMER), next(iter(reached), None))
    row.participants.filter(kind=Participant.Kind.CUSTOMER, address__isnull=False).exclude(
        id=chosen.id if chosen else None
    ).update(kind=Participant.Kind.EXTERNAL)
    if chosen is not None and chosen.kind != Participant.Kind.CUSTOMER:
        chosen.kind = Participant.Kind.CUSTOMER
        chosen.save(update_fields=("kind",))
    _make_customer(row, chosen)


def _make_customer(row: Conversation, participant: Participant | None) -> None:
    """Note on a conversation whom its messages go to first; None: nobody over a channel."""
    row.customer_address = (participant.address or "") if participant else ""
    row.proxy_address = (participant.proxy_address or "") if participant else ""
    row.channel_type = binding_type(row.customer_address) if participant else ChannelType.CHAT
    if participant is not None and participant.name:
        row.customer_name = participant.name
    row.save(update_fields=("customer_address", "proxy_address", "channel_type", "customer_name"))
