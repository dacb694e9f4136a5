"""Where a task shall go, as a value that can be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRequest:
    """
    Where a task shall go.

    ``workflow``: a SID, a friendly name (case ignored), or empty for the account's only one. ``task_channel``: a SID,
    a unique name, or empty for the one that fits the conversation. ``queue_id`` and ``worker_id`` go past the
    workflow's rules.
    """

    workflow: str = ""
    task_channel: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 0
    timeout_seconds: int = 86_400
    queue_id: UUID | None = None
    worker_id: UUID | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the request as JSON values."""
        return {
            "workflow": self.workflow,
            "task_channel": self.task_channel,
            "attributes": dict(self.attributes),
            "priority": self.priority,
            "timeout_seconds": self.timeout_seconds,
            "queue_id": None if self.queue_id is None else self.queue_id.hex,
            "worker_id": None if self.worker_id is None else self.worker_id.hex,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> RoutingRequest:
        """Return the request that ``to_json`` wrote."""
        keys = {name: UUID(value[name]) if value.get(name) else None for name in ("queue_id", "worker_id")}
        rest = {name: value[name] for name in ("workflow", "task_channel", "attributes", "priority", "timeout_seconds")}
        return cls(**rest, **keys)
