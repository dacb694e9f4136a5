"""
Where a message belongs that a customer wrote to a group: to the conversation of exactly its numbers, else to a new one.

The new one has everybody as a member by their address alone, and our number as a projected address without an identity,
which whoever answers may take.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from common import events
from conversations.models import AddressConfiguration, Participant, ServiceSettings
from conversations.services import groups
from conversations.services.beginnings import begin, told_of
from conversations.services.configuration import settings_of

if TYPE_CHECKING:
    from conversations.services.ingest import InboundMessage


def find_or_begin(items: Sequence[InboundMessage], *, now: datetime) -> dict[str, UUID]:
    """
    Return each message's conversation by its source key, in the transaction that stores the messages.

    A group of more numbers than the channel carries is none: such a message goes the way of its pair.
    """
    found = {}
    for item in items:
        wanted = frozenset((item.sender, item.recipient, *item.group))
        if not groups.LEAST_ADDRESSES <= len(wanted) <= groups.MOST_ADDRESSES:
            continue
        # Two first messages of one group make one conversation: who finds none waits here, and looks again.
        conversation_id = groups.open_group_of(item.account_id, wanted)
        if conversation_id is None:
            settings_of(item.account_id, now=now)
            ServiceSettings.objects.select_for_update().get(account_id=item.account_id)
            conversation_id = groups.open_group_of(item.account_id, wanted) or _begin(item, now)
        found[item.source_key] = conversation_id
    return found


def _begin(item: InboundMessage, now: datetime) -> UUID:
    members = [item.sender, *(address for address in dict.fromkeys(item.group) if address != item.sender)]
    taken = set(
        Participant.objects.filter(
            account_id=item.account_id, address__in=members, proxy_address=item.recipient, bound=True
        ).values_list("address", flat=True)
    )
    configuration = AddressConfiguration.objects.filter(
        account_id=item.account_id, type=item.channel_type, address=item.recipient, enabled=True
    ).first()
    conversation, webhook = begin(item, configuration, now=now, is_shared=True)
    conversation.save(force_insert=True)
    if webhook is not None:
        webhook.save(force_insert=True)
    people = [
        Participant(
            account_id=item.account_id,
            conversation_id=conversation.id,
            kind=Participant.Kind.CUSTOMER if address == item.sender else Participant.Kind.EXTERNAL,
            name=item.name[:256] if address == item.sender else "",
            address=address,
            proxy_address=item.recipient,
            projected_address=item.recipient,
            # Whose pair has an open conversation of its own keeps it; in the group they are heard by its numbers.
            bound=address not in taken,
            created_at=now,
            updated_at=now,
        )
        for address in members
    ]
    people.append(
        Participant(
            account_id=item.account_id,
            conversation_id=conversation.id,
            kind=Participant.Kind.EXTERNAL,
            projected_address=item.recipient,
            created_at=now,
            updated_at=now,
        )
    )
    Participant.objects.bulk_create(people)
    events.publish(*told_of(conversation, people))
    return conversation.id
