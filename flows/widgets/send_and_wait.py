"""Send a message to the contact, then wait for the reply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Self

from flows.engine.events import DeliveryFailed, Event, ReplyReceived, TimerFired
from flows.engine.problems import MESSAGE_NOT_SENT
from flows.engine.templates import Template
from flows.engine.widget import Advance, Result, Visit, Wait, Widget
from flows.widgets.message import MessageText
from flows.widgets.properties import number_or, text

DEFAULT_TIMEOUT_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class SendAndWait(Widget):
    """
    Send ``message`` and hold the execution until the contact answers.

    ``timeout`` (seconds, a template) counts from the moment the step is entered, not from delivery.
    """

    type_name: ClassVar[str] = "send-and-wait-for-reply"

    message: MessageText
    timeout: Template

    @classmethod
    def build(cls, properties: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> Self:
        # It has no "to": it always answers the contact of the execution.
        message = MessageText.read({**properties, "to": None})
        return cls(message, text(properties, "timeout", str(DEFAULT_TIMEOUT_SECONDS)))

    def enter(self, visit: Visit) -> Result:
        composed = self.message.compose(visit)
        if composed is None:
            return Advance("deliveryFailure", {})
        command, outbound = composed
        longest = int(visit.limits.execution_age.total_seconds())
        seconds = number_or(visit.render(self.timeout), DEFAULT_TIMEOUT_SECONDS, least=0, most=longest)
        return Wait(
            "reply",
            command.ref,
            (command,),
            due_at=visit.now + timedelta(seconds=seconds),
            kept={"outbound": outbound},
        )

    def resume(self, visit: Visit, event: Event) -> Result | None:
        outbound = dict(visit.kept.get("outbound") or {})
        match event:
            case ReplyReceived():
                return Advance("incomingMessage", {"outbound": outbound, "inbound": event.payload})
            case TimerFired():
                return Advance("timeout", {"outbound": outbound})
            case DeliveryFailed():
                text = f"The message of {visit.name!r} was not delivered: {event.error_message or event.error_code}"
                visit.warn(MESSAGE_NOT_SENT, text)
                failure = {"Status": "failed", "ErrorCode": event.error_code, "ErrorMessage": event.error_message}
                return Advance("deliveryFailure", {"outbound": {**outbound, **failure}})
        return None
