"""Trying a definition without storing anything: the engine that production runs, one event at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flows.engine import (
    DefinitionError,
    Outcome,
    Program,
    Step,
    StepWarning,
    advance,
    commands,
    compile_definition,
    events,
    new_session,
    resume_at,
)
from flows.engine.session import needed_subflow
from flows.limits import LIMITS

SIDS = {"execution_sid": "FN" + "0" * 32, "flow_sid": "FW" + "0" * 32, "account_sid": "AC" + "0" * 32}
CONTACT, CHANNEL = "+15550001111", "+15550002222"

# Returns the definition of a flow's revision ("LatestPublished", "LatestDraft" or a number), with its number.
LoadFlow = Callable[[str, str], tuple[object, int] | None]


def begin(*, contact: str = CONTACT, channel: str = CHANNEL, time_zone: str = "UTC", **sids: str) -> dict[str, Any]:
    """Return the session of a simulated execution that has not begun; ``contact`` and ``channel`` are addresses."""
    return new_session(**{**SIDS, **sids}, channel_address=channel, contact_address=contact, time_zone=time_zone)


def advance_simulation(
    program: Program, session: dict[str, Any], event: events.Event, now: datetime, load_flow: LoadFlow
) -> Outcome:
    """
    Advance a simulated execution, and load the subflows it asks for.

    Every other command is left for the caller to answer with the event of the same ``ref``. ``session`` may be anything
    a caller made up: what the engine cannot go on with ends the execution, saying so.
    """
    subflows = _running_subflow(session, load_flow)
    return _settled(program, advance(program, session, event, now, subflows, LIMITS), now, subflows, load_flow)


def begin_at(
    program: Program,
    session: dict[str, Any],
    widget: str,
    context: Mapping[str, Any],
    now: datetime,
    load_flow: LoadFlow,
) -> Outcome:
    """
    Begin a simulated execution in the middle, as a retried one begins: at ``widget``, with what ``context`` holds.

    :raises LookupError: the program has no such widget.
    """
    outcome = resume_at(program, session, widget, context, "incomingMessage", now, LIMITS)
    return _settled(program, outcome, now, {}, load_flow)


def _settled(
    program: Program, outcome: Outcome, now: datetime, subflows: dict[str, Program], load_flow: LoadFlow
) -> Outcome:
    """Load the subflows that are asked for, until nothing but the caller's commands is left."""
    done: list[commands.Command] = []
    steps: list[Step] = []
    warnings: list[StepWarning] = []
    pending = [outcome]
    while pending:
        outcome = pending.pop(0)
        steps += outcome.steps
        warnings += outcome.warnings
        for command in outcome.commands:
            if isinstance(command, commands.StartSubflow):
                event = _load(command, subflows, load_flow)
                pending.append(advance(program, outcome.session, event, now, subflows, LIMITS))
            else:
                done.append(command)
    return Outcome(outcome.session, tuple(done), tuple(steps), tuple(warnings))


def _load(command: commands.StartSubflow, subflows: dict[str, Program], load_flow: LoadFlow) -> events.Event:
    found = load_flow(command.flow_sid, command.revision)
    if found is None:
        return events.SubflowMissing(command.ref, f"There is no {command.revision} of the flow {command.flow_sid}")
    definition, revision = found
    try:
        subflows[command.flow_sid] = compile_definition(definition)
    except DefinitionError as error:
        return events.SubflowMissing(command.ref, f"The flow {command.flow_sid} cannot run: {error}")
    return events.SubflowLoaded(command.ref, revision)


def _running_subflow(session: dict[str, Any], load_flow: LoadFlow) -> dict[str, Program]:
    """Return the program of the subflow that a session is in the middle of."""
    try:
        needed = needed_subflow(session)
        found = None if needed is None else load_flow(str(needed[0]), str(needed[1]))
        return {} if needed is None or found is None else {needed[0]: compile_definition(found[0])}
    except (DefinitionError, LookupError, TypeError, AttributeError):
        # A made-up session, or a revision that is gone: the engine ends such an execution with its reason.
        return {}
