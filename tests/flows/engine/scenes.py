"""A place to render templates in, outside of an execution."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from flows.engine.limits import DEFAULT_LIMITS, Limits


@dataclass
class Scene:
    now: datetime = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    zone: tzinfo = UTC
    limits: Limits = DEFAULT_LIMITS
    warnings: list[tuple[int, str]] = field(default_factory=list)

    def warn(self, code: int, message: str) -> None:
        self.warnings.append((code, message))
