"""Interaction webhooks: who is to hear of interactions, and telling them (reference/interactions.md, 7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.db.models import Q

from common import ids
from common.errors import BadParameter
from conversations import services as conversations
from interactions.models import InteractionChannel, InteractionParticipant, InteractionWebhook

EVENTS = (
    "onInteractionCreated",
    "onChannelCreated",
    "onChannelCreateFailed",
    "onChannelStatusUpdated",
    "onParticipantJoined",
    "onParticipantLeft",
    "onParticipantUpdated",
)
METHODS = ("POST", "GET")
MAX_URL, MAX_NAME = 512, 256
# The API's word for our web chat.
MEDIA_TYPES = {"chat": "web"}
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def ttid_of(key: UUID) -> str:
    """Return the identifier of a webhook: a prefix and its key in 26 digits to the base of 32."""
    number, digits = key.int, []
    for _ in range(26):
        number, digit = divmod(number, 32)
        digits.append(_DIGITS[digit])
    return "flex_interactionwebhook_" + "".join(reversed(digits))


def save_webhook(
    *,
    account_id: UUID,
    now: datetime,
    row: InteractionWebhook | None = None,
    url: str | None = None,
    method: str | None = None,
    events: Sequence[str] | None = None,
    type: str | None = None,
    friendly_name: str | None = None,
) -> InteractionWebhook:
    """
    Make a webhook, or change ``row``; None leaves a thing as it is. Without events it hears all of them.

    :raises BadParameter: the address, the method, an event or the type is no good.
    """
    if row is None:
        key = ids.uuid7()
        row = InteractionWebhook(id=key, account_id=account_id, ttid=ttid_of(key), events=list(EVENTS), created_at=now)
        if not url:
            raise BadParameter("Missing required parameter WebhookUrl in the post body")
    if url is not None:
        if not url.startswith(("http://", "https://")) or len(url) > MAX_URL or any(each.isspace() for each in url):
            raise BadParameter("WebhookUrl must be an address that begins with http:// or https://")
        row.url = url
    if method is not None:
        if method.upper() not in METHODS:
            raise BadParameter("WebhookMethod must be POST or GET")
        row.method = method.upper()
    if events is not None:
        unknown = [each for each in events if each not in EVENTS]
        if unknown:
            raise BadParameter(f"WebhookEvents: there is no event {unknown[0]!r}; known are {', '.join(EVENTS)}")
        row.events = list(dict.fromkeys(events)) or list(EVENTS)
    if type is not None:
        if type not in InteractionWebhook.Type.values:
            raise BadParameter("Type must be global or interaction")
        row.type = type
    if friendly_name is not None:
        row.friendly_name = friendly_name[:MAX_NAME]
    row.updated_at = now
    row.save()
    return row


def tell(channel: InteractionChannel, event: str, *, now: datetime, **parameters: str) -> None:
    """Have an event of a channel told to all who hear it, each in order per interaction."""
    interaction = channel.interaction
    conversation_sid = "" if channel.conversation_id is None else ids.sid("CH", channel.conversation_id)
    told = {
        "InteractionSid": interaction.sid,
        "ChannelSid": channel.sid,
        "MediaChannelSid": conversation_sid,
        "MediaChannelType": MEDIA_TYPES.get(channel.type, channel.type),
        **parameters,
    }
    if event == "onInteractionCreated":
        del told["ChannelSid"]
    _send(channel.account_id, event, told, order=interaction.id, ttid=interaction.webhook_ttid, now=now)


def tell_participant(
    channel: InteractionChannel, event: str, participant: InteractionParticipant, *, now: datetime
) -> None:
    """Tell that somebody joined, left or changed."""
    tell(
        channel,
        event,
        now=now,
        ParticipantSid=participant.sid,
        ParticipantType=participant.type,
        TaskSid="" if participant.task_id is None else ids.sid("WT", participant.task_id),
    )


def tell_failure(
    *, account_id: UUID, channel_type: str, ttid: str | None, code: int, message: str, now: datetime
) -> None:
    """Tell that an interaction could not be made; nothing of it exists."""
    told = {
        "ErrorCode": str(code),
        "ErrorMessage": message,
        "MediaChannelType": MEDIA_TYPES.get(channel_type, channel_type),
    }
    _send(account_id, "onChannelCreateFailed", told, order=ids.uuid7(), ttid=ttid, now=now)


def _send(account_id: UUID, event: str, told: dict[str, str], *, order: UUID, ttid: str | None, now: datetime) -> None:
    mine = Q(type=InteractionWebhook.Type.GLOBAL)
    if ttid:
        mine |= Q(ttid=ttid)
    for row in InteractionWebhook.objects.filter(mine, account_id=account_id).order_by("id"):
        if event not in row.events:
            continue
        conversations.queue_callback(
            account_id=account_id,
            key=uuid5(order, row.ttid),
            url=row.url,
            event=event,
            method=row.method,
            parameters={
                "EventType": event,
                "AccountSid": ids.sid("AC", account_id),
                "InstanceSid": ids.sid("GO", account_id),
                **told,
            },
            now=now,
        )
