"""Send a message and go on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from flows.engine.widget import Advance, Result, Visit, Widget
from flows.widgets.message import MessageText


@dataclass(frozen=True, slots=True)
class SendMessage(Widget):
    """
    Send, and leave by ``sent`` as soon as the message is accepted for sending.

    ``failed`` is for a message that cannot be built: empty, or with attributes that are no JSON.
    """

    type_name: ClassVar[str] = "send-message"

    message: MessageText

    @classmethod
    def build(cls, properties: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> Self:
        return cls(MessageText.read(properties))

    def enter(self, visit: Visit) -> Result:
        composed = self.message.compose(visit)
        if composed is None:
            return Advance("failed", {})
        command, outbound = composed
        return Advance("sent", {"outbound": outbound}, (command,))
