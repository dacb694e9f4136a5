"""Finding a flow's revisions by number or magic word; what both reads and writes of flows stand on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from common import ids
from flows.errors import MalformedRevision
from flows.models import Flow, FlowRevision

LATEST_PUBLISHED = "LatestPublished"
# The second is the word of run-subflow's properties for the same thing.
LATEST = ("LatestRevision", "LatestDraft")


def newest_revision(flow: Flow) -> FlowRevision:
    """Return the revision saved last, a draft or not."""
    return FlowRevision.objects.get(flow_id=flow.id, revision=flow.revision)


def find_revision(flow: Flow, which: str) -> FlowRevision:
    """
    Return the revision that a number, ``LatestPublished`` or ``LatestRevision`` names.

    :raises FlowRevision.DoesNotExist: no such number, or the flow was never published.
    :raises MalformedRevision: none of these.
    """
    if which == LATEST_PUBLISHED:
        number = flow.published_revision
    elif which in LATEST:
        number = flow.revision
    elif which.isascii() and which.isdigit() and len(which) < 10:
        number = int(which)
    else:
        raise MalformedRevision(which)
    if number is None:
        raise FlowRevision.DoesNotExist
    return FlowRevision.objects.get(flow_id=flow.id, revision=number)


def find_flow_revision(account_id: UUID, flow_sid: str, which: str) -> FlowRevision | None:
    """Return a revision by its flow's SID, as run-subflow names it; None for whatever does not lead to one."""
    flow_id = ids.parse_or_none("FW", flow_sid)
    flow = None if flow_id is None else Flow.objects.filter(account_id=account_id, id=flow_id).first()
    if flow is None:
        return None
    try:
        return find_revision(flow, which or LATEST_PUBLISHED)
    except (FlowRevision.DoesNotExist, MalformedRevision):
        return None


def subflow_definitions(account_id: UUID, definition: object) -> dict[str, Any]:
    """
    Return the definition of each flow that a definition's widgets run, by flow SID; None for an unknown one.

    Several widgets may ask for different revisions of one flow: the first of them decides.
    """
    found: dict[str, Any] = {}
    states = definition.get("states") if isinstance(definition, dict) else None
    for state in states if isinstance(states, list) else ():
        properties = state.get("properties") if isinstance(state, dict) else None
        if not isinstance(properties, dict) or state.get("type") != "run-subflow":
            continue
        flow_sid = properties.get("flow_sid")
        if isinstance(flow_sid, str) and flow_sid not in found:
            row = find_flow_revision(account_id, flow_sid, str(properties.get("flow_revision") or ""))
            found[flow_sid] = None if row is None else row.definition
    return found
