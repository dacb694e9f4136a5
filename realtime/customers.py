"""Who a customer is: the contact behind a conversation, earlier conversations, and the flows' part in this one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from common import clock, ids
from common.clock import to_iso
from conversations import queries as conversations
from conversations import services
from conversations.api.app_contacts import write_contact
from flows import queries as flows
from interactions import queries as interactions
from interactions import services as interaction_services

if TYPE_CHECKING:
    from conversations.models import Contact, Conversation

MOST_STEPS = 200


def customer(row: Conversation) -> dict[str, Any]:
    """Return the contact of a conversation (made now where there is none), its earlier ones, and the flows' part."""
    contact = conversations.contact_of(row.account_id, row.customer_address) if row.customer_address else None
    if contact is None and row.customer_address:
        contact = services.ensure_contact(
            account_id=row.account_id,
            channel_type=row.channel_type,
            address=row.customer_address,
            name=row.customer_name,
            now=clock.now(),
        )
    if contact is None:
        return {"contact": None, "conversations": [], "executions": executions(row)}
    addresses = conversations.contact_addresses([contact.id]).get(contact.id, [])
    return {
        "contact": write_contact(contact, addresses),
        "conversations": [each for each in earlier(contact) if each["sid"] != row.sid],
        "executions": executions(row),
    }


def earlier(contact: Contact) -> list[dict[str, Any]]:
    """Return E of a contact's conversations, newest first; a few statements in all."""
    addresses = conversations.contact_addresses([contact.id]).get(contact.id, [])
    rows = conversations.earlier_conversations(contact.account_id, [each.address for each in addresses])
    return write_earlier(contact.account_id, rows)


def write_earlier(account_id: UUID, rows: Sequence[Conversation]) -> list[dict[str, Any]]:
    """Return E of conversations: what they were, and what was noted about them."""
    wanted = [row.id for row in rows]
    newest, notes = conversations.last_messages(wanted), interactions.wrap_ups(wanted)
    names = interaction_services.names_of_workers(account_id)
    told = []
    for row in rows:
        last = newest.get(row.id)
        told.append(
            {
                "sid": row.sid,
                "state": row.state,
                "channel_type": row.channel_type,
                "date_created": to_iso(row.created_at),
                "date_closed": None if row.closed_at is None else to_iso(row.closed_at),
                "messages": row.last_message_index + 1,
                "last_message": None if last is None else last.body[:200],
                "wrap_ups": [
                    {
                        "agent": names.get(each.worker_id, "") if each.worker_id is not None else "",
                        "disposition": each.disposition,
                        "notes": each.notes,
                        "values": each.values,
                    }
                    for each in notes.get(row.id, [])
                    if each.disposition or each.notes or each.values
                ],
            }
        )
    return told


def executions(row: Conversation) -> list[dict[str, Any]]:
    """Return the flows that spoke in a conversation, oldest first: their variables, and the path they took."""
    found = list(flows.executions(row.account_id, conversation_id=row.id)[:5])[::-1]
    names = flows.flow_names(row.account_id) if found else {}
    told = []
    for each in found:
        steps = list(flows.steps(each.id)[:MOST_STEPS])
        told.append(
            {
                "sid": ids.sid("FN", each.id),
                "flow_name": names.get(each.flow_id, ""),
                "status": each.status,
                "current_widget": each.current_widget,
                "variables": _variables(row.account_id, each.id),
                "path": [{"name": step.name, "type": step.type, "event": step.event} for step in steps],
            }
        )
    return told


def _variables(account_id: UUID, execution_id: UUID) -> dict[str, Any]:
    context = flows.context_of(flows.execution(account_id, execution_id))
    flow = context.get("flow")
    variables = flow.get("variables") if isinstance(flow, dict) else None
    return variables if isinstance(variables, dict) else {}
