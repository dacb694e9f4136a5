"""Where an execution begins; each way to begin is an exit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from flows.engine.widget import Advance, Result, Visit, Widget

# Every inbound message belongs to a conversation, so each of the two message exits stands in for the other.
STAND_INS = {"incomingMessage": "incomingConversationMessage", "incomingConversationMessage": "incomingMessage"}


@dataclass(frozen=True, slots=True)
class Trigger(Widget):
    """Leave by the event that began the execution; with no way on from there the execution ends at once."""

    type_name: ClassVar[str] = "trigger"

    @classmethod
    def build(cls, properties: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> Self:
        return cls()

    def enter(self, visit: Visit) -> Result:
        kind = visit.trigger_kind
        stand_in = STAND_INS.get(kind)
        if stand_in is not None and not visit.leads(kind) and visit.leads(stand_in):
            return Advance(stand_in)
        return Advance(kind)
