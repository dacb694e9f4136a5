"""Playing stories: the engine with a virtual clock, and canned answers for the world around it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from flows.engine import events
from flows.engine.commands import (
    CallHttp,
    CancelTimer,
    HandOff,
    ResumeConversation,
    SendMessage,
    SetTimer,
    StartConversation,
    StartSubflow,
)
from flows.engine.limits import DEFAULT_LIMITS, Limits
from flows.engine.machine import advance
from flows.engine.outcome import Step
from flows.engine.payloads import KINDS
from flows.engine.problems import StepWarning
from flows.engine.program import Program, compile_definition
from flows.engine.session import new_session
from flows.engine.stories import Coverage, Difference, MalformedStory, StoryResult, compare, split_path
from flows.engine.times import read_time

START = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
CHILD = "FW" + "c" * 32


class Player:
    """One execution in a made-up world; ``play`` takes the story through it."""

    def __init__(self, program: Program, story: Mapping[str, Any], limits: Limits = DEFAULT_LIMITS) -> None:
        self.program = program
        self.story = story
        self.limits = limits
        self.now = read_time(story["now"]) if story.get("now") else START
        trigger = story.get("trigger")
        if not isinstance(trigger, Mapping):
            raise MalformedStory("a story needs a trigger")
        self.trigger = trigger
        self.session = new_session(
            execution_sid="FN" + "1" * 32,
            flow_sid="FW" + "1" * 32,
            account_sid="AC" + "1" * 32,
            channel_address=str(trigger.get("to", "+15550002222")),
            contact_address=str(trigger.get("from", "+15550001111")),
            time_zone=story.get("time_zone") or "UTC",
        )
        self.subflows: dict[str, Program] = {}
        self.timers: dict[int, datetime] = {}
        self.refs: dict[int, str] = {}
        self.sent: list[Any] = []
        self.message_refs: dict[str, int] = {}
        self.path: list[str] = []
        self.steps: list[Step] = []
        self.warnings: list[StepWarning] = []
        self.visits: dict[str, int] = {}
        self.requests: dict[str, Any] = {}
        self.hand_off: dict[str, Any] = {}
        self.transcript: list[tuple[str, str]] = []
        self.coverage = Coverage()
        self.faults: list[Difference] = []

    def play(self) -> None:
        self.apply(trigger_event(self.trigger))
        for number, step in enumerate(self.story.get("steps") or []):
            if not isinstance(step, Mapping):
                raise MalformedStory(f"step {number + 1} is no object")
            self._do(step, number)

    def _do(self, step: Mapping[str, Any], number: int) -> None:
        wait = self.session["wait"] or {}
        if "in" in step:
            self.now += timedelta(seconds=1)
            self.transcript.append(("in", str(step["in"])))
            self.apply(events.ReplyReceived(self._message(step)))
        elif "timeout" in step:
            if not self._is_at(step["timeout"], number) or wait.get("due_at") is None:
                return
            self.now = max(self.now, read_time(wait["due_at"]))
            self.transcript.append(("note", f"time runs out at {step['timeout']}"))
            self.apply(events.TimerFired(wait["ref"]))
        elif "wait" in step:
            self._pass_time(self.now + timedelta(seconds=float(step["wait"])))
        elif "flex" in step:
            done = step["flex"] == "callComplete"
            outputs = step.get("outputs") or {"sid": "WT" + "1" * 32}
            ref = wait.get("ref", 0)
            self.apply(events.HandOffCompleted(ref, outputs) if done else events.HandOffFailed(ref, step["flex"]))
        elif "return" in step:
            self.apply(events.RedirectReturned(wait.get("ref", 0), dict(step["return"])))
        elif "undelivered" in step:
            ref = self.message_refs.get(step["undelivered"], 0)
            self.apply(events.DeliveryFailed(ref, step.get("code", 30003), step.get("message", "Unreachable")))
        elif step.get("stop"):
            self.apply(events.Stopped())
        else:
            raise MalformedStory(f"step {number + 1} is of no kind that stories know: {sorted(step)}")

    def _is_at(self, widget: str, number: int) -> bool:
        if self.session["current"] == widget and self.session["wait"] is not None:
            return True
        self.faults.append(Difference(f"steps[{number}]", f"waiting:{widget}", self.outcomes()[-1]))
        return False

    def _pass_time(self, until: datetime) -> None:
        while self.timers:
            ref, due_at = min(self.timers.items(), key=lambda entry: (entry[1], entry[0]))
            if due_at > until:
                break
            del self.timers[ref]
            self.now = max(self.now, due_at)
            self.apply(events.TimerFired(ref))
        self.now = max(self.now, until)

    def _message(self, step: Mapping[str, Any]) -> dict[str, Any]:
        media = step.get("media") or []
        payload: dict[str, Any] = {
            "Body": step["in"],
            "From": self.trigger.get("from", "+15550001111"),
            "To": self.trigger.get("to", "+15550002222"),
            "NumMedia": str(len(media)),
        }
        payload.update({f"MediaUrl{index}": url for index, url in enumerate(media)})
        payload.update(step.get("vars") or {})
        return payload

    def apply(self, event: events.Event) -> None:
        """Give the engine one event, and carry out what it asks for until it waits for the story again."""
        pending = [event]
        while pending:
            outcome = advance(self.program, self.session, pending.pop(0), self.now, self.subflows, self.limits)
            # Stories also prove that sessions survive storage.
            self.session = orjson.loads(orjson.dumps(outcome.session))
            self.steps.extend(outcome.steps)
            self.warnings.extend(outcome.warnings)
            for step in outcome.steps:
                if step.parent_seq is None:
                    self.coverage.widgets.add(step.name)
                    if step.transition is not None:
                        self.coverage.transitions.add((step.name, step.transition))
            if self.session["current"] and not self.session["frames"] and self.session["wait"]:
                self.coverage.widgets.add(self.session["current"])
            for command in outcome.commands:
                answer = self._carry_out(command)
                if answer is not None:
                    pending.append(answer)

    def _carry_out(self, command: Any) -> events.Event | None:
        match command:
            case SendMessage():
                self._sent(command)
            case SetTimer():
                self.timers[command.ref] = command.due_at
            case CancelTimer():
                self.timers.pop(command.ref, None)
            case CallHttp():
                return self._answer_http(command)
            case HandOff():
                self.hand_off = command.to_json()
                self.transcript.append(("note", f"handed to agents at {self.session['current']}"))
            case StartSubflow():
                return self._answer_subflow(command)
            case StartConversation() | ResumeConversation():
                return self._answer_conversation(command.ref)
        return None

    def _sent(self, command: SendMessage) -> None:
        shown: Any = {"content_sid": command.content_sid} if command.content_sid else command.body
        self.sent.append(shown)
        self.message_refs[self.session["current"] or ""] = command.ref
        self.transcript.append(("out", str(shown)))

    def _canned(self, table: str) -> Any:
        """Return the answer for the current widget: the visit's own, or the last one of its list."""
        widget = self.session["current"]
        answers = (self.story.get(table) or {}).get(widget)
        if isinstance(answers, Sequence) and not isinstance(answers, str):
            visit = self.visits.get(widget, 0)
            self.visits[widget] = visit + 1
            return answers[min(visit, len(answers) - 1)] if answers else None
        return answers

    def _answer_http(self, command: CallHttp) -> events.Event:
        widget = self.session["current"]
        self.requests[widget] = command.to_json()
        answer = self._canned("http")
        if not isinstance(answer, Mapping) or "error" in answer:
            reason = answer["error"] if isinstance(answer, Mapping) else "the story has no answer for it"
            return events.HttpFailed(command.ref, str(reason))
        if "json" in answer:
            body, kind = orjson.dumps(answer["json"]).decode(), "application/json"
        else:
            body, kind = str(answer.get("body", "")), str(answer.get("content_type", "text/plain"))
        headers = answer.get("headers") or {}
        return events.HttpAnswered(command.ref, int(answer.get("status", 200)), kind, body, dict(headers))

    def _answer_subflow(self, command: StartSubflow) -> events.Event:
        answer = self._canned("subflows")
        if isinstance(answer, str):
            answer = {"event": answer}
        if not isinstance(answer, Mapping) or answer.get("event", "completed") == "failed":
            return events.SubflowMissing(command.ref, "the story has no subflow for it")
        definition = answer.get("definition") or stand_in(answer.get("variables") or {})
        self.subflows[command.flow_sid] = compile_definition(definition)
        return events.SubflowLoaded(command.ref, 1)

    def _answer_conversation(self, ref: int) -> events.Event:
        answer = self._canned("conversations")
        if isinstance(answer, Mapping) and "error" in answer:
            return events.ConversationFailed(ref, str(answer["error"]))
        outputs = {"conversation": {"sid": "CH" + "1" * 32, "state": "active"}}
        return events.ConversationStarted(ref, dict(answer) if isinstance(answer, Mapping) else outputs)

    def outcomes(self) -> list[str]:
        """Return the names of how it stands now; the last one is the most telling."""
        session = self.session
        if session["status"] == "ended":
            return (
                ["ended", f"ended:{session['ended']['reason']}"]
                if session["ended"]["reason"] != "completed"
                else ["ended"]
            )
        kind = (session["wait"] or {}).get("kind", "")
        return [f"flex:{session['current']}" if kind == "handoff" else f"waiting:{session['current']}"]


