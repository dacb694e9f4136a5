"""
The machine: one event in, what follows from it out.

``advance`` and ``resume_at`` are pure functions of their arguments: no clock, no random number, no I/O, and they change
none of them. Their cost depends on the steps made and the texts rendered, not on the size of the flow.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flows.engine import events
from flows.engine.commands import Finish
from flows.engine.events import Event
from flows.engine.limits import DEFAULT_LIMITS, Limits
from flows.engine.outcome import Outcome
from flows.engine.payloads import message_fields, trigger_changes
from flows.engine.problems import TOO_MANY_WIDGETS_RUN, StepWarning
from flows.engine.program import MESSAGE_KINDS, Program
from flows.engine.run import Run
from flows.engine.session import FORMAT_VERSION, Session
from flows.engine.sids import step_sid
from flows.engine.times import read_time, write_time
from flows.engine.widget import Result

NO_SUBFLOWS: Mapping[str, Program] = {}


def advance(
    program: Program,
    session: Session,
    event: Event,
    now: datetime,
    subflows: Mapping[str, Program] = NO_SUBFLOWS,
    limits: Limits = DEFAULT_LIMITS,
) -> Outcome:
    """
    Apply an event to an execution.

    ``now`` is aware. ``subflows`` holds, by flow SID, the programs of the subflow that runs or is being loaded, each of
    the revision named by ``session.needed_subflow``. An event for a wait that is over changes nothing. Whatever the
    session, event and texts hold, nothing is raised: what the engine itself cannot digest ends the execution with
    the reason ``error``.
    """
    if session.get("status") == "ended":
        return Outcome(session)
    try:
        run = Run(program, session, now if now.tzinfo else now.replace(tzinfo=UTC), subflows, limits)
        run.settle(_handle(run, event))
        return run.outcome()
    except Exception as error:
        return _broken(session, error)


def resume_at(
    program: Program,
    session: Session,
    widget: str,
    context: Mapping[str, Any],
    began: str,
    now: datetime,
    limits: Limits = DEFAULT_LIMITS,
) -> Outcome:
    """
    Begin an execution in the middle: at ``widget``, with what an earlier execution had gathered before it.

    ``session`` has not begun; ``context`` is the earlier one's, of which this one's own identity (``flow.sid``,
    ``flow.flow_sid``) is not taken; ``began`` is the kind of trigger it had. All of it counts as changes of the
    first step, as a trigger's data do, so that the steps alone rebuild the context.

    :raises LookupError: the program has no such widget.
    """
    node = program.nodes.get(widget)
    if node is None:
        raise LookupError(f"There is no widget {widget!r}")
    try:
        run = Run(program, session, now if now.tzinfo else now.replace(tzinfo=UTC), NO_SUBFLOWS, limits)
        run.session["began"] = began
        run.session["began_at"] = write_time(run.now)
        run.session["messaged"] = bool(session["messaged"] or began in MESSAGE_KINDS)
        for key, value in context.items():
            if key in HOLDERS:
                for name, inner in _mapping(value).items():
                    if (key, name) not in OWN:
                        run.write((key,), name, inner)
            else:
                run.write((), key, value)
        given = run.changes
        result = run.enter(node)
        run.changes = {**given, **run.changes}
        run.settle(result)
        return run.outcome()
    except Exception as error:
        return _broken(session, error)


HOLDERS = ("flow", "trigger", "widgets")
OWN = frozenset({("flow", "sid"), ("flow", "flow_sid")})


def _broken(session: Session, error: Exception) -> Outcome:
    """End an execution that met a fault of the engine, as the session was before: it fails alone, and says so."""
    message = f"The engine could not go on: {type(error).__name__}: {error}"
    ended = {"reason": "error", "code": None, "message": message}
    broken = {**session, "v": FORMAT_VERSION, "status": "ended", "ended": ended, "wait": None, "visit": None}
    return Outcome(broken, (Finish("error", None, message),), (), (StepWarning(0, message),))


def _handle(run: Run, event: Event) -> Result | None:
    session = run.session
    if isinstance(event, events.Stopped):
        run.end("stopped", None, event.reason)
        return None
    if isinstance(event, events.TriggerFired):
        return _begin(run, event)
    if session["began_at"] is not None and run.now - read_time(session["began_at"]) > run.limits.execution_age:
        run.end("expired", None, f"The execution is older than {run.limits.execution_age.days} days.")
        return None
    if session["frames"] and session["frames"][-1]["flow_sid"] not in run.subflows:
        return run.fail_subflow("The subflow it was in is not there any more.")
    if isinstance(event, events.ReplyReceived):
        return _reply(run, event)
    wait = session["wait"]
    ref = event.message_ref if isinstance(event, events.DeliveryFailed) else getattr(event, "ref", None)
    if wait is None or ref != wait["ref"]:
        return None
    if isinstance(event, events.TimerFired):
        if wait["due_at"] is None:
            return None
        run.timer_fired()
    if isinstance(event, events.SubflowLoaded):
        return _load(run, event)
    return run.resume(event)


def _begin(run: Run, event: events.TriggerFired) -> Result | None:
    session = run.session
    if session["began"] is not None:
        run.ignore(f"The trigger {event.kind!r} fired")
        return None
    session["began"] = event.kind
    session["began_at"] = write_time(run.now)
    if _is_too_large(run):
        return None
    changes = trigger_changes(event.kind, event.payload)
    session["messaged"] = event.kind in MESSAGE_KINDS
    for holder, key, value in changes:
        run.write(holder, key, value)
    written = run.changes
    result = run.enter(run.root.start)
    # The trigger's data belong to the first step, whatever widget that is.
    run.changes = {**written, **run.changes}
    return result


def _reply(run: Run, event: events.ReplyReceived) -> Result | None:
    session = run.session
    payload = message_fields(event.payload)
    wait = session["wait"]
    kind = wait["kind"] if wait is not None else ""
    session["messaged"] = True
    if kind == "reply":
        if session["began"] == "incomingConversationMessage":
            run.write(("trigger",), "conversation", {**_mapping(run.context["trigger"].get("conversation")), **payload})
        return run.resume(events.ReplyReceived(payload))
    if kind == "handoff":
        return None  # while agents have the contact, its messages are theirs alone
    if run.root.queues_inbound and len(session["inbox"]) < run.limits.queued_messages:
        session["inbox"] = [*session["inbox"], payload]
    else:
        run.ignore("A message came")
    return None


def _load(run: Run, event: events.SubflowLoaded) -> Result | None:
    """Start the subflow that the waiting widget asked for."""
    flow_sid = str(run.kept.get("flow_sid"))
    program = run.subflows.get(flow_sid)
    if program is None:
        return run.resume(events.SubflowMissing(event.ref, "it was not found"))
    if _is_too_large(run, program):
        return None
    session = run.session
    payload = {
        "parameters": run.kept.get("parameters") or {},
        "flow_sid": run.context["flow"].get("flow_sid"),
        "execution_sid": session["execution_sid"],
        "step_sid": step_sid(session["execution_sid"], run.seq, run.entered_at),
        "trigger_type": session["began"],
    }
    return run.enter_subflow(program, flow_sid, event.revision, payload)


def _is_too_large(run: Run, *subflows: Program) -> bool:
    """End an execution whose flow, with the subflow it is about to enter, has more widgets than may run (81026)."""
    widgets = sum(len(program.nodes) for program in (run.root, *subflows))
    if widgets <= run.limits.widgets:
        return False
    text = f"The flow and its subflow have {widgets} widgets; at most {run.limits.widgets} may run."
    run.end("error", TOO_MANY_WIDGETS_RUN, text)
    return True


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
