"""The resources of the Interactions API as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common import ids
from common.api.errors import public_url
from common.clock import to_iso
from interactions.models import (
    Interaction,
    InteractionChannel,
    InteractionParticipant,
    InteractionWebhook,
    Invite,
    Transfer,
)

if TYPE_CHECKING:
    from routing.models import Task

TYPES = {"chat": "web"}


def url(interaction_sid: str, *more: str) -> str:
    """Return the absolute address of an interaction, or of something below it."""
    return public_url("/".join(("/flex-api/v1/Interactions", interaction_sid, *more)))


def write_interaction(row: Interaction, task: Task | None, now: datetime) -> dict[str, Any]:
    return {
        "sid": row.sid,
        "channel": {"type": TYPES.get(row.channel.type, row.channel.type), "sid": row.channel.sid},
        "routing": write_routing(task, now),
        "interaction_context_sid": row.context_sid,
        "webhook_ttid": row.webhook_ttid,
        "url": url(row.sid),
        "links": {"channels": url(row.sid, "Channels")},
    }


def write_channel(row: InteractionChannel) -> dict[str, Any]:
    own = (row.interaction.sid, "Channels", row.sid)
    return {
        "sid": row.sid,
        "interaction_sid": row.interaction.sid,
        "type": TYPES.get(row.type, row.type),
        "status": row.status,
        "error_code": row.error_code,
        "error_message": row.error_message or None,
        "url": url(*own),
        "links": {
            "invites": url(*own, "Invites"),
            "participants": url(*own, "Participants"),
            "transfers": url(*own, "Transfers"),
        },
    }


def write_invite(row: Invite, task: Task | None, now: datetime) -> dict[str, Any]:
    channel = row.channel
    return {
        "sid": row.sid,
        "interaction_sid": channel.interaction.sid,
        "channel_sid": channel.sid,
        "routing": write_routing(task, now),
        "url": url(channel.interaction.sid, "Channels", channel.sid, "Invites", row.sid),
    }


def write_participant(row: InteractionParticipant) -> dict[str, Any]:
    channel = row.channel
    routing: Mapping[str, str | None] | None = None
    if row.task_id is not None:
        routing = {
            "task_sid": ids.sid("WT", row.task_id),
            "worker_sid": None if row.worker_id is None else ids.sid("WK", row.worker_id),
            "reservation_sid": None if row.reservation_id is None else ids.sid("WR", row.reservation_id),
        }
    return {
        "sid": row.sid,
        "type": row.type,
        "interaction_sid": channel.interaction.sid,
        "channel_sid": channel.sid,
        "url": url(channel.interaction.sid, "Channels", channel.sid, "Participants", row.sid),
        "routing_properties": routing,
    }


def write_transfer(row: Transfer) -> dict[str, Any]:
    channel = row.channel
    return {
        "sid": row.sid,
        "instance_sid": ids.sid("GO", row.account_id),
        "account_sid": ids.sid("AC", row.account_id),
        "interaction_sid": channel.interaction.sid,
        "channel_sid": channel.sid,
        "execution_sid": None,
        "type": row.type,
        "status": row.status,
        "from": ids.sid("UT", row.participant_id),
        "to": row.to_sid,
        "note_sid": ids.sid("KQ", row.id) if row.note else None,
        "summary_sid": None,
        "date_created": to_iso(row.created_at),
        "date_updated": to_iso(row.updated_at),
        "url": url(channel.interaction.sid, "Channels", channel.sid, "Transfers", row.sid),
    }


def write_webhook(row: InteractionWebhook) -> dict[str, Any]:
    instance = ids.sid("GO", row.account_id)
    return {
        "ttid": row.ttid,
        "account_sid": ids.sid("AC", row.account_id),
        "instance_sid": instance,
        "webhook_url": row.url,
        "webhook_method": row.method,
        "webhook_events": row.events,
        "friendly_name": row.friendly_name or None,
        "type": row.type,
        "url": public_url(f"/flex-api/v1/Instances/{instance}/InteractionWebhooks/{row.ttid}"),
    }


def write_routing(task: Task | None, now: datetime) -> dict[str, Any] | None:
    """Return a task as this API writes it: seconds since 1970, attributes as text. None: it is forgotten."""
    if task is None:
        return None
    queue, workflow, channel = task.queue, task.workflow, task.channel
    entered = task.queue_entered_at
    return {
        "reservation": None,
        "properties": {
            "sid": task.sid,
            "account_sid": ids.sid("AC", task.account_id),
            "workspace_sid": ids.sid("WS", task.workspace_id),
            "workflow_sid": None if workflow is None else ids.sid("WW", workflow.id),
            "workflow_name": None if workflow is None else workflow.friendly_name,
            "queue_sid": None if queue is None else ids.sid("WQ", queue.id),
            "queue_name": None if queue is None else queue.friendly_name,
            "task_channel_sid": ids.sid("TC", channel.id),
            "task_channel_unique_name": channel.unique_name,
            "assignment_status": task.status,
            "assignmentCounter": task.rounds,
            "priority": task.priority,
            "timeout": task.timeout_seconds,
            "age": max(0, int((now - task.created_at).total_seconds())),
            "age_in_queue": 0 if entered is None else max(0, int((now - entered).total_seconds())),
            "date_created": int(task.created_at.timestamp()),
            "date_updated": int(task.updated_at.timestamp()),
            "task_queue_entered_date": None if entered is None else int(entered.timestamp()),
            "routing_target": task.routing_target or None,
            "reason": task.reason or None,
            "addons": "{}",
            "attributes": task.attributes,
        },
    }
