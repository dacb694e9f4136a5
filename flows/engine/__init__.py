"""The flow engine: pure functions from a definition, a session and an event to what follows."""

from flows.engine.machine import advance, resume_at
from flows.engine.outcome import Outcome, Step
from flows.engine.problems import DefinitionError, Problem, StepWarning
from flows.engine.program import Program, compile_definition
from flows.engine.session import new_session

__all__ = [
    "DefinitionError",
    "Outcome",
    "Problem",
    "Program",
    "Step",
    "StepWarning",
    "advance",
    "compile_definition",
    "new_session",
    "resume_at",
]
