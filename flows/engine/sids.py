"""SIDs of sent messages: derived, so that repeating an advance names the same message again."""

from datetime import datetime
from hashlib import blake2b


def message_sid(execution_sid: str, ref: int, now: datetime) -> str:
    """Return ``IM`` and the 32 hex digits of a UUIDv7 made of ``now`` and a hash of (execution, ref)."""
    milliseconds = int(now.timestamp() * 1000) & 0xFFFFFFFFFFFF
    digest = blake2b(f"{execution_sid}/{ref}".encode(errors="replace"), digest_size=10).digest()
    noise = int.from_bytes(digest, "big")
    number = milliseconds << 80 | 0x7 << 76 | (noise >> 62 & 0xFFF) << 64 | 0b10 << 62 | noise & (1 << 62) - 1
    return f"IM{number:032x}"
