"""Commands that other parts of Flowdesk carry out at once, inside the transaction of the turn."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction

from channels_app import queries as channel_queries
from common import clock, ids
from common.errors import ApiError
from conversations import queries as conversation_queries
from conversations import services as conversations
from flows.engine import commands, events
from flows.errors import ContactBusy
from flows.models import Execution, Flow
from flows.runtime.programs import programs
from interactions import services as interactions

if TYPE_CHECKING:
    from conversations.models import Conversation

logger = logging.getLogger(__name__)


def hand_off_key(execution_id: UUID, ref: int) -> UUID:
    """Return the key under which an execution's hand-over is made once, however often it is asked for."""
    return uuid5(execution_id, f"hand-off/{ref}")


def hand_off(execution: Execution, command: commands.HandOff, *, now: datetime) -> events.Event | None:
    """
    Make the interaction and its task. None: agents have the contact now, the answer comes when they are done.

    What the other parts refuse (an unknown workflow, say) is the widget's ``failedToEnqueue``, not an error of ours.
    """
    try:
        with transaction.atomic():
            interactions.create_interaction(
                account_id=execution.account_id,
                conversation_id=execution.conversation_id,
                workflow=command.workflow,
                task_channel=command.task_channel,
                attributes=command.attributes,
                priority=command.priority,
                timeout_seconds=command.timeout_seconds,
                key=hand_off_key(execution.id, command.ref),
                now=now,
            )
    except ApiError as error:
        return events.HandOffFailed(command.ref, error.message)
    return None


def load_subflow(execution: Execution, command: commands.StartSubflow) -> events.Event:
    """Resolve the revision that a subflow runs in; a draft only for an execution that a test user began."""
    flow_id = ids.parse_or_none("FW", command.flow_sid)
    flow = Flow.objects.filter(account_id=execution.account_id, id=flow_id).first()
    if flow is None:
        return events.SubflowMissing(command.ref, f"There is no flow {command.flow_sid}")
    revision = flow.published_revision
    if command.revision.isdigit():
        revision = int(command.revision)
    elif command.revision in ("LatestDraft", "LatestRevision") and execution.is_test:
        revision = flow.revision
    if revision is None:
        return events.SubflowMissing(command.ref, f"The flow {flow.friendly_name!r} is not published")
    if programs.get(flow.id, revision) is None:
        return events.SubflowMissing(command.ref, f"The flow {flow.friendly_name!r} has no revision {revision}")
    return events.SubflowLoaded(command.ref, revision)


def start_conversation(execution: Execution, command: commands.StartConversation, *, now: datetime) -> events.Event:
    """Create the conversation that the rest of the execution speaks in, or take the contact's open one."""
    if len(command.participants) != 1:
        return events.ConversationFailed(command.ref, "A conversation starts with exactly one participant")
    who = command.participants[0]
    address = who.get("messaging_binding_address", "")
    proxy = who.get("messaging_binding_proxy_address", "")
    identity = who.get("identity", "")
    what = conversations.ConversationChange(
        friendly_name=command.friendly_name or None,
        attributes=command.attributes or None,
        messaging_service_sid=command.messaging_service_sid or None,
        inactive_timer=command.timers_inactive or None,
        closed_timer=command.timers_closed or None,
    )
    try:
        with transaction.atomic():
            if address:
                conversation = _of_pair(execution, address, proxy, now)
            elif identity:
                conversation = conversations.create_conversation(
                    account_id=execution.account_id, channel_type="chat", identity=identity[:256], now=now
                )
            else:
                return events.ConversationFailed(command.ref, "The participant has neither identity nor address")
            outputs = _attach(execution, conversation, what, now)
    except ApiError as error:
        return events.ConversationFailed(command.ref, error.message)
    return events.ConversationStarted(command.ref, {**outputs, "close_channel_on_execution_end": command.close_on_end})


def _of_pair(execution: Execution, address: str, proxy: str, now: datetime) -> Conversation:
    prefix = address.partition(":")[0] if ":" in address else "sms"
    own = conversation_queries.conversation(execution.account_id, execution.conversation_id)
    # The start by REST gave the pair a conversation already, so that the reply finds the execution: that is the one.
    if (own.customer_address, own.proxy_address) == (address, proxy) and not own.is_closed:
        return own
    connection = channel_queries.connection_for(execution.account_id, proxy)
    return conversations.create_conversation(
        account_id=execution.account_id,
        channel_type=prefix,
        customer_address=address[:256],
        proxy_address=proxy[:256],
        connection_id=None if connection is None else connection.id,
        now=now,
    )


