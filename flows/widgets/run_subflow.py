"""Run another flow inside the same execution, then come back."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from flows.engine.commands import StartSubflow
from flows.engine.events import Event, SubflowMissing
from flows.engine.problems import BAD_REVISION, SUBFLOW_FAILED
from flows.engine.widget import Advance, Result, Visit, Wait, Widget
from flows.widgets.properties import literal
from flows.widgets.set_variables import Variable, read_variables

# LatestRevision is the REST API's word for the newest one, whatever its status.
REVISION = re.compile(r"LatestPublished|LatestDraft|LatestRevision|[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class RunSubflow(Widget):
    """
    Load the flow; its steps follow in this execution; its variables become this widget's outputs.

    ``flow_sid`` and ``revision`` are literal. Subflows do not nest: inside one, the widget leaves by ``failed``.
    """

    type_name: ClassVar[str] = "run-subflow"

    flow_sid: str
    revision: str
    parameters: tuple[Variable, ...]

    @classmethod
    def build(cls, properties: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]]) -> Self:
        revision = properties.get("flow_revision")
        return cls(
            flow_sid=literal(properties, "flow_sid").strip(),
            revision=str(revision if revision not in (None, "") else "LatestPublished").strip(),
            parameters=read_variables(properties.get("parameters")),
        )

    def enter(self, visit: Visit) -> Result:
        if visit.in_subflow:
            visit.warn(
                SUBFLOW_FAILED, f"{visit.name!r} would run a subflow within a subflow; only one level is possible."
            )
            return Advance("failed", {})
        if not self.flow_sid or "{{" in self.flow_sid:
            visit.warn(SUBFLOW_FAILED, f"{visit.name!r} does not name a flow.")
            return Advance("failed", {})
        if not REVISION.fullmatch(self.revision):
            visit.warn(BAD_REVISION, f"{self.revision!r} in {visit.name!r} is not a revision.")
            return Advance("failed", {})
        parameters = {variable.key: variable.read(visit) for variable in self.parameters}
        ref = visit.new_ref()
        command = StartSubflow(ref, self.flow_sid, self.revision, parameters)
        return Wait("subflow", ref, (command,), kept={"flow_sid": self.flow_sid, "parameters": parameters})

    def resume(self, visit: Visit, event: Event) -> Result | None:
        if isinstance(event, SubflowMissing):
            visit.warn(
                SUBFLOW_FAILED, f"The flow of {visit.name!r} could not be run: {event.reason or 'it is missing'}"
            )
            return Advance("failed", {})
        return None
