"""
A turn: everything that is pending for one conversation, walked in order by the pure engine.

A turn changes nothing in the database by itself, except hand-overs and new conversations (in savepoints, and
idempotent): it collects what is to be written, and the batch writes the turns of many conversations at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from accounts import queries as account_queries
from common import bulk, ids, logs, outbox
from common.events import DomainEvent
from conversations.services import NewMessage, Source
from flows.engine import Outcome, advance, commands, events, new_session, resume_at
from flows.engine.session import needed_subflow
from flows.engine.sids import step_sid
from flows.events import ExecutionEnded, ExecutionStarted
from flows.limits import LIMITS
from flows.models import Execution, ExecutionStep
from flows.runtime import links
from flows.runtime.payloads import execution_key
from flows.runtime.programs import programs
from routing import queries as routing

if TYPE_CHECKING:
    from conversations.models import Conversation

logger = logging.getLogger(__name__)

EVENTS_TOPIC = "flows.events"
HTTP_TOPIC = "flows.http"
SEND_TOPIC = "flows.send"

# Reasons of Finish that are no error.
REGULAR_ENDS = frozenset({"completed", "stopped"})


@dataclass(slots=True)
class Effects:
    """What turns want written; ``names`` of timers to cancel are (key, name)."""

    created: list[Execution] = field(default_factory=list)
    changed: dict[UUID, Execution] = field(default_factory=dict)
    steps: list[ExecutionStep] = field(default_factory=list)
    messages: list[NewMessage] = field(default_factory=list)
    entries: list[outbox.Entry] = field(default_factory=list)
    cancelled: list[tuple[UUID, str]] = field(default_factory=list)
    announced: list[DomainEvent] = field(default_factory=list)

    def take(self, other: Effects) -> None:
        """Add the effects of one more turn."""
        self.created += other.created
        self.changed.update(other.changed)
        self.steps += other.steps
        self.messages += other.messages
        self.entries += other.entries
        self.cancelled += other.cancelled
        self.announced += other.announced


class Turn:
    """
    One conversation's turn.

    ``executions`` are its active ones, oldest first. After the calls, ``effects`` says what is to be written.
    """

    def __init__(
        self,
        conversation: Conversation,
        executions: Iterable[Execution],
        *,
        now: datetime,
        time_zone: Callable[[UUID], str] = account_queries.time_zone,
    ) -> None:
        self.conversation = conversation
        self.executions = list(executions)
        self.now = now
        self.time_zone = time_zone
        self.effects = Effects()

    @property
    def active(self) -> list[Execution]:
        return [execution for execution in self.executions if execution.status == Execution.Status.ACTIVE]

    def begin(
        self,
        *,
        flow_id: UUID,
        revision: int,
        kind: str | None,
        payload: dict[str, Any],
        is_test: bool = False,
        initiated_by: str = "",
    ) -> Execution | None:
        """
        Start an execution of a revision; None where the revision is not there or cannot be walked.

        ``kind`` None: the flow's exit for a conversation's message where it leads somewhere, else the one for a plain
        message (decisions.md, "Studio").
        """
        program = programs.get(flow_id, revision)
        if program is None:
            with logs.bound(conversation=self.conversation.sid):
                logger.error("Flow %s has no runnable revision %s", ids.sid("FW", flow_id), revision)
            return None
        if kind is None:
            kind = "incomingMessage"
            if program.start.leads("incomingConversationMessage"):
                kind = "incomingConversationMessage"
        execution = self._create(flow_id, revision, kind, is_test=is_test, initiated_by=initiated_by)
        self.give(execution, events.TriggerFired(kind, payload))
        return execution

    def begin_at(self, widget: str, context: Mapping[str, Any], *, retried: Execution, messaged: bool) -> Execution:
        """
        Start an execution of the revision that another one ran, at a widget, with what was known before it.

        :raises LookupError: the revision or the widget is not there.
        """
        program = programs.get(retried.flow_id, retried.revision)
        if program is None:
            raise LookupError(f"The flow has no runnable revision {retried.revision}")
        execution = self._create(
            retried.flow_id,
            retried.revision,
            retried.trigger,
            is_test=retried.is_test,
            initiated_by=retried.sid,
        )
        session = {**execution.session, "messaged": messaged}
        outcome = resume_at(program, session, widget, context, retried.trigger, self.now, LIMITS)
        self._record(execution, outcome)
        self._go_on(execution, self._carry_out_all(execution, outcome))
        return execution

    def _create(self, flow_id: UUID, revision: int, kind: str, *, is_test: bool, initiated_by: str) -> Execution:
        execution_id = ids.uuid7()
        conversation = self.conversation
        channel_address = conversation.proxy_address or conversation.sid
        execution = bulk.new(
            Execution,
            id=execution_id,
            account_id=conversation.account_id,
            flow_id=flow_id,
            revision=revision,
            conversation_id=conversation.id,
            contact_address=conversation.customer_address,
            channel_address=channel_address,
            trigger=kind,
            initiated_by=initiated_by,
            is_test=is_test,
            session=new_session(
                execution_sid=ids.sid("FN", execution_id),
                flow_sid=ids.sid("FW", flow_id),
                account_sid=ids.sid("AC", conversation.account_id),
                channel_address=channel_address,
                contact_address=conversation.customer_address,
                time_zone=self.time_zone(conversation.account_id),
            ),
            created_at=self.now,
            updated_at=self.now,
        )
        self.executions.append(execution)
        self.effects.created.append(execution)
        self._bound_life(execution)
        self.effects.announced.append(
            ExecutionStarted(
                account_id=conversation.account_id,
                flow_id=flow_id,
                execution_id=execution_id,
                conversation_id=conversation.id,
            )
        )
        return execution

    def _bound_life(self, execution: Execution) -> None:
        """Have an execution looked at when its life is over, even if nobody ever writes again."""
        self.effects.entries.append(
            outbox.Entry(
                topic=EVENTS_TOPIC,
                key=execution.conversation_id,
                name=_life(execution),
                due_at=execution.created_at + LIMITS.execution_age + timedelta(seconds=1),
                payload=_engine_payload(execution.id, events.TimerFired(0)),
            )
        )

    def give(self, execution: Execution, event: events.Event) -> None:
        """Advance an execution by an event, and by what answers its commands at once."""
        self._go_on(execution, [event])

    def _go_on(self, execution: Execution, pending: list[events.Event]) -> None:
        while pending and execution.status == Execution.Status.ACTIVE:
            outcome = self._advance(execution, pending.pop(0))
            self._record(execution, outcome)
            pending += self._carry_out_all(execution, outcome)

    def _carry_out_all(self, execution: Execution, outcome: Outcome) -> list[events.Event]:
        answers = []
        for command in outcome.commands:
            if isinstance(command, commands.CallHttp | commands.Redirect):
                self._call(execution, command, outcome.asked_by.get(command.ref))
                continue
            answer = self._carry_out(execution, command)
            if answer is not None:
                answers.append(answer)
        return answers

    def _call(self, execution: Execution, command: commands.CallHttp | commands.Redirect, step_seq: int | None) -> None:
        payload = {
            "conversation": execution.conversation_id.hex,
            "step_seq": step_seq,
            "command": command.to_json(),
        }
        self.effects.entries.append(outbox.Entry(topic=HTTP_TOPIC, key=execution.id, payload=payload))

    def _advance(self, execution: Execution, event: events.Event) -> Outcome:
        program = programs.get(execution.flow_id, execution.revision)
        if program is None:
            ended = {**execution.session, "status": "ended"}
            return Outcome(ended, (commands.Finish("error", None, "The revision it ran is not there any more"),))
        subflows = {}
        needed = needed_subflow(execution.session)
        if needed is None and isinstance(event, events.SubflowLoaded) and event.revision is not None:
            needed = (self._loading, event.revision)
        if needed is not None and needed[1] is not None:
            flow_id = ids.parse_or_none("FW", needed[0])
            child = None if flow_id is None else programs.get(flow_id, needed[1])
            if child is not None:
                subflows[needed[0]] = child
        return advance(program, self._with_calendars(execution), event, self.now, subflows, LIMITS)

    def _with_calendars(self, execution: Execution) -> dict[str, Any]:
        """Return the session with ``flow.calendars.<name>.open`` as it is now, where the account has calendars."""
        session: dict[str, Any] = execution.session
        told = routing.calendars_for_flows(execution.account_id, self.now)
        flow = session["context"]["flow"]
        if not told and "calendars" not in flow:
            return session
        return {**session, "context": {**session["context"], "flow": {**flow, "calendars": told}}}

    def _record(self, execution: Execution, outcome: Outcome) -> None:
        session = outcome.session
        wait = session.get("wait")
        execution.session = session
        execution.current_widget = session.get("current")
        execution.waits_for = None if wait is None else wait["kind"]
        execution.step_count = session.get("step_count", execution.step_count)
        execution.updated_at = self.now
        self.effects.changed[execution.id] = execution
        self.effects.steps += [
            bulk.new(
                ExecutionStep,
                id=ids.parse("FT", step_sid(session["execution_sid"], step.seq, step.entered_at)),
                account_id=execution.account_id,
                execution_id=execution.id,
                flow_id=execution.flow_id,
                seq=step.seq,
                parent_seq=step.parent_seq,
                event=step.event,
                name=step.name,
                type=step.widget_type,
                transitioned_from=step.transitioned_from,
                transitioned_to=step.transitioned_to,
                changes=step.changes,
                warnings=[warning.to_json() for warning in step.warnings],
                entered_at=step.entered_at,
                created_at=step.ended_at,
            )
            for step in outcome.steps
        ]

    def _carry_out(self, execution: Execution, command: commands.Command) -> events.Event | None:
        """Note what a command asks for; returns the answer where there is one at once."""
        match command:
            case commands.SendMessage():
                self._send(execution, command)
            case commands.SetTimer(ref=ref, due_at=due_at):
                self.effects.entries.append(
                    outbox.Entry(
                        topic=EVENTS_TOPIC,
                        key=execution.conversation_id,
                        name=_timer(execution, ref),
                        due_at=due_at,
                        payload=_engine_payload(execution.id, events.TimerFired(ref)),
                    )
                )
            case commands.CancelTimer(ref=ref):
                self._cancel(execution.conversation_id, _timer(execution, ref))
            case commands.HandOff():
                return links.hand_off(execution, command, now=self.now)
            case commands.StartSubflow():
                self._loading = command.flow_sid
                return links.load_subflow(execution, command)
            case commands.StartConversation() | commands.ResumeConversation():
                return self._move(execution, command)
            case commands.Finish(reason=reason, message=message):
                self._finish(execution, reason, message)
        return None

    _loading = ""

    def _move(
        self, execution: Execution, command: commands.StartConversation | commands.ResumeConversation
    ) -> events.Event:
        """Let the execution speak in another conversation; what bounds its life goes there with it."""
        before = execution.conversation_id
        if isinstance(command, commands.StartConversation):
            answer = links.start_conversation(execution, command, now=self.now)
        else:
            answer = links.resume_conversation(execution, command, now=self.now)
        if execution.conversation_id != before:
            self._cancel(before, _life(execution))
            self._bound_life(execution)
        return answer

    def _send(self, execution: Execution, command: commands.SendMessage) -> None:
        message = NewMessage(
            id=ids.parse("IM", command.sid),
            conversation_id=execution.conversation_id,
            source=Source.FLOW,
            author=(command.author or execution.channel_address)[:256],
            body=command.body,
            media=[{"url": command.media_url, "content_type": "", "filename": ""}] if command.media_url else [],
            attributes=command.attributes or "{}",
            fields=(
                {"content_sid": command.content_sid, "content_variables": command.content_variables}
                if command.content_sid
                else {}
            ),
            source_key=execution_key(execution.id, command.ref),
        )
        # In a conversation, the one of the trigger or one that the flow started, everybody hears it whatever "to" says.
        in_conversation = (
            execution.trigger == "incomingConversationMessage" or links.channel_sid(execution.session) is not None
        )
        if command.to and command.to != execution.contact_address and not in_conversation:
            # Another contact's conversation is not locked by this turn: its message is a to-do of its own.
            sender = command.from_ or execution.channel_address
            self.effects.entries.append(send_entry(execution.id, execution.account_id, command.to, sender, message))
        else:
            self.effects.messages.append(message)

    def _cancel(self, key: UUID, name: str) -> None:
        before = len(self.effects.entries)
        # A timer that was set in this same turn has no row yet.
        self.effects.entries = [entry for entry in self.effects.entries if entry.name != name]
        if len(self.effects.entries) == before:
            self.effects.cancelled.append((key, name))

    def _finish(self, execution: Execution, reason: str, message: str) -> None:
        wait_ref = (execution.session.get("wait") or {}).get("ref")
        execution.status = Execution.Status.ENDED
        execution.ended_at = self.now
        execution.error = "" if reason in REGULAR_ENDS else message or reason
        execution.waits_for = None
        self._cancel(execution.conversation_id, _life(execution))
        if wait_ref is not None:
            self._cancel(execution.conversation_id, _timer(execution, wait_ref))
        if links.closes_at_end(execution.session):
            # A to-do of its own: what the flow says in this turn is said before.
            entry = outbox.Entry(topic=EVENTS_TOPIC, key=execution.conversation_id, payload={"kind": "close"})
            self.effects.entries.append(entry)
        self.effects.announced.append(
            ExecutionEnded(
                account_id=execution.account_id,
                flow_id=execution.flow_id,
                execution_id=execution.id,
                conversation_id=execution.conversation_id,
                error=execution.error,
            )
        )


def _timer(execution: Execution, ref: int) -> str:
    return f"{execution.id.hex}:{ref}"


def _life(execution: Execution) -> str:
    return f"{execution.id.hex}:life"


def _engine_payload(execution_id: UUID, event: events.Event) -> dict[str, Any]:
    return {"kind": "engine", "execution": execution_id.hex, "event": event.to_json()}


def engine_entry(conversation_id: UUID, execution_id: UUID, event: events.Event) -> outbox.Entry:
    """Return the to-do of giving an execution an event, in its conversation's order."""
    return outbox.Entry(topic=EVENTS_TOPIC, key=conversation_id, payload=_engine_payload(execution_id, event))


def send_entry(execution_id: UUID, account_id: UUID, to: str, sender: str, message: NewMessage) -> outbox.Entry:
    """Return the to-do of saying a message to somebody else than the execution's contact."""
    return outbox.Entry(
        topic=SEND_TOPIC,
        key=execution_id,
        payload={
            "account": account_id.hex,
            "to": to[:256],
            "from": sender[:256],
            "id": str(message.id),
            "body": message.body,
            "media": message.media,
            "attributes": message.attributes,
            "fields": message.fields,
            "source_key": message.source_key,
        },
    )
