"""The one place that reads the wall clock; everything else takes ``now`` as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def to_iso(moment: datetime) -> str:
    """Write a time as the REST APIs do: ``YYYY-MM-DDTHH:MM:SSZ``, whole seconds, UTC."""
    # Not strftime: it writes the year 374 with three digits.
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def iso_or_none(moment: datetime | None) -> str | None:
    """``to_iso`` for a time that may be missing."""
    return None if moment is None else to_iso(moment)
