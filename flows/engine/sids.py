"""SIDs of sent messages and of steps: derived, so that repeating an advance names the same ones again."""

from datetime import datetime
from hashlib import blake2b


def message_sid(execution_sid: str, ref: int, now: datetime) -> str:
    """Return ``IM`` and the 32 hex digits of a UUIDv7 made of ``now`` and a hash of (execution, ref)."""
    return "IM" + _digits(f"{execution_sid}/{ref}", now)


def step_sid(execution_sid: str, seq: int, entered_at: datetime) -> str:
    """Return ``FT`` and the digits of a UUIDv7 made of the moment of entering and a hash of (execution, seq)."""
    return "FT" + _digits(f"{execution_sid}/step/{seq}", entered_at)


def _digits(name: str, now: datetime) -> str:
    milliseconds = int(now.timestamp() * 1000) & 0xFFFFFFFFFFFF
    digest = blake2b(name.encode(errors="replace"), digest_size=10).digest()
    noise = int.from_bytes(digest, "big")
    number = milliseconds << 80 | 0x7 << 76 | (noise >> 62 & 0xFFF) << 64 | 0b10 << 62 | noise & (1 << 62) - 1
    return f"{number:032x}"
