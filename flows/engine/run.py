"""A run: the working state of one ``advance``; it is also the ``Visit`` that widgets are given."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from flows.engine import events, problems
from flows.engine.commands import CancelTimer, Command, Finish, SendMessage, SetTimer
from flows.engine.limits import Limits
from flows.engine.outcome import Outcome, Step
from flows.engine.problems import StepWarning
from flows.engine.program import Node, Program
from flows.engine.session import Session
from flows.engine.sids import message_sid
from flows.engine.templates import Template
from flows.engine.times import read_time, write_time
from flows.engine.widget import Advance, Halt, Result, Wait

# While one of these waits, an event it has no exit for is dropped (81002) instead of ending the execution.
PATIENT = frozenset({"reply", "redirect"})


class Run:
    """
    Walks widgets until one waits or the execution ends.

    The given session is never changed: the run owns a copy of its first level, and copies a level of the context
    before it first writes to it.
    """

    __slots__ = (
        "_owned",
        "_zone",
        "asked_by",
        "changes",
        "commands",
        "context",
        "entered_at",
        "kept",
        "limits",
        "node",
        "now",
        "program",
        "root",
        "seq",
        "session",
        "step_warnings",
        "steps",
        "subflows",
        "warnings",
    )

    def __init__(
        self, program: Program, session: Session, now: datetime, subflows: Mapping[str, Program], limits: Limits
    ) -> None:
        self.root = program
        self.session = dict(session)
        self.now = now
        self.limits = limits
        self.subflows = subflows
        self.commands: list[Command] = []
        self.steps: list[Step] = []
        self.warnings: list[StepWarning] = []
        self.context: dict[str, Any] = session["context"]
        self._owned: set[tuple[str, ...]] = set()
        self._zone: tzinfo | None = None
        self.asked_by: dict[int, int] = {}
        frames = session["frames"]
        self.program = subflows.get(frames[-1]["flow_sid"], program) if frames else program
        self.node: Node | None = None
        visit = session["visit"] or {}
        self.seq: int = visit.get("seq", 0)
        self.entered_at = read_time(visit["entered_at"]) if visit else now
        self.kept: dict[str, Any] = visit.get("kept", {})
        self.changes: dict[str, Any] = dict(visit.get("changes", ()))
        self.step_warnings = [StepWarning(entry["code"], entry["message"]) for entry in visit.get("warnings", ())]
        if session["current"] is not None:
            self.node = self.program.nodes.get(session["current"])

    # What a widget sees.

    @property
    def zone(self) -> tzinfo:
        if self._zone is None:
            try:
                self._zone = ZoneInfo(self.session.get("time_zone") or "UTC")
            except (ValueError, OSError, TypeError, LookupError):
                self._zone = UTC
        return self._zone

    @property
    def name(self) -> str:
        return self.node.name if self.node is not None else ""

    @property
    def account_sid(self) -> str:
        return self.session["account_sid"] or ""

    @property
    def trigger_kind(self) -> str:
        return "incomingParent" if self.session["frames"] else self.session["began"] or ""

    @property
    def in_subflow(self) -> bool:
        return bool(self.session["frames"])

    @property
    def has_contact(self) -> bool:
        return bool(self.session["messaged"] or self.context["flow"]["channel"].get("sid"))

    def leads(self, event: str) -> bool:
        return self.node is not None and self.node.leads(event)

    def render(self, template: Template) -> str:
        return template.constant if template.constant is not None else template.render(self.context, self)

    def warn(self, code: int, message: str) -> None:
        warning = StepWarning(code, message)
        self.warnings.append(warning)
        self.step_warnings.append(warning)

    def new_ref(self) -> int:
        ref: int = self.session["next_ref"]
        self.session["next_ref"] = ref + 1
        self.asked_by[ref] = self.seq
        return ref

    def message_sid(self, ref: int) -> str:
        return message_sid(self.session["execution_sid"], ref, self.now)

    # What the machine does with it.

    def write(self, holder: tuple[str, ...], key: str, value: Any) -> None:
        """Put a value into the context, and into the step's changes."""
        self._own(holder)[key] = value
        self.changes[".".join((*holder, key))] = value

    def _own(self, holder: tuple[str, ...]) -> dict[str, Any]:
        owned = self._owned
        if () not in owned:
            owned.add(())
            self.context = dict(self.context)
        place = self.context
        for depth, name in enumerate(holder, 1):
            if holder[:depth] not in owned:
                owned.add(holder[:depth])
                inner = place.get(name)
                place[name] = dict(inner) if isinstance(inner, dict) else {}
            place = place[name]
        return place

    def enter(self, node: Node) -> Result | None:
        """Enter a widget; None when a limit ended the execution instead."""
        session = self.session
        session["in_a_row"] = session["in_a_row"] + 1 if node is self.node else 1
        if session["in_a_row"] > self.limits.same_widget_in_a_row:
            text = f"{node.name!r} was entered more than {self.limits.same_widget_in_a_row} times in a row."
            self._end_by_limit("widget_limit", problems.WIDGET_LOOP, text)
            return None
        if session["step_count"] >= self.limits.steps:
            text = f"The execution made more than {self.limits.steps} steps."
            self._end_by_limit("step_limit", problems.STEP_LIMIT, text)
            return None
        session["step_count"] += 1
        self.seq = session["step_count"]
        self.node = node
        session["current"] = node.name
        self.entered_at = self.now
        self.kept = {}
        self.step_warnings = []
        self.changes = {}
        return node.widget.enter(self)

    def _end_by_limit(self, reason: str, code: int, text: str) -> None:
        warning = StepWarning(code, text)
        self.warnings.append(warning)
        if self.steps:
            last = self.steps[-1]
            self.steps[-1] = Step(
                **{**_fields(last), "warnings": (*last.warnings, warning), "transitioned_to": "Ended"}
            )
        self.end(reason, code, text)

    def settle(self, result: Result | None) -> None:
        """Go on from a widget's answer until the execution waits or ends."""
        while result is not None:
            if isinstance(result, Advance):
                result = self._leave(result)
            elif isinstance(result, Wait):
                result = self._park(result)
            else:
                result = self._halt(result)

    def _park(self, wait: Wait) -> Result | None:
        self._issue(wait.commands)
        if wait.due_at is not None:
            self.commands.append(SetTimer(wait.ref, wait.due_at))
        due_at = write_time(wait.due_at) if wait.due_at is not None else None
        self.session["wait"] = {"kind": wait.kind, "ref": wait.ref, "due_at": due_at}
        self.kept = wait.kept
        self._remember_visit()
        if wait.kind == "reply" and self.session["inbox"]:
            payload, *rest = self.session["inbox"]
            self.session["inbox"] = rest
            return self.resume(events.ReplyReceived(payload))
        return None

    def _issue(self, commands: tuple[Command, ...]) -> None:
        self.commands.extend(commands)
        if not self.session["messaged"]:
            self.session["messaged"] = any(isinstance(command, SendMessage) for command in commands)

    def _remember_visit(self) -> None:
        self.session["visit"] = {
            "seq": self.seq,
            "entered_at": write_time(self.entered_at),
            "kept": self.kept,
            "warnings": [warning.to_json() for warning in self.step_warnings],
        }
        if self.changes:
            # Written before the wait: they belong to this step, which is told when it ends.
            self.session["visit"]["changes"] = self.changes

    def resume(self, event: events.Event) -> Result | None:
        """Let the waiting widget answer an event."""
        return self.node.widget.resume(self, event) if self.node is not None else None

    def ignore(self, what: str) -> None:
        """Log an event that the current widget cannot take (81002)."""
        self.warn(problems.EVENT_IGNORED, f"{what} while {self.name!r} could not take it; it was ignored.")
        if self.session["visit"] is not None:
            self._remember_visit()

    def _halt(self, halt: Halt) -> Result | None:
        if self.session["frames"] and self.program.nodes:
            self._record(halt.event, None, "Ended")
            self._return_to_parent()
            if self.leads("failed"):
                self.warn(problems.SUBFLOW_FAILED, f"The subflow could not go on: {halt.message}")
                return Advance("failed", {})
        self._drop_wait()
        self._record(halt.event, None, "Ended")
        self.end(halt.reason, halt.code, halt.message)
        return None

    def _leave(self, result: Advance) -> Result | None:
        node, session = self.node, self.session
        assert node is not None
        via = result.transition if result.transition is not None else node.by_event.get(result.event)
        wait = session["wait"]
        if via is None and wait is not None and wait["kind"] in PATIENT:
            self.ignore(f"The event {result.event!r} came")
            return None
        if wait is not None:
            self._drop_wait()
        if result.outputs is not None:
            self.write(("widgets",), node.name, result.outputs)
        for holder, key, value in result.changes:
            self.write(holder, key, value)
        self._issue(result.commands)
        target = node.targets[via] if via is not None else None
        if target is None and result.event == "noMatch":
            self.warn(problems.NO_MATCH, f"No condition of {node.name!r} matched, and there is no way on.")
        self._record(result.event, via, target.name if target is not None else "Ended")
        if target is not None:
            return self.enter(target)
        if session["frames"]:
            return self._complete_subflow()
        self.end("completed")
        return None

    def _record(self, event: str, via: int | None, to: str) -> None:
        node, frames = self.node, self.session["frames"]
        if node is None:
            return
        self.steps.append(
            Step(
                self.seq,
                event,
                node.type,
                node.name,
                node.name,
                to,
                self.changes,
                tuple(self.step_warnings),
                self.entered_at,
                self.now,
                via,
                frames[-1]["visit"]["seq"] if frames else None,
            )
        )
        self.step_warnings = []
        self.changes = {}

    def _drop_wait(self) -> None:
        wait = self.session["wait"]
        if wait is not None:
            if wait["due_at"] is not None:
                self.commands.append(CancelTimer(wait["ref"]))
            self.session["wait"] = None
            self.session["visit"] = None

    def timer_fired(self) -> None:
        """Note that the wait's timer is gone, so that nothing cancels it again."""
        self.session["wait"] = {**self.session["wait"], "due_at": None}

    # Subflows: one level deep, in the same execution.

    def enter_subflow(
        self, program: Program, flow_sid: str, revision: int | None, payload: dict[str, Any]
    ) -> Result | None:
        """Push the parent and start the child at its trigger."""
        node, session = self.node, self.session
        assert node is not None
        self._drop_timer_only()
        frame = {
            "flow_sid": flow_sid,
            "revision": revision,
            "widget": node.name,
            "visit": session["visit"],
            "context": self.context,
            "in_a_row": session["in_a_row"],
        }
        session["frames"] = [*session["frames"], frame]
        session["wait"] = None
        session["visit"] = None
        session["in_a_row"] = 0
        parent = self.context
        self.program = program
        self.node = None
        self._owned = set()
        self.context = {
            "flow": {**parent["flow"], "flow_sid": flow_sid, "variables": {}, "data": {}},
            "contact": parent["contact"],
            "trigger": {**parent["trigger"], "parent": payload},
            "widgets": {},
        }
        result = self.enter(program.start)
        # What the subflow is given belongs to its first step, as the trigger's data do to the very first.
        self.changes = {"flow.flow_sid": flow_sid, "trigger.parent": payload, **self.changes}
        return result

    def _drop_timer_only(self) -> None:
        wait = self.session["wait"]
        if wait is not None and wait["due_at"] is not None:
            self.commands.append(CancelTimer(wait["ref"]))

    def _return_to_parent(self) -> dict[str, Any]:
        """Pop the frame; answers the child's context."""
        self._drop_wait()
        session, child = self.session, self.context
        *rest, frame = session["frames"]
        session["frames"] = rest
        self.program = self.subflows.get(rest[-1]["flow_sid"], self.root) if rest else self.root
        self.context = frame["context"]
        self._owned = set()
        self.node = self.program.nodes.get(frame["widget"])
        session["current"] = frame["widget"]
        session["in_a_row"] = frame["in_a_row"]
        visit = frame["visit"]
        self.seq = visit["seq"]
        self.entered_at = read_time(visit["entered_at"])
        self.kept = visit["kept"]
        self.step_warnings = [StepWarning(entry["code"], entry["message"]) for entry in visit["warnings"]]
        self.changes = dict(visit.get("changes", ()))
        return child

    def _complete_subflow(self) -> Result:
        child = self._return_to_parent()
        flow = child["flow"]
        lifted = tuple(
            (("flow",), key, flow[key])
            for key in ("channel", "add_ons")
            if key in flow and flow[key] != self.context["flow"].get(key)
        )
        return Advance("completed", dict(flow.get("variables") or {}), changes=lifted)

    def fail_subflow(self, reason: str) -> Result | None:
        """Leave a subflow that cannot go on by the parent's ``failed``."""
        self._return_to_parent()
        self.warn(problems.SUBFLOW_FAILED, reason)
        return Advance("failed", {})

    # The end.

    def end(self, reason: str, code: int | None = None, message: str = "") -> None:
        self._drop_wait()
        self.session["status"] = "ended"
        self.session["ended"] = {"reason": reason, "code": code, "message": message}
        self.session["visit"] = None
        self.session["inbox"] = []
        self.commands.append(Finish(reason, code, message))

    def outcome(self) -> Outcome:
        self.session["context"] = self.context
        return Outcome(self.session, tuple(self.commands), tuple(self.steps), tuple(self.warnings), self.asked_by)


def _fields(step: Step) -> dict[str, Any]:
    return {name: getattr(step, name) for name in Step.__slots__}
