"""
Identifiers: UUIDv7 primary keys and the SIDs made of them.

A SID is a two-letter prefix and the 32 hex digits of the row's key, so a SID is looked up by primary key and
sorts by time of creation. The prefixes are those of the compatible APIs.
"""

import os
import re
import threading
import time
from datetime import datetime
from uuid import UUID

_SID = re.compile(r"([A-Z]{2})([0-9a-f]{32})")
_lock = threading.Lock()
_last = 0


class MalformedSid(ValueError):
    """The text is not a SID of the wanted prefix."""


def uuid7() -> UUID:
    """
    Return a new UUIDv7 (RFC 9562), strictly increasing within this process.

    The 12 bits after the milliseconds count within one millisecond (method 1 of RFC 9562, 6.2), so rows made
    in one batch keep their order when sorted by key.
    """
    global _last
    with _lock:
        tick = (time.time_ns() // 1_000_000) << 12
        _last = tick if tick > _last else _last + 1
        tick = _last
    milliseconds, counter = tick >> 12, tick & 0xFFF
    random = int.from_bytes(os.urandom(8)) & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=milliseconds << 80 | 7 << 76 | counter << 64 | 2 << 62 | random)


def first_of(moment: datetime) -> UUID:
    """Return the smallest UUIDv7 of a moment: keys made from then on are not smaller."""
    return UUID(int=int(moment.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62)


def sid(prefix: str, key: UUID) -> str:
    """Return the SID of a row: ``sid("CH", key)``."""
    return prefix + key.hex


def parse(prefix: str, text: str) -> UUID:
    """
    Return the key inside a SID.

    :raises MalformedSid: not this prefix followed by 32 lower-case hex digits.
    """
    match = _SID.fullmatch(text)
    if match is None or match[1] != prefix:
        raise MalformedSid(f"{text!r} is not a SID that begins with {prefix}")
    return UUID(match[2])


def parse_or_none(prefix: str, text: str | None) -> UUID | None:
    """``parse``, with None for anything that is not such a SID."""
    try:
        return parse(prefix, text or "")
    except MalformedSid:
        return None
