"""
Log lines that say whose they are: account, conversation, execution and request stand beside the text.

``bound`` names them for a block, ``bind`` for the rest of a request. Lines are readable by default, and JSON objects
by ``FLOWDESK_LOG_FORMAT=json``, one a line.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson

from common import ids

_names: ContextVar[dict[str, str] | None] = ContextVar("log_names", default=None)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def current() -> dict[str, str]:
    """Return the names that are bound here."""
    return _names.get() or {}


def bind(**names: str) -> None:
    """Name what the rest of this context is about."""
    _names.set({**current(), **names})


@contextmanager
def bound(**names: str) -> Iterator[None]:
    """Name what the block is about."""
    token = _names.set({**current(), **names})
    try:
        yield
    finally:
        _names.reset(token)


def request_id(given: str) -> str:
    """Return the id that the caller (or the proxy) gave a request where it is fit to be logged, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else ids.uuid7().hex


class Names(logging.Filter):
    """Notes at each line what was bound when it was written."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.names = current()
        return True


class Line(logging.Formatter):
    """A line to read: the names stand at its end."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (the library's name)
        text = super().formatMessage(record)
        names = " ".join(f"{name}={value}" for name, value in getattr(record, "names", {}).items())
        return f"{text} [{names}]" if names else text


class Json(logging.Formatter):
    """One JSON object a line, for what collects logs."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "names", {}),
            "process": record.process,
            "thread": record.threadName,
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        # Texts of customers may hold what UTF-8 does not; a log line is never the reason for a fault.
        try:
            return orjson.dumps(told).decode()
        except TypeError:
            clean = {name: str(value).encode("utf-8", "replace").decode() for name, value in told.items()}
            return orjson.dumps(clean).decode()
