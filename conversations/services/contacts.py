"""Contacts: a customer as a person, with the addresses they write from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.services import record_audit
from common import ids
from common.errors import BadParameter, Conflict, NotFound
from conversations.models import ChannelType, Contact, ContactAddress

MAX_NAME, MAX_ADDRESS = 256, 256
MOST_ADDRESSES = 50
MAX_ATTRIBUTES = 16 * 1024  # characters of JSON

Address = tuple[str, str]  # channel type and address


def ensure_contact(*, account_id: UUID, channel_type: str, address: str, name: str, now: datetime) -> Contact:
    """Return the contact that has an address; a new one where nobody has. A name is taken where there is none yet."""
    while True:
        found = ContactAddress.objects.select_related("contact").filter(account_id=account_id, address=address).first()
        if found is not None:
            contact = found.contact
            if name and not contact.name:
                contact.name, contact.updated_at = name[:MAX_NAME], now
                contact.save(update_fields=("name", "updated_at"))
            return contact
        try:
            with transaction.atomic():
                contact = Contact.objects.create(
                    account_id=account_id, name=name[:MAX_NAME], created_at=now, updated_at=now
                )
                _add(contact, [(channel_type, address)], now)
            return contact
        except Conflict:
            # Somebody made it at this moment: theirs is found in the next round.
            continue


@transaction.atomic
def create_contact(
    *,
    account_id: UUID,
    name: str,
    addresses: Sequence[Address],
    attributes: Mapping[str, Any],
    actor: str,
    now: datetime,
) -> Contact:
    """
    Make a contact by hand.

    :raises BadParameter: neither name nor address, or a value is no good.
    :raises Conflict: another contact has one of the addresses; ``details`` names it.
    """
    if not name.strip() and not addresses:
        raise BadParameter("A contact needs a name or an address")
    contact = Contact(account_id=account_id, created_at=now, updated_at=now)
    _change(contact, name=name, attributes=attributes)
    contact.save(force_insert=True)
    _add(contact, addresses, now)
    _audit(contact, actor, "contact.created", {"name": contact.name}, now)
    return contact


@transaction.atomic
def update_contact(
    *,
    account_id: UUID,
    contact_id: UUID,
    actor: str,
    now: datetime,
    name: str | None = None,
    attributes: Mapping[str, Any] | None = None,
    addresses: Sequence[Address] | None = None,
) -> Contact:
    """
    Change a contact; None leaves a thing as it is. ``addresses`` are all it shall have.

    :raises NotFound: unknown in this account, or merged into another.
    :raises BadParameter: a value is no good.
    :raises Conflict: another contact has one of the addresses; ``details`` names it.
    """
    contact = _lock(account_id, contact_id)
    _change(contact, name=name, attributes=attributes)
    contact.updated_at = now
    contact.save()
    if addresses is not None:
        wanted = dict.fromkeys(address.strip() for _, address in addresses)
        contact.addresses.exclude(address__in=list(wanted)).delete()
        known = set(contact.addresses.values_list("address", flat=True))
        _add(contact, [each for each in addresses if each[1].strip() not in known], now)
    changed = {"name": name, "attributes": attributes, "addresses": None if addresses is None else list(addresses)}
    _audit(contact, actor, "contact.updated", {key: value for key, value in changed.items() if value is not None}, now)
    return contact


@transaction.atomic
def merge_contacts(*, account_id: UUID, contact_id: UUID, other_id: UUID, actor: str, now: datetime) -> Contact:
    """
    Take ``other_id`` for the same person: its addresses, and what ``contact_id`` does not know of attributes and name.

    What leads to the other one leads to the merged one from then on.

    :raises NotFound: one of them is unknown in this account, or merged already.
    :raises BadParameter: they are the same.
    """
    if contact_id == other_id:
        raise BadParameter("A contact cannot be merged with itself")
    # In one order, so that two merges never wait for each other in a circle.
    rows = {key: _lock(account_id, key) for key in sorted((contact_id, other_id))}
    contact, other = rows[contact_id], rows[other_id]
    moved = list(other.addresses.values_list("address", flat=True))
    if contact.addresses.count() + len(moved) > MOST_ADDRESSES:
        raise BadParameter(f"A contact has at most {MOST_ADDRESSES} addresses")
    other.addresses.update(contact=contact)
    attributes = {**json.loads(other.attributes), **json.loads(contact.attributes)}
    _change(contact, name=contact.name or other.name, attributes=attributes)
    contact.updated_at = other.updated_at = now
    contact.save()
    Contact.objects.filter(merged_into=other).update(merged_into=contact)
    other.merged_into = contact
    other.save()
    _audit(contact, actor, "contact.merged", {"other": other.sid, "name": other.name, "addresses": moved}, now)
    return contact


@transaction.atomic
def delete_contact(*, account_id: UUID, contact_id: UUID, actor: str, now: datetime) -> None:
    """
    Forget a contact; its conversations stay.

    :raises NotFound: unknown in this account, or merged into another.
    """
    contact = _lock(account_id, contact_id)
    _audit(contact, actor, "contact.deleted", {"name": contact.name}, now)
    contact.delete()


def _lock(account_id: UUID, contact_id: UUID) -> Contact:
    row = Contact.objects.select_for_update(of=("self",)).filter(account_id=account_id, id=contact_id).first()
    if row is None or row.merged_into_id is not None:
        raise NotFound("contact")
    return row


def _change(contact: Contact, *, name: str | None, attributes: Mapping[str, Any] | None) -> None:
    if name is not None:
        if len(name) > MAX_NAME or "\x00" in name:
            raise BadParameter(f"name must have at most {MAX_NAME} characters")
        contact.name = name.strip()
    if attributes is not None:
        text = json.dumps(attributes, ensure_ascii=False)
        if len(text) > MAX_ATTRIBUTES or "\\u0000" in text:
            raise BadParameter(f"attributes must be a JSON object of at most {MAX_ATTRIBUTES:,} characters")
        contact.attributes = text


def _add(contact: Contact, addresses: Sequence[Address], now: datetime) -> None:
    for channel_type, text in addresses:
        address = text.strip()
        if channel_type not in ChannelType.values:
            raise BadParameter(f"channel_type must be one of {', '.join(ChannelType.values)}")
        if not address or len(address) > MAX_ADDRESS or "\x00" in address:
            raise BadParameter(f"An address has 1 to {MAX_ADDRESS} characters")
        try:
            with transaction.atomic():
                ContactAddress.objects.create(
                    account_id=contact.account_id,
                    contact=contact,
                    channel_type=channel_type,
                    address=address,
                    created_at=now,
                )
        except IntegrityError as error:
            known = ContactAddress.objects.filter(account_id=contact.account_id, address=address)
            owner = known.select_related("contact").first()
            details = None if owner is None else {"contact_sid": owner.contact.sid, "name": owner.contact.name}
            raise Conflict(f"Another contact has the address {address}", details=details) from error
    if contact.addresses.count() > MOST_ADDRESSES:
        raise BadParameter(f"A contact has at most {MOST_ADDRESSES} addresses")


def _audit(contact: Contact, actor: str, action: str, changes: dict[str, object], now: datetime) -> None:
    record_audit(
        account_id=contact.account_id,
        actor=actor,
        action=action,
        subject=ids.sid("CT", contact.id),
        changes=changes,
        now=now,
    )
