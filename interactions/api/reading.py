"""The JSON that the Interactions API takes inside form fields (reference/interactions.md, 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from common import ids
from common.api.parsers import Params
from common.errors import BadParameter
from interactions.services import RoutingRequest

INITIATORS = ("customer", "agent", "api")
# The API's word for our web chat.
TYPES = {"web": "chat"}
MAX_ADDRESS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRequest:
    """The Channel parameter; ``conversation_id`` where it is to be used as it is, else who to begin one with."""

    type: str
    initiated_by: str
    conversation_id: UUID | None
    address: str
    proxy_address: str
    identity: str


def read_channel(params: Params) -> ChannelRequest:
    """:raises BadParameter: Channel is missing or lacks what its kind of contact needs."""
    channel = Params(_object(params, "Channel"))
    kind = channel.required("type", max_length=20)
    initiator = channel.required("initiated_by", choices=INITIATORS)
    properties = Params(channel.json_object("properties") or {})
    sid = properties.text("media_channel_sid")
    conversation_id = ids.parse_or_none("CH", sid) if sid else None
    if sid and conversation_id is None:
        raise BadParameter("Channel.properties.media_channel_sid must be a conversation's SID")
    if initiator == "customer" and conversation_id is None:
        raise BadParameter("Channel.properties.media_channel_sid is required where the customer began")
    participant = Params(_first_participant(channel, is_required=conversation_id is None))
    return ChannelRequest(
        type=TYPES.get(kind, kind),
        initiated_by=initiator,
        conversation_id=conversation_id,
        address=participant.text("address", max_length=MAX_ADDRESS) or "",
        proxy_address=participant.text("proxy_address", max_length=MAX_ADDRESS) or "",
        identity=participant.text("identity", max_length=MAX_ADDRESS) or "",
    )


def read_routing(params: Params, *, workspace_id: UUID | None, is_direct: bool = False) -> RoutingRequest:
    """
    Return where the Routing parameter sends the task. ``is_direct``: it must name queue and worker.

    :raises BadParameter: Routing is missing, malformed, or of another workspace.
    """
    routing = Params(_object(params, "Routing"))
    properties = Params(routing.json_object("properties") or {})
    workspace = properties.required("workspace_sid")
    if ids.parse_or_none("WS", workspace) != workspace_id:
        raise BadParameter(f"Routing.properties.workspace_sid: there is no workspace {workspace} for interactions")
    queue_id, worker_id = _key(properties, "WQ", "queue_sid"), _key(properties, "WK", "worker_sid")
    if is_direct and (queue_id is None or worker_id is None):
        raise BadParameter("Routing.properties needs queue_sid and worker_sid where an agent begins")
    workflow_id = _key(properties, "WW", "workflow_sid")
    timeout = properties.integer("timeout", least=1)
    return RoutingRequest(
        workflow="" if workflow_id is None else ids.sid("WW", workflow_id),
        task_channel=properties.text("task_channel_sid") or properties.text("task_channel_unique_name") or "default",
        attributes=properties.json_object("attributes") or {},
        priority=properties.integer("priority", least=0) or 0,
        timeout_seconds=86_400 if timeout is None else timeout,
        queue_id=queue_id,
        worker_id=worker_id,
    )


def _object(params: Params, name: str) -> Mapping[str, Any]:
    value = params.json_object(name)
    if value is None:
        raise BadParameter(f"Missing required parameter {name} in the post body")
    return value


def _first_participant(channel: Params, *, is_required: bool) -> Mapping[str, Any]:
    given = channel.json("participants") or []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise BadParameter("Channel.participants must be a list of objects")
    if not is_required:
        return {}
    if len(given) != 1:
        raise BadParameter("Channel.participants must have exactly one participant, the customer")
    return dict(given[0])


def _key(params: Params, prefix: str, name: str) -> UUID | None:
    sid = params.text(name)
    if not sid:
        return None
    found = ids.parse_or_none(prefix, sid)
    if found is None:
        raise BadParameter(f"Routing.properties.{name} must be a SID that begins with {prefix}")
    return found
