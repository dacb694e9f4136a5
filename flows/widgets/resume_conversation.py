"""Attach an execution that the REST API started to a conversation that exists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from flows.engine import commands
from flows.engine.events import ConversationFailed, ConversationStarted, Event
from flows.engine.templates import Template
from flows.engine.widget import Result, Visit, Wait, Widget
from flows.widgets.conversations import attached, failed, refusal
from flows.widgets.properties import text


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
        command = commands.ResumeConversation(
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