def stand_in(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return a subflow that does nothing but set variables."""
    entries = [{"key": key, "value": str(value)} for key, value in variables.items()]
    return {
        "initial_state": "Trigger",
        "states": [
            {
                "name": "Trigger",
                "type": "trigger",
                "properties": {},
                "transitions": [{"event": "incomingParent", "next": "set"}],
            },
            {
                "name": "set",
                "type": "set-variables",
                "properties": {"variables": entries},
                "transitions": [{"event": "next"}],
            },
        ],
    }


def trigger_event(trigger: Mapping[str, Any]) -> events.TriggerFired:
    """Return the event of a story's trigger."""
    kind = str(trigger.get("event", "incomingMessage"))
    addresses = {"From": trigger.get("from", "+15550001111"), "To": trigger.get("to", "+15550002222")}
    if kind == "incomingRequest":
        payload: dict[str, Any] = {
            "from": addresses["From"],
            "to": addresses["To"],
            "parameters": dict(trigger.get("parameters") or {}),
        }
    elif kind == "incomingParent":
        payload = {"parameters": dict(trigger.get("parameters") or {})}
    else:
        media = trigger.get("media") or []
        payload = {"Body": trigger.get("body", ""), **addresses, "NumMedia": str(len(media))}
        payload.update({f"MediaUrl{index}": url for index, url in enumerate(media)})
    for path, value in (trigger.get("vars") or {}).items():
        *parents, last = [part for part in split_path(path) if part not in ("trigger", KINDS.get(kind, kind))]
        place = payload
        for name in parents:
            place = place.setdefault(name, {})
        place[last] = value
    return events.TriggerFired(kind, payload)


def play_story(definition: object, story: Mapping[str, Any], limits: Limits = DEFAULT_LIMITS) -> StoryResult:
    """
    Play one story on a definition (or a compiled Program).

    :raises DefinitionError: the definition cannot be compiled.
    :raises MalformedStory: the story is none.
    """
    program = definition if isinstance(definition, Program) else compile_definition(definition)
    player = Player(program, story, limits)
    player.play()
    path = _path(player)
    actual = {
        "sent": player.sent,
        "path": path,
        "outcomes": player.outcomes(),
        "warnings": [warning.code for warning in player.warnings],
        "http": player.requests,
        "hand_off": player.hand_off,
    }
    return StoryResult(
        id=str(story.get("id", "")),
        sent=player.sent,
        path=path,
        outcome=player.outcomes()[-1],
        differences=[*player.faults, *compare(story, actual, player.session["context"])],
        warnings=player.warnings,
        context=player.session["context"],
        coverage=player.coverage,
        transcript=player.transcript,
        steps=player.steps,
    )


def _path(player: Player) -> list[str]:
    """Return the flow's own widgets in the order they were entered, the one that waits included."""
    entered = [(step.seq, step.name) for step in player.steps if step.parent_seq is None]
    session = player.session
    if session["status"] == "active" and session["visit"] is not None:
        frame = session["frames"][0] if session["frames"] else None
        visit, name = (frame["visit"], frame["widget"]) if frame else (session["visit"], session["current"])
        entered.append((visit["seq"], name))
    return [name for _, name in sorted(entered)]
