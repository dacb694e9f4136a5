"""What an execution knew at each of its steps: rebuilt, since steps store what they changed only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from common import ids
from flows.engine.session import apply_changes, new_session
from flows.models import Execution, ExecutionStep

CONTEXT = ("flow", "contact", "trigger", "widgets")


def context_of(execution: Execution) -> dict[str, Any]:
    """Return an execution's context as it is now: ``{flow, contact, trigger, widgets}``."""
    return _whole(execution.session)


def context_after(execution: Execution, step: ExecutionStep) -> dict[str, Any]:
    """
    Return the context as it was when a step ended.

    It is rebuilt from the context that the execution began with. A step inside a subflow sees the subflow's own
    context, which begins with the parent's contact and trigger.
    """
    rows = _rows(execution, step.seq)
    own = [row for row in rows if row.parent_seq is None]
    if step.parent_seq is None:
        return _after(_first_context(execution), own)
    parent = _after(_first_context(execution), [row for row in own if row.seq < step.parent_seq])
    parent = {**parent, "flow": {**parent["flow"], "variables": {}, "data": {}}, "widgets": {}}
    return _after(parent, [row for row in rows if row.parent_seq == step.parent_seq])


def context_before(execution: Execution, step: ExecutionStep) -> dict[str, Any]:
    """
    Return the context as it was when a step of the flow itself began, with what the trigger brought.

    The first step's changes hold the trigger's data beside its own.
    """
    rows = [row for row in _rows(execution, step.seq) if row.parent_seq is None]
    first = _first_context(execution)
    if step.seq == 1:
        changes = rows[0].changes.items() if rows else ()
        brought = [(path, value) for path, value in changes if not _is_own(path, step.name)]
        return apply_changes(first, brought)
    return _after(first, [row for row in rows if row.seq < step.seq])


def context_at_halt(execution: Execution) -> dict[str, Any]:
    """Return the context at the widget that an execution of the flow itself came to, subflows left aside."""
    frames = execution.session.get("frames") or []
    return _whole(frames[0] if frames else execution.session)


def _is_own(path: str, name: str) -> bool:
    """Tell what a first widget wrote itself; whole variables and other widgets' outputs come from before a retry."""
    return path == f"widgets.{name}" or path.startswith(("flow.variables.", "flow.channel."))


def _whole(holder: dict[str, Any]) -> dict[str, Any]:
    context = holder.get("context", {})
    return {name: context.get(name, {}) for name in CONTEXT}


def _rows(execution: Execution, up_to: int) -> list[ExecutionStep]:
    rows = ExecutionStep.objects.filter(execution_id=execution.id, seq__lte=up_to).order_by("seq")
    return list(rows.only("seq", "parent_seq", "changes", "execution_id"))


def _first_context(execution: Execution) -> dict[str, Any]:
    contact = context_of(execution)["contact"].get("channel", {}).get("address", execution.contact_address)
    session = new_session(
        execution_sid=execution.sid,
        flow_sid=ids.sid("FW", execution.flow_id),
        account_sid=ids.sid("AC", execution.account_id),
        channel_address=execution.channel_address,
        contact_address=contact,
    )
    first: dict[str, Any] = session["context"]
    return first


def _after(context: dict[str, Any], rows: Iterable[ExecutionStep]) -> dict[str, Any]:
    for row in rows:
        context = apply_changes(context, row.changes.items())
    return context
