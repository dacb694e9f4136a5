"""Conversations that an agent begins: by a contact's address, or by any address of a channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from channels_app import queries as channels
from common import ids
from common.errors import BadParameter, Conflict
from conversations import queries as conversations
from conversations import services as conversation_services
from conversations.errors import PairInUse
from interactions import queries as interactions
from interactions import services
from interactions.services import RoutingRequest
from routing import queries as routing
from routing import services as routing_services

if TYPE_CHECKING:
    from channels_app.models import Connection
    from interactions.models import Interaction

CHAT = "chat"
PREFIXES = {"whatsapp": "whatsapp:", "messenger": "messenger:", "gbm": "gbm:", "rcs": "rcs:"}
MAX_ADDRESS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The first message; ``fields`` name a template to the channel."""

    body: str = ""
    fields: Mapping[str, Any] | None = None


def senders(account_id: UUID) -> list[dict[str, Any]]:
    """Return our addresses that a conversation can be begun from, and whether the channel wants a template first."""
    rows = [row for row in channels.connections(account_id) if row.type != CHAT and row.status == "active"]
    limits = channels.limits_of(row.id for row in rows)
    return [
        {
            "sid": row.sid,
            "type": row.type,
            "address": row.address,
            "friendly_name": row.friendly_name,
            "window_hours": _window(limits.get(row.id)),
        }
        for row in rows
    ]


def begin(
    *,
    account_id: UUID,
    worker_id: UUID,
    sender: Connection,
    to: str,
    name: str,
    queue_id: UUID | None,
    attributes: Mapping[str, Any],
    message: Message | None,
    now: datetime,
) -> dict[str, Any]:
    """
    Begin a conversation on behalf of a worker, who has it at once; a customer who talks with a flow is taken over.

    :raises BadParameter: the address does not fit the channel, or free text may not be sent to this customer now.
    :raises Conflict: a colleague has the customer, or it waits for one; ``details`` names the conversation.
    """
    address = customer_address(sender.type, to)
    _check_window(account_id, sender, address, message, now)
    if queue_id is None:
        queue_id = next((row.id for row in routing.task_queues(account_id)), None)
    request = RoutingRequest(
        task_channel="sms" if sender.type == "sms" else "chat",
        attributes={**attributes, "customerAddress": address, "auto_answer": True, **_named(name)},
        queue_id=queue_id,
        worker_id=worker_id,
    )
    try:
        interaction = services.begin_contact(
            account_id=account_id,
            channel_type=sender.type,
            address=address,
            proxy_address=sender.address,
            identity="",
            request=request,
            initiated_by="agent",
            now=now,
        )
    except PairInUse:
        interaction = _take_over(account_id, address, sender.address, request, now)
    conversation_id = interaction.channel.conversation_id
    task_id = interactions.tasks_of_conversation(conversation_id)[-1]
    _accept_now(account_id, worker_id, task_id, now)
    if message is not None:
        _say(account_id, worker_id, conversation_id, message, task_id, now)
    reservation = routing.reservation_of_task(task_id)
    return {
        "interaction_sid": interaction.sid,
        "conversation_sid": ids.sid("CH", conversation_id),
        "task_sid": ids.sid("WT", task_id),
        "reservation_sid": None if reservation is None else reservation.sid,
    }


def customer_address(channel_type: str, text: str) -> str:
    """
    Return an address as the channel writes it: ``+1555…``, ``whatsapp:+1555…``.

    :raises BadParameter: it is none.
    """
    prefix = PREFIXES.get(channel_type, "")
    bare = text.strip().removeprefix(prefix).strip()
    if channel_type in ("sms", "whatsapp", "rcs"):
        digits = "".join(each for each in bare if each.isdigit())
        is_number = (
            bare.startswith("+") and 7 <= len(digits) <= 15 and all(each in "+0123456789 ()-./" for each in bare)
        )
        if not is_number:
            raise BadParameter("to: a phone number begins with + and the country's code, such as +15551234567")
        bare = f"+{digits}"
    if not bare or len(prefix + bare) > MAX_ADDRESS or "\x00" in bare:
        raise BadParameter(f"to: an address has 1 to {MAX_ADDRESS} characters")
    return prefix + bare


def _check_window(account_id: UUID, sender: Connection, address: str, message: Message | None, now: datetime) -> None:
    """Outside the time after the customer's last message a channel may take nothing but templates."""
    limits = channels.limits_of([sender.id]).get(sender.id)
    seconds = None if limits is None else limits.window_seconds
    if seconds is None or message is None or message.fields:
        return
    last = conversations.last_customer_message_at(account_id, address, sender.address)
    if last is None or (now - last).total_seconds() > seconds:
        raise BadParameter(
            f"{sender.type}: the customer has not written in the last {seconds // 3600} hours, so the first message "
            "must be a template"
        )


def _take_over(
    account_id: UUID, address: str, proxy_address: str, request: RoutingRequest, now: datetime
) -> Interaction:
    """Ask for the customer of an open conversation, unless colleagues have to do with it."""
    (conversation_id,) = conversations.conversations_between(account_id, address, proxy_address)[:1] or (None,)
    if conversation_id is None:
        raise Conflict("The customer's conversation was closed at this moment: try again")
    details = {"conversation_sid": ids.sid("CH", conversation_id)}
    channel = interactions.live_channel(account_id, conversation_id)
    if channel is not None:
        names = [each.name for each in interactions.agents_present(channel.id)]
        if names:
            raise Conflict(f"{', '.join(names)} is talking with this customer", details=details)
        if channel.status == "inactive":
            raise Conflict("This conversation is parked: wake it instead", details=details)
        raise Conflict("This customer is waiting for an agent already", details=details)
    return services.start_interaction(
        account_id=account_id,
        conversation_id=conversation_id,
        request=request,
        key=None,
        now=now,
        initiated_by="agent",
    )


def _accept_now(account_id: UUID, worker_id: UUID, task_id: UUID, now: datetime) -> None:
    """Give the worker their task at once; where the router is busy it comes by itself a moment later."""
    workspace = routing.default_workspace(account_id)
    if workspace is None:
        return
    routing_services.assign(workspace_id=workspace.id, now=now)
    reservation = routing.reservation_of_task(task_id)
    if reservation is not None and reservation.worker_id == worker_id:
        services.accept_by_itself(reservation_id=reservation.id, now=now)


def _say(
    account_id: UUID, worker_id: UUID, conversation_id: UUID, message: Message, task_id: UUID, now: datetime
) -> None:
    me = conversations.participations(worker_id, [conversation_id]).get(conversation_id)
    worker = routing.worker(worker_id)
    author = me.identity if me is not None else None
    conversation_services.add_message(
        conversation_services.NewMessage(
            conversation_id=conversation_id,
            source=conversation_services.Source.AGENT,
            author=author or (worker.friendly_name if worker is not None else "agent"),
            participant_id=None if me is None else me.id,
            body=message.body,
            fields=dict(message.fields or {}),
            source_key=f"outbound:{task_id.hex}",
        ),
        now=now,
    )


def _named(name: str) -> dict[str, str]:
    return {"customerName": name} if name else {}


def _window(limits: channels.Limits | None) -> int | None:
    return None if limits is None or limits.window_seconds is None else limits.window_seconds // 3600
