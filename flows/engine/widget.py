"""
What a widget is to the engine: it is entered, it may wait, and it leaves by one of its transitions.

Widgets are frozen and know no clock, database or network. They answer with a value: ``Advance``, ``Wait`` or
``Halt``; what they want done is in its commands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, ClassVar, Literal, Protocol, Self

from flows.engine.commands import Command
from flows.engine.events import Event
from flows.engine.limits import Limits
from flows.engine.templates import Template

WaitKind = Literal["reply", "http", "handoff", "subflow", "redirect", "conversation"]


@dataclass(frozen=True, slots=True)
class Advance:
    """
    Leave by ``event``.

    ``outputs`` replace what is stored under ``widgets.NAME``; None leaves it alone. ``transition`` is the index of
    the one to take where several carry the event. ``changes`` are further values of the context: holder path
    and key, e.g. ``(("flow", "variables"), "name", "Ada")``.
    """

    event: str
    outputs: dict[str, Any] | None = None
    commands: tuple[Command, ...] = ()
    transition: int | None = None
    changes: tuple[tuple[tuple[str, ...], str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """
    Hold the execution until an event carries ``ref`` (a reply needs none).

    ``due_at`` sets a timer with the same ref. ``kept`` is JSON that the widget finds again in ``visit.kept``.
    """

    kind: WaitKind
    ref: int
    commands: tuple[Command, ...] = ()
    due_at: datetime | None = None
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Halt:
    """End the execution here, because it cannot go on; ``event`` names the step's end in the log."""

    event: str
    reason: str
    code: int
    message: str


Result = Advance | Wait | Halt


class Visit(Protocol):
    """One visit of a widget, as the widget sees it."""

    @property
    def now(self) -> datetime: ...
    @property
    def zone(self) -> tzinfo: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def context(self) -> Mapping[str, Any]:
        """``flow``, ``contact``, ``trigger``, ``widgets``; to be read only."""

    @property
    def name(self) -> str:
        """The widget's name."""

    @property
    def account_sid(self) -> str: ...
    @property
    def kept(self) -> Mapping[str, Any]:
        """What the widget's Wait asked to keep."""

    @property
    def trigger_kind(self) -> str:
        """How the execution began, ``incomingMessage`` for instance."""

    @property
    def in_subflow(self) -> bool: ...
    @property
    def has_contact(self) -> bool:
        """Whether a conversation or message exists that this execution talks in."""

    def leads(self, event: str) -> bool:
        """Say whether a transition for ``event`` is connected."""

    def render(self, template: Template) -> str: ...
    def warn(self, code: int, message: str) -> None: ...
    def write(self, holder: tuple[str, ...], key: str, value: Any) -> None:
        """Put a value into the context at once; only for what the widget itself reads again before it leaves."""

    def new_ref(self) -> int: ...
    def message_sid(self, ref: int) -> str: ...


@dataclass(frozen=True, slots=True)
class Widget:
    """Base of all widgets; ``type_name`` is the ``type`` in a definition."""

    type_name: ClassVar[str] = ""

    @classmethod
    def build(cls, properties: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> Self:
        """Return the widget of a state; whatever is missing or of a wrong type counts as unset."""
        raise TypeError(f"{cls.__name__} does not say how it is built")

    def enter(self, visit: Visit) -> Result:
        raise TypeError(f"{type(self).__name__} does not say what it does")

    def resume(self, visit: Visit, event: Event) -> Result | None:
        """Answer an event that came while waiting; None ignores it."""
        return None
