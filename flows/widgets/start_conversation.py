"""Create the conversation of an execution that the REST API started."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from flows.engine import commands
from flows.engine.events import ConversationFailed, ConversationStarted, Event
from flows.engine.templates import Template, template
from flows.engine.widget import Result, Visit, Wait, Widget
from flows.widgets.conversations import attached, failed, refusal
from flows.widgets.properties import text


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
        command = commands.StartConversation(ref, participants, service, close_on_end=self.close_on_end, **texts)
        return Wait("conversation", ref, (command,))

    def resume(self, visit: Visit, event: Event) -> Result | None:
        match event:
            case ConversationStarted():
                return attached("created", event)
            case ConversationFailed():
                return failed(visit, event.reason)
        return None
