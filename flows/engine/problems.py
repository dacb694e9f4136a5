"""What is wrong with a definition, and what went wrong in a step."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """
    One finding about a definition.

    ``code`` is a stable kebab-case name; ``message`` is for people who draw flows; ``property_path`` is a JSON
    pointer with ``#`` (``#/states/3/properties/timeout``); ``widget`` the name of the widget, "" for the flow.
    """

    code: str
    severity: Severity
    message: str
    property_path: str = "#"
    widget: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class DefinitionError(ValueError):
    """A definition that cannot be compiled; ``problems`` says why, all of them errors."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(problem.message for problem in problems[:5]) or "invalid definition")


@dataclass(frozen=True, slots=True)
class StepWarning:
    """Something an execution's log has to tell: one of Studio's codes and a sentence."""

    code: int
    message: str

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message}


# Studio's error and warning codes; https://www.twilio.com/docs/api/errors lists them.
STEP_LIMIT = 81000
WIDGET_LOOP = 81001
EVENT_IGNORED = 81002
CHAT_MEMBER_FAILED = 81004
NO_MATCH = 81005
CHAT_CHANNEL_FAILED = 81006
CALL_TIMED_OUT = 81007
CALL_FAILED = 81008
ENQUEUE_TIMED_OUT = 81009
FUNCTION_UNREACHABLE = 81010
MESSAGE_NOT_SENT = 81011
SYNC_FAILED = 81012
UNDERSTAND_FAILED = 81013
HTTP_MALFORMED = 81014
TASK_NOT_CREATED = 81015
HTTP_FAILED = 81016
FUNCTION_FAILED = 81017
TEMPLATE_FAILED = 81018
OLD_NUMBER = 81019
UNSUPPORTED_WIDGET = 81020
BAD_REVISION = 81021
DEFINITION_INVALID = 81022
BAD_ADDRESS = 81023
SUBFLOW_FAILED = 81024
TOO_MANY_WIDGETS_SAVED = 81025
TOO_MANY_WIDGETS_RUN = 81026
NOT_CONVERTIBLE = 81027
