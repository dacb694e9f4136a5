"""
Group MMS: numbers without a proxy address of their own, who hear us as the group's projected address.

The provider's Messages API writes to no groups: each member is written to, and answers, by the pair of their number and
the first projected address of the conversation. So a member's row holds that address as ``proxy_address``, too, and in
``projected_address``, which tells it from a pair that the caller chose. What a member writes to a whole group tells who
else has it: it belongs to the open group of exactly these numbers, else it begins one (services/inbound_groups.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from common import ids
from conversations.errors import (
    GroupExists,
    GroupParticipantExists,
    NoProjectedAddress,
    PairInUse,
    TooManyInGroup,
)
from conversations.models import Conversation, Participant
from conversations.services.threads import open_conversation_of

MOST_ADDRESSES = 20
# Two are a pair; from three on a set of addresses is a group that there is once.
LEAST_ADDRESSES = 3


def is_group(people: Sequence[Participant]) -> bool:
    return any(person.is_group_member or person.projected_address for person in people)


def check_group(row: Conversation, joining: Participant, people: Sequence[Participant]) -> None:
    """
    Refuse whom the group that is there, or begins with them, cannot take.

    :raises GroupParticipantExists, NoProjectedAddress, TooManyInGroup, GroupExists: as named.
    """
    together = [*people, joining]
    if not is_group(together):
        return
    for person in people:
        if joining.address and person.address == joining.address:
            raise GroupParticipantExists(f"{joining.address} takes part already")
        if joining.identity and person.identity == joining.identity:
            raise GroupParticipantExists(f"The identity {joining.identity!r} takes part already")
    if not joining.address and not joining.projected_address:
        raise NoProjectedAddress("In a group conversation an Identity needs a MessagingBinding.ProjectedAddress")
    check_addresses(row, together)


def check_addresses(row: Conversation, people: Sequence[Participant]) -> None:
    """
    Refuse a set of addresses that is too large, or another open group's.

    :raises TooManyInGroup, GroupExists: as named.
    """
    wanted = addresses_of(people)
    if len(wanted) > MOST_ADDRESSES:
        raise TooManyInGroup(f"A group conversation has at most {MOST_ADDRESSES} addresses")
    if len(wanted) >= LEAST_ADDRESSES and (other := open_group_of(row.account_id, wanted, beside=row.id)):
        raise GroupExists(f"A group conversation with these participants exists: {ids.sid('CH', other)}")


def addresses_of(people: Sequence[Participant]) -> frozenset[str]:
    """Return all numbers of a group: its members', and those that we are seen as."""
    found = {person.address for person in people} | {person.projected_address for person in people}
    return frozenset(text for text in found | {person.proxy_address for person in people} if text)


def bind_members(row: Conversation) -> list[Participant]:
    """
    Have the group's members reached by its first projected address; without one they are reached by nobody.

    Returns everybody who is reached over a channel, in the order of their coming.

    :raises PairInUse: a member hears another open conversation by that address.
    """
    people = list(row.participants.order_by("id"))
    mask = next(
        (person.projected_address for person in people if not person.address and person.projected_address), None
    )
    for person in people:
        # One whom a group of their own making found bound elsewhere stays so: they are heard where all are named.
        if person.is_group_member and person.projected_address != mask:
            person.proxy_address = person.projected_address = mask
            person.bound = mask is not None
            try:
                with transaction.atomic():
                    person.save(update_fields=("proxy_address", "projected_address", "bound"))
            except IntegrityError as error:
                other = open_conversation_of(row.account_id, person.address or "", mask or "")
                where = ids.sid("CH", other) if other else "another conversation"
                raise PairInUse(f"{person.address} and {mask} are in use by Conversation {where}") from error
    return [person for person in people if person.address and person.proxy_address]


def open_group_of(account_id: UUID, wanted: frozenset[str], *, beside: UUID | None = None) -> UUID | None:
    """Return the open group that has exactly these numbers, ``beside`` the one that is asked for."""
    sharing = Participant.objects.filter(Q(address__in=wanted) | Q(projected_address__in=wanted), account_id=account_id)
    others = sharing.exclude(conversation_id=beside).exclude(conversation__state=Conversation.State.CLOSED)
    rows: dict[UUID, list[Participant]] = {}
    for person in Participant.objects.filter(conversation_id__in=others.values("conversation_id")):
        rows.setdefault(person.conversation_id, []).append(person)
    return next((key for key, people in rows.items() if is_group(people) and addresses_of(people) == wanted), None)
