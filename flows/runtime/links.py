"""Commands that other parts of Flowdesk carry out at once, inside the transaction of the turn."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from django.db import transaction

from common import ids
from common.errors import ApiError
from conversations import queries as conversation_queries
from conversations import services as conversations
from flows.engine import commands, events
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
    try:
        with transaction.atomic():
            if address:
                conversation = _of_pair(execution, address, proxy, command, now)
            elif identity:
                conversation = conversations.create_conversation(
                    account_id=execution.account_id,
                    channel_type="chat",
                    identity=identity[:256],
                    friendly_name=command.friendly_name[:256] or None,
                    attributes=command.attributes or "{}",
                    now=now,
                )
            else:
                return events.ConversationFailed(command.ref, "The participant has neither identity nor address")
            conversations.attach_flow(
                account_id=execution.account_id,
                conversation_id=conversation.id,
                flow_id=execution.flow_id,
                now=now,
            )
    except ApiError as error:
        return events.ConversationFailed(command.ref, error.message)
    _move(execution, conversation)
    return events.ConversationStarted(command.ref, _outputs(conversation))


def _of_pair(
    execution: Execution, address: str, proxy: str, command: commands.StartConversation, now: datetime
) -> Conversation:
    prefix = address.partition(":")[0] if ":" in address else "sms"
    own = conversation_queries.conversation(execution.account_id, execution.conversation_id)
    # The start by REST gave the pair a conversation already, so that the reply finds the execution: that is the one.
    if (own.customer_address, own.proxy_address) == (address, proxy) and not own.is_closed:
        own.friendly_name = command.friendly_name[:256] or own.friendly_name
        own.attributes = command.attributes or own.attributes
        own.save(update_fields=("friendly_name", "attributes"))
        return own
    return conversations.create_conversation(
        account_id=execution.account_id,
        channel_type=prefix,
        customer_address=address[:256],
        proxy_address=proxy[:256],
        friendly_name=command.friendly_name[:256] or None,
        attributes=command.attributes or "{}",
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
    if conversation.is_closed:
        return events.ConversationFailed(command.ref, "The conversation is closed")
    conversations.attach_flow(
        account_id=execution.account_id, conversation_id=conversation.id, flow_id=execution.flow_id, now=now
    )
    _move(execution, conversation)
    return events.ConversationStarted(command.ref, _outputs(conversation))


def _move(execution: Execution, conversation: Conversation) -> None:
    execution.conversation_id = conversation.id
    execution.contact_address = conversation.customer_address
    execution.channel_address = conversation.proxy_address or conversation.sid


def _outputs(conversation: Conversation) -> dict[str, Any]:
    people = conversation_queries.participants(conversation.id)
    return {
        "conversation": {
            "sid": conversation.sid,
            "friendly_name": conversation.friendly_name,
            "unique_name": conversation.unique_name,
            "state": conversation.state,
            "attributes": conversation.attributes,
            "chat_service_sid": "IS" + conversation.account_id.hex,
            "participants": [
                {
                    "sid": person.sid,
                    "identity": person.identity,
                    "attributes": person.attributes,
                    "messaging_binding": (
                        {"address": person.address, "proxy_address": person.proxy_address} if person.address else None
                    ),
                }
                for person in people
            ],
        }
    }