def resume_conversation(execution: Execution, command: commands.ResumeConversation, *, now: datetime) -> events.Event:
    """Make an open conversation of the account the one that the execution speaks in."""
    conversation_id = ids.parse_or_none("CH", command.conversation_sid)
    if conversation_id is None:
        return events.ConversationFailed(command.ref, f"{command.conversation_sid!r} is not a conversation's SID")
    conversation = conversation_queries.find_conversation(execution.account_id, conversation_id)
    if conversation is None:
        return events.ConversationFailed(command.ref, f"There is no conversation {command.conversation_sid}")
    what = conversations.ConversationChange(attributes=command.attributes or None)
    try:
        with transaction.atomic():
            outputs = _attach(execution, conversation, what, now)
    except ApiError as error:
        return events.ConversationFailed(command.ref, error.message)
    return events.ConversationStarted(command.ref, outputs)


def _attach(
    execution: Execution, conversation: Conversation, what: conversations.ConversationChange, now: datetime
) -> dict[str, Any]:
    """
    Change a conversation as asked, let the flow answer it, and have the execution speak in it from now on.

    Returns what the widget's outputs show of it.

    :raises ConversationClosed: nothing can be said in it any more.
    :raises BadParameter: attributes or timers that cannot be.
    :raises ContactBusy: another execution of the flow is active in it.
    """
    # Locked by it: what follows is true until the transaction ends.
    conversation = conversations.update_conversation(conversation_id=conversation.id, what=what, now=now)
    active = Execution.objects.filter(
        flow_id=execution.flow_id, conversation_id=conversation.id, status=Execution.Status.ACTIVE
    )
    busy = active.exclude(id=execution.id).first()
    if busy is not None:
        raise ContactBusy(busy.sid)
    webhook = conversations.attach_flow(
        account_id=execution.account_id, conversation_id=conversation.id, flow_id=execution.flow_id, now=now
    )
    execution.conversation_id = conversation.id
    execution.contact_address = conversation.customer_address
    execution.channel_address = conversation.proxy_address or conversation.sid
    return {"conversation": _shown(conversation), "webhook_sid": webhook.sid}


def channel_sid(session: Mapping[str, Any]) -> str | None:
    """Return the SID of the conversation that a session's flow started or resumed, if it did."""
    found: str | None = session["context"]["flow"].get("channel", {}).get("sid")
    return found


def closes_at_end(session: Mapping[str, Any]) -> bool:
    """Say whether the conversation that the flow started is to be closed when the execution ends."""
    sid = channel_sid(session)
    return sid is not None and any(
        isinstance(outputs, dict)
        and outputs.get("close_channel_on_execution_end") is True
        and outputs.get("conversation", {}).get("sid") == sid
        for outputs in session["context"]["widgets"].values()
    )


def _shown(conversation: Conversation) -> dict[str, Any]:
    inactive, closed = conversations.deadlines(conversation)
    timers = {"date_inactive": inactive, "date_closed": closed}
    url = f"{settings.PUBLIC_URL}/conversations/v1/Conversations/{conversation.sid}"
    parts = ("Participants", "Messages", "Webhooks")
    return {
        "sid": conversation.sid,
        "friendly_name": conversation.friendly_name,
        "unique_name": conversation.unique_name,
        "state": conversation.state,
        "attributes": conversation.attributes,
        "bindings": {},
        "chat_service_sid": "IS" + conversation.account_id.hex,
        "messaging_service_sid": conversation.messaging_service_sid,
        "date_created": clock.to_iso(conversation.created_at),
        "date_updated": clock.to_iso(conversation.updated_at),
        "timers": {name: clock.to_iso(moment) for name, moment in timers.items() if moment is not None},
        "links": {part.lower(): f"{url}/{part}" for part in parts},
        "url": url,
        "participants": [
            {
                "sid": person.sid,
                "identity": person.identity,
                "attributes": person.attributes,
                "role_sid": None if person.role_id is None else ids.sid("RL", person.role_id),
                "messaging_binding": (
                    {"address": person.address, "proxy_address": person.proxy_address} if person.address else None
                ),
            }
            for person in conversation_queries.participants(conversation.id)
        ],
    }
