"""What events and commands have in common: they are values, and travel as JSON objects with a ``type``."""

import re
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, Self

from flows.engine.times import read_time, write_time


class MalformedMessage(ValueError):
    """A JSON object that is no event or command: unknown ``type``, or a field that must be there is not."""


@dataclass(frozen=True, slots=True)
class Message:
    """
    Base of events and commands.

    ``type`` is the class name in snake case (``ReplyReceived`` → ``reply_received``); a field whose name ends
    in ``_at`` is an aware datetime and travels as ISO 8601 text. Unknown fields are ignored on reading, so that
    a worker understands what a newer one wrote.
    """

    type: ClassVar[str] = ""

    @classmethod
    def register(cls, registry: "Registry") -> None:
        cls.type = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__).lower()
        registry[cls.type] = cls

    def to_json(self) -> dict[str, Any]:
        """Return the value as a JSON object that ``from_json`` reads back to an equal value."""
        data: dict[str, Any] = {"type": self.type}
        for field in fields(self):
            value = getattr(self, field.name)
            data[field.name] = write_time(value) if isinstance(value, datetime) else value
        return data

    @classmethod
    def read(cls, data: dict[str, Any]) -> Self:
        values: dict[str, Any] = {}
        for field in fields(cls):
            if field.name not in data:
                if field.default is MISSING and field.default_factory is MISSING:
                    raise MalformedMessage(f"{cls.type} has no {field.name}")
                continue
            value = data[field.name]
            if field.name.endswith("_at") and isinstance(value, str):
                value = read_time(value)
            values[field.name] = value
        return cls(**values)


Registry = dict[str, type[Message]]


def read_message(data: object, registry: Registry, family: str) -> Message:
    """
    Return the message that ``data`` describes.

    :raises MalformedMessage: not an object, of an unknown type, or incomplete.
    """
    if not isinstance(data, dict):
        raise MalformedMessage(f"{family} is not an object")
    kind = data.get("type")
    known = registry.get(kind) if isinstance(kind, str) else None
    if known is None:
        raise MalformedMessage(f"no {family} has the type {kind!r}")
    return known.read(data)
