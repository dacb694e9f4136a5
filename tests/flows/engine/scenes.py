"""A place to render templates in, outside of an execution."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo


@dataclass
class Scene:
    now: datetime = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
    zone: tzinfo = UTC
    warnings: list[tuple[int, str]] = field(default_factory=list)

    def warn(self, code: int, message: str) -> None:
        self.warnings.append((code, message))
