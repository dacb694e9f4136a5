"""
What customers write, where the account's pre-webhook wants to be asked first.

A provider's message is kept in the outbox and the provider answered; then the address is asked, and what it lets
through becomes a message like any other. One at a time for each pair of addresses, so order stays; an address that
hangs holds up its own account's customers only, each message for five seconds at most. Where nobody asks, nothing of
this costs a statement.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from common import ids, outbox
from common.errors import ApiError
from conversations.models import Conversation, Participant, WebhookConfiguration, WebhookDelivery
from conversations.services import groups, media
from conversations.services.checks import check_attributes
from conversations.services.edits import check_body
from conversations.services.ingest import InboundMessage, Received, Refused, receive_messages
from conversations.services.messages import find_by_source_key
from conversations.webhooks import listeners
from conversations.webhooks import parameters as tell
from conversations.webhooks.fanout import TOPIC

INBOUND_EVENTS = ("onMessageAdd", "onConversationAdd")


@dataclass(frozen=True, slots=True)
class Held:
    """The message is kept until the account's pre-webhook has been asked."""


def receive_or_hold(batch: Sequence[InboundMessage], *, now: datetime) -> list[Received | Refused | Held]:
    """
    Store what customers wrote, as ``receive_messages``; what is to be asked for first is held. One answer each.

    Of a conversation that the caller knows (web chat) the caller has asked already.
    """
    asked = [item.conversation_id is None and _asks(item.account_id) for item in batch]
    if not any(asked):
        return list(receive_messages(batch, now=now))
    known = find_by_source_key(item.source_key for item, is_asked in zip(batch, asked, strict=True) if is_asked)
    held = [is_asked and item.source_key not in known for item, is_asked in zip(batch, asked, strict=True)]
    outbox.put(*(_entry(item) for item, is_held in zip(batch, held, strict=True) if is_held))
    through = iter(receive_messages([item for item, is_held in zip(batch, held, strict=True) if not is_held], now=now))
    return [Held() if is_held else next(through) for is_held in held]


def _asks(account_id: UUID) -> bool:
    return any(listeners.asks(account_id, event) for event in INBOUND_EVENTS)


def _entry(item: InboundMessage) -> outbox.Entry:
    key = uuid5(NAMESPACE_OID, f"{item.account_id.hex}/{item.sender}/{item.recipient}")
    # With the SIDs that they will have: the address is told them.
    held = replace(item, media=media.expect(item.media))
    kept = {name: value.hex if isinstance(value, UUID) else value for name, value in asdict(held).items()}
    name = "in:" + hashlib.sha256(item.source_key.encode()).hexdigest()[:32]
    return outbox.Entry(TOPIC, key, {"inbound": kept, "asked": []}, name=name)


def question(payload: Mapping[str, Any], *, now: datetime) -> WebhookDelivery | None:
    """
    Return the next question about a held message, not stored yet; None where nobody asks (any more).

    A message of a known pair asks ``onMessageAdd``, one that begins a conversation ``onConversationAdd``.
    """
    item = _item(payload)
    participant = _author(item)
    event = "onConversationAdd" if participant is None else "onMessageAdd"
    for row in listeners.configurations(item.account_id):
        if row.pre_url and event in row.filters and row.scope not in payload["asked"]:
            return _delivery(row, item, participant, event, now)
    return None


def _author(item: InboundMessage) -> Participant | None:
    """Return who has written, where the conversation is there already."""
    rows = Participant.objects.filter(account_id=item.account_id, address=item.sender)
    if item.group:
        wanted = frozenset((item.sender, item.recipient, *item.group))
        return rows.filter(conversation_id=groups.open_group_of(item.account_id, wanted)).first()
    return rows.filter(proxy_address=item.recipient, bound=True).first()


def settle(
    payload: Mapping[str, Any], question: WebhookDelivery, answer: str, *, now: datetime
) -> dict[str, Any] | None:
    """
    Take a pre-webhook's answer (JSON text; "" for none) into a held message.

    Returns the payload with which the next one is asked, or None: then the message has been published.
    """
    item, asked = _item(payload), [*payload["asked"], question.webhook]
    try:
        item = _changed(item, question.event, answer)
    except ApiError as error:
        question.error = f"The changes are not used: {error.message}"
    kept = _entry(item).payload | {"asked": asked}
    if any(
        row.pre_url and question.event in row.filters and row.scope not in asked
        for row in listeners.configurations(item.account_id)
    ):
        return kept
    publish(kept, now=now)
    return None


def publish(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Store a held message, asked or not."""
    receive_messages([_item(payload)], now=now)


def _changed(item: InboundMessage, event: str, answer: str) -> InboundMessage:
    changes = tell.changes(event, answer.encode())
    if "body" in changes:
        changes["body"] = check_body(changes["body"], item.channel_type)
    if "attributes" in changes:
        changes["attributes"] = check_attributes(changes["attributes"])
    if "author" in changes:
        changes["author"] = changes["author"][:256]
    if "friendly_name" in changes:
        changes["friendly_name"] = changes["friendly_name"][:256]
    return replace(item, **changes) if changes else item


def _item(payload: Mapping[str, Any]) -> InboundMessage:
    kept = dict(payload["inbound"])
    for name in ("account_id", "connection_id", "conversation_id"):
        kept[name] = UUID(kept[name]) if kept[name] else None
    return InboundMessage(**{**kept, "group": tuple(kept.get("group", ()))})


def _delivery(
    row: WebhookConfiguration, item: InboundMessage, participant: Participant | None, event: str, now: datetime
) -> WebhookDelivery:
    common = tell.common(item.account_id, event, item.channel_type.upper())
    told_media = tell.media(item.account_id, item.media)
    if participant is None:
        told = tell.texts(
            Attributes="{}",
            State=Conversation.State.ACTIVE,
            MessageBody=item.body,
            Media=told_media,
            **{
                **(
                    {
                        "MessagingBinding.Address": ",".join(item.group),
                        "MessagingBinding.ProjectedAddress": item.recipient,
                    }
                    if item.group
                    else {"MessagingBinding.Address": item.sender, "MessagingBinding.ProxyAddress": item.recipient}
                ),
                "MessagingBinding.AuthorAddress": item.sender,
            },
        )
    else:
        told = tell.texts(
            ConversationSid=ids.sid("CH", participant.conversation_id),
            ParticipantSid=participant.sid,
            Body=item.body,
            Author=item.sender,
            Attributes=item.attributes,
            Media=told_media,
        )
    return WebhookDelivery(
        account_id=item.account_id,
        conversation_id=None if participant is None else participant.conversation_id,
        key=item.account_id,
        webhook=row.scope,
        event=event,
        method=row.method,
        url=row.pre_url,
        parameters={**common, **told},
        created_at=now,
        updated_at=now,
    )
