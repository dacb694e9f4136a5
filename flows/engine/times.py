"""Times in sessions, events and commands: aware, UTC, ISO 8601 with a Z."""

from datetime import UTC, datetime


def write_time(moment: datetime) -> str:
    """Return ``2026-01-31T12:00:00Z``, with microseconds where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def read_time(text: str) -> datetime:
    """
    Return the aware datetime that ``write_time`` wrote.

    :raises ValueError: not such a text.
    """
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
