"""What ``advance`` answers: the new session, what is to be done, and what happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flows.engine.commands import Command
from flows.engine.problems import StepWarning
from flows.engine.session import Session
from flows.engine.times import write_time


@dataclass(frozen=True, slots=True)
class Step:
    """
    One visit of a widget, told when it ended.

    ``seq`` counts from 1 in order of entering; ``event`` is the exit taken, ``transition`` its index in the
    definition's list or None; ``transitioned_from`` is the widget itself, ``transitioned_to`` the next one or
    "Ended". ``changes``: what the step put into the context, ``{dotted path: value}`` (see
    ``session.apply_changes``). ``parent_seq``: the run-subflow step that this step belongs to.
    """

    seq: int
    event: str
    widget_type: str
    name: str
    transitioned_from: str
    transitioned_to: str
    changes: dict[str, Any]
    warnings: tuple[StepWarning, ...]
    entered_at: datetime
    ended_at: datetime
    transition: int | None = None
    parent_seq: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "event": self.event,
            "widget_type": self.widget_type,
            "name": self.name,
            "transitioned_from": self.transitioned_from,
            "transitioned_to": self.transitioned_to,
            "changes": self.changes,
            "warnings": [warning.to_json() for warning in self.warnings],
            "entered_at": write_time(self.entered_at),
            "ended_at": write_time(self.ended_at),
            "transition": self.transition,
            "parent_seq": self.parent_seq,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What follows from an event.

    ``commands`` are in the order they are to be carried out; ``steps`` those that ended; ``warnings`` all that were
    raised now, those of a widget that still waits included (its step repeats them when it ends). ``asked_by``: by the
    ref of a command, the number of the step that asked for it.
    """

    session: Session
    commands: tuple[Command, ...] = ()
    steps: tuple[Step, ...] = ()
    warnings: tuple[StepWarning, ...] = ()
    asked_by: Mapping[int, int] = field(default_factory=dict)
