"""Create or resume the conversation of an execution that the REST API started."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from flows.engine.commands import ResumeConversation as ResumeCommand
from flows.engine.commands import StartConversation as StartCommand
from flows.engine.events import ConversationFailed, ConversationStarted, Event
from flows.engine.problems import CHAT_CHANNEL_FAILED
from flows.engine.templates import Template, template
from flows.engine.widget import Advance, Result, Visit, Wait, Widget
from flows.widgets.properties import text


def refusal(visit: Visit) -> str:
    """Return why this execution may not take a conversation, "" if it may."""
    if visit.trigger_kind != "incomingRequest":
        return "it can only be used in flows triggered by the REST API"
    if visit.context["flow"]["channel"].get("sid"):
        return "the execution already has a conversation"
    return ""


def attached(event_name: str, event: ConversationStarted) -> Advance:
    """Leave with the conversation in the widget's outputs and as the execution's channel."""
    found = event.outputs.get("conversation")
    conversation = found if isinstance(found, Mapping) else {}
    channel = {
        "sid": conversation.get("sid"),
        "type": "conversation",
        "status": conversation.get("state", "active"),
        "details": dict(conversation),
    }
    changes = tuple((("flow", "channel"), key, value) for key, value in channel.items())
    return Advance(event_name, event.outputs, changes=changes)


def failed(visit: Visit, reason: str) -> Advance:
    visit.warn(CHAT_CHANNEL_FAILED, f"{visit.name!r} got no conversation: {reason or 'refused'}")
    return Advance("failed", {})


@dataclass(frozen=True, slots=True)
class StartConversation(Widget):
    """Create a conversation with one participant; it becomes the execution's channel."""

    type_name: ClassVar[str] = "start-conversation"

    service: Template
    participants: tuple[Mapping[str, Template], ...]
    texts: Mapping[str, Template]
    close_on_end: bool

    @classmethod
    def build(cls, properties: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> Self:
        entries = properties.get("participants")
        participants = tuple(
            {str(key): template(value) for key, value in entry.items()}
            for entry in (entries if isinstance(entries, list) else [])
            if isinstance(entry, Mapping)
        )
        names = ("friendly_name", "attributes", "messaging_service_sid", "timers_inactive", "timers_closed")
        return cls(
            service=text(properties, "conversation_service_sid"),
            participants=participants,
            texts={name: text(properties, name) for name in names},
            close_on_end=properties.get("close_conversation_on_execution_end") is True,
        )

    def enter(self, visit: Visit) -> Result:
        reason = refusal(visit)
        participants = [
            {key: visit.render(value).strip() for key, value in entry.items()} for entry in self.participants
        ]
        if not reason and not participants:
            reason = "it names no participant"
        if reason:
            return failed(visit, reason)
        ref = visit.new_ref()
        texts = {name: visit.render(value).strip() for name, value in self.texts.items()}
        service = visit.render(self.service).strip()
        command = StartCommand(ref, participants, service, close_on_end=self.close_on_end, **texts)
        return Wait("conversation", ref, (command,))

    def resume(self, visit: Visit, event: Event) -> Result | None:
        match event:
            case ConversationStarted():
                return attached("created", event)
            case ConversationFailed():
                return failed(visit, event.reason)
        return None


@dataclass(frozen=True, slots=True)
class ResumeConversation(Widget):
    """Make an existing conversation the execution's channel."""

    type_name: ClassVar[str] = "resume-conversation"

    service: Template
    conversation: Template
    attributes: Template
    webhook_filters: tuple[str, ...]

    @classmethod
    def build(cls, properties: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> Self:
        filters = properties.get("webhook_filters")
        return cls(
            service=text(properties, "conversation_service_sid"),
            conversation=text(properties, "conversation_sid"),
            attributes=text(properties, "attributes"),
            webhook_filters=tuple(entry for entry in filters if isinstance(entry, str))
            if isinstance(filters, list)
            else (),
        )

    def enter(self, visit: Visit) -> Result:
        conversation = visit.render(self.conversation).strip()
        reason = refusal(visit) or ("" if conversation else "it names no conversation")
        if reason:
            return failed(visit, reason)
        ref = visit.new_ref()
        command = ResumeCommand(
            ref,
            conversation,
            visit.render(self.service).strip(),
            list(self.webhook_filters),
            visit.render(self.attributes).strip(),
        )
        return Wait("conversation", ref, (command,))

    def resume(self, visit: Visit, event: Event) -> Result | None:
        match event:
            case ConversationStarted():
                return attached("resumed", event)
            case ConversationFailed():
                return failed(visit, event.reason)
        return None
