"""Refusals of flows and executions, with the codes of reference/studio/runtime.md, "Error and warning codes"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from common import clock
from common.errors import ApiError, BadParameter, Conflict
from flows.engine.problems import BAD_ADDRESS, BAD_REVISION, DEFINITION_INVALID, Problem


class InvalidDefinition(ApiError):
    """A definition that cannot be stored or published; ``details.errors`` holds every problem, as JSON."""

    code = DEFINITION_INVALID

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        first = problems[0].message if problems else "it is not a flow definition"
        super().__init__(
            f"The flow definition is not valid: {first}{count}",
            details={"errors": [problem.to_json() for problem in problems]},
        )


class RevisionOutdated(Conflict):
    """Somebody saved in between; ``details`` say what and when: ``{revision, author, date_updated}``."""

    def __init__(self, *, revision: int, author: str, updated_at: datetime) -> None:
        super().__init__(
            f"This flow was changed in the meantime: revision {revision} was saved",
            details={"revision": revision, "author": author, "date_updated": clock.to_iso(updated_at)},
        )


class MalformedRevision(BadParameter):
    """Neither a number nor LatestPublished nor LatestRevision."""

    code = BAD_REVISION

    def __init__(self, text: str) -> None:
        super().__init__(f"{text[:64]!r} is no revision: use a number, LatestPublished or LatestRevision")


class MalformedAddress(BadParameter):
    """To or From is empty, or both together are longer than 300 bytes."""

    code = BAD_ADDRESS


class NotPublished(BadParameter):
    """The flow has no published revision to run."""

    def __init__(self) -> None:
        super().__init__("This flow has never been published, so it cannot be started")


class ContactBusy(Conflict):
    """An execution of this flow is active for this contact already."""

    def __init__(self, execution_sid: str) -> None:
        super().__init__(
            f"Execution {execution_sid} is already active for this contact. "
            "End the active Execution before creating a new one",
            details={"conflicting_execution_sid": execution_sid},
        )
        self.execution_sid = execution_sid
